"""Writes that update what is there and create what is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from juggler.errors import InvalidQueryError, InvalidValueError, ValidationError
from juggler.persistence.change import apply, patch
from juggler.persistence.conditions import (
    access,
    access_where,
    bound,
    read_filter,
    read_where,
    within_scope,
)
from juggler.persistence.create import insert, prepare, settled, store
from juggler.persistence.data import given_data, make, stored
from juggler.persistence.ids import (
    by_own_id,
    check_same_id,
    has_id,
    ids_in,
    key_of,
    without_ids,
)
from juggler.persistence.operation import Operation
from juggler.persistence.road import begin, first, not_found
from juggler.persistence.rows import from_store, instances, projected
from juggler.persistence.steps import after_save, before_patch, loaded, persist
from juggler.persistence.validating import check
from juggler.query.nodes import Filter, Where

Options = Mapping[str, Any] | None
Data = dict[str, Any]


async def update_or_create(model: Any, data: Any, options: Options = None) -> Any:
    """Merge *data* into the record with its id, or create it; return the instance.

    Atomic where the connector has upserts.  Defaults are for a new record only.

    Raises:
        NotFoundError: The model chooses its ids (``force_id``) and there is no such record.
        DuplicateEntryError: The id is that of a record outside the scope.
        ValidationError: A rule is broken.
    """
    if isinstance(data, list | tuple):
        raise TypeError("update_or_create takes one record; bulk (array) input is not supported.")
    async with begin(model, "upsert", options, target=lambda: data or {}) as op:
        given = given_data(op, data)
        if not has_id(op.shape, given):
            return await insert(op, make(op, _as_new(op, given)))
        own = ids_in(op.shape, given, op.model_name)
        where = await access_where(op, bound(op, own))
        if where != bound(op, own):
            return await _by_reading(op, where, without_ids(op.shape, given))
        if op.model.definition.force_id or "upsert" not in op.capabilities:
            return await _by_reading(op, where, given)
        return await _in_one(op, own, given)


async def upsert_with_where(model: Any, where: Any, data: Any, options: Options = None) -> Any:
    """Merge *data* into the one record that matches, or create it; return the instance.

    Raises:
        InvalidQueryError: Several records match; nothing was changed.
        InvalidValueError: *data* is empty.
    """
    if where is None:
        raise TypeError("upsert_with_where: where is missing.")
    async with begin(model, "upsert_with_where", options, target=lambda: data or {}) as op:
        given = given_data(op, data)
        if not given:
            raise InvalidValueError(
                f"upsert_with_where: data for {op.model_name} must not be empty.",
                model=op.model_name,
            )
        asked = bound(op, read_where(op, where, writes=True))
        return await _by_reading(op, await access_where(op, asked), given)


async def _by_reading(op: Operation, where: Where, given: Data) -> Any:
    """Look for the record first; not atomic."""
    found = await first(op, where, limit=2)
    if len(found) > 1 and op.name == "upsert_with_where":
        raise InvalidQueryError(
            f"{op.name}: several {op.model_name} match; nothing was changed.",
            code="SEVERAL_MATCH",
            model=op.model_name,
            path="where",
        )
    if found:
        return await patch(op, found[0], given, by_own_id(found[0]))
    if op.name == "upsert" and op.model.definition.force_id:
        raise not_found(op, where)
    return await insert(op, make(op, _as_new(op, given)))


async def _in_one(op: Operation, own: Where, given: Data) -> Any:
    """Let the connector find out whether the record is there; atomic."""
    key = key_of(own)
    where, left = await before_patch(op, own, given, is_new=None)
    given = given_data(op, left)
    check_same_id(op.shape, key, given)
    given |= key
    whole = make(op, _as_new(op, given))
    current = await _needed(op, whole, where)
    if current is not None:
        return await apply(op, current, given, where)
    trial = make(op, given, defaults=False)
    narrowed, left = await persist(op, stored(trial), where, trial)
    left |= key
    missing = {name: value for name, value in stored(whole).items() if name not in left}
    scope = op.scope.filter.where if narrowed is own else bound(op, narrowed)
    row, is_new = await op.store.update_or_create(op.info, left, missing, scope, op.options)
    op.check_alive()
    shown = await loaded(op, row, is_new=is_new)
    instance = from_store(op, row, shown)
    await after_save(op, instance, is_new=is_new)
    return instance


async def _needed(op: Operation, whole: Any, where: Where) -> Any:
    """Return the record that is there if what was given is not valid by itself, else None.

    *whole* is what would be created; where that breaks a rule, it has to be known whether there is
    something to update, and whether that is valid afterwards.

    Raises:
        ValidationError: The new record breaks a rule and there is no other.
    """
    try:
        await check(op, whole)
    except ValidationError:
        found = await first(op, bound(op, where))
        if not found:
            raise
        return found[0]
    return None


def _as_new(op: Operation, given: Data) -> Data:
    """Return *given* with the values that are for a new record only."""
    extra = op.options.get("set_on_insert") if op.options else None
    if extra is None:
        return given
    return {**given_data(op, extra, "set_on_insert"), **given}


# find or create -------------------------------------------------------------------------------


async def find_or_create(
    model: Any, filter: Any, data: Any = None, options: Options = None
) -> tuple[Any, bool]:
    """Return the first record that matches and False, or a new one and True.

    With one argument it is both the condition and the data.  Atomic where the connector can; what
    is found is neither validated nor shown to "before save" observers.
    """
    if data is None:
        filter, data = {"where": filter}, filter
    async with begin(model, "find_or_create", options, target=lambda: filter) as op:
        given = given_data(op, data)
        asked = replace(read_filter(op, filter), limit=1)
        query = replace(await access(op, within_scope(op, asked)), limit=1)
        rows = await op.store.all(op.info, query, op.options)
        if rows:
            return (await instances(op, rows, query))[0], False
        instance = make(op, given)
        await prepare(op, instance)
        if "find_or_create" not in op.capabilities:
            return await store(op, instance), True
        return await _find_or_insert(op, query, instance)


async def _find_or_insert(op: Operation, query: Filter, instance: Any) -> tuple[Any, bool]:
    """Let the connector decide at one blow whether *instance* is stored."""
    former = stored(instance)
    where, left = await persist(op, former, query.where, instance, is_new=True)
    wanted = replace(query, where=where, fields=None)
    row, is_new = await op.store.find_or_create(op.info, wanted, left, op.options)
    if not is_new:
        return (await instances(op, projected([row], query), query))[0], False
    key = {name: row.get(name) for name in op.shape.ids}
    answer = next(iter(key.values()), None) if len(key) == 1 else key or None
    await settled(op, instance, former, left, answer)
    return instance, True
