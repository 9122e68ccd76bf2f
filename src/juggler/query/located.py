"""What is left of a condition where a store knows no places, for rows to be looked at here."""

from __future__ import annotations

from typing import Final

from juggler.query.nodes import EVERYTHING, And, Condition, Not, Or, Where

_NODES: Final = (And, Or, Not, Condition)


def has_near(where: Where) -> bool:
    """Tell whether a ``near`` is anywhere in *where*."""
    if isinstance(where, Condition):
        if isinstance(where.value, _NODES):
            return has_near(where.value)
        return where.operator == "near"
    if isinstance(where, Not):
        return has_near(where.child)
    return any(map(has_near, where.children))


def without_near(where: Where) -> Where:
    """Return a condition without ``near`` that holds for all rows that *where* holds for."""
    if not has_near(where):
        return where
    if not isinstance(where, And | Or):
        return EVERYTHING
    found = [without_near(child) for child in where.children]
    if isinstance(where, Or):
        return EVERYTHING if EVERYTHING in found else Or(tuple(found))
    kept = tuple(each for each in found if each != EVERYTHING)
    return kept[0] if len(kept) == 1 else And(kept)
