"""The form of a query, which is everything but its values: the key to a kept statement.

``form`` and ``values`` walk in the same order, so a statement that was compiled for one query runs
with the values of every other query of that form.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from typing import Any

from juggler.query.nodes import And, Condition, Filter, Near, Not, Or, Where

_NODES = (And, Or, Not, Condition)


def form(query: Filter | Where) -> Hashable:
    """Return what two queries must have in common to share a statement.

    That is the tree of conditions with their operators, paths and classes of operands (by name;
    the length of a list too), the order, the fields, and whether there is a limit and an offset.
    Include and extras do not count.  The query must be normalised.
    """
    if not isinstance(query, Filter):
        return _form(query)
    return (
        _form(query.where),
        query.order,
        query.limit is not None,
        query.offset != 0,
        query.fields,
    )


def values(query: Filter | Where) -> list[Any]:
    """Return the values of *query* in the order of `form`: of the where, then limit and offset.

    Null is part of the form and no value.  A regular expression gives its text (its flags are in
    the form), a `Near` itself, a bool of ``exists`` nothing.
    """
    found: list[Any] = []
    if not isinstance(query, Filter):
        _collect(query, found)
        return found
    _collect(query.where, found)
    if query.limit is not None:
        found.append(query.limit)
    if query.offset:
        found.append(query.offset)
    return found


def _form(where: Where) -> Hashable:
    if isinstance(where, Condition):
        return (where.operator, where.path, _operand_form(where.operator, where.value))
    if isinstance(where, Not):
        return ("not", _form(where.child))
    return (type(where).__name__.lower(), *map(_form, where.children))


def _operand_form(name: str, value: Any) -> Hashable:
    if name == "exists":
        return bool(value)
    if isinstance(value, tuple):
        kinds = tuple(type(item).__name__ for item in value)
        return (kinds[0], len(kinds)) if len(set(kinds)) == 1 else kinds
    if isinstance(value, _NODES):
        return _form(value)
    if isinstance(value, re.Pattern):
        return value.flags
    if isinstance(value, Near):
        return (value.unit, value.max_distance is not None, value.min_distance is not None)
    return type(value).__name__


def _collect(where: Where, found: list[Any]) -> None:
    if isinstance(where, Condition):
        if isinstance(where.value, _NODES):
            _collect(where.value, found)
        else:
            found += _operands(where)
        return
    for child in (where.child,) if isinstance(where, Not) else where.children:
        _collect(child, found)


def _operands(condition: Condition) -> Iterable[Any]:
    """Return the values of one condition."""
    value = condition.value
    if condition.operator == "exists":
        return ()
    if isinstance(value, re.Pattern):
        return (value.pattern,)
    return [item for item in (value if isinstance(value, tuple) else (value,)) if item is not None]
