"""The road that every call takes: begin -> guard -> hooks -> store -> load.

Here are its beginning and its way to the store; the hooks on it are in `juggler.persistence.steps`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from juggler.errors import ConnectorDetachedError, NotFoundError, OperationNotSupportedError
from juggler.models.binding import Source
from juggler.persistence.ids import without_ids
from juggler.persistence.operation import Operation, detached
from juggler.persistence.scoping import scope_of
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
        OperationNotSupportedError: The options name a transaction.
    """
    if options is None:
        options = {}
    elif not isinstance(options, Mapping):
        raise TypeError(f"{name}: options is a mapping, not {type(options).__name__}.")
    model.check_alive(name)
    op = Operation(name, model, _source(model, name, instance), options)
    if options.get("transaction") is not None:
        raise OperationNotSupportedError(
            f"{name}: transactions are not supported yet.", model=model.model_name
        )
    if options.get("unscoped") is not True:
        op.scope = scope_of(model, target, instance)
    return op


def _source(model: Any, name: str, instance: Any) -> Source:
    """Return the data source of the call: the instance's own, else the model's."""
    own: Source | None = None if instance is None else instance._state.source
    if own is not None:
        return own
    try:
        found: Source = model.data_source
    except ConnectorDetachedError as error:
        raise detached(name, model, error.message) from error
    return found


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
    return [op.model.load(row) for row in rows]


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
