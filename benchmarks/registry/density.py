"""Many tenants that are declared, few of them at work."""

from __future__ import annotations

import asyncio
import gc
import itertools
import random
import statistics
import time
import tracemalloc
from collections.abc import Iterable
from typing import Any

from benchmarks import samples
from benchmarks.registry.memory import resident
from benchmarks.registry.rounds import once, timed
from juggler import ModelRegistry, RegistryManager, tenant
from juggler.registry.strategies.lru import LeastRecentlyUsed

MODELS = 20
FEW = 100
SKEW = 1.1
"""Exponent of Zipf's law: the tenant of rank r is accessed in proportion to 1 / r ** SKEW."""


def definitions(number: int, own: int) -> dict[str, Any]:
    """Return the definitions of 20 models, of which *own* have a structure of this number."""
    return {
        f"M{at}": {**samples.RAW, f"own_{number if at < own else 0}_{at}": {"type": str}}
        for at in range(MODELS)
    }


class Dense:
    """A registry with many declared tenants.

    Args:
        tenants: How many tenants.
        bundles: How many distinct sets of definitions they have.
        own: How many structures of each set no other set has.
    """

    def __init__(self, tenants: int, bundles: int, own: int) -> None:
        self.registry = ModelRegistry()
        self.codes = [f"tenant-{at:06}" for at in range(tenants)]
        self.bundles = [self.registry.bundle(definitions(at, own)) for at in range(bundles)]

    def declare(self) -> None:
        """Declare all tenants; they take the bundles in turn."""
        for code, bundle in zip(self.codes, itertools.cycle(self.bundles)):
            self.registry.declare(code, bundle)

    def access(self, code: str, name: str) -> Any:
        """Return a model of a tenant, as its own work finds it."""
        with tenant(code):
            return self.registry.find_model_by_name(name)

    def is_resident(self, code: str) -> bool:
        """Tell whether the tenant is at work, without waking it."""
        return code in self.registry._tenants


def traced(tenants: int, bundles: int, own: int) -> dict[str, float]:
    """Return the bytes that Python allocates for a cold tenant, and for all."""
    tracemalloc.start()
    begun = tracemalloc.get_traced_memory()[0]
    dense = Dense(tenants, bundles, own)
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    dense.declare()
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return {"each": (after - before) / tenants, "bundles": before - begun, "all": after - begun}


def measure(
    tenants: int, bundles: int, own: int, most: int, accesses: int, rounds: int, enough: float
) -> dict[str, Any]:
    """Return all figures of a dense registry, at rest and at work."""
    gc.collect()
    empty = once(gc.collect, 5)
    dense = Dense(tenants, bundles, own)
    gc.collect()
    before = resident()
    begun = time.perf_counter()
    dense.declare()
    declared = (time.perf_counter() - begun) / tenants
    gc.collect()
    found: dict[str, Any] = {
        "empty": empty,
        "declare": declared,
        "each": (resident() - before) / tenants,
        "at rest": {"memory": resident(), "pause": once(gc.collect, 5)},
        "activation": _activation(dense, min(1_000, tenants)),
    }
    found["at work"] = asyncio.run(_at_work(dense, most, accesses))
    found["at work"] |= {"memory": resident(), "pause": once(gc.collect, 5)}
    found["few"], found["many"] = _against_few(dense, {"rounds": rounds, "enough": enough})
    return found


def _activation(dense: Dense, count: int) -> dict[str, float]:
    """Return the seconds of the first read of a cold tenant's model, and of the next model's."""
    first, second, again = [], [], []
    for code in random.Random(3).sample(dense.codes, count):
        first.append(_taken(dense, code, "M3"))
        second.append(_taken(dense, code, "M4"))
        again.append(_taken(dense, code, "M4"))
        dense.registry.evict(code)
    return {
        "first": statistics.median(first),
        "worst": sorted(first)[int(count * 0.99)],
        "second": statistics.median(second),
        "again": statistics.median(again),
    }


def _taken(dense: Dense, code: str, name: str) -> float:
    registry = dense.registry
    begun = time.perf_counter()
    registry.tenant(code).models[name]
    return time.perf_counter() - begun


async def _at_work(dense: Dense, most: int, accesses: int) -> dict[str, Any]:
    """Return how often a tenant was resident already, under accesses that follow Zipf's law."""
    manager = RegistryManager(dense.registry, strategy=LeastRecentlyUsed(most))
    hits = highest = 0
    async with manager:
        begun = time.perf_counter()
        for code in zipf(dense.codes, accesses):
            hits += dense.is_resident(code)
            dense.access(code, "M3")
            highest = max(highest, len(dense.registry._tenants))
        taken = (time.perf_counter() - begun) / accesses
    return {"hits": hits / accesses, "highest": highest, "access": taken}


def zipf(codes: list[str], accesses: int) -> Iterable[str]:
    """Return which tenants are accessed, one after the other; the same in each run."""
    chance = random.Random(7)
    ranked = chance.sample(codes, len(codes))
    weights = list(itertools.accumulate(1 / rank**SKEW for rank in range(1, len(ranked) + 1)))
    return chance.choices(ranked, cum_weights=weights, k=accesses)


def _against_few(dense: Dense, usual: dict[str, Any]) -> tuple[dict[str, float], dict[str, float]]:
    """Return the seconds of a look-up and of a definition among few tenants and among all."""
    few = Dense(FEW, 10, 1)
    few.declare()
    found: list[dict[str, list[float]]] = [{"find": [], "define": []} for _ in range(2)]
    for _ in range(3):  # in turn
        for each, into in ((few, found[0]), (dense, found[1])):
            into["find"].append(timed(_finding(each), most=100_000, **usual))
            into["define"].append(_defining(each, usual, min(2_000, len(dense.codes))))
    few_found, many_found = (
        {figure: statistics.median(values) for figure, values in each.items()} for each in found
    )
    return few_found, many_found


def _finding(dense: Dense) -> Any:
    code = dense.codes[0]
    registry = dense.registry

    def find(times: int) -> None:
        with tenant(code):
            for _ in range(times):
                registry.find_model_by_name("M3")

    return find


def _defining(dense: Dense, usual: dict[str, Any], most: int) -> float:
    """Return the seconds of defining a known structure for a tenant that has just come."""
    registry = dense.registry
    parsed = registry.parse("Late", samples.RAW)
    codes = [f"late-{at}" for at in range(most)]

    def arrive(times: int) -> None:
        for code in codes[:times]:
            registry.tenant(code)

    def define(times: int) -> None:
        for code in codes[:times]:
            registry.define("Late", parsed, tenant=code)

    def leave() -> None:
        for code in codes:
            registry.cleanup_tenant(code)

    return timed(define, before=arrive, after=leave, most=most, **usual)
