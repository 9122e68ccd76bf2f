"""A default scope is merged into a query."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from juggler.errors import InvalidQueryError
from juggler.query.includes import merge_includes
from juggler.query.merge import both, is_within, merge_scope, parse_scope
from juggler.query.nodes import EVERYTHING, NOTHING, And, Condition, Filter, Or, Where
from juggler.query.parse import parse_filter

A, B = Condition(("a",), "eq", 1), Condition(("b",), "eq", 2)


@pytest.mark.parametrize(
    ("query", "scope", "expected"),
    [
        ({}, {}, {}),
        ({"where": {"a": 1}}, {"where": {"b": 2}}, {"where": And((A, B))}),  # DAO-190
        ({}, {"where": {"b": 2}}, {"where": B}),
        ({"where": {"a": 1}}, {}, {"where": A}),
        ({"fields": ["a"]}, {"fields": ["b"]}, {"fields": ["b"]}),
        ({"fields": ["a"]}, {"fields": {"b": False}}, {"fields": {"b": False}}),
        ({"fields": ["a"]}, {}, {"fields": ["a"]}),
        ({"fields": ["a"]}, {"fields": False, "limit": 1}, {"fields": ["a"], "limit": 1}),
        ({"order": "a"}, {"order": "b"}, {"order": "a"}),
        ({}, {"order": "b"}, {"order": "b"}),
        ({"limit": 3}, {"limit": 5}, {"limit": 3}),  # DAO-196
        ({"limit": 9}, {"limit": 5}, {"limit": 5}),
        ({"limit": 0}, {"limit": 5}, {"limit": 0}),
        ({}, {"limit": 5}, {"limit": 5}),
        ({"limit": 9}, {"limit": False}, {"limit": 9}),
        ({"skip": 2}, {"skip": 5}, {"skip": 2}),
        ({"skip": 0}, {"skip": 5}, {"skip": 0}),  # DAO-196
        ({"offset": 0}, {"skip": 5}, {"skip": 0}),
        ({}, {"skip": 5}, {"skip": 5}),
        ({"include": "a"}, {"include": "b"}, {"include": ["b", "a"]}),
        ({"include": "a"}, {}, {"include": "a"}),
        ({"include": "a"}, {"include": False}, {"include": "a"}),
        ({}, {"include": ["b"]}, {"include": ["b"]}),
    ],
)
def test_merging(query: Any, scope: Any, expected: Any) -> None:
    """Conditions add up, the scope's fields stand, the smaller limit counts."""
    parsed, off = parse_scope(scope)
    assert merge_scope(parse_filter(query), parsed, off) == parse_filter(expected)


@pytest.mark.parametrize(
    ("clause", "query", "scope", "expected"),
    [
        ("order", {"order": "a"}, {"order": "b"}, {"order": "b"}),  # DAO-190
        ("limit", {"limit": 9}, {"limit": 5}, {"limit": 9}),
        ("skip", {}, {"skip": 5}, {}),
        ("offset", {}, {"skip": 5}, {}),
        ("fields", {"fields": ["a"]}, {"fields": ["b"]}, {"fields": ["a"]}),
        ("include", {"include": "a"}, {"include": "b"}, {"include": "a"}),
    ],
)
def test_clauses_can_be_taken_out(clause: str, query: Any, scope: Any, expected: Any) -> None:
    """A clause that is off is not merged; for the order that means that the scope's wins."""
    # DAO-299
    off = frozenset({clause})
    found = merge_scope(parse_filter(query), parse_filter(scope), off)
    assert found == parse_filter(expected)


def test_a_scope_says_false_to_clauses() -> None:
    """False at a clause of a scope switches its merging off."""
    assert parse_scope({"limit": False, "where": {"a": 1}}) == (
        Filter(where=A),
        frozenset({"limit"}),
    )
    assert parse_scope(None) == (Filter(), frozenset())


def test_both() -> None:
    """Everything adds nothing; nothing stays nothing."""
    assert both(A, EVERYTHING) is A
    assert both(EVERYTHING, B) is B
    assert both(A, NOTHING) == And((A, NOTHING))


def relation(name: str, **scope: Any) -> dict[str, Any]:
    """Return an include entry."""
    return {"relation": name, "scope": scope}


@pytest.mark.parametrize(
    ("base", "update", "expected"),
    [
        (None, None, None),  # DAO-300
        ("a", None, "a"),
        (None, ["a"], ["a"]),
        ({}, "a", "a"),
        (["a", "b"], ["b", "c"], [{"relation": "b"}, "c", "a"]),
        ({"a": True}, "b", ["b", {"a": True}]),
        ({"a": "x", "b": "y"}, {"b": True}, [relation("b", include="y"), {"a": "x"}]),
        (
            relation("a", where={"x": 1}, limit=5, order="x", fields=["x"]),  # DAO-196
            relation("a", where={"y": 2}, limit=3, order="y"),
            [
                relation(
                    "a",
                    where={"and": [{"x": 1}, {"y": 2}]},
                    limit=3,
                    order="x",
                    fields=["x"],
                )
            ],
        ),
        ("a", relation("a", where={"y": 2}), [relation("a", where={"y": 2})]),
        (
            relation("a", where={"x": 1}, skip=2),
            relation("a", where=None, skip=3),
            [relation("a", where={"x": 1}, skip=2)],
        ),
        (relation("a", limit="2"), {"rel": "a", "scope": {"limit": 3}}, [relation("a", limit=2)]),
        (
            relation("a", skip=1, fields=["x"]),
            relation("a", offset=9, fields=["y"]),
            [relation("a", skip=1, fields=["y"])],
        ),
        (
            relation("a", include="b"),
            relation("a", include=relation("b", where={"y": 2})),
            [relation("a", include=[relation("b", where={"y": 2})])],
        ),
        (
            [relation("a", where={"x": 1}), relation("a", where={"x": 2})],
            "a",
            [relation("a", where={"and": [{"x": 2}, {"x": 1}]})],
        ),
        ([5], "a", ["a", 5]),
    ],
)
def test_includes_are_united(base: Any, update: Any, expected: Any) -> None:
    """Entries of the scope come first and stand; the caller's narrow them or follow."""
    before = copy.deepcopy((base, update))
    assert merge_includes(base, update) == expected
    assert (base, update) == before


def test_a_malformed_scope_of_an_include_is_refused() -> None:
    """What should narrow a relation is never dropped because it is not understood."""
    with pytest.raises(InvalidQueryError) as caught:
        merge_includes({"relation": "a", "scope": "x"}, "a")
    assert caught.value.code == "INVALID_INCLUSION_FILTER"


@pytest.mark.parametrize(
    ("where", "limit", "expected"),
    [
        (A, A, True),
        (A, B, False),
        (And((B, A)), A, True),
        (And((And((B, A)), NOTHING)), A, True),
        (And((B, A)), And((A, B)), True),
        (A, And((A, B)), False),
        (Or((A, B)), A, False),
        (EVERYTHING, A, False),
        (A, EVERYTHING, True),
    ],
)
def test_what_is_within(where: Where, limit: Where, expected: bool) -> None:
    """A condition is within another if it asks for all that this asks for."""
    # DAO-133
    assert is_within(where, limit) is expected
