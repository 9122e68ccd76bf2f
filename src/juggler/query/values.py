"""Values as queries see them: kinds, equality, total order, and the way to them through a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from juggler.types.geo import GeoPoint
from juggler.types.temporal import DateString

Path = tuple[str, ...]

NULL: Final = 0
BOOLEAN: Final = 1
NUMBER: Final = 2
TEXT: Final = 3
MOMENT: Final = 4
OTHER: Final = 5

_KINDS: Final[Mapping[type, int]] = {
    type(None): NULL,
    bool: BOOLEAN,
    int: NUMBER,
    float: NUMBER,
    Decimal: NUMBER,
    str: TEXT,
    DateString: TEXT,
    datetime: MOMENT,
    dict: OTHER,
    list: OTHER,
}
_LONGEST_INDEX: Final = 9


def kind_of(value: Any) -> int:
    """Return the kind of *value*; values of different kinds are never equal, lower ones sort first.

    The kinds are null < boolean < number < text (date strings too) < moment < others.
    """
    kind = _KINDS.get(type(value))
    if kind is not None:
        return kind
    if isinstance(value, int | float | Decimal):
        return NUMBER
    if isinstance(value, str):
        return TEXT
    return MOMENT if isinstance(value, datetime) else OTHER


def moment(value: datetime) -> datetime:
    """Return *value* with a zone; without one UTC is meant."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value


def equal(left: Any, right: Any) -> bool:
    """Tell whether two values are equal: in kind, and lists and mappings in all their parts."""
    kind = kind_of(left)
    if kind != kind_of(right):
        return False
    if kind == MOMENT:
        return moment(left) == moment(right)
    return _alike(left, right) if kind == OTHER else bool(left == right)


def _alike(left: Any, right: Any) -> bool:
    """Tell whether two values that may have parts are equal in all of them."""
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        return len(left) == len(right) and all(map(equal, left, right))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        same = left.keys() == right.keys()
        return same and all(equal(item, right[key]) for key, item in left.items())
    return bool(left == right)


def order_key(value: Any) -> tuple[Any, ...]:
    """Return the place of *value* in the one order that covers all values."""
    if value.__class__ is int:
        return (NUMBER, 1, value)
    kind = kind_of(value)
    if kind == NUMBER:
        return (kind, 0, 0) if value != value else (kind, 1, value)  # noqa: PLR0124  NaN alone
    if kind == TEXT:
        return (kind, str(value))
    if kind == MOMENT:
        return (kind, moment(value))
    if kind < OTHER:
        return (kind, value)
    return order_key(value.value) if isinstance(value, Enum) else (kind, *_other_key(value))


def _other_key(value: Any) -> tuple[Any, ...]:
    if isinstance(value, GeoPoint):
        return ("GeoPoint", value.lat, value.lng)
    if isinstance(value, bytes):
        return ("bytes", value)
    if isinstance(value, list | tuple):
        return ("list", tuple(order_key(item) for item in value))
    if isinstance(value, Mapping):
        return ("dict", tuple(sorted((key, order_key(item)) for key, item in value.items())))
    return (type(value).__name__, str(value))


def fold(text: str) -> str:
    """Return *text* as ``NOCASE`` compares it."""
    return text.lower()


def as_index(segment: str) -> int | None:
    """Return the list index that a segment of a path means, or None."""
    if segment.isascii() and segment.isdecimal() and len(segment) <= _LONGEST_INDEX:
        return int(segment)
    return None


def reach(value: Any, path: Path) -> Iterator[Any]:
    """Yield what *path* leads to, once per element of a list on the way; None where nothing is.

    A number addresses one element of a list.  An empty list on the way counts as nothing, lists
    right within lists are not looked through.
    """
    for depth, segment in enumerate(path):
        if isinstance(value, list) and value and as_index(segment) is None:
            for item in value:
                yield from (None,) if isinstance(item, list) else reach(item, path[depth:])
            return
        value = _step(value, segment)
    yield value


def pick(value: Any, path: Path) -> Any:
    """Return the one value that *path* leads to; None where nothing is or a list is in the way."""
    for segment in path:
        value = _step(value, segment)
    return value


def _step(value: Any, segment: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(segment)
    if isinstance(value, list):
        index = as_index(segment)
        return None if index is None else next(iter(value[index : index + 1]), None)
    return value.to_json().get(segment) if isinstance(value, GeoPoint) else None
