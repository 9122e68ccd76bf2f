"""Being at work: what a transaction keeps in use, and whether that is still there."""

from __future__ import annotations

from juggler.context import current_tenant
from juggler.errors import ConnectorDetachedError, ModelDisposedError
from juggler.models.binding import Home, Source


class Presence:
    """Counts one transaction as work of its data source, its owner and its tenant.

    As long as it is counted nobody evicts the tenant or closes the source for being idle.

    Args:
        source: The data source.
        home: The owner whose models it works with.

    Attributes:
        tenant: The tenant that the running task works for.
    """

    __slots__ = ("_counted", "_source", "tenant")

    def __init__(self, source: Source, home: Home | None) -> None:
        self._source = source
        self.tenant = current_tenant() if home is None else home.registry.current_tenant()
        worker = None
        if home is not None and self.tenant is not None:
            worker = home.tenant_at_work(self.tenant)
        self._counted = [each for each in (home, worker) if each is not None]
        source.in_flight += 1
        for each in self._counted:
            each.work()

    def leave(self) -> None:
        """Count the transaction as ended."""
        self._source.leave()
        for each in self._counted:
            each.leave()

    def check(self, what: str) -> None:
        """Raise where the transaction has lost what it works with.

        Raises:
            ConnectorDetachedError: The data source was closed.
            ModelDisposedError: The tenant was cleaned up.
        """
        if self._source.connector is None:
            raise ConnectorDetachedError(
                f"{what}: the data source {self._source.name} was closed; the transaction is "
                "rolled back."
            )
        if any(each.closed for each in self._counted):
            raise ModelDisposedError(
                f"{what}: the tenant {self.tenant} was cleaned up while the transaction was open; "
                "it is rolled back.",
                tenant=self.tenant,
            )
