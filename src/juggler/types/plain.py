"""Any value as plain JSON data, and copies of plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from msgspec import UNSET

from juggler.types.dates import iso_text

PLAIN: Final[frozenset[type]] = frozenset({str, int, float, bool, type(None)})
"""Classes whose instances are JSON already."""


def plain(value: Any) -> Any:
    """Return *value* as JSON data; what JSON has no form for stays as it is.

    Objects with a ``to_json`` method are asked; keys whose value was never given are left out.
    """
    if type(value) in PLAIN:
        return value
    for classes, write in _WRITERS:
        if isinstance(value, classes):
            return write(value)
    to_json = getattr(value, "to_json", None)
    return to_json() if callable(to_json) and not isinstance(value, type) else _exact(value)


def _exact(value: Any) -> Any:
    """Return *value*, plain where its class is derived from that of JSON data."""
    return next((make(value) for kind, make in _EXACT if isinstance(value, kind)), value)


def _plain_mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        key if type(key) is str else str(key): plain(item)
        for key, item in value.items()
        if item is not UNSET
    }


def _plain_items(items: Iterable[Any]) -> list[Any]:
    return [plain(item) for item in items]


def _plain_bytes(data: Any) -> dict[str, Any]:
    return {"type": "Buffer", "data": list(bytes(data))}


def _plain_member(member: Enum) -> Any:
    return plain(member.value)


_WRITERS: Final[tuple[tuple[tuple[type, ...], Callable[[Any], Any]], ...]] = (
    ((dict,), _plain_mapping),
    ((list, tuple, set, frozenset), _plain_items),
    ((datetime,), iso_text),
    ((date,), date.isoformat),
    ((Decimal, UUID), str),
    ((bytes, bytearray, memoryview), _plain_bytes),
    ((Enum,), _plain_member),
    ((Mapping,), _plain_mapping),
)

_EXACT: Final[tuple[tuple[type, Callable[[Any], Any]], ...]] = (
    (str, str.__str__),
    (int, int.__int__),
    (float, float.__float__),
)
"""What makes JSON data of values whose classes are derived from those of it."""
