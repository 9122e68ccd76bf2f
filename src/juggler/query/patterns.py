"""Patterns over text: the wildcards of ``like`` and bounded regular expressions."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Any, Final

from juggler.errors import InvalidQueryError
from juggler.messages.text import say
from juggler.query.automaton import NotLinearError, linear_search
from juggler.query.backtracking import Cost, cost_of
from juggler.query.limits import Limits, too_much
from juggler.query.parted import Part, parts_of
from juggler.types.coerced import shown

_FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "g": 0}
_LIKE_TOKENS: Final = re.compile(r"%|_|\\.|\\|[^%_\\]+", re.DOTALL)
_SIMPLE_LIKE: Final = re.compile(r"(%?)([^%_\\]*)(%?)")
STEPS: Final = 16_000_000
"""A search in up to this many steps is no danger: the square of 4,000."""
_ONE: Final = str.maketrans("\u0130\u0131\u1fd3\u1fe3\ufb05", "ii\u0390\u03b0\ufb06")
"""Characters that a pattern takes for others, which Unicode's folding does not say."""
_USUAL: Final = 50
"""A pattern that longer texts could take too long for is of no use."""


class TextTooLongError(ValueError):
    """Raised where a search of a text could take time without end."""


def split_regexp(text: str) -> tuple[str, str]:
    """Return pattern and flags of ``/re/flags``; any other text is a pattern without flags."""
    end = text.rfind("/")
    return (text[1:end], text[end + 1 :]) if end > 0 and text[0] == "/" else (text, "")


def compile_regexp(raw: Any, limits: Limits, at: str) -> re.Pattern[str]:
    """Return the compiled form of the operand of ``regexp``; a compiled pattern is trusted.

    Raises:
        InvalidQueryError: It is no regular expression, too long, has unknown flags, or could take
            time without end.
    """
    if isinstance(raw, re.Pattern):
        return raw
    if len(raw) > limits.max_regexp_length:
        raise too_much(limits, "max_regexp_length", at)
    body, flags = split_regexp(raw)
    unknown = sorted(set(flags) - _FLAGS.keys())
    if unknown:
        raise _told(raw, at, "query.regexp-flags", flags=", ".join(unknown))
    try:
        compiled = compiled_quietly(body, sum(_FLAGS[flag] for flag in set(flags)))
        trouble = _trouble(compiled, lambda cost: cost.trouble)
    except (re.error, ValueError, OverflowError, RecursionError) as error:
        raise _told(raw, at, "query.regexp", reason=error) from error
    if trouble:
        raise _bad(raw, at, f"could take time without end: {trouble}; write it more simply")
    return compiled


def compiled_quietly(text: str, flags: int) -> re.Pattern[str]:
    """Return the regular expression *text*, and warn nobody."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # how sets may be read one day is no client's business
        return re.compile(text, flags)


def trouble_of(pattern: re.Pattern[str]) -> str:
    """Return why a search for *pattern* could take time without end, or nothing.

    Its time follows the length of the text, or it is bounded for all texts that are not too long.
    """
    return _trouble(pattern, _unbounded)


def _unbounded(cost: Cost) -> str:
    return cost.trouble if cost.longest(STEPS) < _USUAL else ""


def _trouble(pattern: re.Pattern[str], why: Callable[[Cost], str]) -> str:
    """Return *why* what cannot be followed side by side of *pattern* is refused, or nothing."""
    if not why(cost_of(pattern)) or _linear(linear_search, pattern):
        return ""
    parts = parts_of(pattern)
    return next(filter(None, (why(each.cost) for each in parts if not _linear(each.linear))), "")


def _linear(
    search: Callable[..., Callable[[str], bool]], *args: Any
) -> Callable[[str], bool] | None:
    """Return the search in linear time, None where there is none."""
    try:
        return search(*args)
    except (NotLinearError, RecursionError):
        return None


def regexp_test(pattern: re.Pattern[str], *, bounded: bool = False) -> Callable[[str], object]:
    """Return a function that tells whether a text has a match of *pattern* in it.

    Python's own engine looks where the text is short enough for what it could need; in all other
    cases time follows the length of the text.  Where the pattern does not allow that, Python's
    engine looks all the same; with *bounded* the function raises `TextTooLongError`.  It is not
    safe from several threads.
    """
    slow: Callable[[str], object] | None = None
    longest = cost_of(pattern).longest(STEPS)

    def test(text: str) -> object:
        nonlocal slow
        if len(text) <= longest:
            return pattern.search(text)
        if slow is None:
            slow = _linear(linear_search, pattern) or _in_parts(pattern, bounded=bounded)
        return slow(text)

    return test


def _in_parts(pattern: re.Pattern[str], *, bounded: bool) -> Callable[[str], bool]:
    """Return a test that looks for each part of *pattern* as fast as that part allows."""
    tests = [(_part_test(part, bounded=bounded), part.is_wanted) for part in parts_of(pattern)]
    return lambda text: all(bool(test(text)) is wanted for test, wanted in tests)


def _part_test(part: Part, *, bounded: bool) -> Callable[[str], object]:
    slow, longest = _linear(part.linear), part.cost.longest(STEPS)

    def test(text: str) -> object:
        if len(text) > longest:
            if slow is not None:
                return slow(text)
            if bounded:
                raise TextTooLongError(f"A text of {len(text)} characters is too long for it.")
        return part.search(text)

    return test


def _told(raw: str, at: str, key: str, **params: Any) -> InvalidQueryError:
    return InvalidQueryError(say(key, path=at, value=shown(raw), **params), path=at, value=raw)


def _bad(raw: str, at: str, why: str) -> InvalidQueryError:
    return InvalidQueryError(f"{at}: {shown(raw)} {why}.", path=at, value=raw)


def like_regexp(pattern: str, *, ignore_case: bool = False) -> re.Pattern[str]:
    """Return the regular expression, to be matched from the start, that ``like`` stands for.

    ``%`` is any run of characters, ``_`` any one, a backslash makes the next character literal (one
    at the very end stands for itself), and the whole text has to match.  Each run takes the
    shortest way and never comes back, so that many of them cost no more than few.
    """
    first, *others = _like_parts(pattern)
    text = first
    if others:
        *middle, last = others
        text += "".join(f"(?>.*?{part})" for part in filter(None, middle)) + f".*{last}"
    return re.compile(text + r"\Z", re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def _like_parts(pattern: str) -> list[str]:
    """Return the regular expressions for what stands between the runs of *pattern*."""
    parts = [""]
    for sign in _LIKE_TOKENS.findall(pattern):
        if sign == "%":
            parts.append("")
        elif sign == "_":
            parts[-1] += "."
        else:
            parts[-1] += re.escape(sign[sign[0] == "\\" and len(sign) > 1 :])
    return parts


def anywhere(pattern: str) -> str:
    """Return the ``like`` pattern that matches what has a match of *pattern* somewhere in it.

    Doing it again changes nothing.

    >>> anywhere("a_c"), anywhere("%a")
    ('%a_c%', '%a%')
    """
    signs = _LIKE_TOKENS.findall(pattern)
    if signs and signs[-1] == "\\":  # it stands for itself, and must not take the % for that
        pattern += "\\"
    first = "" if signs and signs[0] == "%" else "%"
    last = "" if signs and signs[-1] == "%" else "%"
    return f"{first}{pattern}{last}"


def folded(text: str) -> str:
    """Return what is equal for texts that patterns which ignore case take for one another.

    >>> folded("MASS") == folded("ma\u017fs"), folded("MASS") == folded("maß")
    (True, False)
    """
    return text.lower() if text.isascii() else "".join(map(_folded, text.translate(_ONE)))


def _folded(char: str) -> str:
    """Return the one character that stands for *char* in any case."""
    return next((each for each in (char.casefold(), char.lower()) if len(each) == 1), char)


def like_test(pattern: str, *, ignore_case: bool = False) -> Callable[[str], object]:
    """Return a function that tells whether a text matches the ``like`` *pattern* as a whole."""
    simple = None if ignore_case else _SIMPLE_LIKE.fullmatch(pattern)
    if simple is None:
        return like_regexp(pattern, ignore_case=ignore_case).match
    starts, inner, ends = simple.groups()
    return {
        ("%", "%"): lambda text: inner in text,
        ("%", ""): lambda text: text.endswith(inner),
        ("", "%"): lambda text: text.startswith(inner),
        ("", ""): lambda text: text == inner,
    }[starts, ends]
