"""Find the ``near`` conditions of a where as callers write it, and apply them to rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, TypeVar

from juggler.query.coercion import Place, coerce_condition
from juggler.query.conditions import split_path
from juggler.query.geo import smallest_distance
from juggler.query.limits import DEFAULT_LIMITS
from juggler.query.match import compile_where
from juggler.query.nodes import Condition, Near, Or
from juggler.query.operands import read_operand
from juggler.query.operators import SIBLINGS
from juggler.query.structure import as_list

T = TypeVar("T", bound=Mapping[str, Any])

_LISTS: Final = ("and", "or")


def near_filter(where: Mapping[str, Any] | None) -> list[dict[str, Any]] | Literal[False]:
    """Return what a where says of distances, False where it says nothing.

    Each entry has ``near``, ``maxDistance``, ``minDistance``, ``unit`` as they were written (None
    for what was not), ``key``, the property, and ``path``: the property itself at the root, else
    the keys and places in lists that lead to it.  It looks at the root and into ``and`` and ``or``.

    >>> near_filter({"and": [{"open": True}, {"at": {"near": "1,2", "maxDistance": 3}}]})
    [{'near': '1,2', 'maxDistance': 3, 'minDistance': None, 'unit': None, 'key': 'at', 'path': \
['and', 1, 'at']}]
    """
    return list(_found(where or {}, ())) or False


def geo_filter(rows: Iterable[T], filters: Sequence[Mapping[str, Any]]) -> list[T]:
    """Return the *rows* that fulfil one of *filters*, as `near_filter` gives them, nearest first.

    Rows without a place are left out.

    Raises:
        InvalidQueryError: A point, a bound or a unit is not understood.
    """
    conditions = [_condition(each) for each in filters]
    matches, distance = compile_where(Or(tuple(conditions))), smallest_distance(conditions)
    found = [(distance(row), row) for row in rows if matches(row)]
    found.sort(key=lambda pair: pair[0])
    return [row for far, row in found if math.isfinite(far)]


def _found(where: Mapping[str, Any], above: tuple[str | int, ...]) -> Iterator[dict[str, Any]]:
    for key, raw in where.items():
        if key in _LISTS:
            for place, item in enumerate(as_list(raw) or ()):
                yield from _found(item if isinstance(item, Mapping) else {}, (*above, key, place))
        elif isinstance(raw, Mapping) and "near" in raw:
            yield _entry(key, raw, above)


def _entry(key: str, raw: Mapping[str, Any], above: tuple[str | int, ...]) -> dict[str, Any]:
    beside = {SIBLINGS.get(name): item for name, item in raw.items()}
    return {
        "near": raw["near"],
        "maxDistance": beside.get("max_distance"),
        "minDistance": beside.get("min_distance"),
        "unit": beside.get("unit"),
        "key": key,
        "path": [*above, key] if above else key,
    }


def _condition(entry: Mapping[str, Any]) -> Condition:
    key = str(entry["key"])
    beside = {SIBLINGS.get(name, name): item for name, item in entry.items()}
    near: Near = read_operand("point", entry["near"], beside, key)
    condition = Condition(split_path(key, key), "near", near)
    return coerce_condition(condition, Place(None, condition.path), DEFAULT_LIMITS, key)
