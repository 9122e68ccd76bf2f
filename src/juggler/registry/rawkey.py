"""Keys of raw definitions, so that one that was read before need not be read again.

A key is made only of definitions that hold plain data and built-in types, each of exactly its own
class: a text that is a member of an enumeration, a Decimal or a date has no key.  Two definitions
have one key only if they are equal in every value, its type, and the order of their names.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from msgspec import msgpack

from juggler.models.blueprint import Blueprint
from juggler.types.table import BUILTIN_CLASSES

MAX_KEY: Final = 4_096
MAX_KEPT: Final = 1_024
_MAX_PARTS: Final = 500
_CLASS_CODE: Final = 1

_SCALARS: Final = frozenset({str, int, float, bool, bytes, type(None)})
_EXTENSIONS: Final[Mapping[type, msgpack.Ext]] = MappingProxyType(
    {cls: msgpack.Ext(_CLASS_CODE, bytes([at])) for at, cls in enumerate(BUILTIN_CLASSES)}
)
_CLASSES: Final = frozenset(_EXTENSIONS)
_encode = msgpack.Encoder(enc_hook=_EXTENSIONS.__getitem__).encode


def raw_key(head: tuple[Any, ...], properties: Any, settings: Any) -> bytes | None:
    """Return the key of a definition, None for one that has none.

    Args:
        head: What else its meaning depends on, plain data.
        properties: As the user gave them.
        settings: As the user gave them.
    """
    parts = [properties or {}, settings or {}]
    if not (type(parts[0]) is type(parts[1]) is dict and _are_plain(parts)):
        return None
    try:
        key = _encode([head, properties, settings])
    except (UnicodeEncodeError, OverflowError, RecursionError):
        return None  # lone surrogates, numbers beyond 64 bits, a thousand levels
    return key if len(key) <= MAX_KEY else None


def _are_plain(parts: list[dict[Any, Any]]) -> bool:
    """Tell whether *parts* hold, at every depth, what keys tell apart.

    The list grows by the containers that are found while it is gone through.
    """
    for part in parts:
        if len(parts) > _MAX_PARTS:
            return False
        for key, value in part.items():
            kind = type(value)
            if type(key) is not str:
                return False
            if kind is dict:
                parts.append(value)
            elif kind is list:
                parts.append(_numbered(value))
            elif kind not in _SCALARS and (kind is not type or value not in _CLASSES):
                return False
    return True


def _numbered(items: list[Any]) -> dict[str, Any]:
    """Return a list as a mapping."""
    return {str(at): item for at, item in enumerate(items)}


class KnownDefinitions:
    """Keys of raw definitions -> their blueprints, held weakly and bounded in number."""

    def __init__(self) -> None:
        self._references: dict[bytes, weakref.ref[Blueprint]] = {}

    def __len__(self) -> int:
        return len(self._references)

    def get(self, key: bytes | None) -> Blueprint | None:
        """Return the blueprint of *key* while a model stands on it."""
        found = None if key is None else self._references.get(key)
        return None if found is None else found()

    def keep(self, key: bytes | None, blueprint: Blueprint) -> None:
        """Remember *blueprint* for *key* while it lives."""
        if key is None:
            return
        if len(self._references) >= MAX_KEPT:
            self._references.clear()
        references = self._references

        def gone(reference: weakref.ref[Blueprint]) -> None:
            if references.get(key) is reference:
                references.pop(key, None)

        references[key] = weakref.ref(blueprint, gone)

    def clear(self) -> None:
        """Forget all keys: names may mean something else now."""
        self._references.clear()
