"""Transactions of the memory store: each sees the rows as they were when it began, and its own."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

from juggler.connectors.contract import Connector, ModelInfo
from juggler.connectors.memory.collection import Change, Collection
from juggler.connectors.memory.overlay import Journal, Overlay
from juggler.connectors.memory.store import Store
from juggler.errors import ConnectorDetachedError, TransactionError


class MemoryTransaction:
    """A transaction with snapshot isolation; lives until it is committed or rolled back.

    Nobody else sees what it writes before it is committed, which is one step for all tasks.  Of two
    that write one row the first to be committed wins.  One that is serialisable also fails where
    somebody else changed a collection that it has looked at.  Numbers that were given as ids are
    used up, also where the transaction is rolled back.

    It stands where its connector has the store.

    Args:
        connector: The connector that it is one of.
        store: The rows as everybody sees them.
        is_serial: It must be as if it had run alone.

    Attributes:
        store: A connector whose calls are part of the transaction.
        connection: None: there is no connection.
        file: None: what is not committed stands in no file.
    """

    file: None = None

    def __init__(self, connector: Any, store: Store, *, is_serial: bool) -> None:
        inside = copy(connector)
        inside._store = self
        self.store: Connector = inside
        self.connection = None
        self._below = store
        self._is_serial = is_serial
        self._overlays: dict[Collection, Overlay] = {}
        self._used: set[Overlay] = set()
        self._journal: Journal = []
        self._is_over = False
        store.committed.watchers.add(self)

    def collection(self, info: ModelInfo) -> Overlay:
        """Return the collection of a model as the transaction sees it.

        Raises:
            ConnectorDetachedError: The transaction is over, since the store was disconnected.
        """
        self._check_open()
        found = self._overlay(self._below.collection(info))
        found.used_by(info)
        self._used.add(found)
        return found

    def note(self, collection: Collection, changes: Sequence[Change]) -> None:
        """Keep seeing what was there before somebody else committed *changes*."""
        overlay = self._overlay(collection)
        for place, former, _ in changes:
            overlay.shield(place, former)

    async def commit(self) -> None:
        """Make everything that was written the rows of the store, in one step.

        Raises:
            TransactionError: Somebody else has changed a row that this one changed
                (``TRANSACTION_CONFLICT``); it is over, and doing it again may work.
            DuplicateEntryError: A unique value was taken meanwhile.
        """
        self._check_open()
        self.abandon()
        self._check_conflicts()
        work = [
            (overlay.info, overlay.base, changes)
            for overlay in self._overlays.values()
            if (changes := overlay.changes())
        ]
        self._below.exchange(work)
        if self._below.file is not None:
            await self._below.file.written()

    async def rollback(self) -> None:
        """Let everything that was written go; harmless when it is over."""
        self.abandon()

    def abandon(self) -> None:
        """End it without a word."""
        self._is_over = True
        self._below.committed.watchers.discard(self)

    async def savepoint(self) -> MemorySavepoint:
        """Return a point that what is written from now on can be rolled back to."""
        self._check_open()
        return MemorySavepoint(self, len(self._journal))

    def roll_back_to(self, mark: int) -> None:
        """Take back what was written since the journal had *mark* entries."""
        while len(self._journal) > mark:
            overlay, place, former, was_written = self._journal.pop()
            overlay.take_back(place, former, was_written=was_written)

    # inside -----------------------------------------------------------------------------------

    def _overlay(self, base: Collection) -> Overlay:
        found = self._overlays.get(base)
        if found is None:
            found = self._overlays[base] = Overlay(base, self._journal)
        return found

    def _check_open(self) -> None:
        if self._is_over:
            raise ConnectorDetachedError(
                "The memory store was disconnected; its transactions were rolled back."
            )

    def _check_conflicts(self) -> None:
        """Raise if somebody else was faster."""
        written = [each for each in self._overlays.values() if each.written]
        for overlay in written:
            if not self._below.has(overlay.base):
                raise _conflict(overlay, "the collection was emptied meanwhile")
            overlay.check_duplicates()
            if not overlay.foreign.isdisjoint(overlay.written):
                raise _conflict(overlay, "a row was changed by somebody else meanwhile")
        if written and self._is_serial:
            self._check_reads()

    def _check_reads(self) -> None:
        """Raise if somebody else has changed a collection that this one has looked at."""
        for overlay in self._used:
            if overlay.foreign:
                raise _conflict(overlay, "what it has read was changed by somebody else meanwhile")


class MemorySavepoint:
    """A transaction within one: rolled back alone, committed with the outer one.

    Attributes:
        store: As of the transaction.
        connection: None.
    """

    def __init__(self, outer: MemoryTransaction, mark: int) -> None:
        self.store = outer.store
        self.connection = None
        self._outer = outer
        self._mark = mark

    async def commit(self) -> None:
        """Leave what was written to the outer transaction."""
        self._outer._check_open()

    async def rollback(self) -> None:
        """Take back what was written since the savepoint was made."""
        self.abandon()

    def abandon(self) -> None:
        """Take back what was written, without a word."""
        self._outer.roll_back_to(self._mark)

    async def savepoint(self) -> MemorySavepoint:
        """Return a savepoint within this one."""
        return await self._outer.savepoint()


def _conflict(overlay: Overlay, why: str) -> TransactionError:
    """Return the error for a transaction that somebody else was faster than."""
    model = overlay.info.name
    return TransactionError(
        f"The transaction was rolled back: of {model} {why}; do it again.",
        code="TRANSACTION_CONFLICT",
        model=model,
    )
