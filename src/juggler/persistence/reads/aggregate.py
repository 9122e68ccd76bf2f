"""Figures over many records: sums, means, extremes and counts by groups, and distinct values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from juggler.errors import InvalidQueryError, OperationNotSupportedError
from juggler.messages.text import say
from juggler.models.instances.dump import complete
from juggler.models.instances.loading import load_foreign
from juggler.persistence.conditions import access_where, bound, read_filter, read_where
from juggler.persistence.hidden import guarded
from juggler.persistence.limits import limits_of, without_default
from juggler.persistence.operation import Operation
from juggler.persistence.reads.located import rows_of
from juggler.persistence.road import begin
from juggler.query.aggregate import Aggregation, normalise_aggregation, read_aggregation
from juggler.query.gather import gather
from juggler.query.located import has_near
from juggler.query.nodes import Filter

Options = Mapping[str, Any] | None
Asked = Mapping[str, Any]

IN_PROCESS = "allow_in_process_aggregate"


async def aggregate(model: Any, asked: Asked, options: Options = None) -> list[dict[str, Any]]:
    """Return the result rows of what was *asked*.

    Raises:
        InvalidQueryError: A clause is not understood, or asks for what must not be asked for.
        OperationNotSupportedError: The store cannot, and nothing allows to do it in process.
    """
    shown = {"where": asked.get("where") or {}}
    async with begin(model, "aggregate", options, target=lambda: shown) as op:
        return await _run(op, asked)


async def distinct(model: Any, name: str, where: Any = None, options: Options = None) -> list[Any]:
    """Return the values of the property *name*, each once, in order; None where one is missing."""
    if not isinstance(name, str):
        raise TypeError(f"distinct: property is a name, not {type(name).__name__}.")
    async with begin(model, "distinct", options, target=lambda: {"where": where or {}}) as op:
        rows = await _run(op, {"group_by": [name], "where": where})
        return [row[name] for row in rows]


async def _run(op: Operation, asked: Asked) -> list[dict[str, Any]]:
    """Take an aggregation the whole way to the store."""
    limits = limits_of(op, writes=True)
    found = read_aggregation(asked, limits)
    _check_visible(op, found)
    page = read_filter(
        op, {"limit": asked.get("limit"), "skip": asked.get("skip")}, limits=without_default(op)
    )
    found = replace(
        normalise_aggregation(found, op.shape, limits), limit=page.limit, offset=page.offset
    )
    where = bound(op, read_where(op, asked.get("where"), writes=True))
    found = replace(found, where=await access_where(op, where))
    rows = await _results(op, found)
    op.check_alive()
    if op.store.exact and not any(found.kind(name).rebuilds for name in found.names):
        return rows
    return [_loaded(found, row) for row in rows]


def _check_visible(op: Operation, asked: Aggregation) -> None:
    """Refuse figures of what is hidden from the caller, or outside the scope's fields.

    Raises:
        InvalidQueryError: ``PROPERTY_NOT_QUERYABLE``.
    """
    paths = asked.paths
    guarded(op, paths, lambda guard, asked: guard.paths(asked, op.name), writes=True)
    fields = None if "fields" in op.scope.off else op.scope.filter.fields
    for path in paths:
        if fields is not None and path[0] not in fields:
            name = ".".join(path)
            raise InvalidQueryError(
                say("query.hidden", path=op.name, name=repr(name)),
                code="PROPERTY_NOT_QUERYABLE",
                path=op.name,
                property=name,
            )


async def _results(op: Operation, asked: Aggregation) -> list[dict[str, Any]]:
    """Return what the store makes of *asked*, or what is made of its rows here."""
    store, is_located = op.store, has_near(asked.where)
    if store.capabilities.issuperset({"aggregate", "near"} if is_located else {"aggregate"}):
        return await store.aggregate(op.info, asked, op.options)
    if op.setting(IN_PROCESS) is not True:
        raise OperationNotSupportedError(
            f"{op.name}: the store of {op.model_name} has no aggregates; {IN_PROCESS} reads all "
            "rows that match and does it here.",
            model=op.model_name,
            value=op.name,
        )
    fields = tuple(dict.fromkeys(path[0] for path in asked.paths)) or None
    rows = await rows_of(op, Filter(asked.where, fields=fields))
    return gather(rows if store.exact else _exact(op, rows), asked)


def _exact(op: Operation, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return *rows* with values of their properties' types."""
    return [complete(load_foreign(op.model, row)) for row in rows]


def _loaded(asked: Aggregation, row: dict[str, Any]) -> dict[str, Any]:
    """Return a result row with values of their types, whatever the store made them."""
    return {
        name: None if value is None else asked.kind(name).load(value) for name, value in row.items()
    }
