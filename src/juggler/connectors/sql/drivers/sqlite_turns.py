"""Whose turn it is at a SQLite database: transactions, and who has to wait for them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from juggler.connectors.sql.drivers.sqlite_settings import SqliteSettings
from juggler.errors import JugglerError, PoolExhaustedError, StoreError

GiveBack = Callable[[], None]


class Turns:
    """Lets one transaction write at a time, in the order of asking; of one event loop.

    SQLite itself would let the others wait in their threads, asking again and again.

    Args:
        settings: How long to wait, and how many transactions there may be.
    """

    def __init__(self, settings: SqliteSettings) -> None:
        self._settings = settings
        self._writing = asyncio.Lock()
        self._room = asyncio.Semaphore(settings.pool_size)

    @property
    def taken(self) -> bool:
        """Tell whether whoever writes now has to wait."""
        return self._writing.locked()

    async def take(self, *, may_write: bool) -> GiveBack:
        """Wait for a transaction's turn and return what ends it, to be called once.

        Raises:
            StoreError: ``STORE_BUSY``: another transaction took too long.
            PoolExhaustedError: As many are open as may be.
        """
        if may_write or self._settings.in_memory:
            await self._acquire(self._writing, self._busy)
            return self._writing.release
        await self._acquire(self._room, self._full)
        return self._room.release

    @asynccontextmanager
    async def wait(self) -> AsyncIterator[None]:
        """Let a call that is no transaction have a turn of its own."""
        await self._acquire(self._writing, self._busy)
        try:
            yield
        finally:
            self._writing.release()

    async def _acquire(
        self, lock: asyncio.Lock | asyncio.Semaphore, refusal: Callable[[], JugglerError]
    ) -> None:
        limit = asyncio.timeout(self._settings.busy_timeout / 1000)
        try:
            async with limit:
                _ = await lock.acquire()
        except TimeoutError:
            raise refusal() from None

    def _busy(self) -> StoreError:
        return StoreError(
            f"SQLite, {self._settings.file}: a transaction has it for longer than busy_timeout, "
            f"{self._settings.busy_timeout} ms; try again, or make the call part of it if it is "
            "the caller's own.",
            code="STORE_BUSY",
            status_code=503,
        )

    def _full(self) -> PoolExhaustedError:
        return PoolExhaustedError(
            f"SQLite, {self._settings.file}: {self._settings.pool_size} transactions are open; "
            "raise pool_size."
        )
