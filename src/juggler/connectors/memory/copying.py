"""Private copies: what is stored is never an object that somebody else holds."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from types import NoneType
from typing import Any, Final
from uuid import UUID

from juggler.connectors.contract import Row
from juggler.types.geo import GeoPoint

FIXED: Final = frozenset(
    {str, int, float, bool, NoneType, bytes, datetime, date, time, timedelta, Decimal, UUID}
    | {GeoPoint}
)
"""Classes whose instances never change, so that everybody may hold them."""


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


def changing(row: Row) -> set[str]:
    """Return the names of the properties whose values have to be copied on their way out."""
    return {name for name, value in row.items() if type(value) not in FIXED}
