"""Run whole filters over rows in process, for stores without a language and for everybody else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from juggler.query.clauses import read_order
from juggler.query.match import Predicate, compile_where
from juggler.query.nodes import EVERYTHING, Filter
from juggler.query.normalise import normalise
from juggler.query.order import arrange, sort_rows
from juggler.query.parse import parse_filter

Row = Mapping[str, Any]
T = TypeVar("T", bound=Mapping[str, Any])


def apply_filter(filter: Mapping[str, Any] | Filter | None) -> Predicate:
    """Return a function that tells whether a row matches the where of *filter*.

    Nothing is declared of the rows, so operands are taken as they are.  The where may also be a
    function already.

    Raises:
        InvalidQueryError: The filter is not understood.
    """
    if isinstance(filter, Mapping) and callable(filter.get("where")):
        given: Predicate = filter["where"]
        return given
    return compile_where(normalise(parse_filter(filter), None).where)


def sort(rows: Iterable[T], order: Any) -> list[T]:
    """Return *rows* sorted by *order*: a text, a list of texts, or parsed terms.

    Raises:
        InvalidQueryError: The order is not understood.
    """
    return sort_rows(rows, read_order(order))


def select(rows: Iterable[Row], query: Filter, ids: Iterable[str] = ()) -> list[dict[str, Any]]:
    """Return copies of the *rows* that a normalised *query* asks for, in its order."""
    if query.where != EVERYTHING:
        rows = filter(compile_where(query.where), rows)
    fields = select_fields(query.fields)
    return [fields(row) for row in arrange(rows, query, ids)]


def select_fields(fields: tuple[str, ...] | None) -> Callable[[Row], dict[str, Any]]:
    """Return a function that copies the properties *fields* of a row, or all of them."""
    if fields is None:
        return dict
    return lambda row: {name: row[name] for name in fields if name in row}
