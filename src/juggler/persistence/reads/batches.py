"""Records by many ids: in as many calls of the store as its longest list makes it."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from juggler.persistence.operation import Operation
from juggler.persistence.reads.located import needed, rows_of
from juggler.query.evaluate import select
from juggler.query.nodes import And, Condition, Filter, Or, Where

Row = dict[str, Any]


def any_of(parts: list[Where]) -> Where:
    """Return the condition for any of the ids that *parts* are the conditions of."""
    if isinstance(parts[0], Condition):
        path = parts[0].path
        return Condition(path, "inq", tuple(wanted(part)[0] for part in parts))
    return Or(tuple(parts))


def wanted(part: Where) -> tuple[Any, ...]:
    """Return the values of the key that one condition asks for."""
    if isinstance(part, Condition):
        return (part.value,)
    children = getattr(part, "children", ())
    return tuple(child.value for child in children)


async def rows_by_ids(op: Operation, query: Filter, parts: list[Where]) -> list[Row]:
    """Return the rows of *query*, which holds the condition for *parts*; unpaged, with ids."""
    fields = query.fields
    if fields is not None:
        fields = tuple(dict.fromkeys((*fields, *op.shape.ids)))
    whole = needed(op, replace(query, limit=None, offset=0, fields=fields))
    rows: list[Row] = []
    for each in _batches(op, whole, parts):
        rows += await rows_of(op, each)
    return rows


async def ordered_by_query(op: Operation, query: Filter, parts: list[Where]) -> list[Row]:
    """Return the rows of *query* in its own order, paged."""
    batches = _batches(op, needed(op, query), parts)
    if len(batches) == 1:
        return await rows_of(op, batches[0])
    rows: list[Row] = []
    for each in batches:
        rows += await rows_of(op, replace(each, limit=None, offset=0, fields=None))
    return select(rows, replace(query, fields=None), op.shape.ids)


def _batches(op: Operation, query: Filter, parts: list[Where]) -> list[Filter]:
    """Return *query* for as many ids at a time as the store takes."""
    most = op.store.max_list
    if most is None or len(parts) <= most:
        return [query]
    whole = any_of(parts)
    starts = range(0, len(parts), most)
    found = [_exchanged(query.where, whole, any_of(parts[at : at + most])) for at in starts]
    if found[0] == query.where:  # an observer has put another condition in its place
        return [query]
    return [replace(query, where=where) for where in found]


def _exchanged(where: Where, whole: Where, part: Where) -> Where:
    """Return *where* with *part* in the place of the condition *whole*."""
    if where == whole:
        return part
    if isinstance(where, And):
        return And(tuple(_exchanged(child, whole, part) for child in where.children))
    return where
