"""Holding a bound on resident tenants at every moment, at little cost for each arrival."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection
from typing import Final

from juggler.registry.strategies.view import Bounded, RegistryView

_SHARE: Final = 20
"""One tenant in so many is ranked for eviction at a time."""

_AT_ONCE: Final = 16
"""Most evictions for one arrival; where more are too many, the next arrivals and passes go on."""


class Bound:
    """Evicts one tenant for each that is too many, in the order that a strategy ranks them.

    Ranking looks at all resident tenants, so it is done for several evictions at once: a twentieth
    of the bound.  Who was at work since is passed over.

    Args:
        strategy: Ranks, and has the bound.
        view: Makes a view of the moment.
        last_accessed: Tells when a tenant was last at work; None when it is not resident, or must
            not be evicted.
        evict: Evicts a tenant and tells whether that was done.
    """

    def __init__(
        self,
        strategy: Bounded,
        *,
        view: Callable[[], RegistryView],
        last_accessed: Callable[[str], float | None],
        evict: Callable[[str], bool],
    ) -> None:
        self._strategy = strategy
        self._view = view
        self._last_accessed = last_accessed
        self._evict = evict
        self._ranked: deque[tuple[str, float]] = deque()

    def hold(self, resident: int, keep: Collection[str] = ()) -> list[str]:
        """Evict those who are too many and return who was evicted.

        Args:
            resident: How many are resident now.
            keep: Who have just come and stay.
        """
        evicted: list[str] = []
        bound = self._strategy.max_tenants
        if bound is None:
            return evicted
        wanted, fresh = min(resident - bound, _AT_ONCE), False
        while len(evicted) < wanted:
            if not self._ranked:
                if fresh:  # ranked a moment ago: nobody who is left may go
                    break
                self._rank(wanted + bound // _SHARE)
                fresh = True
                continue
            code, at = self._ranked.popleft()
            if code not in keep and self._last_accessed(code) == at and self._evict(code):
                evicted.append(code)
        return evicted

    def _rank(self, count: int) -> None:
        view = self._view()
        at = {each.code: each.last_accessed for each in view.tenants}
        for code in self._strategy.ranked(view, count + 1):  # the newcomer may be among them
            self._ranked.append((code, at[code]))
