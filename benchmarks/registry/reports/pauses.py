"""How long a full garbage collection stops the process."""

from __future__ import annotations

from benchmarks.registry.candidates.base import NAMES
from benchmarks.registry.process import Runner
from benchmarks.registry.sizes import Sizes
from benchmarks.registry.tables import number, table, titled

ROUNDS = 3


def section(run: Runner, sizes: Sizes) -> str:
    """Return the table of pauses."""
    columns = {
        name: run.run(
            "memory.pause",
            name=name,
            alive=list(sizes.alive),
            widest=sizes.widest[name],
            rounds=ROUNDS,
        )
        for name in NAMES
    }
    rows = [
        [f"{count:,} models alive", *(_cell(columns[name][at], count) for name in NAMES)]
        for at, count in enumerate(sizes.alive)
    ]
    return titled(
        "Pause of a full garbage collection, ms",
        table(["", *NAMES.values()], rows),
        "A figure with ~ is scaled up from the number of models behind it, by what they add to "
        "the pause of the empty process.",
    )


def _cell(found: list[float], count: int) -> str:
    """Return a pause in milliseconds, with what it was scaled from."""
    seconds, real = found
    if real == count:
        return number(seconds * 1e3)
    return f"~{number(seconds * 1e3)} ({real:,.0f})"
