"""What matches what: null, lists, paths, kinds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from juggler.query.evaluate import apply_filter
from juggler.query.operators import OPERATORS
from juggler.types.geo import GeoPoint
from juggler.types.temporal import DateString

NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)
UUIDS = [UUID(int=1), UUID(int=2)]


def matches(where: Any, row: dict[str, Any]) -> bool:
    """Tell whether *row* matches."""
    return apply_filter({"where": where})(row)


@pytest.mark.parametrize("row", [{}, {"a": None}])
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (None, True),
        (1, False),
        ({"neq": 1}, True),
        ({"neq": None}, False),
        ({"inq": [1]}, False),
        ({"inq": [1, None]}, True),
        ({"inq": []}, False),
        ({"nin": [1]}, True),
        ({"nin": [1, None]}, False),
        ({"nin": []}, True),
        ({"gt": 1}, False),
        ({"lte": None}, False),
        ({"gte": None}, False),
        ({"between": [None, None]}, False),
        ({"between": [0, 9]}, False),
        ({"like": "%"}, False),
        ({"nlike": "%"}, True),
        ({"ilike": "null"}, False),
        ({"nilike": "x"}, True),
        ({"regexp": "."}, False),
        ({"exists": True}, False),
        ({"exists": False}, True),
        ({"near": "0,0"}, False),
    ],
)
def test_null_and_missing_are_one(row: dict[str, Any], condition: Any, expected: bool) -> None:
    """A property that is null and one that is missing fare the same under every operator."""
    # DAO-177, DAO-180
    assert matches({"a": condition}, row) is expected
    assert matches({"b.a": condition}, {"b": row}) is expected
    assert matches({"not": {"a": condition}}, row) is not expected


@pytest.mark.parametrize(
    ("value", "condition", "expected"),
    [
        (1, 1.0, True),  # DAO-267
        (1, Decimal(1), True),
        (Decimal("0.5"), 0.5, True),
        (1, "1", False),
        (1, True, False),
        (True, 1, False),
        (True, True, True),
        (0, False, False),
        (1, {"inq": [True, "1"]}, False),
        (True, {"inq": [1, "true"]}, False),
        (Decimal(2), {"inq": [1, 2.0]}, True),
        (2, {"gt": Decimal("1.5")}, True),
        (Decimal("NaN"), {"gt": 1}, False),
        (float("nan"), {"lt": 1}, False),
        (True, {"gt": 0}, False),
        (True, {"gt": False}, True),
        (1, {"gt": False}, False),
        ("x", {"gt": False}, False),
        ("10", {"gt": 9}, False),
        ("b", {"gt": "a"}, True),
        ("a", {"gt": "B"}, True),
        ("\U0001f600", {"gt": "\uffff"}, True),  # by code point, not by UTF-16
        (NOON, {"gt": NOON - timedelta(1)}, True),
        (NOON, NOON.astimezone(timezone(timedelta(hours=5))), True),
        (NOON.replace(tzinfo=None), NOON, True),
        (NOON.replace(tzinfo=None), {"lte": NOON}, True),
        (NOON, {"inq": [NOON]}, True),
        (NOON, {"gt": "2000"}, False),
        (DateString("2020-01-01"), "2020-01-01", True),
        ("2020-01-01", {"gte": DateString("2020-01-01")}, True),
        (DateString("2020-01-01"), {"like": "2020%"}, True),
        (DateString("2020-01-01"), {"inq": ["2020-01-01"]}, True),
        (UUIDS[0], UUIDS[0], True),
        (UUIDS[0], {"lt": UUIDS[1]}, True),
        (UUIDS[0], {"lt": "x"}, False),
        (b"a", {"gt": b"A"}, True),
        (GeoPoint(1, 2), GeoPoint(1, 2), True),
        (GeoPoint(1, 2), {"neq": GeoPoint(1, 3)}, True),
        (1, {"gt": object()}, False),
        (5, {"like": "5"}, False),  # DAO-178
        (5, {"nlike": "5"}, True),
        (5, {"regexp": "5"}, False),
        (5, {"between": [5, 1]}, False),
        (5, {"between": [5, 5]}, True),
        (5, {"between": [1, "9"]}, False),
        ("abc", re.compile("B", re.IGNORECASE), True),
        ("abc", {"inq": ["x", re.compile("b")]}, True),
        ("abc", {"nin": ["x", re.compile("b")]}, False),
        ({"x": 1, "y": [True]}, {"eq": {"y": [True], "x": 1.0}}, True),  # DAO-181
        ({"x": 1}, {"eq": {"x": True}}, False),
        ({"x": None}, {"eq": {}}, False),
        ({"x": 1}, {"inq": [{"x": 2}, {"x": 1}]}, True),
    ],
)
def test_kinds_never_mix(value: Any, condition: Any, expected: bool) -> None:
    """Numbers meet numbers, texts texts, moments moments; everything else differs."""
    assert matches({"a": condition}, {"a": value}) is expected
    assert matches({"b.a": condition}, {"b": [{"a": value}]}) is expected


@pytest.mark.parametrize(
    ("value", "condition", "expected"),
    [
        (["x", "y"], "y", True),  # DAO-158
        (["x", "y"], "z", False),
        (["x", "y"], {"regexp": "^y"}, True),
        (["x", "y"], {"neq": "y"}, False),  # DAO-181
        (["x", "y"], {"neq": "z"}, True),
        ([], {"neq": "z"}, True),
        (["x", "y"], {"nin": ["y", "z"]}, False),
        (["x", "y"], {"nin": ["z"]}, True),
        (["x", "y"], {"nlike": "y%"}, False),
        (["x", "y"], ["x", "y"], True),
        (["x", "y"], ["y", "x"], False),
        (["x", "y"], {"neq": ["x", "y"]}, False),
        ([["x"], "y"], ["x"], True),
        ([["x"], "y"], "x", False),
        (["x"], {"inq": [["x"], "z"]}, True),
        (["x"], None, False),
        ([], None, False),
        ([None], None, False),
        ([None], {"inq": [None]}, False),
        ([], {"exists": True}, True),
        ([1, 9], {"between": [3, 5]}, False),
        ([1, 4], {"between": [3, 5]}, True),
        ([1, 9], {"gt": 3, "lt": 5}, True),  # each by an element of its own
        ([{"x": 1}], {"eq": {"x": 1}}, True),
        ([GeoPoint(0, 1), None], {"near": "0,0", "maxDistance": 70}, True),
    ],
)
def test_lists_match_by_their_elements(value: Any, condition: Any, expected: bool) -> None:
    """A condition holds on a list if it does on an element, a negated one if on none."""
    assert matches({"a": condition}, {"a": value}) is expected


ROW = {
    "address": {"city": "Rome", "tags": [{"tag": "x"}, {"tag": "y"}, "z"]},
    "friends": [{"name": "Dhani", "age": 3}, {"name": "Ann"}, None],
    "none": [],
    "lists": [[{"x": 1}]],
    "loc": GeoPoint(1, 2),
}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({"address.city": "Rome"}, True),  # DAO-157
        ({"address.city.x": None}, True),
        ({"address.tags.tag": "y"}, True),
        ({"address.tags.1.tag": "y"}, True),
        ({"address.tags.0.tag": "y"}, False),
        ({"address.tags.9.tag": None}, True),
        ({"address.tags.2": "z"}, True),
        ({"address.tags.99999999999999999999": None}, True),
        ({"friends.name": {"regexp": "ani"}}, True),
        ({"friends.name": {"nin": ["Ann"]}}, False),
        ({"friends.age": {"gt": 2}}, True),
        ({"friends.age": None}, True),
        ({"friends.age": {"neq": None}}, False),
        ({"friends.age": {"exists": True}}, True),
        ({"friends.age": {"exists": False}}, False),
        ({"none.x": None}, True),
        ({"none.x": {"neq": 1}}, True),
        ({"none.0": None}, True),
        ({"lists.x": 1}, False),
        ({"lists.0.0.x": 1}, True),
        ({"loc.lat": 1}, True),
        ({"loc.alt": None}, True),
        ({"__proto__": 1}, False),  # DAO-159
        ({"constructor.prototype": {"exists": False}}, True),
    ],
)
def test_paths_look_through_lists(where: Any, expected: bool) -> None:
    """A path goes through every element of a list, or through the one that a number names."""
    assert matches(where, ROW) is expected


def test_logic() -> None:
    """And, or, nor and not mean what they say, empty ones too."""
    # DAO-148, DAO-179
    row = {"a": 1, "b": 2}
    good, bad = {"a": 1}, {"b": 1}
    assert matches({"and": [good, good, good]}, row)
    assert not matches({"and": [good, good, bad]}, row)
    assert matches({"and": []}, row)
    assert matches({"or": [bad, bad, good]}, row)
    assert not matches({"or": []}, row)
    assert not matches({"nor": [bad, good]}, row)
    assert matches({"nor": []}, row)
    assert matches({"not": bad}, row)
    assert not matches({"not": {}}, row)
    assert matches({"or": [bad, good], "a": 1}, row)
    assert matches({"or": [bad, {}]}, row)


def test_near_is_a_condition_like_others() -> None:
    """A location is near or not; in an or it is one of two ways to match."""
    # DAO-187
    near = {"loc": {"near": "0,0", "maxDistance": 100, "unit": "kilometers"}}
    here, away, nowhere = {"loc": GeoPoint(0, 0.5)}, {"loc": GeoPoint(5, 5)}, {"loc": "0,0"}
    assert matches(near, here)
    assert not matches(near, away)
    assert not matches(near, nowhere)
    assert matches({"or": [near, {"a": 1}]}, {"a": 1, **away})
    assert matches({"not": near}, away)
    assert matches(near, {"loc": {"lat": 0, "lng": 0.5}})
    assert not matches(near, {"loc": {"lat": 0}})


def test_a_function_serves_as_where() -> None:
    """The evaluator takes a ready-made predicate too."""
    # DAO-236
    assert apply_filter({"where": lambda row: row["a"] == 1})({"a": 1})
    assert apply_filter(None)({})


@pytest.mark.parametrize("name", sorted(OPERATORS))
def test_null_fares_as_the_table_of_operators_says(name: str) -> None:
    """What the table says about null and about negations is what happens."""
    operands: dict[str, Any] = {"pair": [1, 2], "flag": True, "point": "0,0", "list": [1]}
    operands["conditions"] = {"eq": 1}
    operand = operands.get(OPERATORS[name].operand, "1")
    known = OPERATORS[name]
    if known.nulls != "operand":
        assert matches({"a": {name: operand}}, {"a": None}) is (known.nulls == "always")
    if known.negates:
        for value in (None, 1, "1", [1, "2"], []):
            positive = matches({"a": {known.negates: operand}}, {"a": value})
            assert matches({"a": {name: operand}}, {"a": value}) is not positive
