"""Streams: all records of a query one by one, read in portions."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from juggler.errors import InvalidQueryError, JugglerError
from juggler.persistence.conditions import NO_CLAUSES
from juggler.persistence.limits import limits_of
from juggler.persistence.operation import Operation
from juggler.persistence.reads.portions import Place, Portions, asked_for, bounded
from juggler.persistence.road import begin
from juggler.persistence.scoping import as_told
from juggler.query.limits import LARGEST
from juggler.undoing import OnFailure

M = TypeVar("M")
Options = Mapping[str, Any] | None


def iterate(
    model: Any,
    filter: Any = None,
    batch_size: int = 500,
    options: Options = None,
    clauses: Mapping[str, Any] = NO_CLAUSES,
) -> Stream[Any]:
    """Return the stream of the records that match.

    Raises:
        InvalidQueryError: *batch_size* is no whole number from 1 on.
    """
    if type(batch_size) is not int or batch_size < 1:
        raise InvalidQueryError(
            "iterate: batch_size is a whole number from 1 on.", path="batch_size", value=batch_size
        )
    op = begin(model, "iterate", options, target=lambda: as_told(filter, clauses))
    return Stream(op, filter, clauses, batch_size)


class Stream(Generic[M]):
    """The records of a query, one by one; an async iterator for one task.

    It works for the tenant, and on the data source, that were current when it was made, also where
    it is read in another context.  From the first record on it counts as an operation at work,
    until it is exhausted, fails, is closed (`aclose`, or the end of an ``async with``) or is let
    go of, as ``break`` does.  Nothing is open in the store between two portions.
    """

    __slots__ = (
        "_batch",
        "_clauses",
        "_context",
        "_filter",
        "_is_busy",
        "_is_done",
        "_is_entered",
        "_left",
        "_op",
        "_place",
        "_portions",
        "_prepare",
        "_size",
    )

    def __init__(self, op: Operation, filter: Any, clauses: Mapping[str, Any], size: int) -> None:
        self._op = op
        self._filter = filter
        self._clauses = clauses
        self._size = size
        self._context = contextvars.copy_context()
        self._batch: list[Any] = []
        self._left = LARGEST
        self._place: Place | None = Place()
        self._portions: Portions | None = None
        self._prepare: Callable[[Any], Any] = _as_it_is
        self._is_busy = self._is_done = self._is_entered = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> M:
        if not self._batch:
            await self._fill()
        try:
            self._op.check_alive()
        except JugglerError:
            self._end()
            raise
        found: M = self._batch.pop()
        return found

    def prepared(self, prepare: Callable[[Any], Any]) -> Self:
        """Hand out what *prepare* makes of each record; return the stream."""
        self._prepare = prepare
        return self

    async def aclose(self) -> None:
        """End the stream; harmless when it has ended."""
        self._end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def __del__(self) -> None:
        self._end()

    async def _fill(self) -> None:
        """Read the next portion, in the context that the stream was made in.

        Raises:
            StopAsyncIteration: There is none.
            RuntimeError: Another task is reading one.
        """
        if self._is_busy:
            raise RuntimeError("Another task is reading from this stream; give each its own.")
        if self._is_done:
            raise StopAsyncIteration
        self._is_busy = True
        try:
            with OnFailure(self._end):  # where the task was cancelled, it cannot go on either
                while not self._batch and self._place is not None:
                    reading = asyncio.create_task(self._read(), context=self._context)
                    self._batch = await reading
        finally:
            self._is_busy = False
        if not self._batch:
            self._is_done = True
            await asyncio.create_task(self._exit(), context=self._context)
            raise StopAsyncIteration

    async def _read(self) -> list[Any]:
        """Return the next portion, its last record first; the operation ends with an error."""
        try:
            return await self._portion()
        except BaseException as error:  # it is raised again: the operation has to know of it
            await self._exit(error)
            raise

    async def _exit(self, error: BaseException | None = None) -> None:
        """End the operation, as the end of its ``async with`` does."""
        if self._is_entered:
            self._is_entered = False
            kind = None if error is None else type(error)
            await self._op.__aexit__(kind, error, None)

    async def _portion(self) -> list[Any]:
        portions = self._portions or await self._begun()
        place, size = self._place or Place(), min(self._size, self._left)
        rows = await portions.read(place, size) if size else []
        self._left -= len(rows)
        is_last = len(rows) < size or not self._left
        self._place = None if is_last else portions.next(place, rows)
        found = list(map(self._prepare, await portions.load(rows)))
        found.reverse()
        return found

    async def _begun(self) -> Portions:
        """Connect, let observers see the query, and return its portions."""
        op = self._op
        await op.__aenter__()
        self._is_entered = True
        query = await asked_for(op, self._filter, self._clauses)
        self._left = LARGEST if query.limit is None else query.limit
        self._place = Place(None, query.offset)
        self._size = max(1, bounded(self._size, limits_of(op)) or 0)
        self._portions = Portions(op, query)
        return self._portions

    def _end(self) -> None:
        """Let go of everything; what was read is dropped."""
        self._is_done = True
        self._batch = []
        self._place = None
        if self._is_entered:
            self._is_entered = False
            self._op._leave()


def _as_it_is(record: Any) -> Any:
    return record
