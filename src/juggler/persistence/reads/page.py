"""Pages: a few records at a time, and a cursor to what comes after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Generic, TypeVar

from msgspec import Struct

from juggler.errors import InvalidQueryError
from juggler.persistence.conditions import NO_CLAUSES, read_filter
from juggler.persistence.limits import limits_of
from juggler.persistence.operation import Operation
from juggler.persistence.reads.cursor import mark_of, read_cursor, write_cursor
from juggler.persistence.reads.located import count_of
from juggler.persistence.reads.portions import Place, Portions, asked_for, bounded
from juggler.persistence.road import begin
from juggler.persistence.scoping import as_told
from juggler.query.nodes import Filter

M = TypeVar("M")
Options = Mapping[str, Any] | None

SIZE: Final = 50
"""Records on a page, unless the call or the settings say otherwise."""


class Page(Struct, Generic[M], frozen=True):
    """One page of a query; immutable.

    Attributes:
        items: The instances, in the order of the query.
        next_cursor: What `find_page` takes to go on; None on the last page.
        total: How many records match in all; None where it was not asked for.
        has_more: Whether there is another page.
    """

    items: tuple[M, ...]
    next_cursor: str | None = None
    total: int | None = None
    has_more: bool = False


async def find_page(
    model: Any,
    filter: Any = None,
    cursor: str | None = None,
    options: Options = None,
    clauses: Mapping[str, Any] = NO_CLAUSES,
    *,
    total: bool = False,
) -> Page[Any]:
    """Return the page of a query that comes after *cursor*, or the first.

    Raises:
        InvalidQueryError: The filter is not understood, or the cursor is not of this query.
    """
    async with begin(model, "find_page", options, target=lambda: as_told(filter, clauses)) as op:
        asked = read_filter(op, filter, clauses)
        query = await asked_for(op, filter, clauses)
        portions = Portions(op, query, is_told=True)
        mark = mark_of(op.model_name, asked, portions.order)
        place = Place(None, query.offset)
        if cursor is not None:
            place = read_cursor(cursor, mark, portions.order, op.shape)
        size = _size(op, query)
        rows = await portions.read(place, size + 1)
        items = await portions.load(rows[:size])
        count = await count_of(op, query.where) if total else None
        following = None
        if len(rows) > size:
            following = write_cursor(mark, portions.next(place, rows[:size]))
        return Page(tuple(items), following, count, len(rows) > size)


def _size(op: Operation, query: Filter) -> int:
    """Return how many records a page has.

    Raises:
        InvalidQueryError: There would be none.
    """
    limits = limits_of(op)
    size = bounded(query.limit, limits)
    if query.limit is None and limits.default_limit is None:
        size = bounded(SIZE, limits)
    if not size:
        raise InvalidQueryError("limit: a page has at least one record.", path="limit", value=0)
    return size
