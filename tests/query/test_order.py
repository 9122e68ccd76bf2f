"""Rows are sorted in one total order and paged."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.query.clauses import read_order
from juggler.query.evaluate import select, select_fields
from juggler.query.nodes import And, Condition, Filter, Near, Not, Or, OrderBy
from juggler.query.order import arrange, page, sort_rows, total_order
from juggler.types.geo import GeoPoint
from juggler.types.temporal import DateString

NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)

# DAO-267: one of each, in the one order of all values.
ASCENDING: list[Any] = [
    *(None, False, True),
    *(float("nan"), float("-inf"), -1, Decimal("0.5"), 1, 1.5, 2**70),
    *("", "B", "a", DateString("2020-01-01"), "\uffff", "\U0001f600"),
    *(NOON.replace(tzinfo=None, year=2019), NOON),
    *(GeoPoint(0, 1), GeoPoint(1, 0), b"a", {"a": 1}, {"b": 0}, [1], [1, 2], ["a"]),
]
ASCENDING[10:16] = sorted(ASCENDING[10:16], key=str)


def sorted_values(values: list[Any], order: str) -> list[Any]:
    """Return *values* as rows sorted by `a ...` have them."""
    return [
        row.get("a") for row in sort_rows([{"a": value} for value in values], read_order(order))
    ]


@given(st.permutations(ASCENDING))
def test_all_values_have_one_order(values: list[Any]) -> None:
    """Values of every kind sort into one order, from wherever they start; DESC is its reverse."""
    assert list(map(repr, sorted_values(values, "a"))) == list(map(repr, ASCENDING))
    assert list(map(repr, sorted_values(values, "a DESC"))) == list(map(repr, ASCENDING[::-1]))


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("a", [None, 1, 2]),  # DAO-188
        ("a DESC", [2, 1, None]),
        ("a NULLS FIRST", [None, 1, 2]),
        ("a NULLS LAST", [1, 2, None]),
        ("a DESC NULLS FIRST", [None, 2, 1]),
        ("a DESC NULLS LAST", [2, 1, None]),
    ],
)
def test_nulls_stand_where_they_are_told(order: str, expected: list[Any]) -> None:
    """Null and missing come first on ASC and last on DESC, unless the term says otherwise."""
    # DAO-257
    assert sorted_values([2, None, 1], order) == expected
    rows = [{"a": 2}, {}, {"a": 1}]
    assert [row.get("a") for row in sort_rows(rows, read_order(order))] == expected


def test_nocase_compares_lower_case() -> None:
    """NOCASE does not tell B from b; everything else keeps its place."""
    # DAO-325
    assert sorted_values(["b", "A", "C", "a"], "a NOCASE") == ["A", "a", "b", "C"]
    assert sorted_values(["b", 1, None, "A"], "a DESC NOCASE") == ["b", "A", 1, None]
    assert sorted_values(["b", "A", "C"], "a") == ["A", "C", "b"]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3))))
def test_several_terms_and_ties(pairs: list[tuple[int, int]]) -> None:
    """Later terms break the ties of earlier ones; what still ties stays in the order it had."""
    # DAO-257
    rows = [{"a": a, "b": b, "place": place} for place, (a, b) in enumerate(pairs)]
    found = sort_rows(rows, read_order("a DESC, b"))
    assert found == sorted(rows, key=lambda row: (-row["a"], row["b"], row["place"]))


def test_paths_lead_into_objects_but_not_through_lists() -> None:
    """A path sorts by an embedded value or a numbered element; a list in the way is nothing."""
    # DAO-144
    rows: list[dict[str, Any]] = [
        {"id": 1, "x": {"y": 2}, "z": [{"q": 1}, {"q": 5}]},
        {"id": 2, "x": {"y": 1}, "z": [{"q": 2}]},
        {"id": 3, "x": 7},
    ]

    def ids(order: str) -> list[Any]:
        return [row["id"] for row in sort_rows(rows, read_order(order))]

    assert ids("x.y") == [3, 2, 1]
    assert ids("z.0.q DESC") == [2, 1, 3]
    assert ids("z.1.q DESC, id DESC") == [1, 3, 2]
    assert ids("z.q") == [1, 2, 3]


def test_the_primary_key_breaks_the_last_ties() -> None:
    """Without order it is the whole order; with one it comes last, unless it is named already."""
    # DAO-083, DAO-257
    assert total_order((), ["a", "b"]) == (OrderBy(("a",)), OrderBy(("b",)))
    given_order = read_order("x, a DESC")
    assert total_order(given_order, ["a", "b"]) == (*given_order, OrderBy(("b",)))


@pytest.mark.parametrize(
    ("limit", "offset", "expected"),
    [(None, 0, [1, 2, 3]), (2, 0, [1, 2]), (2, 2, [3]), (None, 1, [2, 3]), (0, 0, []), (5, 9, [])],
)
def test_pages(limit: int | None, offset: int, expected: list[int]) -> None:
    """A page is what follows the offset, up to the limit; limit 0 is no rows."""
    # DAO-186
    assert page([1, 2, 3], limit, offset) == expected


def test_near_sorts_by_distance_first() -> None:
    """With a near the nearest come first, the order breaks ties, pages are cut after that."""
    # DAO-160, DAO-162, DAO-187
    rows: list[dict[str, Any]] = [
        {"id": 1, "loc": GeoPoint(0, 3)},
        {"id": 2, "loc": GeoPoint(0, 1)},
        {"id": 3},
        {"id": 4, "loc": GeoPoint(0, -1)},
        {"id": 5, "locs": [GeoPoint(0, 9), GeoPoint(0, 2), GeoPoint(0, 8)]},
    ]
    here = Near(GeoPoint(0, 0))
    near, nears = Condition(("loc",), "near", here), Condition(("locs",), "near", here)

    def ids(where: Any, **clauses: Any) -> list[int]:
        return [row["id"] for row in select(rows, Filter(where=where, **clauses), ["id"])]

    assert ids(near) == [2, 4, 1]
    assert ids(near, order=read_order("id DESC")) == [4, 2, 1]
    assert ids(near, limit=1, offset=1) == [4]
    third = Condition(("id",), "eq", 3)
    assert ids(Or((third, near, nears))) == [2, 4, 5, 1, 3]
    assert ids(And((near, Not(nears)))) == [2, 4, 1]
    assert ids(Not(Not(near))) == [1, 2, 4]
    assert ids(Not(near)) == [3, 5]


def test_fields_are_copied_out() -> None:
    """Only the fields asked for are in the copy, and only where the row has them."""
    # DAO-146, DAO-297
    row = {"a": 1, "b": None}
    assert select_fields(("b", "c"))(row) == {"b": None}
    whole = select_fields(None)(row)
    assert whole == row
    assert whole is not row


@given(
    st.lists(
        st.sampled_from([None, 1, 2, 2.0, 3, "a", "B", "b", True, float("nan")]),
        min_size=20,
        max_size=40,
    ),
    st.sampled_from(["x", "x DESC", "x NOCASE", "x DESC NULLS FIRST, y", "y DESC, x"]),
    st.integers(0, 3),
    st.integers(0, 2),
)
def test_a_few_rows_of_many_are_those_that_sorting_all_gives(
    values: list[Any], order: str, limit: int, offset: int
) -> None:
    """The first rows are found without sorting all, and are the same ones, in the same order."""
    rows = [{"id": at, "x": value, "y": at % 3} for at, value in enumerate(values)]
    terms = read_order(order)
    expected = sort_rows(rows, total_order(terms, ["id"]))[offset : offset + limit]
    assert arrange(rows, Filter(order=terms, limit=limit, offset=offset), ["id"]) == expected
    assert arrange(rows, Filter(order=terms, limit=limit, offset=offset), []) == expected
