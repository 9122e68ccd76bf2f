"""Keep the tenants whose past says that they return soon."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Final

from juggler.registry.managing.policy import seconds, whole
from juggler.registry.strategies.gaps import Gaps, no_gaps
from juggler.registry.strategies.view import RegistryView, TenantView

_LATELY: Final = 256.0
"""Gaps after which one counts for a third of a new one in the average of all."""

_REMEMBERED: Final = 20
"""Tenants that are remembered for each that may be resident."""


class Predictive:
    """Keeps at most *max_tenants* tenants resident: those that are likely to return soon.

    It learns how long the gaps between a tenant's accesses are, keeps what it learnt of evicted
    tenants too, and evicts those with the lowest chance of a return for each second that they would
    be kept.  So a tenant whose batch runs at night goes when its run is over and not when others
    have pushed it out, one that is asked about every minute stays, and of a tenant that is hardly
    known the chance falls with the time it is away, as with `LeastRecentlyUsed`.

    What it knows depends on the views and comings it was told of alone; it takes some 500 bytes a
    remembered tenant, and those that were away longest are forgotten first.

    Args:
        max_tenants: Most tenants that may be resident.
        remember: Tenants to know about; twenty for each that may be resident unless given.
        doubt: How many gaps of unknown length to assume beside those that were seen; the larger,
            the more it goes by the time since the last access.
        unknown: Seconds of such a gap; the average of those that were seen lately unless given.

    Raises:
        InvalidValueError: A number is of no use.
    """

    __slots__ = ("_average", "_known", "_viewed", "doubt", "max_tenants", "remember", "unknown")

    def __init__(
        self,
        max_tenants: int,
        *,
        remember: int | None = None,
        doubt: float = 0.5,
        unknown: float | None = None,
    ) -> None:
        self.max_tenants = whole("max_tenants", max_tenants)
        self.remember = whole(
            "remember", _REMEMBERED * max_tenants if remember is None else remember
        )
        self.doubt = seconds("doubt", doubt)
        self.unknown = None if unknown is None else seconds("unknown", unknown)
        self._average = 0.0
        self._known: dict[str, Gaps] = {}
        self._viewed = float("-inf")

    def __len__(self) -> int:
        """Return how many tenants are remembered."""
        return len(self._known)

    def __call__(self, view: RegistryView, /) -> Iterable[str]:
        """Return who is too many; learn from the view in any case."""
        return self.ranked(view, len(view.tenants) - self.max_tenants)

    def ranked(self, view: RegistryView, count: int) -> list[str]:
        """Return the *count* evictable tenants that are the least likely to return soon."""
        self._learn(view)
        if count <= 0:
            return []
        keys = [(self._chance(each, view.now), each.last_accessed) for each in view.evictable]
        order = heapq.nsmallest(count, range(len(keys)), key=keys.__getitem__)
        return [view.evictable[at].code for at in order]

    def observe(self, code: str, now: float) -> None:
        """Note that the tenant came, or came back, at *now*."""
        known = self._known.pop(code, None)
        if known is None:
            known = no_gaps(now, 0)
        elif now > known.last:
            self._note(known, now - known.last)
            known.last = now
            known.accesses += 1
        self._known[code] = known
        self._forget()

    def _chance(self, tenant: TenantView, now: float) -> float:
        known = self._known.get(tenant.code) or no_gaps(tenant.last_accessed, tenant.accesses)
        unknown = self._average if self.unknown is None else self.unknown
        return known.chance(max(now - known.last, 0.0), self.doubt, unknown)

    def _note(self, known: Gaps, gap: float, times: float = 1.0) -> None:
        """Learn a gap, which moves the average of all a little."""
        known.learn(gap, times)
        self._average += (gap - self._average) * times / _LATELY

    def _learn(self, view: RegistryView) -> None:
        """Note who was at work since the last view."""
        for each in view.tenants:
            known = self._known.get(each.code)
            if known is None:
                self._known[each.code] = no_gaps(each.last_accessed, each.accesses)
            elif each.last_accessed > known.last:
                self._known[each.code] = self._known.pop(each.code)
                self._learn_of(known, each)
            else:
                known.accesses = each.accesses
        self._viewed = view.now
        self._forget()

    def _learn_of(self, known: Gaps, seen: TenantView) -> None:
        """Note the accesses since the last view: one gap before them, and those between them."""
        times = max(seen.accesses - known.accesses, 1)
        began = min(max(self._viewed, known.last), seen.last_accessed)
        between = (seen.last_accessed - began) / times
        self._note(known, began - known.last + between)
        if times > 1 and between > 0:
            self._note(known, between, min(times - 1, 8))
        known.last, known.accesses = seen.last_accessed, seen.accesses

    def _forget(self) -> None:
        """Forget those that were away longest, once they are too many."""
        while len(self._known) > self.remember:
            del self._known[next(iter(self._known))]
