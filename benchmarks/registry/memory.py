"""What models take of memory, what they leave behind, and how long they stop the process."""

from __future__ import annotations

import gc
import itertools
import os
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.registry.candidates.base import Candidate, candidate
from benchmarks.registry.rounds import once

PAGE = os.sysconf("SC_PAGE_SIZE")
WARM = 50


def resident() -> int:
    """Return the bytes of the process that are in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE


def per_model(name: str, count: int, *, known: bool, trace: bool) -> float:
    """Return the bytes that each of *count* models takes.

    Args:
        name: The candidate.
        count: How many models.
        known: They are all of one structure that is known, each for a tenant that is there;
            else no two are of one structure.
        trace: Count what Python allocates; else what the process has of memory.
    """
    models = candidate(name)
    make = models.again if known else _new(models)
    warm = min(WARM, count)
    models.prepare(warm)
    make(warm)
    models.prepare(count)
    if trace:
        tracemalloc.start()
    gc.collect()
    before = _used(trace)
    make(count)
    gc.collect()
    taken = _used(trace) - before
    tracemalloc.stop()
    return taken / count


def _new(models: Candidate) -> Callable[[int], None]:
    """Return what makes so many models of new structures, and keeps them."""
    numbers = itertools.count()
    kept = []

    def make(times: int) -> None:
        kept.extend([models.new(next(numbers)) for _ in range(times)])

    return make


def _used(trace: bool) -> int:
    """Return the bytes in use: traced, or resident."""
    return tracemalloc.get_traced_memory()[0] if trace else resident()


def left(name: str, tenants: int, crowd: int) -> dict[str, float]:
    """Return the traced bytes that tenants of *crowd* models take, and leave when they are gone."""
    models = candidate(name)
    codes = [f"t{at}" for at in range(tenants)]

    def cycle() -> int:
        for code in codes:
            models.settle(code, crowd)
        taken = tracemalloc.get_traced_memory()[0]
        for code in codes:
            models.clean(code)
        return taken

    tracemalloc.start()
    cycle()
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    taken = cycle() - before
    gc.collect()
    rest = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return {"taken": taken, "left": max(0, rest)}


def pause(name: str, alive: list[int], widest: int, rounds: int) -> list[Any]:
    """Return, for each number of models alive, the seconds of a full collection.

    Beyond *widest* what the models add to the pause is scaled by their number.

    Args:
        name: The candidate.
        alive: Numbers of models, rising from 0.
        widest: Most models that are really made.
        rounds: Collections for each number; their median counts.

    Returns:
        Pairs of the seconds and how many models there really were.
    """
    models = candidate(name)
    gc.disable()  # while they are made; what is measured is a full collection
    try:
        return list(_pauses(models, alive, widest, rounds))
    finally:
        gc.enable()


def _pauses(models: Candidate, alive: list[int], widest: int, rounds: int) -> Iterator[Any]:
    """Yield the pause for each number of models."""
    made, empty = 0, 0.0
    for count in alive:
        real = min(count, widest)
        if made < real:
            models.settle(f"t{made}", real - made)
            made = real
        gc.collect()
        taken = once(gc.collect, rounds)
        if not real:
            empty = taken
        yield [taken if real == count else empty + (taken - empty) * count / real, real]
