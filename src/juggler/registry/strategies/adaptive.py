"""Evict more, and more often, as the process takes more memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from juggler.errors import InvalidValueError
from juggler.registry.managing.policy import seconds
from juggler.registry.strategies.idle import idle_longer
from juggler.registry.strategies.view import RegistryView

THRESHOLDS: Final[Mapping[float, tuple[float, float]]] = MappingProxyType(
    {0.5: (120.0, 900.0), 0.7: (30.0, 120.0), 0.85: (5.0, 10.0)}
)
"""From half of the memory on, every two minutes, those idle for a quarter of an hour; and so on."""


class Adaptive:
    """Shortens the interval between passes and the idle time as memory use grows.

    It looks at what the operating system counts for the process.  Below the first threshold nothing
    is evicted and the manager's own interval holds.

    Args:
        thresholds: Memory use -> (seconds between passes, seconds a tenant may be idle).  A number
            up to 1 is a share of the memory that the process may have (its container's limit, else
            the machine's memory), a larger one a number of bytes.

    Raises:
        InvalidValueError: There is no threshold, or one is of no use.

    >>> from juggler.registry.strategies.adaptive import Adaptive
    >>> strategy = Adaptive({0.6: (60, 600), 0.8: (10, 60), 0.9: (1, 0)})
    """

    __slots__ = ("thresholds",)

    def __init__(self, thresholds: Mapping[float, tuple[float, float]] = THRESHOLDS) -> None:
        if not thresholds:
            raise InvalidValueError("Adaptive needs one threshold at least.", path="thresholds")
        for level, pair in thresholds.items():
            _check(level, pair)
        self.thresholds = MappingProxyType(dict(thresholds))

    def __call__(self, view: RegistryView, /) -> Iterable[str]:
        """Return who was idle for longer than the memory in use allows."""
        step = self._step(view)
        return [] if step is None else idle_longer(view, step[1])

    def interval(self, view: RegistryView, general: float) -> float:
        """Return the seconds until the next pass; never more than *general*."""
        step = self._step(view)
        return general if step is None else min(general, step[0])

    def _step(self, view: RegistryView) -> tuple[float, float] | None:
        """Return what holds at the highest threshold that is reached; None below the first."""
        reached = [
            (limit, pair)
            for level, pair in self.thresholds.items()
            if view.memory >= (limit := level * view.available if level <= 1 else level)
        ]
        return max(reached)[1] if reached else None


def _check(level: object, pair: object) -> None:
    """Raise if a threshold is of no use."""
    if not isinstance(level, int | float) or isinstance(level, bool) or not level > 0:
        raise InvalidValueError(
            f"A threshold is a share of the memory or a number of bytes, not {level!r}.",
            path="thresholds",
            value=level,
        )
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise InvalidValueError(
            f"A threshold has two numbers of seconds, interval and idle time, not {pair!r}.",
            path="thresholds",
            value=pair,
        )
    seconds("interval", pair[0])
    seconds("max_idle", pair[1])
