"""Whether an owner is at work: operations, leases and streams are counted, and waited for."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Final

_turn: Final = threading.Lock()
"""Held for single steps of waiting; all owners share it, so that none needs one of its own."""


class Usage:
    """How much work is being done for one owner, counted from any thread."""

    __slots__ = ("_waiters", "_work")

    def __init__(self) -> None:
        self._work: list[None] = []  # it grows and shrinks in single steps, which need no lock
        self._waiters: tuple[Callable[[], None], ...] = ()

    @property
    def in_flight(self) -> int:
        """Return how many operations, leases and streams are at work."""
        return len(self._work)

    @property
    def in_use(self) -> bool:
        """Tell whether operations, streams or leases are at work."""
        return bool(self._work)

    def enter(self) -> None:
        """Count work that begins."""
        self._work.append(None)

    def leave(self) -> None:
        """Count work that has ended; who waits for the last of it is told."""
        self._work.pop()
        if self._waiters:
            self._tell()

    def when_free(self, call: Callable[[], None]) -> None:
        """Call *call* once, when no work is left; at once if there is none."""
        with _turn:
            self._waiters = (*self._waiters, call)
        self._tell()  # the last work may have ended before it was there

    def no_longer(self, call: Callable[[], None]) -> None:
        """Forget what was to be called; harmless if it was called already."""
        with _turn:
            self._waiters = tuple(each for each in self._waiters if each is not call)

    def _tell(self) -> None:
        """Call those who wait, if no work is left; each is called once."""
        with _turn:
            if self._work:
                return
            waiters, self._waiters = self._waiters, ()
        for each in waiters:
            each()


def wait_until_free(usage: Usage, grace: float) -> None:
    """Block this thread until no work is left, at most *grace* seconds."""
    until = time.monotonic() + grace
    while usage.in_use and time.monotonic() < until:
        free = threading.Event()
        call = free.set
        usage.when_free(call)
        free.wait(max(0.0, until - time.monotonic()))
        usage.no_longer(call)


async def until_free(usage: Usage, grace: float) -> None:
    """Wait until no work is left, at most *grace* seconds; the event loop is free meanwhile."""
    loop = asyncio.get_running_loop()
    until = loop.time() + grace
    while usage.in_use and loop.time() < until:
        free = asyncio.Event()

        def call(free: asyncio.Event = free) -> None:
            loop.call_soon_threadsafe(free.set)

        usage.when_free(call)
        try:
            async with asyncio.timeout_at(until):
                await free.wait()
        except TimeoutError:
            return
        finally:
            usage.no_longer(call)
