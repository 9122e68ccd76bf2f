"""Creating records: one, or a list of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from msgspec import UNSET

from juggler.errors import (
    BulkOperationError,
    DuplicateEntryError,
    InvalidValueError,
    JugglerError,
)
from juggler.models.instance import Instance
from juggler.models.taken import uniqueness_rules
from juggler.persistence.data import force, given_data, make, stored
from juggler.persistence.hooks import AFTER_SAVE, BEFORE_SAVE, LOADED, PERSIST
from juggler.persistence.operation import Operation
from juggler.persistence.road import begin
from juggler.persistence.rows import mark_saved, settle_ids
from juggler.persistence.scoping import looks_up, model_of
from juggler.persistence.steps import after_save, before_save, loaded, persist_new, show_changes
from juggler.persistence.uniqueness import Claims
from juggler.persistence.validating import check

Options = Mapping[str, Any] | None
_LISTED: Final = 5


async def create(model: Any, data: Any = None, options: Options = None) -> Any:
    """Store a new record, or each of a list of them, and return the instance(s).

    Raises:
        ValidationError: A rule is broken; nothing was stored.
        DuplicateEntryError: The id or a unique value is taken.
        BulkOperationError: Some items of a list failed; the others are stored.
    """
    if isinstance(data, list | tuple):
        return await create_each(model, data, options)
    mine = _model_of(model, data)
    async with begin(mine, "create", options, target=lambda: data or {}) as op:
        return await insert(op, _instance(op, data))


async def insert(op: Operation, instance: Any) -> Any:
    """Take a new *instance* the whole way into the store and return it."""
    await prepare(op, instance)
    return await store(op, instance)


async def store(op: Operation, instance: Any) -> Any:
    """Take a new *instance* that is prepared the rest of the way; see `insert`."""
    data = stored(instance)
    left = await persist_new(op, data, instance)
    answer = await op.store.create(op.info, left, op.options)
    await settled(op, instance, data, left, answer)
    return instance


async def prepare(op: Operation, instance: Any, claims: Claims | None = None) -> None:
    """Let observers edit a new *instance* and validate it, with others of its list in mind."""
    await before_save(op, instance, is_new=True)
    await check(op, instance, claims=claims)


async def settled(
    op: Operation, instance: Any, data: dict[str, Any], left: dict[str, Any], answer: Any
) -> None:
    """Bring *instance* up to what was stored, and tell observers so.

    Args:
        op: The call.
        instance: What was stored.
        data: Its values, before "persist" observers saw them.
        left: What they left and the store has.
        answer: The id that the store answered.
    """
    op.check_alive()
    settle_ids(instance, answer)
    mark_saved(instance)
    written = with_id(op, left, answer)
    shown = await loaded(op, written, is_new=True)
    if left is not data or shown is not written:
        show_changes(op, instance, with_id(op, data, answer), shown)
    await after_save(op, instance, is_new=True)


def with_id(op: Operation, data: dict[str, Any], answer: Any) -> dict[str, Any]:
    """Return *data* with the id that the store answered."""
    ids = op.shape.ids
    if answer is None or not ids:
        return data
    return {**data, **(answer if len(ids) > 1 else {ids[0]: answer})}


# lists ----------------------------------------------------------------------------------------


async def create_each(
    model: Any, items: list[Any] | tuple[Any, ...], options: Options = None
) -> list[Any]:
    """Store each item by itself, in order, and return the instances.

    Where nothing watches the single items and the connector can, they go in one statement.

    Raises:
        BulkOperationError: Some items failed; the others are stored.
    """
    batch = Batch()
    async with begin(model, "create", options, target=lambda: items) as op:
        await batch.store(op, items)
    return batch.outcome()


async def create_all(model: Any, items: Any, options: Options = None) -> list[Any]:
    """Store all items or none, if the connector can; otherwise each by itself.

    Raises:
        TypeError: *items* is no list.
    """
    if not isinstance(items, list | tuple):
        raise TypeError(f"create_all: data is a list, not {type(items).__name__}.")
    async with begin(model, "create_all", options, target=lambda: items) as op:
        if not items:
            return []
        if "multi_insert" in op.capabilities and not looks_up(model):
            return await _insert_all(op, [_instance(op, _item(item)) for item in items])
        batch = Batch()
        await batch.store(op, items)
        op.check_alive()
        return batch.outcome()


async def _insert_all(op: Operation, made: list[Any]) -> list[Any]:
    """Take new instances the whole way into the store in one statement; all or none."""
    calls, claims = [op.twin() for _ in made], Claims()
    for call, instance in zip(calls, made, strict=True):
        await prepare(call, instance, claims)
    rows = [stored(instance) for instance in made]
    left = [
        await persist_new(call, row, instance)
        for call, row, instance in zip(calls, rows, made, strict=True)
    ]
    try:
        answers = await op.store.create_all(op.info, left, op.options)
    except DuplicateEntryError:
        await _blame(calls, made)
        raise
    for call, instance, row, written, answer in zip(calls, made, rows, left, answers, strict=True):
        await settled(call, instance, row, written, answer)
    return made


async def _blame(calls: list[Operation], made: list[Any]) -> None:
    """Find out which of several instances has a value that was taken while they were stored.

    Raises:
        ValidationError: One has, and a rule of uniqueness says that it must not.
    """
    if made and uniqueness_rules(made[0]._model):
        for call, instance in zip(calls, made, strict=True):
            await check(call, instance)


def _can_go_together(op: Operation, items: list[Any] | tuple[Any, ...]) -> bool:
    """Tell whether nobody notices that the items are stored in one statement."""
    if "multi_insert" not in op.capabilities or looks_up(op.model):
        return False
    given = [item for item in items if isinstance(item, Instance)]
    if len({id(item) for item in given}) < len(given):
        return False
    if any(item._model is not op.model for item in given):
        return False
    return not any(map(op.observers, (BEFORE_SAVE, PERSIST, LOADED, AFTER_SAVE)))


class Batch:
    """What became of the items of one list; lives for one call.

    Attributes:
        results: Index -> the instance that was made, also where it failed.
        errors: Index -> what went wrong.
    """

    def __init__(self) -> None:
        self._claims = Claims()
        self.results: dict[int, Any] = {}
        self.errors: dict[int, Exception] = {}

    @contextmanager
    def keeping(self, index: int, call: Operation) -> Iterator[None]:
        """Keep an error of the item at *index* instead of raising it."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  kept, and raised with those of other items
            found = call.explained(error) if isinstance(error, JugglerError) else error
            if found is not error:
                found.__cause__ = error
            self.errors[index] = found
            self.results.setdefault(index, getattr(error, "instance", None))

    async def store(self, op: Operation, items: list[Any] | tuple[Any, ...]) -> None:
        """Store *items*, together if nobody can tell, else one by one."""
        if _can_go_together(op, items):
            await self.together(op, items)
            return
        for index, item in enumerate(map(_item, items)):
            op.check_alive()
            call = op.twin()
            with self.keeping(index, call):
                if _model_of(op.model, item) is not op.model:
                    self.results[index] = await create(op.model, item, op.options)
                    continue
                instance = self.results[index] = _instance(op, item)
                await insert(call, instance)

    async def together(self, op: Operation, items: list[Any] | tuple[Any, ...]) -> None:
        """Store what is valid of *items* in one statement.

        Where the store refuses it for one of them, which stores none, they go one by one.
        """
        rows: dict[int, dict[str, Any]] = {}
        for index, item in enumerate(items):
            with self.keeping(index, op):
                instance = self.results[index] = _instance(op, _item(item))
                await check(op, instance, claims=self._claims)
                rows[index] = stored(instance)
        if not rows:
            return
        try:
            answers = await op.store.create_all(op.info, list(rows.values()), op.options)
        except (DuplicateEntryError, InvalidValueError):
            for index, row in rows.items():
                op.check_alive()
                op.checked = op.checked and self.results[index]
                with self.keeping(index, op):
                    self.settle(index, await op.store.create(op.info, row, op.options))
        except JugglerError as error:
            self.errors.update(dict.fromkeys(rows, error))
        else:
            op.check_alive()
            for index, answer in zip(rows, answers, strict=True):
                self.settle(index, answer)

    def settle(self, index: int, answer: Any) -> None:
        """Note that the item at *index* is stored, under the id that the store answered."""
        settle_ids(self.results[index], answer)
        mark_saved(self.results[index])

    def outcome(self) -> list[Any]:
        """Return the instances in order.

        Raises:
            BulkOperationError: Something went wrong with some.
        """
        results, errors = self.results, self.errors
        if not errors:
            return [results[index] for index in range(len(results))]
        listed = "; ".join(f"item {index}: {errors[index]}" for index in sorted(errors)[:_LISTED])
        more = f" and {len(errors) - _LISTED} more" if len(errors) > _LISTED else ""
        raise BulkOperationError(
            f"{len(errors)} of {len(results)} items could not be created: {listed}{more}",
            errors=errors,
            results=results,
        )


# instances --------------------------------------------------------------------------------


def _item(item: Any) -> Any:
    """Return one item of a list; a missing one is an empty record."""
    return {} if item is None or item is UNSET else item


def _model_of(model: Any, data: Any) -> Any:
    """Return the model that *data* makes an instance of."""
    if isinstance(data, Instance):
        return data._model if isinstance(data, model) else model
    return model_of(model, data) if isinstance(data, Mapping) else model


def _instance(op: Operation, data: Any) -> Any:
    """Return the instance to store: *data* itself if it is one of the model, else made of it."""
    if isinstance(data, Instance) and isinstance(data, op.model):
        force(op, data)
        return data
    return make(op, {} if data is None else given_data(op, data))
