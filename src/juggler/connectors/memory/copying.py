"""Private copies: what is stored is never an object that somebody else holds."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import NoneType
from typing import Any, Final
from uuid import UUID

from juggler.connectors.contract import Row
from juggler.errors import InvalidValueError
from juggler.types.geo import GeoPoint

FIXED: Final = frozenset(
    {str, int, float, bool, NoneType, bytes, datetime, date, time, timedelta, Decimal, UUID}
    | {GeoPoint}
)
"""Classes whose instances never change, so that everybody may hold them."""


_NO_NAMES: Final[frozenset[str]] = frozenset()


def copied(value: Any) -> Any:
    """Return *value* if it never changes, else a copy of it and of all that is in it."""
    kind = type(value)
    if kind in FIXED:
        return value
    if kind is dict:
        return {key: copied(item) for key, item in value.items()}
    if kind is list:
        return [copied(item) for item in value]
    return deepcopy(value)


def changing(row: Row, model: str) -> frozenset[str]:
    """Return the names of the properties whose values have to be copied on their way out.

    Raises:
        InvalidValueError: A text in a row of *model* is no Unicode, which no other store can hold.
    """
    try:
        for value in row.values():
            kind = value.__class__
            if kind is str:
                _ = value.isascii() or value.encode()
            elif kind not in FIXED:
                return _changing(row)
    except UnicodeEncodeError as error:
        raise _no_text(row, model) from error
    return _NO_NAMES


def _changing(row: Row) -> frozenset[str]:
    """Return what `changing` does of a row that has something to be copied."""
    _encode(row)
    return frozenset(name for name, value in row.items() if type(value) not in FIXED)


def _encode(value: Any) -> None:
    """Encode all texts in *value*, at any depth, and forget them."""
    if isinstance(value, str):
        _ = value.isascii() or value.encode()
    elif isinstance(value, list):
        for item in value:
            _encode(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            _encode(key)
            _encode(item)


def _no_text(row: Row, model: str) -> InvalidValueError:
    """Return the error for a *row* with a text that is no Unicode."""
    name = next(name for name, value in row.items() if not _is_text(value))
    return InvalidValueError(
        f"{model}: {name!r} cannot be stored. A text is not valid Unicode.",
        model=model,
        property=name,
        value=row[name],
    )


def _is_text(value: Any) -> bool:
    """Tell whether all texts in *value* are Unicode."""
    try:
        _encode(value)
    except UnicodeEncodeError:
        return False
    return True


def merging(changes: Row, model: str) -> Callable[[Row], Row]:
    """Return what gives a row with *changes* in it; no two rows share what may be changed."""
    if not changing(changes, model):
        return lambda row: {**row, **changes}
    return lambda row: {**row, **copied(changes)}
