"""What listeners are told: kept while the registry's lock is held, told when it is free."""

from __future__ import annotations

import inspect
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Sized
from typing import Any, Final

from juggler.events import Emitter, Handler, handler_name
from juggler.registry.owners import Owner
from juggler.registry.records import RegistryEvent

log = logging.getLogger("juggler.registry")
_LAST: Final = "model_disposed"

Item = Callable[[], None]


class News:
    """A queue of what is to be told; it is filled and taken under the registry's lock.

    Args:
        emitter: Knows the listeners.

    Attributes:
        listeners: Empty while nobody listens.
        items: What waits.
        failed_at: When handlers failed lately, in seconds since 1970.
    """

    def __init__(self, emitter: Emitter) -> None:
        self._emitter = emitter
        self.listeners: Sized = emitter._handlers
        self.items: list[Item] = []
        self.failed_at: deque[float] = deque(maxlen=100)

    def of(self, event: str, model: Any) -> None:
        """Add a record of what happened to *model*, if anybody listens."""
        if self.listeners:
            self.named(event, model._owner, model._name)

    def named(self, event: str, owner: Owner | None, name: str) -> None:
        """Add a record of what happened to the model called *name*, if anybody listens."""
        if not self.listeners:
            return
        self.add(
            RegistryEvent(
                event,
                tenant=None if owner is None else owner.tenant,
                model=name,
                owner_kind=None if owner is None else owner.kind,
            )
        )

    def add(self, record: RegistryEvent) -> None:
        """Add *record* for the listeners of its event."""
        self.items.append(lambda: self._emitter.emit(record.event, record))

    def failed(self, event: str, handler: Handler, error: Exception) -> None:
        """Tell listeners of ``handler_failed``; when one of those fails, it was logged already."""
        if event != "handler_failed":
            self._tell_failure(event, handler, error, None)

    def last_calls(self, model: str, callbacks: Iterable[Callable[[], Any]]) -> None:
        """Add what a model wants done at its end."""
        for callback in callbacks:
            self.items.append(lambda call=callback: self._last_call(call, model))  # type: ignore[misc]  # a default binds the loop's value

    def take(self) -> list[Item]:
        """Return the queue and begin a new one."""
        taken, self.items = self.items, []
        return taken

    def _last_call(self, callback: Callable[[], Any], model: str) -> None:
        """Run one callback; a failing one is told and logged, the others still run."""

        def report(event: str, handler: Handler, error: Exception) -> None:
            log.error("A callback at the end of the model %s failed.", model, exc_info=error)
            self._tell_failure(event, handler, error, model)

        try:
            outcome = callback()
            if inspect.isawaitable(outcome):
                self._emitter.start(_LAST, callback, outcome, report)
        except Exception as error:  # noqa: BLE001  whatever one raises must not stop the rest
            report(_LAST, callback, error)

    def _tell_failure(
        self, event: str, handler: Handler, error: Exception, model: str | None
    ) -> None:
        self.failed_at.append(time.time())
        details = {"event": event, "handler": handler_name(handler)}
        record = RegistryEvent("handler_failed", model=model, error=error, details=details)
        self._emitter.emit(record.event, record)


def tell(items: Iterable[Item]) -> None:
    """Tell what was taken from the queue, when the lock is free."""
    for item in items:
        item()
