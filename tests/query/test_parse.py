"""Filters as callers write them become frozen nodes; what is not understood is refused."""

from __future__ import annotations

import copy
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec import UNSET

from juggler.errors import InvalidQueryError
from juggler.query.form import form
from juggler.query.limits import DEEPEST, Limits
from juggler.query.match import compile_where
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
from juggler.query.normalise import normalise
from juggler.query.operators import OPERATORS
from juggler.query.parse import parse_filter, parse_where
from juggler.query.render import where_to_dict
from juggler.types.geo import GeoPoint

PATTERN = re.compile("J")


def eq(name: str, value: Any) -> Condition:
    """Return an equality."""
    return Condition(tuple(name.split(".")), "eq", value)


def refused(given: Any, limits: Limits | None = None) -> InvalidQueryError:
    """Return the error for a filter that must be refused."""
    with pytest.raises(InvalidQueryError) as caught:
        parse_filter(given, limits or Limits())
    assert caught.value.status_code == 400
    return caught.value


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


@pytest.mark.parametrize("depth", [33, 1_000, 100_000])
@pytest.mark.parametrize("kind", [dict, list])
def test_deep_queries_are_refused(depth: int, kind: type) -> None:
    """However deep it is, a query that is too deep is a clear error and nothing worse."""
    # DAO-167
    deep: Any = kind()
    for _ in range(depth):
        deep = {"and": deep} if kind is dict else [deep]
    error = refused({"where": {"a": deep}})
    assert error.code == "QUERY_OBJECT_TOO_DEEP"
    assert "32" in str(error)
    with pytest.raises(InvalidQueryError, match="32"):
        parse_where({"a": deep})


def test_depth_is_counted_from_the_filter() -> None:
    """The filter is level 0, its clauses level 1; an index of a list counts as a level."""
    # DAO-167
    query: Any = {"where": {"and": [{"a": {"inq": [1]}}]}}
    assert parse_filter(query, Limits(max_depth=6)) != Filter()
    assert refused(query, Limits(max_depth=5)).code == "QUERY_OBJECT_TOO_DEEP"
    shared = {"inq": [1]}
    query = {"where": {"a": shared, "and": [{"b": shared}]}}
    assert parse_filter(query, Limits(max_depth=6)) != Filter()
    assert refused(query, Limits(max_depth=5)).code == "QUERY_OBJECT_TOO_DEEP"


def test_circular_queries_are_refused() -> None:
    """A query that contains itself is refused, wherever the circle closes."""
    # DAO-168
    where: dict[str, Any] = {}
    where["and"] = [{"or": [where]}]
    assert refused({"where": where}).code == "QUERY_OBJECT_IS_CIRCULAR"
    items: list[Any] = []
    items.append(items)
    assert refused({"where": {"a": {"inq": items}}}).code == "QUERY_OBJECT_IS_CIRCULAR"
    assert refused({"include": items}).code == "QUERY_OBJECT_IS_CIRCULAR"


def test_one_container_in_many_places_is_no_circle_and_no_bomb() -> None:
    """Sharing is allowed; what it unfolds to is counted before anything is unfolded."""
    # DAO-183
    shared = {"a": 1}
    assert parse_where({"or": [shared, shared]}) == Or((eq("a", 1), eq("a", 1)))
    bomb: Any = {"a": 1}
    for _ in range(14):
        bomb = {"or": [bomb] * 10}
    error = refused({"where": bomb})
    assert error.details == {"limit": "max_values", "maximum": 100_000}


@pytest.mark.parametrize(
    ("where", "limits"),
    [
        ({"or": [{"a": 1}] * 1000}, {"max_conditions": 1000}),
        ({f"a{number}": 1 for number in range(11)}, {"max_conditions": 10}),
        ({"a": {"inq": [0] * 11}}, {"max_inq_items": 10}),
        ({"a": [0] * 11}, {"max_values": 10}),
        ({"a": {"regexp": "x" * 11}}, {"max_regexp_length": 10}),
    ],
)
def test_breadth_is_bounded(where: Any, limits: dict[str, Any]) -> None:
    """Too many conditions, items, values or characters are refused, naming the limit."""
    # DAO-178, DAO-183
    error = refused({"where": where}, Limits(**limits))
    ((name, maximum),) = limits.items()
    assert error.details == {"limit": name, "maximum": maximum}


def test_regular_expressions_can_be_switched_off() -> None:
    """With allow_regexp off every form of a regular expression is refused."""
    # DAO-178
    for where in ({"a": {"regexp": "x"}}, {"a": PATTERN}, {"a": {"like": PATTERN}}):
        error = refused({"where": where}, Limits(allow_regexp=False))
        assert error.code == "OPERATOR_NOT_SUPPORTED"


def test_unset_is_refused_unless_asked_otherwise() -> None:
    """UNSET in a query raises; on request it becomes None or goes, with the key it stood under."""
    # DAO-170, DAO-185
    where = {"a": UNSET, "b": {"gt": UNSET}, "or": [{"c": {"inq": [1, UNSET]}}, UNSET]}
    error = refused({"where": where})
    assert error.path == "where.a"
    assert refused({"limit": UNSET}).path == "limit"
    ignored = parse_where(where, Limits(undefined="ignore"))
    assert ignored == Or((Condition(("c",), "inq", (1,)),))
    emptied = parse_where({"a": {}, "b": {"eq": UNSET}}, Limits(undefined="ignore"))
    assert emptied == eq("a", Bare({}))
    where = {"a": UNSET, "b": {"inq": [1, UNSET]}}
    nullified = parse_where(where, Limits(undefined="nullify"))
    assert nullified == And((eq("a", None), Condition(("b",), "inq", (1, None))))


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


def test_limits_that_cannot_hold_are_refused() -> None:
    """Depth has a ceiling, and the treatment of UNSET is one of three words."""
    with pytest.raises(ValueError, match="max_depth"):
        Limits(max_depth=100_000)
    with pytest.raises(ValueError, match="undefined"):
        Limits(undefined="guess")  # type: ignore[arg-type]  # what a settings file may hold


def test_the_deepest_query_that_can_be_allowed_works() -> None:
    """At the ceiling of the depth every step still has room on the stack."""
    deepest = Limits(max_depth=DEEPEST, max_conditions=10_000)
    where: Any = {"a": 1}
    for _ in range(DEEPEST // 2 - 1):
        where = {"or": [where]}
    nested: Any = 1
    for _ in range(DEEPEST - 3):
        nested = [nested]
    for each in (where, {"a": {"eq": nested}}):
        query = normalise(parse_filter({"where": each}, deepest), None)
        assert parse_where(where_to_dict(query.where), deepest) == query.where
        assert not compile_where(query.where)({"a": 2})
        assert form(query) is not None
