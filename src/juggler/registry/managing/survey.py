"""Looking at the resident tenants of a registry, in slices."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from typing import Any, Final, Protocol, TypeVar, cast

from juggler.registry.sizes import cold_bytes
from juggler.registry.strategies.memory import available_bytes, resident_bytes
from juggler.registry.strategies.view import RegistryView, TenantView

SLICE: Final = 250
"""Tenants that are looked at between two pauses."""

COLD_SLICE: Final = 5_000
"""Cold tenants that are summed up between two pauses."""

MEMORY_OF_RATES: Final = 300.0
"""Seconds after which an access counts for a third of a new one in the access rate."""


T = TypeVar("T")


class Resident(Protocol):
    """A resident tenant, as a survey reads it."""

    @property
    def owner(self) -> Any:
        """Return the registry's record of the tenant."""

    @property
    def pinned(self) -> bool:
        """Return whether the tenant is never cleaned up or evicted for being idle."""


class Surveyed(Protocol):
    """A registry, as a survey reads it."""

    clock: Callable[[], float]
    _tenants: dict[str, Any]
    _cold: dict[str, Any]
    _counts: Any

    def _bytes_beside_tenants(self) -> int:
        """Return the bytes that are no tenant's of its own."""


class Survey:
    """Makes views of a registry and keeps the tenants' access rates from one to the next.

    Belongs to one manager, whose lock keeps it to one user at a time.

    Args:
        registry: What is looked at.
        read_memory: Tells the bytes of memory that the process has in use.
        read_available: Tells the bytes that it may have.
    """

    def __init__(
        self,
        registry: Surveyed,
        read_memory: Callable[[], int] = resident_bytes,
        read_available: Callable[[], int] = available_bytes,
    ) -> None:
        self._registry = registry
        self._read_memory = read_memory
        self._read_available = read_available
        self._rates: dict[str, tuple[int, float]] = {}
        self._at: float | None = None

    def forget(self) -> None:
        """Forget the access rates."""
        self._rates = {}
        self._at = None

    def now(self) -> RegistryView:
        """Return a view of this moment, with the access rates of the last pass.

        Its totals are those of the resident tenants alone.
        """
        return finished(self.steps(learn=False))

    def steps(self, *, learn: bool = True) -> Generator[None, None, RegistryView]:
        """Return a generator that pauses now and then and returns a view in the end.

        Args:
            learn: Bring the access rates up to date, and take the totals of all owners.
        """
        registry, now = self._registry, self._registry.clock()
        weight = self._weight(now)
        rates: dict[str, tuple[int, float]] = {}
        found: list[TenantView] = []
        for code, tenant in registry._tenants.copy().items():
            if found and not len(found) % SLICE:
                yield
            owner = tenant.owner
            rate = self._rate(code, owner.accesses, weight)
            if learn:
                rates[code] = owner.accesses, rate
            found.append(seen(code, tenant, now, rate))
        models, size = sum(each.models for each in found), sum(each.bytes for each in found)
        if learn:
            self._rates, self._at = rates, now
            models = registry._counts.total
            size += yield from other_bytes(registry)
        return RegistryView(
            tuple(found),
            now,
            models=models,
            bytes=size,
            read_memory=self._read_memory,
            read_available=self._read_available,
        )

    def _weight(self, now: float) -> tuple[float, float]:
        """Return the seconds since the last pass and how much they count."""
        passed = 0.0 if self._at is None else max(now - self._at, 0.0)
        return passed, 1.0 - math.exp(-passed / MEMORY_OF_RATES)

    def _rate(self, code: str, accesses: int, weight: tuple[float, float]) -> float:
        passed, share = weight
        before, rate = self._rates.get(code, (accesses, 0.0))
        if not passed or accesses < before:
            return rate
        return rate + share * ((accesses - before) / passed - rate)


def other_bytes(registry: Surveyed) -> Generator[None, None, int]:
    """Return a generator that pauses now and then, and returns the bytes of all but residents.

    That is what data sources, apps and nobody own, what is kept of cold tenants, what all share.
    """
    size: int = registry._bytes_beside_tenants()
    for at, record in enumerate(list(registry._cold.values()), 1):
        size += cold_bytes(record)
        if not at % COLD_SLICE:
            yield
    return size


def finished(steps: Generator[None, None, T]) -> T:
    """Return what a generator returns in the end, without pauses."""
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            return cast(T, ended.value)


def seen(code: str, tenant: Resident, now: float, rate: float = 0.0) -> TenantView:
    """Return how a resident tenant is at *now*."""
    owner = tenant.owner
    in_use: bool = owner.in_flight > 0
    return TenantView(
        code,
        owner.last_accessed,
        0.0 if in_use else max(now - owner.last_accessed, 0.0),
        owner.count,
        owner.bytes,
        owner.accesses,
        rate,
        tenant.pinned,
        in_use,
        owner.policy,
    )
