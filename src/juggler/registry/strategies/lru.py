"""Keep the tenants that were at work last."""

from __future__ import annotations

import heapq
from collections.abc import Iterable

from msgspec import Struct

from juggler.registry.managing.policy import whole
from juggler.registry.strategies.view import RegistryView, TenantView


class LeastRecentlyUsed(Struct, frozen=True):
    """Keeps at most *max_tenants* tenants resident: those that were at work last.

    A manager that runs holds the bound between passes too.  Only tenants that are pinned or in use
    can exceed it.

    Args:
        max_tenants: Most tenants that may be resident.

    Raises:
        InvalidValueError: *max_tenants* is no whole number from 1 on.
    """

    max_tenants: int

    def __post_init__(self) -> None:
        whole("max_tenants", self.max_tenants)

    def __call__(self, view: RegistryView, /) -> Iterable[str]:
        """Return who is too many."""
        return self.ranked(view, len(view.tenants) - self.max_tenants)

    def ranked(self, view: RegistryView, count: int) -> list[str]:
        """Return the *count* evictable tenants that were at work longest ago."""
        return [each.code for each in least_recent(view, count)]


def least_recent(view: RegistryView, count: int) -> list[TenantView]:
    """Return the *count* evictable tenants that were at work longest ago, the oldest first."""
    if count <= 0:
        return []
    return heapq.nsmallest(count, view.evictable, key=lambda each: each.last_accessed)
