"""Parsed filters are brought to a shape: coerced, checked, resolved."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from juggler.definition.property import Property
from juggler.definition.shape import EmbeddedType, Shape
from juggler.errors import InvalidQueryError
from juggler.query.limits import Limits
from juggler.query.nodes import (
    EVERYTHING,
    NOTHING,
    And,
    Condition,
    Filter,
    Near,
    Not,
    Or,
    OrderBy,
    Where,
)
from juggler.query.normalise import normalise, normalise_where
from juggler.query.parse import parse_filter, parse_where
from juggler.testing.filters import COLUMNS, filters
from juggler.types.geo import GeoPoint
from juggler.types.number import INTEGER
from juggler.types.structured import ListType
from juggler.types.temporal import DateString
from tests.query.shapes import shape_of

SHAPE = shape_of(
    {
        **COLUMNS,
        "meta": "object",
        "extra": "any",
        "list": [],
        "data": "buffer",
        "matrix": [["number"]],
        "places": ["geopoint"],
    }
)
JULY = datetime(2015, 7, 1, tzinfo=UTC)


def value_of(where: dict[str, Any]) -> Any:
    """Return the operand of the one condition in *where*, coerced."""
    found = normalise_where(parse_where(where), SHAPE)
    assert isinstance(found, Condition)
    return found.value


def refused(where: Any, **settings: Any) -> InvalidQueryError:
    """Return the error for a where that must be refused."""
    with pytest.raises(InvalidQueryError) as caught:
        normalise_where(parse_where(where), settings.pop("shape", SHAPE), **settings)
    assert caught.value.status_code == 400
    return caught.value


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ({"name": 5}, "5"),  # DAO-152
        ({"age": "10"}, 10),
        ({"age": {"gt": "10"}}, 10),
        ({"age": "xyz"}, "xyz"),
        ({"age": None}, None),  # DAO-153
        ({"score": "1.5"}, 1.5),
        ({"price": "1.10"}, Decimal("1.10")),
        ({"active": "TRUE"}, True),  # DAO-176
        ({"active": 0}, False),
        ({"born": "2015-07-01"}, JULY),
        ({"born": {"lt": JULY.timestamp() * 1000}}, JULY),
        ({"born": datetime(2015, 7, 1)}, JULY),  # noqa: DTZ001  naive is the case
        ({"born": JULY.astimezone(timezone(timedelta(hours=2)))}, JULY),
        ({"day": "2015-07-01"}, DateString("2015-07-01")),
        ({"place": {"lat": 1, "lng": 2}}, GeoPoint(1, 2)),
        ({"place": "1,2"}, GeoPoint(1, 2)),
        ({"place": [1, 2]}, GeoPoint(1, 2)),
        ({"data": {"type": "Buffer", "data": [65]}}, b"A"),
        ({"age": {"inq": ["xyz", "12", None]}}, ("xyz", 12, None)),  # DAO-154
        ({"born": {"between": ["2015-07-01", JULY]}}, (JULY, JULY)),
        ({"counts": "3"}, 3),
        ({"counts": ["3", 4]}, [3, 4]),
        ({"counts": {"0": "3", "1": "4"}}, [3, 4]),
        ({"counts": {"eq": ["3"]}}, [3]),
        ({"counts": {"inq": ["3"]}}, (3,)),
        ({"matrix": ["1", "2"]}, [1, 2]),
        ({"address.zip": "10"}, 10),  # DAO-175
        ({"address": {"zip": "10", "x": "10"}}, {"zip": 10, "x": "10"}),
        ({"address": {"eq": {"since": "2015-07-01"}}}, {"since": JULY}),
        ({"address": {}}, {}),
        ({"friends": {"age": "10"}}, {"age": 10}),
        ({"friends": [{"age": "10"}]}, [{"age": 10}]),
        ({"friends.age": {"gt": "10"}}, 10),
        ({"friends.0.age": "10"}, 10),
        ({"meta": {"a": "1"}}, {"a": "1"}),
        ({"meta.a": "1"}, "1"),
        ({"meta.a.b": {"c": 1}}, {"c": 1}),
        ({"extra": {"a": 1}}, {"a": 1}),
        ({"list": {"a": 1}}, {"a": 1}),
        ({"list.0.a": {"b": 1}}, {"b": 1}),
        ({"address.unknown": {"b": 1}}, {"b": 1}),
        ({"unknown": "1"}, "1"),
        ({"unknown": {"eq": {"a": 1}}}, {"a": 1}),
        ({"unknown": datetime(2015, 7, 1)}, JULY),  # noqa: DTZ001  naive is the case
        ({"unknown": [{"a": datetime(2015, 7, 1)}]}, [{"a": JULY}]),  # noqa: DTZ001  as above
        ({"place.lat": 1}, 1),
        ({"name": {"like": "1%"}}, "1%"),
        ({"age": {"exists": True}}, True),
        ({"place": {"near": "1,2"}}, Near(GeoPoint(1, 2))),
        ({"places": {"near": "1,2"}}, Near(GeoPoint(1, 2))),
        ({"extra": {"near": "1,2", "maxDistance": 3}}, Near(GeoPoint(1, 2), 3.0)),
        ({"unknown.x": {"near": [1, 2]}}, Near(GeoPoint(1, 2))),
    ],
)
def test_operands_get_the_type_of_their_property(where: dict[str, Any], value: Any) -> None:
    """Operands are coerced by what their path leads to, parts of lists and objects too."""
    found = value_of(where)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("pattern", "compiled"),
    [
        ("a/b", re.compile("a/b")),  # DAO-178
        ("A/i", re.compile("A/i")),
        ("/", re.compile("/")),
        ("/a/", re.compile("a")),
        ("/a/b/i", re.compile("a/b", re.IGNORECASE)),
        ("/a/gim", re.compile("a", re.IGNORECASE | re.MULTILINE)),
        (re.compile("x"), re.compile("x")),
    ],
)
def test_regular_expressions_are_compiled(pattern: Any, compiled: re.Pattern[str]) -> None:
    """`/re/flags` counts with a leading slash only; anything else is a plain pattern."""
    # DAO-149
    assert value_of({"name": {"regexp": pattern}}) == compiled


UNKNOWN = "UNKNOWN_OPERATOR"
VALUE = "INVALID_VALUE"
PLAIN = "INVALID_QUERY"


@pytest.mark.parametrize(
    ("where", "path", "code"),
    [
        ({"age": {"foo": 1}}, "where.age.foo", UNKNOWN),  # DAO-173
        ({"age": {}}, "where.age", UNKNOWN),
        ({"age": {"options": "i"}}, "where.age.options", UNKNOWN),
        ({"unknown": {"foo": 1}}, "where.unknown.foo", UNKNOWN),
        ({"unknown.a": {"foo": 1}}, "where.unknown.a.foo", UNKNOWN),
        ({"name.a": {"foo": 1}}, "where.name.a.foo", UNKNOWN),
        ({"address.zip": {"foo": 1}}, "where.address.zip.foo", UNKNOWN),
        ({"counts": {"foo": 1}}, "where.counts.foo", UNKNOWN),
        ({"counts": {"0": 1, "2": 1}}, "where.counts.0", UNKNOWN),  # DAO-155
        ({"place": {"foo": 1}}, "where.place.foo", UNKNOWN),
        ({"not": {"age": {"foo": 1}}}, "where.age.foo", UNKNOWN),
        ({"age": ""}, "where.age", VALUE),  # DAO-176
        ({"age": [1]}, "where.age", PLAIN),
        ({"age": {"neq": {"a": 1}}}, "where.age", PLAIN),
        ({"age": {"inq": [1, [2]]}}, "where.age", PLAIN),
        ({"name": {"eq": ["a"]}}, "where.name", PLAIN),
        ({"active": "yes"}, "where.active", VALUE),
        ({"active": 2}, "where.active", VALUE),
        ({"born": "someday"}, "where.born", "INVALID_DATE"),  # DAO-176
        ({"born": {"inq": [JULY, "someday"]}}, "where.born", "INVALID_DATE"),
        ({"friends.age": {"gt": ""}}, "where.friends.age", VALUE),
        ({"address": {"since": "someday"}}, "where.address", "INVALID_DATE"),
        ({"address": "home"}, "where.address", PLAIN),
        ({"friends": "home"}, "where.friends", PLAIN),
        ({"unknown": float("nan")}, "where.unknown", PLAIN),
        ({"unknown": {"gt": Decimal("NaN")}}, "where.unknown", PLAIN),
        ({"place": {"gt": "1,2"}}, "where.place", PLAIN),
        ({"place": {"near": "somewhere"}}, "where.place.near", VALUE),  # DAO-160
        ({"place": {"near": {"lat": 91, "lng": 0}}}, "where.place.near", VALUE),
        ({"place": {"near": None}}, "where.place.near", VALUE),
        ({"name": {"near": "1,2"}}, "where.name", PLAIN),
        ({"address": {"near": "1,2"}}, "where.address", PLAIN),
        ({"name": {"regexp": "("}}, "where.name", PLAIN),  # DAO-150, DAO-178, MOD-123
        ({"name": {"regexp": "/a/iq"}}, "where.name", PLAIN),
        ({"name": {"regexp": "(?L)a"}}, "where.name", PLAIN),
        ({"name": {"regexp": "a{99999999999}"}}, "where.name", PLAIN),
        ({"name": {"regexp": "(?>(a+)+b)"}}, "where.name", PLAIN),
    ],
)
def test_operands_that_do_not_fit_are_refused(where: Any, path: str, code: str) -> None:
    """The error names the condition and has the code of what is wrong with it."""
    error = refused(where)
    assert (error.path, error.code) == (path, code)
    assert str(error).startswith("where.")


def test_nodes_made_by_hand_are_checked_too() -> None:
    """An operator that nobody knows is refused, whoever built the node."""
    with pytest.raises(InvalidQueryError) as caught:
        normalise_where(Condition(("age",), "foo", 1), SHAPE)
    assert caught.value.code == UNKNOWN


A, B, C = (Condition((name,), "eq", 1) for name in "abc")


@pytest.mark.parametrize(
    ("where", "node"),
    [
        (And((A,)), A),
        (Or((A,)), A),
        (And((And((A, B)), C)), And((A, B, C))),
        (Or((Or((A, B)), C)), Or((A, B, C))),
        (And((EVERYTHING, A)), A),
        (And((EVERYTHING, EVERYTHING)), EVERYTHING),
        (Or((NOTHING, A)), A),
        (Or((EVERYTHING, A)), Or((EVERYTHING, A))),
        (Not(And((A,))), Not(A)),
        (Not(Not(A)), Not(Not(A))),
        (Not(NOTHING), Not(NOTHING)),
    ],
)
def test_needless_brackets_go(where: Where, node: Where) -> None:
    """Nested lists of one kind become one, a list of one becomes its item."""
    assert normalise_where(where, None) == node


@given(filters())
def test_normalising_twice_changes_nothing(query: dict[str, Any]) -> None:
    """What is normalised may be normalised again, by whoever is not sure."""
    # DAO-175
    once = normalise(parse_filter(query), SHAPE)
    assert normalise(once, SHAPE) == once


@pytest.mark.parametrize(
    "query",
    [
        {"where": {"unknown": 1}},
        {"where": {"or": [{"age": 1}, {"not": {"unknown.x": 1}}]}},
        {"where": {"constructor": 1}},  # DAO-159
        {"where": {"name.x": 1}},
        {"where": {"counts.0.x": 1}},
        {"order": "unknown DESC"},
        {"order": ["age", "name.x"]},
        {"fields": "unknown"},
        {"fields": ["unknown", "other"]},
    ],
)
def test_unknown_properties_are_refused_for_columns(query: dict[str, Any]) -> None:
    """A store with columns gets no name that has none; other stores may have such rows."""
    parsed = parse_filter(query)
    with pytest.raises(InvalidQueryError) as caught:
        normalise(parsed, SHAPE, known_only=True)
    assert caught.value.code == "UNKNOWN_PROPERTY"
    assert str(caught.value.path).startswith(next(iter(query)))
    assert normalise(parsed, SHAPE).where == parsed.where


def test_open_parts_are_known_to_columns() -> None:
    """What lies inside an object, a point or an open embedded model is no unknown property."""
    where = {"meta.a.b": 1, "place.lat": 1, "list.0": 1, "list.a": 1, "address.unknown": 1}
    query = parse_filter({"where": where, "order": "meta.a"})
    assert normalise(query, SHAPE, known_only=True).order == (OrderBy(("meta", "a")),)


@pytest.mark.parametrize(
    ("fields", "strict", "expected"),
    [
        (["a", "x"], False, ("a", "x")),  # DAO-145
        (["a", "x"], True, ("a",)),
        (["a", "x"], "filter", ("a",)),
        ({"a": True, "b": False}, False, ("a",)),
        ({"a": False}, False, ("id", "b", "c")),
        ({"a": False, "x": False}, True, ("id", "b", "c")),
        ({"x": False}, True, ("id", "a", "b", "c")),
        (None, True, None),
    ],
)
def test_fields_become_names(fields: Any, strict: Any, expected: Any) -> None:
    """An exclusion becomes the other properties; unknown names go where the shape is strict."""
    shape = shape_of(dict.fromkeys(["id", "a", "b", "c"], "string"), strict=strict)
    found = normalise(parse_filter({"fields": fields}), shape)
    assert (found.fields, found.exclude) == (expected, ())


def test_fields_that_leave_nothing_are_refused() -> None:
    """Whoever excludes every property asked for nothing, which no store can answer."""
    with pytest.raises(InvalidQueryError, match="every property"):
        normalise(parse_filter({"fields": {"a": False}}), shape_of({"a": "string"}))


@pytest.mark.parametrize(
    ("asked", "settings", "limit"),
    [
        (None, {}, None),
        (None, {"default_limit": 5}, 5),
        (None, {"max_limit": 5}, 5),
        (9, {"max_limit": 5, "default_limit": 3}, 5),
        (4, {"max_limit": 5, "default_limit": 3}, 4),
        (0, {"max_limit": 5}, 0),
        (None, {"max_limit": 5, "default_limit": 8}, 5),
    ],
)
def test_reads_are_capped(asked: Any, settings: Any, limit: Any) -> None:
    """The default stands in for a missing limit, the maximum caps every one."""
    # DAO-186
    found = normalise(Filter(limit=asked, offset=3), SHAPE, limits=Limits(**settings))
    assert (found.limit, found.offset) == (limit, 3)


def test_a_strict_embedded_model_is_closed() -> None:
    """What a strict embedded model does not declare is no place for anything."""
    inner = EmbeddedType(Shape("2" * 32, [Property("zip", INTEGER)], strict=True))
    shape = Shape("3" * 32, [Property("address", inner), Property("homes", ListType(inner))])
    for name in ("address.unknown", "homes.unknown", "homes.0.unknown"):
        assert refused({name: {"foo": 1}}, shape=shape).code == UNKNOWN
        assert refused({name: 1}, shape=shape, known_only=True).code == "UNKNOWN_PROPERTY"
        known = {name.replace("unknown", "zip"): "1"}
        found = normalise_where(parse_where(known), shape, known_only=True)
        assert isinstance(found, Condition)
        assert found.value == 1
