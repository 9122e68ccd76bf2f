"""Patterns over keys: ``*`` any run of characters, ``?`` one, ``[a-z]`` one of some."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from juggler.errors import InvalidQueryError

Matches = Callable[[str], object]

_TOKEN: Final = re.compile(
    r"(?P<run>\*+)|(?P<one>\?)|\\(?P<escaped>.)|\[(?P<not>\^?)(?P<set>(?:\\.|[^\]\\])*)\]|(?P<plain>.)",
    re.DOTALL,
)
_MEMBER: Final = re.compile(r"(?P<first>\\.|.)(?:-(?P<last>\\.|[^\\]))?", re.DOTALL)


def glob_matcher(pattern: str) -> Matches:
    """Return a function that tells, by what is true of its answer, whether a whole key matches.

    ``*`` matches any run, ``/`` and leading dots included; ``?`` one character; ``[abc]``,
    ``[a-z]`` and ``[^a]`` one of those or none of those; a backslash takes a character as it is.
    All else is literal: braces, ``!``, ``#``.  Upper and lower case differ.  Whatever the pattern,
    the time it takes grows with the length of key times pattern at most.

    Raises:
        InvalidQueryError: A set is open, empty or backwards, or the last backslash escapes nothing.
    """
    runs: list[str] = [""]
    for token in _TOKEN.finditer(pattern):
        if token["run"]:
            runs.append("")
        else:
            runs[-1] += _as_regexp(token, pattern)
    return re.compile(_joined(runs), re.DOTALL).fullmatch


def _joined(runs: list[str]) -> str:
    """Return the regular expression for parts with any run between them.

    Each part in the middle is taken where it is first found, for good: nothing is tried twice.
    """
    if len(runs) == 1:
        return runs[0]
    first, *middle, last = runs
    return first + "".join(f"(?>.*?{part})" for part in middle if part) + ".*" + last


def _as_regexp(token: re.Match[str], pattern: str) -> str:
    """Return the regular expression for what stands for one character."""
    if token["one"]:
        return "."
    if token["escaped"]:
        return re.escape(token["escaped"])
    if token["set"] is not None:
        return f"[{token['not']}{_members(token['set'], pattern)}]"
    if token["plain"] in "[\\":
        raise _malformed(pattern, "it ends inside a set or after a backslash")
    return re.escape(token["plain"])


def _members(given: str, pattern: str) -> str:
    """Return the members of a set for a regular expression."""
    found = []
    for member in _MEMBER.finditer(given):
        first = member["first"][-1]
        last = (member["last"] or first)[-1]
        if first > last:
            raise _malformed(pattern, f"the range {first}-{last} is backwards")
        found.append(f"{re.escape(first)}-{re.escape(last)}")
    if not found:
        raise _malformed(pattern, "a set is empty")
    return "".join(found)


def _malformed(pattern: str, why: str) -> InvalidQueryError:
    return InvalidQueryError(
        f"The pattern {pattern!r} cannot be read: {why}.  Put a backslash before a character that "
        "is meant as it is.",
        path="match",
        value=pattern,
    )
