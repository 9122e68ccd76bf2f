"""A transaction: what operations join, and what is committed or rolled back once."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self, TypeVar, Unpack, cast

from juggler.concurrency import Tasks, finish
from juggler.connectors.contract import Connector, ConnectorTransaction
from juggler.connectors.observing import Observe, ObserveOptions, Removed
from juggler.errors import TransactionError
from juggler.persistence.transactions import levels
from juggler.persistence.transactions.ambient import outside
from juggler.persistence.transactions.ending import Ending, nested_error
from juggler.persistence.transactions.hooks import HookTypes, check_hook
from juggler.persistence.transactions.levels import Wanted
from juggler.persistence.transactions.presence import Presence
from juggler.persistence.transactions.store import JoinedStore

C = TypeVar("C", bound=Callable[[], Any])

log = logging.getLogger("juggler.persistence")


class Transaction(Ending):
    """Work that is committed or rolled back as a whole; made by a data source.

    It lives from its beginning to `commit` or `rollback`, keeps one connection of the store that
    long, and is ended once; with ``async with`` that happens by itself.  Many tasks may use it:
    their calls wait for one another, and ending it waits for the call that is running.  Dropped
    without an end it warns and is rolled back.

    Attributes:
        id: A text that no other transaction has.
        source: The data source.
        isolation_level: One of the constants here.
        tenant: The tenant that it was begun for, or None.
        outer: The transaction that this one is a savepoint of, or None.
        timed_out: It was rolled back because it took too long.
    """

    hook_types: Final = HookTypes
    READ_UNCOMMITTED: Final = levels.READ_UNCOMMITTED
    READ_COMMITTED: Final = levels.READ_COMMITTED
    REPEATABLE_READ: Final = levels.REPEATABLE_READ
    SERIALIZABLE: Final = levels.SERIALIZABLE

    def __init__(
        self,
        source: Any,
        inner: ConnectorTransaction,
        wanted: Wanted,
        presence: Presence,
        *,
        models: Callable[[Transaction], Mapping[str, Any]],
        outer: Transaction | None = None,
    ) -> None:
        super().__init__(inner, presence, wanted.timeout, outer)
        self.source = source
        self.isolation_level = wanted.level
        self._make_models = models
        self._models: Mapping[str, Any] | None = None
        self._store = cast(Connector, JoinedStore(inner.store, self._turn))
        self._cancels = 0
        self._tasks = Tasks()
        if self._timeout is not None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(self._timeout / 1_000, self._ring)

    # what it is -------------------------------------------------------------------------------

    @property
    def connection(self) -> Any:
        """Return what the driver works with; None where there is none, or no longer."""
        return self._inner.connection if self._is_open else None

    @property
    def connector(self) -> Any:
        """Return the connector of the data source; None once that was closed."""
        return self.source.connector

    @property
    def models(self) -> Mapping[str, Any]:
        """Return name -> model of the data source, each bound to the transaction.

        They are made when they are first asked for.  Their operations and those of their instances
        are part of the transaction wherever they run, and fail once it is over.
        """
        if self._models is None:
            self._models = self._make_models(self)
        return self._models

    def transaction(self, *_: Any, **__: Any) -> Any:
        """Refuse: transactions are nested by `DataSource.transaction`.

        Raises:
            TransactionError: Always; ``TRANSACTION_NESTED``.
        """
        raise nested_error(
            "a transaction begins none; nest them with `data_source.transaction()`", self.id
        )

    def store_for(self, source: Any) -> Connector:
        """Return the connector for an operation on *source*, which may be a part of the source."""
        guarded = getattr(source, "guarded", None)
        return self._store if guarded is None else cast(Connector, guarded(self._store))

    # observers --------------------------------------------------------------------------------

    def observe(
        self, hook: str, observer: Observe | None = None, **more: Unpack[ObserveOptions]
    ) -> Any:
        """Run *observer* at *hook*, one of `hook_types`; also a decorator.

        One of ``before commit`` that fails prevents the commit, and the transaction is rolled back.

        Args:
            hook: What is observed.
            observer: Sync or async function of a `TransactionContext`.
            more: As for models: ``priority``, ``name``, ``on_error``.

        Returns:
            A handle that takes the registration back.

        Raises:
            InvalidValueError: There is no such hook.
        """
        check_hook(hook)
        if observer is None:
            return lambda function: self.observe(hook, function, **more)
        return self._observers.observe(hook, observer, **more)

    def remove_observer(self, hook: str, observer: Removed) -> None:
        """Remove one registration of *observer*; no error if there is none."""
        self._observers.remove_observer(hook, observer)

    def clear_observers(self, hook: str) -> None:
        """Remove all observers of *hook*."""
        self._observers.clear_observers(hook)

    def on_commit(self, call: C) -> C:
        """Call *call*, sync or async, once the outermost transaction was committed.

        It runs outside of the transaction.  All of them run, in order; then the first error, if
        there was one, is raised by `commit`, with a note that the commit is done.
        """
        self.check_active("on_commit")
        self._observers.on_commit.append(call)
        return call

    def on_rollback(self, call: C) -> C:
        """Call *call*, sync or async, once the transaction was rolled back; as `on_commit`."""
        self.check_active("on_rollback")
        self._observers.on_rollback.append(call)
        return call

    # as a block -------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self.check_active("async with")
        self._body = asyncio.current_task()
        self._cancels = 0 if self._body is None else self._body.cancelling()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        body, self._body = self._body, None
        if self.timed_out:
            await self._leave_late(body, error)
        elif not self._is_open:
            return
        elif error is None:
            await self.commit()
        else:
            await self._take_back(error)

    # time -------------------------------------------------------------------------------------

    def _ring(self) -> None:
        _ = self._tasks.start(self._time_out())

    async def _time_out(self) -> None:
        """Roll back, unless an observer of the timeout fails; whoever is in its block is told."""
        try:
            await self._notify(HookTypes.TIMEOUT, "timeout")
        except Exception:  # whatever it is: to fail is how an observer says that it goes on
            log.info("%r goes on though its time is over.", self, exc_info=True)
            return
        if not self._is_open or self._is_ending:
            return
        self.timed_out = True
        for body in self._bodies():
            body.cancel()
        try:
            with outside(self):
                await self.rollback()
        except Exception:  # nobody waits for this task
            log.exception("%r timed out; rolling it back failed.", self.id)

    async def _leave_late(
        self, body: asyncio.Task[Any] | None, error: BaseException | None
    ) -> None:
        """Raise that the block took too long, unless somebody else has cancelled it, too."""
        await finish(self._wait_until_released())
        others = body is not None and body.uncancel() > self._cancels
        if not (others and isinstance(error, asyncio.CancelledError)):
            raise self._took_too_long() from error

    def _took_too_long(self) -> TransactionError:
        return TransactionError(
            f"The transaction {self.id} took longer than {self._timeout:g} ms and was rolled back; "
            "do less in it or give it more time.",
            code="TRANSACTION_TIMEOUT",
            status_code=503,
            tenant=self.tenant,
            value=self.id,
        )

    def __str__(self) -> str:
        return self.id

    def to_json(self) -> str:
        """Return the id, which stands for it in JSON."""
        return self.id

    def __repr__(self) -> str:
        return f"<Transaction {self.id}>"

    def __del__(self) -> None:
        if getattr(self, "_is_open", False):
            self._is_open = False
            warnings.warn(f"{self!r} was dropped open; it is rolled back.", ResourceWarning, 2)
            self._inner.abandon()
            with suppress(RuntimeError):  # a lock of an event loop that is gone
                self._release()
