"""The simplest queries are read in one step, and to the same nodes as all others."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.errors import InvalidQueryError
from juggler.query.equalities import Equalities
from juggler.query.nodes import And, Condition, Filter
from juggler.query.normalise import normalise, normalise_where
from juggler.query.parse import parse_filter, parse_where
from juggler.testing.filters import COLUMNS, filters, wheres
from tests.query.shapes import shape_of

SHAPE = shape_of({**COLUMNS, "and": "string", "odd name": "string"})
READER = Equalities(SHAPE)

NAMES = st.sampled_from([*COLUMNS, "and", "odd name", "unknown", "$where", "a.b", 1])
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=4),
    st.sampled_from(["1", "nan", "2024-01-01", "\ud800", {"gt": 1}, {"a": 1}, [1], object()]),
)


@given(st.dictionaries(NAMES, VALUES, max_size=10) | wheres())
def test_a_condition_is_what_the_long_way_makes_of_it(where: Any) -> None:
    """Where the short way answers, the long way says the same."""
    found = READER.where(where)
    if found is not None:
        assert found == normalise_where(parse_where(where), SHAPE)
        assert repr(found) == repr(normalise_where(parse_where(where), SHAPE))


@given(
    filters()
    | st.fixed_dictionaries(
        {},
        optional={
            "where": st.dictionaries(NAMES, VALUES, max_size=3) | st.none() | st.integers(),
            "limit": VALUES,
            "order": st.just("id"),
        },
    )
)
def test_a_filter_is_what_the_long_way_makes_of_it(query: dict[str, Any]) -> None:
    """Where the short way answers, the long way says the same."""
    found = READER.filter(query)
    if found is not None:
        assert found == normalise(parse_filter(query), SHAPE)


@given(st.dictionaries(NAMES, VALUES, max_size=3))
def test_what_is_refused_is_left_to_the_long_way(where: dict[Any, Any]) -> None:
    """Whatever the long way refuses, the short way does not answer."""
    try:
        normalise_where(parse_where(where), SHAPE)
    except InvalidQueryError:
        assert READER.where(where) is None


def test_most_queries_go_the_short_way() -> None:
    """Plain values that declared properties equal are read in one step, coerced."""
    name = next(item.name for item in SHAPE if item.type.name == "number")
    one = Condition((name,), "eq", 7)
    assert READER.where({name: "7"}) == one
    assert READER.where({name: 7, "id": None}) == And((one, Condition(("id",), "eq", None)))
    assert READER.filter({"where": {name: 7}, "limit": 3}) == Filter(where=one, limit=3)
    assert READER.filter({}) == Filter()


@pytest.mark.parametrize(
    "where",
    [
        None,
        {},
        [],
        {"unknown": 1},
        {"and": "text"},
        {"odd name": "text"},
        {"id": {"gt": 1}},
        {"id": [1]},
        {f"n{at}": 1 for at in range(20)},
    ],
)
def test_all_others_go_the_long_way(where: Any) -> None:
    """What is not a few declared names with plain values is not answered."""
    assert READER.where(where) is None
