"""Queries of one form share a statement; their values fill it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from juggler.query.form import form, values
from juggler.query.nodes import Condition, Filter, Near
from juggler.query.normalise import normalise
from juggler.query.parse import parse_filter
from juggler.testing.filters import COLUMNS, filters
from juggler.types.geo import GeoPoint
from tests.query.shapes import shape_of

SHAPE = shape_of(COLUMNS)


def prepared(**clauses: Any) -> Filter:
    """Return a normalised filter."""
    return normalise(parse_filter(**clauses), SHAPE)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"where": {"age": 1}}, {"where": {"age": 2}}),
        ({"where": {"age": {"inq": [1, 2]}}}, {"where": {"age": {"inq": [3, 4]}}}),
        ({"where": {"name": {"like": "a"}}}, {"where": {"name": {"like": "%b%"}}}),
        ({"where": {"name": {"regexp": "a"}}}, {"where": {"name": {"regexp": "b"}}}),
        ({"limit": 1, "skip": 2}, {"limit": 3, "skip": 4}),
        ({"where": {"active": True}}, {"where": {"active": False}}),
        ({"where": {"place": {"near": "1,2"}}}, {"where": {"place": {"near": "3,4"}}}),
        ({"include": "a"}, {"include": "b"}),
    ],
)
def test_values_do_not_change_the_form(left: dict[str, Any], right: dict[str, Any]) -> None:
    """Two queries that differ in values only have one form, and as many values each."""
    one, two = prepared(**left), prepared(**right)
    assert form(one) == form(two)
    assert hash(form(one)) == hash(form(two))
    assert len(values(one)) == len(values(two))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ({"where": {"age": 1}}, {"where": {"age": None}}),
        ({"where": {"age": 1}}, {"where": {"score": 1}}),
        ({"where": {"age": 1}}, {"where": {"age": {"neq": 1}}}),
        ({"where": {"unknown": 1}}, {"where": {"unknown": "1"}}),
        ({"where": {"age": {"inq": [1, 2]}}}, {"where": {"age": {"inq": [1, 2, 3]}}}),
        ({"where": {"age": {"inq": [1, 2]}}}, {"where": {"age": {"inq": [1, None]}}}),
        ({"where": {"age": {"inq": []}}}, {"where": {"age": {"inq": [1]}}}),
        ({"where": {"age": {"exists": True}}}, {"where": {"age": {"exists": False}}}),
        ({"where": {"name": {"regexp": "a"}}}, {"where": {"name": {"regexp": "/a/i"}}}),
        ({"where": {"tags": "a"}}, {"where": {"tags": ["a"]}}),
        (
            {"where": {"place": {"near": "1,2"}}},
            {"where": {"place": {"near": "1,2", "maxDistance": 1}}},
        ),
        ({"where": {"and": [{"age": 1}]}}, {"where": {"not": {"age": 1}}}),
        ({"where": {"or": [{"age": 1}, {"age": 2}]}}, {"where": {"and": [{"age": 1}, {"age": 2}]}}),
        ({"order": "age"}, {"order": "age DESC"}),
        ({"order": "age"}, {"order": "age NULLS LAST"}),
        ({"fields": "age"}, {"fields": "name"}),
        ({}, {"limit": 1}),
        ({"limit": 1}, {"limit": 1, "skip": 1}),
    ],
)
def test_all_else_does(left: dict[str, Any], right: dict[str, Any]) -> None:
    """What the text of a statement depends on is in the form."""
    assert form(prepared(**left)) != form(prepared(**right))


def test_values_come_in_order() -> None:
    """Values of the where as they stand, without null, then limit and offset."""
    near = Near(GeoPoint(1, 2), 3.0)
    query = prepared(
        where={
            "age": {"gt": 1, "inq": [2, None, 3]},
            "or": [{"name": None}, {"not": {"name": {"regexp": "/x/i"}}}],
            "active": {"exists": True},
            "tags": ["a", "b"],
            "place": {"near": "1,2", "maxDistance": 3},
        },
        skip=8,
        limit=7,
    )
    assert values(query) == [1, 2, 3, "x", ["a", "b"], near, 7, 8]
    assert values(query.where) == [1, 2, 3, "x", ["a", "b"], near]
    assert form(query.where) == form(query)[0]  # type: ignore[index]  # the form of a filter is a tuple


@given(filters(), filters())
def test_equal_forms_take_equally_many_values(left: Any, right: Any) -> None:
    """A statement never gets more or fewer values than it has places."""
    one, two = (normalise(parse_filter(query), SHAPE) for query in (left, right))
    if form(one) == form(two):
        assert len(values(one)) == len(values(two))
    assert hash(form(one)) is not None


def test_a_form_keeps_no_class_alive() -> None:
    """Classes of operands are in the form by name, so that a kept form holds none of them."""

    class Own:
        pass

    assert form(Condition(("a",), "eq", Own())) == ("eq", ("a",), "Own")
