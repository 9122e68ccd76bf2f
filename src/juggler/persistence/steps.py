"""The steps of a write that observers see: what they may change, and what of it counts."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Final

from juggler.persistence.conditions import reread_where
from juggler.persistence.hooks import (
    AFTER_SAVE,
    AFTER_VALIDATE,
    BEFORE_SAVE,
    LOADED,
    PERSIST,
    View,
)
from juggler.persistence.operation import Operation
from juggler.persistence.rows import take_over
from juggler.query.merge import both
from juggler.query.nodes import Where
from juggler.query.render import where_to_dict

Data = dict[str, Any]

_RETURNING: Final = frozenset({"create", "create_all", "update_attributes"})
"""Operations that return the instance as the caller filled it; others make it of what is stored."""


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
    fields = _of_patch(where, data, current, is_new=is_new)
    context = await op.notify(BEFORE_SAVE, observers, **fields)
    return narrowed(op, context.where, where), context.data


async def after_validate(op: Operation, instance: Any, *, is_new: bool | None) -> None:
    """Let observers edit an *instance* that is valid; it is not validated again."""
    observers = op.observers(AFTER_VALIDATE)
    if observers:
        await op.notify(AFTER_VALIDATE, observers, instance=instance, is_new_instance=is_new)


async def after_validate_patch(
    op: Operation, where: Where, data: Data, current: Any = None, *, is_new: bool | None = None
) -> Data:
    """Return the *data* of a valid patch as observers leave it; it is not validated again."""
    observers = op.observers(AFTER_VALIDATE)
    if not observers:
        return data
    fields = _of_patch(where, dict(data), current, is_new=is_new)
    context = await op.notify(AFTER_VALIDATE, observers, **fields)
    return plain(op, context.data)


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
    return plain(op, context.data)


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
    fields = _of_patch(where, dict(data), current, is_new=is_new)
    context = await op.notify(PERSIST, observers, **fields)
    return narrowed(op, context.where, where), plain(op, context.data)


async def context_data(op: Operation, data: Data, **fields: Any) -> Data:
    """Return what "loaded" shows of *data*: what the connector makes of it, if it has a say."""
    make = op.store.generate_context_data
    if make is None:
        return data
    found = make(op.context(None, {"data": dict(data), **fields}), data)
    if inspect.isawaitable(found):
        found = await found
    return plain(op, found["data"])


async def loaded(op: Operation, data: Data, *, is_new: bool | None) -> Data:
    """Return stored *data* as observers leave it; the same object where nobody observes."""
    observers = op.observers(LOADED)
    if not observers:
        return data
    context = await op.notify(LOADED, observers, data=dict(data), is_new_instance=is_new)
    return plain(op, context.data)


async def after_save(op: Operation, instance: Any, *, is_new: bool | None) -> None:
    """Let observers see, and edit, the instance that the caller gets."""
    observers = op.observers(AFTER_SAVE)
    if observers:
        await op.notify(AFTER_SAVE, observers, instance=instance, is_new_instance=is_new)


def show_changes(op: Operation, instance: Any, former: Data, left: Data) -> None:
    """Put what observers made of the *former* data into *instance*.

    The setting ``update_on_load`` may forbid that where the caller's own instance is returned.
    """
    if left is former:
        return
    if op.name not in _RETURNING or op.info.settings.get("update_on_load") is not False:
        take_over(instance, former, left)


def _of_patch(where: Where, data: Data, current: Any, *, is_new: bool | None) -> Data:
    """Return what contexts of a patch show; *current* is its record, where one is known."""
    shown: Data = {"where": where_to_dict(where), "data": data, "is_new_instance": is_new}
    return shown if current is None else {**shown, "current_instance": View(current)}


def narrowed(op: Operation, left: Any, former: Where) -> Where:
    """Return *former*, and what observers replaced it with, both."""
    found = reread_where(op, left, former)
    return former if found is former else both(former, found)


def plain(op: Operation, data: Any) -> Data:
    """Return a private copy of the *data* that observers left.

    Raises:
        TypeError: It is no mapping.
    """
    if not isinstance(data, Mapping):
        raise TypeError(
            f"{op.name}: an observer left `data` that is no mapping but a {type(data).__name__}."
        )
    return dict(data)
