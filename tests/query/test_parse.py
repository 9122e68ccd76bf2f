"""Filters as callers write them become frozen nodes."""

from __future__ import annotations

import copy
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from juggler.query.limits import Limits
from juggler.query.nodes import (
    EVERYTHING,
    NOTHING,
    And,
    Bare,
    Condition,
    Filter,
    Near,
    Not,
    Or,
    OrderBy,
    Where,
)
from juggler.query.operators import OPERATORS
from juggler.query.parse import parse_filter, parse_where
from juggler.types.geo import GeoPoint
from tests.query.parsed import PATTERN, eq, refused


@pytest.mark.parametrize(
    ("where", "node"),
    [
        ({}, EVERYTHING),
        ({"a": 1}, eq("a", 1)),
        ({"a": None}, eq("a", None)),
        ({"a": 1, "b.c": 2}, And((eq("a", 1), eq("b.c", 2)))),
        ({"a": {"eq": 1}}, eq("a", 1)),  # DAO-156
        ({"a": ["x", "y"]}, eq("a", ["x", "y"])),
        ({"a": {"eq": {"b": 1}}}, eq("a", {"b": 1})),
        ({"a": {"b": 1}}, eq("a", Bare({"b": 1}))),
        ({"a": {"gt": 1}}, Condition(("a",), "gt", 1)),
        ({"a": {"inq": (1, 2)}}, Condition(("a",), "inq", (1, 2))),
        ({"a": {"inq": {"0": 1, "1": 2}}}, Condition(("a",), "inq", (1, 2))),  # DAO-148
        ({"a": {"between": [1, 2]}}, Condition(("a",), "between", (1, 2))),
        ({"a": {"exists": "TRUE"}}, Condition(("a",), "exists", True)),  # DAO-180
        ({"a": {"exists": 0}}, Condition(("a",), "exists", False)),
        ({"a": PATTERN}, Condition(("a",), "regexp", PATTERN)),  # DAO-149
        ({"a": {"like": PATTERN}}, Condition(("a",), "regexp", PATTERN)),
        ({"a": {"nlike": PATTERN}}, Not(Condition(("a",), "regexp", PATTERN))),
        ({"a": {"neq": PATTERN}}, Not(Condition(("a",), "regexp", PATTERN))),
        (
            {"a": {"ilike": PATTERN}},
            Condition(("a",), "regexp", re.compile("J", re.IGNORECASE)),
        ),
        ({"a": {"like": "x", "options": "i"}}, Condition(("a",), "ilike", "x")),  # DAO-326
        ({"a": {"nlike": "x", "options": "i"}}, Condition(("a",), "nilike", "x")),
        ({"a": {"regexp": "a/b", "options": "i"}}, Condition(("a",), "regexp", "/a/b/i")),
        ({"a": {"regexp": "/x/m", "options": "im"}}, Condition(("a",), "regexp", "/x/mi")),
        (
            {"a": {"inq": [1, PATTERN]}},  # DAO-153
            Or((Condition(("a",), "inq", (1,)), Condition(("a",), "regexp", PATTERN))),
        ),
        (
            {"a": {"nin": [1, PATTERN]}},
            And((Condition(("a",), "nin", (1,)), Not(Condition(("a",), "regexp", PATTERN)))),
        ),
        ({"and": [{"a": 1}, {"b": 2}]}, And((eq("a", 1), eq("b", 2)))),
        ({"and": []}, EVERYTHING),
        ({"or": []}, NOTHING),
        ({"or": {"0": {"a": 1}, "1": {"b": 2}}}, Or((eq("a", 1), eq("b", 2)))),
        ({"nor": [{"a": 1}]}, Not(Or((eq("a", 1),)))),  # DAO-179
        ({"not": {"a": 1}}, Not(eq("a", 1))),
        (
            {"or": [{"a": 1}], "b": 2},  # DAO-147
            And((Or((eq("a", 1),)), eq("b", 2))),
        ),
        ({"or": [eq("a", 1), {"b": 2}]}, Or((eq("a", 1), eq("b", 2)))),
        ({"constructor.prototype": 1}, eq("constructor.prototype", 1)),  # DAO-159
    ],
)
def test_where_is_read(where: Any, node: Where) -> None:
    """Each way to write a condition gives its node."""
    assert parse_where(where) == node
    assert parse_filter({"where": where}) == Filter(where=node)


def test_all_operators_on_one_property_count() -> None:
    """Several operators on one property are all kept, whatever their number."""
    # DAO-151, DAO-173
    where = {"a": {"gt": 1, "lt": 9, "neq": 5}}
    assert parse_where(where) == And(
        tuple(Condition(("a",), name, value) for name, value in where["a"].items())
    )


def test_conditions_on_elements_may_be_about_their_elements() -> None:
    """`elem_match` right within `elem_match` is about lists of lists."""
    # DAO-181
    inner = Condition((), "elem_match", Condition((), "gt", 1))
    assert parse_where({"a": {"elem_match": {"elemMatch": {"gt": 1}}}}) == Condition(
        ("a",), "elem_match", inner
    )
    error = refused({"where": {"a": {"elem_match": {"elem_match": 5}}}})
    assert error.path == "where.a.elem_match.elem_match"


def test_every_operator_of_the_table_is_read() -> None:
    """No operator is in the table that the parser does not know what to do with."""
    operands = {
        "any": 1,
        "ordered": 1,
        "list": [1],
        "pair": [1, 2],
        "pattern": "x",
        "regexp": "x",
        "flag": True,
        "point": [1, 2],
        "conditions": {"b": 1},
    }
    for name, known in OPERATORS.items():
        found = parse_where({"a": {name: operands[known.operand]}})
        assert isinstance(found, Condition)
        assert found.operator == name


@pytest.mark.parametrize("most", ["maxDistance", "max_distance"])
def test_near_takes_its_bounds_beside_it(most: str) -> None:
    """Bounds and unit stand beside the point, in either spelling; none or zero bounds nothing."""
    # DAO-160
    where = {"loc": {"near": {"lat": 1, "lng": 2}, most: "5", "minDistance": 0, "unit": "feet"}}
    expected = Near({"lat": 1, "lng": 2}, 5.0, None, "feet")
    assert parse_where(where) == Condition(("loc",), "near", expected)
    assert parse_where({"loc": {"near": "1,2"}}) == Condition(("loc",), "near", Near("1,2"))


def test_a_node_is_taken_as_it_is() -> None:
    """Whoever has nodes already may hand them in."""
    where = eq("a", 1)
    assert parse_where(where) is where
    assert parse_filter({"where": where}).where is where
    query = Filter(where=where, limit=3)
    assert parse_filter(query) is query


@pytest.mark.parametrize(
    ("given", "clauses", "expected"),
    [
        (None, {}, Filter()),
        ({}, {}, Filter()),
        ({"where": None, "limit": None, "order": None, "fields": None}, {}, Filter()),
        ({"limit": "10"}, {}, Filter(limit=10)),  # DAO-140
        ({"limit": 0}, {}, Filter(limit=0)),  # DAO-186
        ({"limit": " 0 "}, {}, Filter(limit=0)),
        ({"limit": 5.0}, {}, Filter(limit=5)),
        ({"skip": 3}, {}, Filter(offset=3)),  # DAO-141
        ({"offset": "3"}, {}, Filter(offset=3)),
        ({"skip": 3, "offset": 9}, {}, Filter(offset=3)),
        ({"skip": 3}, {"offset": 4}, Filter(offset=4)),
        ({"limit": 1, "where": {"a": 1}}, {"limit": 2}, Filter(where=eq("a", 1), limit=2)),
        ({"where": {"a": 1}}, {"where": None}, Filter(where=eq("a", 1))),
        (Filter(limit=1, offset=2), {"limit": 5}, Filter(limit=5, offset=2)),
        ({"include": ("posts",)}, {}, Filter(include=["posts"])),
        ({"include": None}, {}, Filter()),  # REL-110
        ({"include": False}, {}, Filter()),
        ({"include": ()}, {}, Filter()),
        ({"include": {}}, {}, Filter()),
        ({"fields": "a"}, {}, Filter(fields=("a",))),  # DAO-145
        ({"fields": ["a", "b", "a"]}, {}, Filter(fields=("a", "b"))),
        ({"fields": {"a": True, "b": False, "c": 1}}, {}, Filter(fields=("a", "c"))),
        ({"fields": {"a": False, "b": 0}}, {}, Filter(exclude=("a", "b"))),
        ({"fields": False}, {}, Filter()),
        ({"fields": {}}, {}, Filter()),
        ({"fields": []}, {}, Filter()),
    ],
)
def test_clauses_are_read(given: Any, clauses: dict[str, Any], expected: Filter) -> None:
    """Each clause is read from the mapping, from keywords or from both, keywords winning."""
    # DAO-007, DAO-138
    assert parse_filter(given, **clauses) == expected


@pytest.mark.parametrize(
    ("order", "terms"),
    [
        ("a", [OrderBy(("a",))]),
        ("  a   desc ", [OrderBy(("a",), descending=True)]),
        ("a ASC, b.c DESC,, d", [OrderBy(("a",)), OrderBy(("b", "c"), True), OrderBy(("d",))]),
        (["a DESC,b", "c"], [OrderBy(("a",), True), OrderBy(("b",)), OrderBy(("c",))]),
        ("a NULLS LAST", [OrderBy(("a",), nulls_first=False)]),  # DAO-188
        ("a DESC nulls first", [OrderBy(("a",), True, True)]),
        ("a ASC NOCASE", [OrderBy(("a",), ignore_case=True)]),  # DAO-325
        ("a NOCASE NULLS LAST", [OrderBy(("a",), nulls_first=False, ignore_case=True)]),
        ("a DESC NULLS LAST NOCASE", [OrderBy(("a",), True, False, True)]),
        (("a", OrderBy(("first name",))), [OrderBy(("a",)), OrderBy(("first name",))]),
        ("", []),
        ([], []),
    ],
)
def test_order_is_read(order: Any, terms: list[OrderBy]) -> None:
    """Terms stand in one text or in several; direction, case and place of nulls are optional."""
    # DAO-143
    assert parse_filter({"order": order}).order == tuple(terms)


def test_the_callers_objects_are_left_alone() -> None:
    """Nothing of what was given is changed, and no later change of it is seen."""
    # DAO-016, DAO-169
    when, point = datetime(2000, 1, 1, tzinfo=UTC), GeoPoint(1, 2)
    given: Any = {
        "where": {"a": {"eq": {"b": [1, {"c": when}]}}, "p": point, "d": {"inq": [[1], None]}},
        "order": ["a DESC", "b"],
        "fields": ["a"],
        "include": [{"relation": "posts", "scope": {"where": {"x": [1]}}}],
        "skip": 1,
    }
    before = copy.deepcopy(given)
    query = parse_filter(given)
    assert given == before
    given["where"]["a"]["eq"]["b"][1]["c"] = 0
    given["where"]["d"]["inq"][0].append(2)
    given["include"][0]["scope"]["where"]["x"].append(2)
    assert query == parse_filter(before)


def test_clauses_of_a_connector_are_kept() -> None:
    """A clause that the connector declared is no unknown one; its value is copied."""
    # DAO-138
    limits = Limits(extra_clauses=frozenset({"hint"}))
    assert parse_filter({"hint": ("a",)}, limits).extras == {"hint": ["a"]}
    assert refused({"hint": "a"}).path == "hint"
