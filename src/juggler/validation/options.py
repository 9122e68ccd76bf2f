"""The options of validation rules: which there are, and what their values must be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from juggler.errors import DefinitionError
from juggler.types.coerced import shown
from juggler.types.temporal import DATE
from juggler.validation.choices import Choices
from juggler.validation.formats import FORMATS

COMMON_OPTIONS: Final = frozenset(
    "message code allow_blank allow_null optional each if unless".split()
)

RULE_OPTIONS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "presence": frozenset(),
        "absence": frozenset(),
        "length": frozenset({"min", "max", "is"}),
        "numericality": frozenset({"int"}),
        "inclusion": frozenset({"in"}),
        "exclusion": frozenset({"in"}),
        "format": frozenset({"with"}),
        "text-format": frozenset({"named"}),
        "date": frozenset(),
        "range": frozenset({"min", "max"}),
        "uniqueness": frozenset({"scoped_to", "ignore_case"}),
        "json-schema": frozenset({"schema"}),
    }
)
"""Every kind of rule that is no function, with the options it has beside the common ones."""

_LITERAL: Final = re.compile(r"/(.*)/([a-z]*)", re.DOTALL)
_FLAGS: Final = {"i": re.IGNORECASE, "m": re.MULTILINE, "g": re.NOFLAG}


def clean_option(kind: str, name: str, value: Any, what: str) -> Any:
    """Return *value* as the option *name* of a rule of some *kind* keeps it.

    Args:
        kind: Kind of the rule.
        name: Name of the option.
        value: What was given.
        what: Begins the message if it does not fit.

    Raises:
        DefinitionError: The value is not of the kind that the option needs.
    """
    clean = _to_limit if kind == "range" and name in {"min", "max"} else _CLEAN[name]
    try:
        return clean(value)
    except (TypeError, ValueError) as error:
        message = f"{what}: the option {name!r} must be {error}, not {shown(value)}."
        raise DefinitionError(message, path=name, value=value) from error


def to_pattern(value: Any) -> re.Pattern[str]:
    """Return a pattern, its text, or ``/text/flags`` as a compiled pattern.

    Raises:
        ValueError: It is no regular expression; the message says what is needed.
    """
    if hasattr(value, "search") and isinstance(getattr(value, "pattern", None), str):
        found: re.Pattern[str] = value  # or what is searched as one
        return found
    if not isinstance(value, str):
        raise TypeError("a regular expression")
    flags, literal = re.NOFLAG, _LITERAL.fullmatch(value)
    if literal:
        value, letters = literal.groups()
        if set(letters) - _FLAGS.keys():
            raise ValueError("a regular expression whose flags are among i, g and m")
        for letter in letters:
            flags |= _FLAGS[letter]
    try:
        return re.compile(value, flags)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"a regular expression ({error})") from error


def _to_bound(value: Any) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("a whole number from 0 up")
    return value


def _to_bound_or_flag(value: Any) -> int:
    return int(value) if isinstance(value, bool) else _to_bound(value)


def _to_limit(value: Any) -> Any:
    """Return the end of a range: a number or a moment; the text of a moment is one."""
    if isinstance(value, str | datetime):
        value = DATE.coerce(value)
    is_number = isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)
    if not (is_number or isinstance(value, datetime)):
        raise TypeError("a number or a date")
    return value


def _to_schema(value: Any) -> Any:
    if not callable(getattr(value, "iter_errors", None)):
        raise TypeError("a compiled schema")
    return value


def _to_names(value: Any) -> tuple[str, ...]:
    names = tuple(value) if isinstance(value, Iterable) and not isinstance(value, str) else (value,)
    if not all(isinstance(name, str) and name for name in names):
        raise TypeError("the name of a property, or a list of names")
    return names


def _to_format(value: Any) -> str:
    if value not in FORMATS:
        raise ValueError(f"one of {', '.join(FORMATS)}")
    return str(value)


def _to_choices(value: Any) -> tuple[Any, ...]:
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise TypeError("a list of values")
    return Choices(value)


def _to_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false")
    return value


def _to_message(value: Any) -> Any:
    if isinstance(value, Mapping):
        if all(isinstance(each, str) for pair in value.items() for each in pair):
            return MappingProxyType(dict(value))
    elif isinstance(value, str):
        return value
    raise TypeError("a text, or a mapping from kinds of failure to texts")


def _to_code(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError("a text")
    return value


def _to_condition(value: Any) -> Any:
    if callable(value) or (isinstance(value, str) and value):
        return value
    raise TypeError("a function, or the name of a method or property")


_CLEAN: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {
        "min": _to_bound,
        "max": _to_bound,
        "is": _to_bound,
        "int": _to_flag,
        "in": _to_choices,
        "scoped_to": _to_names,
        "schema": _to_schema,
        "ignore_case": _to_flag,
        "optional": _to_flag,
        "each": _to_bound_or_flag,
        "with": to_pattern,
        "named": _to_format,
        "message": _to_message,
        "code": _to_code,
        "allow_blank": _to_flag,
        "allow_null": _to_flag,
        "if": _to_condition,
        "unless": _to_condition,
    }
)
