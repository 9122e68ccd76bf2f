"""Events: frozen records handed to listeners; a listener never breaks who emits."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from collections.abc import Awaitable, Callable
from typing import Any

log = logging.getLogger("juggler.events")

Handler = Callable[[Any], Awaitable[None] | None]


class Emitter:
    """Listeners by event name; belongs to one registry or data source and is let go with it.

    Handlers are called in order of registration, in the thread and task that emits.  Async ones
    are run as tasks of the running loop.  A failing handler is logged and the others still run.
    Subscribing is safe from any thread.
    """

    __slots__ = ("_handlers", "_lock", "_tasks")

    def __init__(self) -> None:
        self._handlers: dict[str, tuple[Handler, ...]] = {}
        self._lock = threading.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def on(self, event: str, handler: Handler) -> Callable[[], None]:
        """Call *handler* with the record of each *event*; ``*`` stands for all events.

        Returns:
            A function that ends the subscription; calling it twice is harmless.
        """
        with self._lock:
            self._handlers[event] = (*self._handlers.get(event, ()), handler)
        subscribed = [handler]

        def unsubscribe() -> None:
            while subscribed:
                self.off(event, subscribed.pop())

        return unsubscribe

    def once(self, event: str, handler: Handler) -> Callable[[], None]:
        """Call *handler* with the record of the next *event* alone; otherwise as `on`."""

        def first(record: Any) -> Awaitable[None] | None:
            unsubscribe()
            return handler(record)

        unsubscribe = self.on(event, first)
        return unsubscribe

    def off(self, event: str, handler: Handler) -> None:
        """End one subscription of *handler*; no error if there is none."""
        with self._lock:
            rest = list(self._handlers.get(event, ()))
            if handler in rest:
                rest.remove(handler)
            if rest:
                self._handlers[event] = tuple(rest)
            else:
                self._handlers.pop(event, None)

    def emit(self, event: str, record: Any) -> None:
        """Hand *record* to the listeners of *event*."""
        if not self._handlers:
            return
        for handler in (*self._handlers.get(event, ()), *self._handlers.get("*", ())):
            try:
                outcome = handler(record)
                if inspect.isawaitable(outcome):
                    self._start(event, outcome)
            except Exception:  # a listener's fault must not break what it listens to
                log.exception("A listener of %s failed.", event)

    def _start(self, event: str, outcome: Awaitable[None]) -> None:
        """Run an async handler's outcome as a task that is kept until it is done."""

        async def run() -> None:
            try:
                await outcome
            except Exception:  # as above
                log.exception("A listener of %s failed.", event)

        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            if inspect.iscoroutine(outcome):
                outcome.close()
            log.error(  # noqa: TRY400  the missing loop is the whole story
                "An async listener of %s could not run: no event loop is running.", event
            )
            return
        task = loop.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
