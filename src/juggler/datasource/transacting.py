"""Transactions of a data source."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar, cast, overload

from juggler.connectors.contract import Connector
from juggler.errors import OperationNotSupportedError
from juggler.facade.bound import BoundModels
from juggler.persistence.transactions.ambient import ambient
from juggler.persistence.transactions.joining import joined
from juggler.persistence.transactions.levels import read_wanted
from juggler.persistence.transactions.opening import Opening, TransactingSource
from juggler.persistence.transactions.transaction import Transaction
from juggler.registry.namespace import ModelRegistryProxy

T = TypeVar("T")


class Transacting:
    """The part of a data source that begins transactions."""

    name: str
    _models: ModelRegistryProxy

    def _working(self) -> Connector:
        """Return the connector of a source that is not closed."""
        raise NotImplementedError

    async def ready_to_transact(self) -> Connector:
        """Return the open connector, with all that cannot be made within a transaction."""
        raise NotImplementedError

    def begin_transaction(
        self,
        options: Any = None,
        *,
        isolation_level: str | None = None,
        timeout: float | None = None,
    ) -> Opening:
        """Begin a transaction that is not ambient: await it, or use it with ``async with``.

        Operations are part of it that are given it: ``options={"transaction": tx}``, or that are
        called on `Transaction.models`.

        Args:
            options: An isolation level, or a mapping of ``isolation_level`` and ``timeout``.
            isolation_level: One of the constants of `Transaction`; ``READ COMMITTED`` unless given.
            timeout: Milliseconds after which it is rolled back.

        Raises:
            OperationNotSupportedError: The connector has no transactions.
            InvalidValueError: There is no such level.
        """
        return self._opening(options, isolation_level, timeout, is_ambient=False)

    @overload
    def transaction(
        self,
        execute: None = None,
        options: Any = None,
        *,
        isolation_level: str | None = None,
        timeout: float | None = None,
        nested: str = "savepoint",
    ) -> Opening: ...

    @overload
    def transaction(
        self,
        execute: Callable[[Any], Awaitable[T] | T],
        options: Any = None,
        *,
        isolation_level: str | None = None,
        timeout: float | None = None,
        nested: str = "savepoint",
    ) -> Awaitable[T]: ...

    def transaction(
        self,
        execute: Any = None,
        options: Any = None,
        *,
        isolation_level: str | None = None,
        timeout: float | None = None,
        nested: str = "savepoint",
    ) -> Any:
        """Begin a transaction that all that happens in its block is part of.

        ``async with`` commits at the end of the block, and rolls back where that ends with an error
        or is cancelled.  Operations on this source, their hooks and tasks that are started there
        join it by themselves; ``options={"transaction": None}`` keeps one out.

        Args:
            execute: A function, sync or async, that is called with the models, bound to the
                transaction; awaiting the result gives what it returns.
            options: An isolation level, or a mapping of ``isolation_level`` and ``timeout``.
            isolation_level: One of the constants of `Transaction`; ``READ COMMITTED`` unless given.
            timeout: Milliseconds after which it is rolled back, and the block is cancelled and ends
                with a `TransactionError` (``TRANSACTION_TIMEOUT``).
            nested: What a block within another one is: a ``savepoint``, which is rolled back alone;
                a part of it (``join``); or an ``error``.

        Raises:
            TypeError: *execute* is no function.
            OperationNotSupportedError: The connector has no transactions.
            InvalidValueError: There is no such level.

        >>> ds = DataSource("memory")
        >>> Order = ds.define("Order", {"total": float})
        >>> async with ds.transaction() as tx:
        ...     order = await Order.create(total=10)
        >>> await Order.count()
        1
        """
        if execute is not None and not callable(execute):
            raise TypeError(
                f"transaction: execute is a function, not {type(execute).__name__}; "
                "options come second, or by keyword."
            )
        opening = self._opening(options, isolation_level, timeout, nested, is_ambient=True)
        return opening if execute is None else opening.run(execute)

    def transacting(self, operation: str) -> Connector:
        """Return the connector, open or not, if it has transactions.

        Raises:
            OperationNotSupportedError: It has none; the message names *operation*.
            ConnectorDetachedError: The source was closed.
        """
        connector = self._working()
        if "transactions" not in connector.capabilities:
            raise OperationNotSupportedError(
                f"{operation}: the connector of {self.name} does not support transactions.",
                value=operation,
            )
        return connector

    def bound_models(self, transaction: Transaction) -> Mapping[str, Any]:
        """Return the models of the source, bound to *transaction*."""
        return BoundModels(self._models, transaction)

    def _store_within(self, operation: str, options: Mapping[str, Any]) -> Connector | None:
        """Return the store of the transaction that a call is part of, or None."""
        entry = ambient.get()
        if entry is None and "transaction" not in options:
            return None
        tenant = self._models._owner.registry.current_tenant()
        found = joined(operation, self, options, tenant, entry)
        transaction = None if found is None else found.transaction
        return None if transaction is None else cast(Connector, transaction.store_for(self))

    def _opening(
        self,
        options: Any,
        isolation_level: str | None,
        timeout: float | None,
        nested: str = "savepoint",
        *,
        is_ambient: bool,
    ) -> Opening:
        self.transacting("transaction" if is_ambient else "begin_transaction")
        wanted = read_wanted(options, isolation_level, timeout, nested)
        source = cast(TransactingSource, self)
        return Opening(source, self._models._owner, wanted, is_ambient=is_ambient)
