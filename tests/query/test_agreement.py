"""The whole language against a second, naive implementation of it."""

from typing import Any

from hypothesis import given, settings

from juggler.query.evaluate import select
from juggler.query.match import compile_where
from juggler.query.normalise import normalise
from juggler.query.parse import parse_filter
from juggler.testing.filters import COLUMNS, cases, filters, rows, wheres
from tests.query import reference
from tests.query.shapes import shape_of

SHAPE = shape_of(COLUMNS)


@given(cases())
@settings(max_examples=400)
def test_conditions_match_as_the_reference_says(case: tuple[list[dict[str, Any]], Any]) -> None:
    """For every condition, each row matches or not as the plain reading of the language has it."""
    table, where = case
    check = compile_where(normalise(parse_filter({"where": where}), SHAPE).where)
    assert [check(row) for row in table] == [reference.matches(row, where) for row in table]


@given(rows(min_size=3), wheres())
@settings(max_examples=150)
def test_rows_match_as_the_reference_says(table: list[dict[str, Any]], where: Any) -> None:
    """For every tree of conditions, too, each row matches or not as the plain reading has it."""
    query = normalise(parse_filter({"where": where}), SHAPE)
    check = compile_where(query.where)
    assert [check(row) for row in table] == [reference.matches(row, where) for row in table]


@given(rows(min_size=3), filters())
@settings(max_examples=200)
def test_whole_filters_give_the_rows_of_the_reference(
    table: list[dict[str, Any]], query: dict[str, Any]
) -> None:
    """Where, order, distance, paging: the same rows in the same order."""
    expected = reference.find(table, query)
    assert select(table, normalise(parse_filter(query), SHAPE), ["id"]) == expected
