"""Raw query data on its way into nodes: plain copies, without UNSET and without foreign keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET

from juggler.errors import InvalidQueryError
from juggler.query.limits import Limits
from juggler.query.structure import is_leaf, is_listing, plain


def wrong(at: str, wanted: str, value: Any) -> InvalidQueryError:
    """Return the error for a *value* of the wrong kind at the clause *at*."""
    kind = "null" if value is None else type(value).__name__
    return InvalidQueryError(f"{at} takes {wanted}, not {kind}.", path=at, value=value)


def refuse_dollars(raw: Any, at: str) -> None:
    """Raise if *raw* is a mapping with a key like ``$gt``: operators of a store's own language."""
    if not isinstance(raw, Mapping):
        return
    dollars = [key for key in raw if isinstance(key, str) and key[:1] == "$"]
    if dollars:
        raise InvalidQueryError(
            f"{at}: {', '.join(dollars)} is not allowed in a query.",
            code="OPERATOR_NOT_ALLOWED_IN_QUERY",
            path=at,
            details={"operators": dollars, "where": plain(raw)},
        )


def plain_value(value: Any, at: str) -> Any:
    """Return a plain copy of an operand, after a look for keys that are no data."""
    if is_leaf(value):
        return value
    if not isinstance(value, Mapping):
        return [plain_value(item, f"{at}.{index}") for index, item in enumerate(value)]
    refuse_dollars(value, at)
    for key in value:
        if not isinstance(key, str):
            raise InvalidQueryError(f"{at}: the key {key!r} is no text.", path=at, value=key)
    return {key: plain_value(item, f"{at}.{key}") for key, item in value.items()}


def without_unset(value: Any, limits: Limits) -> Any:
    """Return a copy of *value* in which UNSET is gone with its key, or None, as *limits* say.

    A mapping under a key that becomes empty by that goes too: ``{"age": {"gt": UNSET}}`` is no
    condition.
    """
    return _nullified(value) if limits.undefined == "nullify" else _cleaned(value)


def _nullified(value: Any) -> Any:
    if value is UNSET:
        return None
    if isinstance(value, Mapping):
        return {key: _nullified(item) for key, item in value.items()}
    return [_nullified(item) for item in value] if is_listing(value) else value


def _cleaned(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = {key: _cleaned(item) for key, item in value.items() if item is not UNSET}
        return {key: item for key, item in kept.items() if not _is_emptied(item, value[key])}
    if is_listing(value):
        return [_cleaned(item) for item in value if item is not UNSET]
    return value


def _is_emptied(item: Any, before: Any) -> bool:
    return isinstance(item, dict) and not item and bool(before)
