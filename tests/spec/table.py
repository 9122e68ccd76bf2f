"""Print which tests prove which requirement, and which requirements have none: ``make spec``.

Ends with 1 where a requirement of a part that must be complete has neither a test nor a departure
(`docs/departures.md`), or where a number is cited that there is not.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.spec.citations import Citation, read_citations
from tests.spec.numbers import ONE, Spec, expanded, read_specs

ROOT = Path(__file__).resolve().parents[2]
DEPARTURES = ROOT / "docs" / "departures.md"
_SHOWN = 4
_DEPARTURE = re.compile(
    rf"^- \*\*(?P<number>{ONE}(?: to {ONE})?)\*\*:?(?P<reason>.*)$", re.MULTILINE
)
_PLAIN_WIDTH = 160


@dataclass(frozen=True)
class Coverage:
    """What is proved by what.

    Attributes:
        specs: All parts.
        tests: Number -> the tests that cite it.
        departures: Number -> why it is not met as it stands.
        errors: What is wrong with citations and departures.
    """

    specs: Sequence[Spec]
    tests: Mapping[str, Sequence[str]]
    departures: Mapping[str, str]
    errors: Sequence[str] = field(default=())

    def open(self, spec: Spec) -> list[str]:
        """Return the numbers of *spec* that have neither a test nor a departure."""
        return [each for each in spec.titles if not self.tests.get(each) and not self.told(each)]

    def told(self, number: str) -> bool:
        """Tell whether there is a departure with a reason for *number*."""
        return bool(self.departures.get(number))

    def missing(self) -> list[str]:
        """Return what is open in the parts that must be complete."""
        return [number for spec in self.specs if spec.complete for number in self.open(spec)]


def read_departures(text: str) -> dict[str, str]:
    """Return number -> reason of a page of departures: items such as ``- **REG-61**: why``.

    >>> read_departures("- **REG-61**: because")
    {'REG-61': 'because'}
    """
    return {
        number: found["reason"].strip()
        for found in _DEPARTURE.finditer(text)
        for number in expanded(found["number"])
    }


def cover(
    specs: Sequence[Spec], citations: Sequence[Citation], departures: Mapping[str, str]
) -> Coverage:
    """Return which requirements of *specs* are covered; unknown numbers are errors."""
    known = {number for spec in specs for number in spec.titles}
    tests: dict[str, list[str]] = {number: [] for number in known}
    errors = []
    for each in citations:
        if each.number not in known:
            errors.append(f"{each.test.split('::')[0]}:{each.line}: there is no {each.number}")
        elif each.test not in tests[each.number]:
            tests[each.number].append(each.test)
    errors += [f"departures: there is no {number}" for number in departures if number not in known]
    errors += [
        f"departures: {number} has no reason" for number, why in departures.items() if not why
    ]
    return Coverage(specs, tests, departures, errors)


def read_coverage(root: Path = ROOT) -> Coverage:
    """Return the coverage of the repository."""
    departures = DEPARTURES.read_text(encoding="utf-8") if DEPARTURES.exists() else ""
    citations = read_citations(root / "tests", root)
    return cover(read_specs(), citations, read_departures(departures))


def proofs(coverage: Coverage, number: str, shown: int = _SHOWN) -> str:
    """Return the tests of a requirement in a few words."""
    tests = [test.removeprefix("tests/") for test in coverage.tests.get(number, ())]
    lines = tests if len(tests) <= shown else [*tests[:shown], f"and {len(tests) - shown} more"]
    if coverage.told(number):
        lines.append(f"departure: {coverage.departures[number]}")
    return "\n".join(lines) or "-"


def table_of(coverage: Coverage, spec: Spec) -> Table:
    """Return the table of one part: a row for each requirement that is covered or must be."""
    made = Table(title=spec.name, title_justify="left", show_lines=False)
    made.add_column("requirement", no_wrap=True)
    made.add_column("about", max_width=44)
    made.add_column("tests", overflow="fold")
    for number, title in spec.titles.items():
        if spec.complete or coverage.tests[number] or coverage.told(number):
            made.add_row(number, title, proofs(coverage, number))
    return made


def totals(coverage: Coverage) -> Table:
    """Return the sums: a row for each part."""
    made = Table(title="all parts", title_justify="left")
    for name in ("part", "requirements", "with tests", "departures", "without"):
        made.add_column(name, justify="left" if name == "part" else "right")
    for spec in coverage.specs:
        proved = sum(bool(coverage.tests[number]) for number in spec.titles)
        told = sum(coverage.told(number) for number in spec.titles)
        row = (len(spec.titles), proved, told, len(coverage.open(spec)))
        made.add_row(spec.name, *map(str, row))
    return made


def shortened(numbers: Sequence[str]) -> str:
    """Return *numbers* as one line of ranges.

    >>> shortened(["REG-01", "REG-02", "REG-03", "REG-07"])
    'REG-01 to REG-03, REG-07'
    """
    runs: list[list[str]] = []
    for number in numbers:
        if runs and _follows(runs[-1][-1], number):
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def _follows(former: str, number: str) -> bool:
    """Tell whether *number* is the one right after *former*."""
    try:
        return expanded(f"{former} to {number}") == [former, number]
    except ValueError:
        return False


def report(coverage: Coverage, console: Console) -> int:
    """Print everything and return the exit code."""
    for spec in coverage.specs:
        if spec.complete or any(coverage.tests[number] for number in spec.titles):
            console.print(table_of(coverage, spec))
    console.print(totals(coverage))
    for spec in coverage.specs:
        if coverage.open(spec):
            left = f"{spec.name} without a test: {shortened(coverage.open(spec))}"
            console.print(left, soft_wrap=not console.is_terminal)
    for error in coverage.errors:
        console.print(f"error: {error}", markup=False, soft_wrap=True)
    return 1 if coverage.missing() or coverage.errors else 0


def main() -> int:
    """Print the table of this repository."""
    width = None if sys.stdout.isatty() else _PLAIN_WIDTH
    return report(read_coverage(), Console(width=width))


if __name__ == "__main__":
    sys.exit(main())
