"""Saving an instance: a new one is created, a stored one is written whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.errors import NotFoundError
from juggler.persistence.conditions import bound
from juggler.persistence.data import check_held, force
from juggler.persistence.ids import by_own_id, require_key
from juggler.persistence.operation import Operation
from juggler.persistence.road import begin, not_found
from juggler.persistence.rows import mark_saved
from juggler.persistence.scoping import NO_SCOPE
from juggler.persistence.steps import (
    after_save,
    after_validate,
    before_save,
    loaded,
    persist,
    show_changes,
)
from juggler.persistence.storing import stored
from juggler.persistence.validating import check
from juggler.persistence.writes.atomic import write
from juggler.persistence.writes.create import insert
from juggler.persistence.writes.versions import Version, conflict
from juggler.query.nodes import Where

Options = Mapping[str, Any] | None


async def save(
    instance: Any, options: Options = None, *, only_changed: bool = False, again: bool = False
) -> Any:
    """Store *instance* and return it.

    Args:
        instance: What is stored.
        options: Options of the call.
        only_changed: Write what was assigned since it was loaded, instead of all values.
        again: Store it even though it was deleted.

    Raises:
        ValidationError: A rule is broken.
        NotFoundError: It was deleted, is outside the scope, or is not there and cannot be created
            from a part of it.
    """
    model, state = instance._model, instance._state
    is_new = not state.persisted or state.destroyed
    name = "create" if is_new else "save"
    async with begin(model, name, options, target=lambda: instance, instance=instance) as op:
        require_key(op.shape, op.model_name)
        if state.destroyed and not again:
            raise NotFoundError(
                f"This {op.model_name} was deleted; `save(force=True)` creates it again.",
                model=op.model_name,
            )
        check_held(op, instance)
        if is_new:
            force(op, instance)
            return await insert(op, instance)
        return await _write(op, instance, only_changed=only_changed)


async def _write(op: Operation, instance: Any, *, only_changed: bool) -> Any:
    """Take a stored *instance* the whole way into the store."""
    where, version = by_own_id(instance), Version.of(op, instance)
    await before_save(op, instance, is_new=False)
    force(op, instance)
    names = _names(instance, only_changed=only_changed)
    await check(op, instance, only=None if instance._state.partial is None else names)
    await after_validate(op, instance, is_new=False)
    data = stored(instance, names)
    narrowed, left = await persist(op, data, where, instance, is_new=False)
    if version is not None:
        guarded, left = version.checked(narrowed, left)
        if await write(op, bound(op, guarded), left) == 0 and op.store.keeps:
            is_outside = await _is_outside(op, where)
            raise not_found(op, where) if is_outside else conflict(op, version)
        version.settle(instance)
        is_new = False
    else:
        is_new = await _update_or_insert(op, where, narrowed, left, whole=names is None)
    mark_saved(instance, names)
    shown = await loaded(op, left, is_new=is_new)
    show_changes(op, instance, data, shown)
    await after_save(op, instance, is_new=is_new)
    return instance


async def _update_or_insert(
    op: Operation, where: Where, narrowed: Where, data: dict[str, Any], *, whole: bool
) -> bool:
    """Write *data* over its record, or create that again if it is gone; tell which.

    Raises:
        NotFoundError: It is not there for this call, but must not be created.
    """
    if await write(op, bound(op, narrowed), data) != 0 or not op.store.keeps:
        return False
    if narrowed is not where or not whole or await _is_outside(op, where):
        raise not_found(op, where)
    await op.store.create(op.info, data, op.options)
    return True


async def _is_outside(op: Operation, where: Where) -> bool:
    """Tell whether the record of *where* is there, but outside the scope of the call."""
    if op.scope is NO_SCOPE:
        return False
    within = await op.store.count(op.info, bound(op, where), op.options)
    found = within or await op.store.count(op.info, where, op.options)
    op.check_alive()
    return found > within


def _names(instance: Any, *, only_changed: bool) -> set[str] | None:
    """Return the names that are written; None for all."""
    partial = instance._state.partial
    if partial is None and not only_changed:
        return None
    changed = set(instance.changed())
    return changed if only_changed or partial is None else changed | partial
