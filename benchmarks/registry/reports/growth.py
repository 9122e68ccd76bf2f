"""What more tenants cost: nothing."""

from __future__ import annotations

import statistics

from benchmarks.registry.process import Runner
from benchmarks.registry.sizes import Sizes
from benchmarks.registry.tables import Bar, budget_cells, number, table, titled

MOST = 1.2
"""How much longer anything may take among the most tenants than among the fewest."""

LINES = (
    ("find", "`find_model_by_name`, one tenant", "ns", 1e9, True),
    ("any", "`registry.tenant(code).models[name]`, any tenant at random", "ns", 1e9, False),
    ("dict", "the same in a dict of dicts", "ns", 1e9, False),
    ("define", "define, known structure, for one more tenant", "us", 1e6, True),
    ("clean", "clean up one more tenant of 20 models", "us", 1e6, True),
    ("brief", "`get_stats(brief=True)`", "us", 1e6, True),
)


def section(run: Runner, sizes: Sizes) -> str:
    """Return the table of growth."""
    turns = [
        [
            run.run(
                "growth.measure",
                tenants=tenants,
                lookups=sizes.lookups,
                rounds=sizes.rounds,
                enough=sizes.enough,
            )
            for tenants in sizes.tenants
        ]
        for _ in range(sizes.passes)
    ]
    rows = []
    for figure, what, unit, scale, bound in LINES:
        values = [statistics.median(each) for each in _columns(turns, figure)]
        ratio = values[-1] / values[0]
        cells = [number(value * scale) for value in values]
        bars = [Bar(f"{MOST:g}x", ratio, MOST)] if bound else []
        rows.append([what, unit, *cells, number(ratio), *budget_cells(bars)[::2]])
    head = ["what", "unit", *(f"{count:,}" for count in sizes.tenants), "last/first", "budget", ""]
    return titled(
        "Growth with the number of resident tenants",
        table(head, rows, (0, 1)),
        "Reading at random walks through memory that no processor cache holds; a dict of dicts "
        "that was filled with the same models shows what that alone costs.",
    )


def _columns(turns: list[list[dict[str, float]]], figure: str) -> list[tuple[float, ...]]:
    """Return, for each number of tenants, what the turns found for *figure*."""
    return list(zip(*([each[figure] for each in turn] for turn in turns), strict=True))
