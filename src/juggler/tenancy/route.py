"""The router: which data source holds a tenant's rows."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any, Final

from juggler.datasource.datasource import DataSource
from juggler.errors import RoutingError
from juggler.registry.builder import Traits
from juggler.registry.records import RegistryEvent
from juggler.registry.registry import ModelRegistry
from juggler.tenancy.isolation.base import Isolation
from juggler.tenancy.isolation.database import DatabasePerTenant
from juggler.tenancy.pool import Pool, PoolStats

MAX_OPEN: Final = 100
IDLE_CLOSE: Final = 300.0
ACQUIRE_TIMEOUT: Final = 30.0
GRACE: Final = 5.0


class TenantRouter:
    """Gives each tenant its own data source, opened once however many ask, and few at a time.

    `serve` makes it the router of a registry.  Sources are made when a tenant is first routed to
    and open with their first operation.  Safe for many tasks of one event loop; `close_all` in the
    end, after which it may be used again.

    Args:
        isolation: Makes the data sources; a path or URL with ``{tenant}`` is `DatabasePerTenant`.
        max_open: Most sources that are open at a time.
        idle_close: Seconds after which a source that nobody uses is closed; None for never.
        acquire_timeout: Seconds that an operation waits for its turn while all are in use.

    >>> router = TenantRouter(DatabasePerTenant("data/{tenant}.db"), max_open=50)
    >>> router.route("acme")
    <DataSource acme ...>
    """

    def __init__(
        self,
        isolation: Isolation | str | os.PathLike[str],
        *,
        max_open: int = MAX_OPEN,
        idle_close: float | None = IDLE_CLOSE,
        acquire_timeout: float = ACQUIRE_TIMEOUT,
    ) -> None:
        if max_open < 1:
            raise ValueError(f"max_open is 1 at least, not {max_open}.")
        self.isolation: Isolation = (
            DatabasePerTenant(isolation) if isinstance(isolation, str | os.PathLike) else isolation
        )
        self._pool = Pool(max_open, idle_close, acquire_timeout)

    @property
    def traits(self) -> Traits:
        """Return what the stores behind the router want of models."""
        return self.isolation.traits

    def route(self, tenant: str, model: Any = None) -> DataSource:
        """Return the data source of *tenant*, unconnected if need be, at once.

        Operations connect it; one that finds `max_open` others in use waits for its turn.

        Raises:
            RoutingError: It cannot be told; nothing else is used in its place.
        """
        found = self._pool.find(tenant)
        if found is not None:
            return found
        made = self.isolation.create_data_source(tenant)
        if not isinstance(made, DataSource):
            raise RoutingError(
                f"create_data_source answered {made!r}, which is no data source; "
                "it must be synchronous and return one.",
                tenant=tenant,
                value=made,
            )
        return self._pool.add(tenant, made)

    def stats(self) -> PoolStats:
        """Return how many sources are open, in use and waited for."""
        return self._pool.stats()

    async def close(self, tenant: str) -> None:
        """Close the data source of *tenant*, once its operations have ended; its rows stay."""
        await self._pool.close(tenant)

    async def close_all(self, grace: float = GRACE) -> None:
        """Close all data sources; operations at work may go on for *grace* seconds."""
        await self._pool.close_all(grace)

    def serve(self, registry: ModelRegistry) -> Callable[[], None]:
        """Route the models of *registry*; a tenant that is cleaned up there is closed here too.

        Returns:
            A function that ends it.
        """
        registry.router = self
        end = registry.on("tenant_cleaned", self._tenant_cleaned)

        def stop() -> None:
            end()
            if registry.router is self:
                registry.router = None

        return stop

    def _tenant_cleaned(self, event: RegistryEvent) -> None:
        """Begin to close the source of a tenant that was cleaned up, from whatever thread."""
        pool, tenant = self._pool, event.tenant
        if tenant is None or pool.loop is None or pool.loop.is_closed():
            return
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            running = None
        if running is pool.loop:
            pool.end(tenant)
        else:
            pool.loop.call_soon_threadsafe(pool.end, tenant)
