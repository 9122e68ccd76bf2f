"""Changing some properties: of one record through its instance, or of all that match."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import UNSET

from juggler.errors import InvalidValueError
from juggler.messages.text import say
from juggler.models.instances import dump, values
from juggler.models.validating.unknown import unknown_properties
from juggler.persistence.conditions import access_where, bound, read_where, reread_where
from juggler.persistence.data import given_data, make, set_through
from juggler.persistence.hooks import AFTER_SAVE, BEFORE_SAVE
from juggler.persistence.ids import by_own_id, check_same_id, without_ids
from juggler.persistence.operation import Operation
from juggler.persistence.road import begin
from juggler.persistence.rows import copy_of, mark_saved, settle, take_over
from juggler.persistence.steps import (
    after_save,
    after_validate_patch,
    before_patch,
    context_data,
    loaded,
    persist,
    show_changes,
)
from juggler.persistence.storing import refuse_bad
from juggler.persistence.validating import check
from juggler.persistence.writes.affected import (
    Affected,
    fields_of,
    info_of,
    load_affected,
    only,
    told,
)
from juggler.persistence.writes.atomic import foresee, outcome, own_words, split, write
from juggler.persistence.writes.versions import Version, bumped, missed
from juggler.query.nodes import Where
from juggler.query.render import where_to_dict

Options = Mapping[str, Any] | None
HOOKS: Final = (BEFORE_SAVE, AFTER_SAVE)


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
    given, native = own_words(op, without_ids(op.shape, {**given, **op.scope.values}))
    given, changes = split(op, given)
    version = Version.of(op, instance, given)
    trial, given = tried(op, instance, given)
    foresee(trial, changes)
    partial = instance._state.partial
    only = None if partial is None else partial | given.keys() | changes.keys()
    await check(op, trial, only=only, blame=instance)
    data = changes_of(trial, given) | changes | native
    valid = await after_validate_patch(op, where, data, trial, is_new=False)
    narrowed, left = await persist(op, valid, where, trial, is_new=False)
    if version is not None:
        narrowed, left = version.checked(narrowed, left)
    if await write(op, bound(op, narrowed), left) == 0 and op.store.keeps:
        raise await missed(op, where, version)
    left = await outcome(op, where, left)
    for name, value in given.items():
        settle(instance, name, values.raw(trial, name) if name in data else value, noted=True)
    for name in changes:
        settle(instance, name, left.get(name), noted=True)
    if version is not None:
        version.settle(instance)
    mark_saved(instance, data)
    left = await context_data(op, left)
    shown = await loaded(op, left, is_new=False)
    take_over(instance, data, valid)
    show_changes(op, instance, valid, shown)
    await after_save(op, instance, is_new=False)
    return instance


def tried(op: Operation, instance: Any, given: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:
    """Return a copy of *instance* with *given* set on it, and what is new there by that."""
    trial = copy_of(instance)
    trial._state.persisted = True  # the store will tell if that is wrong
    if trial._setters:
        return trial, set_through(op, trial, given)
    for name, value in given.items():
        values.put(trial, name, value)
    return trial, given


def changes_of(trial: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of *given* goes to the store, as *trial* has it."""
    refuse_bad(trial)
    unknown = {*(trial._state.unknown or ()), *trial._shape.unstored}
    found = {name: values.raw(trial, name) for name in given if name not in unknown}
    return {name: dump.plain(value) for name, value in found.items() if value is not UNSET}


def _by_setters(trial: Any) -> dict[str, Any]:
    """Return what the setters of a model stored on an instance that was made without defaults."""
    missing = (UNSET, None) if trial._model._blueprint.nulls else (UNSET,)
    plans = trial._plans if trial._setters else {}
    found = {name: values.raw(trial, name) for name, plan in plans.items() if plan.is_stored}
    return {name: value for name, value in found.items() if value not in missing}


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
        affected = await load_affected(op, found, HOOKS)
        found, left = await _before_update(op, found, given, affected)
        given = given_data(op, left)
        _refuse_ids(op, given)
        given, native = own_words(op, given | without_ids(op.shape, op.scope.values))
        given, atomic = split(op, given)
        trial = make(op, given, defaults=False)
        given |= _by_setters(trial)
        _refuse_unknown(op, trial)
        await check(op, trial, only=given.keys())
        changes = await after_validate_patch(op, found, changes_of(trial, given) | atomic | native)
        narrowed, changes = await persist(op, changes, found)
        _refuse_ids(op, changes)
        affected = await load_affected(op, bound(op, narrowed), HOOKS, affected)
        count = await write(op, only(op, bound(op, narrowed), affected), bumped(op, changes))
        info = info_of(count, None if affected is None else affected.ids)
        await _after_update(op, found, changes, info, affected)
        return told(info)


async def _before_update(
    op: Operation, where: Where, data: dict[str, Any], affected: Affected | None
) -> tuple[Where, Any]:
    """Return condition and data as observers leave them; both may be replaced."""
    observers = op.observers(BEFORE_SAVE)
    if not observers:
        return where, data
    shown, fields = where_to_dict(where), fields_of(affected)
    context = await op.notify(BEFORE_SAVE, observers, where=shown, data=data, **fields)
    return reread_where(op, context.where, where), context.data


async def _after_update(
    op: Operation,
    where: Where,
    data: Mapping[str, Any],
    info: dict[str, Any],
    affected: Affected | None,
) -> None:
    """Tell observers what was done."""
    observers = op.observers(AFTER_SAVE)
    if observers:
        shown, fields = where_to_dict(where), fields_of(affected)
        await op.notify(AFTER_SAVE, observers, where=shown, data=dict(data), info=info, **fields)


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
        raise unknown_properties(trial, unknown)
