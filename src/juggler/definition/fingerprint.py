"""Fingerprints: 128 bits over a canonical form that holds all that makes two structures different.

Classes and functions count by identity, values with their type, mappings in any key order.  The
encoding is injective: everything but plain scalars is a tagged list, and a plain list is one too.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from hashlib import blake2b
from types import MappingProxyType, MethodType
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import UNSET

from juggler.definition.frozen import FrozenList, FrozenSet, Ranked, below, deeper
from juggler.definition.property import Property
from juggler.types.base import ValueType

_encode = msgspec.msgpack.Encoder().encode

_SCALARS: Final = frozenset({str, bool, float, bytes, type(None)})

_TEXTUAL: Final[Mapping[type, tuple[str, Callable[[Any], str]]]] = MappingProxyType(
    {
        int: ("int", str),
        Decimal: ("decimal", str),
        datetime: ("datetime", datetime.isoformat),
        date: ("date", date.isoformat),
        time: ("time", time.isoformat),
        timedelta: ("timedelta", repr),
        UUID: ("uuid", str),
    }
)
_LISTS: Final[Mapping[type, str]] = MappingProxyType(
    {
        list: "list",
        FrozenList: "list",
        tuple: "tuple",
        set: "set",
        FrozenSet: "set",
        frozenset: "frozenset",
    }
)


def fingerprint_of(canonical_form: Any) -> str:
    """Return the 32 hex digits of a form made by `canonical`."""
    return blake2b(_encoded(canonical_form), digest_size=16).hexdigest()


def canonical_structure(properties: Iterable[Property], strict: bool | str) -> list[Any]:
    """Return the canonical form of a whole structure, whatever the order of its properties."""
    ordered = sorted(properties, key=lambda item: item.name)
    return [[canonical_property(item) for item in ordered], strict]


def canonical_property(item: Property) -> list[Any]:
    """Return the plain data that stands for one property."""
    default = item.frozen_default if item.written_default is UNSET else item.written_default
    return [
        item.name,
        item.type.canonical(),
        item.id,
        item.generated,
        canonical(item.required),
        _NO_DEFAULT if default is UNSET else canonical(default),
        canonical(item.default_fn),
        canonical(item.index),
        item.unique,
        item.length,
        item.hidden,
        item.protected,
        canonical(item.options) if item.options else None,
    ]


_NO_DEFAULT: Final = ("unset",)


def canonical(value: Any, path: str = "", outer: tuple[int, ...] = ()) -> Any:
    """Return *value* as plain, tagged data: equal for equal values, different for all others.

    Raises:
        DefinitionError: The value contains itself or is nested deeper than 64 levels.
    """
    kind = type(value)
    if kind in _SCALARS or (kind is int and -(2**63) <= value < 2**63):
        return value
    if isinstance(value, Mapping) and not isinstance(value, enum.Enum):
        return _mapping(value, path, deeper(value, path, outer))
    tag = _LISTS.get(kind)
    if tag is None:
        return _atom(value)
    inner = deeper(value, path, outer)
    items = [canonical(item, f"{path}[{at}]", inner) for at, item in enumerate(value)]
    return [tag, *(sorted(items, key=_encoded) if "set" in tag else items)]


def _mapping(value: Mapping[Any, Any], path: str, outer: tuple[int, ...]) -> list[Any]:
    """Return the pairs of a mapping in one order, keys with their type."""
    pairs = [
        [canonical(key, path, outer), canonical(item, below(path, key), outer)]
        for key, item in value.items()
    ]
    tag = ["map"] if not isinstance(value, Ranked) else ["ranked", value.rank]
    return [*tag, *sorted(pairs, key=lambda pair: _encoded(pair[0]))]


def _atom(value: Any) -> list[Any]:
    """Return the form of a value that holds no others."""
    textual = _TEXTUAL.get(type(value))
    if textual is not None:
        return [textual[0], textual[1](value)]
    if isinstance(value, ValueType):
        return ["type", value.canonical()]
    if isinstance(value, enum.Enum):
        return ["enum", id(type(value)), value.name, canonical(value.value)]
    if isinstance(value, re.Pattern):
        return ["pattern", canonical(value.pattern), value.flags]
    if isinstance(value, type):
        return ["class", id(value)]
    if hasattr(type(value), "_plans"):
        return ["instance", id(value._model), canonical(value.to_dict())]
    if isinstance(value, MethodType):
        return ["method", id(value.__self__), id(value.__func__)]
    return ["object", id(value)]


def _encoded(form: Any) -> bytes:
    """Return the bytes of a form; text that is no valid Unicode goes by its code points."""
    try:
        return _encode(form)
    except UnicodeEncodeError:
        return _encode(_spelled(form))


def _spelled(form: Any) -> Any:
    """Return *form* with each text that has lone surrogates in a form that can be encoded."""
    if isinstance(form, list | tuple):
        return [_spelled(item) for item in form]
    if isinstance(form, str) and not form.isascii():
        return ["text", form.encode("utf-8", "surrogatepass")]
    return form


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal and of one type, at every depth.

    Raises:
        DefinitionError: One of them contains itself or is nested too deeply.
    """
    return one is other or _encoded(canonical(one)) == _encoded(canonical(other))
