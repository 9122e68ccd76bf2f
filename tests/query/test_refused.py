"""What is not understood in a filter is refused, and the error says where it stands."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.query.parsed import PATTERN, refused

_NO_PATTERNS: tuple[Any, ...] = (0, True, {}, [], None)
_NO_COUNTS: tuple[Any, ...] = (
    *(True, [], {}, "x", "1.5", "", "-1", "9" * 99, "9" * 5000),
    *(-1, 1.5, 2**63, float("inf"), float("nan")),
)
UNKNOWN = "UNKNOWN_OPERATOR"
DOLLAR = "OPERATOR_NOT_ALLOWED_IN_QUERY"
PLAIN = "INVALID_QUERY"


@pytest.mark.parametrize(
    ("given", "path", "code"),
    [
        ("x", "filter", PLAIN),
        ([1], "filter", PLAIN),
        (7, "filter", PLAIN),
        ({"wher": {}}, "wher", PLAIN),
        ({"wher": None}, "wher", PLAIN),
        ({1: {}}, "1", PLAIN),
        ({"where": "x"}, "where", PLAIN),
        ({"where": []}, "where", PLAIN),
        ({"where": [{"a": 1}]}, "where", PLAIN),
        ({"where": False}, "where", PLAIN),
        ({"where": {1: 2}}, "where", PLAIN),
        ({"where": {"": 2}}, "where.", PLAIN),
        ({"where": {"a..b": 2}}, "where.a..b", PLAIN),
        ({"where": {"a": {"foo": 1, "gt": 2}}}, "where.a.foo", UNKNOWN),  # DAO-173
        ({"where": {"a": {"gt": 2, "foo": 1}}}, "where.a.foo", UNKNOWN),
        ({"where": {"$where": "1"}}, "where", DOLLAR),  # DAO-174
        ({"where": {"a": {"$gt": 1}}}, "where.a", DOLLAR),  # DAO-172
        ({"where": {"a": {"gt": 1, "$gt": 1}}}, "where.a", DOLLAR),
        ({"where": {"a": {"gt": {"$gt": 1}}}}, "where.a.gt", DOLLAR),
        ({"where": {"a": {"eq": {"b": {"$gt": 1}}}}}, "where.a.eq.b", DOLLAR),
        ({"where": {"a": {"inq": [{"$gt": 1}]}}}, "where.a.inq.0", DOLLAR),
        ({"where": {"a": [{"$gt": 1}]}}, "where.a.0", DOLLAR),
        ({"where": {"a": {"b": {"$gt": 1}}}}, "where.a.b", DOLLAR),
        ({"where": {"and": [{"$or": []}]}}, "where.and.0", DOLLAR),
        ({"where": {"a": {"inq": "x"}}}, "where.a.inq", PLAIN),
        ({"where": {"a": {"inq": {}}}}, "where.a.inq", PLAIN),
        ({"where": {"a": {"inq": {"0": 1, "2": 1}}}}, "where.a.inq", PLAIN),  # DAO-155
        ({"where": {"a": {"nin": None}}}, "where.a.nin", PLAIN),
        ({"where": {"a": {"between": [1]}}}, "where.a.between", PLAIN),
        ({"where": {"a": {"between": [1, 2, 3]}}}, "where.a.between", PLAIN),
        ({"where": {"a": {"between": "ab"}}}, "where.a.between", PLAIN),
        ({"where": {"a": {"between": [1, [2]]}}}, "where.a.between.1", PLAIN),
        ({"where": {"a": {"gt": [1]}}}, "where.a.gt", PLAIN),
        ({"where": {"a": {"gt": {"b": 1}}}}, "where.a.gt", PLAIN),
        ({"where": {"a": {"lt": PATTERN}}}, "where.a.lt", PLAIN),
        *(
            ({"where": {"a": {name: operand}}}, f"where.a.{name}", PLAIN)
            for name in ("like", "nlike", "ilike", "nilike", "regexp")
            for operand in _NO_PATTERNS
        ),
        ({"where": {"a": {"regexp": re.compile(b"x")}}}, "where.a.regexp", PLAIN),
        ({"where": {"a": {"like": "x", "options": "iq"}}}, "where.a.options", PLAIN),
        ({"where": {"a": {"like": "x", "options": 1}}}, "where.a.options", PLAIN),
        ({"where": {"a": {"gt": 1, "options": "i"}}}, "where.a.options", PLAIN),
        ({"where": {"a": {"exists": "maybe"}}}, "where.a.exists", PLAIN),
        ({"where": {"a": {"exists": 2}}}, "where.a.exists", PLAIN),
        ({"where": {"a": {"exists": None}}}, "where.a.exists", PLAIN),
        ({"where": {"a": {"near": "1,2", "unit": "leagues"}}}, "where.a.near.unit", PLAIN),
        ({"where": {"a": {"near": "1,2", "unit": ["feet"]}}}, "where.a.near.unit", PLAIN),
        *(
            ({"where": {"a": {"near": "1,2", "maxDistance": d}}}, "where.a.near.maxDistance", PLAIN)
            for d in ("far", True, [1], float("nan"), "inf", 10**400)
        ),
        (
            {"where": {"a": {"near": "1,2", "maxDistance": 1, "max_distance": 2}}},
            "where.a.max_distance",
            PLAIN,
        ),
        ({"where": {"a": {"near": "1,2", "options": "i"}}}, "where.a.options", PLAIN),
        ({"where": {"and": "x"}}, "where.and", PLAIN),
        ({"where": {"or": {"a": 1}}}, "where.or", PLAIN),
        ({"where": {"or": {}}}, "where.or", PLAIN),
        ({"where": {"or": [1]}}, "where.or.0", PLAIN),
        ({"where": {"or": [{"a": 1}, "x"]}}, "where.or.1", PLAIN),
        ({"where": {"nor": None}}, "where.nor", PLAIN),
        ({"where": {"not": [{"a": 1}]}}, "where.not", PLAIN),
        *(
            ({clause: value}, clause, PLAIN)
            for clause in ("limit", "skip", "offset")
            for value in _NO_COUNTS
        ),
        ({"limit": "\u0663"}, "limit", PLAIN),
        ({"order": "a UP"}, "order", PLAIN),
        ({"order": "a ASC b"}, "order", PLAIN),
        ({"order": "a DESC NULLS"}, "order", PLAIN),
        ({"order": "a NOCASE NOCASE"}, "order", PLAIN),
        ({"order": "a..b"}, "order", PLAIN),
        ({"order": [1]}, "order", PLAIN),
        ({"order": {"a": "ASC"}}, "order", PLAIN),
        ({"order": ["a", None]}, "order", PLAIN),
        ({"fields": True}, "fields", PLAIN),
        ({"fields": 3}, "fields", PLAIN),
        ({"fields": ["a", 1]}, "fields", PLAIN),
        ({"fields": [["a"]]}, "fields", PLAIN),
        ({"fields": {1: True}}, "fields", PLAIN),
        ({"where": {"a": "\ud800"}}, "where.a", PLAIN),
        ({"where": {"\ud800": 1}}, r"where.\ud800", PLAIN),
    ],
)
def test_what_is_not_understood_is_refused(given: Any, path: str, code: str) -> None:
    """The error has status 400, a code and the path of the clause."""
    # DAO-143, DAO-147, DAO-148, DAO-149
    error = refused(given)
    assert (error.path, error.code) == (path, code)
    assert str(error)


def test_forbidden_operators_are_listed() -> None:
    """The error for operators of a store's own language says which they are and where."""
    # DAO-172
    error = refused({"where": {"a": {"$gt": 1, "$lt": 2}}})
    assert error.details == {"operators": ["$gt", "$lt"], "where": {"$gt": 1, "$lt": 2}}
