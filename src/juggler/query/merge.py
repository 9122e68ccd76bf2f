"""Merge a default scope into a query."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from juggler.query.includes import merge_includes
from juggler.query.limits import DEFAULT_LIMITS, Limits
from juggler.query.nodes import EVERYTHING, And, Filter, Where
from juggler.query.parse import CLAUSES, parse_filter

NOTHING_OFF: frozenset[str] = frozenset()


def parse_scope(
    scope: Mapping[str, Any] | Filter | None, limits: Limits = DEFAULT_LIMITS
) -> tuple[Filter, frozenset[str]]:
    """Return the filter of a scope and the clauses that it says False to, which are not merged.

    Raises:
        InvalidQueryError: The scope is not understood.
    """
    if not isinstance(scope, Mapping):
        return parse_filter(scope, limits), NOTHING_OFF
    off = frozenset(key for key, value in scope.items() if value is False and key in CLAUSES)
    kept = {key: value for key, value in scope.items() if key not in off}
    return parse_filter(kept, limits), off


def merge_scope(query: Filter, scope: Filter, off: frozenset[str] = NOTHING_OFF) -> Filter:
    """Return *query* within *scope*.

    Both where hold.  The fields of the scope stand, the smaller limit counts, the query's offset
    wins, its order too (with ``"order"`` in *off* the scope's does), and includes are united: an
    entry of the scope stands, the query's for the same relation may only narrow it.

    Args:
        query: What the caller asks for.
        scope: The default scope.
        off: Clauses of the scope that are not merged.
    """
    found: dict[str, Any] = {"where": both(query.where, scope.where)}
    for clauses, merge in _MERGES:
        if off.isdisjoint(clauses):
            found |= merge(query, scope)
    if "order" in off or not query.order:
        found["order"] = scope.order or query.order
    return replace(query, **found)


def _fields(query: Filter, scope: Filter) -> dict[str, Any]:
    stands = scope if scope.fields or scope.exclude else query
    return {"fields": stands.fields, "exclude": stands.exclude}


def _limit(query: Filter, scope: Filter) -> dict[str, Any]:
    given = (limit for limit in (query.limit, scope.limit) if limit is not None)
    return {"limit": min(given, default=None)}


def _offset(query: Filter, scope: Filter) -> dict[str, Any]:
    return {"offset": query.offset if query.from_start else query.offset or scope.offset}


def _include(query: Filter, scope: Filter) -> dict[str, Any]:
    return {"include": merge_includes(query.include, scope.include)}


_MERGES: Final[tuple[tuple[tuple[str, ...], Callable[[Filter, Filter], dict[str, Any]]], ...]] = (
    (("fields",), _fields),
    (("limit",), _limit),
    (("skip", "offset"), _offset),
    (("include",), _include),
)


def both(left: Where, right: Where) -> Where:
    """Return the condition that holds where *left* and *right* do."""
    if right == EVERYTHING:
        return left
    return right if left == EVERYTHING else And((left, right))


def is_within(where: Where, limit: Where) -> bool:
    """Tell whether *where* is surely a part of *limit*: all that this asks for, it asks for too."""
    if isinstance(limit, And):
        return all(is_within(where, part) for part in limit.children)
    if isinstance(where, And):
        return any(is_within(part, limit) for part in where.children)
    return where == limit
