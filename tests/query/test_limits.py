"""Queries are bounded in depth, breadth and in what they may use."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET

from juggler.errors import InvalidQueryError
from juggler.query.form import form
from juggler.query.limits import DEEPEST, Limits
from juggler.query.match import compile_where
from juggler.query.nodes import And, Bare, Condition, Filter, Or
from juggler.query.normalise import normalise, normalise_where
from juggler.query.parse import parse_filter, parse_where
from juggler.query.render import where_to_dict
from tests.query.parsed import PATTERN, eq, refused


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
        ({"a": {"elem_match": {"gt": 1, "lt": 9}}, "b": 1}, {"max_conditions": 3}),
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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_depth", 100_000),
        ("max_depth", -1),
        ("undefined", "guess"),
        ("like", "anything"),
        ("allow_regexp", "false"),
        ("max_limit", -1),
        ("max_limit", "2"),
        ("max_limit", 2**63),
        ("default_limit", 1.5),
        ("max_conditions", None),
        ("max_inq_items", True),
        ("max_regexp_length", "9"),
    ],
)
def test_limits_that_cannot_hold_are_refused(name: str, value: Any) -> None:
    """A bound that settings or a call give wrongly is an error, and never no bound."""
    # DAO-178, DAO-183, DAO-186
    with pytest.raises(ValueError, match=name):
        Limits(**{name: value})


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


def test_a_dotted_name_has_as_many_levels() -> None:
    """A path through many objects is bounded like the objects written out, in every clause."""
    # DAO-167
    long = ".".join(["a"] * 33)
    for raw in ({"where": {long: 1}}, {"order": long}, {"where": {"not": {long: {"gt": 1}}}}):
        with pytest.raises(InvalidQueryError, match="32") as caught:
            normalise(parse_filter(raw), None)
        assert caught.value.code == "QUERY_OBJECT_TOO_DEEP"
    found = normalise_where(parse_where({long[2:]: 1}), None)
    assert found == Condition(("a",) * 32, "eq", 1)
