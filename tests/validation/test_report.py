"""Reports, the error that is made of them, and values inside its message."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from juggler.errors import ValidationError
from juggler.types.geo import GeoPoint
from juggler.validation.report import Report, validation_error
from juggler.validation.rules import declare
from juggler.validation.run import run_sync
from juggler.validation.subject import Word
from juggler.validation.wording import shorten, value_text
from tests.validation.subjects import Person, Values


class Counted(str):
    """Text that counts how often it is compared."""

    __slots__ = ()
    comparisons = 0

    def __eq__(self, other: object) -> bool:
        Counted.comparisons += 1
        return str(self) == str(other)

    __hash__ = str.__hash__


def report_of(*entries: tuple[str, str, str]) -> Report:
    """Return a report with *entries*."""
    report = Report()
    for entry in entries:
        report.add(*entry)
    return report


def test_a_report_is_a_mapping() -> None:
    """A report maps fields to texts, and codes to them in the same order."""
    # MOD-110
    report = report_of(("a", "is odd", "odd"), ("b", "is bad", "bad"), ("a", "is even", "even"))
    assert report["a"] == ["is odd", "is even"]
    assert report.codes == {"a": ["odd", "even"], "b": ["bad"]}
    assert (list(report), len(report), "b" in report, report.get("c")) == (
        ["a", "b"],
        2,
        True,
        None,
    )
    assert dict(report) == report.messages
    assert repr(report) == "<Report {'a': ['is odd', 'is even'], 'b': ['is bad']}>"


def test_many_failures_are_not_compared() -> None:
    """What a failure costs does not grow with those that were found before."""
    # MOD-110
    report = report_of(*((Counted(f"field{at}"), "is odd", "odd") for at in range(100)))
    assert len(dict(report)) == 100
    assert Counted.comparisons <= 400


def test_a_report_is_false_when_valid() -> None:
    """Nothing found is false, a failure without a text is true, and `clear` forgets both."""
    # MOD-110
    report = Report()
    assert not report
    assert repr(report) == "<Report valid>"
    report.fail()
    assert report
    report.clear()
    assert not report
    report.add("x", "is odd")
    assert report.codes == {"x": ["invalid"]}
    report.clear()
    assert (bool(report), len(report)) == (False, 0)


def test_fields_may_be_named_like_methods() -> None:
    """Fields stand apart from the methods of the report."""
    # MOD-117 (Do better)
    names = ["add", "codes", "messages", "get", "clear", "__class__", ""]
    report = report_of(*((name, "is odd", "odd") for name in names))
    assert list(report) == names
    assert report["codes"] == ["is odd"]
    assert report.codes["add"] == ["odd"]


def test_the_same_failure_counts_once() -> None:
    """A failure that is found twice is told once."""
    # MOD-102 (Do better): a date property with validates_date_of
    report = report_of(("x", "is odd", "odd"), ("x", "is odd", "odd"), ("x", "is odd", "other"))
    assert report["x"] == ["is odd", "is odd"]


# the error -----------------------------------------------------------------------------------


def error_of(values: dict[str, Any], report: Report, **options: Any) -> ValidationError:
    """Return the error of *report* over *values*."""
    return validation_error(report, Values(values, **options))


def test_the_error() -> None:
    """The error carries model, instance, codes and messages, and tells every failure."""
    # MOD-112
    subject = Values({"age": "x"}, model="Customer")
    rules = (*declare("presence", "name"), *declare("numericality", "age"))
    error = validation_error(run_sync(rules, subject), subject)
    assert str(error) == (
        "The `Customer` instance is not valid. Details: "
        '`name` can\'t be blank (value: undefined); `age` is not a number (value: "x").'
    )
    assert (error.name, error.status_code, error.code) == (
        "ValidationError",
        422,
        "VALIDATION_ERROR",
    )
    assert error.details == {
        "context": "Customer",
        "codes": {"name": ["presence"], "age": ["numericality.number"]},
        "messages": {"name": ["can't be blank"], "age": ["is not a number"]},
    }
    assert error.instance is subject.instance
    assert error.model == "Customer"


def test_the_error_without_name_or_failures() -> None:
    """Without a name it speaks of a model, without failures of unknown ones."""
    # MOD-112
    error = error_of({}, Report(), model="")
    assert str(error) == "The model instance is not valid. Details: (unknown)."
    assert error.model is None


def test_hidden_values_are_never_shown() -> None:
    """A value that must not be shown reads as missing, at any depth."""
    # MOD-113, MOD-112
    report = report_of(("password", "is weak", "x"), ("at.secret", "is odd", "x"))
    values = {"password": "s3cret", "at": {"secret": "s3cret"}}
    error = error_of(values, report, hidden=["password", "at"])
    assert "s3cret" not in str(error)
    assert str(error).count("(value: undefined)") == 2
    assert "s3cret" in str(error_of(values, report))


# values --------------------------------------------------------------------------------------

VALUES: list[tuple[Any, str]] = [
    ("x", '"x"'),
    ("", '""'),
    (UNSET, "undefined"),
    (None, "null"),
    (True, "true"),
    (3, "3"),
    (1.5, "1.5"),
    (Decimal("1.50"), '"1.50"'),
    (datetime(2020, 1, 2, tzinfo=UTC), "2020-01-02T00:00:00.000Z"),
    (Word("Invalid Date"), "Invalid Date"),
    ({}, "{}"),
    ([], "[]"),
    ({"foo": "bar"}, "{ foo: 'bar' }"),
    ({"a-b": None, "c": True}, "{ 'a-b': null, c: true }"),
    ({"a": {"b": 1}, "c": [1]}, "{ a: [Object], c: [Array] }"),
    ({"a": {}, "c": []}, "{ a: {}, c: [] }"),
    ([1, "x"], "[ 1, 'x' ]"),
    ([[1], {"a": 1}], "[ [Array], [Object] ]"),
    ([{"a": 1, "b": 2}], "[ { a: 1, b: 2 } ]"),
    ([{"a": {"b": 1}}], "[ { a: [Object] } ]"),
    (GeoPoint(1, 2), "{ lat: 1, lng: 2 }"),
    (10**5000, "<int>"),
]


@pytest.mark.parametrize(("value", "text"), VALUES, ids=[text[:30] for _, text in VALUES])
def test_value_texts(value: Any, text: str) -> None:
    """Values are written as the original writes them."""
    # MOD-113
    assert value_text(value) == text


@pytest.mark.parametrize(
    ("limit", "value", "text"),
    [
        (9, "1234567890abc", '"12...abc"'),
        (12, {"foo": "bar"}, "{ foo:... }"),
        (12, [{"a": 1, "b": 2}], "[ { a...} ]"),
        (32, "x" * 32, f'"{"x" * 32}"'),
        (32, "x" * 33, f'"{"x" * 25}...xxx"'),
        (1, "abcdef", '"...def"'),
        (12, list(range(10**5)), "[ 0, 1... ]"),
        (12, {"a": "y" * 10**6, "b": 1}, "{ a: '... }"),
    ],
)
def test_long_values_are_cut(
    limit: int, value: Any, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Long texts keep their head and tail, and closing brackets stay."""
    # MOD-113
    monkeypatch.setattr(ValidationError, "max_property_string_length", limit)
    assert value_text(value) == text


@given(st.text())
def test_cut_texts_keep_to_the_limit(text: str) -> None:
    """A text that is cut is shorter than the limit; one that fits is whole."""
    limit = ValidationError.max_property_string_length
    cut = shorten(text)
    assert cut == text if len(text) <= limit else len(cut) < limit


def test_instances_are_shown_by_their_json() -> None:
    """An object inside is shown as its JSON output shows it."""
    # MOD-113

    class Inner(Person):
        def to_json(self) -> dict[str, Any]:
            return {"shown": 1}

    assert value_text(Inner({"secret": 2})) == "{ shown: 1 }"
