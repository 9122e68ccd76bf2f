"""Read in one step what most queries are: declared properties that equal plain values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from juggler.definition.shape import Shape
from juggler.errors import InvalidQueryError, InvalidValueError
from juggler.query.limits import LARGEST
from juggler.query.nodes import EVERYTHING, And, Condition, Filter, Where
from juggler.query.operators import LOGICAL

_SIMPLE: Final = frozenset({int, bool, type(None)})
_CLAUSES: Final = frozenset({"where", "limit"})
_MOST: Final = 8


class Equalities:
    """Reads the simplest queries on one shape; immutable.

    What it answers is what parsing and normalising with the usual limits make of a query.  Where it
    has the slightest doubt it answers None: those two know more, and say what is wrong.
    """

    __slots__ = ("_known",)

    def __init__(self, shape: Shape) -> None:
        self._known: dict[str, tuple[tuple[str], Callable[[Any], Any]]] = {
            item.name: ((item.name,), item.type.condition)
            for item in shape
            if item.is_stored and item.type.is_scalar and _is_simple(item.name)
        }

    def filter(self, raw: Any) -> Filter | None:
        """Return the filter for a mapping with ``where``, ``limit`` or both, if these are plain."""
        if raw.__class__ is not dict or not _CLAUSES.issuperset(raw):
            return None
        where, limit = raw.get("where"), raw.get("limit")
        found = EVERYTHING if where is None else self.where(where)
        if found is None or not (limit is None or _is_count(limit)):
            return None
        return Filter(where=found, limit=limit)

    def where(self, raw: Any) -> Where | None:
        """Return the condition for a dict of names and plain values."""
        if raw.__class__ is not dict or not 0 < len(raw) <= _MOST:
            return None
        found = [self._condition(name, value) for name, value in raw.items()]
        if None in found:
            return None
        return found[0] if len(found) == 1 else And(tuple(filter(None, found)))

    def _condition(self, name: Any, value: Any) -> Condition | None:
        """Return the condition that one property equals a value."""
        known = self._known.get(name)
        kind = value.__class__
        if known is None or not (kind in _SIMPLE or (kind is str and value.isascii())):
            return None
        path, convert = known
        try:
            operand = None if value is None else convert(value)
        except (InvalidQueryError, InvalidValueError, OverflowError):
            return None
        if operand != operand:  # noqa: PLR0124  NaN, which equals nothing
            return None
        return Condition(path, "eq", operand)


def _is_count(value: Any) -> bool:
    return value.__class__ is int and 0 <= value <= LARGEST


def _is_simple(name: str) -> bool:
    """Tell whether *name* can mean nothing but a property."""
    return name.isascii() and name.isidentifier() and name not in LOGICAL
