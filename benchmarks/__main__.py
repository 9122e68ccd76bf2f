"""Measure everything and print one table; ``--write`` puts it into benchmarks/README.md too."""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import models, registry, sqlite
from benchmarks.timing import Row

PARTS: dict[str, Callable[[], Iterator[Row]]] = {
    "models": models.rows,
    "registry": registry.rows,
    "sqlite": sqlite.rows,
}
BEGIN, END = "<!-- table -->", "<!-- end of table -->"


def main() -> None:
    """Run the parts asked for and print what they measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"which of {', '.join(PARTS)}; all unless given")
    parser.add_argument("--write", action="store_true", help="write benchmarks/README.md")
    given = parser.parse_args()
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"unknown part: {', '.join(sorted(unknown))}")
    found: list[Row] = []
    for part in given.parts or PARTS:
        print(f"measuring {part} ...", file=sys.stderr)
        found += PARTS[part]()
    text = table(found)
    print(text)
    if given.write:
        write(text)


def table(found: list[Row]) -> str:
    """Return the rows as a Markdown table with what they were measured on."""
    lines = [
        f"Python {platform.python_version()}, {platform.system()}, medians; lower is better.",
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


def write(text: str) -> None:
    """Put *text* between the marks of the README beside this file."""
    path = Path(__file__).with_name("README.md")
    before, _, rest = path.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    path.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")


if __name__ == "__main__":
    main()
