"""Lists, open objects, JSON, anything and instances of classes."""

import re
import uuid
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import msgspec
import pytest

from juggler.errors import InvalidQueryError, InvalidValueError
from juggler.types.base import BAD
from juggler.types.geo import GEO_POINT, GeoPoint
from juggler.types.number import NUMBER
from juggler.types.plain import plain
from juggler.types.scalar import BOOLEAN, STRING
from juggler.types.structured import ANY, JSON, OBJECT, ClassType, ListType
from juggler.types.temporal import DATE, DateString

NUMBERS = ListType(NUMBER)


class Role(Enum):
    """A class that is called with its raw value."""

    ADMIN = "admin"


class Money:
    """A class of an application."""

    def __init__(self, text: str) -> None:
        self.cents = int(text.removesuffix(" EUR")) * 100


# lists ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given", [[1, "2", None], (1, "2", None), '[1, "2", null]', " [1,2,null] "]
)
def test_lists_are_coerced(given: Any) -> None:
    """Lists, tuples and JSON text of a list become a plain list of coerced items; None stays."""
    # MOD-11, MOD-66
    result = NUMBERS.coerce(given)
    assert result == [1, 2, None]
    assert type(result) is list
    assert result is not given


@pytest.mark.parametrize(
    "given", [5, "5", 4294967295, True, {}, {"0": 1}, b"x", {1, 2}, 1.5, object()]
)
def test_what_is_no_list_is_refused(given: Any) -> None:
    """A number never becomes a length; the error says what a list is."""
    # MOD-66, MOD-13
    text = isinstance(given, str)
    with pytest.raises(InvalidValueError) as caught:
        NUMBERS.coerce(given)
    error = caught.value
    assert error.message == (
        "could not create List from JSON string" if text else "items must be an array"
    )
    assert (error.status_code, error.code, error.value) == (400, "INVALID_VALUE", given)
    assert NUMBERS.load(given) is given


def test_items_follow_the_scalar_rules() -> None:
    """Items are coerced like single values, not built by bare constructors."""
    assert ListType(BOOLEAN).coerce(["false", 0, None]) == [False, False, None]
    assert ListType(STRING).coerce([None, 1]) == [None, "1"]
    assert ListType(BOOLEAN).coerce(["maybe"]) is BAD


def test_a_bad_item_spoils_the_list() -> None:
    """One bad item makes the whole list bad, with the code of its item type."""
    # MOD-17
    assert NUMBERS.coerce([1, "x"]) is BAD
    assert (NUMBERS.bad_code, NUMBERS.bad_message) == ("type.number", "is not a number")
    assert NUMBERS.load([1, "x"]) == [1, "x"]


def test_refused_items_say_where() -> None:
    """An item that must be refused at once is named by its place."""
    # MOD-13
    with pytest.raises(InvalidValueError, match="lat") as caught:
        ListType(ListType(GEO_POINT)).coerce([[], [[1, 2], [91, 0]]])
    assert caught.value.path == "1.1"


def test_lists_nest() -> None:
    """A list of lists coerces at every level and refuses what is no list inside."""
    # MOD-04
    kind = ListType(NUMBERS)
    assert kind.coerce([["1"], None, []]) == [[1], None, []]
    assert kind.coerce([["x"]]) is BAD
    with pytest.raises(InvalidValueError, match="items must be an array"):
        kind.coerce([1])
    assert kind.canonical() == ["list", ["list", "number"]]
    assert repr(kind) == "<type [array]>"


def test_untyped_lists_take_everything() -> None:
    """Without an item type the items are kept as they are."""
    # MOD-04
    kind, items = ListType(), ["1", {"a": 1}, None]
    assert kind.item is ANY
    assert kind.coerce(items) == items
    assert kind.coerce(items) is not items
    assert kind.coerce("[1]") == [1]
    assert kind.condition({"a": 1}) == {"a": 1}


def test_lists_are_written_by_their_items() -> None:
    """Dumping writes each item by its type, and shows what is no list as it is."""
    assert ListType(DATE).dump([datetime(2020, 1, 1, tzinfo=UTC), None]) == [
        "2020-01-01T00:00:00.000Z",
        None,
    ]
    assert NUMBERS.dump("bad") == "bad"


def test_list_conditions() -> None:
    """An operand is one item or a whole list; None and patterns pass."""
    # DAO-152, DAO-153, DAO-154
    pattern = re.compile("a")
    assert NUMBERS.condition("10") == 10
    assert NUMBERS.condition(["xyz", "12", None, pattern]) == ["xyz", 12, None, pattern]
    assert NUMBERS.condition({"1": "11", "0": "10"}) == [10, 11]
    assert ListType(OBJECT).condition({"a": 1}) == {"a": 1}


@pytest.mark.parametrize("operand", [{}, {"0": 1, "2": 2}, {"0": 1, "x": 2}])
def test_mappings_with_holes_are_no_lists(operand: Any) -> None:
    """An index-keyed mapping must be complete."""
    # DAO-155
    with pytest.raises(InvalidQueryError) as caught:
        NUMBERS.condition(operand)
    assert caught.value.status_code == 400


# open values ---------------------------------------------------------------------------------


def test_json_text() -> None:
    """`json` reads a constructor's text, `object` and `json` that of a store, `any` none."""
    # MOD-14, MOD-10
    text = '{"a": [1]}'
    assert [kind.coerce(text) for kind in (ANY, OBJECT, JSON)] == [text] * 3
    assert [kind.load(text) for kind in (ANY, OBJECT, JSON)] == [text, {"a": [1]}, {"a": [1]}]
    assert JSON.construct(text) == {"a": [1]}
    for other in ("123", "null", '"x"', "{broken", "[1", '["\ud800"]', "[1e999]", "[" * 99_999):
        assert JSON.construct(other) is other
        assert OBJECT.load(other) is other


def test_json_text_of_a_class_of_its_own() -> None:
    """Text of a class derived from `str` is read like any other."""
    # MOD-11, MOD-14, MOD-21

    class Name(str):
        __slots__ = ()

    assert NUMBERS.coerce(Name('["1"]')) == [1]
    assert JSON.construct(Name('{"a": 1}')) == {"a": 1}
    assert GEO_POINT.coerce(Name("[1, 2]")) == GeoPoint(1, 2)


def test_plain_data() -> None:
    """Whatever JSON has no form for is written as LoopBack writes it, at any depth."""
    when = datetime(2020, 1, 1, tzinfo=UTC)
    given = {
        "when": when, "day": when.date(), "exact": Decimal("1.50"), "id": uuid.UUID(int=1),
        "bytes": b"\x01", "role": Role.ADMIN, "point": GeoPoint(1, 2), "text": DateString("2020"),
        "pair": (1, [2]), 3: None, "never": msgspec.UNSET,
    }  # fmt: skip
    expected = {
        "when": "2020-01-01T00:00:00.000Z", "day": "2020-01-01", "exact": "1.50",
        "id": "00000000-0000-0000-0000-000000000001", "bytes": {"type": "Buffer", "data": [1]},
        "role": "admin", "point": {"lat": 1, "lng": 2}, "text": "2020", "pair": [1, [2]], "3": None,
    }  # fmt: skip
    for kind in (ANY, OBJECT, JSON):
        assert kind.dump(given) == expected
    assert msgspec.json.decode(msgspec.json.encode(plain(given))) == expected


@pytest.mark.parametrize("value", ["x", 3, 1.5])
def test_values_of_derived_classes_are_written_as_what_they_are(value: Any) -> None:
    """JSON data of a class derived from `str`, `int` or `float` is plain."""
    # MOD-08
    derived: Any = type("Derived", (type(value),), {"__str__": lambda _: "another"})(value)
    written = [kind.dump(derived) for kind in (ANY, STRING, NUMBER)] + ANY.dump([derived])
    assert written == [value] * 4
    assert {type(each) for each in written} == {type(value)}


# classes -------------------------------------------------------------------------------------


def test_classes_are_called() -> None:
    """Instances pass, other values are given to the class, and what it refuses is bad."""
    # MOD-08
    kind = ClassType(Role)
    assert kind.coerce(Role.ADMIN) is Role.ADMIN
    assert kind.coerce("admin") is Role.ADMIN
    assert kind.coerce("nobody") is BAD
    assert kind.load("nobody") == "nobody"
    assert kind.load(kind.dump(Role.ADMIN)) is Role.ADMIN


def test_instances_of_classes_survive() -> None:
    """What has no JSON form is left as it is."""
    # MOD-08
    money = Money("3 EUR")
    kind = ClassType(Money)
    assert kind.coerce("3 EUR").cents == money.cents
    assert kind.dump(money) is money
    assert kind.coerce("x EUR") is BAD
    assert kind.coerce(3) is BAD


def test_a_class_counts_as_itself() -> None:
    """Two classes of one name are two types."""
    other = Enum("Role", {"ADMIN": "admin"})  # type: ignore[misc]  # made at run time on purpose
    assert ClassType(Role).canonical() == ClassType(Role).canonical()
    assert ClassType(Role).canonical() != ClassType(other).canonical()
    assert repr(ClassType(Role)) == "<type Role>"


def test_an_error_of_ours_inside_a_class_is_not_hidden() -> None:
    """A class that refuses a value by our own error is heard."""

    class Strict:
        def __init__(self, value: object) -> None:
            raise InvalidValueError("not here", value=value)

    with pytest.raises(InvalidValueError, match="not here"):
        ClassType(Strict).coerce(1)
