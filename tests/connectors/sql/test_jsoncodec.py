"""JSON columns: values come back, and equal values have equal text."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.connectors.sql.jsoncodec import json_codec
from juggler.definition.property import Property
from juggler.definition.shape import EmbeddedType, Shape
from juggler.errors import InvalidValueError
from juggler.query.values import equal
from juggler.types.geo import GEO_POINT, GeoPoint
from juggler.types.number import DECIMAL, INTEGER, NUMBER
from juggler.types.scalar import BOOLEAN, BUFFER, STRING
from juggler.types.structured import ANY, OBJECT, ListType
from juggler.types.temporal import DATE, DATE_STRING, DateString

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        TEXT,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=10,
)
PARTS = {
    "text": STRING,
    "number": NUMBER,
    "whole": INTEGER,
    "exact": DECIMAL,
    "flag": BOOLEAN,
    "moment": DATE,
    "day": DATE_STRING,
    "bytes": BUFFER,
    "place": GEO_POINT,
    "open": OBJECT,
}
EMBEDDED = EmbeddedType(Shape("0" * 32, [Property(name, kind) for name, kind in PARTS.items()]))
WHOLE = {
    "text": "é",
    "number": 0.1,
    "whole": 7,
    "exact": Decimal("1.50"),
    "flag": False,
    "moment": datetime(2024, 2, 29, 1, 2, 3, 4, UTC),
    "day": DateString("2024-02"),
    "bytes": b"\x00\xff",
    "place": GeoPoint(1.5, -2),
    "open": {"a": [1, None]},
}


@given(JSON)
def test_json_comes_back(value: Any) -> None:
    """Any JSON value is read as it was written."""
    codec = json_codec(ANY)
    assert codec.decode is not None
    assert equal(codec.decode(codec.encode(value)), value)


@given(JSON, JSON)
def test_equal_values_have_equal_text(first: Any, second: Any) -> None:
    """Texts are equal exactly if the values are; that is how databases compare them."""
    encode = json_codec(ANY).encode
    assert (encode(first) == encode(second)) == equal(first, second)


@pytest.mark.parametrize("value", [{}, WHOLE, dict.fromkeys(WHOLE), {"text": "a", "extra": [1]}])
def test_embedded_values_come_back_in_their_types(value: Any) -> None:
    """Declared parts are what they were; others are JSON."""
    for kind, given_ in ((EMBEDDED, value), (ListType(EMBEDDED), [value, None])):
        codec = json_codec(kind)
        assert codec.decode is not None
        found = codec.decode(codec.encode(given_))
        assert found == given_
        parts = found if isinstance(found, dict) else found[0]
        assert {name: type(item) for name, item in parts.items()} == {
            name: type(item) for name, item in value.items()
        }


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (ANY, float("nan")),
        (ANY, 2**64 + 1),
        (ANY, {1: "a"}),
        (ANY, object()),
        (ANY, "\ud800"),
        (ANY, "a\0b"),
        (ANY, {"a\0b": 1}),
        (ListType(STRING), [1]),
        (ListType(STRING), "text"),
        (ListType(BOOLEAN), [1]),
        (ListType(DATE), ["2024-01-01"]),
        (ListType(GEO_POINT), [{"lat": 1, "lng": 2}]),
        (ListType(BUFFER), ["text"]),
        (EMBEDDED, [1]),
        (EMBEDDED, {"whole": 1.5}),
    ],
)
def test_what_cannot_be_stored(kind: Any, value: Any) -> None:
    """A value that JSON or its declared type has no place for is refused."""
    with pytest.raises(InvalidValueError):
        json_codec(kind).encode(value)


def test_values_without_a_form_in_json() -> None:
    """Where nothing is declared, dates, decimals and bytes become text, points objects."""
    codec = json_codec(ANY)
    assert codec.decode is not None
    value = [datetime(2024, 1, 1, tzinfo=UTC), Decimal("1.50"), b"a", GeoPoint(1, 2)]
    assert codec.decode(codec.encode(value)) == [
        "2024-01-01T00:00:00.000000Z",
        "1.50",
        "YQ==",
        {"lat": 1, "lng": 2},
    ]


def test_objects_say_what_json_they_are() -> None:
    """What `to_json` makes of an object is stored; of a class without it the error asks for it."""
    # MOD-08

    class Plain:
        pass

    class Role(Plain):
        def to_json(self) -> list[str]:
            return ["admin"]

    encode = json_codec(ANY).encode
    assert encode({"role": Role()}) == '{"role":["admin"]}'
    with pytest.raises(InvalidValueError, match="not Plain; give Plain a method `to_json`"):
        encode({"role": Plain()})


@pytest.mark.parametrize("kind", [ANY, STRING])
def test_text_of_a_class_of_its_own(kind: Any) -> None:
    """Text of a class derived from `str` is stored as text, in lists and as a key too."""

    class Name(str):
        __slots__ = ()

    encode = json_codec(ListType(kind)).encode
    assert encode([Name("a")]) == encode(["a"])
    assert json_codec(ANY).encode({Name("a"): Name("b")}) == '{"a":"b"}'


def test_nesting_without_end() -> None:
    """A value that holds itself is refused."""
    value: list[Any] = []
    value.append(value)
    with pytest.raises(InvalidValueError, match="deep"):
        json_codec(ANY).encode(value)
