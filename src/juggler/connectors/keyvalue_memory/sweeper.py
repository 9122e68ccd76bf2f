"""A timer that has work done from time to time, and keeps nothing alive for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, Protocol
from weakref import WeakMethod

SECOND: Final = 1.0


class Handle(Protocol):
    """A call that is to come."""

    def cancel(self) -> None:
        """Let it not come."""


Later = Callable[[float, Callable[[], None]], Handle]


def in_loop(delay: float, callback: Callable[[], None]) -> Handle:
    """Call *callback* after *delay* seconds, from the running event loop."""
    return asyncio.get_running_loop().call_later(delay, callback)


class Sweeper:
    """Calls a method every second while there is something to do; belongs to one connector.

    It is a timer of the event loop, which keeps neither the process nor the method's object alive.

    Args:
        sweep: A bound method; it returns True if it is to be called again at once, None if there
            is nothing to do until somebody calls `wake`.
        later: Sets a timer.
    """

    def __init__(self, sweep: Callable[[], bool | None], later: Later = in_loop) -> None:
        self._sweep: WeakMethod[Any] = WeakMethod(sweep)
        self._later = later
        self._is_on = False
        self._next: Handle | None = None

    def start(self) -> None:
        """Begin."""
        self._is_on = True
        self.wake()

    def wake(self) -> None:
        """See to it that a call is to come, unless it is stopped."""
        if self._is_on and self._next is None:
            self._next = self._later(SECOND, self._tick)

    def stop(self) -> None:
        """Let no call come any more."""
        self._is_on = False
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _tick(self) -> None:
        """Do the work and decide when to come again."""
        self._next = None
        sweep = self._sweep()
        again = None if sweep is None or not self._is_on else sweep()
        if again is not None:
            self._next = self._later(0 if again else SECOND, self._tick)
