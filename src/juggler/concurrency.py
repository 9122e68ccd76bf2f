"""Tasks and locks: open once, one lock a key.  The only file that plays with tasks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Hashable
from contextlib import asynccontextmanager
from contextvars import Context
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class KeyedLock:
    """A lock per key; keys that nobody holds or waits for take no memory."""

    def __init__(self) -> None:
        self._locks: dict[Hashable, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def hold(self, key: Hashable) -> AsyncIterator[None]:
        """Hold the lock of *key* for the block."""
        lock, users = self._locks.get(key, (None, 0))
        lock = lock or asyncio.Lock()
        self._locks[key] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks[key]
            if users == 1:
                del self._locks[key]
            else:
                self._locks[key] = (lock, users - 1)


class Once(Generic[T]):
    """Runs one function at a time for everybody who asks, and shares its outcome.

    While a run is going, further callers wait for it and get its result or its error.  A caller
    that is cancelled does not stop the run while others wait; the run is cancelled with its last
    waiter, and who comes then waits for its end and starts a new one.  After a failure the next
    caller starts a new run.

    The run is nobody's own: it sees no tenant and no other context variable of whoever came first.
    Event loops may use the same object one after the other, not at the same time.
    """

    def __init__(self, run: Callable[[], Awaitable[T]]) -> None:
        self._run = run
        self._runs: list[_Shared[T]] = []

    @property
    def waiting(self) -> int:
        """Return how many callers wait for the run that is going."""
        return self._runs[-1].waiting if self._runs else 0

    async def __call__(self) -> T:
        """Start or join the run and return its result."""
        going = self._runs = [each for each in self._runs if not each.is_over()]
        if not going or going[-1].is_left:
            going.append(_Shared(self._start([each.task for each in going])))
            going[-1].task.add_done_callback(self._ended)
        return await going[-1].join()

    async def _start(self, dying: list[asyncio.Task[T]]) -> T:
        """Run, once the runs that were cancelled before have ended."""
        if dying:
            await asyncio.wait(dying)
        return await self._run()

    def _ended(self, task: asyncio.Task[T]) -> None:
        """Let go of a run and what came of it; nobody may be left to hear of its error."""
        self._runs = [each for each in self._runs if each.task is not task]
        if not task.cancelled():
            task.exception()


class _Shared(Generic[T]):
    """One run and those who wait for it.

    Attributes:
        task: The run.
        waiting: How many wait.
        is_left: All of them were cancelled, and so was the run.
    """

    def __init__(self, run: Coroutine[Any, Any, T]) -> None:
        self._loop = asyncio.get_running_loop()
        self.task = self._loop.create_task(run, context=Context())
        self.waiting = 0
        self.is_left = False

    def is_over(self) -> bool:
        """Tell whether the run has ended, be it with its event loop."""
        return self.task.done() or self._loop.is_closed()

    async def join(self) -> T:
        """Return the result; the last who leaves early cancels the run."""
        self.waiting += 1
        try:
            return await asyncio.shield(self.task)
        finally:
            self.waiting -= 1
            if not self.waiting and not self.is_over():
                self.is_left = True
                self.task.cancel()


async def finish(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of *work*, which goes on to its end though the caller is cancelled.

    For what must not stay half done: giving back what was taken, committing, rolling back.

    Raises:
        asyncio.CancelledError: The caller was cancelled meanwhile; *work* has ended, and its error,
            if it had one, is the context.
    """
    task = asyncio.get_running_loop().create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return task.result()
    try:
        task.result()
    finally:
        raise cancelled


class Tasks:
    """Work that nobody waits for, kept until it is done; belongs to one object that closes."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._running)

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Run *work* from now on, whatever becomes of the caller, and return its task."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task


async def unless(gone: Callable[[], Awaitable[object]], work: Awaitable[T], *, after: float) -> T:
    """Return the result of *work*; cancel it when *gone* returns.

    Args:
        gone: Returns when nobody waits for the result any more.
        work: What is to be done, in the caller's own task.
        after: Seconds until *gone* is asked at all: work that ends sooner costs one timer.

    Raises:
        ConnectionAbortedError: *gone* returned before *work* did, and *work* was cancelled.
    """
    loop, caller = asyncio.get_running_loop(), asyncio.current_task()
    watchers: list[asyncio.Task[None]] = []
    left = False

    async def watch() -> None:
        nonlocal left
        _ = await gone()
        left = True
        if caller is not None:
            caller.cancel()

    timer = loop.call_later(after, lambda: watchers.append(loop.create_task(watch())))
    try:
        return await work
    except asyncio.CancelledError:
        if left and caller is not None and not caller.uncancel():
            raise ConnectionAbortedError("Nobody waits for the result any more.") from None
        raise
    finally:
        timer.cancel()
        for watcher in watchers:
            watcher.cancel()
