"""Timing inside one process: rounds of work, with what is not measured around them."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable

Work = Callable[[int], object]
"""Does a thing the given number of times."""

MOST = 5_000
"""Times a round at the most, so that what one round keeps stays small."""


def nothing(times: int) -> None:
    """Do nothing."""


def timed(
    work: Work,
    *,
    rounds: int,
    enough: float = 0.02,
    before: Work = nothing,
    after: Callable[[], object] = lambda: None,
    most: int = MOST,
) -> float:
    """Return the median seconds of one time of *work*.

    Args:
        work: What is measured.
        rounds: How many rounds.
        enough: Seconds that a round takes at least, if that can be done in *most* times.
        before: Done before each round, not measured.
        after: Done after each round, not measured.
        most: Times a round at the most.
    """
    times = 1
    while (taken := _round(work, times, before, after)) < enough and times < most:
        times = min(most, max(times * 2, int(times * enough / max(taken, 1e-9))))
    return statistics.median(_round(work, times, before, after) / times for _ in range(rounds))


def _round(work: Work, times: int, before: Work, after: Callable[[], object]) -> float:
    """Return the seconds of one round."""
    gc.collect()  # before all else: it leaves the processor's caches full of other things
    before(times)
    begun = time.perf_counter()
    work(times)
    taken = time.perf_counter() - begun
    after()
    return taken


def once(work: Callable[[], object], rounds: int) -> float:
    """Return the median seconds of doing *work*, which is long enough by itself."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)
