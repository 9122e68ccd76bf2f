"""The tables of instances: ours beside those of other libraries, with the budgets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.models.measure import NAMES, OURS, Figures, Measured, Size
from benchmarks.registry.tables import MISSING, Bar, budget_cells, number, table, titled


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table.

    Attributes:
        what: What is measured.
        unit: ``ns``, ``us`` or ``B``.
        figures: Seconds or bytes by contestant.
        bars: Contestant -> how many times its figure ours may be.
    """

    what: str
    unit: str
    figures: Figures
    bars: dict[str, float]


SCALES = {"ns": 1e9, "us": 1e6, "B": 1}


def sections(size: Size) -> Iterator[tuple[str, str]]:
    """Yield what was measured and where it stands in the README."""
    flat = titled("A record of ten properties", _table(Measured(size, nested=False), _flat))
    nested = titled("A record with embedded ones", _table(Measured(size, nested=True), _nested))
    yield "instances", f"{flat}\n\n{nested}"


def _flat(measured: Measured) -> Iterator[Line]:
    loaded, weights = measured.load(), {"slots": 1.5}
    yield Line("from a trusted row", "us", loaded, {"pydantic": 1, "sqlalchemy": 1})
    yield Line("from client data, coerced", "us", measured.coerce(), {"pydantic": 2})
    yield Line("attribute read", "ns", measured.read(), {"slots": 1.3})
    yield Line("the same, many models alive", "ns", measured.read_in_crowd(), {"slots": 1.3})
    yield Line("attribute write", "ns", measured.write(), {})
    yield Line("to a dict", "us", measured.to_dict(), {})
    yield Line("to JSON text", "us", measured.to_json(), {"pydantic": 1})
    yield Line("bytes, from a trusted row", "B", measured.weight(client=False), weights)
    yield Line("the same, its list read", "B", measured.weight_after_reading(), weights)
    yield Line("bytes, from client data", "B", measured.weight(client=True), weights)


def _nested(measured: Measured) -> Iterator[Line]:
    yield Line("from a trusted row", "us", measured.load(), {"pydantic": 1})
    yield Line("from client data, coerced", "us", measured.coerce(), {"pydantic": 2})
    yield Line("to a dict", "us", measured.to_dict(), {})
    yield Line("to JSON text", "us", measured.to_json(), {"pydantic": 1})
    yield Line("bytes, from a trusted row", "B", measured.weight(client=False), {})


def _table(measured: Measured, lines: Callable[[Measured], Iterator[Line]]) -> str:
    """Return the lines as a table with a column for each contestant."""
    titles = {name: each.title for name, each in measured.all.items()}
    names = [name for name in NAMES if name in titles]
    head = ["what", "unit", *(titles[name] for name in names), "budget", "juggler's", ""]
    rows = (_cells(line, names, titles) for line in lines(measured))
    return table(head, rows, texts=(0, 1, len(names) + 2, len(names) + 4))


def _cells(line: Line, names: list[str], titles: dict[str, str]) -> list[str]:
    scale, ours = SCALES[line.unit], line.figures[OURS]
    cells = [
        number(line.figures[name] * scale) if name in line.figures else MISSING for name in names
    ]
    bars = [
        Bar(f"{most:g}x {titles[name]}", ours / line.figures[name], most)
        for name, most in line.bars.items()
    ]
    return [line.what, line.unit, *cells, *budget_cells(bars)]
