"""Coercion as one table: what becomes of each kind of input in each scalar type and in lists."""

import re
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any

import pytest

from juggler.errors import InvalidValueError
from juggler.types.base import BAD, ValueType
from juggler.types.geo import GeoPoint
from juggler.types.structured import ListType
from juggler.types.table import TypeTable
from juggler.types.temporal import DateString
from tests.names import name_of

ERROR = InvalidValueError
NOON = datetime(2020, 1, 2, 12, tzinfo=UTC)
NOON_MS = 1577966400000
ISO = "2020-01-02T12:00:00Z"
ID = uuid.UUID(int=1)
NAN = float("nan")
DECIMAL_NAN = Decimal("NaN")


class Colour(Enum):
    """A choice whose value is a number."""

    RED = 3


# Rows: the input.  Cells: the value, BAD (kept and marked), or ERROR (refused at once).
COLUMNS = ("string", "number", "boolean", "date", "[string]", "buffer")
MATRIX: list[tuple[Any, ...]] = [
    ("", "", None, False, None, ERROR, b""),
    ("  ", "  ", None, BAD, BAD, ERROR, b"  "),
    ("12", "12", 12, BAD, BAD, ERROR, b"12"),
    ("abc", "abc", BAD, BAD, BAD, ERROR, b"abc"),
    ("true", "true", BAD, True, BAD, ERROR, b"true"),
    ("1", "1", 1, True, BAD, ERROR, b"1"),
    ("false", "false", BAD, False, BAD, ERROR, b"false"),
    ("0", "0", 0, False, BAD, ERROR, b"0"),
    ("null", "null", BAD, BAD, BAD, [], b"null"),
    ('["1","2"]', '["1","2"]', BAD, BAD, BAD, ["1", "2"], b'["1","2"]'),
    ("[1, null]", "[1, null]", BAD, BAD, BAD, ["1", None], b"[1, null]"),
    ('{"a":1}', '{"a":1}', BAD, BAD, BAD, ERROR, b'{"a":1}'),
    ("[" * 99_999, "[" * 99_999, BAD, BAD, BAD, ERROR, b"[" * 99_999),
    (ISO, ISO, BAD, BAD, NOON, ERROR, ISO.encode()),
    (3, "3", 3, True, datetime(1970, 1, 1, 0, 0, 0, 3000, UTC), ERROR, BAD),
    (0, "0", 0, False, datetime(1970, 1, 1, tzinfo=UTC), ERROR, BAD),
    (3.7, "3.7", 3.7, True, datetime(1970, 1, 1, 0, 0, 0, 3700, UTC), ERROR, BAD),
    (3.0, "3", 3.0, True, datetime(1970, 1, 1, 0, 0, 0, 3000, UTC), ERROR, BAD),
    (NAN, BAD, BAD, False, BAD, ERROR, BAD),
    (float("inf"), BAD, BAD, True, BAD, ERROR, BAD),
    (2**32, "4294967296", 2**32, True, datetime(1970, 2, 19, 17, 2, 47, 296000, UTC), ERROR, BAD),
    (True, "true", 1, True, BAD, ERROR, BAD),
    (False, "false", 0, False, BAD, ERROR, BAD),
    (NOON, "2020-01-02T12:00:00.000Z", NOON_MS, BAD, NOON, ERROR, BAD),
    ([], BAD, BAD, BAD, BAD, [], b""),
    (["a", 1], BAD, BAD, BAD, BAD, ["a", "1"], BAD),
    ([1, 255], BAD, BAD, BAD, BAD, ["1", "255"], b"\x01\xff"),
    ([1, 256], BAD, BAD, BAD, BAD, ["1", "256"], BAD),
    ([{}], BAD, BAD, BAD, BAD, BAD, BAD),
    ({}, BAD, BAD, BAD, BAD, ERROR, BAD),
    ({"type": "Buffer", "data": [104, 105]}, BAD, BAD, BAD, BAD, ERROR, b"hi"),
    ({"type": "Buffer", "data": 9999999999}, BAD, BAD, BAD, BAD, ERROR, BAD),
    (b"caf\xc3\xa9", "café", BAD, BAD, BAD, ERROR, b"caf\xc3\xa9"),
    (b"\xff", BAD, BAD, BAD, BAD, ERROR, b"\xff"),
    (ID, str(ID), BAD, BAD, BAD, ERROR, BAD),
    (Decimal("1.5"), "1.5", 1.5, BAD, BAD, ERROR, BAD),
    (Decimal(7), "7", 7, BAD, BAD, ERROR, BAD),
    (Decimal("NaN"), "NaN", BAD, BAD, BAD, ERROR, BAD),
    (Decimal("1e999999999"), "1E+999999999", BAD, BAD, BAD, ERROR, BAD),
    (Colour.RED, "Colour.RED", 3, BAD, BAD, ERROR, BAD),
    (object(), BAD, BAD, BAD, BAD, ERROR, BAD),
]  # fmt: skip

CASES = [
    pytest.param(column, row[0], cell, id=f"{column}-{name_of(row[0])[:24]}")
    for row in MATRIX
    for column, cell in zip(COLUMNS, row[1:], strict=True)
]


def kind_of(column: str) -> ValueType:
    """Return the type that a column is headed by."""
    found = TypeTable().lookup(column.strip("[]"))
    assert found is not None
    return ListType(found) if column.startswith("[") else found


@pytest.mark.parametrize(("column", "given", "expected"), CASES)
def test_matrix(column: str, given: Any, expected: Any) -> None:
    """Every cell of the table holds, type for type."""
    # MOD-11, MOD-12, MOD-13, MOD-16, MOD-18
    kind = kind_of(column)
    if expected is ERROR:
        with pytest.raises(InvalidValueError) as caught:
            kind.coerce(given)
        assert (caught.value.status_code, caught.value.code) == (400, "INVALID_VALUE")
        return
    result = kind.coerce(given)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(("column", "given", "expected"), CASES)
def test_loading_keeps_what_does_not_fit(column: str, given: Any, expected: Any) -> None:
    """What a store gives back is coerced alike, and stays as it is where it does not fit."""
    # MOD-10
    loaded = kind_of(column).load(given)
    if expected is ERROR or (expected is BAD and column != "[string]"):
        assert loaded is given
    elif expected is not BAD:
        assert loaded == expected


OTHERS = ("datestring", "geopoint", "object", "json", "any", "text", "integer", "decimal")
MORE: list[tuple[Any, ...]] = [
    ("", ERROR, ERROR, "", "", "", "", None, None),
    ("abc", ERROR, ERROR, "abc", "abc", "abc", "abc", BAD, BAD),
    ("12", ERROR, ERROR, "12", "12", "12", "12", 12, Decimal(12)),
    ("1.50", ERROR, ERROR, "1.50", "1.50", "1.50", "1.50", BAD, Decimal("1.50")),
    ("2.0", ERROR, ERROR, "2.0", "2.0", "2.0", "2.0", 2, Decimal("2.0")),
    ('{"a":1}', ERROR, ERROR, '{"a":1}', '{"a":1}', '{"a":1}', '{"a":1}', BAD, BAD),
    (3, ERROR, ERROR, 3, 3, 3, "3", 3, Decimal(3)),
    (0.1, ERROR, ERROR, 0.1, 0.1, 0.1, "0.1", BAD, Decimal("0.1")),
    (2.0, ERROR, ERROR, 2.0, 2.0, 2.0, "2", 2, Decimal("2.0")),
    (True, ERROR, ERROR, True, True, True, "true", 1, Decimal(1)),
    (NOON, ERROR, ERROR, NOON, NOON, NOON, "2020-01-02T12:00:00.000Z", NOON_MS, BAD),
    ({"x": 1}, ERROR, ERROR, {"x": 1}, {"x": 1}, {"x": 1}, BAD, BAD, BAD),
    (DECIMAL_NAN, ERROR, ERROR, *[DECIMAL_NAN] * 3, "NaN", BAD, BAD),
    (float("inf"), ERROR, ERROR, *[float("inf")] * 3, BAD, BAD, BAD),
    (Decimal("1e7000"), ERROR, ERROR, *[Decimal("1e7000")] * 3, "1E+7000", BAD, BAD),
    (Colour.RED, ERROR, ERROR, *[Colour.RED] * 3, "Colour.RED", 3, Decimal(3)),
]


@pytest.mark.parametrize(
    ("column", "given", "expected"),
    [
        pytest.param(column, row[0], cell, id=f"{column}-{name_of(row[0])[:24]}")
        for row in MORE
        for column, cell in zip(OTHERS, row[1:], strict=True)
    ],
)
def test_other_types(column: str, given: Any, expected: Any) -> None:
    """The types without a column above follow their own table; open ones keep every value."""
    # MOD-11 (second table), MOD-14, MOD-15, MOD-18
    if expected is given:
        assert kind_of(column).coerce(given) is given
    else:
        test_matrix(column, given, expected)


NUMBER_TEXTS = [
    ("1e3", 1000), (" 12 ", 12), ("+5", 5), ("-7", -7), (".5", 0.5), ("5.", 5.0), ("1.5e3", 1500.0),
    ("1e23", 10**23), ("1e-3", 0.001), ("100e-2", 1), ("9" * 30, int("9" * 30)),
    ("0x10", BAD), ("Infinity", BAD), ("NaN", BAD), ("1_000", BAD), ("१२", BAD), ("1e400", BAD),
    ("1e999999999999", BAD), ("9" * 5000, BAD), ("1,5", BAD), ("--1", BAD), ("1e", BAD), (".", BAD),
    ("1e-999999999999999999999", 0), ("123456789012345678901e-1", 12345678901234567890.1),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), NUMBER_TEXTS, ids=[t[0][:24] for t in NUMBER_TEXTS])
def test_numbers_from_text(text: str, expected: Any) -> None:
    """Number text is plain ASCII decimal; without a fraction it is an int, exact at any size."""
    # MOD-18
    result = kind_of("number").coerce(text)
    assert result == expected
    assert type(result) is type(expected)


def test_booleans_take_their_words_in_any_case() -> None:
    """`TRUE` is true, while other words are not guessed at."""
    # DAO-176
    kind = kind_of("boolean")
    assert [kind.coerce(word) for word in ("TRUE", "False", "yes", "on")] == [True, False, BAD, BAD]


def test_instances_of_the_type_are_kept() -> None:
    """A value that already fits comes back as the same object."""
    # MOD-09
    values = {"string": "x" * 50, "number": 10**20, "date": NOON, "buffer": b"x" * 50}
    values |= {"decimal": Decimal("1.25"), "json": {"a": [1]}}
    for name, value in values.items():
        assert kind_of(name).coerce(value) is value
        assert kind_of(name).load(value) is value


@pytest.mark.parametrize("kept", [GeoPoint(1, 2), DateString("2020")])
def test_instances_of_derived_classes_are_kept(kept: Any) -> None:
    """An instance of a class derived from the type's own is one of the type."""
    # MOD-09
    derived = type("Derived", (type(kept),), {})(kept)
    kind = kind_of(type(kept).__name__.lower())
    assert kind.coerce(derived) is kind.load(derived) is derived
    assert kind.dump(derived) == kept.to_json()


class Level(IntEnum):
    """A number that is an enumeration."""

    HIGH = 3


class Word(StrEnum):
    """A text that is an enumeration."""

    TWO = "2"


class Half(float):
    """A number of a class of its own."""


class Third(int):
    """A whole number of a class of its own."""


class Name(str):
    """A text of a class of its own."""

    __slots__ = ()


class Place:
    """A number of another library: it only knows what index it is."""

    def __index__(self) -> int:
        return 3


EMPTY = Enum("EMPTY", {"NONE": None})
RELATIVES: list[tuple[str, Any, Any]] = [
    ("number", Level.HIGH, 3), ("number", Word.TWO, 2), ("number", Half(0.5), 0.5),
    ("number", Half("nan"), BAD), ("number", Third(3), 3), ("number", Name("7"), 7),
    ("number", Place(), 3), ("number", EMPTY["NONE"], BAD), ("number", Decimal("1.8e308"), BAD),
    ("number", Decimal("1e-999999"), 0.0), ("number", Decimal("1e300"), 10**300),
    ("integer", Half(2.0), 2), ("integer", Half(0.5), BAD), ("integer", 1e300, int(1e300)),
    ("decimal", EMPTY["NONE"], BAD), ("decimal", Name("1.5"), Decimal("1.5")),
    ("decimal", "1e99999999999999999999", BAD), ("decimal", "  ", None), ("decimal", NAN, BAD),
    ("boolean", Level.HIGH, BAD), ("boolean", Name("true"), True), ("boolean", Half(0.0), False),
    ("string", Level.HIGH, "3"), ("string", Word.TWO, Word.TWO), ("string", Name("x"), Name("x")),
    ("string", NOON.date(), "2020-01-02"), ("string", bytearray(b"x"), "x"),
    ("string", DateString("2020"), "2020"), ("string", GeoPoint(1, 2), "1,2"), ("string", str, BAD),
    ("string", re.compile("x"), BAD), ("string", len, BAD),
    ("string", 1e21, "1e+21"), ("string", 1e20, "100000000000000000000"),
    ("buffer", bytearray(b"x"), b"x"), ("buffer", memoryview(b"x"), b"x"),
    ("buffer", "half a pair \ud800", BAD), ("buffer", [True], BAD), ("buffer", {"data": []}, BAD),
    ("date", DateString("2020-01-02T12:00:00Z"), NOON), ("date", 1e300, BAD), ("date", True, BAD),
    ("date", Level.HIGH, BAD), ("number", int, BAD), ("integer", Place, BAD),
]  # fmt: skip


@pytest.mark.parametrize(("name", "given", "expected"), RELATIVES)
def test_relatives(name: str, given: Any, expected: Any) -> None:
    """Subclasses, enumerations and values of other kinds follow the same rules."""
    # MOD-09, MOD-11
    result = kind_of(name).coerce(given)
    assert result == expected
    assert (result is BAD) is (expected is BAD)


def test_numbers_too_long_to_write_are_no_text() -> None:
    """A number of more digits than Python writes stays a number, and is bad as text."""
    assert kind_of("string").coerce(10**5000) is BAD
    assert kind_of("number").coerce(10**5000) == 10**5000
