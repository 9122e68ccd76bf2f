"""Texts as regular expressions."""

from __future__ import annotations

import re
import warnings
from typing import Any, Final

from juggler.errors import InvalidQueryError
from juggler.query.limits import Limits
from juggler.query.patterns import compile_regexp, split_regexp

_TRUSTED: Final = Limits(max_regexp_length=100_000)


def to_regexp(value: Any) -> re.Pattern[str]:
    """Return the regular expression that *value* is: a text, ``/text/flags``, or a compiled one.

    >>> to_regexp("/^a/i").match("Ab") is not None
    True

    Raises:
        InvalidQueryError: It is none, has flags other than i, g and m, or could take time without
            end.
    """
    if isinstance(value, str) or (isinstance(value, re.Pattern) and isinstance(value.pattern, str)):
        return compile_regexp(value, _TRUSTED, "regexp")
    raise InvalidQueryError(
        f"A regular expression is text or a compiled pattern, not {type(value).__name__}.",
        path="regexp",
        value=value,
    )


def has_regexp_flags(value: Any) -> bool:
    """Tell whether *value* has flags: ``/text/flags``, or compiled with some.

    >>> has_regexp_flags("/a/i"), has_regexp_flags("/a/"), has_regexp_flags("a/i")
    (True, False, False)
    """
    if isinstance(value, re.Pattern):
        return bool(value.flags & ~re.UNICODE)
    return isinstance(value, str) and bool(split_regexp(value)[1])


def escape_regexp(text: str) -> str:
    r"""Return *text* if it is a regular expression, else one that matches it literally.

    >>> escape_regexp("a+"), escape_regexp("(a")
    ('a+', '\\(a')
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it compiles, and that is what is asked
            re.compile(text)
    except (re.error, OverflowError, RecursionError):
        return re.escape(text)
    return text
