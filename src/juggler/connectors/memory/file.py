"""A store in memory whose rows are kept in a file: every change is there before it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from contextvars import Context
from functools import partial
from math import inf
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple, cast
from weakref import WeakSet, ref

import msgspec

from juggler.concurrency import Once
from juggler.connectors.contract import ModelInfo
from juggler.connectors.memory.collection import Change, Collection
from juggler.connectors.memory.disk import Disk
from juggler.connectors.memory.document import write_entry, write_line
from juggler.connectors.memory.file_errors import not_connected, not_read, not_written
from juggler.connectors.memory.holding import entry_of, new_entry
from juggler.connectors.memory.loading import Loaded, loaded
from juggler.connectors.memory.store import Store
from juggler.errors import DefinitionError, InvalidValueError


def file_of(settings: Mapping[str, Any], store: Store) -> StoreFile | None:
    """Return what keeps *store* in the file that settings name, or None where they name none.

    Raises:
        DefinitionError: A setting has a value that it cannot have.
    """
    given = settings.get("file")
    if given is None or given == "":
        return None
    if not isinstance(given, str | PathLike):
        raise DefinitionError(f"file must be a path, not {given!r}.", value=given)
    path, delay = Path(given).absolute(), _seconds(settings.get("debounce"))
    return StoreFile(store, path, is_synced=_is_on(settings.get("fsync")), delay=delay)


def _seconds(given: Any) -> float:
    """Return a time that is given in milliseconds; in a URL it is text."""
    try:
        found = float(given or 0) / 1_000
    except (TypeError, ValueError):
        found = -1.0
    if not 0 <= found < inf:
        raise DefinitionError(f"debounce must be milliseconds, not {given!r}.", value=given)
    return found


def _is_on(given: Any) -> bool:
    """Tell whether a setting is on; in a URL it is text."""
    return bool(given) and str(given).strip().lower() not in ("false", "0", "no", "off")


class _Noted(NamedTuple):
    """Changes of one collection, the number that its ids have reached, and how that is written.

    Where it cannot be written, ``refused`` says why and the text says nothing of rows.
    """

    collection: Collection
    changes: Sequence[Change]
    sequence: int
    text: bytes
    refused: InvalidValueError | None

    def is_in_the_way(self) -> bool:
        """Tell whether it cannot be written, and was not taken back by its own operation."""
        rows = self.collection._rows
        return self.refused is not None and any(
            row is not None and rows.get(place) is row for place, _, row in self.changes
        )


class _Batch:
    """Changes that are written together.

    Attributes:
        noted: The changes, in order.
        over: Set when they are in the file, or were taken back.
        error: Why they were taken back.
    """

    __slots__ = ("error", "noted", "over")

    def __init__(self, noted: list[_Noted] | None = None) -> None:
        self.noted = noted or []
        self.over = asyncio.Event()
        self.error: Exception | None = None


class StoreFile:
    """Keeps what one store holds in one file; belongs to its connector and lives as long.

    It is told of every change.  One task writes: what was changed while it wrote is written
    together next, so operations that run at once share a write.  Files are touched in threads
    alone.

    Where a write fails, all that is not in the file yet is taken back, the latest first, and the
    operations concerned fail: what they did may build upon each other.  The next write tries anew.

    A caller that is cancelled while it waits does not take its change back: it is made, and is
    written with the others.

    Args:
        store: The rows; it keeps this one, not the other way round, and they go with it.
        path: Path of the file.
        is_synced: Every write reaches the disk itself before it is answered.
        delay: Seconds to wait for more changes before each write.

    Attributes:
        path: As it was given.
        models: Those whose rows are made ready for them where the file is read.
    """

    def __init__(self, store: Store, path: Path, *, is_synced: bool, delay: float) -> None:
        self.path = path
        self.models: WeakSet[ModelInfo] = WeakSet()
        self._below = ref(store)
        self._disk = Disk(path, is_synced=is_synced)
        self._delay = delay
        self._hurry = asyncio.Event()
        self._reading = Once(self._read)
        self._is_read = self._may_write = self._is_undoing = False
        self._count = 0
        self._noted: list[_Noted] = []  # of the operation that is at work just now
        self._open = _Batch()
        self._writing: _Batch | None = None
        self._task: asyncio.Task[None] | None = None
        store.committed.watchers.add(self)

    # life cycle -------------------------------------------------------------------------------

    async def connect(self) -> None:
        """Read the file, once however many ask, unless it was read since `disconnect`.

        Raises:
            StoreError: It cannot be read or is not understood.
        """
        if not self._is_read:
            await self._reading()

    async def disconnect(self) -> None:
        """Wait until the one file says everything; the next `connect` reads it again."""
        await self._settle()
        if self._is_read and self._disk.has_changes:
            await self._gather()
        self._is_read = False

    async def _read(self) -> None:
        seen, store = None, self._store
        while seen != self._count:  # somebody used it meanwhile who had it from before
            await self._settle()
            seen = self._count
            try:
                found = await asyncio.to_thread(self._load, store, tuple(self.models))
            except (OSError, ValueError, msgspec.MsgspecError, RecursionError) as error:
                raise not_read(error, self.path) from error
        store.reload(found.collections)
        if found.is_renamed:
            self.rewrite()
        self._is_read = self._may_write = True

    def _load(self, store: Store, models: Sequence[ModelInfo]) -> Loaded:
        """Read the file for *store*; called in a thread."""
        return loaded(self._disk.read(), models, store.committed)

    # what happens to rows ---------------------------------------------------------------------

    def note(self, collection: Collection, changes: Sequence[Change]) -> None:
        """Take note of *changes*, which were just made."""
        if self._is_undoing:
            return
        entry = new_entry(collection)
        refused = None
        try:
            if self._store.has(collection):
                entry = entry_of(collection, changes)
            text = write_entry(entry)
        except InvalidValueError as error:
            refused, text = error, write_entry(entry._replace(is_new=False, gone=(), put=()))
        self._count += 1
        self._noted.append(_Noted(collection, changes, entry.sequence, text, refused))

    def rewrite(self) -> None:
        """Write the whole next time: rows that are there are named in another way."""
        self._disk.is_renamed = True

    async def written(self) -> None:
        """Return when all changes that were made are in the file.

        Raises:
            StoreError: They could not be written and were taken back.
            InvalidValueError: A value is of a class that a file cannot hold; as above.
        """
        batch = self._current()
        if batch is not None:
            await batch.over.wait()
            if batch.error is not None:
                raise not_written(batch.error, self.path) from batch.error

    async def stands(self) -> bool:
        """Tell whether the rows as they are now are in the file; False: they were taken back."""
        batch = self._current()
        if batch is None:
            return True
        await batch.over.wait()
        return batch.error is None

    # inside -----------------------------------------------------------------------------------

    @property
    def _store(self) -> Store:
        return cast(Store, self._below())  # it is there: whoever works here holds it

    async def _gather(self) -> None:
        """Write the whole; where that fails, what stands beside it says the same."""
        task = self._begin(self._write_all(is_whole=True))
        _ = await asyncio.wait((task,))
        await self._settle()

    async def _settle(self) -> None:
        """Wait until nothing is left to be written."""
        self._hurry.set()
        try:
            while (batch := self._current()) is not None:
                await batch.over.wait()
        finally:
            self._hurry = asyncio.Event()

    def _current(self) -> _Batch | None:
        """Return the batch after which the file says what the store does; None where it does now.

        Raises:
            InvalidValueError: What was changed last cannot be written, and was taken back.
            StoreError: The file was not read yet.
        """
        if self._noted:
            self._take_in()
        if self._open.noted or self._writing is not None:
            self._start()
        return self._open if self._open.noted else self._writing

    def _take_in(self) -> None:
        """Put what the operation at work has changed to what is to be written.

        Raises:
            InvalidValueError: It cannot be written, and was taken back.
            StoreError: The file was not read yet; as above.
        """
        noted, self._noted = self._noted, []
        refused = next((each.refused for each in noted if each.is_in_the_way()), None)
        if refused is not None or not self._may_write:
            self._undo(noted)
            raise refused or not_connected(self.path)
        self._open.noted += noted

    def _start(self) -> None:
        """See to it that the task that writes is there."""
        task, loop = self._task, asyncio.get_running_loop()
        if task is not None and task.get_loop() is not loop:
            # Of that event loop nobody is left who waits.  What it was writing may be in the file
            # or not: writing it twice does no harm.
            before = [] if self._writing is None else self._writing.noted
            self._open, self._writing = _Batch(before + self._open.noted), None
        elif task is not None and not task.done():
            return
        _ = self._begin(self._write_all())

    def _begin(self, writing: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Make *writing* the task that writes."""
        self._task = asyncio.get_running_loop().create_task(writing, context=Context())
        return self._task

    async def _write_all(self, *, is_whole: bool = False) -> None:
        """Write until nothing is left, also where the event loop is about to close.

        Args:
            is_whole: Begin with the whole, whatever is left.
        """
        me = asyncio.current_task()
        _rows = self._store  # they live until they are written
        while is_whole or self._open.noted:
            if not is_whole:
                await self._pause()
            if self._task is not me:
                return  # another event loop has taken over what was left
            batch = self._writing = self._open
            self._open = _Batch()
            try:
                await _in_thread(self._work(batch, is_whole=is_whole))
            except Exception as error:  # noqa: BLE001  whatever it is: operations are told of it
                batch.error = error
            if self._task is not me:
                return  # as above, this batch too
            self._writing, is_whole = None, False
            self._end(batch)

    async def _pause(self) -> None:
        """Wait for more changes, as long as is allowed."""
        if self._delay:
            with suppress(TimeoutError, asyncio.CancelledError):
                await asyncio.wait_for(self._hurry.wait(), self._delay)

    def _end(self, batch: _Batch) -> None:
        """See to what follows from a write, and tell who waits for it."""
        if batch.error is not None:
            self._fail(batch, batch.error)
        else:
            for noted in batch.noted:
                noted.collection.settled = noted.sequence
        batch.over.set()

    def _work(self, batch: _Batch, *, is_whole: bool) -> Callable[[], None]:
        """Return what writes a batch: the whole store, or the changes alone."""
        line = write_line(noted.text for noted in batch.noted)
        if is_whole or self._disk.wants_whole(len(line)):
            return partial(self._disk.replace, self._store.held())
        return partial(self._disk.append, line)

    def _fail(self, batch: _Batch, error: Exception) -> None:
        """Take back what was not written and what was done since."""
        after, self._open = self._open, _Batch()
        self._undo([*batch.noted, *after.noted, *self._noted])
        self._noted = []
        after.error = error
        after.over.set()

    def _undo(self, noted: list[_Noted]) -> None:
        """Take changes back, the latest first; whoever watches the store is told."""
        store = self._store
        self._is_undoing = True
        for collection, changes, *_ in reversed(noted):
            back = [(place, row, former) for place, former, row in reversed(changes)]
            store.reinstate(collection)
            collection.put(back)
            store.committed(collection, back)
        self._is_undoing = False
        if len(store.committed.watchers) == 1:  # else a transaction may have been given the numbers
            under_way = [*(self._writing.noted if self._writing else ()), *self._open.noted]
            numbers = {each.collection: each.sequence for each in under_way}
            for collection in {each.collection for each in noted}:
                collection._sequence = numbers.get(collection, collection.settled)


async def _in_thread(work: Callable[[], None]) -> None:
    """Do *work* in a thread, to its end though the caller is cancelled."""
    running = asyncio.get_running_loop().run_in_executor(None, work)
    while not running.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait((running,))
    running.result()
