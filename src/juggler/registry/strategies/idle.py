"""Evict who has been idle for long."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from juggler.registry.managing.policy import seconds
from juggler.registry.strategies.view import RegistryView


class IdleStrategy(Struct, frozen=True):
    """Evicts tenants that were idle for *max_idle* seconds, the longest idle first.

    A tenant whose own policy has a ``max_idle`` is measured by that.

    Args:
        max_idle: Seconds; 0 means all that are neither pinned nor in use.

    Raises:
        InvalidValueError: *max_idle* is no number of seconds.
    """

    max_idle: float

    def __post_init__(self) -> None:
        seconds("max_idle", self.max_idle)

    def __call__(self, view: RegistryView, /) -> Iterable[str]:
        """Return who has been idle for too long."""
        return idle_longer(view, self.max_idle)


def idle_longer(view: RegistryView, general: float) -> list[str]:
    """Return who was idle for *general* seconds, or its own limit; the longest idle first."""
    found = [each for each in view.evictable if each.idle_time >= each.idle_limit(general)]
    found.sort(key=lambda each: each.idle_time, reverse=True)
    return [each.code for each in found]
