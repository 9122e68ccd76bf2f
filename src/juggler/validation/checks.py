"""What each kind of rule finds wrong with a value: pure functions.

A check answers with the kinds of failure, each the last part of a code (``min`` of ``length.min``);
the empty text is a failure without a kind.  A failure inside the value says where.  No failure is
an empty tuple.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from msgspec import UNSET

from juggler.types.base import BAD
from juggler.types.plain import plain
from juggler.types.scalar import STRING
from juggler.types.temporal import DATE
from juggler.validation.formats import FORMATS
from juggler.validation.subject import part_at


class Inner(NamedTuple):
    """A failure of a part of the value: the dotted path to it, and the kind."""

    path: str
    kind: str = ""


Failures = tuple[str | Inner, ...]
Check = Callable[[Any, Mapping[str, Any]], Failures]

GOOD: Final[Failures] = ()
WRONG: Final[Failures] = ("",)

LOOKS_FIRST: Final = frozenset("length numericality inclusion exclusion format range".split())
"""The kinds that look whether there is a value before they check it."""


def missing(value: Any, *, allow_blank: bool, allow_null: bool) -> Failures | None:
    """Return the failures of a value that is not there, or None when there is one to check."""
    if value is None:
        return GOOD if allow_null else ("null",)
    if value is UNSET or (isinstance(value, str) and not value):
        return GOOD if allow_blank else ("blank",)
    return None


def is_blank(value: Any) -> bool:
    """Tell whether *value* counts as not given: UNSET, None, empty text or list, NaN."""
    if value is UNSET or value is None:
        return True
    if isinstance(value, (str, list, tuple)):
        return not value
    return _is_nan(value)


def presence(value: Any, _: Mapping[str, Any]) -> Failures:
    """Fail for a blank value."""
    return WRONG if is_blank(value) else GOOD


def absence(value: Any, _: Mapping[str, Any]) -> Failures:
    """Fail for a value that is not blank."""
    return GOOD if is_blank(value) else WRONG


def length(value: Any, options: Mapping[str, Any]) -> Failures:
    """Fail once for each bound that is broken, and for a value without a length."""
    if not isinstance(value, (str, bytes, list, tuple)):
        return WRONG
    size = len(value)
    least, most, wanted = (
        options.get("min", size),
        options.get("max", size),
        options.get("is", size),
    )
    if least <= size <= most and size == wanted:
        return GOOD
    broken = {"min": size < least, "max": size > most, "is": size != wanted}
    return tuple(kind for kind, is_broken in broken.items() if is_broken)


def numericality(value: Any, options: Mapping[str, Any]) -> Failures:
    """Fail for what is no number, and with ``int`` for a number that is not whole."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)) or _is_nan(value):
        return ("number",)
    return ("int",) if options.get("int") and not _is_whole(value) else GOOD


def inclusion(value: Any, options: Mapping[str, Any]) -> Failures:
    """Fail for a value that equals none of ``in``."""
    return GOOD if options["in"].has(value) else WRONG


def exclusion(value: Any, options: Mapping[str, Any]) -> Failures:
    """Fail for a value that equals one of ``in``."""
    return WRONG if options["in"].has(value) else GOOD


def pattern(value: Any, options: Mapping[str, Any]) -> Failures:
    """Fail where ``with`` is not found in the text of *value*; only text and numbers have one."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
        return WRONG
    text = STRING.coerce(value)
    wanted: re.Pattern[str] = options["with"]
    return GOOD if text is not BAD and wanted.search(text) else WRONG


def text_format(value: Any, options: Mapping[str, Any]) -> Failures:
    """Fail for what is no text in the format ``named``; empty text passes."""
    is_good = isinstance(value, str) and (not value or FORMATS[options["named"]](value))
    return GOOD if is_good else WRONG


def in_range(value: Any, options: Mapping[str, Any]) -> Failures:
    """Fail for what is below ``min`` or above ``max``, and for what cannot be compared."""
    least, most = options.get("min"), options.get("max")
    try:
        if least is not None and not value >= least:
            return ("min",)
        return ("max",) if most is not None and not value <= most else GOOD
    except (TypeError, ArithmeticError):
        return WRONG


def object_ids(value: Any, options: Mapping[str, Any]) -> Failures:
    """Fail for each object id that is none, at the ``paths`` inside *value*.

    What was never given or is null passes.
    """
    found = [wrong for path in options["paths"] for wrong in _wrong_ids(value, path, ())]
    return tuple(Inner(".".join(path)) if path else "" for path in found)


def _wrong_ids(value: Any, path: tuple[str, ...], place: tuple[str, ...]) -> Iterator[Any]:
    """Yield the places of what is no object id, below *value* on its way along *path*."""
    if isinstance(value, (list, tuple)):
        for at, item in enumerate(value):
            yield from _wrong_ids(item, path, (*place, str(at)))
    elif path:
        yield from _wrong_ids(part_at(value, path[0]), path[1:], (*place, path[0]))
    elif not is_object_id(value):
        yield place


def is_object_id(value: Any) -> bool:
    """Tell whether *value* is an object id, the 24 hex digits of one, or none at all."""
    if value is None or value is UNSET:
        return True
    if isinstance(value, str):
        return _OBJECT_ID.fullmatch(value) is not None
    names = {cls.__name__.lower() for cls in type(value).__mro__}
    return "objectid" in names or hasattr(value, "to_hex_string")


_OBJECT_ID: Final = re.compile("[0-9a-fA-F]{24}")


def by_schema(value: Any, options: Mapping[str, Any]) -> Failures:
    """Fail for each part of *value* that does not match the compiled ``schema``."""
    data = value if isinstance(value, Decimal) else plain(value)
    found = dict.fromkeys(
        (".".join(map(str, error.instance_path)), str(error.kind.name))
        for error in options["schema"].iter_errors(data)
    )
    return tuple(Inner(path, kind) if path else kind for path, kind in found)


def is_date(value: Any, _: Mapping[str, Any]) -> Failures:
    """Fail for a value that is neither a date nor becomes one."""
    if value is None or value is UNSET:
        return GOOD
    return WRONG if value == "" or DATE.coerce(value) is BAD else GOOD


def each_item(
    check: Callable[[Any], Failures], value: Any, depth: int, place: str = ""
) -> Failures:
    """Return what *check* finds wrong with the items of *value*, *depth* lists down, and where.

    Items that are not there pass, and so does what is no list where one should be.
    """
    found: list[Inner] = []
    _check_items(check, value, depth, place, found)
    return tuple(found)


def _check_items(
    check: Callable[[Any], Failures], value: Any, depth: int, place: str, found: list[Inner]
) -> None:
    """Add to *found* what `each_item` returns."""
    if depth == 0:
        found += [_below(place, failure) for failure in check(value)]
        return
    for at, item in enumerate(value if isinstance(value, (list, tuple)) else ()):
        if item is None:
            continue
        if depth > 1:
            _check_items(check, item, depth - 1, _within(place, at), found)
            continue
        failures = check(item)
        if failures:
            found += [_below(_within(place, at), failure) for failure in failures]


def _within(place: str, at: int) -> str:
    return f"{place}.{at}" if place else str(at)


def _below(place: str, failure: str | Inner) -> Inner:
    """Return *failure* as that of the part at *place*."""
    if isinstance(failure, Inner):
        return Inner(f"{place}.{failure.path}", failure.kind)
    return Inner(place, failure)


CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        "presence": presence,
        "absence": absence,
        "length": length,
        "numericality": numericality,
        "inclusion": inclusion,
        "exclusion": exclusion,
        "format": pattern,
        "text-format": text_format,
        "date": is_date,
        "range": in_range,
        "objectid": object_ids,
        "json-schema": by_schema,
    }
)


def _is_nan(value: Any) -> bool:
    if isinstance(value, Decimal):
        return value.is_nan()
    return isinstance(value, float) and math.isnan(value)


def _is_whole(value: float | Decimal) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite() and value == value.to_integral_value()
    return isinstance(value, int) or value.is_integer()
