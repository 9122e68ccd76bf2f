"""What each kind of rule finds wrong with a value: pure functions.

A check answers with the kinds of failure, each the last part of a code (``min`` of ``length.min``);
the empty text is a failure without a kind.  No failure is an empty tuple.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from msgspec import UNSET

from juggler.types.base import BAD
from juggler.types.plain import plain
from juggler.types.temporal import DATE

Failures = tuple[str, ...]
Check = Callable[[Any, Mapping[str, Any]], Failures]

GOOD: Final[Failures] = ()
WRONG: Final[Failures] = ("",)

LOOKS_FIRST: Final = frozenset({"length", "numericality", "inclusion", "exclusion", "format"})
"""The kinds that look whether there is a value before they check it."""


def missing(value: Any, *, allow_blank: bool, allow_null: bool) -> Failures | None:
    """Return the failures of a value that is not there, or None when there is one to check."""
    if value is None:
        return GOOD if allow_null else ("null",)
    if value is UNSET or (isinstance(value, str) and not value):
        return GOOD if allow_blank else ("blank",)
    return None


def is_blank(value: Any) -> bool:
    """Tell whether *value* counts as not given: UNSET, None, empty text or list, NaN."""
    if value is UNSET or value is None:
        return True
    if isinstance(value, (str, list, tuple)):
        return not value
    return _is_nan(value)


def presence(value: Any, _: Mapping[str, Any]) -> Failures:
    """Fail for a blank value."""
    return WRONG if is_blank(value) else GOOD


def absence(value: Any, _: Mapping[str, Any]) -> Failures:
    """Fail for a value that is not blank."""
    return GOOD if is_blank(value) else WRONG


def length(value: Any, options: Mapping[str, Any]) -> Failures:
    """Fail once for each bound that is broken, and for a value without a length."""
    if not isinstance(value, (str, bytes, list, tuple)):
        return WRONG
    size = len(value)
    broken = {
        "min": size < options.get("min", size),
        "max": size > options.get("max", size),
        "is": size != options.get("is", size),
    }
    return tuple(kind for kind, is_broken in broken.items() if is_broken)


def numericality(value: Any, options: Mapping[str, Any]) -> Failures:
    """Fail for what is no number, and with ``int`` for a number that is not whole."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)) or _is_nan(value):
        return ("number",)
    return ("int",) if options.get("int") and not _is_whole(value) else GOOD


def inclusion(value: Any, options: Mapping[str, Any]) -> Failures:
    """Fail for a value that equals none of ``in``."""
    return GOOD if any(is_same(value, choice) for choice in options["in"]) else WRONG


def exclusion(value: Any, options: Mapping[str, Any]) -> Failures:
    """Fail for a value that equals one of ``in``."""
    return WRONG if any(is_same(value, choice) for choice in options["in"]) else GOOD


def pattern(value: Any, options: Mapping[str, Any]) -> Failures:
    """Fail where ``with`` is not found in the text of *value*; only text and numbers have one."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        return WRONG
    wanted: re.Pattern[str] = options["with"]
    return GOOD if wanted.search(str(value)) else WRONG


def is_date(value: Any, _: Mapping[str, Any]) -> Failures:
    """Fail for a value that is neither a date nor becomes one."""
    if value is None or value is UNSET:
        return GOOD
    return WRONG if value == "" or DATE.coerce(value) is BAD else GOOD


CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        "presence": presence,
        "absence": absence,
        "length": length,
        "numericality": numericality,
        "inclusion": inclusion,
        "exclusion": exclusion,
        "format": pattern,
        "date": is_date,
    }
)


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
    if isinstance(value, float) and math.isfinite(value):
        return Decimal(repr(value))
    is_composed = isinstance(value, (Mapping, list, tuple)) or hasattr(value, "to_json")
    return plain(value) if is_composed else value


def _is_nan(value: Any) -> bool:
    if isinstance(value, Decimal):
        return value.is_nan()
    return isinstance(value, float) and math.isnan(value)


def _is_whole(value: float | Decimal) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite() and value == value.to_integral_value()
    return isinstance(value, int) or value.is_integer()
