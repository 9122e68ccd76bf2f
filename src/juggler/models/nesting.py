"""Embedded values: plain data <-> instances of the embedded model, alone and in lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from juggler.types.base import BAD, ValueType
from juggler.types.structured import ListType


def nest(model: Any, name: str, value: Any, *, stored: bool = False) -> Any:
    """Return client or *stored* data of the property *name* with instances in it, or BAD.

    Args:
        model: The model that owns the property; it knows which model is embedded there.
        name: Name of the property.
        value: A mapping, an instance, or a list of them as the type says; None stays.
        stored: The data comes from a store: trusted, and no default is filled in.

    Raises:
        InvalidValueError: A list is needed and this is none.
        ModelDisposedError: The model was cleaned up, and what it embeds with it.
    """
    embedded = model.nested.get(name)
    if embedded is None:
        model.check_alive("nested values")
    kind = model.shape.properties[name].type
    return _stored(kind, embedded, value) if stored else _given(kind, embedded, value)


def _given(kind: ValueType, embedded: Any, value: Any) -> Any:
    """Return client data with instances in it, or BAD where something else is."""
    if value is None:
        return None
    if isinstance(kind, ListType):
        items = value if isinstance(value, list | tuple) else kind.coerce(value)
        made = [_given(kind.item, embedded, item) for item in items]
        return made if all(item is not BAD for item in made) else BAD
    if isinstance(value, embedded):
        return value
    if hasattr(value, "_plans"):
        value = value.to_dict()
    return embedded.build(value) if isinstance(value, Mapping) else BAD


def _stored(kind: ValueType, embedded: Any, value: Any) -> Any:
    """Return stored data with instances in it; what does not fit stays as it is."""
    if isinstance(value, str | bytes):
        value = _decoded(value)
    if isinstance(kind, ListType) and isinstance(value, list | tuple):
        return [_stored(kind.item, embedded, item) for item in value]
    if isinstance(kind, ListType) or not isinstance(value, Mapping):
        return value
    return embedded.load(value)


def _decoded(value: str | bytes) -> Any:
    """Return stored JSON text as data; other text as it is."""
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        return value
