"""The evaluator by itself: predicates, sorting, places, without any model."""

from typing import Any

import pytest

from juggler.errors import InvalidQueryError
from juggler.helpers import apply_filter, geo_filter, near_filter, sort

ROWS: list[dict[str, Any]] = [
    {"id": 1, "name": "b", "at": {"lat": 59.91, "lng": 10.75}, "tags": ["x"]},
    {"id": 2, "name": "a", "at": {"lat": 60.39, "lng": 5.32}},
    {"id": 3, "name": None, "at": "nowhere"},
]


def ids(rows: Any) -> list[int]:
    """Return the ids of rows."""
    return [row["id"] for row in rows]


def test_a_filter_is_a_predicate() -> None:
    """`apply_filter` gives the function that tells which rows match; a function is one already."""
    # DAO-236, DAO-331
    assert ids(filter(apply_filter({"where": {"name": {"gt": "a"}}}), ROWS)) == [1]
    assert ids(filter(apply_filter({"where": {"tags": "x"}}), ROWS)) == [1]
    assert ids(filter(apply_filter({"where": lambda row: row["id"] > 1}), ROWS)) == [2, 3]
    assert ids(filter(apply_filter(None), ROWS)) == [1, 2, 3]
    with pytest.raises(InvalidQueryError):
        apply_filter({"where": {"name": {"like": 1}}})


def test_rows_are_sorted_as_stores_sort_them() -> None:
    """`sort` knows directions and nulls, and leaves the rows that it is given alone."""
    # DAO-236, DAO-331
    assert ids(sort(ROWS, "name")) == [3, 2, 1]
    assert ids(sort(ROWS, ["name DESC", "id"])) == [1, 2, 3]
    assert ids(sort(ROWS, "name ASC NULLS LAST")) == [2, 1, 3]
    assert ids(ROWS) == [1, 2, 3]
    with pytest.raises(InvalidQueryError):
        sort(ROWS, "name UPWARDS")


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (None, False),
        ({}, False),
        ({"name": "a", "or": [{"id": 1}]}, False),
        (
            {"at": {"near": "1,2", "maxDistance": 3, "unit": "meters"}},
            [("at", "at", "1,2", 3, None, "meters")],
        ),
        (
            {"and": [{"id": 1}, {"or": {"0": {"home.at": {"near": [1, 2], "min_distance": 4}}}}]},
            [("home.at", ["and", 1, "or", 0, "home.at"], [1, 2], None, 4, None)],
        ),
    ],
    ids=repr,
)
def test_near_conditions_are_found(where: Any, expected: Any) -> None:
    """`near_filter` tells each `near` with its bounds and the way to it."""
    # DAO-164
    found = near_filter(where)
    names = ("key", "path", "near", "maxDistance", "minDistance", "unit")
    told = found and [tuple(each[name] for name in names) for each in found]
    assert told == expected


def test_rows_are_filtered_by_distance() -> None:
    """`geo_filter` keeps what is near to one of the points, nearest first."""
    # DAO-164, DAO-331
    near = near_filter({"at": {"near": "60.3,5.3", "maxDistance": 400, "unit": "kilometers"}})
    assert near
    assert ids(geo_filter(ROWS, near)) == [2, 1]
    near = near_filter(
        {"or": [{"at": {"near": "60.3,5.3", "maxDistance": 9}}, {"at": {"near": "59.9,10.7"}}]}
    )
    assert near
    assert ids(geo_filter(ROWS, near)) == [1, 2]
    for bad in ({"key": "at", "near": "x"}, {"key": "at", "near": "1,2", "unit": "ells"}):
        with pytest.raises(InvalidQueryError):
            geo_filter(ROWS, [bad])
