"""Several strategies as one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from juggler.errors import InvalidValueError
from juggler.registry.strategies.view import (
    Bounded,
    CleanupStrategy,
    Observing,
    RegistryView,
    Timed,
)


class AnyOf:
    """Evicts whoever one of several strategies names; see `any_of`.

    Attributes:
        strategies: In the order in which they are asked.
        max_tenants: The lowest bound of them on resident tenants; None where there is none.
    """

    __slots__ = ("max_tenants", "strategies")

    def __init__(self, strategies: tuple[CleanupStrategy, ...]) -> None:
        self.strategies: Final = strategies
        self.max_tenants: int | None = None
        bounds = [each.max_tenants for each in self._bounded() if each.max_tenants is not None]
        if bounds:
            self.max_tenants = min(bounds)

    def __call__(self, view: RegistryView, /) -> Iterable[str]:
        """Return who is named; each strategy sees what those before it leave."""
        found: dict[str, None] = {}
        for strategy in self.strategies:
            named = dict.fromkeys(strategy(view))
            found |= named
            view = view.without(named)
        return list(found)

    def ranked(self, view: RegistryView, count: int) -> list[str]:
        """Return who goes first by the strategy with the lowest bound."""
        for strategy in self._bounded():
            if strategy.max_tenants == self.max_tenants:
                return strategy.ranked(view, count)
        return []

    def interval(self, view: RegistryView, general: float) -> float:
        """Return the shortest time until the next pass that one of them wants."""
        timed = [each for each in self.strategies if isinstance(each, Timed)]
        return min((each.interval(view, general) for each in timed), default=general)

    def observe(self, code: str, now: float) -> None:
        """Tell those that learn."""
        for strategy in self.strategies:
            if isinstance(strategy, Observing):
                strategy.observe(code, now)

    def _bounded(self) -> list[Bounded]:
        return [each for each in self.strategies if isinstance(each, Bounded)]


def any_of(*strategies: CleanupStrategy) -> AnyOf:
    """Return a strategy that evicts whoever one of *strategies* names.

    They are asked in order, each about what those before it leave, so that two bounds together do
    not evict more than either needs.

    Raises:
        InvalidValueError: None is given, or something that cannot be called.

    >>> from juggler.registry.strategies.combine import any_of
    >>> from juggler.registry.strategies.idle import IdleStrategy
    >>> from juggler.registry.strategies.lru import LeastRecentlyUsed
    >>> any_of(IdleStrategy(600.0), LeastRecentlyUsed(1_000)).max_tenants
    1000
    """
    if not strategies:
        raise InvalidValueError("any_of needs one strategy at least.")
    for each in strategies:
        if not callable(each):
            raise InvalidValueError(f"A strategy can be called; {each!r} cannot.", value=each)
    return AnyOf(strategies)
