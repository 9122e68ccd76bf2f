"""Values of definitions as plain JSON data that tells their types, and back."""

from __future__ import annotations

import base64
import math
import re
import struct
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

from msgspec import UNSET

from juggler.definition.frozen import FrozenList, FrozenSet, Ranked
from juggler.errors import OperationNotSupportedError
from juggler.types.geo import GeoPoint
from juggler.types.temporal import DateString

_TAG: Final = "$"
"""A mapping with this one key is a value that JSON has no form for: its type and its parts."""


def _span(value: timedelta) -> list[int]:
    return [value.days, value.seconds, value.microseconds]


def _moment(value: datetime | time) -> list[Any]:
    return [value.isoformat(), value.fold]


def _point(value: GeoPoint) -> list[float]:
    return [value.lat, value.lng]


_WRITE: Final[Mapping[type, tuple[str, Callable[[Any], Any]]]] = MappingProxyType(
    {
        bytes: ("bytes", lambda value: base64.b64encode(value).decode()),
        Decimal: ("decimal", str),
        datetime: ("datetime", _moment),
        date: ("date", date.isoformat),
        time: ("time", _moment),
        timedelta: ("timedelta", _span),
        UUID: ("uuid", str),
        type(UNSET): ("unset", lambda _: None),
        DateString: ("datestring", str),
        GeoPoint: ("geopoint", _point),
    }
)
_READ: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {
        "bytes": base64.b64decode,
        "decimal": Decimal,
        "datetime": lambda parts: datetime.fromisoformat(parts[0]).replace(fold=parts[1]),
        "date": date.fromisoformat,
        "time": lambda parts: time.fromisoformat(parts[0]).replace(fold=parts[1]),
        "timedelta": lambda parts: timedelta(*parts),
        "uuid": UUID,
        "unset": lambda _: UNSET,
        "datestring": DateString,
        "geopoint": lambda parts: GeoPoint(*parts),
        "float": float,
        "nan": lambda text: struct.unpack(">d", bytes.fromhex(text))[0],
        "tuple": lambda items: tuple(map(read_value, items)),
        "set": lambda items: set(map(read_value, items)),
        "frozenset": lambda items: frozenset(map(read_value, items)),
        "map": lambda pairs: {read_value(key): read_value(item) for key, item in pairs},
        "ranked": lambda parts: Ranked(read_value(parts[0]), parts[1]),
        "pattern": lambda parts: re.compile(read_value(parts[0]), parts[1]),
    }
)
_ITEMS: Final[Mapping[type, str]] = MappingProxyType(
    {tuple: "tuple", FrozenSet: "set", set: "set", frozenset: "frozenset"}
)


def write_value(value: Any, where: str) -> Any:
    """Return *value* as data that JSON has a form for.

    Args:
        value: What stands in a definition.
        where: What it is, for messages.

    Raises:
        OperationNotSupportedError: It is a class, a function, or another object of this process.
    """
    kind = type(value)
    if value is None or kind in {str, bool, int}:
        return value
    if kind is float:
        if math.isnan(value):  # there are many, and fingerprints tell them apart
            return {_TAG: ["nan", struct.pack(">d", value).hex()]}
        return value if math.isfinite(value) else {_TAG: ["float", str(value)]}
    if kind in {list, FrozenList}:
        return [write_value(item, where) for item in value]
    if kind is Ranked:
        return {_TAG: ["ranked", [_write_mapping(value, where), value.rank]]}
    if isinstance(value, Mapping):
        return _write_mapping(value, where)
    if kind in _ITEMS:
        return {_TAG: [_ITEMS[kind], [write_value(item, where) for item in value]]}
    if isinstance(value, re.Pattern):
        return {_TAG: ["pattern", [write_value(value.pattern, where), value.flags]]}
    tag, write = _WRITE.get(kind, ("", None))
    if write is None:
        raise unwritable(where, value)
    return {_TAG: [tag, write(value)]}


def _write_mapping(value: Mapping[Any, Any], where: str) -> Any:
    """Return a mapping as a JSON object, or as pairs where its keys would not survive that."""
    if all(type(key) is str and key != _TAG for key in value):
        return {key: write_value(item, where) for key, item in value.items()}
    pairs = [[write_value(key, where), write_value(item, where)] for key, item in value.items()]
    return {_TAG: ["map", pairs]}


def read_value(data: Any) -> Any:
    """Return the value that was written as *data*."""
    if isinstance(data, list):
        return [read_value(item) for item in data]
    if not isinstance(data, dict):
        return data
    if data.keys() == {_TAG}:
        tag, parts = data[_TAG]
        return _READ[tag](parts)
    return {key: read_value(item) for key, item in data.items()}


def unwritable(where: str, value: Any) -> OperationNotSupportedError:
    """Return the error for something that lives in this process alone."""
    return OperationNotSupportedError(
        f"{where} cannot be stored: {value!r} belongs to this process.  Definitions that are "
        "stored hold plain data; define the model in code instead.",
        value=value,
    )
