"""Doing something again and again: in a task of the running loop, else in a daemon thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Protocol


class Work(Protocol):
    """What is done again and again; it must not raise."""

    def wait(self) -> float:
        """Return the seconds until it is to be done next."""

    def once(self) -> object:
        """Do it in this thread."""

    def once_async(self) -> Awaitable[object]:
        """Do it in the running loop, in slices."""


class Periodic:
    """Some work that goes on until it is stopped; belongs to who started it.

    Attributes:
        stops: Called, once, when it is stopped.
        task: The task of the loop it goes on in; None where it is a thread.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self.stops: list[Callable[[], None]] = []
        self._ended = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin: in the running loop, else in a thread that does not keep the process alive."""
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            name = "juggler-registry-manager"
            threading.Thread(target=self._in_thread, name=name, daemon=True).start()
        else:
            self.task = self._loop.create_task(self._in_loop())

    def is_going(self) -> bool:
        """Tell whether it goes on; a loop that is closed has ended it."""
        if self._loop is None or self.task is None:
            return not self._ended.is_set()
        return not (self.task.done() or self._loop.is_closed())

    def stop(self) -> None:
        """End it, from whatever thread; what is being done in a thread is done to its end."""
        self._ended.set()
        for stop in self.stops:
            stop()
        self.stops = []
        loop, task = self._loop, self.task
        if loop is None or task is None or loop.is_closed():
            return
        try:
            here = asyncio.get_running_loop() is loop
        except RuntimeError:
            here = False
        if here:
            task.cancel()
        else:
            loop.call_soon_threadsafe(task.cancel)

    async def _in_loop(self) -> None:
        while True:
            await asyncio.sleep(self._work.wait())
            await self._work.once_async()

    def _in_thread(self) -> None:
        while not self._ended.wait(min(self._work.wait(), threading.TIMEOUT_MAX)):
            self._work.once()
