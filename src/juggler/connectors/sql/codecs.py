"""How values go to a column and come back: one codec per property type."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from juggler.errors import InvalidValueError
from juggler.types.base import ValueType
from juggler.types.dates import as_utc
from juggler.types.geo import GEO_POINT, GeoPoint
from juggler.types.temporal import DATE_STRING, DateString

INT64: Final = 2**63

Encode = Callable[[Any], Any]
Decode = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Codec:
    """The two ways of a value; neither is ever called with None.

    Attributes:
        family: What its column can be compared with: ``text``, ``number``, ``decimal``,
            ``boolean``, ``date``, ``datestring``, ``bytes``, ``point`` or ``json``.
        encode: Value -> what the driver takes.
        decode: What the driver gives -> value; None where that is the value.
        fits: Python that is true of a value ``{v}`` which goes to the driver as it is; it may use
            ``isfinite`` and only spares a call.

    ``encode`` raises `InvalidValueError` for what the column cannot hold.
    """

    family: str
    encode: Encode
    decode: Decode | None = None
    fits: str = "False"


FITS_TEXT: Final = (
    "{v}.__class__ is str and '\\0' not in {v} and ({v}.isascii() or {v}.encode() is not None)"
)
FITS_INTEGER: Final = f"{{v}}.__class__ is int and {-INT64} <= {{v}} < {INT64}"
FITS_NUMBER: Final = f"{FITS_INTEGER} or {{v}}.__class__ is float and isfinite({{v}})"
FITS_BOOLEAN: Final = "{v} is True or {v} is False"
FITS_BYTES: Final = "{v}.__class__ is bytes"

FAMILIES: Final[dict[str, str]] = {
    "string": "text",
    "text": "text",
    "objectid": "text",
    "number": "number",
    "integer": "number",
    "decimal": "decimal",
    "boolean": "boolean",
    "date": "date",
    "datestring": "datestring",
    "buffer": "bytes",
    "geopoint": "point",
}
"""Name of a type -> family of its column; every other type is kept as JSON."""


def family_of(kind: ValueType) -> str:
    """Return the family of the columns that hold values of *kind*."""
    return FAMILIES.get(kind.name, "json")


def refused(value: Any, wanted: str) -> InvalidValueError:
    """Return the error for a *value* that is not what its column holds."""
    return InvalidValueError(f"The column holds {wanted}, not {type(value).__name__}.", value=value)


def encode_text(value: Any) -> str:
    """Return text that a database can hold: any Unicode without a NUL character."""
    if not isinstance(value, str):
        raise refused(value, "text")
    if "\0" in value:
        raise InvalidValueError("A database holds no text with a NUL character.", value=value)
    try:
        _ = value.isascii() or value.encode()
    except UnicodeEncodeError as error:
        raise InvalidValueError("A text is not valid Unicode.", value=value) from error
    return value if type(value) is str else str.__str__(value)


def encode_number(value: Any) -> float:
    """Return an int of 64 bits or a finite float that is exactly *value*."""
    kind = type(value)
    if kind is int and -INT64 <= value < INT64:
        whole: int = value
        return whole
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise refused(value, "numbers")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number) or number != value:
        raise InvalidValueError("A database column cannot hold this number exactly.", value=value)
    return number


def encode_integer(value: Any) -> int:
    """Return a whole number of 64 bits."""
    number = encode_number(value)
    if number != int(number) or not -INT64 <= number < INT64:
        raise refused(value, "whole numbers of 64 bits")
    return int(number)


def encode_boolean(value: Any) -> bool:
    """Return True or False."""
    if type(value) is not bool:
        raise refused(value, "true or false")
    return value


def encode_decimal(value: Any) -> str:
    """Return the text of a Decimal, digit by digit."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(Decimal(value))
    if not isinstance(value, Decimal) or not value.is_finite():
        raise refused(value, "decimal numbers")
    return str(value)


def decode_decimal(stored: Any) -> Decimal:
    """Return the decimal in *stored*, also where another program wrote a number."""
    return Decimal(stored) if isinstance(stored, str) else Decimal(repr(stored))


def encode_bytes(value: Any) -> bytes:
    """Return bytes."""
    if not isinstance(value, bytes | bytearray | memoryview):
        raise refused(value, "bytes")
    return bytes(value)


def encode_date(value: Any) -> str:
    """Return a moment as text of fixed width in UTC, so that texts sort as moments do."""
    if not isinstance(value, datetime):
        raise refused(value, "dates")
    try:
        return as_utc(value).isoformat("T", "microseconds")[:26] + "Z"
    except OverflowError:
        raise refused(value, "dates of the years 1 to 9999") from None


def decode_date(stored: Any) -> datetime:
    """Return the moment in *stored*."""
    return as_utc(datetime.fromisoformat(stored))


def encode_date_string(value: Any) -> str:
    """Return the text of a `DateString`."""
    return encode_text(value.when if isinstance(value, DateString) else value)


def decode_date_string(stored: Any) -> Any:
    """Return the date string in *stored*."""
    return DATE_STRING.load(stored)


def encode_point(value: Any) -> str:
    """Return a point as JSON text; equal points have equal text."""
    if not isinstance(value, GeoPoint):
        raise refused(value, "points")
    return msgspec.json.encode(value.to_json()).decode()


def decode_point(stored: Any) -> Any:
    """Return the point in *stored*."""
    return GEO_POINT.load(stored)


def decode_boolean(stored: Any) -> Any:
    """Return the truth value in *stored*, also as other programs write it."""
    return stored in _TRUE


_TRUE: Final = frozenset({1, "1", "Y", "y", "T", "t", "true", b"\x01"})
