"""Lists, objects and embedded models as canonical JSON text, and back by their declared types."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from juggler.connectors.sql.codecs import (
    FAMILIES,
    INT64,
    Codec,
    decode_date,
    decode_date_string,
    encode_boolean,
    encode_date,
    encode_date_string,
    encode_decimal,
    encode_integer,
    encode_number,
    encode_text,
    refused,
)
from juggler.definition.shape import EmbeddedType
from juggler.errors import InvalidValueError
from juggler.types.base import ValueType
from juggler.types.geo import GEO_POINT, GeoPoint
from juggler.types.plain import plain
from juggler.types.structured import ListType

Convert = Callable[[Any], Any]


def json_codec(kind: ValueType) -> Codec:
    """Return the codec of a column that holds values of *kind* as JSON text.

    Equal values have equal text: keys are sorted, whole floats are written as ints, moments have
    one form.  What JSON has no form for comes back as the declared types say; where nothing is
    declared a date stays the text it was written as.
    """
    pack, unpack = packer(kind), unpacker(kind)

    def encode(value: Any) -> str:
        try:
            return msgspec.json.encode(pack(value), order="deterministic").decode()
        except UnicodeError as error:
            raise InvalidValueError("A text is not valid Unicode.", value=value) from error
        except (TypeError, OverflowError, msgspec.MsgspecError) as error:
            message = f"JSON cannot hold the value: {error}."
            raise InvalidValueError(message, value=value) from error
        except RecursionError as error:
            raise InvalidValueError("The value is nested too deeply.") from error

    def decode(stored: Any) -> Any:
        return unpack(msgspec.json.decode(stored))

    return Codec("json", encode, msgspec.json.decode if unpack is same else decode)


def same(value: Any) -> Any:
    """Return *value*."""
    return value


def packer(kind: ValueType) -> Convert:
    """Return the function that makes JSON data of values of *kind*, None included."""
    if isinstance(kind, ListType):
        return _list_packer(packer(kind.item))
    if isinstance(kind, EmbeddedType):
        return _object_packer(_packers(kind)) if kind.model is None else _Named(kind, _pack_members)
    convert = _PACK.get(FAMILIES.get(kind.name, ""))
    if kind.name == "integer":
        convert = encode_integer
    if convert is None:
        return pack_any
    return lambda value: None if value is None else convert(value)


class _Named:
    """Converts what embeds a named model, whose structure may change and may contain itself."""

    __slots__ = ("_convert", "_kind", "_make", "_shape")

    def __init__(self, kind: EmbeddedType, make: Callable[[EmbeddedType], Convert]) -> None:
        self._kind = kind
        self._make = make
        self._shape: Any = None

    def __call__(self, value: Any) -> Any:
        shape = self._kind.shape
        if self._shape is not shape:
            self._convert = self._make(self._kind)
            self._shape = shape
        return self._convert(value)


def _packers(kind: EmbeddedType) -> dict[str, Convert]:
    return {item.name: packer(item.type) for item in kind.shape}


def _pack_members(kind: EmbeddedType) -> Convert:
    return _object_packer(_packers(kind))


def _list_packer(pack: Convert) -> Convert:
    def pack_list(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, list | tuple):
            raise refused(value, "lists")
        return [pack(item) for item in value]

    return pack_list


def _object_packer(members: Mapping[str, Convert]) -> Convert:
    def pack_object(value: Any) -> Any:
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise refused(value, "objects")
        return {
            _key(key): members[key](item) if key in members else pack_any(item)
            for key, item in value.items()
            if item is not msgspec.UNSET
        }

    return pack_object


def pack_any(value: Any) -> Any:
    """Return JSON data for any value."""
    pack = _PACK_ANY.get(type(value))
    if pack is not None:
        return pack(value)
    if isinstance(value, Mapping):
        return {
            _key(key): pack_any(item) for key, item in value.items() if item is not msgspec.UNSET
        }
    if isinstance(value, list | tuple):
        return [pack_any(item) for item in value]
    if isinstance(value, datetime):
        return encode_date(value)
    changed = plain(value)
    if changed is value:
        kind = type(value).__name__
        raise InvalidValueError(
            f"The column holds JSON data, not {kind}; give {kind} a method `to_json` for it.",
            value=value,
        )
    return pack_any(changed)


def pack_number(value: Any) -> Any:
    """Return a number of JSON; a float without a fraction is written as an int."""
    number = encode_number(value)
    if type(number) is float and number.is_integer() and abs(number) < INT64:
        return int(number)
    return number


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise InvalidValueError(f"A key of a JSON object is text, not {key!r}.", value=key)
    return encode_text(key)


def _pack_point(value: Any) -> Any:
    if not isinstance(value, GeoPoint):
        raise refused(value, "points")
    return value.to_json()


def _pack_bytes(value: Any) -> str:
    if not isinstance(value, bytes | bytearray | memoryview):
        raise refused(value, "bytes")
    return base64.b64encode(value).decode()


_PACK_ANY: Final[dict[type, Convert]] = {
    type(None): same,
    bool: same,
    str: encode_text,
    int: pack_number,
    float: pack_number,
    bytes: _pack_bytes,
    bytearray: _pack_bytes,
}
"""What JSON data is made of values of some classes; others are looked at more closely."""

_PACK: Final[dict[str, Convert]] = {
    "text": encode_text,
    "number": pack_number,
    "decimal": encode_decimal,
    "boolean": encode_boolean,
    "date": encode_date,
    "datestring": encode_date_string,
    "bytes": _pack_bytes,
    "point": _pack_point,
}


def unpacker(kind: ValueType) -> Convert:
    """Return the function that makes values of *kind* of JSON data; `same` where they are alike."""
    if isinstance(kind, ListType):
        inner = unpacker(kind.item)
        return same if inner is same else _list_unpacker(inner)
    if isinstance(kind, EmbeddedType):
        return _unpack_members(kind) if kind.model is None else _Named(kind, _unpack_members)
    return _UNPACK.get(FAMILIES.get(kind.name, ""), same)


def _unpack_members(kind: EmbeddedType) -> Convert:
    members = {item.name: unpacker(item.type) for item in kind.shape}
    members = {name: convert for name, convert in members.items() if convert is not same}
    return _object_unpacker(members) if members else same


def _list_unpacker(unpack: Convert) -> Convert:
    def unpack_list(data: Any) -> Any:
        return [unpack(item) for item in data] if isinstance(data, list) else data

    return unpack_list


def _object_unpacker(members: Mapping[str, Convert]) -> Convert:
    def unpack_object(data: Any) -> Any:
        if isinstance(data, dict):
            for name, unpack in members.items():
                if name in data:
                    data[name] = unpack(data[name])
        return data

    return unpack_object


def _unpack_text(convert: Convert) -> Convert:
    """Return *convert* for text; what else stands there, or is no such text, stays as it is."""

    def unpack(data: Any) -> Any:
        if type(data) is not str:
            return data
        try:
            return convert(data)
        except (ValueError, ArithmeticError, binascii.Error):
            return data

    return unpack


def _unpack_point(data: Any) -> Any:
    return data if data is None else GEO_POINT.load(data)


_UNPACK: Final[dict[str, Convert]] = {
    "decimal": _unpack_text(Decimal),
    "date": _unpack_text(decode_date),
    "datestring": _unpack_text(decode_date_string),
    "bytes": _unpack_text(base64.b64decode),
    "point": _unpack_point,
}
