"""Which transaction an operation is part of: told once, when it begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.errors import TransactionError
from juggler.persistence.transactions.ambient import Entry, innermost, nearest
from juggler.persistence.transactions.transaction import Transaction


def joined(
    name: str,
    source: Any,
    options: Mapping[str, Any],
    tenant: str | None,
    entry: Entry | None,
    bound: Transaction | None = None,
) -> Entry | None:
    """Return what the operation *name* is in: one of its own, those around it, or nothing.

    The options win, then what the model is bound to, then the innermost one on the same source for
    the same tenant that the task is in.  Of one given from outside that which is nested most deeply
    in it counts.

    Args:
        name: Name of the operation.
        source: The data source, or a part of it.
        options: The options of the call.
        tenant: The tenant that it works for.
        entry: What the task is in.
        bound: What the model is bound to.

    Raises:
        TypeError: The options name something else than a transaction.
        TransactionError: It is not active, or of another data source.
    """
    behind = getattr(source, "behind", source)
    if "transaction" in options:
        given = options["transaction"]
        if given is None:
            return Entry(behind, tenant, None, entry)
    else:
        given = nearest(entry, behind, tenant) if bound is None else bound
        if given is None:
            return None
    _check(name, given, source, behind)
    given = innermost(entry, given)
    given.check_active(name)
    return Entry(behind, given.tenant, given, entry)


def _check(name: str, given: Any, source: Any, behind: Any) -> None:
    """Raise unless *given* is a transaction on the source *behind* that of the operation."""
    if not isinstance(given, Transaction):
        raise TypeError(f"{name}: {given!r} is no transaction.")
    if given.source is not behind:
        raise TransactionError(
            f"{name}: the transaction {given.id} is of the data source {given.source.name}, the "
            f"model is on {source.name}; begin one there, too.",
            code="TRANSACTION_DATASOURCE_MISMATCH",
            tenant=given.tenant,
            value=given.id,
        )
