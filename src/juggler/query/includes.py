"""Unite two include clauses, in whatever of its forms each is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from juggler.errors import InvalidQueryError
from juggler.query.clauses import read_count
from juggler.query.structure import is_listing, plain

_OFFSETS: Final = frozenset({"skip", "offset"})

Entry = tuple[str | None, Any]
"""A relation's name and what was written for it; without a name it is no include at all, which
the relations layer will say."""


def merge_includes(base: Any, update: Any) -> Any:
    """Return *base* and *update* in one; entries of *update* come first and stand.

    An entry of *base* for a relation that *update* has too only narrows it: both where hold, the
    smaller limit counts, the order and offset of *base* win.
    """
    ours, theirs = include_entries(update), include_entries(base)
    if not ours or not theirs:
        return plain(update if ours else base)
    named = {name for name, _ in ours} - {None}
    found = [_narrowed_by_all(name, entry, theirs) for name, entry in ours]
    return found + [plain(entry) for name, entry in theirs if name not in named]


def _narrowed_by_all(name: str | None, entry: Any, asked: Iterable[Entry]) -> Any:
    """Return *entry* for the relation *name*, narrowed by every one in *asked* for it."""
    for other, wish in asked:
        if other is not None and other == name:
            entry = _narrowed(other, entry, wish)
    return plain(entry)


def include_entries(include: Any) -> list[Entry]:
    """Return the entries of an include clause, each with the name of its relation."""
    if include is None or include is False:
        return []
    if isinstance(include, str):
        return [(include, include)]
    if is_listing(include):
        return [entry for item in include for entry in include_entries(item)]
    if not isinstance(include, Mapping):
        return [(None, include)]
    name = include.get("relation", include.get("rel"))
    if isinstance(name, str):
        return [(name, include)]
    return [(key, {key: value}) for key, value in include.items()]


def _narrowed(name: str, entry: Any, asked: Any) -> dict[str, Any]:
    """Return *entry* for the relation *name*, narrowed by what was *asked* for it."""
    scope, wish = _scope(entry), _scope(asked)
    wins = _given(wish, "order", "skip", "offset")
    if wins.keys() & _OFFSETS:
        scope = {key: scope[key] for key in scope.keys() - _OFFSETS}
    found = {**wish, **scope, **wins}
    wheres = _both("where", wish, scope)
    limits = [read_count(limit, "include.limit") for limit in _both("limit", wish, scope)]
    merged = {
        "where": {"and": wheres} if len(wheres) == 2 else next(iter(wheres), None),
        "limit": min(limits, default=None),
        "include": merge_includes(wish.get("include"), scope.get("include")),
    }
    found |= {key: item for key, item in merged.items() if item is not None}
    return {"relation": name, "scope": plain(found)} if found else {"relation": name}


def _given(scope: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: scope[name] for name in names if scope.get(name) is not None}


def _both(name: str, *scopes: Mapping[str, Any]) -> list[Any]:
    return [scope[name] for scope in scopes if scope.get(name) is not None]


def _scope(entry: Any) -> Mapping[str, Any]:
    """Return the filter in an entry of `include_entries`."""
    if isinstance(entry, str):
        return {}
    if "relation" not in entry and "rel" not in entry:
        nested = next(iter(entry.values()))
        return {} if nested is True else {"include": nested}
    scope = entry.get("scope") or {}
    if isinstance(scope, Mapping):
        return scope
    raise InvalidQueryError(
        f"include: a scope is a mapping, not {type(scope).__name__}.",
        code="INVALID_INCLUSION_FILTER",
        path="include.scope",
        value=scope,
    )
