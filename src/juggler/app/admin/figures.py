"""Figures of tenants for an operator: looking wakes nobody and counts for no access."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from juggler.registry.records import CleanupResult, TenantStats
from juggler.registry.registry import ModelRegistry
from juggler.registry.reports import cold_stats
from juggler.registry.watching.health import Health

Key = Callable[[TenantStats], float]

SORTS: Final[Mapping[str, Key]] = MappingProxyType(
    {
        "models": lambda stats: stats.model_count,
        "bytes": lambda stats: stats.bytes_estimate,
        "accesses": lambda stats: stats.accesses,
        "idle": lambda stats: stats.idle_time,
        "recent": lambda stats: -stats.idle_time,
    }
)
"""What tenants are sorted by, the largest first."""


class Figures:
    """Reads figures of one registry.

    Args:
        registry: Whose figures.
    """

    def __init__(self, registry: ModelRegistry) -> None:
        self._registry = registry

    def is_known(self, code: str) -> bool:
        """Tell whether the registry knows a tenant, resident or cold."""
        return code in self._registry._tenants or code in self._registry._cold

    def of(self, code: str) -> tuple[TenantStats | None, bool]:
        """Return a tenant's figures, None for an unknown one, and whether it is resident."""
        resident = self._registry._tenants.get(code)
        if resident is not None:
            return resident.get_stats(), True
        record = self._registry._cold.get(code)
        if record is None:
            return None, False
        owner = self._registry._room.owners.get(code)
        return cold_stats(code, record, owner, self._registry.clock()), False

    def largest(self, sort: str, limit: int) -> list[TenantStats]:
        """Return the figures of the *limit* first tenants by *sort*, resident or cold."""
        found = (self.of(code)[0] for code in self._registry.tenant_codes())
        return heapq.nlargest(limit, (each for each in found if each is not None), key=SORTS[sort])

    def health(self) -> Health:
        """Return how the registry is."""
        return self._registry.health()

    def history(self, limit: int) -> dict[str, list[CleanupResult]]:
        """Return the last *limit* clean-ups, the latest first."""
        return {"cleanups": self._registry.cleanup_history()[: -limit - 1 : -1]}
