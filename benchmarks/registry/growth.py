"""What the number of tenants does to the cost of everything else."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

from benchmarks import samples
from benchmarks.registry.rounds import timed
from juggler import ModelRegistry, tenant

EACH = 2
"""Models of each tenant."""


def measure(tenants: int, lookups: int, rounds: int, enough: float) -> dict[str, float]:
    """Return the seconds of everything in a registry of so many resident tenants."""
    registry = ModelRegistry()
    parsed = registry.parse("Sample", samples.RAW)
    codes = [f"t{at}" for at in range(tenants)]
    for code, at in itertools.product(codes, range(EACH)):
        registry.define(f"M{at}", parsed, tenant=code)
    plain = {code: dict(registry.tenant(code).models) for code in codes}
    usual: dict[str, Any] = {"rounds": rounds, "enough": enough}
    anyone = random.Random(7).choices(codes, k=lookups)
    return {
        "find": timed(_finding(registry, codes), most=lookups, **usual),
        "any": timed(lambda times: _read_any(registry, anyone[:times]), most=lookups, **usual),
        "dict": timed(lambda times: _read_plain(plain, anyone[:times]), most=lookups, **usual),
        **_comings(registry, parsed, usual),
        "brief": timed(lambda times: _brief(registry, times), most=lookups, **usual),
    }


def _finding(registry: ModelRegistry, codes: list[str]) -> Callable[[int], None]:
    """Return what finds models by name in a tenant from the middle of all, entered before."""
    code = codes[len(codes) // 2]

    def find(times: int) -> None:
        with tenant(code):
            for _ in range(times):
                registry.find_model_by_name("M1")

    return find


def _read_any(registry: ModelRegistry, codes: list[str]) -> None:
    for code in codes:
        registry.tenant(code).models["M1"]


def _read_plain(plain: dict[str, dict[str, Any]], codes: list[str]) -> None:
    for code in codes:
        plain[code]["M1"]


def _brief(registry: ModelRegistry, times: int) -> None:
    for _ in range(times):
        registry.get_stats(brief=True)


def _comings(registry: ModelRegistry, parsed: Any, usual: dict[str, Any]) -> dict[str, float]:
    """Return the seconds of defining a model for one more tenant, and of its clean-up."""
    made: list[str] = []

    def arrive(times: int) -> None:
        made[:] = [f"late{at}" for at in range(times)]
        for code in made:
            registry.tenant(code)

    def define(times: int) -> None:
        for code in made[:times]:
            registry.define("Late", parsed, tenant=code)

    def settle(times: int) -> None:
        arrive(times)
        for code, at in itertools.product(made, range(20)):
            registry.define(f"M{at}", parsed, tenant=code)

    def leave(times: int) -> None:
        for code in made[:times]:
            registry.cleanup_tenant(code)

    return {
        "define": timed(define, before=arrive, after=lambda: leave(len(made)), **usual),
        "clean": timed(leave, before=settle, most=500, **usual),
    }
