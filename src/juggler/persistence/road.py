"""The road that every call takes: begin -> guard -> hooks -> store -> load.

Here are its beginning and its way to the store; the hooks on it are in `juggler.persistence.steps`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from juggler.errors import ConnectorDetachedError, NotFoundError
from juggler.models.binding import Source
from juggler.models.instances.state import NEW, State
from juggler.persistence.ids import without_ids
from juggler.persistence.operation import Operation, detached
from juggler.persistence.scoping import may_force, model_of, scope_of
from juggler.persistence.transactions.ambient import ambient
from juggler.persistence.transactions.joining import joined
from juggler.query.nodes import Filter, Where
from juggler.query.render import where_to_dict


def begin(
    model: Any,
    name: str,
    options: Mapping[str, Any] | None = None,
    *,
    target: Callable[[], Any] = dict,
    instance: Any = None,
) -> Operation:
    """Return the operation *name* on *model*, ready to be entered with ``async with``.

    Source and tenant are asked for once, here; the default scope is worked out once.

    Args:
        model: What the method was called on.
        name: Name of the method.
        options: The caller's options.
        target: Makes the query or data that a scope function is told of.
        instance: The instance that the method was called on; it may have a source of its own.

    Raises:
        TypeError: *options* are no mapping.
        ModelDisposedError: The model is gone.
        ConnectorDetachedError: It has no data source, or the source was closed.
        RoutingError: Routing gave no data source.
        TransactionError: The transaction that it is to be part of is not active, or of another
            data source.
    """
    if options is None:
        options = {}
    elif not isinstance(options, Mapping):
        raise TypeError(f"{name}: options is a mapping, not {type(options).__name__}.")
    model.check_alive(name)
    state: State = NEW if instance is None else instance._state
    try:
        source: Source = model.data_source if state.source is None else state.source
    except ConnectorDetachedError as error:
        raise detached(name, model, error.message) from error
    op = Operation(name, model, source, options)
    entry, bound = ambient.get(), model._bound
    if entry is not None or bound is not None or "transaction" in options:
        op.join(joined(name, op.source, options, op.tenant, entry, bound))
    if may_force(model) and not state.unscoped and options.get("unscoped") is not True:
        with_deleted = options.get("with_deleted") is True
        op.scope = scope_of(model, target, instance, with_deleted=with_deleted)
    return op


async def merge(op: Operation, where: Where, data: Mapping[str, Any]) -> int:
    """Merge *data* into the records of *where* and return how many there are; ids never change."""
    changes = without_ids(op.shape, data)
    if changes:
        count = await op.store.update(op.info, where, changes, op.options)
    else:
        count = await op.store.count(op.info, where, op.options)
    op.check_alive()
    return count


async def first(op: Operation, where: Where, limit: int = 1) -> list[Any]:
    """Return up to *limit* instances of *where*, without hooks."""
    rows = await op.store.all(op.info, Filter(where=where, limit=limit), op.options)
    op.check_alive()
    return [model_of(op.model, row).load(row) for row in rows]


def not_found(op: Operation, where: Where) -> NotFoundError:
    """Return the error for a record that is not there, or not within the scope."""
    shown = where_to_dict(where)
    words = ", ".join(f"{name} {value!r}" for name, value in shown.items())
    return NotFoundError(
        f"{op.name}: there is no {op.model_name} with {words}.",
        model=op.model_name,
        tenant=op.tenant,
        value=shown,
    )
