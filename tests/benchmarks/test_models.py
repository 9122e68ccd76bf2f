"""The tables of instances can be made, and every library makes the same instances."""

import json
import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from benchmarks import __main__ as program
from benchmarks.models import report
from benchmarks.models.measure import NAMES, SIZES, contestants
from benchmarks.models.records import CLIENT, NESTED_CLIENT, NESTED_ROW, ROW, fresh

EMBEDDING = [name for name in NAMES if name not in {"sqlalchemy", "django"}]
CASES = [(name, False) for name in NAMES] + [(name, True) for name in EMBEDDING]


def plain(value: Any) -> Any:
    """Return what an instance of any library holds as plain data."""
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    names = ROW if hasattr(value, "email") else NESTED_ROW if hasattr(value, "lines") else None
    if names is None:
        names = next((each for each in PARTS if hasattr(value, each[0])), ())
    return {name: plain(getattr(value, name)) for name in names} if names else value


PARTS = (tuple(NESTED_ROW["home"]), tuple(NESTED_ROW["lines"][0]))


def comparable(found: Any) -> Any:
    """Return data in which all forms of one value are equal."""
    if isinstance(found, dict):
        return {name: comparable(value) for name, value in found.items()}
    if isinstance(found, list):
        return [comparable(value) for value in found]
    return str(found) if isinstance(found, Decimal) else moment(found)


def moment(found: Any) -> Any:
    """Return a moment, or its text in whatever form, as one; anything else as it is."""
    if isinstance(found, str) and found.startswith("2020-"):
        found = datetime.fromisoformat(found)
    return found.replace(tzinfo=UTC) if isinstance(found, datetime) else found


@pytest.mark.parametrize(("name", "nested"), CASES)
def test_every_library_makes_the_same_instances(name: str, nested: bool) -> None:
    """A row, and what a client sent, become the values that the row has."""
    row, client = (NESTED_ROW, NESTED_CLIENT) if nested else (ROW, CLIENT)
    contestant = contestants(nested=nested)[name]
    loaded = contestant.load(fresh(row))
    assert plain(loaded) == row
    made = [each(fresh(row)) for each in (contestant.checked, contestant.keep) if each]
    made += [contestant.coerce(fresh(client))] if contestant.coerce else []
    assert [plain(each) for each in made] == [row] * len(made)
    assert "x" not in plain(made)
    if contestant.to_dict is not None:
        assert contestant.to_dict(loaded) == row
    if contestant.to_json is not None:
        assert comparable(json.loads(contestant.to_json(loaded))) == comparable(row)
    for work in contestant.loading or ():
        work(1)


@pytest.mark.usefixtures("frozen")
def test_the_tables_have_every_library_and_budget(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One run prints both tables, with a figure wherever a library can do what is measured."""
    monkeypatch.setattr(sys, "argv", ["benchmarks", "models", "--full", "--size", "tiny"])
    program.main()
    told = capsys.readouterr().out
    lines = [line for line in told.splitlines() if line.startswith("| ")]
    assert len(lines) == 2 + 10 + 2 + 5
    assert all(title in told for title in ("juggler", "pydantic", "msgspec", "attrs", "Django"))
    assert "≤ 1x pydantic; ≤ 1x SQLAlchemy ORM" in told
    assert "nan" not in told


def test_budgets_are_told_beside_the_figure() -> None:
    """A line says how ours stands to what it is held against, and whether that is within."""
    titles = {"juggler": "juggler", "pydantic": "pydantic"}
    figures = {"juggler": 3.5e-6, "pydantic": 2e-6}
    line = report.Line("to JSON text", "us", figures, {"pydantic": 1})
    cells = report._cells(line, ["juggler", "pydantic"], titles)
    assert cells == ["to JSON text", "us", "3.50", "2", "≤ 1x pydantic", "1.75", "NOT MET"]
    assert {"full", "short", "tiny"} == SIZES.keys()
