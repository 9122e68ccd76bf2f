"""Each kind of rule as a table: value and options, and the codes and texts that come of it."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from msgspec import UNSET

from juggler.types.geo import GeoPoint
from juggler.validation.report import Report
from juggler.validation.rules import declare
from juggler.validation.run import run_sync
from tests.validation.subjects import Values

NAN = float("nan")


class Level(str, Enum):  # noqa: UP042  its text is its name, its value is what it equals
    """Texts with names."""

    LOW = "low"


DAY = datetime(2020, 1, 2, tzinfo=UTC)

# kind, options, value -> codes.  UNSET is a value that was never given.
TABLE: list[tuple[str, dict[str, Any], Any, list[str]]] = [
    ("presence", {}, UNSET, ["presence"]),
    ("presence", {}, None, ["presence"]),
    ("presence", {}, "", ["presence"]),
    ("presence", {}, [], ["presence"]),
    ("presence", {}, NAN, ["presence"]),
    ("presence", {}, Decimal("sNaN"), ["presence"]),
    ("presence", {}, " ", []),
    ("presence", {}, 0, []),
    ("presence", {}, False, []),
    ("presence", {}, {}, []),
    ("absence", {}, "x", ["absence"]),
    ("absence", {}, 0, ["absence"]),
    ("absence", {}, " ", ["absence"]),
    ("absence", {}, UNSET, []),
    ("absence", {}, None, []),
    ("absence", {}, [], []),
    ("length", {"min": 2, "max": 4}, "a", ["length.min"]),
    ("length", {"min": 2, "max": 4}, "ab", []),
    ("length", {"min": 2, "max": 4}, "abcd", []),
    ("length", {"min": 2, "max": 4}, "abcde", ["length.max"]),
    ("length", {"min": 2, "max": 4}, [1], ["length.min"]),
    ("length", {"is": 3}, "ab", ["length.is"]),
    ("length", {"is": 3}, "abc", []),
    ("length", {"min": 5, "max": 2, "is": 4}, "abc", ["length.min", "length.max", "length.is"]),
    ("length", {"is": 0}, "a", ["length.is"]),
    ("length", {"max": 0}, "a", ["length.max"]),
    ("length", {"min": 0, "is": 0}, [], []),
    ("length", {"max": 9}, 12, ["length"]),
    ("length", {"max": 9}, {"a": 1}, ["length"]),
    ("length", {"max": 9}, UNSET, ["length.blank"]),
    ("length", {"max": 9}, "", ["length.blank"]),
    ("length", {"max": 9}, None, ["length.null"]),
    ("length", {"max": 9, "allow_blank": True}, "", []),
    ("length", {"max": 9, "allow_blank": True}, UNSET, []),
    ("length", {"max": 9, "allow_blank": True}, None, ["length.null"]),
    ("length", {"max": 9, "allow_null": True}, None, []),
    ("length", {"max": 9, "allow_null": True}, "", ["length.blank"]),
    ("numericality", {}, 1, []),
    ("numericality", {}, 1.5, []),
    ("numericality", {}, Decimal("1.5"), []),
    ("numericality", {}, "1", ["numericality.number"]),
    ("numericality", {}, True, ["numericality.number"]),
    ("numericality", {}, NAN, ["numericality.number"]),
    ("numericality", {}, [], ["numericality.number"]),
    ("numericality", {}, None, ["numericality.null"]),
    ("numericality", {}, UNSET, ["numericality.blank"]),
    ("numericality", {"int": True}, 1, []),
    ("numericality", {"int": True}, 1.0, []),
    ("numericality", {"int": True}, Decimal("1e6000"), []),
    ("numericality", {"int": True}, 1.5, ["numericality.int"]),
    ("numericality", {"int": True}, Decimal("1.5"), ["numericality.int"]),
    ("numericality", {"int": True}, float("inf"), ["numericality.int"]),
    ("numericality", {"int": True}, "x", ["numericality.number"]),
    ("inclusion", {"in": ["a", "b"]}, "a", []),
    ("inclusion", {"in": ["a", "b"]}, "c", ["inclusion"]),
    ("inclusion", {"in": ["a"]}, "", ["inclusion.blank"]),
    ("inclusion", {"in": ["a", None]}, None, ["inclusion.null"]),
    ("inclusion", {"in": [1, 2]}, True, ["inclusion"]),
    ("inclusion", {"in": [1, 2]}, 2.0, []),
    ("inclusion", {"in": range(3)}, 2, []),
    ("inclusion", {"in": [0.1]}, Decimal("0.10"), []),
    ("inclusion", {"in": ["2020-01-02", None]}, DAY, []),
    ("inclusion", {"in": [datetime(2020, 1, 2)]}, DAY, []),  # noqa: DTZ001  naive on purpose
    ("inclusion", {"in": ["2020-01-03"]}, DAY, ["inclusion"]),
    ("inclusion", {"in": [{"a": 1}]}, {"a": 1}, []),
    ("inclusion", {"in": [{"lat": 1, "lng": 2}]}, GeoPoint(1, 2), []),
    ("inclusion", {"in": []}, "a", ["inclusion"]),
    ("inclusion", {"in": [1.0, "1"]}, 1, []),
    ("inclusion", {"in": ["b", Level.LOW]}, "low", []),
    ("inclusion", {"in": [1]}, "1", ["inclusion"]),
    ("exclusion", {"in": ["admin"]}, "admin", ["exclusion"]),
    ("exclusion", {"in": ["admin"]}, "ada", []),
    ("exclusion", {"in": ["2020-01-02"]}, DAY, ["exclusion"]),
    ("exclusion", {"in": ["x"]}, None, ["exclusion.null"]),
    ("exclusion", {"in": ["x"]}, UNSET, ["exclusion.blank"]),
    ("format", {"with": "b+"}, "abbc", []),
    ("format", {"with": "^b"}, "abbc", ["format"]),
    ("format", {"with": re.compile("B", re.IGNORECASE)}, "abbc", []),
    ("format", {"with": "/^A/i"}, "abc", []),
    ("format", {"with": "/^b/m"}, "a\nb", []),
    ("format", {"with": "/b/g"}, "abc", []),
    ("format", {"with": "a/b"}, "xa/by", []),
    ("format", {"with": "^12"}, 123, []),
    ("format", {"with": "^12"}, 321, ["format"]),
    ("format", {"with": "^12$"}, 12.0, []),
    ("format", {"with": "^low$"}, Level.LOW, []),
    ("format", {"with": "."}, 10**5000, ["format"]),
    ("format", {"with": "."}, NAN, ["format"]),
    ("format", {"with": "."}, True, ["format"]),
    ("format", {"with": "."}, ["x"], ["format"]),
    ("format", {"with": "."}, "", ["format.blank"]),
    ("date", {}, UNSET, []),
    ("date", {}, None, []),
    ("date", {}, DAY, []),
    ("date", {}, "2020-01-02", []),
    ("date", {}, "soon", ["date"]),
    ("date", {}, "", ["date"]),
    ("date", {}, True, ["date"]),
]


def check(kind: str, options: dict[str, Any], value: Any) -> Report:
    """Return what one rule finds on one value."""
    subject = Values({} if value is UNSET else {"x": value})
    return run_sync(declare(kind, "x", options), subject)


@pytest.mark.parametrize(
    ("kind", "options", "value", "codes"),
    [pytest.param(*row, id=f"{row[0]} {row[1] or ''} {at}") for at, row in enumerate(TABLE)],
)
def test_table(kind: str, options: dict[str, Any], value: Any, codes: list[str]) -> None:
    """Every row of the table holds."""
    # MOD-102, MOD-103, MOD-106
    report = check(kind, options, value)
    assert report.codes.get("x", []) == codes
    assert bool(report) is bool(codes)


TEXTS: list[tuple[str, dict[str, Any], Any, list[str]]] = [
    ("presence", {}, None, ["can't be blank"]),
    ("absence", {}, 1, ["can't be set"]),
    ("length", {"min": 5, "max": 2, "is": 4}, "abc", ["too short", "too long", "length is wrong"]),
    ("length", {"min": 5}, 7, ["is invalid"]),
    ("numericality", {}, "x", ["is not a number"]),
    ("numericality", {"int": True}, 1.5, ["is not an integer"]),
    ("inclusion", {"in": []}, "x", ["is not included in the list"]),
    ("exclusion", {"in": ["x"]}, "x", ["is reserved"]),
    ("format", {"with": "a"}, "x", ["is invalid"]),
    ("date", {}, "x", ["is not a valid date"]),
    ("format", {"with": "a"}, "", ["is blank"]),
    ("format", {"with": "a"}, None, ["is null"]),
    ("presence", {"message": "wanted"}, None, ["wanted"]),
    ("length", {"min": 2, "is": 2, "message": "odd"}, "x", ["odd", "odd"]),
    ("length", {"min": 2, "message": "odd"}, "", ["odd"]),
    ("length", {"min": 2, "is": 2, "message": {"min": "short"}}, "x", ["short", "length is wrong"]),
    ("length", {"min": 2, "message": {"blank": "give it"}}, "", ["give it"]),
    ("presence", {"message": {"presence": "give it"}}, "", ["give it"]),
]


@pytest.mark.parametrize(("kind", "options", "value", "texts"), TEXTS)
def test_texts(kind: str, options: dict[str, Any], value: Any, texts: list[str]) -> None:
    """Defaults, one text for every kind of failure, or a text for each."""
    # MOD-102, MOD-104
    report = check(kind, options, value)
    assert report["x"] == texts
    assert len(report.codes["x"]) == len(texts)


def test_own_codes() -> None:
    """A code takes the place of the rule's name, and the kind is still appended."""
    # MOD-104
    report = check("length", {"min": 2, "code": "size", "message": "odd"}, "x")
    assert report.codes == {"x": ["size.min"]}
    assert check("presence", {"code": "gone"}, None).codes == {"x": ["gone"]}


def test_one_text_for_two_failures_is_said_for_each_code() -> None:
    """A text that serves two kinds stands beside each code."""
    # MOD-104
    report = check("length", {"min": 2, "is": 2, "message": "odd"}, "x")
    assert (report["x"], report.codes["x"]) == (["odd", "odd"], ["length.min", "length.is"])


def test_patterns_keep_no_state() -> None:
    """The same rule finds the same on every record of a bulk."""
    # MOD-106
    rules = declare("format", "x", with_="/a/g")
    assert [bool(run_sync(rules, Values({"x": "a"}))) for _ in range(4)] == [False] * 4
