"""Listeners of models and builders: called at once, in order, by whoever emits."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, overload

from juggler.errors import DefinitionError

Listener = Callable[..., Any]
L = TypeVar("L", bound=Listener)


class Listeners:
    """Functions by the name of an event; any number, and each as often as it was added.

    The tuples are replaced, never changed, so who emits calls those that were there when it began.
    """

    __slots__ = ("_by_event",)

    def __init__(self) -> None:
        self._by_event: dict[str, tuple[Listener, ...]] = {}

    def add(self, event: str, listener: Listener) -> None:
        """Add *listener* after those that are there."""
        self._by_event[event] = (*self.of(event), listener)

    def of(self, event: str) -> tuple[Listener, ...]:
        """Return the listeners of *event*, in order."""
        return self._by_event.get(event, ())

    def names(self) -> list[str]:
        """Return the events that somebody listens to."""
        return list(self._by_event)

    def remove(self, event: str, listener: Listener) -> None:
        """Remove the last registration of *listener*; no error if there is none."""
        kept = list(self.of(event))
        for at in reversed(range(len(kept))):
            if listener in (kept[at], getattr(kept[at], "listener", None)):
                del kept[at]
                break
        self._keep(event, tuple(kept))

    def clear(self, event: str | None = None) -> None:
        """Remove all listeners, or those of one *event*."""
        for name in self.names() if event is None else [event]:
            self._keep(name, ())

    def emit(self, event: str, *arguments: Any) -> bool:
        """Call the listeners of *event* in order and tell whether there were any.

        An exception ends the round and is raised.
        """
        found = self.of(event)
        for listener in found:
            listener(*arguments)
        return bool(found)

    def _keep(self, event: str, listeners: tuple[Listener, ...]) -> None:
        if listeners:
            self._by_event[event] = listeners
        else:
            self._by_event.pop(event, None)


def _check(event: str, listener: Any) -> None:
    """Refuse what cannot listen.

    Raises:
        DefinitionError: It cannot be called, or is async.
    """
    if not callable(listener) or inspect.iscoroutinefunction(listener):
        raise DefinitionError(
            f"A listener of {event!r} is a function that is not async, not {listener!r}."
        )


class _Once:
    """A listener that goes when it is called."""

    __slots__ = ("_event", "_table", "listener")

    def __init__(self, table: Listeners, event: str, listener: Listener) -> None:
        self._table = table
        self._event = event
        self.listener = listener

    def __call__(self, *arguments: Any) -> Any:
        self._table.remove(self._event, self)
        return self.listener(*arguments)


class EventMethods:
    """The events of a model or a builder.

    Listeners are called synchronously, in order, by whoever emits; what one raises is raised there.
    They live as long as what they listen to, and are let go with it.  There may be any number.
    """

    __slots__ = ()

    def _listeners(self, make: bool = False) -> Listeners | None:
        """Return the listeners, made now if that is asked for; None where nobody listens."""
        raise NotImplementedError

    @overload
    def on(self, event: str, listener: L) -> L: ...

    @overload
    def on(self, event: str) -> Callable[[L], L]: ...

    def on(self, event: str, listener: Any = None) -> Any:
        """Call *listener* at each *event*, after those added before; also a decorator.

        Raises:
            DefinitionError: It cannot be called, or is async.
        """
        if listener is None:
            return lambda function: self.on(event, function)
        _check(event, listener)
        self._own_listeners().add(event, listener)
        return listener

    def once(self, event: str, listener: L) -> L:
        """Call *listener* at the next *event* alone.

        Raises:
            DefinitionError: It cannot be called, or is async.
        """
        _check(event, listener)
        table = self._own_listeners()
        table.add(event, _Once(table, event, listener))
        return listener

    def off(self, event: str, listener: Listener) -> None:
        """Call *listener* at *event* no more: its last registration; no error if there is none."""
        table = self._listeners()
        if table is not None:
            table.remove(event, listener)

    def remove_all_listeners(self, event: str | None = None) -> None:
        """Remove all listeners, or those of one *event*."""
        table = self._listeners()
        if table is not None:
            table.clear(event)

    def listeners(self, event: str) -> list[Listener]:
        """Return the listeners of *event*, in order."""
        table = self._listeners()
        found = () if table is None else table.of(event)
        return [each.listener if isinstance(each, _Once) else each for each in found]

    def listener_count(self, event: str) -> int:
        """Return how many listeners *event* has."""
        return len(self.listeners(event))

    def emit(self, event: str, *arguments: Any) -> bool:
        """Call the listeners of *event* with *arguments* and tell whether there were any."""
        table = self._listeners()
        return table is not None and table.emit(event, *arguments)

    def _own_listeners(self) -> Listeners:
        table = self._listeners(make=True)
        if table is None:
            raise AssertionError
        return table
