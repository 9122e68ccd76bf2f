"""Read operands that need nothing but themselves: ordered values, pairs, flags, places."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from juggler.errors import InvalidQueryError
from juggler.query.nodes import Near
from juggler.query.operators import Operand
from juggler.query.raw import refuse_dollars, wrong
from juggler.query.structure import as_list, is_leaf, plain
from juggler.types.coerced import shown
from juggler.types.geo import EARTH_RADIUS

_NUMERIC: Final = frozenset({int, float, Decimal, str})
_WORDS: Final = {"true": True, "false": False, "1": True, "0": False}


def read_operand(kind: Operand, raw: Any, siblings: Mapping[str, Any], at: str) -> Any:
    """Return the operand of one of the kinds ``ordered``, ``pair``, ``flag`` and ``point``.

    Raises:
        InvalidQueryError: It is something else.
    """
    if kind == "ordered":
        return _ordered(raw, at)
    if kind == "pair":
        items = as_list(raw)
        if items is None or len(items) != 2:
            raise wrong(at, "a list of exactly two values", raw)
        return tuple(_ordered(item, f"{at}.{index}") for index, item in enumerate(items))
    return _flag(raw, at) if kind == "flag" else _near(raw, siblings, at)


def _ordered(raw: Any, at: str) -> Any:
    refuse_dollars(raw, at)
    if not is_leaf(raw) or isinstance(raw, re.Pattern):
        raise wrong(at, "a number, text, date or boolean", raw)
    return raw


def _flag(raw: Any, at: str) -> bool:
    if isinstance(raw, bool | int) and raw in {0, 1}:
        return bool(raw)
    found = _WORDS.get(raw.strip().lower()) if isinstance(raw, str) else None
    if found is None:
        raise wrong(at, "true or false", raw)
    return found


def _near(raw: Any, siblings: Mapping[str, Any], at: str) -> Near:
    return Near(
        plain(raw),
        _distance(siblings.get("max_distance"), f"{at}.maxDistance"),
        _distance(siblings.get("min_distance"), f"{at}.minDistance"),
        _unit(siblings.get("unit"), f"{at}.unit"),
    )


def _distance(raw: Any, at: str) -> float | None:
    """Return a bound, or None for one that bounds nothing."""
    if raw is None:
        return None
    if type(raw) not in _NUMERIC:
        raise wrong(at, "a number", raw)
    try:
        distance = float(raw)
    except (ValueError, OverflowError) as error:
        raise wrong(at, "a number", raw) from error
    if not math.isfinite(distance):
        raise wrong(at, "a finite number", raw)
    return distance if distance > 0 else None


def _unit(raw: Any, at: str) -> str:
    if raw is None:
        return "miles"
    if not isinstance(raw, str) or raw not in EARTH_RADIUS:
        raise InvalidQueryError(
            f"{at}: {shown(raw)} is no unit; units are {', '.join(EARTH_RADIUS)}.",
            path=at,
            value=raw,
        )
    return raw
