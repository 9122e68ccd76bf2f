"""Lay one value or filter over another; what was given stays as it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import UNSET

from juggler.definition import merging as definitions
from juggler.definition.frozen import Ranked
from juggler.errors import InvalidQueryError
from juggler.query.clauses import read_fields
from juggler.query.includes import include_entries
from juggler.query.structure import is_listing, plain

_NOTHING: Final[Mapping[str, Any]] = {}


class RankedDict(dict[str, Any]):
    """A mapping that knows its rank, which is none of its entries and cannot be changed."""

    __slots__ = ("_rank",)

    def __init__(self, entries: Mapping[str, Any], rank: float) -> None:
        super().__init__(entries)
        self._rank = rank

    @property
    def rank(self) -> float:
        """Return the rank that it was marked with."""
        return self._rank


def deep_merge(base: Any, extras: Any = UNSET) -> Any:
    """Return *extras* over *base*: mappings key by key, lists united, of other values *extras*.

    With one argument it is a deep copy.  Dates and the like come through whole.

    >>> deep_merge({"a": {"b": 1}, "c": [1]}, {"a": {"d": None}, "c": [1, 2]})
    {'a': {'b': 1, 'd': None}, 'c': [1, 2]}
    """
    return plain(base if extras is UNSET else definitions.deep_merge(base, extras))


deep_merge_property = deep_merge


def rank_array_elements(items: Any, rank: Any) -> Any:
    """Return *items* with each mapping marked as of *rank*, unless it is marked already.

    Each mapping becomes a `RankedDict`, equal to it.  What is no list, and a rank that is no finite
    number, change nothing.
    """
    is_rank = type(rank) in {int, float} and math.isfinite(rank)
    return [_ranked(item, rank) for item in items] if is_rank and isinstance(items, list) else items


def _ranked(item: Any, rank: float) -> Any:
    is_free = isinstance(item, Mapping) and not isinstance(item, RankedDict | Ranked)
    return RankedDict(item, rank) if is_free else item


def merge_includes(base: Any, update: Any) -> list[Any]:
    """Return the entries of *update*, then those of *base* for relations not named before.

    >>> merge_includes(["a", "b"], {"relation": "a", "scope": {"limit": 1}})
    [{'relation': 'a', 'scope': {'limit': 1}}, {'b': True}]
    """
    first, second = _entries(update), _entries(base)
    named = {name for name, _ in first}
    return [entry for _, entry in first] + [entry for name, entry in second if name not in named]


def _entries(include: Any) -> list[tuple[str, Any]]:
    found = []
    for name, entry in include_entries(include):
        if name is None:
            raise InvalidQueryError(
                f"include takes names of relations, not {type(entry).__name__}.",
                code="INVALID_INCLUSION_FILTER",
                path="include",
                value=entry,
            )
        found.append((name, {name: True} if isinstance(entry, str) else plain(entry)))
    return found


def merge_query(
    base: Mapping[str, Any] | None,
    update: Mapping[str, Any] | None,
    spec: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the filter *update* laid over the filter *base*, as a default scope is.

    Both ``where`` hold, ``include`` is united, ``fields``, ``limit`` and the offset of *update*
    stand, and its ``order`` counts only where *base* has none.

    >>> merge_query({"where": {"a": 1}, "order": "a"}, {"where": {"b": 2}, "limit": 5})
    {'where': {'and': [{'a': 1}, {'b': 2}]}, 'order': 'a', 'limit': 5}

    Args:
        base: A filter.
        update: The one that is laid over it.
        spec: Clause -> False for those that are not merged; ``fields: False`` puts both lists
            together, ``order: False`` lets that of *update* win, and ``nested_include: True`` puts
            the include of *base* inside that of *update*.
    """
    merged: dict[str, Any] = plain(base) if base else {}
    extra = {key: value for key, value in (update or _NOTHING).items() if value is not None}
    _lay(merged, extra, spec or _NOTHING)
    return {key: value for key, value in merged.items() if value is not None}


def _lay(merged: dict[str, Any], extra: Mapping[str, Any], spec: Mapping[str, Any]) -> None:
    """Lay the clauses of *extra* over those of *merged*, which changes."""
    for clause, merge in _CLAUSES.items():
        if extra.get(clause):
            merged[clause] = merge(merged.get(clause), extra[clause], spec)
    for clauses in _SINGLES:
        given = {clause: extra[clause] for clause in clauses if clause in extra}
        if given and all(spec.get(clause) is not False for clause in clauses):
            merged |= {**dict.fromkeys(clauses), **given}


def _both(base: Any, update: Any, _: Mapping[str, Any]) -> Any:
    return {"and": [base, plain(update)]} if base else plain(update)


def _ordered(base: Any, update: Any, spec: Mapping[str, Any]) -> Any:
    return base if base and spec.get("order") is not False else plain(update)


def _included(base: Any, update: Any, spec: Mapping[str, Any]) -> Any:
    if spec.get("include") is False:
        return base
    if base and spec.get("nested_include") and isinstance(update, str):
        return {update: base}
    return merge_includes(base, update) if base else plain(update)


def _fields(base: Any, update: Any, spec: Mapping[str, Any]) -> Any:
    """Return the fields of *update*, or of both where that is asked for."""
    is_list = is_listing(update) or isinstance(update, str)
    if spec.get("fields") is not False or not base or not is_list:
        return plain(update)
    return list(dict.fromkeys((*(read_fields(base)[0] or ()), *(read_fields(update)[0] or ()))))


_CLAUSES: Final[Mapping[str, Callable[[Any, Any, Mapping[str, Any]], Any]]] = {
    "where": _both,
    "order": _ordered,
    "include": _included,
    "fields": _fields,
}
_SINGLES: Final = (("collect",), ("limit",), ("skip", "offset"))
