"""What SQLite is taught: patterns, distances, exact decimals.

All of it runs inside SQLite, in the thread of a connection, and must not raise: SQLite would say
no more than that a function failed.  Only of an `OverflowError` it says that a value is too big.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from juggler.connectors.sql.drivers.sqlite_changes import CHANGES
from juggler.connectors.sql.drivers.sqlite_totals import TOTALS
from juggler.query.geo import location
from juggler.query.patterns import compiled_quietly, like_test, regexp_test
from juggler.query.values import order_key
from juggler.types.geo import GeoPoint, haversine

DECIMAL_COLLATION: Final = "juggler_decimal"
JSON_COLLATION: Final = "juggler_json"
MAX_PATTERNS: Final = 64

Test = Callable[[str], object]


def register(raw: sqlite3.Connection) -> None:
    """Teach *raw* the functions and collations that compiled statements use."""
    patterns = _Patterns()
    for name, count, function in (
        ("juggler_ilike", 2, patterns.ilike),
        ("juggler_regexp", 3, patterns.regexp),
        ("juggler_angle", 3, angle),
        ("juggler_lower", 1, lower),
        *CHANGES,
    ):
        raw.create_function(name, count, function, deterministic=True)
    for name, made in TOTALS.items():
        raw.create_aggregate(name, 1, made)
    raw.create_collation(DECIMAL_COLLATION, compare_decimals)
    raw.create_collation(JSON_COLLATION, compare_json)


class _Patterns:
    """Compiled patterns of one connection; few at a time, since a statement repeats its own."""

    def __init__(self) -> None:
        self._tests: dict[tuple[str, int | None], Test] = {}

    def ilike(self, pattern: Any, text: Any) -> bool:
        """Tell whether *text* matches *pattern* in any case."""
        return type(text) is str and bool(self._test(pattern, None)(text))

    def regexp(self, pattern: Any, flags: Any, text: Any) -> bool:
        """Tell whether the regular expression *pattern* is found in *text*."""
        return type(text) is str and bool(self._test(pattern, flags)(text))

    def _test(self, pattern: str, flags: int | None) -> Test:
        found = self._tests.get((pattern, flags))
        if found is None:
            if len(self._tests) >= MAX_PATTERNS:
                self._tests.clear()
            if flags is None:
                found = like_test(pattern, ignore_case=True)
            else:
                found = regexp_test(compiled_quietly(pattern, flags))
            self._tests[pattern, flags] = found
        return found


def lower(text: Any) -> Any:
    """Return *text* in lower case of the whole Unicode, anything else unchanged."""
    return text.lower() if type(text) is str else text


def angle(lat: float, lng: float, text: Any) -> float | None:
    """Return the smallest angle between a point and those in a JSON *text*, None if there is none.

    The text is read here, since SQLite may round the last digit of a number in it.
    """
    if type(text) is not str:
        return None
    try:
        data = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None
    centre = _point(lat, lng)
    found = [location(item) for item in (data if isinstance(data, list) else (data,))]
    return min((haversine(centre, place) for place in found if place is not None), default=None)


def _point(lat: float, lng: float) -> GeoPoint:
    """Return a point without checking it: a query's was checked."""
    point = object.__new__(GeoPoint)
    object.__setattr__(point, "lat", lat)
    object.__setattr__(point, "lng", lng)
    return point


def compare_decimals(a: str, b: str) -> int:
    """Compare two texts as decimal numbers; what is none comes after all numbers."""
    first, second = _decimal_key(a), _decimal_key(b)
    return (first > second) - (first < second)


def _decimal_key(text: str) -> tuple[int, Any]:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return (1, text)
    return (1, text) if number.is_nan() else (0, number)


def compare_json(a: str, b: str) -> int:
    """Compare two JSON texts in the order that covers all values."""
    if a == b:
        return 0
    try:
        first, second = (order_key(msgspec.json.decode(text)) for text in (a, b))
        return -1 if first < second else int(first > second)
    except (msgspec.DecodeError, TypeError, RecursionError):
        return -1 if a < b else 1
