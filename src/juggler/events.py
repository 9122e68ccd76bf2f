"""Events: frozen records handed to listeners; a listener never breaks who emits."""

from __future__ import annotations

import asyncio
import inspect
import logging
import threading
from collections.abc import Awaitable, Callable
from typing import Any

log = logging.getLogger("juggler.events")

Handler = Callable[..., Awaitable[Any] | Any]
Failed = Callable[[str, Handler, Exception], None]
"""Told of an event, the handler of it that failed, and its error."""


class Emitter:
    """Listeners by event name; belongs to one registry or data source and is let go with it.

    Handlers are called in order of registration, in the thread and task that emits.  Async ones
    are run as tasks of the running loop.  A failing handler is logged and the others still run.
    Subscribing is safe from any thread.

    Attributes:
        failed: Told of a handler that failed, after it was logged; None for nobody.
    """

    __slots__ = ("_handlers", "_lock", "_tasks", "failed")

    def __init__(self) -> None:
        self._handlers: dict[str, tuple[Handler, ...]] = {}
        self._lock = threading.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self.failed: Failed | None = None

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

        def first(record: Any) -> Awaitable[Any] | Any:
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
            self._call(event, handler, record)

    def ask(self, event: str, record: Any) -> Handler | None:
        """Hand *record* to the listeners of *event* and return the first that answers False.

        All of them are told.  Those of ``*`` are told and not asked; nor are async ones, which run
        as tasks.  One that fails has not answered.
        """
        against = None
        for handler in self._handlers.get(event, ()):
            if self._call(event, handler, record) is False and against is None:
                against = handler
        for handler in self._handlers.get("*", ()):
            self._call(event, handler, record)
        return against

    async def ask_each(self, event: str, record: Any) -> Handler | None:
        """Do as `ask`, but wait for the answers of async listeners of *event*, one by one."""
        against = None
        for handler in self._handlers.get(event, ()):
            try:
                answer = handler(record)
                if inspect.isawaitable(answer):
                    answer = await answer
            except Exception as error:  # noqa: BLE001  logged: see `report`
                self.report(event, handler, error)
            else:
                if answer is False and against is None:
                    against = handler
        for handler in self._handlers.get("*", ()):
            self._call(event, handler, record)
        return against

    def report(self, event: str, handler: Handler, error: Exception) -> None:
        """Log that *handler* failed at *event*, and tell whoever wants to know."""
        log.error("A listener of %s failed. (%s)", event, handler_name(handler), exc_info=error)
        if self.failed is not None:
            self.failed(event, handler, error)

    def start(
        self, event: str, handler: Handler, outcome: Awaitable[Any], report: Failed | None = None
    ) -> None:
        """Run what an async *handler* gave as a task that is kept until it is done.

        Args:
            event: What the handler was called for.
            handler: The handler.
            outcome: What it gave.
            report: Told if it fails; `report` unless given.
        """
        report = report or self.report

        async def run() -> None:
            try:
                await outcome
            except Exception as error:  # noqa: BLE001  a listener's fault must not break who emits
                report(event, handler, error)

        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            if inspect.iscoroutine(outcome):
                outcome.close()
            name = handler_name(handler)
            report(event, handler, RuntimeError(f"{name} is async and no event loop is running."))
            return
        task = loop.create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _call(self, event: str, handler: Handler, record: Any) -> Any:
        """Call one handler and return its answer; None for an async one and one that fails."""
        try:
            answer = handler(record)
            if not inspect.isawaitable(answer):
                return answer
            self.start(event, handler, answer)
        except Exception as error:  # noqa: BLE001  a listener's fault must not break who emits
            self.report(event, handler, error)
        return None


def handler_name(handler: Handler) -> str:
    """Return what *handler* is called in messages."""
    return str(getattr(handler, "__qualname__", None) or repr(handler))
