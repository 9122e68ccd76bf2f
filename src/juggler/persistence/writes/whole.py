"""Several calls as one: what the store has transactions for is done as a whole, or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from juggler.errors import OperationNotSupportedError
from juggler.models.instances import values
from juggler.models.instances.instance import Instance
from juggler.persistence.operation import Operation
from juggler.persistence.transactions.ambient import Entry, ambient
from juggler.persistence.transactions.levels import Wanted
from juggler.persistence.transactions.opening import begin_savepoint, begin_transaction
from juggler.persistence.transactions.transaction import Transaction

_WANTED: Final = Wanted()


@asynccontextmanager
async def as_one(op: Operation) -> AsyncIterator[Mapping[str, Any]]:
    """Do the calls of the block, which get the options that are given here, all or not at all.

    They are a transaction of their own, or a savepoint of the one that *op* is part of.  Where the
    store has neither, each call stands for itself.

    Args:
        op: The call that they stand for; it is not entered.
    """
    found = await _begun(op)
    if found is None:
        yield op.options
        return
    former = ambient.get()
    ambient.set(Entry(found.source, found.tenant, found, former))
    try:
        async with found:
            yield _inside(op.options)
    finally:
        ambient.set(former)


async def _begun(op: Operation) -> Transaction | None:
    """Return the transaction, or savepoint, of the block; None where the store has none."""
    source: Any = getattr(op.source, "behind", op.source)
    if not hasattr(source, "transacting"):
        return None
    try:
        connector = source.transacting(op.name)
    except OperationNotSupportedError:
        return None
    if op.transaction is None:
        return await begin_transaction(source, op.model._owner, _WANTED)
    if "savepoints" not in connector.capabilities:
        return None
    return await begin_savepoint(op.transaction, op.model._owner, _WANTED)


def _inside(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the *options* of the calls, which are part of the block even if it is of nothing."""
    if options.get("transaction", options) is not None:
        return options
    return {name: value for name, value in options.items() if name != "transaction"}


def forget_stored(made: Any) -> None:
    """Note of instances that they are not stored after all."""
    for instance in made:
        if isinstance(instance, Instance):
            values.owned(instance).persisted = False
