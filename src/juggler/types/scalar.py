"""Text, truth values and bytes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any, Final

from juggler.types.base import BAD
from juggler.types.coerced import CoercedType, Converters, bad, convert, operand_refused, same
from juggler.types.dates import iso_text

_WORDS: Final = {"": False, "true": True, "1": True, "false": False, "0": False}
_WHOLE_FLOAT: Final = 1e21  # from here on the text of a whole number has an exponent


def parse_boolean(text: str) -> Any:
    """Return the truth value that *text* is a word for, or BAD."""
    found = _WORDS.get(text)
    return _WORDS.get(text.lower(), BAD) if found is None else found


class StringType(CoercedType):
    """Text; what has a text of its own is written, lists and objects are not."""

    name = "string"
    bad_code = "type.string"
    bad_message = "is not a string"
    exact = frozenset({str})
    kept = str

    def coerce(self, value: Any) -> Any:
        """Return *value* as text, or BAD."""
        if type(value) is str:
            return value
        return _text(value)


class TextType(StringType):
    """Long text; apart from how stores keep it, it is a string."""

    name = "text"


class ObjectIdType(StringType):
    """The id of a document, held as its text; a store of documents keeps it in its own form."""

    name = "objectid"


class BooleanType(CoercedType):
    """True or False; of texts only ``true``, ``false``, ``1``, ``0`` and the empty one."""

    name = "boolean"
    bad_code = "type.boolean"
    bad_message = "is not a boolean"
    exact = frozenset({bool})
    kept = bool
    from_text = staticmethod(parse_boolean)

    def coerce(self, value: Any) -> Any:
        """Return *value* as True or False, or BAD."""
        kind = type(value)
        if kind is bool:
            return value
        return parse_boolean(value) if kind is str else convert(value, _TO_BOOLEAN)

    def condition(self, operand: Any) -> bool:
        """Return *operand* as True or False.

        Raises:
            InvalidQueryError: It is none of true, false, 1, 0 and their texts.
        """
        value = self.coerce(operand)
        if (
            value is BAD
            or operand == ""
            or (not isinstance(operand, str) and operand not in {0, 1})
        ):
            raise operand_refused(self, operand)
        return bool(value)


class BufferType(CoercedType):
    """Bytes; text is taken as UTF-8, and JSON is ``{"type": "Buffer", "data": [...]}``."""

    name = "buffer"
    bad_code = "type.buffer"
    bad_message = "is not binary data"
    exact = frozenset({bytes})
    kept = bytes

    def coerce(self, value: Any) -> Any:
        """Return *value* as bytes, or BAD; a number never becomes a length."""
        if type(value) is bytes:
            return value
        return convert(value, _TO_BYTES)


STRING: Final = StringType()
TEXT: Final = TextType()
OBJECT_ID: Final = ObjectIdType()
BOOLEAN: Final = BooleanType()
BUFFER: Final = BufferType()


def _text(value: Any) -> Any:
    """Return the text of *value*, which is not exactly a `str`, or BAD."""
    found = convert(value, _TO_TEXT)
    if found is not BAD or isinstance(value, _TEXTLESS):
        return found
    if hasattr(value, "__iter__") or callable(value):
        return BAD
    own_text: object = type(value).__str__
    if own_text is object.__str__:
        return BAD  # its text would be an address in memory
    return str(value)


def _bool_text(value: bool) -> str:
    return "true" if value else "false"


def _number_text(value: float) -> Any:
    if isinstance(value, int):
        try:
            return str(value)
        except ValueError:  # more digits than Python is willing to write
            return BAD
    if not math.isfinite(value):
        return BAD
    if value.is_integer() and abs(value) < _WHOLE_FLOAT:
        return str(int(value))
    return float.__repr__(value)


def _is_not_zero(value: float) -> bool:
    return bool(value) and value == value  # noqa: PLR0124  NaN is false


def _items_bytes(items: Sequence[Any]) -> Any:
    if any(type(item) is not int for item in items):
        return BAD
    try:
        return bytes(items)
    except ValueError:  # an item outside 0 to 255
        return BAD


def _json_bytes(value: Mapping[Any, Any]) -> Any:
    """Return the bytes in ``{"type": "Buffer", "data": [...]}``."""
    data = value.get("data") if value.get("type") == "Buffer" else None
    return _items_bytes(data) if isinstance(data, (list, tuple)) else BAD


def _utf8(text: str) -> Any:
    try:
        return text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return BAD


def _decoded(value: bytes | bytearray) -> Any:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return BAD


_TEXTLESS: Final = (int, float, bytes, bytearray, type, re.Pattern)

_TO_TEXT: Final[Converters] = (
    ((str,), same),
    ((bool,), _bool_text),
    ((int, float), _number_text),
    ((datetime,), iso_text),
    ((date,), date.isoformat),
    ((bytes, bytearray), _decoded),
)

_TO_BOOLEAN: Final[Converters] = (
    ((Enum,), bad),
    ((str,), parse_boolean),
    ((int, float), _is_not_zero),
)

_TO_BYTES: Final[Converters] = (
    ((bytes, bytearray, memoryview), bytes),
    ((str,), _utf8),
    ((list, tuple), _items_bytes),
    ((Mapping,), _json_bytes),
)
