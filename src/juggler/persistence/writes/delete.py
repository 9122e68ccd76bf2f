"""Deleting: all that match, one by its id, one through its instance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from juggler.errors import InvalidQueryError
from juggler.models.instances import values
from juggler.persistence.conditions import access_where, bound, read_where, reread_where
from juggler.persistence.hooks import AFTER_DELETE, BEFORE_DELETE
from juggler.persistence.ids import by_id, by_own_id
from juggler.persistence.operation import Operation
from juggler.persistence.road import begin, not_found
from juggler.persistence.writes.affected import fields_of, info_of, load_affected, only, told
from juggler.persistence.writes.soft_delete import take_away
from juggler.persistence.writes.versions import Version, conflict
from juggler.query.merge import is_within
from juggler.query.nodes import Where
from juggler.query.render import where_to_dict

Options = Mapping[str, Any] | None
Info = dict[str, int]
HOOKS: Final = (BEFORE_DELETE, AFTER_DELETE)


async def destroy_all(
    model: Any, where: Any = None, options: Options = None, *, everything: bool = False
) -> Info:
    """Delete all records that match and return how many there were.

    Raises:
        InvalidQueryError: There is no condition, and nothing says that all records are meant.
    """
    async with begin(model, "destroy_all", options, target=lambda: {"where": where or {}}) as op:
        if where is None and not everything and not op.info.settings.get("allow_delete_all"):
            raise InvalidQueryError(
                f"destroy_all: no condition was given; say `all=True` to delete every "
                f"{op.model_name}.",
                code="WHERE_REQUIRED",
                model=op.model_name,
                path="where",
            )
        return await _delete(op, read_where(op, where, writes=True))


async def destroy_by_id(model: Any, id: Any, options: Options = None) -> Info:
    """Delete the record with this id and return how many there were: 0 or 1.

    Raises:
        NotFoundError: There is none, and the model is ``strict_delete``.
    """
    target = lambda: {"where": {model.shape.id_name: id}}  # noqa: E731  told to scope functions
    async with begin(model, "destroy_by_id", options, target=target) as op:
        where = by_id(op.shape, id, op.model_name)
        return _strictly(op, where, await _delete(op, where))


async def destroy(instance: Any, options: Options = None) -> Info:
    """Delete the record of *instance*, which is marked as destroyed; return how many there were.

    Raises:
        NotFoundError: There is none, and the model is ``strict_delete``.
    """
    async with begin(instance._model, "destroy", options, instance=instance) as op:
        where = by_own_id(instance)
        info = await _delete(op, where, instance=instance)
        return _strictly(op, where, info)


async def _delete(op: Operation, where: Where, instance: Any = None) -> Info:
    """Take a deletion the whole way to the store."""
    fields = {} if instance is None else {"instance": instance}
    own, where = where, await access_where(op, bound(op, where))
    affected = await load_affected(op, where, HOOKS)
    observers = op.observers(BEFORE_DELETE)
    if observers:
        shown = {"where": where_to_dict(where), **fields, **fields_of(affected)}
        context = await op.notify(BEFORE_DELETE, observers, **shown)
        where = reread_where(op, context.where, where)
        affected = await load_affected(op, where, HOOKS, affected)
    mine = instance if is_within(where, own) else None
    count = await _deleted(op, where, only(op, where, affected), instance, mine)
    info = info_of(count, None if affected is None else affected.ids)
    observers = op.observers(AFTER_DELETE)
    if observers:
        shown = {"where": where_to_dict(where), **fields, **fields_of(affected)}
        await op.notify(AFTER_DELETE, observers, info=info, **shown)
    return told(info)


async def _deleted(
    op: Operation, where: Where, guarded: Where, instance: Any, mine: Any
) -> int | None:
    """Delete what *guarded* finds of *where*, and return how many there were.

    Args:
        op: The call.
        where: The condition as observers left it.
        guarded: The same, for the records alone that observers were told of.
        instance: What the method was called on, if it was on an instance.
        mine: The same, if it is its record that is deleted: it learns of that.

    Raises:
        VersionConflictError: The record of *instance* has another version.
    """
    version = None if instance is None else Version.of(op, instance)
    if version is not None:
        guarded = version.guarded(guarded)
    count = await take_away(op, guarded, mine)
    if version is not None and count == 0 and await op.store.count(op.info, where, op.options):
        raise conflict(op, version)
    if mine is not None and count != 0:
        values.owned(mine).destroyed = True
    return count


def _strictly(op: Operation, where: Where, info: Info) -> Info:
    """Return *info*, or raise if nothing was deleted and the model minds."""
    if info.get("count") == 0 and op.info.settings.get("strict_delete"):
        raise not_found(op, where)
    return info
