"""Reading: find and its relatives, count, exists, reload."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from juggler.connectors.contract import Counted
from juggler.errors import InvalidQueryError
from juggler.models.instances.records import Records
from juggler.persistence.conditions import (
    NO_CLAUSES,
    access,
    access_where,
    bound,
    read_filter,
    read_where,
    within_scope,
    without_include,
)
from juggler.persistence.ids import by_id, by_own_id, id_key, require_key
from juggler.persistence.limits import without_default
from juggler.persistence.operation import Operation
from juggler.persistence.reads.batches import any_of, ordered_by_query, rows_by_ids, wanted
from juggler.persistence.reads.located import count_of, loaded, needed, rows_of
from juggler.persistence.road import begin, not_found
from juggler.persistence.rows import instances, refresh
from juggler.persistence.scoping import NO_SCOPE, as_told
from juggler.query.merge import both
from juggler.query.nodes import Filter, Where

Options = Mapping[str, Any] | None
Clauses = Mapping[str, Any]


async def find(
    model: Any, filter: Any = None, options: Options = None, clauses: Clauses = NO_CLAUSES
) -> list[Any]:
    """Return the instances that match, in the order of the query."""
    async with begin(model, "find", options, target=lambda: as_told(filter, clauses)) as op:
        query = within_scope(op, read_filter(op, filter, clauses))
        found = await _run(op, query)
        return Records(found, found.count_before_limit if isinstance(found, Counted) else None)


async def find_one(
    model: Any, filter: Any = None, options: Options = None, clauses: Clauses = NO_CLAUSES
) -> Any:
    """Return the first instance that matches, or None."""
    async with begin(model, "find_one", options, target=lambda: as_told(filter, clauses)) as op:
        query = replace(read_filter(op, filter, clauses), limit=1)
        found = await _run(op, within_scope(op, query))
        return found[0] if found else None


async def find_by_id(
    model: Any,
    id: Any,
    filter: Any = None,
    options: Options = None,
    clauses: Clauses = NO_CLAUSES,
) -> Any:
    """Return the instance with this id, or None; of a filter ``fields`` and ``where`` count."""
    async with begin(model, "find_by_id", options, target=lambda: _id_query(model, id)) as op:
        where = by_id(op.shape, id, op.model_name)
        if filter is None and not clauses:
            query = Filter(where=where, limit=1)
        else:
            query = _beside_id(read_filter(op, filter, clauses), where)
        found = await _run(op, _one_in_scope(op, query))
        return found[0] if found else None


async def find_by_ids(
    model: Any,
    ids: Any,
    filter: Any = None,
    options: Options = None,
    clauses: Clauses = NO_CLAUSES,
) -> list[Any]:
    """Return the instances with these ids, in their order unless the filter has one.

    Ids that nothing has are skipped; one that is given twice counts once.
    """
    if not isinstance(ids, list | tuple):
        raise TypeError(f"find_by_ids: ids is a list, not {type(ids).__name__}.")
    async with begin(model, "find_by_ids", options, target=lambda: as_told(filter, clauses)) as op:
        require_key(op.shape, op.model_name)
        parts = [by_id(op.shape, each, op.model_name) for each in ids]
        asked = read_filter(op, filter, clauses, limits=without_default(op))
        if not parts:
            return []
        query = within_scope(op, replace(asked, where=both(any_of(parts), asked.where)))
        query = await access(op, replace(query, order=asked.order, offset=asked.offset))
        if query.order:
            return await loaded(op, await ordered_by_query(op, query, parts), query)
        rows = await rows_by_ids(op, query, parts)
        ordered = _in_order(op.shape.ids, rows, [wanted(part) for part in parts])
        end = None if query.limit is None else query.offset + query.limit
        return await loaded(op, ordered[query.offset : end], query)


async def exists(model: Any, id: Any, options: Options = None) -> bool:
    """Tell whether there is a record with this id."""
    async with begin(model, "exists", options, target=lambda: _id_query(model, id)) as op:
        where = await access_where(op, bound(op, by_id(op.shape, id, op.model_name)))
        return await op.store.count(op.info, where, op.options) > 0


async def count(model: Any, where: Any = None, options: Options = None) -> int:
    """Return how many records match."""
    async with begin(model, "count", options, target=lambda: {"where": where or {}}) as op:
        found = await access_where(op, bound(op, read_where(op, where, writes=True)))
        return await count_of(op, found)


async def reload(instance: Any, options: Options = None, *, missing_ok: bool = False) -> Any:
    """Refresh *instance* from the store and return it; None where it is gone and may be.

    Raises:
        NotFoundError: It is gone.
    """
    async with begin(instance._model, "reload", options, instance=instance) as op:
        where = by_own_id(instance)
        found = await _run(op, _one_in_scope(op, Filter(where=where, limit=1)))
        if found:
            refresh(instance, found[0])
            return instance
        if missing_ok:
            return None
        raise not_found(op, where)


async def _run(op: Operation, query: Filter) -> list[Any]:
    """Return the instances of *query* after its observers have seen it."""
    if op.is_observed:
        query = await access(op, query)
    if not op.options:
        rows = await rows_of(op, query)
        found = await instances(op, rows, query)
    else:
        rows = await rows_of(op, needed(op, query))
        found = await loaded(op, rows, query)
    if type(rows) is not list and isinstance(rows, Counted):
        return Counted(found, rows.count_before_limit)
    return found


def _one_in_scope(op: Operation, query: Filter) -> Filter:
    """Return the *query* for one id within the scope, whose paging means nothing there."""
    if op.scope is not NO_SCOPE:
        query = replace(within_scope(op, query), order=(), offset=0, limit=1)
    return without_include(op, query)


def _id_query(model: Any, id: Any) -> dict[str, Any]:
    """Return the query for one id as scope functions are told of it."""
    return {"where": {model.shape.id_name: id}}


def _beside_id(query: Filter, where: Where) -> Filter:
    """Return *query* for one id; what would be without effect there is refused."""
    if query.order or query.offset or query.limit is not None:
        raise InvalidQueryError(
            "find_by_id: `order`, `limit` and `skip` mean nothing for one id; use `fields` and "
            "`where`.",
            path="filter",
        )
    return replace(query, where=both(where, query.where), limit=1)


def _in_order(
    names: tuple[str, ...], rows: list[dict[str, Any]], wanted: list[tuple[Any, ...]]
) -> list[dict[str, Any]]:
    """Return *rows* in the order of the *wanted* ids."""
    by_key = {tuple(id_key(row.get(name)) for name in names): row for row in rows}
    keys = dict.fromkeys(tuple(map(id_key, each)) for each in wanted)
    return [by_key[key] for key in keys if key in by_key]
