"""Deleting: all that match, one by its id, one through its instance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.errors import InvalidQueryError
from juggler.models import values
from juggler.persistence.conditions import access_where, bound, read_where, reread_where
from juggler.persistence.hooks import AFTER_DELETE, BEFORE_DELETE
from juggler.persistence.ids import by_id, by_own_id
from juggler.persistence.operation import Operation
from juggler.persistence.road import begin, not_found
from juggler.query.nodes import Where
from juggler.query.render import where_to_dict

Options = Mapping[str, Any] | None
Info = dict[str, int]


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
    where = await access_where(op, bound(op, where))
    observers = op.observers(BEFORE_DELETE)
    if observers:
        context = await op.notify(BEFORE_DELETE, observers, where=where_to_dict(where), **fields)
        where = reread_where(op, context.where, where)
    info = {"count": await op.store.destroy_all(op.info, where, op.options)}
    if instance is not None and info["count"]:
        values.owned(instance).destroyed = True
    observers = op.observers(AFTER_DELETE)
    if observers:
        await op.notify(AFTER_DELETE, observers, where=where_to_dict(where), info=info, **fields)
    return info


def _strictly(op: Operation, where: Where, info: Info) -> Info:
    """Return *info*, or raise if nothing was deleted and the model minds."""
    if not info["count"] and op.info.settings.get("strict_delete"):
        raise not_found(op, where)
    return info
