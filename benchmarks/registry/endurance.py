"""Cycles without end: what comes goes, and the last cycle finds the process as an early one did."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Protocol

from benchmarks import samples
from benchmarks.registry.observing import (
    grown,
    is_slot_read,
    next_version_tag,
    read_time,
    snapshot,
    spends_one,
)
from juggler import ModelRegistry, tenant

MODELS = 20
NAMES = tuple(f"M{at}" for at in range(MODELS))
NESTED = {**samples.RAW, "home": {"street": str, "place": {"lat": float, "lng": float}}}
STRUCTURES = tuple(NESTED if at % 10 == 0 else samples.RAW for at in range(MODELS))
"""Eighteen flat structures and two with anonymous models in them."""


class Cycle(Protocol):
    """One kind of cycle."""

    registry: ModelRegistry

    def run(self, number: int) -> None:
        """Do everything once; nothing of it may stay."""

    def instance(self) -> Any:
        """Return an instance of a model that was defined just now."""


class Known:
    """Define 20 models of known structures, use each, clean up."""

    def __init__(self) -> None:
        self.registry = ModelRegistry()
        for at, structure in enumerate((samples.RAW, NESTED)):
            self.registry.define(f"Kept{at}", structure)  # so that the structures stay known
        self._values = samples.values(7)

    def run(self, number: int) -> None:
        """Take a tenant that never was before in one cycle, one that returns in the next."""
        code = "again" if number % 2 else f"t{number}"
        registry, values = self.registry, self._values
        with tenant(code):
            for name, structure in zip(NAMES, STRUCTURES, strict=True):
                registry.define(name, structure)
            for name in NAMES:
                model = registry.find_model_by_name(name)
                assert model(values).field3 == 7
        result = registry.cleanup_tenant(code)
        assert result.error is None
        assert result.models_removed >= MODELS

    def instance(self) -> Any:
        """Return an instance of a model of a tenant of its own."""
        return self.registry.define("Late", samples.RAW, tenant="late")(self._values)


class New(Known):
    """Define a model of a structure that nobody ever saw, use it, clean up."""

    def run(self, number: int) -> None:
        """Give the structure the number of the cycle."""
        code = f"t{number}"
        structure = {**samples.unique(number), "home": {f"street_{number}": str}}
        model = self.registry.define("Sample", structure, tenant=code)
        made = model(samples.values_of(number))
        assert getattr(made, f"field3_{number}") == number
        assert self.registry.cleanup_tenant(code).error is None


class Cold(Known):
    """Declare 20 models, touch some, put the tenant to rest, wake it, and clean up."""

    def __init__(self) -> None:
        super().__init__()
        self._bundle = self.registry.bundle(dict(zip(NAMES, STRUCTURES, strict=True)))

    def run(self, number: int) -> None:
        """Take a tenant that never was before in one cycle, one that returns in the next."""
        code = "again" if number % 2 else f"t{number}"
        registry = self.registry
        registry.declare(code, self._bundle)
        for name in ("M0", "M7"):
            with tenant(code):
                assert registry.find_model_by_name(name)(self._values).field3 == 7
            assert registry.evict(code)
        assert registry.cleanup_tenant(code).error is None


KINDS: dict[str, type[Cycle]] = {"known": Known, "cold": Cold, "new": New}


def run(kind: str, cycles: int, early: int) -> dict[str, Any]:
    """Return the figures of this process after *early* cycles and after all of them."""
    return asyncio.run(_run(KINDS[kind](), cycles, early))


async def _run(cycle: Cycle, cycles: int, early: int) -> dict[str, Any]:
    """Run in a loop, where tasks that were left would be seen."""
    begun = time.perf_counter()
    countable = spends_one()
    for number in range(early):
        cycle.run(number)
    first_reads = _reads(cycle)
    snapshot(cycle.registry)  # what looking itself leaves is there from now on
    first = snapshot(cycle.registry)
    tags = next_version_tag()
    for number in range(early, cycles):
        cycle.run(number)
    later_tags = next_version_tag()
    late = snapshot(cycle.registry)
    spent = None
    if countable and tags is not None and later_tags is not None:
        spent = later_tags - tags - 1  # less the look's own
    return {
        "cycles": cycles,
        "early": early,
        "first": {**first, "objects": sum(first["objects"].values())},
        "late": {**late, "objects": sum(late["objects"].values())},
        "grown": grown(first, late),
        "reads": [first_reads, _reads(cycle)],
        "slots": is_slot_read(cycle.instance()),
        "tags": spent,
        "seconds": time.perf_counter() - begun,
    }


def _reads(cycle: Cycle) -> float:
    """Return what reading an attribute of an instance made now takes."""
    made = cycle.instance()
    taken = read_time(made, "field3")
    cycle.registry.cleanup_tenant("late")
    return taken
