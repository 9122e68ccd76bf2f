"""Rows as JSON and back: what JSON has no form for bears a tag, ``{"$datetime": "..."}``."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from math import isfinite
from types import MappingProxyType, NoneType
from typing import Any, Final
from uuid import UUID

import msgspec

from juggler.connectors.contract import Row
from juggler.definition.parse import is_text
from juggler.errors import InvalidValueError, JugglerError
from juggler.types.geo import GeoPoint
from juggler.types.plain import plain
from juggler.types.temporal import DateString

Make = Callable[[Any], Any]

_AS_IS: Final = frozenset({str, int, bool, NoneType})
_MARK: Final = "$"
_JSON_BEGINS: Final = '"-0123456789[{'
_JSON_WORDS: Final = frozenset({"true", "false", "null"})


def encode_row(row: Mapping[str, Any]) -> bytes:
    """Return a row as JSON that `decode_row` makes the same row of.

    Raises:
        InvalidValueError: It holds something of a class that has no tag; ``path`` says where.
    """
    tagged = {name: _tagged(value, name) for name, value in row.items()}
    try:
        return msgspec.json.encode(tagged)
    except UnicodeEncodeError:  # half of a character of two: seldom, so it is not looked for
        return msgspec.json.encode({_name(name): _escaped(tagged[name]) for name in tagged})


def decode_row(tagged: Mapping[str, Any]) -> Row:
    """Return the row that parsed JSON of `encode_row` stands for.

    Raises:
        ValueError: A tag is unknown, or what it marks is not understood.
    """
    return {name: _plain(value) for name, value in tagged.items()}


def key_text(values: tuple[Any, ...]) -> str:
    """Return the text that the value or values of a primary key have in a file.

    Keys of different classes have different texts: text that could be that of a number is quoted.
    """
    first = values[0]
    if len(values) > 1:
        return _encode([_tagged(value, "") for value in values]).decode()
    if type(first) is str and first.isprintable() and not _looks_like_json(first):
        return first
    return _encode(_tagged(first, "")).decode()


def _looks_like_json(text: str) -> bool:
    return text[:1] in _JSON_BEGINS or text in _JSON_WORDS


def _encode(tagged: Any) -> bytes:
    return msgspec.json.encode(_escaped(tagged))


def _name(name: str) -> str:
    """Return the name of a property if a file can have it."""
    if not is_text(name):
        raise InvalidValueError(f"A file cannot hold a property called {name!r}.", path=name)
    return name


def _escaped(tagged: Any) -> Any:
    """Return *tagged* with text that is no Unicode under a tag of its own."""
    kind = type(tagged)
    if kind is str:
        return tagged if is_text(tagged) else {"$text": _base64(_bytes(tagged))}
    if kind is list:
        return [_escaped(item) for item in tagged]
    if kind is not dict:
        return tagged
    if all(map(is_text, tagged)):
        return {name: _escaped(item) for name, item in tagged.items()}
    return {"$pairs": [[_escaped(name), _escaped(item)] for name, item in tagged.items()]}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


# writing --------------------------------------------------------------------------------------


def _tagged(value: Any, path: str) -> Any:
    """Return *value* as what JSON has a form for."""
    kind = type(value)
    if kind in _AS_IS or (kind is float and isfinite(value)):
        return value
    if kind is dict:
        return _tagged_dict(value, path)
    if kind is list:
        return [_tagged(item, f"{path}.{place}") for place, item in enumerate(value)]
    found = _TAGS.get(kind)
    if found is None:
        data = value.value if isinstance(value, Enum) else plain(value)
        if type(data) is not kind:  # the type of its property makes it of that again
            return _tagged(data, path)
        raise InvalidValueError(
            f"A file cannot hold {path!r}: there is no form for a {kind.__name__}. "
            "Give its property a type that makes plain data of it.",
            path=path,
            property=path.partition(".")[0],
            value=value,
        )
    tag, make = found
    made = make(value)
    return {tag: _tagged(made, path) if type(made) is list else made}


def _tagged_dict(value: dict[Any, Any], path: str) -> Any:
    if all(type(name) is str for name in value):
        made = {name: _tagged(item, f"{path}.{name}") for name, item in value.items()}
        is_like_a_tag = len(made) == 1 and next(iter(made)).startswith(_MARK)
        return {"$object": made} if is_like_a_tag else made
    items = list(value.items())
    return {"$pairs": [[_tagged(part, path) for part in item] for item in items]}


def _base64(value: bytes) -> str:
    return b64encode(value).decode("ascii")


_TAGS: Final[Mapping[type, tuple[str, Make]]] = MappingProxyType(
    {
        float: ("$float", repr),
        bytes: ("$bytes", _base64),
        bytearray: ("$bytearray", _base64),
        datetime: ("$datetime", datetime.isoformat),
        date: ("$date", date.isoformat),
        time: ("$time", time.isoformat),
        timedelta: ("$timedelta", lambda value: [value.days, value.seconds, value.microseconds]),
        Decimal: ("$decimal", str),
        UUID: ("$uuid", str),
        GeoPoint: ("$point", lambda value: [value.lat, value.lng]),
        DateString: ("$datestring", lambda value: value.when),
        tuple: ("$tuple", list),
        set: ("$set", list),
        frozenset: ("$frozenset", list),
    }
)


# reading --------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    """Return the value that parsed JSON stands for."""
    kind = type(value)
    if kind is dict:
        if len(value) == 1:
            ((name, item),) = value.items()
            if name.startswith(_MARK):
                return _untagged(name, item)
        return {name: _plain(item) for name, item in value.items()}
    if kind is list:
        return [_plain(item) for item in value]
    return value


def _untagged(tag: str, value: Any) -> Any:
    make = _MAKERS.get(tag)
    if make is None:
        raise ValueError(f"the tag {tag!r} is unknown")
    try:
        return make(value)
    except (TypeError, AttributeError, ArithmeticError, JugglerError) as error:
        raise ValueError(f"{value!r} is no {tag}") from error


def _plain_list(value: list[Any]) -> list[Any]:
    return [_plain(item) for item in value]


_MAKERS: Final[Mapping[str, Make]] = MappingProxyType(
    {
        "$float": float,
        "$bytes": b64decode,
        "$bytearray": lambda value: bytearray(b64decode(value)),
        "$text": lambda value: b64decode(value).decode("utf-8", "surrogatepass"),
        "$datetime": datetime.fromisoformat,
        "$date": date.fromisoformat,
        "$time": time.fromisoformat,
        "$timedelta": lambda value: timedelta(*value),
        "$decimal": Decimal,
        "$uuid": UUID,
        "$point": lambda value: GeoPoint(*value),
        "$datestring": DateString,
        "$tuple": lambda value: tuple(_plain_list(value)),
        "$set": lambda value: set(_plain_list(value)),
        "$frozenset": lambda value: frozenset(_plain_list(value)),
        "$object": decode_row,
        "$pairs": lambda value: dict(map(_plain_list, value)),
    }
)
