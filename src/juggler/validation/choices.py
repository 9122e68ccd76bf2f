"""The values that a rule allows or forbids, and when a value is one of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final, Self

from juggler.types.plain import plain
from juggler.types.temporal import DATE

_SIMPLE: Final = frozenset({str, int})
"""Classes of values that are the same as others of these if they are equal."""


class Choices(tuple[Any, ...]):  # noqa: SLOT001  a tuple has no room for any
    """Values among which another is looked for; for text and whole numbers it takes one step."""

    _simple: frozenset[Any]
    _others: tuple[Any, ...]

    def __new__(cls, values: Iterable[Any]) -> Self:
        """Return *values* as choices."""
        made = super().__new__(cls, values)
        made._simple = frozenset(each for each in made if type(each) in _SIMPLE)
        made._others = tuple(each for each in made if type(each) not in _SIMPLE)
        return made

    def has(self, value: Any) -> bool:
        """Tell whether *value* is the same as one of the choices; see `is_same`."""
        others: tuple[Any, ...] = self
        if type(value) in _SIMPLE:
            if value in self._simple:
                return True
            others = self._others
        return any(is_same(value, each) for each in others)


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same by value: dates, decimals and embedded values too.

    A date equals its text, a decimal the float with its digits; a bool is no number.
    """
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    if isinstance(one, datetime) or isinstance(other, datetime):
        return bool(DATE.coerce(one) == DATE.coerce(other))
    one, other = _by_value(one), _by_value(other)
    return bool(one == other)


def _by_value(value: Any) -> Any:
    """Return *value* in the form that it is compared in."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, float) and math.isfinite(value):
        return Decimal(repr(value))
    is_composed = isinstance(value, (Mapping, list, tuple)) or hasattr(value, "to_json")
    return plain(value) if is_composed else value
