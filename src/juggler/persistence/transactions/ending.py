"""How a transaction ends: once, whole, and whatever happens to whoever ends it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from weakref import ref

from juggler.concurrency import finish
from juggler.connectors.contract import ConnectorTransaction
from juggler.errors import TransactionError
from juggler.persistence.transactions.ambient import ambient, innermost, outside
from juggler.persistence.transactions.hooks import (
    Call,
    HookTypes,
    Observers,
    TransactionContext,
    call_all,
)
from juggler.persistence.transactions.presence import Presence
from juggler.types.ids import uuidv7


class Ending:
    """The part of a transaction that is about its end, and about whose turn it is until then.

    Args:
        inner: The transaction as the connector gave it.
        presence: Counts it as being at work.
        timeout: Milliseconds that it may take, for messages.
        outer: The transaction that it is nested in; its lock is held by this one.
    """

    def __init__(
        self,
        inner: ConnectorTransaction,
        presence: Presence,
        timeout: float | None,
        outer: Any,
    ) -> None:
        self.id = uuidv7()
        self.tenant = presence.tenant
        self.outer = outer
        self.timed_out = False
        self._timeout = timeout
        self._inner = inner
        self._presence = presence
        self._observers = Observers()
        self._lock = asyncio.Lock()
        self._is_open = True
        self._is_ending = False
        self._is_committed = False
        self._is_spoiled = False
        self._released = asyncio.Event()
        self._body: asyncio.Task[Any] | None = None
        self._nested: ref[Ending] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def is_active(self) -> bool:
        """Tell whether operations may join it."""
        is_fit = self._is_open and not self._is_spoiled
        return is_fit and (self.outer is None or self.outer.is_active())

    def check_active(self, operation: str) -> None:
        """Raise unless operations may join it.

        Raises:
            TransactionError: ``TRANSACTION_NOT_ACTIVE``.
        """
        if not self.is_active():
            raise self._not_active(operation)

    async def commit(self) -> None:
        """Make what was done last, and let go of the connection.

        Where that fails, be it by an observer of ``before commit``, the store or a cancellation, it
        is rolled back.  A cancellation that comes while the store commits is raised when it has.

        Raises:
            TransactionError: It is not active; or somebody else was faster
                (``TRANSACTION_CONFLICT``).
            ConnectorDetachedError: The data source was closed.
            ModelDisposedError: The tenant was cleaned up.
        """
        await self._follow_outer()
        self._begin_end("commit")
        late: asyncio.CancelledError | None = None
        try:
            await self._notify(HookTypes.BEFORE_COMMIT, "commit")
            await finish(self._commit())
        except BaseException as error:  # cancelled, too: it must not stay open
            if not self._is_committed or not isinstance(error, asyncio.CancelledError):
                await self._fail(error)
                raise
            late = error
        await self._ended(HookTypes.AFTER_COMMIT, "commit", self._observers.on_commit)
        if late is not None:
            raise late

    async def rollback(self) -> None:
        """Take back what was done, and let go of the connection.

        An error of an observer of ``before rollback`` is raised after that.

        Raises:
            TransactionError: It is not active.
        """
        self._begin_end("rollback")
        try:
            await self._notify(HookTypes.BEFORE_ROLLBACK, "rollback")
        finally:
            await self._undo()
        await self._ended(HookTypes.AFTER_ROLLBACK, "rollback", self._observers.on_rollback)

    # inside -----------------------------------------------------------------------------------

    @asynccontextmanager
    async def _turn(self, operation: str) -> AsyncIterator[None]:
        """Give one call its turn."""
        self.check_active(operation)
        async with self._lock:
            self.check_active(operation)
            self._presence.check(operation)
            yield

    def _begin_end(self, operation: str) -> None:
        """Make sure that the transaction is ended once, and not below one that is nested in it."""
        if self._is_ending or not self._is_open:
            raise self._not_active(operation)
        if innermost(ambient.get(), self) is not self:
            raise nested_error(
                f"{operation}: a transaction nested in it is open; end that first", self.id
            )
        self._is_ending = True
        if self._timer is not None:
            self._timer.cancel()

    async def _commit(self) -> None:
        """Commit at the store, after the call that is running."""
        async with self._lock:
            self.check_active("commit")
            self._presence.check("commit")
            self._is_open = False
            await self._inner.commit()
            self._is_committed = True
            self._release()

    async def _follow_outer(self) -> None:
        """Roll back if the transaction around this one is over, or this one is spoiled."""
        if self._is_open and not self.is_active():
            await self._undo()

    async def _undo(self) -> None:
        """Roll back at the store, whatever happens to the caller meanwhile."""
        self._is_open = False
        try:
            await finish(self._roll_back())
        except Exception as error:  # whatever it is, it is raised again once it was told
            with outside(self):
                await self._notify(HookTypes.AFTER_ROLLBACK_ERROR, "rollback", error)
            raise

    async def _roll_back(self) -> None:
        async with self._lock:
            try:
                await self._inner.rollback()
            except BaseException:  # what is left of it must not be committed by the outer one
                if self.outer is not None:
                    self.outer._is_spoiled = True
                raise
            finally:
                self._release()

    async def _take_back(self, error: BaseException) -> None:
        """Roll back since *error* has ended the block; what goes wrong only adds a note to it."""
        try:
            await self.rollback()
        except Exception as other:  # noqa: BLE001  the first error is the one to be raised
            error.add_note(f"Afterwards, {other!r} was raised.")

    async def _fail(self, error: BaseException) -> None:
        """Roll back what could not be committed, and tell of *error*, which is about to be raised.

        What goes wrong here only adds a note to it.
        """
        told = partial(self._notify, HookTypes.AFTER_COMMIT_ERROR, "commit", error)
        try:
            await self._undo()
            with outside(self):
                await call_all([told, *self._observers.on_rollback], f"{self!r} was rolled back")
        except Exception as other:  # noqa: BLE001  the first error is the one to be raised
            error.add_note(f"Afterwards, {other!r} was raised.")

    async def _ended(self, hook: str, operation: str, calls: Sequence[Call]) -> None:
        """Tell that it is over; from outside, since nothing can join it any more."""
        if self.outer is not None and self._is_committed:
            self.outer._observers.on_commit += self._observers.on_commit
            self.outer._observers.on_rollback += self._observers.on_rollback
            calls = ()
        told = partial(self._notify, hook, operation)
        with outside(self):
            await call_all([told, *calls], f"{self!r} is over, {operation} was done")

    async def _notify(self, hook: str, operation: str, error: BaseException | None = None) -> None:
        await self._observers.run(hook, TransactionContext(self, operation, error))

    def _release(self) -> None:
        """Count it as ended, once."""
        if not self._released.is_set():
            self._released.set()
            self._presence.leave()
            if self._timer is not None:
                self._timer.cancel()
            if self.outer is not None:
                self.outer._nested = None
                self.outer._lock.release()

    def _bodies(self) -> set[asyncio.Task[Any]]:
        """Return the tasks that are in its block, or in one that is nested in it."""
        nested = None if self._nested is None else self._nested()
        found = set() if nested is None else nested._bodies()
        return found if self._body is None else found | {self._body}

    async def _wait_until_released(self) -> None:
        _ = await self._released.wait()

    def _not_active(self, operation: str) -> TransactionError:
        why = f" (it took longer than {self._timeout:g} ms)" if self.timed_out else ""
        if self._is_spoiled:
            why = " (one that was nested in it could not be rolled back)"
        return TransactionError(
            f"{operation}: the transaction is not active: {self.id}{why}; begin another.",
            code="TRANSACTION_NOT_ACTIVE",
            tenant=self.tenant,
            value=self.id,
        )


def nested_error(why: str, id: str) -> TransactionError:
    """Return the error for what cannot be done because of how transactions are nested."""
    return TransactionError(f"{why}.", code="TRANSACTION_NESTED", value=id)
