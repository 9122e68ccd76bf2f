"""Conditions on related records, which are not there yet: refused, never taken for others."""

from __future__ import annotations

from collections.abc import Iterator

from juggler.errors import OperationNotSupportedError
from juggler.persistence.operation import Operation
from juggler.query.nodes import Condition, Not, OrderBy, Where


def refuse_related(op: Operation, where: Where, order: tuple[OrderBy, ...] = ()) -> None:
    """Raise if *where* or *order* lead through a relation of the model.

    A store would look for a property of that name: no record has it, so that all of them would
    meet a condition such as ``neq``.

    Raises:
        OperationNotSupportedError: One does.
    """
    relations = op.model._blueprint.relations
    if not relations:
        return
    asked = [("where", path) for path in _paths(where)]
    asked += [("order", term.path) for term in order]
    for clause, path in asked:
        if path and path[0] in relations:
            raise OperationNotSupportedError(
                f"{op.name}: {'.'.join(path)!r} leads through the relation {path[0]!r} of "
                f"{op.model_name}, which is not supported yet; find the related records first.",
                model=op.model_name,
                property=path[0],
                path=clause,
            )


def _paths(where: Where) -> Iterator[tuple[str, ...]]:
    """Yield the paths that the conditions of *where* are about."""
    if isinstance(where, Condition):
        yield where.path
    elif isinstance(where, Not):
        yield from _paths(where.child)
    else:
        for child in where.children:
            yield from _paths(child)
