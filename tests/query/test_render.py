"""Nodes are written back as the mappings that callers write."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given

from juggler.query.limits import Limits
from juggler.query.nodes import And, Bare, Condition, Filter, Not, Or, OrderBy
from juggler.query.normalise import normalise
from juggler.query.parse import parse_filter, parse_where
from juggler.query.render import to_dict, where_to_dict
from juggler.testing.filters import COLUMNS, filters
from tests.query.shapes import shape_of

SHAPE = shape_of(COLUMNS)
WIDE = Limits(max_depth=100)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"where": {"a": 1}},
        {"where": {"a": {"gt": 1, "lt": 3}, "b": None}},
        {"where": {"a": {"b": 1}, "c": {"eq": {"d": 1}}, "e": ["x"]}},
        {"where": {"or": [{"a": 1}, {}], "nor": [{"b": 2}], "not": {"c": {"inq": [1, None]}}}},
        {"where": {"and": [{"a": 1}, {"a": 2}]}},
        {"where": {"loc": {"near": {"lat": 1, "lng": 2}, "unit": "feet", "maxDistance": 3.0}}},
        {"order": ["a ASC", "b.c DESC NOCASE NULLS LAST"], "limit": 0, "offset": 3},
        {"fields": ["a", "b"], "include": [{"relation": "posts"}]},
        {"fields": {"a": False}},
    ],
)
def test_what_was_written_comes_back(query: dict[str, Any]) -> None:
    """A filter in its usual form is written as it was."""
    assert to_dict(parse_filter(query)) == query


@pytest.mark.parametrize(
    "query",
    [
        {"where": {"and": [{"and": [{"a": 1}]}]}},
        {"where": {"and": [{}, {"a": 1}]}},
        {"where": {"and": [{"a": 1}]}},
        {"where": {"a": {"gt": 1, "nin": [1, re.compile("x")]}}},
        {"where": {"a": {"gt": 1, "near": "1,2", "minDistance": 3}}},
        {"where": {"not": {"or": []}}},
        {"where": {"not": {"not": {"a": {"nlike": re.compile("x")}}}}},
        {"where": {"a": {"like": "x", "options": "i"}, "b": {"regexp": "x", "options": "i"}}},
        {"order": (OrderBy(("first name",)), OrderBy(("a,b",), True), "c")},
    ],
)
def test_the_rest_means_the_same(query: dict[str, Any]) -> None:
    """Other forms are written in the usual one, which gives the same nodes."""
    parsed = parse_filter(query)
    assert parse_filter(to_dict(parsed)) == parsed


@given(filters())
def test_parsing_what_was_written_gives_the_same(query: dict[str, Any]) -> None:
    """Writing and parsing again changes nothing, before and after the filter is normalised."""
    parsed = parse_filter(query)
    assert parse_filter(to_dict(parsed), WIDE) == parsed
    ready = normalise(parsed, SHAPE)
    assert parse_filter(to_dict(ready), WIDE) == ready


def test_what_is_written_is_fresh() -> None:
    """A hook may edit what it gets; the filter does not change by it."""
    query = parse_filter(
        where={"a": {"eq": [1]}, "b": {"eq": {"c": 1}}}, include=[{"relation": "x"}]
    )
    before = parse_filter(to_dict(query))
    written = to_dict(query)
    written["where"]["a"].append(2)
    written["where"]["b"]["eq"]["c"] = 2
    written["include"][0]["relation"] = "y"
    assert query == before


def test_trees_made_by_hand_come_back() -> None:
    """Brackets that no mapping needs are kept."""
    a, b = Condition(("a",), "eq", 1), Condition(("a",), "gt", 1)
    for where in (
        And((a,)),
        And((a, a)),
        And((a, b)),
        And((And((a, b)), And((a, b)))),
        And((b, Condition(("a",), "eq", Bare({"c": 1})))),
        And((And(()), And(()))),
        And((And((a,)), Or((b,)))),
        Or((And(()), Not(And(())))),
        Not(And((a, Not(Or((b,)))))),
    ):
        assert parse_where(where_to_dict(where)) == where
        assert parse_filter(to_dict(Filter(where=where))).where == where
