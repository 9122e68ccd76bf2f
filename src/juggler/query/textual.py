"""Read the operands of the ``like`` family and of ``regexp``."""

from __future__ import annotations

import re
from typing import Any, Final

from juggler.errors import InvalidQueryError
from juggler.query.limits import Limits, too_much
from juggler.query.nodes import Condition, Not, Where
from juggler.query.operators import OPERATORS
from juggler.query.patterns import split_regexp
from juggler.query.raw import wrong
from juggler.types.coerced import shown

Path = tuple[str, ...]

_INSENSITIVE: Final = {"like": "ilike", "nlike": "nilike"}
_BITS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "g": re.RegexFlag(0)}


def read_pattern(path: Path, name: str, raw: Any, options: Any, limits: Limits, at: str) -> Where:
    """Return the node for the ``like`` family; a compiled pattern there is a regular expression."""
    if "i" in read_flags(options, "ig", at):
        name = _INSENSITIVE.get(name, name)
    if isinstance(raw, str):
        return Condition(path, name, raw)
    if not isinstance(raw, re.Pattern):
        raise wrong(at, "a text with the wildcards % and _, or a compiled pattern", raw)
    flags = "i" if name in {"ilike", "nilike"} else ""
    found = read_regexp(path, raw, flags, limits, at)
    return Not(found) if OPERATORS[name].negates else found


def read_regexp(path: Path, raw: Any, flags: str, limits: Limits, at: str) -> Condition:
    """Return the node for a regular expression, text or compiled, with the *flags* beside it."""
    if not limits.allow_regexp:
        raise InvalidQueryError(
            f"{at}: regular expressions are switched off here (allow_regexp).",
            code="OPERATOR_NOT_SUPPORTED",
            path=at,
        )
    if isinstance(raw, re.Pattern) and isinstance(raw.pattern, str):
        return Condition(path, "regexp", _flagged(raw, flags))
    if not isinstance(raw, str):
        raise wrong(at, "a regular expression", raw)
    if len(raw) > limits.max_regexp_length:
        raise too_much(limits, "max_regexp_length", at)
    if flags:
        body, own = split_regexp(raw)
        raw = f"/{body}/{''.join(dict.fromkeys(own + flags))}"
    return Condition(path, "regexp", raw)


def read_flags(options: Any, known: str, at: str) -> str:
    """Return the flags in a sibling ``options``."""
    if options is None:
        return ""
    if not isinstance(options, str) or any(flag not in known for flag in options):
        raise InvalidQueryError(
            f"{at}: options {shown(options)} are not understood; known are {', '.join(known)}.",
            path=f"{at.rpartition('.')[0]}.options",
            value=options,
        )
    return options


def _flagged(pattern: re.Pattern[str], flags: str) -> re.Pattern[str]:
    """Return *pattern* with *flags* added."""
    bits = pattern.flags
    for flag in flags:
        bits |= _BITS[flag]
    return pattern if bits == pattern.flags else re.compile(pattern.pattern, bits)
