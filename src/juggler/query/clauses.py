"""Read the clauses of a filter beside where: order, limit, skip, fields."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from juggler.errors import InvalidQueryError
from juggler.query.conditions import split_path
from juggler.query.limits import LARGEST
from juggler.query.nodes import OrderBy
from juggler.query.raw import wrong
from juggler.query.structure import is_listing
from juggler.types.coerced import shown

_NUMBERS: Final = frozenset({int, float, Decimal})
_DIGITS: Final = re.compile(r"\s*\+?[0-9]{1,19}\s*")

_TERM: Final = re.compile(
    r"(?P<name>\S+)(?:\s+(?P<direction>asc|desc))?(?:\s+(?P<case>nocase))?"
    r"(?:\s+nulls\s+(?P<nulls>first|last))?(?:\s+(?P<late>nocase))?",
    re.IGNORECASE,
)
_NULLS_FIRST: Final = {"": None, "FIRST": True, "LAST": False}

Fields = tuple[tuple[str, ...] | None, tuple[str, ...]]


def read_count(raw: Any, clause: str) -> int:
    """Return the number in ``limit``, ``skip`` or ``offset``.

    Raises:
        InvalidQueryError: It is no whole number from 0 to `LARGEST`.
    """
    number = _whole(raw)
    if number is None or not 0 <= number <= LARGEST:
        raise InvalidQueryError(
            f"{clause} takes a whole number from 0 on, not {shown(raw)}.",
            path=clause,
            value=raw,
        )
    return number


def _whole(raw: Any) -> int | None:
    if isinstance(raw, str):
        return int(raw) if _DIGITS.fullmatch(raw) else None
    if type(raw) is int:  # of any size
        return raw
    if type(raw) not in _NUMBERS:
        return None
    return int(raw) if math.isfinite(raw) and raw == math.floor(raw) else None


def read_order(raw: Any) -> tuple[OrderBy, ...]:
    """Return the terms of ``order``: a text, or a list of texts, each of terms between commas.

    Raises:
        InvalidQueryError: A term is not ``property [ASC|DESC] [NOCASE] [NULLS FIRST|LAST]``.
    """
    entries = list(raw) if is_listing(raw) else [raw]
    terms: list[OrderBy] = []
    for entry in entries:
        if isinstance(entry, OrderBy):
            terms.append(entry)
        elif isinstance(entry, str):
            terms += [read_term(text) for text in entry.split(",") if text.strip()]
        else:
            raise InvalidQueryError(
                f"order takes texts like 'name DESC', not {type(entry).__name__}.",
                path="order",
                value=entry,
            )
    return tuple(terms)


def read_term(text: str) -> OrderBy:
    """Return one term of ``order``.

    Raises:
        InvalidQueryError: A word of it is not understood.
    """
    found = _TERM.fullmatch(text.strip())
    if found is None or (found["case"] and found["late"]):
        raise InvalidQueryError(
            f"order: {shown(text.strip())} is not understood; a term is "
            "property [ASC|DESC] [NOCASE] [NULLS FIRST|NULLS LAST].",
            path="order",
            value=text,
        )
    words = {key: word.upper() for key, word in found.groupdict("").items()}
    return OrderBy(
        split_path(found["name"], "order"),
        words["direction"] == "DESC",
        _NULLS_FIRST[words["nulls"]],
        bool(words["case"] or words["late"]),
    )


def read_fields(raw: Any) -> Fields:
    """Return the names that ``fields`` asks for (None = all) and those that it leaves out.

    Raises:
        InvalidQueryError: It is neither a name, a list of names nor a mapping from names.
    """
    if isinstance(raw, Mapping):
        wanted = _names(name for name, choice in raw.items() if choice)
        return (wanted, ()) if wanted else (None, _names(raw) or ())
    if raw is False:
        raw = []
    return _names(raw if is_listing(raw) else [raw]), ()


def _names(raw: Iterable[Any]) -> tuple[str, ...] | None:
    names = list(raw)
    for name in names:
        if not isinstance(name, str):
            raise wrong("fields", "a name, a list of names or a mapping from names", name)
    return tuple(dict.fromkeys(names)) or None
