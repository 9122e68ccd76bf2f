"""Replacing whole records: what is not given is missing afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.errors import DuplicateEntryError
from juggler.models.instances import values
from juggler.persistence.conditions import access_where, bound
from juggler.persistence.data import fixed_names, force, given_data, make
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
from juggler.persistence.road import begin, first
from juggler.persistence.rows import mark_saved
from juggler.persistence.scoping import model_of
from juggler.persistence.steps import (
    after_save,
    after_validate,
    before_save,
    context_data,
    loaded,
    persist,
    show_changes,
)
from juggler.persistence.storing import stored
from juggler.persistence.validating import check
from juggler.persistence.writes.create import create_in
from juggler.persistence.writes.versions import Version, missed, version_name
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
        given = given_data(op, data)
        version = Version.of(op, instance, dict(given))
        if version is not None:
            given[version.name] = version.expected
        return await _replaced(op, by_own_id(instance), given, former=instance)


async def replace_or_create(model: Any, data: Any, options: Options = None) -> Any:
    """Put *data* in the place of the record with its id, or create it; return the instance."""
    async with begin(model, "replace_or_create", options, target=lambda: data or {}) as op:
        given = given_data(op, data)
        if not has_id(op.shape, given):
            return await create_in(op, given)
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
        return await create_in(op, given)


async def _replaced(
    op: Operation, where: Where, given: Mapping[str, Any], former: Any = None
) -> Any:
    """Replace the record that is there, maybe that of an instance, the *former* one."""
    require_key(op.shape, op.model_name)
    ids = key_of(where)
    check_same_id(op.shape, ids, given)
    return await _put(op, where, {**given, **ids}, former, may_create=False)


async def _version(op: Operation, where: Where, data: dict[str, Any]) -> Version | None:
    """Return the version that is replaced: the one in *data*, else the one that is stored."""
    name = version_name(op.info)
    if name is None or data.get(name) is not None:
        return Version.of(op, None, data)
    found = await first(op, bound(op, where))
    return Version.of(op, found[0]) if found else Version(name, None)


async def _with_fixed(op: Operation, where: Where, data: dict[str, Any]) -> dict[str, Any]:
    """Return *data* with the immutable values of the record that is there.

    Raises:
        InvalidValueError: It has another one.
    """
    names = fixed_names(op, op.shape.names)
    found = await first(op, bound(op, where)) if names else []
    for record in found[:1]:
        for name in data.keys() & names:
            values.assign(record, name, data[name])
        kept = {name: values.raw(record, name) for name in names if record.is_set(name)}
        return kept | data
    return data


async def _created(
    op: Operation,
    where: Where,
    data: dict[str, Any],
    version: Version | None,
    *,
    may_create: bool,
) -> bool:
    """Create the record that was not there, if that is allowed, and tell whether it was.

    Raises:
        NotFoundError: It has to be there.
        VersionConflictError: It is, with another version.
        DuplicateEntryError: Its key, or another unique value, is taken.
    """
    if not may_create:
        if op.store.keeps:
            raise await missed(op, where, version)
        return False
    try:
        await op.store.create(op.info, data, op.options)
    except DuplicateEntryError:  # somebody was faster, or something else of it is taken
        if version is not None or not await op.store.replace(
            op.info, bound(op, where), data, op.options
        ):
            raise
        return False
    return True


async def _put(
    op: Operation, where: Where, data: Mapping[str, Any], former: Any = None, *, may_create: bool
) -> Any:
    """Take a whole record, its id included, the whole way into the store."""
    is_new, data = None if may_create else False, await _with_fixed(op, where, dict(data))
    version = await _version(op, where, data)
    instance = make(op, data, model=model_of(op.model, data), persisted=True)
    if former is not None:
        values.owned(instance).follow(former._state)
    await before_save(op, instance, is_new=is_new)
    force(op, instance)
    await check(op, instance)
    await after_validate(op, instance, is_new=is_new)
    whole = stored(instance, replaces=True)
    narrowed, left = await persist(op, whole, where, instance, is_new=is_new)
    left |= key_of(where)
    guarded, may_create = narrowed, may_create and narrowed is where
    if version is not None:
        guarded, left = version.checked(narrowed, left)
        may_create = may_create and version.expected is None
    if await op.store.replace(op.info, bound(op, guarded), left, op.options) != 0:
        is_new = False
    else:
        is_new = await _created(op, where, left, version, may_create=may_create)
    op.check_alive()
    mark_saved(instance)
    if version is not None:
        version.settle(instance)
    shown = await loaded(op, await context_data(op, left), is_new=is_new)
    show_changes(op, instance, whole, shown)
    await after_save(op, instance, is_new=is_new)
    return instance
