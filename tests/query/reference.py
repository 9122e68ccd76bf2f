"""The query language once more, written to be read, not to be fast: the real one must agree.

It takes filters as callers write them, with operands already of the right type, and shares no code
with `juggler.query`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from juggler.types.geo import GeoPoint
from juggler.types.temporal import DateString

Row = Mapping[str, Any]

OPERATORS = frozenset(
    "eq neq gt gte lt lte inq nin between like nlike ilike nilike regexp exists near "
    "elem_match".split()
)
NEGATED = {"neq": "eq", "nin": "inq", "nlike": "like", "nilike": "ilike"}


def find(
    rows: Iterable[Row], query: Mapping[str, Any], ids: Iterable[str] = ("id",)
) -> list[dict[str, Any]]:
    """Return the rows that *query* asks for, in its order."""
    where = query.get("where", {})
    found = [row for row in rows if matches(row, where)]
    terms = [*query.get("order", []), *(f"{name} ASC" for name in ids)]
    found.sort(key=functools.cmp_to_key(lambda left, right: compare_rows(left, right, terms)))
    nears = nears_of(where)
    if nears:
        found.sort(key=lambda row: min(distance(row, path, near) for path, near in nears))
    start = query.get("skip", 0)
    found = found[start:] if query.get("limit") is None else found[start : start + query["limit"]]
    fields = query.get("fields")
    return [{key: row[key] for key in row if not fields or key in fields} for row in found]


def matches(row: Row, where: Mapping[str, Any]) -> bool:
    """Tell whether *row* fulfils every entry of *where*."""
    return all(entry(row, key, value) for key, value in where.items())


def entry(row: Row, key: str, value: Any) -> bool:
    """Tell whether *row* fulfils one entry of a where."""
    if key == "and":
        return all(matches(row, item) for item in value)
    if key == "or":
        return any(matches(row, item) for item in value)
    if key == "nor":
        return not any(matches(row, item) for item in value)
    if key == "not":
        return not matches(row, value)
    if isinstance(value, Mapping) and set(value) & OPERATORS:
        names = [name for name in value if name in OPERATORS]
        return all(holds(row, key, name, value[name], value) for name in names)
    return holds(row, key, "eq", value, {})


def holds(row: Row, key: str, name: str, operand: Any, beside: Mapping[str, Any]) -> bool:
    """Tell whether one operator holds on what *key* leads to."""
    if name in NEGATED:
        return not holds(row, key, NEGATED[name], operand, beside)
    if name == "exists" and not operand:
        return not holds(row, key, "exists", True, beside)
    found = addressed(row, key.split("."))
    if name == "elem_match":
        lists = [value for value in found if isinstance(value, list)]
        return any(element_holds(item, operand) for value in lists for item in value)
    return any(value_holds(value, name, operand, beside) for value in found)


def element_holds(element: Any, conditions: Mapping[str, Any]) -> bool:
    """Tell whether one element of a list fulfils all *conditions*, on itself or on its parts."""
    if set(conditions) and set(conditions) <= OPERATORS:
        return matches({"it": element}, {"it": conditions})
    return matches(element if isinstance(element, Mapping) else {}, conditions)


def value_holds(value: Any, name: str, operand: Any, beside: Mapping[str, Any]) -> bool:
    """Tell whether a positive operator holds on one value, which may be null or a list."""
    if name == "exists":
        return value is not None
    if name == "inq":
        return any(value_holds(value, "eq", item, beside) for item in operand)
    if name == "eq" and operand is None:
        return value is None
    if value is None:
        return False
    if name == "eq" and same(value, operand):
        return True
    items = value if isinstance(value, list) else [value]
    return any(item is not None and CHECKS[name](item, operand, beside) for item in items)


def addressed(value: Any, path: list[str]) -> list[Any]:
    """Return every value that *path* leads to, None for a way that ends early."""
    if not path:
        return [value]
    first, rest = path[0], path[1:]
    if isinstance(value, Mapping):
        return addressed(value.get(first), rest)
    if isinstance(value, GeoPoint):
        return addressed({"lat": value.lat, "lng": value.lng}.get(first), rest)
    if not isinstance(value, list) or not value:
        return [None]
    if first.isdecimal():
        return addressed(value[int(first)], rest) if int(first) < len(value) else [None]
    return [
        end
        for item in value
        for end in ([None] if isinstance(item, list) else addressed(item, path))
    ]


def kind(value: Any) -> int:
    """Return the place of a value's kind among all kinds."""
    if value is None:
        return 0
    if isinstance(value, bool):
        return 1
    if isinstance(value, int | float | Decimal):
        return 2
    if isinstance(value, str | DateString):
        return 3
    return 4 if isinstance(value, datetime) else 5


def same(left: Any, right: Any) -> bool:
    """Tell whether two values are equal, deep and strict."""
    if isinstance(left, dict) and isinstance(right, dict):
        return set(left) == set(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return kind(left) == kind(right) and left == right


def ordered(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any, Any], bool]:
    """Return a check that is *test* between values of one ordered kind and False otherwise."""

    def check(value: Any, operand: Any, beside: Any) -> bool:
        if kind(value) != kind(operand) or kind(value) in {0, 5}:
            return False
        if kind(value) == 3:
            return test(str(value), str(operand))
        return test(value, operand)

    return check


def like(text: Any, pattern: str) -> bool:
    """Tell whether *text* as a whole matches *pattern*, character by character."""
    if not isinstance(text, str | DateString):
        return False

    @functools.cache
    def rest(at: int, place: int) -> bool:
        if place == len(pattern):
            return at == len(whole)
        sign = pattern[place]
        if sign == "%":
            return any(rest(later, place + 1) for later in range(at, len(whole) + 1))
        if at == len(whole):
            return False
        if sign == "_":
            return rest(at + 1, place + 1)
        if sign == "\\" and place + 1 < len(pattern):
            return whole[at] == pattern[place + 1] and rest(at + 1, place + 2)
        return whole[at] == sign and rest(at + 1, place + 1)

    whole = str(text)
    return rest(0, 0)


def regexp(value: Any, pattern: Any, beside: Any) -> bool:
    """Tell whether a text contains what *pattern*, perhaps ``/pattern/flags``, describes."""
    if not isinstance(value, str | DateString):
        return False
    flags = 0
    if isinstance(pattern, str) and pattern.startswith("/"):
        body, _, letters = pattern[1:].rpartition("/")
        flags = (re.IGNORECASE if "i" in letters else 0) | (re.MULTILINE if "m" in letters else 0)
        pattern = body
    return re.search(pattern, str(value), flags) is not None


def near(value: Any, point: Any, beside: Mapping[str, Any]) -> bool:
    """Tell whether a value is a location within the bounds given beside the point."""
    if not isinstance(value, GeoPoint):
        return False
    away = GeoPoint.distance_between(value, point, beside.get("unit", "miles"))
    most, least = float(beside.get("maxDistance", 0)), float(beside.get("minDistance", 0))
    return (most <= 0 or away <= most) and (least <= 0 or away >= least)


CHECKS: dict[str, Callable[[Any, Any, Any], bool]] = {
    "eq": lambda value, operand, _: same(value, operand),
    "gt": ordered(lambda value, operand: value > operand),
    "gte": ordered(lambda value, operand: value >= operand),
    "lt": ordered(lambda value, operand: value < operand),
    "lte": ordered(lambda value, operand: value <= operand),
    "between": lambda value, operand, _: (
        CHECKS["gte"](value, operand[0], _) and CHECKS["lte"](value, operand[1], _)
    ),
    "like": lambda value, operand, _: like(value, operand),
    "ilike": lambda value, operand, _: (
        isinstance(value, str | DateString) and like(str(value).lower(), operand.lower())
    ),
    "regexp": regexp,
    "near": near,
}


def nears_of(where: Mapping[str, Any]) -> list[tuple[list[str], Any]]:
    """Return path and point of every ``near`` that is not negated."""
    found = []
    for key, value in where.items():
        if key in {"and", "or"}:
            found += [near for item in value for near in nears_of(item)]
        elif isinstance(value, Mapping) and "near" in value and key not in {"nor", "not"}:
            found.append((key.split("."), value["near"]))
    return found


def distance(row: Row, path: list[str], point: Any) -> float:
    """Return the smallest distance from *point* to what *path* leads to, in radians."""
    places = []
    for value in addressed(row, path):
        places += value if isinstance(value, list) else [value]
    away = [
        GeoPoint.distance_between(place, point, "radians")
        for place in places
        if isinstance(place, GeoPoint)
    ]
    return min(away, default=float("inf"))


def compare_rows(left: Row, right: Row, terms: list[str]) -> int:
    """Return -1, 0 or 1: where *left* stands to *right* in the order of *terms*."""
    for term in terms:
        name, *words = term.split()
        words = [word.upper() for word in words]
        found = compare_values(single(left, name), single(right, name), words)
        if found:
            return found
    return 0


def single(row: Row, name: str) -> Any:
    """Return the value that *name* leads to; None where a list without index is in the way."""
    value: Any = row
    for segment in name.split("."):
        if isinstance(value, list) and not segment.isdecimal():
            return None
        value = addressed(value, [segment])[0]
    return value


def compare_values(left: Any, right: Any, words: list[str]) -> int:
    """Return -1, 0 or 1 for two values under the words behind a term's name."""
    down = "DESC" in words
    if left is None or right is None:
        first = "FIRST" in words if "NULLS" in words else not down
        return 0 if left is right else -1 if (left is None) == first else 1
    if "NOCASE" in words:
        left, right = (
            str(item).lower() if isinstance(item, str | DateString) else item
            for item in (left, right)
        )
    if kind(left) != kind(right):
        found = -1 if kind(left) < kind(right) else 1
    else:
        left, right = (str(item) if kind(item) == 3 else item for item in (left, right))
        found = (left > right) - (left < right)
    return -found if down else found
