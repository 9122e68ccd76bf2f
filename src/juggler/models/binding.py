"""What models ask of the world above them: a data source, and the owner they belong to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from juggler.connectors.contract import Connector, ModelInfo


class Source(Protocol):
    """A data source as models and operations see it.

    Attributes:
        name: For messages.
        settings: Snake-case settings.
        connector: The connector; None once the source was closed.
        in_flight: Operations at work: one that begins adds itself, and says `leave` when it ends.
            Whoever closes idle sources leaves one alone that has any.
    """

    name: str
    settings: Mapping[str, Any]
    in_flight: int

    @property
    def connector(self) -> Connector | None:
        """Return the connector, None once the source was closed."""

    def opened(self, info: ModelInfo) -> Connector | None:
        """Return the connector if it is open and ready for the model, else None: no waiting."""

    def leave(self) -> None:
        """Count an operation as ended."""

    async def ready(self, info: ModelInfo) -> Connector:
        """Return the open connector, connecting first if need be."""

    def forget(self, model: Any) -> None:
        """Let go of what the connector keeps for a model that is disposed."""


class Home(Protocol):
    """The owner of a model as the model sees it.

    Attributes:
        kind: ``"data_source"``, ``"app"``, ``"tenant"`` or ``"global"``.
        tenant: Code of the owning tenant, else None.
        closed: The owner was cleaned up, with all its models.
        space: Weak reference to the owner's namespace.
    """

    kind: str
    tenant: str | None
    closed: bool
    space: Callable[[], Any]

    @property
    def owner(self) -> Any:
        """Return the owner: a data source, an app, a tenant's code, or None."""

    @property
    def registry(self) -> Any:
        """Return the registry of the owner."""

    @property
    def in_flight(self) -> int:
        """Return how many operations are at work for the owner's models."""

    def route(self, model: Any) -> Source | None:
        """Return the data source for a model that has none of its own, as routing says."""

    def work(self) -> None:
        """Count work that begins, and note that the owner is at work."""

    def leave(self) -> None:
        """Count work that has ended."""

    def tenant_at_work(self, code: str) -> Home | None:
        """Return the tenant *code* that works with this owner's models; None for its own.

        Raises:
            ModelDisposedError: The running task began before the tenant was cleaned up.
        """
