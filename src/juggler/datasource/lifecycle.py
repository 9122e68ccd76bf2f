"""Connecting and disconnecting: once at a time, shared by all who wait, limited in time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from juggler.concurrency import KeyedLock, Once, finish
from juggler.errors import ConnectionTimeoutError, JugglerError

DEFAULT_MAX_OFFLINE_REQUESTS: Final = 16
DEFAULT_TIMEOUT: Final = 5_000

log = logging.getLogger("juggler.datasource")


class Lifecycle:
    """State of one data source's connection.

    Opening and closing never overlap.  What is bound to an event loop that is closed by now is
    opened anew by whoever needs it next.

    Attributes:
        connected: The connector is open.

    Args:
        name: For messages.
        open_: Opens the connector.
        close: Closes it.
        timeout: Milliseconds that a caller waits at most; 0 for any time.
        max_waiting: How many operations may wait at a time.
        loop_bound: What was opened works in the event loop alone that it was opened in.
    """

    def __init__(
        self,
        name: str,
        open_: Callable[[], Awaitable[None]],
        close: Callable[[], Coroutine[Any, Any, None]],
        *,
        timeout: float,
        max_waiting: int,
        loop_bound: bool = True,
    ) -> None:
        self._name = name
        self._open = open_
        self._close = close
        self._timeout = timeout
        self._max_waiting = max_waiting
        self._loop_bound = loop_bound
        self._connect = Once(self._run)
        self._turns = KeyedLock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self.connected = False

    @property
    def connecting(self) -> bool:
        """Tell whether an attempt to connect is running."""
        return self._connect.waiting > 0

    def is_open(self) -> bool:
        """Tell whether the connector is open, in an event loop that is not closed; fast."""
        return self.connected and (self._loop is None or not self._loop.is_closed())

    async def connect(self, *, bounded: bool = False) -> None:
        """Open the connector; harmless when it is open.  However many ask, it is opened once.

        Args:
            bounded: The caller is an operation: it needs one of the places to wait.

        Raises:
            ConnectionTimeoutError: It took too long; the next call tries again.
            JugglerError: ``OFFLINE_QUEUE_FULL``: too many wait already.
        """
        if self.is_open():
            return
        if bounded:
            self._check_room()
        limit = asyncio.timeout(self._timeout / 1_000 if self._timeout else None)
        try:
            async with limit:
                await self._connect()
        except TimeoutError as error:
            if not limit.expired():  # it is the store's own
                raise
            raise ConnectionTimeoutError(
                f"{self._name}: timeout in connecting after {self._timeout:g} ms."
            ) from error

    def _check_room(self) -> None:
        """Raise if as many wait as may."""
        if self._connect.waiting >= self._max_waiting:
            raise JugglerError(
                f"{self._name}: {self._max_waiting} operations wait for the connection already; "
                "raise max_offline_requests.",
                code="OFFLINE_QUEUE_FULL",
                status_code=503,
            )

    async def disconnect(self) -> None:
        """Close the connector, after an attempt to open it that is running; else harmless."""
        async with self._turns.hold(self):
            if self.connected:
                self.connected = False
                await finish(self._close())

    async def _run(self) -> None:
        """Open the connector and note that it is."""
        async with self._turns.hold(self):
            if self.connected and not self.is_open():
                await self._drop_stale()
            if not self.connected:
                await self._open()
                self._loop = asyncio.get_running_loop() if self._loop_bound else None
                self.connected = True

    async def _drop_stale(self) -> None:
        """Close what was opened in an event loop that is gone, as far as that can be done."""
        self.connected = False
        try:
            await finish(self._close())
        except Exception:  # whatever a driver says of a loop that is gone: it is opened anew
            log.warning(
                "%s: could not close what a closed event loop left.", self._name, exc_info=True
            )
