"""Parse a filter, as callers and clients write it, into frozen nodes; knows no shape.

Nothing is coerced here and nothing of the caller's is kept or changed; `juggler.query.normalise`
goes on with what comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from juggler.errors import InvalidQueryError
from juggler.query.clauses import read_count, read_fields, read_order
from juggler.query.conditions import read_condition, split_path
from juggler.query.limits import DEFAULT_LIMITS, Limits, too_much
from juggler.query.nodes import EVERYTHING, And, Condition, Filter, Not, Or, Where
from juggler.query.operators import LOGICAL, SIBLINGS, SPELLINGS
from juggler.query.raw import refuse_dollars, without_unset, wrong
from juggler.query.structure import as_list, check_structure, plain

CLAUSES: Final = ("where", "order", "limit", "skip", "offset", "fields", "include")
_NODES: Final = (And, Or, Not, Condition)
_EMPTY: Final = Filter()
_OFFSETS: Final = frozenset({"skip", "offset"})
OF_OPERATORS: Final = frozenset({*SPELLINGS, *SIBLINGS})
"""Keys that stand behind a property, not before a condition."""


def parse_filter(
    filter: Mapping[str, Any] | Filter | None = None,
    limits: Limits = DEFAULT_LIMITS,
    **clauses: Any,
) -> Filter:
    """Return the parsed filter; *clauses* given as keywords win over those in *filter*.

    A clause that is None counts as not given.

    Raises:
        InvalidQueryError: Something is not understood; ``path`` names the clause.
    """
    base = filter if isinstance(filter, Filter) else _EMPTY
    raw = _together({} if filter is None or filter is base else filter, clauses)
    if not raw:
        return base
    if check_structure(raw, limits, ""):
        raw = without_unset(raw, limits)
    _check_names(raw, limits)
    return _read(base, {key: value for key, value in raw.items() if value is not None}, limits)


def parse_where(
    where: Mapping[str, Any] | Where | None, limits: Limits = DEFAULT_LIMITS, at: str = "where"
) -> Where:
    """Return the parsed condition; None is no condition.  *at* is the clause that it stands in.

    Raises:
        InvalidQueryError: Something is not understood; ``path`` names the clause.
    """
    if where is None:
        return EVERYTHING
    if check_structure(where, limits, at):
        where = without_unset(where, limits)
    return _Reader(limits).where(where, at)


def _together(filter: Any, clauses: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the clauses of both; keywords win, and either word for the offset hides the other."""
    if not isinstance(filter, Mapping):
        raise wrong("filter", "a mapping of clauses", filter)
    wanted = {key: value for key, value in clauses.items() if value is not None}
    if not wanted:
        return filter
    hidden = _OFFSETS if wanted.keys() & _OFFSETS else frozenset()
    return {key: filter[key] for key in filter if key not in hidden} | wanted


def _check_names(raw: Mapping[str, Any], limits: Limits) -> None:
    """Raise if a clause is unknown."""
    for key in raw:
        if key not in CLAUSES and key not in limits.extra_clauses:
            raise InvalidQueryError(
                f"{key!r} is no clause of a filter; clauses are {', '.join(CLAUSES)}.",
                path=str(key) or "filter",
                value=key,
            )


def _read(base: Filter, raw: Mapping[str, Any], limits: Limits) -> Filter:
    """Return *base* with the clauses of *raw* in place of its own."""
    found: dict[str, Any] = {}
    for clause in raw.keys() & _READERS.keys():
        found |= _READERS[clause](raw[clause])
    if "where" in raw:
        found["where"] = _Reader(limits).where(raw["where"], "where")
    if "skip" in raw:
        found |= _read_offset(raw["skip"], "skip")
    if limits.extra_clauses:
        extras = {key: plain(raw[key]) for key in raw.keys() & limits.extra_clauses}
        found["extras"] = {**base.extras, **extras}
    return Filter(**found) if base is _EMPTY else replace(base, **found)


def _read_fields(raw: Any) -> dict[str, Any]:
    fields, exclude = read_fields(raw)
    return {"fields": fields, "exclude": exclude}


def _read_offset(raw: Any, at: str) -> dict[str, Any]:
    offset = read_count(raw, at)
    return {"offset": offset, "from_start": offset == 0}


def _read_include(raw: Any) -> dict[str, Any]:
    include = plain(raw)
    return {"include": None if include is False or include in ([], {}) else include}


_READERS: Final[Mapping[str, Callable[[Any], dict[str, Any]]]] = {
    "order": lambda raw: {"order": read_order(raw)},
    "limit": lambda raw: {"limit": read_count(raw, "limit")},
    "offset": lambda raw: _read_offset(raw, "offset"),
    "fields": _read_fields,
    "include": _read_include,
}


class _Reader:
    """Reads one where; counts its conditions."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.max_conditions

    def where(self, raw: Any, at: str) -> Where:
        """Return the node for one mapping of conditions."""
        if isinstance(raw, _NODES):
            return raw
        if not isinstance(raw, Mapping):
            raise wrong(at, "a mapping of conditions", raw)
        refuse_dollars(raw, at)
        children = tuple(self.entry(key, value, at) for key, value in raw.items())
        return children[0] if len(children) == 1 else And(children)

    def entry(self, key: Any, raw: Any, at: str) -> Where:
        """Return the node for one key of such a mapping."""
        if not isinstance(key, str):
            raise InvalidQueryError(
                f"{at}: {key!r} is no property name; names are text.", path=at, value=key
            )
        self.left -= 1
        if self.left < 0:
            raise too_much(self.limits, "max_conditions", at)
        at = f"{at}.{key}"
        if key in LOGICAL:
            return self.combined(key, raw, at)
        return self.inward(read_condition(split_path(key, at), raw, self.limits, at), at)

    def inward(self, found: Where, at: str) -> Where:
        """Return *found*, one property's node, with conditions on elements read too."""
        if isinstance(found, And):
            return And(tuple(self.inward(child, at) for child in found.children))
        if isinstance(found, Condition) and found.operator == "elem_match":
            return Condition(
                found.path, found.operator, self.element(found.value, f"{at}.elem_match")
            )
        return found

    def element(self, raw: Any, at: str) -> Where:
        """Return the node for conditions on one element: on itself, or on what is in it."""
        if isinstance(raw, Mapping) and raw and all(key in OF_OPERATORS for key in raw):
            self.left -= len(raw)
            return self.inward(read_condition((), raw, self.limits, at), at)
        return self.where(raw, at)

    def combined(self, word: str, raw: Any, at: str) -> Where:
        """Return the node for one of the words that combine conditions."""
        if word == "not":
            return Not(self.where(raw, at))
        items = as_list(raw)
        if items is None:
            raise wrong(at, "a list of mappings", raw)
        children = tuple(self.where(item, f"{at}.{index}") for index, item in enumerate(items))
        if word == "and":
            return And(children)
        return Or(children) if word == "or" else Not(Or(children))
