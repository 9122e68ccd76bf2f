"""The last cycle beside an early one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.registry.process import Runner
from benchmarks.registry.sizes import Sizes
from benchmarks.registry.tables import MISSING, Bar, budget_cells, number, table, titled

MIB = 1024 * 1024
KINDS = {
    "known": "define 20 models of known structures, use each, clean up",
    "cold": "declare 20 models, touch, put to rest, touch, put to rest, clean up",
    "new": "define a model of a structure never seen before, use it, clean up",
}


def section(run: Runner, sizes: Sizes) -> str:
    """Return a table for each kind of cycle; the two long ones run at the same time."""
    plan = {"cycles": sizes.cycles, "early": sizes.early}
    started = {kind: run.start("endurance.run", kind=kind, **plan) for kind in ("known", "cold")}
    found = {kind: run.result(each) for kind, each in started.items()}
    plan = {"cycles": sizes.new_shapes, "early": sizes.new_shapes // 2}
    found["new"] = run.run("endurance.run", kind="new", **plan)
    return titled("Endurance", *(_part(kind, found[kind]) for kind in KINDS))


def _part(kind: str, found: dict[str, Any]) -> str:
    """Return the table of one kind of cycle."""
    head = [
        f"{KINDS[kind]}",
        f"after {found['early']:,}",
        f"after {found['cycles']:,}",
        "budget",
        "found",
        "",
    ]
    seconds = found["seconds"]
    pace = f"{seconds:,.0f} s, {seconds / found['cycles'] * 1e6:.0f} us a cycle."
    return "\n\n".join([table(head, lines(kind, found), (0, 3)), pace])


def lines(kind: str, found: dict[str, Any]) -> Iterator[list[str]]:
    """Yield what, early, late, budget, figure and verdict."""
    first, late = found["first"], found["late"]
    early, after = first["memory"] / MIB, late["memory"] / MIB
    yield _line("resident memory, MiB", early, after, Bar("8 MiB more", after - early, 8))
    early, after = first["blocks"], late["blocks"]
    yield _line("allocated blocks", early, after, Bar("10,000 more", after - early, 10_000))
    kinds = ", ".join(f"{kind} +{count:,}" for kind, count in sorted(found["grown"].items()))
    growing = Bar("0 types that grow", len(found["grown"]), 0)
    what = "objects the collector knows" + (f" ({kinds})" if kinds else "")
    yield _line(what, first["objects"], late["objects"], growing)
    for figure, early in first["figures"].items():
        after = late["figures"][figure]
        yield _line(figure, early, after, Bar("0 more", after - early, 0))
    early, after = found["reads"]
    reads = Bar("1.05x", after / early, 1.05)
    yield _line("attribute read, in reads of a plain slot", early, after, reads)
    yield _tags(kind, found)


def _tags(kind: str, found: dict[str, Any]) -> list[str]:
    """Return the line about type version tags; a new structure takes some for its class."""
    what, spent = "type version tags spent a cycle", found["tags"]
    if spent is None:
        return [what, MISSING, MISSING, "", "not observable here", ""]
    each = spent / (found["cycles"] - found["early"])
    bars = [] if kind == "new" else [Bar("0", each, 0)]
    return [what, "", number(each), *budget_cells(bars)]


def _line(what: str, early: float, late: float, bar: Bar) -> list[str]:
    return [what, number(early), number(late), *budget_cells([bar])]
