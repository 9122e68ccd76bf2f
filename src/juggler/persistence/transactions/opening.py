"""Beginning a transaction: awaited for itself, or entered as a block."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Generator, Mapping
from types import TracebackType
from typing import Any, NoReturn, Protocol, TypeVar, cast
from weakref import ref

from juggler.connectors.contract import Connector, Transacts
from juggler.errors import OperationNotSupportedError, TransactionError
from juggler.models.binding import Home, Source
from juggler.persistence.transactions.ambient import Entry, ambient, nearest
from juggler.persistence.transactions.levels import ERROR, JOIN, Wanted
from juggler.persistence.transactions.presence import Presence
from juggler.persistence.transactions.transaction import Transaction
from juggler.undoing import OnFailure

T = TypeVar("T")


class TransactingSource(Source, Protocol):
    """A data source as whoever begins a transaction sees it."""

    def transacting(self, operation: str) -> Connector:
        """Return the connector, open or not, if it has transactions."""

    async def ready_to_transact(self) -> Connector:
        """Return the open connector, with all that cannot be made within a transaction."""

    def bound_models(self, transaction: Transaction) -> Mapping[str, Any]:
        """Return the models of the source, bound to *transaction*."""


class Opening:
    """A transaction that is not begun yet: await it, or enter it with ``async with``.

    With ``async with`` it is committed at the end of the block, and rolled back where that ends
    with an error or is cancelled.  One that is ambient is joined by all that happens in the block,
    tasks that are started there included; one that is awaited is not.  It begins one transaction.

    Args:
        source: The data source.
        home: The owner whose models are to be kept in use.
        wanted: Level, timeout, and what to do where one is open.
        is_ambient: A block is joined without being told.
    """

    def __init__(
        self, source: TransactingSource, home: Home | None, wanted: Wanted, *, is_ambient: bool
    ) -> None:
        self._source = source
        self._home = home
        self._wanted = wanted
        self._is_ambient = is_ambient
        self._is_entered = False
        self._entered: Transaction | None = None
        self._former: Entry | None = None

    def __await__(self) -> Generator[Any, Any, Transaction]:
        return begin_transaction(self._source, self._home, self._wanted).__await__()

    async def __aenter__(self) -> Transaction:
        if self._is_entered:
            raise TransactionError(
                "transaction: the block of this one is open; begin another for another block.",
                code="TRANSACTION_NESTED",
            )
        self._is_entered = True
        try:
            return await self._enter()
        except BaseException:  # cancelled, too: it may be tried again
            self._is_entered = False
            raise

    async def _enter(self) -> Transaction:
        if not self._is_ambient:
            self._entered = await self
            return await self._entered.__aenter__()
        self._former = former = ambient.get()
        tenant = None if self._home is None else self._home.registry.current_tenant()
        outer: Transaction | None = nearest(former, self._source, tenant)
        if outer is None:
            found = await self
        else:
            outer.check_active("transaction")
            if self._wanted.nested == JOIN:
                return outer
            found = await begin_savepoint(outer, self._home, self._wanted)
        self._entered = found
        ambient.set(Entry(self._source, found.tenant, found, former))
        return await found.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        transaction, self._entered = self._entered, None
        try:
            if transaction is not None:
                await transaction.__aexit__(kind, error, trace)
        finally:
            if self._is_ambient:
                ambient.set(self._former)
            self._is_entered = False

    async def run(self, execute: Callable[[Any], Awaitable[T] | T]) -> T:
        """Call *execute* with the bound models, in the block, and return what it returns."""
        async with self as transaction:
            outcome = execute(transaction.models)
            return await outcome if inspect.isawaitable(outcome) else outcome

    def commit(self) -> NoReturn:
        """Refuse: there is nothing to commit yet."""
        raise _not_ready("commit")

    def rollback(self) -> NoReturn:
        """Refuse: there is nothing to roll back yet."""
        raise _not_ready("rollback")

    @property
    def models(self) -> NoReturn:
        """Refuse: the models are bound to what does not exist yet."""
        raise _not_ready("models")


async def begin_transaction(
    source: TransactingSource, home: Home | None, wanted: Wanted
) -> Transaction:
    """Begin a transaction of its own and return it.

    Raises:
        OperationNotSupportedError: The connector has no transactions, or not of that level.
        ConnectorDetachedError: The data source was closed.
    """
    _ = source.transacting("begin_transaction")
    presence = Presence(source, home)
    with OnFailure(presence.leave):
        connector = cast(Transacts, await source.ready_to_transact())
        inner = await connector.begin(wanted.level)
    return Transaction(source, inner, wanted, presence, models=source.bound_models)


async def begin_savepoint(outer: Transaction, home: Home | None, wanted: Wanted) -> Transaction:
    """Begin a transaction within *outer*, which does nothing else until it has ended.

    Raises:
        TransactionError: *wanted* says that none is to be nested.
        OperationNotSupportedError: The connector has no savepoints.
    """
    source: TransactingSource = outer.source
    if wanted.nested == ERROR:
        raise TransactionError(
            f"A transaction on {source.name} is open, and this one says that it is not to be "
            'nested: nested="savepoint" or nested="join" would be.',
            code="TRANSACTION_NESTED",
            value=outer.id,
        )
    if "savepoints" not in source.transacting("transaction").capabilities:
        raise OperationNotSupportedError(
            f'{source.name}: the connector has no savepoints; nested="join" needs none.',
            value="savepoint",
        )
    await outer._lock.acquire()
    with OnFailure(outer._lock.release):
        outer.check_active("transaction")
        presence = Presence(source, home)
        with OnFailure(presence.leave):
            inner = await outer._inner.savepoint()
    made = Transaction(source, inner, wanted, presence, models=source.bound_models, outer=outer)
    outer._nested = ref(made)
    return made


def _not_ready(what: str) -> TransactionError:
    return TransactionError(
        f"{what}: the transaction is not there yet; await it first, or use `async with`.",
        code="TRANSACTION_NOT_READY",
    )
