"""What listeners are told: kept while the registry's lock is held, told when it is free."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable, Iterable, Sized
from typing import Any

from juggler.events import Emitter
from juggler.registry.records import RegistryEvent

log = logging.getLogger("juggler.registry")

Item = Callable[[], None]


class News:
    """A queue of what is to be told; it is filled and taken under the registry's lock.

    Args:
        emitter: Knows the listeners.

    Attributes:
        listeners: Empty while nobody listens.
        items: What waits.
    """

    def __init__(self, emitter: Emitter) -> None:
        self._emitter = emitter
        self.listeners: Sized = emitter._handlers
        self.items: list[Item] = []

    def of(self, event: str, model: Any) -> None:
        """Add a record of what happened to *model*, if anybody listens."""
        if not self.listeners:
            return
        owner = model._owner
        self.add(
            RegistryEvent(
                event,
                tenant=None if owner is None else owner.tenant,
                model=model._name,
                owner_kind=None if owner is None else owner.kind,
            )
        )

    def add(self, record: RegistryEvent) -> None:
        """Add *record* for the listeners of its event."""
        self.items.append(lambda: self._emitter.emit(record.event, record))

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
        try:
            outcome = callback()
            if inspect.isawaitable(outcome):
                self._emitter._start("model_disposed", outcome)
        except Exception as error:  # whatever one callback raises must not stop the rest
            log.exception("A callback at the end of the model %s failed.", model)
            record = RegistryEvent("handler_failed", model=model, error=error)
            self._emitter.emit(record.event, record)


def tell(items: Iterable[Item]) -> None:
    """Tell what was taken from the queue, when the lock is free."""
    for item in items:
        item()
