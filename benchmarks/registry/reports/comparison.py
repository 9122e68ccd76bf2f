"""Defining, looking up, cleaning up and memory: every candidate side by side."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.registry.candidates.base import NAMES
from benchmarks.registry.process import Runner
from benchmarks.registry.sizes import Sizes
from benchmarks.registry.tables import MISSING, Bar, budget_cells, number, table, titled

OURS, PARSED, ALONE, BARE, PYDANTIC = "juggler", "parsed", "alone", "bare", "pydantic"
TENANTS_LEFT = {"juggler": 100, "bare": 100}
"""Tenants that the memory left is measured over; five for the others."""

Figures = dict[str, dict[str, float]]
"""Figure -> candidate -> value."""


def section(run: Runner, sizes: Sizes) -> str:
    """Return the table and what one must know to read it."""
    figures = measure(run, sizes)
    head = ["what", "unit", *NAMES.values(), "budget", "juggler's", ""]
    rows = [
        [what, unit, *_cells(values, scale), *budget_cells(bars)]
        for what, unit, scale, values, bars in lines(figures)
    ]
    others = ", ".join(f"{NAMES[name]} {figures['others'][name]:,.0f}" for name in NAMES)
    return titled(
        "Models at run time, side by side",
        table(head, rows, (0, 1, len(head) - 3)),
        f"The tenant that is cleaned up has {sizes.crowd} models; beside it are alive: {others}. "
        "A full collection, which all but juggler need to let classes go, takes longer the more "
        "there is alive. Django has no call to let models go: they were taken out of the tables "
        "behind its registry. `type()` and pydantic have no look-up: theirs is a dict's.",
    )


def measure(run: Runner, sizes: Sizes) -> Figures:
    """Return all figures, each measured in processes of its own, candidates taking turns."""
    turns: list[Figures] = [_turn(run, sizes) for _ in range(sizes.passes)]
    found: Figures = {
        figure: {name: statistics.median(turn[figure][name] for turn in turns) for name in values}
        for figure, values in turns[0].items()
    } | _leave(run, sizes)
    for name in (*NAMES, ALONE):
        count = sizes.kept[OURS if name == ALONE else name]
        for known, trace in itertools.product((False, True), repeat=2):
            figure = f"{'known' if known else 'new'} {'traced' if trace else 'resident'}"
            given = {"name": name, "count": count, "known": known, "trace": trace}
            if name != ALONE or known:
                found.setdefault(figure, {})[name] = run.run("memory.per_model", **given)
        if name != ALONE:
            tenants = max(1, min(count // 10, TENANTS_LEFT.get(name, 5)))
            rest = run.run("memory.left", name=name, tenants=tenants, crowd=sizes.crowd)
            found.setdefault("left", {})[name] = rest["left"] / rest["taken"]
    return found


def _turn(run: Runner, sizes: Sizes) -> Figures:
    """Return the timings of one turn of all candidates."""
    found: Figures = {}
    for name in (*NAMES, PARSED):
        timing: dict[str, Any] = {"name": name, "rounds": sizes.rounds}
        values = run.run("costs.define", enough=sizes.enough, **timing)
        timing["crowd"] = sizes.crowd
        values["find"] = run.run("costs.look_up", enough=sizes.enough, **timing)
        for figure, value in values.items():
            found.setdefault(figure, {})[name] = value
    return found


def _leave(run: Runner, sizes: Sizes) -> Figures:
    """Return the figures of cleaning up."""
    found: Figures = {}
    for name in NAMES:
        more = 10 if name == OURS else 1  # it takes microseconds, so it needs more rounds
        values = run.run(
            "costs.clean_up",
            name=name,
            crowd=sizes.crowd,
            others=sizes.others[name],
            rounds=sizes.rounds * more,
        )
        for figure, value in values.items():
            found.setdefault(figure, {})[name] = value
    return found


Line = tuple[str, str, float, dict[str, float], Sequence[Bar]]


def lines(figures: Figures) -> Iterator[Line]:
    """Yield what, unit, scale, values and budgets of each line."""
    yield from _defining(figures)
    yield from _leaving(figures)
    yield from _taking(figures)


def _defining(figures: Figures) -> Iterator[Line]:
    new, known, find = figures["new"], figures["again"], figures["find"]
    parsed = {OURS: known[PARSED]}
    yield "define, new structure", "us", 1e6, new, [_against(new, PYDANTIC, 0.5)]
    yield "define, new structure, and its first instance", "us", 1e6, figures["used"], []
    yield "define, known structure, from a raw dict", "us", 1e6, known, [_against(known, BARE, 1.0)]
    from_parsed = [
        Bar(f"0.25x {NAMES[BARE]}", known[PARSED] / known[BARE], 0.25),
        Bar("5 us", known[PARSED] * 1e6, 5.0),
    ]
    yield "define, known structure, from a parsed definition", "us", 1e6, parsed, from_parsed
    yield "look-up by name for the current tenant; else the table there is", "ns", 1e9, find, []


def _leaving(figures: Figures) -> Iterator[Line]:
    alone, beside = figures["alone"], figures["beside"]
    limit = Bar("5 ms", alone[OURS] * 1e3, 5.0)
    yield "clean up a tenant, no others alive", "ms", 1e3, alone, [limit]
    bars = [
        Bar("1.2x alone", beside[OURS] / alone[OURS], 1.2),
        Bar("5 ms", beside[OURS] * 1e3, 5.0),
    ]
    yield "clean up a tenant, many others alive", "ms", 1e3, beside, bars
    alive = figures["alive"]
    yield "its models that are alive after it", "", 1, alive, [Bar("0", alive[OURS], 0)]
    left = figures["left"]
    bar = Bar("1 %", left[OURS] * 100, 1.0)
    yield "memory left by it, of what the models took", "%", 100, left, [bar]


def _taking(figures: Figures) -> Iterator[Line]:
    ways = (("traced", "allocated by Python"), ("resident", "resident"))
    for figure, way in ways:
        new = figures[f"new {figure}"]
        bars = [_against(new, PYDANTIC, 0.3)]
        yield f"bytes a model, new structure, {way}", "B", 1, new, bars
    for figure, way in ways:
        known = figures[f"known {figure}"]
        bars = [_against(known, BARE, 0.1), Bar("300 B", known[OURS], 300)]
        yield f"bytes a model, known structure, {way}", "B", 1, known, bars
        alone = {OURS: known[ALONE], BARE: known[BARE]}
        bars = [_against(alone, BARE, 0.1), Bar("300 B", alone[OURS], 300)]
        yield (
            f"the same, each the only model of its tenant, {way}",
            "B",
            1,
            {OURS: alone[OURS]},
            bars,
        )


def _against(values: dict[str, float], reference: str, limit: float) -> Bar:
    """Return the budget of ours as a share of what the reference takes."""
    theirs = values[reference]
    found = values[OURS] / theirs if theirs else float("inf")
    return Bar(f"{limit:g}x {NAMES[reference]}", found, limit)


def _cells(values: dict[str, float], scale: float) -> list[str]:
    """Return a cell for each candidate."""
    return [number(values[name] * scale) if name in values else MISSING for name in NAMES]
