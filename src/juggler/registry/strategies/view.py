"""What a strategy sees: a frozen snapshot of the resident tenants, and what it answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol, runtime_checkable

import msgspec

from juggler.registry.managing.policy import Policy
from juggler.registry.strategies.memory import Read, available_bytes, resident_bytes


class TenantView(msgspec.Struct, frozen=True, gc=False):
    """One resident tenant at one moment.

    Attributes:
        code: Its code.
        last_accessed: When it was last at work, on the registry's clock.
        idle_time: Seconds since then; 0 while it is at work.
        models: Names in its namespace, built or declared.
        bytes: Estimate of the memory its models take.
        accesses: How often it was at work.
        access_rate: Accesses per second, recent ones counting most.
        pinned: It is never evicted.
        in_use: Operations, streams or leases are at work: it is not evicted now.
        policy: Its own policy, None where it has none.
    """

    code: str
    last_accessed: float = 0.0
    idle_time: float = 0.0
    models: int = 0
    bytes: int = 0
    accesses: int = 0
    access_rate: float = 0.0
    pinned: bool = False
    in_use: bool = False
    policy: Policy | None = None

    @property
    def evictable(self) -> bool:
        """Tell whether the tenant may be evicted now."""
        return not (self.pinned or self.in_use)

    def idle_limit(self, general: float) -> float:
        """Return how long the tenant may be idle: its own policy's limit, else *general*."""
        own = None if self.policy is None else self.policy.max_idle
        return general if own is None else own


@dataclass(frozen=True)
class RegistryView:
    """All resident tenants of a registry at one moment.

    Attributes:
        tenants: The tenants, pinned ones and those in use included.
        now: The moment, on the registry's clock.
        models: Models of all owners.
        bytes: Estimate of the memory that the models of all owners take.
        read_memory: Reads `memory` when it is first asked for.
        read_available: Reads `available` when it is first asked for.

    >>> from juggler.registry.strategies.view import RegistryView, TenantView
    >>> view = RegistryView((TenantView("acme", idle_time=60.0), TenantView("zeta", pinned=True)))
    >>> [each.code for each in view.evictable]
    ['acme']
    """

    tenants: tuple[TenantView, ...]
    now: float = 0.0
    models: int = 0
    bytes: int = 0
    read_memory: Read = resident_bytes
    read_available: Read = available_bytes

    @cached_property
    def memory(self) -> int:
        """Return the bytes of memory that the process has in use; read once for each view.

        Raises:
            OperationNotSupportedError: The system does not tell and psutil is not installed.
        """
        return self.read_memory()

    @cached_property
    def available(self) -> int:
        """Return the bytes that the process may have: of its container, else of the machine.

        Raises:
            OperationNotSupportedError: The system does not tell and psutil is not installed.
        """
        return self.read_available()

    @cached_property
    def evictable(self) -> tuple[TenantView, ...]:
        """Return the tenants that may be evicted: neither pinned nor in use."""
        return tuple(each for each in self.tenants if not (each.pinned or each.in_use))

    def without(self, codes: Iterable[str]) -> RegistryView:
        """Return the view as it will be when the tenants *codes* are evicted."""
        gone = frozenset(codes)
        if not gone:
            return self
        stay = tuple(each for each in self.tenants if each.code not in gone)
        going = [each for each in self.tenants if each.code in gone]
        return replace(
            self,
            tenants=stay,
            models=self.models - sum(each.models for each in going),
            bytes=self.bytes - sum(each.bytes for each in going),
            read_memory=lambda: self.memory,
            read_available=lambda: self.available,
        )


class CleanupStrategy(Protocol):
    """Says which resident tenants to evict; a plain function will do.

    Called with a view at each pass; what it names is evicted in that order, except pinned tenants
    and those in use.  It may run in a worker thread, in one at a time.  A strategy may have more to
    say by implementing `Bounded`, `Timed` or `Observing` too.
    """

    def __call__(self, view: RegistryView, /) -> Iterable[str]:
        """Return the codes of the tenants to evict, the first to go first."""


@runtime_checkable
class Bounded(Protocol):
    """A strategy with a bound on resident tenants, which then holds between passes too."""

    @property
    def max_tenants(self) -> int | None:
        """Return how many tenants may be resident; None for no bound."""

    def ranked(self, view: RegistryView, count: int) -> list[str]:
        """Return the *count* evictable tenants that go first, the first to go first."""


@runtime_checkable
class Timed(Protocol):
    """A strategy that says how long to wait until the next pass."""

    def interval(self, view: RegistryView, general: float) -> float:
        """Return the seconds until the next pass; *general* is what the manager has."""


@runtime_checkable
class Observing(Protocol):
    """A strategy that learns when tenants come back."""

    def observe(self, code: str, now: float) -> None:
        """Note that the tenant came, or came back, at *now* on the registry's clock."""
