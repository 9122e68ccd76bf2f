"""Many declared tenants in one process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.registry.density import SKEW
from benchmarks.registry.process import Runner
from benchmarks.registry.sizes import Sizes
from benchmarks.registry.tables import Bar, budget_cells, number, table, titled

GIB, KIB = 1024**3, 1024
MEMORY, EACH, PAUSE, ACTIVATION = 1.0, 1.0, 50.0, 10.0
"""GiB in all, KiB a cold tenant, ms of a full collection, us of a first read: the budgets."""


OWN = (1, 20)
"""How many of the 20 structures of a bundle no other bundle has: the usual case, and the worst."""


def section(run: Runner, sizes: Sizes) -> str:
    """Return the tables of density."""
    title = f"Density: {sizes.dense:,} declared tenants of 20 models, {sizes.bundles:,} bundles"
    return titled(
        title,
        *(_part(run, sizes, own) for own in OWN),
        f"{sizes.accesses:,} accesses by Zipf's law (exponent {SKEW:g}) under "
        f"`LeastRecentlyUsed({sizes.resident:,})`; figures of memory are of the whole process, "
        "modules included.",
    )


def _part(run: Runner, sizes: Sizes, own: int) -> str:
    """Return the table for bundles with so many structures of their own."""
    given = {"tenants": sizes.dense, "bundles": sizes.bundles, "own": own}
    trace = run.run("density.traced", **given)
    found = run.run(
        "density.measure",
        **given,
        most=sizes.resident,
        accesses=sizes.accesses,
        rounds=sizes.rounds,
        enough=sizes.enough,
    )
    structures = sizes.bundles * own + 20 - own
    head = [f"{structures:,} structures in all", "unit", "figure", "budget", "found", ""]
    return table(head, lines(trace, found), (0, 1, 3))


def lines(trace: dict[str, float], found: dict[str, Any]) -> Iterator[list[str]]:
    """Yield what, unit, figure, budget, figure again and verdict."""
    rest, work, wake = found["at rest"], found["at work"], found["activation"]
    yield _line("resident memory, all at rest", "GiB", rest["memory"] / GIB, MEMORY)
    yield _line("resident memory, after the accesses", "GiB", work["memory"] / GIB, MEMORY)
    yield _line("a cold tenant, allocated by Python", "KiB", trace["each"] / KIB, EACH)
    yield _line("a cold tenant, resident", "KiB", found["each"] / KIB, EACH)
    yield _line("all bundles, allocated by Python", "MiB", trace["bundles"] / KIB**2)
    yield _line("full garbage collection, nothing declared", "ms", found["empty"] * 1e3)
    yield _line("full garbage collection, all at rest", "ms", rest["pause"] * 1e3, PAUSE)
    yield _line("full garbage collection, after the accesses", "ms", work["pause"] * 1e3, PAUSE)
    yield _line("declare a tenant", "us", found["declare"] * 1e6)
    yield _line(
        "first read of a model of a cold tenant, median", "us", wake["first"] * 1e6, ACTIVATION
    )
    yield _line("the same, 99 of 100 are faster", "us", wake["worst"] * 1e6)
    build = wake["second"] - wake["again"]
    yield _line("build a declared model of a resident tenant", "us", build * 1e6, ACTIVATION)
    yield _line("read a built model", "us", wake["again"] * 1e6)
    yield _line("accesses that met a resident tenant", "%", work["hits"] * 100)
    yield _line("an access, cold ones included", "us", work["access"] * 1e6)
    yield _line("most tenants resident at a time", "", work["highest"])
    for figure, what, unit, scale in (
        ("find", "`find_model_by_name`", "ns", 1e9),
        ("define", "define, known structure", "us", 1e6),
    ):
        few, many = found["few"][figure], found["many"][figure]
        bar = Bar("1.2x among 100 tenants", many / few, 1.2)
        yield [what, unit, number(many * scale), *budget_cells([bar])]


def _line(what: str, unit: str, value: float, limit: float | None = None) -> list[str]:
    bars = [] if limit is None else [Bar(f"{limit:g} {unit}", value, limit)]
    return [what, unit, number(value), *budget_cells(bars)]
