"""What it costs to define models, to look them up, and to clean them up."""

from __future__ import annotations

import gc
import itertools
import statistics
import time
import weakref
from typing import Any

from benchmarks.registry.candidates.base import Candidate, candidate
from benchmarks.registry.rounds import timed


def define(name: str, rounds: int, enough: float) -> dict[str, float]:
    """Return the seconds of defining a model: of a new structure, used at once, of a known one."""
    models = candidate(name)
    numbers = itertools.count()

    def new(times: int) -> None:
        for _ in range(times):
            models.new(next(numbers))

    def used(times: int) -> None:
        for _ in range(times):
            number = next(numbers)
            models.instance(models.new(number), number)

    many = rounds * 10
    usual: dict[str, Any] = {"rounds": rounds, "enough": enough, "after": models.finish}
    return {
        "new": timed(new, most=500, **usual),
        "used": timed(used, most=200, **usual),
        # Few a round: then all work in memory that was in use before, as in a long-lived process.
        "again": timed(models.again, before=models.prepare, most=300, **usual | {"rounds": many}),
    }


def look_up(name: str, crowd: int, rounds: int, enough: float) -> float:
    """Return the seconds of looking up one of *crowd* models of one of ten tenants."""
    models = candidate(name)
    for at in range(10):
        models.settle(f"t{at}", crowd)
    finder = models.finder("t7", f"M{crowd // 2}")
    return timed(finder, rounds=rounds, enough=enough, most=1_000_000)


def clean_up(name: str, crowd: int, others: int, rounds: int) -> dict[str, float]:
    """Return the seconds of cleaning a tenant up, alone and beside *others*, and what stays.

    Args:
        name: The candidate.
        crowd: Models of the tenant.
        others: Models of other tenants.
        rounds: How often it is done; the median counts, and the most that stays.
    """
    models = candidate(name)
    _clean_one(models, "warm", crowd)
    alone = [_clean_one(models, f"gone{at}", crowd)[0] for at in range(rounds)]
    for at in range(others // crowd):
        models.settle(f"other{at}", crowd)
    gc.collect()
    beside = [_clean_one(models, f"late{at}", crowd) for at in range(rounds)]
    return {
        "alone": statistics.median(alone),
        "beside": statistics.median(taken for taken, _ in beside),
        "others": others // crowd * crowd,
        "alive": max(alive for _, alive in beside),
    }


def _clean_one(models: Candidate, tenant: str, crowd: int) -> tuple[float, int]:
    """Return the seconds of cleaning a tenant up, and how many of its models are alive then."""
    models.settle(tenant, crowd)
    traces = [weakref.ref(each) for each in models.models(tenant)]
    begun = time.perf_counter()
    models.clean(tenant)
    taken = time.perf_counter() - begun
    return taken, sum(trace() is not None for trace in traces)
