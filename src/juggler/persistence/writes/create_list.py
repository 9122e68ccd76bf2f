"""Creating the records of a list: together where nobody can tell, else one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from juggler.errors import (
    BulkOperationError,
    DuplicateEntryError,
    InvalidValueError,
    JugglerError,
)
from juggler.models.instances.instance import Instance
from juggler.persistence.operation import Operation
from juggler.persistence.road import begin
from juggler.persistence.scoping import looks_up
from juggler.persistence.storing import stored
from juggler.persistence.uniqueness import Claims
from juggler.persistence.validating import check
from juggler.persistence.writes import create as one
from juggler.persistence.writes.create import (
    insert,
    instance_of,
    item_of,
    own_model,
    settle_answer,
)
from juggler.persistence.writes.create_together import create_together, insert_rows, is_watched
from juggler.persistence.writes.versions import begin_version
from juggler.persistence.writes.whole import as_one, forget_stored
from juggler.undoing import OnFailure

Options = Mapping[str, Any] | None
Items = Sequence[Any]
_LISTED: Final = 5


def create(model: Any, data: Any = None, options: Options = None) -> Coroutine[Any, Any, Any]:
    """Return what stores a new record, or each of a list of them, and gives the instance(s)."""
    if isinstance(data, list | tuple):
        return create_each(model, data, options)
    return one.create(model, data, options)


async def create_each(model: Any, items: Items, options: Options = None) -> list[Any]:
    """Store each item by itself, in order, and return the instances.

    Where nothing watches the single items and the connector can, they go in one statement; else
    one after the other, or with ``options={"ordered": False}`` at once.

    Raises:
        BulkOperationError: Some items failed; the others are stored.
    """
    batch = Batch()
    async with begin(model, "create", options, target=lambda: items) as op:
        await batch.store(op, items)
    return batch.outcome()


async def create_all(model: Any, items: Any, options: Options = None) -> list[Any]:
    """Store all items or none, if the connector can; otherwise each by itself.

    A list of several models, or one that is longer than the connector takes at once, is a
    transaction, or a savepoint, where the connector has them.

    Raises:
        TypeError: *items* is no list.
    """
    if not isinstance(items, list | tuple):
        raise TypeError(f"create_all: data is a list, not {type(items).__name__}.")
    op = begin(model, "create_all", options, target=lambda: items)
    connector = op.source.connector
    size = None if connector is None else connector.batch_size
    if not looks_up(model) and (size is None or len(items) <= size):
        async with op:
            return await _create_all(op, items)
    batch = Batch()
    try:
        with OnFailure(lambda: forget_stored(batch.results.values())):
            async with (
                as_one(op) as inside,
                begin(model, "create_all", inside, target=lambda: items) as inner,
            ):
                return await _create_all(inner, items, batch)
    except BulkOperationError as error:
        raise error.errors[min(error.errors)] from None


async def _create_all(op: Operation, items: Items, batch: Batch | None = None) -> list[Any]:
    """Store *items* as far as possible in one call; keep in *batch* what goes one by one."""
    if not items:
        return []
    if "multi_insert" in op.capabilities and not looks_up(op.model):
        return await create_together(op, [item_of(item) for item in items])
    batch = Batch() if batch is None else batch
    await batch.store(op, items)
    op.check_alive()
    return batch.outcome()


def _can_go_together(op: Operation, items: Items) -> bool:
    """Tell whether nobody notices that the items are stored in one statement."""
    if "multi_insert" not in op.capabilities or looks_up(op.model):
        return False
    given = [item for item in items if isinstance(item, Instance)]
    if len({id(item) for item in given}) < len(given):
        return False
    if any(item._model is not op.model for item in given):
        return False
    return not is_watched(op)


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
            self.failed(index, call, error)

    def failed(self, index: int, call: Operation, error: Exception) -> None:
        """Note what went wrong with the item at *index*."""
        found = call.explained(error) if isinstance(error, JugglerError) else error
        if found is not error:
            found.__cause__ = error
        self.errors[index] = found
        call.fail_item()
        self.results.setdefault(index, getattr(error, "instance", None))

    async def store(self, op: Operation, items: Items) -> None:
        """Store *items*, together if nobody can tell, else one by one."""
        if _can_go_together(op, items):
            await self.together(op, items)
            return
        if op.options.get("ordered") is False:
            claims = self._claims
            await asyncio.gather(*(self._single(op, *each, claims) for each in enumerate(items)))
            return
        for index, item in enumerate(items):
            op.check_alive()
            await self._single(op, index, item)

    async def _single(
        self, op: Operation, index: int, item: Any, claims: Claims | None = None
    ) -> None:
        """Store one item by itself; what goes wrong with it is kept."""
        call, item = op.twin(), item_of(item)
        with self.keeping(index, call):
            if own_model(op.model, item) is not op.model:
                self.results[index] = await one.create(op.model, item, op.options)
                return
            instance = self.results[index] = instance_of(op, item)
            await insert(call, instance, claims)

    async def together(self, op: Operation, items: Items) -> None:
        """Store what is valid of *items* in one statement.

        Where the store refuses it for one of them, which stores none, they go one by one.
        """
        rows: dict[int, dict[str, Any]] = {}
        results, claims = self.results, self._claims
        for index, item in enumerate(items):
            try:
                instance = results[index] = instance_of(op, item_of(item))
                begin_version(op, instance)
                await check(op, instance, claims=claims)
                rows[index] = stored(instance)
            except Exception as error:  # noqa: BLE001  kept, and raised with those of other items
                self.failed(index, op, error)
        if not rows:
            return
        try:
            answers = await insert_rows(op, list(rows.values()))
        except (DuplicateEntryError, InvalidValueError):
            await self._one_by_one(op, rows)
        except JugglerError as error:
            self.errors.update(dict.fromkeys(rows, error))
        else:
            for index, answer in zip(rows, answers, strict=True):
                settle_answer(results[index], answer)

    async def _one_by_one(self, op: Operation, rows: Mapping[int, dict[str, Any]]) -> None:
        """Store each of *rows* by itself."""
        for index, row in rows.items():
            op.check_alive()
            op.checked = op.checked and self.results[index]
            with self.keeping(index, op):
                answer = await op.store.create(op.info, row, op.options)
                settle_answer(self.results[index], answer)

    def outcome(self) -> list[Any]:
        """Return the instances in order.

        Raises:
            BulkOperationError: Something went wrong with some.
        """
        results, errors = self.results, self.errors
        if not errors:
            return [results[index] for index in range(len(results))]
        raise bulk_error(errors, results, "created")


def bulk_error(
    errors: dict[int, Exception], results: dict[int, Any], done: str
) -> BulkOperationError:
    """Return the error that tells of all items that failed."""
    listed = "; ".join(f"item {index}: {errors[index]}" for index in sorted(errors)[:_LISTED])
    more = f" and {len(errors) - _LISTED} more" if len(errors) > _LISTED else ""
    return BulkOperationError(
        f"{len(errors)} of {len(results)} items could not be {done}: {listed}{more}",
        errors=errors,
        results=results,
    )
