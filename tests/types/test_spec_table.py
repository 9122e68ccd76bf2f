"""The coercion tables, cell by cell: input x type -> what a property holds, given or assigned."""

import enum
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from msgspec import UNSET

from juggler.errors import InvalidValueError
from juggler.registry.registry import ModelRegistry
from juggler.types.geo import GeoPoint
from juggler.types.temporal import DateString

NOON = datetime(2020, 1, 2, 12, tzinfo=UTC)
NOON_MS = 1577966400000
ISO = "2020-01-02T12:00:00.000Z"
ID = uuid.UUID(int=7)
NAN = float("nan")
DAY = DateString("2020-01-02")
POINT = GeoPoint(1, 2)


class Colour(enum.Enum):
    """A choice."""

    RED = "red"


class Cell:
    """What becomes of an input beside a value."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


BAD = Cell("BAD")  # kept as it is, and reported by validation
KEPT = Cell("kept")  # the very object
ERROR = Cell("error 400")  # refused at once

FIRST = ("string", "number", "boolean", "date", ["string"], "buffer")
# fmt: off
TABLE: list[tuple[Any, ...]] = [
    # input           string   number   boolean  date    [string]     buffer
    ("",              "",      None,    False,   None,   ERROR,       b""),
    ("  ",            KEPT,    None,    BAD,     BAD,    ERROR,       b"  "),
    ("12",            KEPT,    12,      BAD,     BAD,    ERROR,       b"12"),
    ("abc",           KEPT,    BAD,     BAD,     BAD,    ERROR,       b"abc"),
    ("true",          KEPT,    BAD,     True,    BAD,    ERROR,       b"true"),
    ("1",             KEPT,    1,       True,    BAD,    ERROR,       b"1"),
    ("false",         KEPT,    BAD,     False,   BAD,    ERROR,       b"false"),
    ("0",             KEPT,    0,       False,   BAD,    ERROR,       b"0"),
    ("null",          KEPT,    BAD,     BAD,     BAD,    [],          b"null"),
    ('["1","2"]',     KEPT,    BAD,     BAD,     BAD,    ["1", "2"],  b'["1","2"]'),
    ('{"a":1}',       KEPT,    BAD,     BAD,     BAD,    ERROR,       b'{"a":1}'),
    (ISO,             KEPT,    BAD,     BAD,     NOON,   ERROR,       ISO.encode()),
    (3,               "3",     KEPT,    True,    datetime(1970, 1, 1, 0, 0, 0, 3000, UTC),
                                                         ERROR,       BAD),
    (0,               "0",     KEPT,    False,   datetime(1970, 1, 1, tzinfo=UTC),
                                                         ERROR,       BAD),
    (3.7,             "3.7",   KEPT,    True,    datetime(1970, 1, 1, 0, 0, 0, 3700, UTC),
                                                         ERROR,       BAD),
    (NAN,             BAD,     BAD,     False,   BAD,    ERROR,       BAD),
    (True,            "true",  1,       KEPT,    BAD,    ERROR,       BAD),
    (False,           "false", 0,       KEPT,    BAD,    ERROR,       BAD),
    (NOON,            ISO,     NOON_MS, BAD,     KEPT,   ERROR,       BAD),
    (["a", 1],        BAD,     BAD,     BAD,     BAD,    ["a", "1"],  BAD),
    ([1, 255],        BAD,     BAD,     BAD,     BAD,    ["1", "255"], b"\x01\xff"),
    ({"a": 1},        BAD,     BAD,     BAD,     BAD,    ERROR,       BAD),
    ({"type": "Buffer", "data": [104, 105]},
                      BAD,     BAD,     BAD,     BAD,    ERROR,       b"hi"),
    (b"abc",          "abc",   BAD,     BAD,     BAD,    ERROR,       KEPT),
    (ID,              str(ID), BAD,     BAD,     BAD,    ERROR,       BAD),
    (Decimal("1.5"),  "1.5",   1.5,     BAD,     BAD,    ERROR,       BAD),
    (Colour.RED, "Colour.RED", BAD,     BAD,     BAD,    ERROR,       BAD),
    (None,            None,    None,    None,    None,   None,        None),
    (UNSET,           UNSET,   UNSET,   UNSET,   UNSET,  UNSET,       UNSET),
]

PLACE = {"lat": 1, "lng": 2}
SECOND = ("datestring", "geopoint", "object", "any", {"a": "string"})
MORE: list[tuple[Any, ...]] = [
    # input           date_string geopoint  object any    embedded
    ("",              ERROR,      ERROR,    KEPT,  KEPT,  BAD),
    ("2020-01-02",    DAY,        ERROR,    KEPT,  KEPT,  BAD),
    ("1,2",           ERROR,      POINT,    KEPT,  KEPT,  BAD),
    ("[1,2]",         ERROR,      POINT,    KEPT,  KEPT,  BAD),
    ('{"lat":1,"lng":2}', ERROR,  POINT,    KEPT,  KEPT,  BAD),
    ("abc",           ERROR,      ERROR,    KEPT,  KEPT,  BAD),
    (3,               ERROR,      ERROR,    KEPT,  KEPT,  BAD),
    (True,            ERROR,      ERROR,    KEPT,  KEPT,  BAD),
    (NOON,            ERROR,      ERROR,    KEPT,  KEPT,  BAD),
    ([1, 2],          ERROR,      POINT,    [1, 2], [1, 2], BAD),
    (PLACE,           ERROR,      POINT,    PLACE, PLACE, {}),
    ({"a": 1},        ERROR,      ERROR,    {"a": 1}, {"a": 1}, {"a": "1"}),
    (None,            None,       None,     None,  None,  None),
    (UNSET,           UNSET,      UNSET,    UNSET, UNSET, UNSET),
]
# fmt: on


def cells(table: list[tuple[Any, ...]], columns: tuple[Any, ...]) -> list[Any]:
    """Return one case for each cell."""
    return [
        pytest.param(column, row[0], cell, id=f"{column}-{row[0]!r:.24}")
        for row in table
        for column, cell in zip(columns, row[1:], strict=True)
    ]


def model_of(column: Any) -> Any:
    """Return a model with one property of a type."""
    settings = {"id_injection": False, "strict_embedded_models": "filter"}
    return ModelRegistry().define("Thing", {"x": {"type": column}}, settings)


def check(thing: Any, given: Any, cell: Any) -> None:
    """Check what *thing* holds, type for type, and what it is blamed for."""
    held = thing.raw("x")
    bad = thing._state.bad or set()
    assert (bad == {"x"}) is (cell is BAD)
    if cell is BAD:
        assert held is given or held == given or repr(given) == "nan"
    elif cell is KEPT:
        assert held is given
    elif cell is UNSET:
        assert held is UNSET
    elif hasattr(held, "_plans"):
        assert held.to_dict() == cell
    else:
        assert held == cell
        assert isinstance(held, type(cell))


# MOD-09, MOD-10, MOD-11, MOD-12, MOD-13, MOD-17
@pytest.mark.parametrize(("column", "given", "cell"), cells(TABLE, FIRST) + cells(MORE, SECOND))
def test_constructed_and_assigned(column: Any, given: Any, cell: Any) -> None:
    """Construction and assignment make the same of an input: the cell of the table."""
    model = model_of(column)
    if cell is ERROR:
        with pytest.raises(InvalidValueError) as caught:
            model(x=given)
        assert (caught.value.status_code, caught.value.code) == (400, "INVALID_VALUE")
        assert isinstance(caught.value, ValueError)
        assert caught.value.property == "x"
        with pytest.raises(InvalidValueError):
            model().x = given
        return
    check(model(x=given), given, cell)
    thing = model()
    thing.x = given
    check(thing, given, cell)
    thing.x = None
    assert not thing._state.bad, "a later good assignment clears the mark"


# MOD-11, MOD-17
@pytest.mark.parametrize(
    ("column", "given", "cell"),
    [case for case in cells(TABLE, FIRST) if case.values[0] != ["string"]],
)
def test_items_of_lists(column: Any, given: Any, cell: Any) -> None:
    """Items follow the rules of their type; None stays, and one bad item spoils the list."""
    if given is UNSET:
        return
    thing = model_of([column])(x=[None, given])
    if cell is BAD:
        assert thing._state.bad == {"x"}
        return
    wanted = given if cell is KEPT else cell
    assert thing.x == [None, wanted]
    assert type(thing.x[1]) is type(wanted)


# MOD-14
def test_json_text() -> None:
    """`json` parses what a constructor is given, not what is assigned; `any` never parses."""
    for text, parsed in (('{"a":1}', {"a": 1}), ("[1]", [1]), ("123", "123"), ("{a", "{a")):
        assert model_of("json")(x=text).x == parsed
        thing = model_of("json")()
        thing.x = text
        assert thing.x == text
        assert model_of("any")(x=text).x == text


# MOD-12
async def test_bad_values_are_reported() -> None:
    """Nothing raises, the value stays readable, and the report says what is wrong with it."""
    from juggler.models.validating.validate import validate

    codes = {"number": "type.number", "boolean": "type.boolean", "date": "date"}
    for column, code in codes.items():
        thing = model_of(column)(x="abc")
        report = await validate(thing)
        assert report.codes == {"x": [code]}
        assert thing.x == "abc"
        thing.x = "1" if column != "date" else "2020"
        assert not await validate(thing)


# MOD-11
def test_no_memory_for_a_clients_number() -> None:
    """A number never becomes the length of something."""
    with pytest.raises(InvalidValueError, match="items must be an array"):
        model_of(["string"])(x=4_294_967_295)
    thing = model_of("buffer")(x=4_294_967_295)
    assert thing.x == 4_294_967_295
