"""Whatever a client sends as a filter is understood or refused with the one typed error."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from juggler.errors import InvalidQueryError
from juggler.query.evaluate import select
from juggler.query.form import form, values
from juggler.query.limits import Limits
from juggler.query.normalise import normalise
from juggler.query.operators import LOGICAL, OPERATORS, SIBLINGS
from juggler.query.parse import CLAUSES, parse_filter
from juggler.query.render import to_dict
from juggler.testing.filters import COLUMNS, rows
from tests.query.shapes import shape_of

SHAPE = shape_of({**COLUMNS, "meta": "object"})
LIMITS = Limits(max_depth=100)

WORDS = st.sampled_from(
    sorted({*OPERATORS, *LOGICAL, *SIBLINGS, *COLUMNS, "meta", "address.zip", "friends.0.age"})
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.just(10**400),
    st.sampled_from(["1", "-0.5", "true", "2020-01-01", "1,2", "/a/i", "(a", "feet", "%a_", "i"]),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(WORDS | st.text(max_size=3) | st.just("0"), inner, max_size=3),
    ),
    max_leaves=12,
)
CLAUSE = st.sampled_from(CLAUSES) | st.text(max_size=3)


def check(error: InvalidQueryError) -> None:
    """Hold an error to what every error of a query must say."""
    assert error.status_code == 400
    assert error.path
    assert str(error)


@given(JSON | st.dictionaries(CLAUSE, JSON, max_size=3), rows(max_size=4))
@settings(max_examples=500)
def test_any_json_is_understood_or_refused(given_filter: Any, table: list[dict[str, Any]]) -> None:
    """Parsing, coercing, matching, sorting, writing: nothing but `InvalidQueryError` comes out."""
    before = copy.deepcopy(given_filter)
    try:
        query = normalise(parse_filter(given_filter), SHAPE)
    except InvalidQueryError as error:
        check(error)
    else:
        assert len(select(table, query, ["id"])) <= len(table)
        assert normalise(query, SHAPE) == query
        assert parse_filter(to_dict(query), LIMITS) == query
        hash(form(query))
        values(query)
    assert repr(given_filter) == repr(before)


@given(st.dictionaries(WORDS, JSON, max_size=3), rows(max_size=4))
@settings(max_examples=500)
def test_any_where_is_understood_or_refused(where: Any, table: list[dict[str, Any]]) -> None:
    """The same for conditions alone, with and without a shape, known properties only or all."""
    for shape, known_only in ((SHAPE, False), (SHAPE, True), (None, False)):
        try:
            query = normalise(parse_filter({"where": where}), shape, known_only=known_only)
        except InvalidQueryError as error:
            check(error)
        else:
            assert len(select(table, query, ["id"])) <= len(table)
