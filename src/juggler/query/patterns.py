"""Patterns over text: the wildcards of ``like`` and bounded regular expressions."""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Callable, Iterable
from typing import Any, Final

from juggler.errors import InvalidQueryError
from juggler.messages.text import say
from juggler.query.limits import Limits, too_much
from juggler.types.coerced import shown

_FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "g": 0}
_LIKE_TOKENS: Final = re.compile(r"%|_|\\.|\\|[^%_\\]+", re.DOTALL)
_SIMPLE_LIKE: Final = re.compile(r"(%?)([^%_\\]*)(%?)")
_SMALL: Final = 16
"""A counted repeat up to this many times is no danger."""
_MOST_REPEATS: Final = 5
_REPEATS: Final = frozenset({"MAX_REPEAT", "MIN_REPEAT"})
_ATOMIC: Final = frozenset({"ATOMIC_GROUP", "POSSESSIVE_REPEAT"})
_ANY: Final = "[(ANY, None)]"


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
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # how sets may be read one day is no client's business
            compiled = re.compile(body, sum(_FLAGS[flag] for flag in set(flags)))
            danger = _danger(body, compiled.flags)
    except (re.error, ValueError, OverflowError, RecursionError) as error:
        raise _told(raw, at, "query.regexp", reason=error) from error
    if danger:
        raise _bad(raw, at, f"could take time without end: {danger}; write it more simply")
    return compiled


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


def _danger(body: str, flags: int) -> str:
    """Return why matching *body* could take time that grows beyond all bounds, or nothing.

    Python's engine tries every way to split a text between repeats that may take the same
    characters.  This finds the usual forms of that, not all of them.
    """
    parser = importlib.import_module("re._parser")  # `re` shows its trees nowhere else
    found = _Repeats()
    found.walk(parser.parse(body, flags), inside=False)
    return found.danger


class _Repeats:
    """A look at all repeats of one pattern."""

    def __init__(self) -> None:
        self.danger = ""
        self.count = 0

    def walk(self, items: Iterable[Any], *, inside: bool) -> None:
        """Look at the items of a sequence; *inside* an open repeat or not."""
        before = ""
        for operation, argument in items:
            name, repeated = str(operation), ""
            if name in _REPEATS:
                repeated = self.repeat(argument, before, inside=inside)
            elif name == "BRANCH":
                self.branch(argument[1], inside=inside)
            else:  # nothing is tried again once an atomic part has matched
                self.below(argument, inside=inside and name not in _ATOMIC)
            before = repeated

    def repeat(self, argument: Any, before: str, *, inside: bool) -> str:
        """Look at one repeat; return its body as text if it is an open one."""
        least, most, body = argument
        is_open, text = most > _SMALL, str(body)
        self.suspect(inside and least != most, "a repeat within a repeat")
        self.walk(body, inside=inside or is_open)
        if not is_open:
            return ""
        self.count += 1
        alike = before == text or _ANY in {before, text}
        self.suspect(bool(before) and alike, "repeats of the same follow one another")
        self.suspect(self.count > _MOST_REPEATS, f"more than {_MOST_REPEATS} open repeats")
        return text

    def branch(self, branches: Iterable[Any], *, inside: bool) -> None:
        """Look at alternatives."""
        starts = [_start(branch) for branch in branches]
        alike = None in starts or len(set(starts)) < len(starts)
        self.suspect(inside and alike, "alternatives within a repeat that may begin alike")
        for branch in branches:
            self.walk(branch, inside=inside)

    def suspect(self, is_so: object, danger: str) -> None:
        """Note the first *danger* that there is."""
        if is_so and not self.danger:
            self.danger = danger

    def below(self, argument: Any, *, inside: bool) -> None:
        """Look into whatever sequences the argument of an operation holds."""
        for part in argument if isinstance(argument, tuple) else (argument,):
            if hasattr(part, "getwidth"):
                self.walk(part, inside=inside)


def _start(branch: Any) -> str | None:
    """Return the character that *branch* begins with; None if it is not just one."""
    if len(branch) and str(branch[0][0]) == "LITERAL":
        return chr(branch[0][1]).lower()
    return None
