"""Go on after a row: the condition for all rows that come later in an order.

It needs an order that a condition can tell: single properties with values of one sort, no
``NOCASE``, no distance, and a primary key that settles ties.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from juggler.definition.shape import Shape
from juggler.query.geo import near_conditions
from juggler.query.nodes import NOTHING, And, Condition, Filter, Or, OrderBy, Where
from juggler.query.order import total_order

_SORTS: Final = frozenset(
    "string text objectid number integer decimal boolean date datestring uuid".split()
)


def keyset_of(query: Filter, shape: Shape) -> tuple[OrderBy, ...] | None:
    """Return the whole order of *query*, or None where no condition can tell what comes later."""
    if not shape.ids or near_conditions(query.where):
        return None
    found = total_order(query.order, shape.ids)
    return found if all(_can_go_on(term, shape) for term in found) else None


def _can_go_on(term: OrderBy, shape: Shape) -> bool:
    prop = shape.properties.get(term.path[0])
    is_single = len(term.path) == 1 and not term.ignore_case
    return prop is not None and is_single and prop.is_stored and prop.type.name in _SORTS


def key_of_row(order: Sequence[OrderBy], row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the place of *row* in *order*."""
    return tuple(row.get(term.path[0]) for term in order)


def after(order: Sequence[OrderBy], key: Sequence[Any]) -> Where:
    """Return the condition for the rows that come after the place *key* in *order*."""
    level: list[Where] = []
    later: list[Where] = []
    for term, value in zip(order, key, strict=True):
        beyond = _beyond(term, value)
        if beyond != NOTHING:
            later.append(And((*level, beyond)) if level else beyond)
        level.append(Condition(term.path, "eq", value))
    return later[0] if len(later) == 1 else Or(tuple(later))


def _beyond(term: OrderBy, value: Any) -> Where:
    """Return the condition for values that come after *value* by one term alone."""
    nulls_first = not term.descending if term.nulls_first is None else term.nulls_first
    if value is None:
        return Condition(term.path, "exists", True) if nulls_first else NOTHING
    found = Condition(term.path, "lt" if term.descending else "gt", value)
    return found if nulls_first else Or((found, Condition(term.path, "eq", None)))
