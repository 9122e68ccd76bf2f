"""Write nodes back as the mappings that callers write, for hooks to see and to edit.

Parsing what is written here gives the same nodes, as long as the limits allow it.
"""

from __future__ import annotations

from typing import Any, Final, TypeGuard

from juggler.errors import InvalidQueryError
from juggler.query.clauses import read_order
from juggler.query.nodes import And, Bare, Condition, Filter, Near, Not, Or, OrderBy, Where
from juggler.query.operators import NATIVE
from juggler.query.structure import plain

_NODES: Final = (And, Or, Not, Condition)


def to_dict(filter: Filter) -> dict[str, Any]:
    """Return *filter* as a fresh mapping; clauses that ask for nothing are left out."""
    found = {
        "where": where_to_dict(filter.where),
        "order": [_term(term) for term in filter.order],
        "limit": filter.limit,
        "offset": 0 if filter.from_start else filter.offset or None,
        "fields": _fields(filter),
        "include": plain(filter.include),
        **plain(filter.extras),
    }
    return {key: item for key, item in found.items() if item is not None and item not in ({}, [])}


def _fields(filter: Filter) -> Any:
    if filter.fields is not None:
        return list(filter.fields)
    return dict.fromkeys(filter.exclude, False)


def where_to_dict(where: Where) -> dict[str, Any]:
    """Return *where* as a fresh mapping."""
    if isinstance(where, Condition):
        return {where.name: _short(where)}
    if isinstance(where, Or):
        return {"or": [where_to_dict(child) for child in where.children]}
    if isinstance(where, And):
        return _conjunction(where)
    if isinstance(where.child, Or):
        return {"nor": [where_to_dict(child) for child in where.child.children]}
    return {"not": where_to_dict(where.child)}


def _conjunction(where: And) -> dict[str, Any]:
    """Return the mapping for an `And`: of operators, of properties, or a list."""
    operators = _operators(where.children)
    if operators is not None:
        return operators
    parts = [where_to_dict(child) for child in where.children]
    keys = [key for part in parts for key in part]
    if len(parts) != 1 and len(keys) == len(parts) == len(set(keys)) and all(parts):
        return {key: value for part in parts for key, value in part.items()}
    return {"and": parts} if parts else {}


def _operators(children: tuple[Where, ...]) -> dict[str, Any] | None:
    """Return ``{name: {operator: operand, ...}}`` where that is what *children* are, else None."""
    conditions = [child for child in children if _is_operation(child)]
    names = {(child.path, child.operator) for child in conditions}
    if len(names) < max(2, len(children)) or len({child.path for child in conditions}) > 1:
        return None
    found: dict[str, Any] = {}
    for child in conditions:
        found |= _long(child)
    return {conditions[0].name: found}


def _is_operation(where: Where) -> TypeGuard[Condition]:
    if not isinstance(where, Condition) or where.operator == NATIVE:
        return False
    return not isinstance(where.value, Bare)


def _short(condition: Condition) -> Any:
    """Return what stands behind the property: the bare value where that means the same."""
    value = condition.value
    if isinstance(value, Bare):
        return plain(value.value)
    if condition.operator == NATIVE:
        return plain(value)
    if condition.operator == "eq" and not isinstance(value, dict):
        return plain(value)
    return _long(condition)


def _long(condition: Condition) -> dict[str, Any]:
    """Return ``{operator: operand}`` with the modifiers beside it."""
    value = condition.value
    if isinstance(value, _NODES):
        return {condition.operator: _inner(value)}
    if not isinstance(value, Near):
        return {condition.operator: plain(value)}
    found = {"near": plain(value.point), "unit": value.unit}
    if value.max_distance is not None:
        found["maxDistance"] = value.max_distance
    if value.min_distance is not None:
        found["minDistance"] = value.min_distance
    return found


def _inner(where: Where) -> Any:
    """Return conditions on one element: the node itself where it is about the whole of it.

    No mapping can tell of such a node that it is not about a property.
    """
    conditions = where.children if isinstance(where, And) else (where,)
    if any(isinstance(each, Condition) and not each.path for each in conditions):
        return where
    return where_to_dict(where)


def _term(term: OrderBy) -> str | OrderBy:
    """Return one term as text; itself where its name cannot be written in a text."""
    nulls = {None: "", True: " NULLS FIRST", False: " NULLS LAST"}[term.nulls_first]
    direction = "DESC" if term.descending else "ASC"
    text = f"{term.name} {direction}{' NOCASE' * term.ignore_case}{nulls}"
    try:
        return text if read_order(text) == (term,) else term
    except InvalidQueryError:
        return term
