"""Medians of things measured in turn: subject, reference, subject, reference ..."""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

ROUNDS = 11
LONG_ENOUGH = 0.02
"""Seconds that one round of a thing takes at least."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        what: What is measured.
        subject: Median of ours, in *unit*.
        reference: Median of what it is held against, in *unit*.
        against: What that is.
        unit: ``us``, ``ms``, ``ns`` or ``B``.
        bar: Largest ratio that is within the budget; None where the budget names none.
    """

    what: str
    subject: float
    reference: float
    against: str
    unit: str
    bar: float | None = None

    @property
    def ratio(self) -> float:
        """Return ours over the reference."""
        return self.subject / self.reference if self.reference else float("inf")

    @property
    def verdict(self) -> str:
        """Return whether the budget is met."""
        if self.bar is None:
            return ""
        return "met" if self.ratio <= self.bar else "NOT MET"


Work = Callable[[int], object]
"""Does a thing the given number of times."""


def compare(*works: Work, rounds: int = ROUNDS, enough: float = LONG_ENOUGH) -> list[float]:
    """Return the median seconds of one time of each work, measured in turn.

    Args:
        works: What is measured.
        rounds: How often each is.
        enough: Seconds that one round of a work takes at least.
    """
    loops = [_calibrated(work, enough) for work in works]
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for at, work in enumerate(works):
            gc.collect()
            begun = time.perf_counter()
            work(loops[at])
            taken[at].append((time.perf_counter() - begun) / loops[at])
    return [statistics.median(each) for each in taken]


def _calibrated(work: Work, enough: float) -> int:
    """Return how often *work* must be done to take long enough."""
    loops = 1
    while True:
        begun = time.perf_counter()
        work(loops)
        taken = time.perf_counter() - begun
        if taken >= enough:
            return loops
        loops = max(loops * 2, int(loops * enough / max(taken, 1e-9)))


AsyncWork = Callable[[int], Awaitable[object]]


async def compare_async(*works: AsyncWork, rounds: int = ROUNDS) -> list[float]:
    """Return the median seconds of one time of each async work, measured in turn."""
    loops = []
    for work in works:
        count = 8
        while True:
            begun = time.perf_counter()
            await work(count)
            taken = time.perf_counter() - begun
            if taken >= LONG_ENOUGH * 2:
                break
            count *= 2
        loops.append(count)
    values: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for at, work in enumerate(works):
            gc.collect()
            begun = time.perf_counter()
            await work(loops[at])
            values[at].append((time.perf_counter() - begun) / loops[at])
    return [statistics.median(each) for each in values]


def resident(program: str, count: int) -> float:
    """Return the resident bytes that each of *count* things takes, in a process of its own.

    *program* is Python with ``{count}`` in it; it must leave the things in ``kept``.  Unlike
    tracemalloc this counts what extension modules allocate by themselves too.
    """
    script = (
        "import gc, os\n"
        "def pages():\n"
        "    gc.collect()\n"
        "    with open('/proc/self/statm') as file:\n"
        "        return int(file.read().split()[1])\n"
        f"{program.format(count=count)}\n"
    )
    done = subprocess.run(  # noqa: S603  our own interpreter and our own text
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return int(done.stdout) * os.sysconf("SC_PAGE_SIZE") / count


def traced(make: Callable[[], object]) -> tuple[object, int]:
    """Return what *make* makes and the bytes it took, by tracemalloc."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    made = make()
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return made, taken
