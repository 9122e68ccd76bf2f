"""What hooks want to be called when the outcome of a call is certain."""

from __future__ import annotations

from juggler.errors import BulkOperationError
from juggler.persistence.transactions.hooks import Call, call_all
from juggler.persistence.transactions.transaction import Transaction


class Afterwards:
    """What is to be called after one operation, or after the transaction that it is part of.

    Without a transaction each operation is committed by itself: when it ends without an error.

    Args:
        transaction: The transaction, which then keeps the functions; or None.

    Attributes:
        is_failed: The item of a list that this is for was not stored.
    """

    __slots__ = ("_items", "_on_commit", "_on_rollback", "_transaction", "is_failed")

    def __init__(self, transaction: Transaction | None) -> None:
        self._transaction = transaction
        self._on_commit: list[Call] = []
        self._on_rollback: list[Call] = []
        self._items: list[Afterwards] = []
        self.is_failed = False

    def of_item(self) -> Afterwards:
        """Return what is for one item of a list; it is called with the rest."""
        made = Afterwards(self._transaction)
        self._items.append(made)
        return made

    def on_commit(self, call: Call) -> None:
        """Call *call* when what was done is committed."""
        if self._transaction is not None:
            self._transaction.on_commit(call)
        else:
            self._on_commit.append(call)

    def on_rollback(self, call: Call) -> None:
        """Call *call* when what was done is rolled back, or was never stored."""
        if self._transaction is not None:
            self._transaction.on_rollback(call)
        else:
            self._on_rollback.append(call)

    async def run(self, error: BaseException | None) -> None:
        """Call what is to be called, now that the operation has ended with *error*, or well."""
        is_failed = error is not None and not isinstance(error, BulkOperationError)
        calls = self._calls(is_failed=is_failed)
        if calls:
            await call_all(calls, "the operation failed" if is_failed else "it was committed")

    def _calls(self, *, is_failed: bool) -> list[Call]:
        is_failed = is_failed or self.is_failed
        found = list(self._on_rollback if is_failed else self._on_commit)
        for each in self._items:
            found += each._calls(is_failed=is_failed)
        return found
