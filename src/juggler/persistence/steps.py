"""The steps of a write that observers see: what they may change, and what of it counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.persistence.conditions import reread_where
from juggler.persistence.hooks import AFTER_SAVE, BEFORE_SAVE, LOADED, PERSIST, View
from juggler.persistence.operation import Operation
from juggler.persistence.rows import take_over
from juggler.query.merge import both
from juggler.query.nodes import Where
from juggler.query.render import where_to_dict

Data = dict[str, Any]


async def before_save(op: Operation, instance: Any, *, is_new: bool | None) -> None:
    """Let observers edit *instance* before it is validated."""
    observers = op.observers(BEFORE_SAVE)
    if observers:
        await op.notify(BEFORE_SAVE, observers, instance=instance, is_new_instance=is_new)


async def before_patch(
    op: Operation, where: Where, data: Data, current: Any = None, *, is_new: bool | None = False
) -> tuple[Where, Any]:
    """Return condition and data of a patch as observers leave them; *where* gets no wider."""
    observers = op.observers(BEFORE_SAVE)
    if not observers:
        return where, data
    fields: Data = {} if current is None else {"current_instance": View(current)}
    context = await op.notify(
        BEFORE_SAVE,
        observers,
        where=where_to_dict(where),
        data=data,
        is_new_instance=is_new,
        **fields,
    )
    return narrowed(op, context.where, where), context.data


async def persist_new(op: Operation, data: Data, instance: Any) -> Data:
    """Return the *data* of a new record as it goes to the store.

    Raises:
        TypeError: Observers left data that is no mapping.
    """
    observers = op.observers(PERSIST)
    if not observers:
        return data
    context = await op.notify(
        PERSIST,
        observers,
        data=dict(data),
        current_instance=View(instance),
        is_new_instance=True,
    )
    return _plain(op, context.data)


async def persist(
    op: Operation, data: Data, where: Where, current: Any = None, *, is_new: bool | None = None
) -> tuple[Where, Data]:
    """Return condition and data as they go to the store; *where* gets no wider.

    Raises:
        TypeError: Observers left data that is no mapping.
    """
    observers = op.observers(PERSIST)
    if not observers:
        return where, data
    fields: Data = {} if current is None else {"current_instance": View(current)}
    context = await op.notify(
        PERSIST,
        observers,
        where=where_to_dict(where),
        data=dict(data),
        is_new_instance=is_new,
        **fields,
    )
    return narrowed(op, context.where, where), _plain(op, context.data)


async def loaded(op: Operation, data: Data, *, is_new: bool | None) -> Data:
    """Return stored *data* as observers leave it; the same object where nobody observes."""
    observers = op.observers(LOADED)
    if not observers:
        return data
    context = await op.notify(LOADED, observers, data=dict(data), is_new_instance=is_new)
    return _plain(op, context.data)


async def after_save(op: Operation, instance: Any, *, is_new: bool | None) -> None:
    """Let observers see, and edit, the instance that the caller gets."""
    observers = op.observers(AFTER_SAVE)
    if observers:
        await op.notify(AFTER_SAVE, observers, instance=instance, is_new_instance=is_new)


def show_changes(op: Operation, instance: Any, former: Data, left: Data) -> None:
    """Put what observers made of the *former* data into *instance*, unless the model forbids."""
    if left is not former and op.info.settings.get("update_on_load") is not False:
        take_over(instance, former, left)


def narrowed(op: Operation, left: Any, former: Where) -> Where:
    """Return *former*, and what observers replaced it with, both."""
    found = reread_where(op, left, former)
    return former if found is former else both(former, found)


def _plain(op: Operation, data: Any) -> Data:
    if not isinstance(data, Mapping):
        raise TypeError(
            f"{op.name}: an observer left `data` that is no mapping but a {type(data).__name__}."
        )
    return dict(data)
