"""Operands of conditions on their way to a statement: few forms, exact values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

import msgspec

from juggler.connectors.sql.codecs import INT64, encode_date
from juggler.query.nodes import And, Condition, Not, Or, Where
from juggler.types.plain import plain

FEW: Final = 16
"""Lists up to this length are bound value by value; longer ones, where possible, as one value."""

_STRIDE: Final = 1024

NOTHING_EQUALS: Final = math.nan
"""A number that a database takes as null: bound in the place of one that no column can hold."""


class Many:
    """Many values of one class, bound as one JSON text; the class of this is part of a form."""

    __slots__ = ("items",)

    def __init__(self, items: Iterable[Any]) -> None:
        self.items = tuple(items)

    def text(self) -> str:
        """Return the JSON list of the items as they are stored."""
        return msgspec.json.encode(self.items).decode()


class ManyTexts(Many):
    """Many texts."""


class ManyMoments(Many):
    """Many datetimes."""

    def text(self) -> str:
        """Return the JSON list of the items as they are stored."""
        return msgspec.json.encode([encode_date(item) for item in self.items]).decode()


class ManyInts(Many):
    """Many whole numbers."""

    def text(self) -> str:
        """Return the JSON list of those items that a column can hold as such."""
        kept = [item for item in self.items if -INT64 <= item < INT64]
        return msgspec.json.encode(kept).decode()


_MANY: Final[dict[type, type[Many]]] = {str: ManyTexts, int: ManyInts, datetime: ManyMoments}


def settle_lists(where: Where) -> Where:
    """Return *where* with its lists brought to few lengths, so that queries share statements.

    Null leaves a list and becomes a condition of its own; short lists are filled up with their
    last item, long ones become a `Many`.
    """
    if isinstance(where, Condition):
        return _settled_condition(where)
    if isinstance(where, Not):
        child = settle_lists(where.child)
        return where if child is where.child else Not(child)
    children = tuple(settle_lists(child) for child in where.children)
    if all(map(_is, children, where.children)):
        return where
    return And(children) if isinstance(where, And) else Or(children)


def _settled_condition(condition: Condition) -> Where:
    path, name = condition.path, condition.operator
    if name == "elem_match":
        return Condition(path, name, settle_lists(condition.value))
    condition = _written(condition)
    if name == "inq":
        return _settled(path, condition.value)
    return Not(_settled(path, condition.value)) if name == "nin" else condition


def _written(condition: Condition) -> Condition:
    """Return *condition* with what columns hold as text or JSON, such as UUIDs, written so."""
    value = condition.value
    if type(value) in _ORDINARY:
        return condition
    if isinstance(value, UUID | Enum):
        return Condition(condition.path, condition.operator, plain(value))
    if isinstance(value, tuple) and any(isinstance(item, UUID | Enum) for item in value):
        items = tuple(plain(item) if isinstance(item, UUID | Enum) else item for item in value)
        return Condition(condition.path, condition.operator, items)
    return condition


_ORDINARY: Final = frozenset({str, int, float, bool, type(None), datetime})


def _is(first: object, second: object) -> bool:
    return first is second


def _settled(path: tuple[str, ...], items: tuple[Any, ...]) -> Where:
    """Return the condition that a value is one of *items*."""
    kept = tuple(item for item in items if item is not None)
    found = Condition(path, "inq", _filled(kept))
    if len(kept) == len(items):
        return found
    missing = Condition(path, "eq", None)
    return Or((missing, found)) if kept else missing


def _filled(items: tuple[Any, ...]) -> Any:
    size = len(items)
    if size > FEW:
        kinds = set(map(type, items))
        many = _MANY.get(kinds.pop()) if len(kinds) == 1 else None
        if many is not None:
            return many(items)
    wanted = (
        1 << max(size - 1, 0).bit_length() if size <= _STRIDE else -(-size // _STRIDE) * _STRIDE
    )
    return items + items[-1:] * (wanted - size) if size else items


def exact_number(value: Any) -> float:
    """Return *value* as a 64-bit int or a float that equals it; NaN where there is none."""
    number = _nearest(value)
    return number if number == value else NOTHING_EQUALS


def number_from_below(value: Any) -> float:
    """Return the largest number of a database that is not above *value*."""
    number = _nearest(value)
    return number if number <= value else math.nextafter(number, -math.inf)


def number_from_above(value: Any) -> float:
    """Return the smallest number of a database that is not below *value*."""
    number = _nearest(value)
    return number if number >= value else math.nextafter(number, math.inf)


def _nearest(value: Any) -> float:
    if type(value) is float or (isinstance(value, int) and -INT64 <= value < INT64):
        return value
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


NUMBER_BOUNDS: Final[dict[str, Callable[[Any], float]]] = {
    "gt": number_from_below,
    "gte": number_from_above,
    "lt": number_from_above,
    "lte": number_from_below,
}
"""Comparison -> what to compare with in the place of a number that a column cannot hold."""


def decimal_text(value: Any) -> str:
    """Return a number of any kind as the text of a decimal with exactly its value."""
    return str(value if isinstance(value, Decimal) else Decimal(value))


def glob(pattern: str) -> str:
    """Return the ``GLOB`` pattern for a ``like`` pattern; both match whole texts, case counts."""
    parts: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == "%":
            parts.append("*")
        elif character == "_":
            parts.append("?")
        else:
            literal = next(characters, "\\") if character == "\\" else character
            parts.append(_GLOB.get(literal, literal))
    return "".join(parts)


_GLOB: Final = {"*": "[*]", "?": "[?]", "[": "[[]", "\0": "[^\x01-\U0010ffff]"}
