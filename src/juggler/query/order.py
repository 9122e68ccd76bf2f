"""Sort and page rows in process; the order is total, null and missing are the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import nlargest, nsmallest
from typing import Any, Final, TypeVar

from juggler.query.geo import near_conditions, smallest_distance
from juggler.query.nodes import Filter, OrderBy, Where
from juggler.query.values import TEXT, fold, kind_of, order_key, pick

T = TypeVar("T")
Row = TypeVar("Row", bound=Mapping[str, Any])

_PLAIN_NUMBERS: Final = frozenset({int, float})
_FEW: Final = 8
"""So many times the rows that are wanted, and it is worth while to look for them before sorting."""


def total_order(order: tuple[OrderBy, ...], ids: Iterable[str]) -> tuple[OrderBy, ...]:
    """Return *order* with the key properties that it lacks as last terms, so that no ties remain.

    Without any order that is the primary key ascending.
    """
    named = {term.path for term in order}
    return order + tuple(OrderBy((name,)) for name in ids if (name,) not in named)


def sort_rows(rows: Iterable[Row], order: Sequence[OrderBy]) -> list[Row]:
    """Return *rows* sorted by *order*; equal ones stay in the order they had."""
    found = list(rows)
    for term in reversed(order):
        found = _sorted_by(found, term)
    return found


def nearest_first(rows: Iterable[Row], where: Where) -> list[Row]:
    """Return *rows* by smallest distance to the ``near`` conditions of *where*, if it has any.

    Rows without a location come last; equally far ones stay in the order they had.
    """
    nears = near_conditions(where)
    return sorted(rows, key=smallest_distance(nears)) if nears else list(rows)


def arrange(rows: Iterable[Row], query: Filter, ids: Iterable[str]) -> list[Row]:
    """Return those of the matching *rows* that *query* asks for, in its order: sorted and paged.

    Args:
        rows: The rows.
        query: What is asked for.
        ids: The primary key, which settles ties; without it those rows stay in the order they had.
    """
    order, found = total_order(query.order, ids), list(rows)
    if order and query.limit is not None and not near_conditions(query.where):
        found = _leading(found, order[0], query.offset + query.limit)
    found = sort_rows(found, order)
    return page(nearest_first(found, query.where), query.limit, query.offset)


def page(rows: list[T], limit: int | None, offset: int = 0) -> list[T]:
    """Return the rows of one page; no limit means all."""
    if limit is None and not offset:
        return rows
    return rows[offset : None if limit is None else offset + limit]


def sort_key(term: OrderBy) -> Callable[[Mapping[str, Any]], tuple[Any, ...]]:
    """Return the key function for one term; sort by it in reverse where the term descends."""
    nulls_first = not term.descending if term.nulls_first is None else term.nulls_first
    null = (-1,) if nulls_first is not term.descending else (1,)

    def key(row: Mapping[str, Any]) -> tuple[Any, ...]:
        value = pick(row, term.path)
        if value is None:
            return null
        if term.ignore_case and kind_of(value) == TEXT:
            return (0, TEXT, fold(str(value)))
        return (0, *order_key(value))

    return key


def _leading(rows: list[Row], term: OrderBy, count: int) -> list[Row]:
    """Return those of *rows* that can be among the first *count* by *term*, in the order they had.

    Finding them costs less than sorting all.
    """
    if not 0 < count * _FEW <= len(rows):
        return rows
    keys = _keys(rows, term)
    if term.descending:
        last = nlargest(count, keys)[-1]
        return [row for row, key in zip(rows, keys, strict=True) if key >= last]
    last = nsmallest(count, keys)[-1]
    return [row for row, key in zip(rows, keys, strict=True) if key <= last]


def _sorted_by(rows: list[Row], term: OrderBy) -> list[Row]:
    """Return *rows* sorted by one term."""
    keys = _keys(rows, term)
    places = sorted(range(len(rows)), key=keys.__getitem__, reverse=term.descending)
    return [rows[place] for place in places]


def _keys(rows: list[Row], term: OrderBy) -> list[Any]:
    """Return what *rows* are compared by; plain numbers and plain texts are as they are."""
    name, is_single = term.path[0], len(term.path) == 1
    values = [row.get(name) if is_single else pick(row, term.path) for row in rows]
    kinds = set(map(type, values))
    is_text = kinds == {str} and not term.ignore_case
    if is_text or kinds == {int} or (kinds <= _PLAIN_NUMBERS and not any(map(_is_nan, values))):
        return values
    return list(map(sort_key(term), rows))


def _is_nan(value: Any) -> bool:
    return bool(value != value)  # noqa: PLR0124  what makes a NaN
