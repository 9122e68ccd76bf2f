"""Measure everything and print it; ``--write`` puts it into benchmarks/README.md too."""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks import sqlite
from benchmarks.models import defining, measure
from benchmarks.models import report as instances
from benchmarks.persistence import memory
from benchmarks.registry import basics, report
from benchmarks.registry.sizes import SIZES
from benchmarks.timing import Row

PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "models": defining.rows,
    "registry": basics.rows,
    "sqlite": sqlite.rows,
    "persistence": memory.rows,
}


def main() -> None:
    """Run the parts asked for and print what they measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"which of {', '.join(PARTS)}; all unless given")
    parser.add_argument(
        "--full", action="store_true", help="the whole report on the registry, or on the models"
    )
    parser.add_argument(
        "--size", choices=SIZES, default="full", help="of the report: how much it measures"
    )
    parser.add_argument(
        "--only", choices=report.SECTIONS, action="append", help="sections of the report"
    )
    parser.add_argument("--cycles", type=int, help="of the report: cycles of the endurance run")
    parser.add_argument("--write", action="store_true", help="write benchmarks/README.md")
    given = parser.parse_args()
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"unknown part: {', '.join(sorted(unknown))}")
    if given.full and given.parts not in (["registry"], ["models"]):
        parser.error("--full goes with one part, registry or models")
    for mark, text in _texts(given):
        print(text, flush=True)
        if given.write:
            write(mark, text)


def _texts(given: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """Yield what was measured and where it stands in the README."""
    if given.full and given.parts == ["models"]:
        yield "place of models", place()
        yield from instances.sections(measure.SIZES[given.size])
        return
    if given.full:
        yield "place", place()
        sizes = SIZES[given.size]
        if given.cycles:
            early = min(sizes.early, given.cycles // 2)
            sizes = replace(sizes, cycles=given.cycles, early=early)
        yield from report.sections(sizes, given.only or report.SECTIONS)
        return
    for part in given.parts or PARTS:
        print(f"measuring {part} ...", file=sys.stderr)
        yield part, table(PARTS[part]())


def place() -> str:
    """Return what everything was measured on."""
    return f"Python {platform.python_version()}, {platform.system()}, medians; lower is better."


def table(found: Iterator[Row]) -> str:
    """Return the rows as a Markdown table with what they were measured on."""
    lines = [
        place(),
        "",
        "| what | juggler | reference | against | ratio | budget | |",
        "|---|---:|---:|---|---:|---:|---|",
    ]
    for row in found:
        bar = "" if row.bar is None else f"{row.bar:g}"
        lines.append(
            f"| {row.what} | {row.subject:,.2f} {row.unit} | {row.reference:,.2f} {row.unit} "
            f"| {row.against} | {row.ratio:.3f} | {bar} | {row.verdict} |"
        )
    return "\n".join(lines)


def write(mark: str, text: str) -> None:
    """Put *text* between the marks *mark* of the README beside this file."""
    path = Path(__file__).with_name("README.md")
    begin, end = f"<!-- {mark} -->", f"<!-- end of {mark} -->"
    before, found, rest = path.read_text().partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{path} has no place for {mark}.")
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}")


if __name__ == "__main__":
    main()
