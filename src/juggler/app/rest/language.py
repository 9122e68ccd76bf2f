"""Which language a client wants its messages in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Final

from juggler.messages.catalogue import chain, normal

_LONGEST: Final = 512
_ENTRY: Final = re.compile(
    r"(?P<tag>[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,3})\s*"
    r"(?:;\s*q\s*=\s*(?P<weight>[01](?:\.[0-9]{0,3})?)\s*)?"
)


def wanted_language(header: str, offered: Iterable[str]) -> str | None:
    """Return the language that a client prefers of those there are; None where none will do.

    >>> wanted_language("fr-CH, de;q=0.9, en;q=0.8", ["en", "de"])
    'de'

    Args:
        header: Value of ``Accept-Language``; what of it is not understood counts for nothing.
        offered: Languages that there are messages in.
    """
    there = {normal(each) for each in offered}
    weighed = [(_weight(found), found["tag"]) for found in _entries(header)]
    for weight, tag in sorted(weighed, key=lambda pair: -pair[0]):  # equal ones as they stand
        if weight > 0 and _will_do(tag, there):
            return normal(tag)
    return None


def _entries(header: str) -> Iterable[re.Match[str]]:
    parts = header[:_LONGEST].split(",")
    return [found for part in parts if (found := _ENTRY.fullmatch(part.strip()))]


def _weight(found: re.Match[str]) -> float:
    return float(found["weight"] or 1)


def _will_do(tag: str, there: Collection[str]) -> bool:
    """Tell whether there are messages in the language of *tag*; English stands in for nobody."""
    language = normal(tag).partition("_")[0]
    return any(each in there and each.partition("_")[0] == language for each in chain(tag))
