"""One SQLite connection together with the thread that works for it."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from typing import Any, Final, Generic, TypeVar

import aiosqlite

from juggler.concurrency import finish

T = TypeVar("T")

_AGAIN: Final = 0.05  # seconds


class Line(aiosqlite.Connection):
    """A connection that runs whole pieces of work in its thread, one after the other.

    A piece of work is one hop to the thread however many statements it has, and nothing runs in
    between, so a transaction that begins and ends inside it can never be left open.  Cancelling
    the task takes work out of the queue, and interrupts it where it is already running.

    `open` it first, `close` it in the end; dropped open it warns and stops its thread.

    Attributes:
        busy: Tasks that wait for this connection now.
    """

    def __init__(self, opener: Callable[[], sqlite3.Connection]) -> None:
        held = ExitStack()
        super().__init__(lambda: held.enter_context(closing(opener())), iter_chunk_size=64)
        self._held = held
        self._thread.daemon = True  # a source that was never closed does not hold up the exit
        self._switch = threading.Lock()
        self._current: _Job[Any] | None = None
        self._stopped: asyncio.Future[Any] | None = None
        self.busy = 0

    async def open(self) -> None:
        """Start the thread and connect in it; where that fails, or is cancelled, the thread ends.

        The thread answers the event loop, so it ends first.
        """
        self._thread.start()
        try:
            _ = await self._connect()
        finally:
            if self._stopped is not None:  # aiosqlite has told the thread to stop
                await finish(_done(self._stopped))

    def stop(self) -> asyncio.Future[Any] | None:
        """Tell the thread to end; the future is done when it does.

        It closes what it opened, also where nobody was left to take it.
        """
        self._tx.put_nowait((None, self._held.close))
        self._stopped = super().stop()
        return self._stopped

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Return what *work* returns; its exception is raised here.

        Raises:
            sqlite3.ProgrammingError: The connection is closed.
        """
        if self._connection is None or not self._running:
            raise sqlite3.ProgrammingError("The connection is closed.")
        job = _Job(self, work, asyncio.get_running_loop())
        self.busy += 1
        self._tx.put_nowait((None, job))
        try:
            return await job.future
        except asyncio.CancelledError:
            self._abandon(job)
            raise
        finally:
            self.busy -= 1

    def _abandon(self, job: _Job[Any]) -> None:
        """Interrupt *job*, which nobody waits for any more, as long as it is the one that runs.

        SQLite forgets an interrupt that comes before its statement has begun, so it is repeated.
        """
        with self._switch:
            if self._current is not job or self._connection is None:
                return
            self._connection.interrupt()
        job.loop.call_later(_AGAIN, self._abandon, job)

    def _begin(self, job: _Job[Any]) -> sqlite3.Connection | None:
        """Note in the thread that *job* runs; None when it was cancelled or the line closed."""
        with self._switch:
            if job.future.cancelled() or self._connection is None:
                return None
            self._current = job
            return self._connection

    def _end(self) -> None:
        with self._switch:
            self._current = None


class _Job(Generic[T]):
    """One piece of work; called in the connection's thread, answers in the loop that asked."""

    __slots__ = ("future", "line", "loop", "work")

    def __init__(
        self,
        line: Line,
        work: Callable[[sqlite3.Connection], T],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.line = line
        self.work = work
        self.loop = loop
        self.future: asyncio.Future[T] = loop.create_future()

    def __call__(self) -> None:
        raw = self.line._begin(self)
        if raw is None:
            self._answer(_refuse, sqlite3.ProgrammingError("The connection is closed."))
            return
        try:
            result = self.work(raw)
        except BaseException as error:  # noqa: BLE001  whatever it is belongs to the waiting task
            self.line._end()
            self._answer(_refuse, error)
        else:
            self.line._end()
            self._answer(_settle, result)

    def _answer(self, how: Callable[[asyncio.Future[T], Any], None], what: Any) -> None:
        try:
            self.loop.call_soon_threadsafe(how, self.future, what)
        except RuntimeError:
            return  # the loop was closed, so nobody waits; the thread has to live on


async def _done(future: asyncio.Future[Any]) -> None:
    await future


def _settle(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


def _refuse(future: asyncio.Future[Any], error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
