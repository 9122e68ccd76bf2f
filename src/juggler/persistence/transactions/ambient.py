"""The transactions that the running task is in: one ContextVar, a chain from the innermost out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, NamedTuple


class Entry(NamedTuple):
    """One transaction that the task is in, or has left for a while.

    Attributes:
        source: The data source that it is about.
        tenant: The tenant that it was begun for; None for one that serves all.
        transaction: The transaction; None where the task works outside of those around it.
        outer: What it was in before.
    """

    source: Any
    tenant: str | None
    transaction: Any
    outer: Entry | None


ambient: Final[ContextVar[Entry | None]] = ContextVar("juggler_transaction", default=None)


def nearest(entry: Entry | None, source: Any, tenant: str | None) -> Any:
    """Return the innermost transaction on *source* for *tenant*, or None."""
    while entry is not None:
        if entry.source is source and entry.tenant in {None, tenant}:
            return entry.transaction
        entry = entry.outer
    return None


def innermost(entry: Entry | None, transaction: Any) -> Any:
    """Return the transaction nested most deeply in *transaction* that the task is in, or itself."""
    while entry is not None:
        found = entry.transaction
        while found is not None:
            if found is transaction:
                return entry.transaction
            found = found.outer
        entry = entry.outer
    return transaction


@contextmanager
def outside(transaction: Any) -> Iterator[None]:
    """Leave *transaction* for the block, and those that are nested in it."""
    former = ambient.get()
    ambient.set(_without(former, transaction))
    try:
        yield
    finally:
        ambient.set(former)


def _without(entry: Entry | None, transaction: Any) -> Entry | None:
    if entry is None:
        return None
    outer = _without(entry.outer, transaction)
    if entry.transaction is not None and innermost(entry, transaction) is entry.transaction:
        return outer
    return entry._replace(outer=outer)
