"""What a model does with filters, conditions, data and settings before a connector gets them.

Connectors get it done; here authors of connectors, hooks and tools do it themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.models.api import ModelApi
from juggler.persistence import preparing
from juggler.query.nodes import Filter, Where

Options = Mapping[str, Any]


class Preparing(ModelApi):
    """The steps before the store, one by one; none of them does I/O or changes what it is given."""

    __slots__ = ()

    def normalize_filter(
        self, filter: Mapping[str, Any] | Filter | None, options: Options | None = None
    ) -> dict[str, Any] | None:
        """Return *filter* as a connector gets it, as a fresh mapping; None for None.

        ``order`` and ``fields`` are lists, operands have the types of their properties, and if
        there is any of ``limit``, ``offset`` and ``skip`` there are the last two.

        Raises:
            InvalidQueryError: It is not understood, or asks for what must not be asked for.
            ConnectorDetachedError: The model has no data source.
        """
        return preparing.normalize_filter(self, filter, options)

    def coerce_where(
        self,
        where: Mapping[str, Any] | Where | None,
        options: Options | None = None,
        definition: Any = None,
    ) -> dict[str, Any]:
        """Return *where* with operands of the types of their properties, as a fresh mapping.

        Args:
            where: A condition.
            options: Options of the call.
            definition: A model, definition or shape to coerce to in the place of this model's.

        Raises:
            InvalidQueryError: It is not understood.
            ConnectorDetachedError: The model has no data source.
        """
        return preparing.coerce_where(self, where, options, definition)

    def sanitize_query(self, query: Any, options: Options | None = None) -> Any:
        """Return a copy of the condition *query* that is a tree of bounded depth without secrets.

        Depth, UNSET and hidden properties are treated as the options and settings say.

        Raises:
            InvalidQueryError: It is circular, too deep, or asks for what must not be asked for.
            ConnectorDetachedError: The model has no data source.
        """
        return preparing.sanitize_query(self, query, options)

    def sanitize_data(self, data: Any, options: Options | None = None) -> Any:
        """Return a copy of *data* without UNSET, once it is known to be a tree of bounded depth.

        Raises:
            InvalidValueError: It is circular or too deep.
            ConnectorDetachedError: The model has no data source.
        """
        return preparing.sanitize_data(self, data, options)

    def get_setting(self, key: str, options: Options | None = None) -> Any:
        """Return a behavioural setting: of the options, the model, the source; else its default.

        A model without a data source has no settings of one.
        """
        return preparing.get_setting(self, key, options)

    def for_db(self, data: Any) -> dict[str, Any]:
        """Return what a store gets of *data*, an instance or values by name, as a fresh dict.

        Values have the types of their properties, embedded instances are dicts, and what no store
        keeps is not there.

        Raises:
            TypeError: *data* is neither.
            InvalidValueError: A value is none that its type accepts.
        """
        return preparing.for_db(self, data)
