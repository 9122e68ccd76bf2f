"""Replacing whole records: what is not given is missing afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.persistence.conditions import access_where, bound
from juggler.persistence.create import insert
from juggler.persistence.data import force, given_data, make, stored
from juggler.persistence.ids import (
    by_id,
    by_own_id,
    check_same_id,
    has_id,
    ids_in,
    key_of,
    require_key,
    without_ids,
)
from juggler.persistence.operation import Operation
from juggler.persistence.road import begin, first, not_found
from juggler.persistence.rows import mark_saved
from juggler.persistence.steps import after_save, before_save, loaded, persist, show_changes
from juggler.persistence.validating import check
from juggler.query.nodes import Where

Options = Mapping[str, Any] | None


async def replace_by_id(model: Any, id: Any, data: Any, options: Options = None) -> Any:
    """Put *data* in the place of the record with this id and return its instance.

    Raises:
        NotFoundError: There is no such record, or it is outside the scope.
        InvalidValueError: *data* holds another id.
        ValidationError: A rule is broken.
    """
    async with begin(model, "replace_by_id", options, target=lambda: data or {}) as op:
        where = by_id(op.shape, id, op.model_name)
        return await _replaced(op, where, given_data(op, data))


async def replace_attributes(instance: Any, data: Any, options: Options = None) -> Any:
    """Put *data* in the place of the record of *instance*; return a new one, it stays as it is."""
    async with begin(
        instance._model,
        "replace_attributes",
        options,
        target=lambda: data or {},
        instance=instance,
    ) as op:
        return await _replaced(op, by_own_id(instance), given_data(op, data))


async def replace_or_create(model: Any, data: Any, options: Options = None) -> Any:
    """Put *data* in the place of the record with its id, or create it; return the instance."""
    async with begin(model, "replace_or_create", options, target=lambda: data or {}) as op:
        given = given_data(op, data)
        if not has_id(op.shape, given):
            return await insert(op, make(op, given))
        own = ids_in(op.shape, given, op.model_name)
        if op.model.definition.force_id:
            return await _replaced(op, own, given)
        where = await access_where(op, bound(op, own))
        if where == bound(op, own):
            return await _put(op, own, given, may_create=True)
        given = without_ids(op.shape, given)
        found = await first(op, where)
        if found:
            return await _replaced(op, by_own_id(found[0]), given)
        return await insert(op, make(op, given))


async def _replaced(op: Operation, where: Where, given: Mapping[str, Any]) -> Any:
    """Replace the record that is there."""
    require_key(op.shape, op.model_name)
    ids = key_of(where)
    check_same_id(op.shape, ids, given)
    return await _put(op, where, {**given, **ids}, may_create=False)


async def _put(op: Operation, where: Where, data: Mapping[str, Any], *, may_create: bool) -> Any:
    """Take a whole record, its id included, the whole way into the store."""
    is_new = None if may_create else False
    instance = make(op, data, persisted=True)
    await before_save(op, instance, is_new=is_new)
    force(op, instance)
    await check(op, instance)
    former = stored(instance)
    narrowed, left = await persist(op, former, where, instance, is_new=is_new)
    left |= key_of(where)
    if await op.store.replace(op.info, bound(op, narrowed), left, op.options):
        is_new = False
    elif may_create and narrowed is where:
        await op.store.create(op.info, left, op.options)
        is_new = True
    else:
        raise not_found(op, where)
    op.check_alive()
    mark_saved(instance)
    shown = await loaded(op, left, is_new=is_new)
    show_changes(op, instance, former, shown)
    await after_save(op, instance, is_new=is_new)
    return instance
