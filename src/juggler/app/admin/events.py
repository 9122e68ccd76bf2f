"""The registry's events as a stream, for whoever watches."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from typing import Any, Final

from juggler.app.rest.reply import encode
from juggler.registry.records import RegistryEvent
from juggler.registry.registry import ModelRegistry

WAITING: Final = 1_000
"""Events that wait for one slow listener; the oldest are dropped, and that is said."""
HEARTBEAT: Final = 15.0


class Listener:
    """The events of one stream; belongs to the task that reads it."""

    def __init__(self) -> None:
        self._events: deque[RegistryEvent] = deque()
        self._arrived = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._dropped = 0
        self._ended = False

    def tell(self, event: RegistryEvent) -> None:
        """Add an event, from whatever thread."""
        try:
            here = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            here = False
        if here:
            self._put(event)
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._put, event)

    def end(self) -> None:
        """Let the stream end once it has said all it knows."""
        self._ended = True
        self._arrived.set()

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Yield server-sent events, and a sign of life when there are none for long."""
        yield b": listening\n\n"
        while True:
            while self._events:
                yield self._next()
            if self._ended:
                return
            self._arrived.clear()
            try:
                async with asyncio.timeout(HEARTBEAT):
                    await self._arrived.wait()
            except TimeoutError:
                yield b": alive\n\n"

    def _put(self, event: RegistryEvent) -> None:
        if len(self._events) >= WAITING:
            self._events.popleft()
            self._dropped += 1
        self._events.append(event)
        self._arrived.set()

    def _next(self) -> bytes:
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            return _message("dropped", {"event": "dropped", "count": dropped})
        event = self._events.popleft()
        return _message(event.event, event)


class Feed:
    """Hands the events of a registry to listeners; listens itself only while there are any.

    Belongs to one app; `close` ends all streams.
    """

    def __init__(self, registry: ModelRegistry) -> None:
        self._registry = registry
        self._listeners: set[Listener] = set()
        self._unsubscribe: Callable[[], None] | None = None

    def __len__(self) -> int:
        return len(self._listeners)

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Yield the events from now on, until the client leaves or the app stops."""
        listener = Listener()
        self._listeners.add(listener)
        if self._unsubscribe is None:
            self._unsubscribe = self._registry.on("*", self._tell)
        try:
            async for message in listener.stream():
                yield message
        finally:
            self._listeners.discard(listener)
            if not self._listeners and self._unsubscribe is not None:
                self._unsubscribe()
                self._unsubscribe = None

    def close(self) -> None:
        """End all streams."""
        for listener in self._listeners:
            listener.end()

    def _tell(self, event: RegistryEvent) -> None:
        for listener in tuple(self._listeners):
            listener.tell(event)


def _message(name: str, content: Any) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), encode(content))
