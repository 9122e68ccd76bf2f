"""How much a report lists: it is bounded, what is beyond is counted, and the error says so."""

from __future__ import annotations

from typing import Any

import pytest

from juggler.errors import ValidationError
from juggler.validation.report import Allowance, Report, room_of, use_room, validation_error
from juggler.validation.rules import declare
from juggler.validation.run import run_sync
from juggler.validation.words import Words
from tests.validation.subjects import Values


def full(count: int, room: int | None = None) -> Report:
    """Return a report with *count* failures of different fields."""
    report = Report(room=room)
    for at in range(count):
        report.add(f"field{at}", "is odd", "odd")
    return report


# MOD-112
def test_a_report_lists_so_many() -> None:
    """What there is no room for is counted, not listed; it is a failure all the same."""
    report = full(5, room=3)
    assert list(report.codes) == list(report.messages) == ["field0", "field1", "field2"]
    assert (report.total, report.unlisted, report.room) == (5, 2, 0)
    assert full(250).total == 250
    assert len(full(250)) == ValidationError.max_failures == 100
    none = full(1, room=0)
    assert none
    assert (len(none), none.total) == (0, 1)


# MOD-112
def test_a_failure_counts_once() -> None:
    """A failure that is listed is not counted again, nor one of a field and code that is not."""
    report = full(3, room=2)
    for field, message, code in [
        ("field0", "is odd", "odd"),
        ("field0", "is rather odd", "odd"),
        ("field2", "is odd", "odd"),
    ]:
        report.add(field, message, code)
    assert (report.total, report.unlisted) == (3, 1)
    report.add("field0", "is even", "even")
    report.add("field2", "is even", "even")
    assert report.total == 5


# MOD-110
def test_a_cleared_report_has_its_room_again() -> None:
    """`clear` forgets what was counted too."""
    report = full(5, room=3)
    report.clear()
    assert (bool(report), report.total, report.room) == (False, 0, 3)


# MOD-112
def test_what_is_taken_over_keeps_to_the_room() -> None:
    """A report lists of another what it has room for, and counts the rest under its paths."""
    report, inner = full(1, room=3), full(5, room=3)
    report._take_over("items.0", inner)
    assert list(report) == ["field0", "items.0.field0", "items.0.field1"]
    assert report.total == 6
    report._take_over("items.0", inner)
    assert report.total == 6
    report._take_over("items.1", inner)
    assert report.total == 11
    silent = Report()
    silent.fail()
    other = Report()
    other._take_over("a", silent)
    assert other
    assert other.total == 0


# MOD-112, MOD-117
@pytest.mark.parametrize(
    ("locale", "end"), [(None, "and 150 more."), ("de", "und 150 weitere."), ("ja", "他 150 件")]
)
def test_the_error_says_how_many_there_are(locale: str | None, end: str) -> None:
    """Its text ends with how many are not listed, and its details have the total."""
    subject = Values({}, model="Customer")
    names = [f"field{at}" for at in range(250)]
    report = run_sync(declare("presence", *names), subject, {"locale": locale})
    error = validation_error(report, subject)
    assert end in str(error)
    assert str(error).count("`field") == 100
    assert error.details["total"] == 250
    assert len(error.details["codes"]) == len(error.details["messages"]) == 100
    assert "total" not in validation_error(full(100), subject).details


# MOD-112
def test_the_class_of_the_error_sets_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """`ValidationError.max_failures` is how many are listed where nobody says anything else."""
    monkeypatch.setattr(ValidationError, "max_failures", 2)
    subject = Values({})
    rules = declare("presence", "a", "b", "c")
    assert list(run_sync(rules, subject)) == ["a", "b"]
    assert list(run_sync(rules, subject, {"max_failures": 3})) == ["a", "b", "c"]


# MOD-112
@pytest.mark.parametrize(
    ("given", "room"),
    [(1, 1), (500, 500), (0, None), (-1, None), (True, None), ("5", None), (2.0, None)],
)
def test_options_set_the_bound(given: Any, room: int | None) -> None:
    """A positive number in the options of a call counts; anything else is as if nothing was."""
    assert room_of({"max_failures": given}) == room
    assert room_of({}) is None


# MOD-112
def test_an_allowance_is_shared() -> None:
    """What one validation lists is no longer there for the next; each may list one."""
    options, subject = {"max_failures": Allowance(3)}, Values({})
    listed = []
    for _ in range(3):
        report = run_sync(declare("presence", "a", "b"), subject, options)
        use_room(options, report)
        assert report.total == 2
        listed.append(len(report))
    assert listed == [2, 1, 1]
    use_room({"max_failures": 5}, full(3))


# MOD-112
def test_what_is_not_listed_gets_no_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """No message is made of a failure that is only counted."""
    made: list[str] = []
    said = Words.of_rule

    def of_rule(words: Words, rule: Any, failure: str, field: str) -> str:
        made.append(field)
        return said(words, rule, failure, field)

    monkeypatch.setattr(Words, "of_rule", of_rule)
    subject = Values({"tags": ["long"] * 1_000})
    rules = declare("length", "tags", max=2, each=True)
    assert run_sync(rules, subject, {"max_failures": 7}).total == 1_000
    assert made == [f"tags.{at}" for at in range(7)]
