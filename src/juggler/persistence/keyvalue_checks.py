"""Which keys, values and times to live there may be; the same for every store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from types import MappingProxyType, NoneType
from typing import Any, Final
from uuid import UUID

from juggler.definition.parse import is_text
from juggler.errors import InvalidQueryError, InvalidValueError
from juggler.models.instances.instance import Instance
from juggler.persistence.operation import Operation
from juggler.types.geo import GeoPoint
from juggler.types.temporal import DateString

MAX_KEY_LENGTH: Final = 1_024
MAX_DEPTH: Final = 64

_PLAIN: Final = frozenset(
    {int, float, bool, NoneType, bytes, datetime, date, time, timedelta, Decimal, UUID, GeoPoint}
)
_COPIED: Final[Mapping[type, Callable[[Any], Any]]] = MappingProxyType(
    {DateString: DateString, bytearray: bytes}
)
_ONLY_IF: Final = ("absent", "present")


def checked_key(op: Operation, key: Any) -> str:
    """Return *key* if it may be one.

    Raises:
        TypeError: It is no text.
        InvalidValueError: It is empty, too long, or has no encoding.
    """
    return checked_text(op, "key", key, "max_key_length", MAX_KEY_LENGTH)


def checked_text(op: Operation, what: str, given: Any, setting: str, most: int) -> str:
    """Return a text that is not empty and not longer than a setting allows.

    Raises:
        TypeError: It is no text.
        InvalidValueError: It is empty, too long, or has no encoding.
    """
    if not isinstance(given, str):
        raise TypeError(f"{op.name}: {what} is text, not {type(given).__name__}.")
    why = _objection(given, setting, op.source.settings.get(setting, most))
    if not why:
        return str(given)
    kind = InvalidQueryError if what == "match" else InvalidValueError
    raise kind(f"{op.name}: {what} {why}.", model=op.model_name, path=what, value=given[:64])


def _objection(text: str, setting: str, most: int) -> str:
    """Return why *text* cannot be a key or a pattern; empty if it can."""
    if not text:
        return "must not be empty"
    if len(text) > most:
        return f"is longer than {most} characters; the setting {setting} says how long it may be"
    return "" if text.isascii() or is_text(text) else "is not valid Unicode"


def checked_ttl(op: Operation, ttl: Any, what: str = "ttl") -> float:
    """Return a time to live in milliseconds.

    Raises:
        TypeError: It is no number.
        InvalidValueError: It is not above 0, or without end.
    """
    found = checked_number(op.name, ttl, what)
    if found <= 0:
        raise InvalidValueError(
            f"{op.name}: {what} is a number of milliseconds above 0, not {ttl!r}.",
            model=op.model_name,
            path=what,
            value=ttl,
        )
    return found


def checked_number(name: str, number: Any, what: str = "by") -> float:
    """Return a number that is finite.

    Raises:
        TypeError: It is no number.
        InvalidValueError: It is not finite.
    """
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise TypeError(f"{name}: {what} is a number, not {type(number).__name__}.")
    try:
        if isfinite(number):
            return number
    except OverflowError:  # an int without end
        pass
    raise InvalidValueError(f"{name}: {what} is a finite number.", path=what, value=number)


def only_if_of(op: Operation, only_if: str | None) -> str | None:
    """Return the condition of a write.

    Raises:
        InvalidValueError: It is none that there is.
    """
    found = op.options.get("only_if") if only_if is None else only_if
    if found is not None and found not in _ONLY_IF:
        raise InvalidValueError(
            f'{op.name}: only_if is "absent" or "present", not {found!r}.',
            model=op.model_name,
            path="only_if",
            value=found,
        )
    return found


def checked_value(op: Operation, value: Any, at: str = "value") -> Any:
    """Return a private copy of *value*, of types that every store gives back as they were.

    Raises:
        InvalidValueError: It is None, or holds what cannot be kept; ``path`` says where.
    """
    if value is None:
        raise _refused(op, at, value, "must not be None; delete the key instead")
    return _copied(op, value, at, 0)


def _copied(op: Operation, value: Any, at: str, depth: int) -> Any:
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is str:
        return _text(op, value, at)
    if isinstance(value, list | tuple | Mapping):
        return _collection(op, value, at, depth)
    if kind in _COPIED:
        return _COPIED[kind](value)
    remedy = "; its `to_dict()` can" if isinstance(value, Instance) else ""
    raise _refused(op, at, value, f"is a {kind.__name__}, which cannot be kept{remedy}")


def _collection(op: Operation, value: Any, at: str, depth: int) -> Any:
    if depth == MAX_DEPTH:
        raise _refused(op, at, None, f"is nested more than {MAX_DEPTH} deep")
    if not isinstance(value, Mapping):
        return [_copied(op, item, f"{at}.{place}", depth + 1) for place, item in enumerate(value)]
    return {
        _name(op, name, at): _copied(op, item, f"{at}.{name}", depth + 1)
        for name, item in value.items()
    }


def _text(op: Operation, value: str, at: str) -> str:
    if value.isascii() or is_text(value):
        return value
    raise _refused(op, at, value, "is not valid Unicode")


def _name(op: Operation, name: Any, at: str) -> str:
    if type(name) is str and (name.isascii() or is_text(name)):
        return name
    raise _refused(op, at, name, f"has the key {name!r}, and keys are text")


def _refused(op: Operation, at: str, value: Any, why: str) -> InvalidValueError:
    return InvalidValueError(f"{op.name}: {at} {why}.", model=op.model_name, path=at, value=value)
