"""Queries and data made fit for use, as copies: no circles, bounded, nothing without a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from msgspec import UNSET, UnsetType

from juggler.definition.names import normalise_keys
from juggler.errors import InvalidQueryError, InvalidValueError
from juggler.query.limits import DEEPEST, Limits
from juggler.query.raw import without_unset
from juggler.query.structure import as_list, check_structure, is_leaf, is_listing

DATA_CODES: Final[Mapping[str, str]] = {
    "QUERY_OBJECT_TOO_DEEP": "DATA_OBJECT_TOO_DEEP",
    "QUERY_OBJECT_IS_CIRCULAR": "DATA_OBJECT_IS_CIRCULAR",
}
"""Code of an error in a query -> that of the same error in data."""

_MOST: Final = 10_000_000
_LISTS: Final = frozenset({"and", "or", "nor"})
_OPTIONS: Final = frozenset({"normalize_undefined_in_query", "prohibited_keys", "max_depth"})


def sanitize_query(query: Any, options: Mapping[str, Any] | str | None = None) -> Any:
    """Return a copy of *query* that is a tree of bounded depth in which everything has a value.

    What has no parts comes back as it is, and dates, ids, patterns and instances go through whole.

    >>> sanitize_query({"a": 1, "b": {"pin.x": 2, "c": 3}}, {"prohibited_keys": ["pin"]})
    {'a': 1, 'b': {'c': 3}}

    Args:
        query: A filter, a condition, or part of one.
        options: ``normalize_undefined_in_query`` (``"throw"`` unless given, ``"ignore"`` or
            ``"nullify"``; it may stand alone as a text), ``prohibited_keys`` (names that are taken
            out at any depth, also as a segment of a dotted path; an alternative of ``or`` that
            loses one goes as a whole), ``max_depth`` (256 at most).

    Raises:
        InvalidQueryError: The query is circular or too deep, or has UNSET in it.
    """
    if is_leaf(query):
        return query
    given = _read(options)
    limits = Limits(
        max_depth=given.get("max_depth") or DEEPEST,
        max_values=_MOST,
        undefined=given.get("normalize_undefined_in_query") or "throw",
    )
    if check_structure(query, limits, "query"):
        query = without_unset(query, limits)
    return _without(query, frozenset(given.get("prohibited_keys") or ()))[0]


def _read(options: Mapping[str, Any] | str | None) -> dict[str, Any]:
    if isinstance(options, str):
        return {"normalize_undefined_in_query": options}
    return normalise_keys(options or {}, _OPTIONS, "sanitize_query")


def _without(value: Any, names: frozenset[str]) -> tuple[Any, bool]:
    """Return a copy of *value* without what is called by one of *names*, and whether there was."""
    if isinstance(value, Mapping):
        return _mapping_without(value, names)
    if not is_listing(value):
        return value, False
    pairs = [_without(item, names) for item in value]
    return [item for item, _ in pairs], any(lost for _, lost in pairs)


def _mapping_without(value: Mapping[Any, Any], names: frozenset[str]) -> tuple[Any, bool]:
    kept: dict[Any, Any] = {}
    losses = 0
    for key, item in value.items():
        if not names.isdisjoint(str(key).split(".")):
            continue
        branches = as_list(item) if key in _LISTS else None
        left, lost = _without(item, names) if branches is None else _some(key, branches, names)
        if left or not lost or branches is not None:  # what is empty now says nothing
            kept[key] = left
            losses += lost
    return kept, bool(losses) or len(kept) < len(value)


def _some(word: str, branches: list[Any], names: frozenset[str]) -> tuple[list[Any], bool]:
    """Return what is left of a list of conditions, and whether anything went."""
    pairs = [_without(branch, names) for branch in branches]
    left = [each for each, lost in pairs if not lost or (each and word != "or")]
    return left, any(lost for _, lost in pairs)


def sanitize_data(data: Any, options: Mapping[str, Any] | None = None) -> Any:
    """Return a copy of *data* without UNSET, once it is known to be a tree of bounded depth.

    Nothing else of it changes, whatever it is called.

    Args:
        data: Values by name, or anything else, which comes back as it is.
        options: ``max_depth`` (256 at most).

    Raises:
        InvalidValueError: The data is circular or too deep.
    """
    if is_leaf(data):
        return data
    given = normalise_keys(options or {}, _OPTIONS, "sanitize_data")
    check_data(data, given.get("max_depth") or DEEPEST)
    return _valued(data)


def check_data(data: Any, max_depth: int, model: str | None = None) -> None:
    """Refuse data that is too deep, leads back to itself or is no Unicode.

    Raises:
        InvalidValueError: It is; ``path`` tells where.
    """
    limits = Limits(max_depth=min(max_depth, DEEPEST), max_values=_MOST, undefined="ignore")
    try:
        check_structure(data, limits, "data")
    except InvalidQueryError as error:
        raise InvalidValueError(
            error.message.replace("a query must", "data must").replace("query", "data"),
            code=DATA_CODES.get(error.code, "INVALID_VALUE"),
            model=model,
            path=error.path,
        ) from error


def _valued(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _valued(item) for key, item in value.items() if item is not UNSET}
    if is_listing(value):
        return [_valued(item) for item in value if item is not UNSET]
    return value


def set_scope_values_from_where(
    data: dict[str, Any], where: Mapping[str, Any] | None, model: Any
) -> dict[str, Any]:
    """Put the values that *where* demands of declared properties into *data*, and return it.

    Plain values count, also inside ``and``; operators, lists, mappings and None do not.

    Args:
        data: Where they are put; it is changed.
        where: A condition, as callers write it.
        model: The model, or a mapping whose keys are its properties.
    """
    known = model if isinstance(model, Mapping) else model.properties
    demanded = where or {}
    for each in as_list(demanded.get("and")) or ():
        set_scope_values_from_where(data, each, known)
    data.update(
        (key, value) for key, value in demanded.items() if key in known and _is_plain(value)
    )
    return data


def _is_plain(value: Any) -> bool:
    return is_leaf(value) and value is not None and not isinstance(value, re.Pattern | UnsetType)
