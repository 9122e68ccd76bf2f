"""What the registry asks of a router."""

from __future__ import annotations

from typing import Any, Protocol

from juggler.models.binding import Source
from juggler.registry.builder import Traits


class Router(Protocol):
    """Tells which data source holds the rows of a model for a tenant."""

    @property
    def traits(self) -> Traits:
        """What the stores behind the router want of models."""

    def route(self, tenant: str, model: Any) -> Source:
        """Return the data source, unconnected if need be, at once and without I/O.

        Raises:
            RoutingError: It cannot be told; nothing else is used in its place.
        """
