"""Changing some properties: of one record through its instance, or of all that match."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET

from juggler.errors import InvalidValueError
from juggler.messages.text import say
from juggler.models import dump, values
from juggler.persistence.conditions import access_where, bound, read_where, reread_where
from juggler.persistence.data import given_data, make, refuse_bad
from juggler.persistence.hooks import AFTER_SAVE, BEFORE_SAVE
from juggler.persistence.ids import by_own_id, check_same_id, without_ids
from juggler.persistence.operation import Operation
from juggler.persistence.road import begin, merge, not_found
from juggler.persistence.rows import copy_of, mark_saved, settle
from juggler.persistence.steps import after_save, before_patch, loaded, persist, show_changes
from juggler.persistence.validating import check
from juggler.query.nodes import Where
from juggler.query.render import where_to_dict

Options = Mapping[str, Any] | None


async def update_attributes(instance: Any, data: Any, options: Options = None) -> Any:
    """Change the given properties of a record, in the store and on *instance*; return it.

    Nothing of the instance changes before the store has answered.

    Raises:
        NotFoundError: There is no such record, or it is outside the scope.
        ValidationError: A rule is broken.
    """
    model = instance._model
    target = dict if data is None else lambda: data
    async with begin(model, "update_attributes", options, target=target, instance=instance) as op:
        where = by_own_id(instance)
        return await patch(op, instance, given_data(op, data), where)


async def patch(op: Operation, instance: Any, given: dict[str, Any], where: Where) -> Any:
    """Take changes of one record the whole way into the store and return *instance*."""
    check_same_id(op.shape, instance, given)
    where, left = await before_patch(op, where, given, instance)
    given = given_data(op, left)
    check_same_id(op.shape, instance, given)
    return await apply(op, instance, given, where)


async def apply(op: Operation, instance: Any, given: Mapping[str, Any], where: Where) -> Any:
    """Take changes that observers have seen the rest of the way; see `patch`."""
    given = without_ids(op.shape, {**given, **op.scope.values})
    trial = _tried(instance, given)
    partial = instance._state.partial
    only = None if partial is None else partial | given.keys()
    await check(op, trial, only=only, blame=instance)
    data = _changes(trial, given)
    narrowed, left = await persist(op, data, where, trial, is_new=False)
    if await merge(op, bound(op, narrowed), left) == 0:
        raise not_found(op, where)
    for name, value in given.items():
        settle(instance, name, values.raw(trial, name) if name in data else value, noted=True)
    mark_saved(instance, data)
    shown = await loaded(op, left, is_new=False)
    show_changes(op, instance, data, shown)
    await after_save(op, instance, is_new=False)
    return instance


def _tried(instance: Any, given: Mapping[str, Any]) -> Any:
    """Return a copy of *instance* with *given* set on it."""
    trial = copy_of(instance)
    trial._state.persisted = True  # the store will tell if that is wrong
    for name, value in given.items():
        values.put(trial, name, value)
    return trial


def _changes(trial: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of *given* goes to the store, as *trial* has it."""
    refuse_bad(trial)
    unknown = (*(trial._state.unknown or ()), *trial._shape.unstored)
    found = {name: values.raw(trial, name) for name in given if name not in unknown}
    return {name: dump.plain(value) for name, value in found.items() if value is not UNSET}


# many -----------------------------------------------------------------------------------------


async def update_all(model: Any, where: Any, data: Any, options: Options = None) -> dict[str, int]:
    """Change the given properties of all records that match and return how many matched.

    Raises:
        InvalidQueryError: The condition is not understood, or missing.
        InvalidValueError: *data* would change an id, or has a value that its type refuses.
    """
    target = dict if data is None else lambda: data
    async with begin(model, "update_all", options, target=target) as op:
        given = given_data(op, data)
        found = await access_where(op, bound(op, read_where(op, where, writes=True)))
        found, left = await _before_update(op, found, given)
        given = given_data(op, left)
        _refuse_ids(op, given)
        given |= without_ids(op.shape, op.scope.values)
        trial = make(op, given, defaults=False)
        _refuse_unknown(op, trial)
        await check(op, trial, only=given.keys())
        changes = _changes(trial, given)
        narrowed, changes = await persist(op, changes, found)
        _refuse_ids(op, changes)
        info = {"count": await merge(op, bound(op, narrowed), changes)}
        observers = op.observers(AFTER_SAVE)
        if observers:
            shown = where_to_dict(found)
            await op.notify(AFTER_SAVE, observers, where=shown, data=dict(changes), info=info)
        return info


async def _before_update(op: Operation, where: Where, data: dict[str, Any]) -> tuple[Where, Any]:
    """Return condition and data as observers leave them; both may be replaced."""
    observers = op.observers(BEFORE_SAVE)
    if not observers:
        return where, data
    context = await op.notify(BEFORE_SAVE, observers, where=where_to_dict(where), data=data)
    return reread_where(op, context.where, where), context.data


def _refuse_ids(op: Operation, data: Mapping[str, Any]) -> None:
    """Refuse to change the id, or what is immutable, of many records."""
    for name in data.keys() & op.shape.properties.keys():
        if op.shape.properties[name].options.get("immutable"):
            raise InvalidValueError(
                f"{op.name}: {name!r} of {op.model_name} is immutable.",
                code="IMMUTABLE",
                model=op.model_name,
                property=name,
            )
    for name in op.shape.ids:
        if name in data:
            raise InvalidValueError(
                say("id.not-for-many", operation=op.name, name=repr(name), model=op.model_name),
                code="INVALID_ID",
                model=op.model_name,
                property=name,
                value=data[name],
            )


def _refuse_unknown(op: Operation, trial: Any) -> None:
    """Refuse data that a strict model does not know, though values are not validated."""
    unknown = trial._state.unknown
    if unknown and op.options.get("validate") is not False:
        raise values.unknown_properties(trial, unknown)
