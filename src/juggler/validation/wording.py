"""Values as short texts inside messages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from msgspec import UNSET

from juggler.errors import ValidationError
from juggler.types.dates import iso_text
from juggler.types.plain import plain
from juggler.validation.subject import Word

_TAIL: Final = re.compile(r"[ \t})\]]+$")
_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*")
_TAIL_LENGTH: Final = 3
ITEMS_SHOWN: Final = 20  # what comes after is cut off in any case


def value_text(value: Any) -> str:
    """Return the JSON form of *value* as a short text, written as the original writes it.

    Text stands in quotes, a moment in none; an object shows its own values, a list of objects
    those of its items; what is deeper is named only.  What was never given is ``undefined``.
    """
    if isinstance(value, Word | datetime):
        return str(value) if isinstance(value, Word) else iso_text(value)
    value = plain(value)
    if isinstance(value, str):
        return f'"{shorten(value)}"'
    if isinstance(value, list):
        return shorten(_inspect(value, 2 if isinstance(next(iter(value), None), dict) else 1))
    return shorten(_inspect(value, 1))


def shorten(text: str) -> str:
    """Return *text* with the middle cut out where it is longer than messages allow.

    The limit is ``ValidationError.max_property_string_length``; closing brackets at the end stay.
    """
    limit = ValidationError.max_property_string_length
    if len(text) <= limit:
        return text
    brackets = _TAIL.search(text[-_TAIL_LENGTH:])
    tail = brackets[0] if brackets else text[-_TAIL_LENGTH:]
    return f"{text[: max(0, limit - len(tail) - 4)]}...{tail}"


def _inspect(value: Any, depth: int) -> str:
    """Return *value* as JavaScript shows it, with *depth* levels of objects and lists open."""
    if isinstance(value, Mapping):
        return _inside("{", "}", value.items(), depth, lambda pair: _pair(pair, depth - 1))
    if isinstance(value, (list, tuple)):
        return _inside("[", "]", value, depth, lambda item: _inspect(item, depth - 1))
    if value is None:
        return "null"
    if value is UNSET:
        return "undefined"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value[: ValidationError.max_property_string_length]}'"
    return _scalar(value)


def _inside(start: str, end: str, items: Any, depth: int, write: Callable[[Any], str]) -> str:
    if not items:
        return start + end
    if depth <= 0:
        return "[Object]" if start == "{" else "[Array]"
    shown = [write(item) for item in list(items)[:ITEMS_SHOWN]]
    return f"{start} {', '.join(shown)} {end}"


def _pair(pair: tuple[str, Any], depth: int) -> str:
    key, value = pair
    name = key if _NAME.fullmatch(key) else f"'{key}'"
    return f"{name}: {_inspect(value, depth)}"


def _scalar(value: Any) -> str:
    try:
        return str(value)
    except ValueError:  # an int of more digits than Python is willing to write
        return f"<{type(value).__name__}>"
