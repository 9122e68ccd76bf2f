"""What all models answer about the connector they are on, and how they come by their methods."""

from __future__ import annotations

from typing import Any, ClassVar

from juggler.connectors.contract import Connector
from juggler.connectors.keyvalue import KEY_VALUE
from juggler.errors import ConnectorDetachedError, DefinitionError
from juggler.models.binding import Source
from juggler.persistence.operation import detached
from juggler.persistence.scoping import Scoped


class Attached(Scoped):
    """The part of the model API about the model's connector.

    A model has the methods of records, or those of keys and values, as its source's connector has
    the capability ``key_value``: they are its type's, and a model that moves changes its type.  So
    no call asks which kind it is, and a method of the other kind is not there.
    """

    __slots__ = ()

    keeps_keys: ClassVar[bool] = False
    """Whether models of this type have the methods of keys and values."""

    kinds: ClassVar[tuple[Any, Any] | None] = None
    """The types of models with records, and with keys and values."""

    def get_connector(self) -> Connector:
        """Return the connector that the model's records are on, for the running task.

        Raises:
            ConnectorDetachedError: There is none, or its data source was closed.
        """
        try:
            connector: Connector | None = self.data_source.connector
        except ConnectorDetachedError as error:
            raise detached("get_connector", self, error.message) from error
        if connector is None:
            raise detached("get_connector", self, "its data source was closed")
        return connector

    def _use(self, source: Source | None) -> None:
        """Take *source* as the model's own, None for what routing says, and its methods.

        Raises:
            DefinitionError: The model is to have keys and values, and the source keeps records; or
                its type is one that cannot change.
        """
        model: Any = self  # a mixin has no slots of its own
        kind = type(self)
        if kind.kinds is not None:
            wanted = _keeps_keys(self, source, kind.keeps_keys)
            if wanted is not kind.keeps_keys:
                _change_type(self, kind.kinds[wanted])
        model._source = source

    def _usual_type(self) -> type:
        """Return the type that the model has on a store of records."""
        return type(self) if self.kinds is None or not type(self).keeps_keys else self.kinds[0]


def _keeps_keys(model: Any, source: Any, is_now: bool) -> bool:
    """Tell whether a model is to have the methods of keys and values on *source*."""
    settings = model._blueprint.definition.settings
    is_meant = bool(settings) and settings.get("key_value") is True
    if source is None:
        return is_meant
    connector = getattr(source, "connector", None)
    if connector is None:  # it was closed
        return is_now
    found = KEY_VALUE in getattr(connector, "capabilities", ())
    if is_meant and not found:
        raise DefinitionError(
            f"{model.model_name} is a key-value model, and the data source {source.name} keeps "
            "records; attach it to one such as kv-memory.",
            model=model.model_name,
        )
    return found


def _change_type(model: Any, kind: type) -> None:
    """Give *model* another type."""
    if type(model) not in model.kinds:
        raise DefinitionError(
            f"{model.model_name} cannot change between records and keys and values: it is embedded "
            "by another model, or its class has a metaclass of its own.",
            model=model.model_name,
        )
    model.__class__ = kind
