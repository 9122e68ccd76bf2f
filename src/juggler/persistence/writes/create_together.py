"""Storing many new records at once: all or none, and what observers are told of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from juggler.connectors.observing import run_all
from juggler.errors import DuplicateEntryError
from juggler.models.validating.taken import uniqueness_rules
from juggler.persistence import hooks
from juggler.persistence.hooks import View
from juggler.persistence.operation import Operation
from juggler.persistence.steps import plain, show_changes
from juggler.persistence.storing import stored_all
from juggler.persistence.uniqueness import Claims
from juggler.persistence.validating import check, check_all
from juggler.persistence.writes.create import instances_of, settle_answer, with_id
from juggler.persistence.writes.versions import begin_version, version_name

Row = dict[str, Any]

HOOKS: Final = (
    hooks.BEFORE_SAVE,
    hooks.AFTER_VALIDATE,
    hooks.PERSIST,
    hooks.LOADED,
    hooks.AFTER_SAVE,
)


def is_watched(op: Operation) -> bool:
    """Tell whether somebody observes what happens to single records."""
    return any(map(op.observers, HOOKS))


async def create_together(op: Operation, items: Sequence[Any]) -> list[Any]:
    """Take new records the whole way into the store together; all or none."""
    calls = [op.twin() if op.is_observed else op for _ in items]
    made, claims = instances_of(op, items), Claims()
    new = {"is_new_instance": True}
    await _notify(calls, hooks.BEFORE_SAVE, lambda at: {"instance": made[at], **new})
    if version_name(op.info) is not None:
        for instance in made:
            begin_version(op, instance)
    await check_all(calls, made, claims)
    await _notify(calls, hooks.AFTER_VALIDATE, lambda at: {"instance": made[at], **new})
    rows = stored_all(op, made)
    left = await _data_of(
        calls,
        hooks.PERSIST,
        rows,
        lambda at: {"data": dict(rows[at]), "current_instance": View(made[at]), **new},
    )
    answers = await _all_or_none(op, calls, made, left)
    answers = [settle_answer(item, answer) for item, answer in zip(made, answers, strict=True)]
    if left is rows and not op.is_observed:
        return made
    written = [with_id(op, row, answer) for row, answer in zip(left, answers, strict=True)]
    shown = await _data_of(
        calls, hooks.LOADED, written, lambda at: {"data": dict(written[at]), **new}
    )
    for at, instance in enumerate(made):
        if left[at] is not rows[at] or shown[at] is not written[at]:
            show_changes(op, instance, with_id(op, rows[at], answers[at]), shown[at])
    await _notify(calls, hooks.AFTER_SAVE, lambda at: {"instance": made[at], **new})
    return made


async def _notify(calls: Sequence[Operation], hook: str, fields: Callable[[int], Row]) -> list[Any]:
    """Tell the observers of *hook* of all items; return the contexts, if somebody observes."""
    op = calls[0]
    observers = op.observers(hook)
    if not observers:
        return []
    contexts = [call.context(None, fields(at)) for at, call in enumerate(calls)]
    await run_all(observers, contexts, hook, op.check_alive)
    return contexts


async def _data_of(
    calls: Sequence[Operation],
    hook: str,
    rows: Sequence[Row],
    fields: Callable[[int], Row],
) -> Sequence[Row]:
    """Return the *rows* as the observers of *hook* leave them."""
    contexts = await _notify(calls, hook, fields)
    return [plain(calls[0], context.data) for context in contexts] or rows


async def _all_or_none(
    op: Operation, calls: Sequence[Operation], made: Sequence[Any], rows: Sequence[Row]
) -> list[Any]:
    """Store *rows* and return their ids; what a rule forbids is told of its instance."""
    try:
        return await insert_rows(op, rows)
    except DuplicateEntryError:
        if uniqueness_rules(made[0]._model):
            for call, instance in zip(calls, made, strict=True):
                await check(call, instance)
        raise


async def insert_rows(op: Operation, rows: Sequence[Row]) -> list[Any]:
    """Store *rows*, in as few calls as the connector takes, and return their ids in order."""
    size = op.store.batch_size or len(rows)
    answers: list[Any] = []
    for start in range(0, len(rows), size):
        answers += await op.store.create_all(op.info, rows[start : start + size], op.options)
        op.check_alive()
    return answers
