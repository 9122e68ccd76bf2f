"""The data source of a view: the owner's, as far as the grant goes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.connectors.contract import Connector, ModelInfo
from juggler.models.binding import Source
from juggler.registry.sharing.guard import Guard, shown_settings
from juggler.registry.sharing.narrowing import BEHAVIOUR


class SharedSource:
    """A data source as one operation of a view sees it; made for each, it keeps nothing.

    Args:
        view: The view.
        source: The owner's data source.
    """

    __slots__ = ("_source", "_view")

    def __init__(self, view: Any, source: Source) -> None:
        self._view = view
        self._source = source

    @property
    def name(self) -> str:
        """Return the name of the owner's source."""
        return self._source.name

    @property
    def settings(self) -> Mapping[str, Any]:
        """Return how calls behave there; where it is and who may open it is not shared."""
        return shown_settings(self._source.settings, BEHAVIOUR)

    @property
    def in_flight(self) -> int:
        """Return how many operations are at work on the owner's source."""
        return self._source.in_flight

    @in_flight.setter
    def in_flight(self, count: int) -> None:
        self._source.in_flight = count

    @property
    def connector(self) -> Connector | None:
        """Return the connector within the grant, None once the source was closed."""
        return self._guarded(self._source.connector)

    @property
    def behind(self) -> Source:
        """Return the owner's source, which transactions are on."""
        return self._source

    def guarded(self, store: Connector) -> Connector:
        """Return *store*, the owner's within a transaction, within the grant."""
        return Guard(self._view, store)

    def opened(self, info: ModelInfo) -> Connector | None:
        """Return the connector if it is open and ready for the owner's model, else None."""
        return self._guarded(self._source.opened(self._view._share.info))

    async def ready(self, info: ModelInfo) -> Connector:
        """Return the open connector, connecting first if need be."""
        return Guard(self._view, await self._source.ready(self._view._share.info))

    def leave(self) -> None:
        """Count an operation on the owner's source as ended."""
        self._source.leave()

    def forget(self, model: Any) -> None:
        """Do nothing: the store knows the owner's model, never a view."""

    def _guarded(self, store: Connector | None) -> Connector | None:
        return None if store is None else Guard(self._view, store)

    def __repr__(self) -> str:
        return f"<SharedSource {self.name}>"
