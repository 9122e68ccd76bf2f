"""Texts that are proven to be dates."""

import copy
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest

from juggler.errors import InvalidQueryError, InvalidValueError
from juggler.types.temporal import DATE_STRING, DateString


@pytest.mark.parametrize(
    "text",
    ["2015-01-01", "2015-01-01 02:00:00", "2015-01-01T02:00:00.000Z", "2015-01-01 02:00:00 GMT-5"],
)
def test_the_text_is_kept(text: str) -> None:
    """Every valid form keeps its letters and knows its moment."""
    # MOD-19
    value = DateString(text)
    assert (value.when, str(value), value.to_json()) == (text, text, text)
    assert value.date.tzinfo is UTC


def test_assigning_the_text() -> None:
    """`when` is checked again and the date follows; a refused text changes nothing."""
    # MOD-19
    value = DateString("2015-01-01")
    value.when = "2016-02-29"
    assert value.date == datetime(2016, 2, 29, tzinfo=UTC)
    with pytest.raises(InvalidValueError, match="Invalid date"):
        value.when = "2015-02-29"
    assert value == DateString("2016-02-29")


@pytest.mark.parametrize("given", [None, 3, True, datetime(2020, 1, 1, tzinfo=UTC), [], {}])
def test_only_text_is_taken(given: object) -> None:
    """Anything but text is refused with its own words."""
    # MOD-19, MOD-13
    with pytest.raises(InvalidValueError, match="Input must be a string") as caught:
        DATE_STRING.coerce(given)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "text", ["notadate", "", "2015-01-01T25:00:00", "2015-13-01", "2015-02-30"]
)
def test_text_that_is_no_date(text: str) -> None:
    """Text must name a day of the calendar."""
    # MOD-19
    with pytest.raises(InvalidValueError, match="Invalid date"):
        DateString(text)


def test_equality_and_order() -> None:
    """Date strings compare and hash by their text, with each other and with text."""
    # MOD-20
    first, second = DateString("2015-01-01"), DateString("2015-01-02")
    assert first == DateString(first) == "2015-01-01"
    assert first != DateString("2015-01-01T00:00:00Z")
    assert first != 3
    assert len({first, DateString("2015-01-01"), "2015-01-01"}) == 1
    assert sorted([second, first]) == [first, second]
    assert first < "2015-01-02"
    assert second >= first
    with pytest.raises(TypeError):
        assert first < 3


def test_copies_are_apart() -> None:
    """Copies and pickles are equal, and changing one leaves the other."""
    # MOD-19
    value = DateString("2015-01-01")
    for other in (DateString(value), copy.copy(value), copy.deepcopy([value])[0]):
        assert other == value
        other.when = "2020"
        assert value.when == "2015-01-01"
    assert pickle.loads(pickle.dumps(value)) == value


def test_representation_shows_text_and_date() -> None:
    """The representation names both forms."""
    # MOD-20
    assert repr(DateString("2015")) == "DateString('2015', date=2015-01-01T00:00:00.000Z)"


def test_as_a_property_type() -> None:
    """Instances are kept, the old JSON form is read, JSON is the bare text."""
    # MOD-11, MOD-20
    value = DateString("2015-01-01")
    assert DATE_STRING.coerce(value) is value
    assert DATE_STRING.coerce({"when": "2015-01-01"}) == value
    assert DATE_STRING.dump(value) == "2015-01-01"
    assert DATE_STRING.load("2015-01-01") == value
    assert DATE_STRING.load("soon") == "soon"


def test_conditions() -> None:
    """Operands must be dates, too."""
    # DAO-176
    assert DATE_STRING.condition("2015-01-01") == DateString("2015-01-01")
    operands: list[Any] = ["soon", 3, "", []]
    for operand in operands:
        with pytest.raises(InvalidQueryError) as caught:
            DATE_STRING.condition(operand)
        assert caught.value.code == "INVALID_DATE"
