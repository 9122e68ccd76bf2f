"""Options of properties: what they may be, and how text is put in order when it is assigned."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from enum import Enum
from typing import Any, Final

from msgspec import UNSET

from juggler.definition.frozen import frozen
from juggler.errors import DefinitionError
from juggler.types.base import ValueType
from juggler.types.structured import ListType

Transform = Callable[[Any], Any]

_FLAGS: Final = (
    "trim lowercase uppercase read_only immutable virtual sensitive update_only nullable"
    " use_default_id_type apply_default_on_writes persist_default_values"
).split()
_KINDS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    **dict.fromkeys(
        _FLAGS, (lambda value: isinstance(value, bool | int | str), "is True or False")
    ),
    "pattern": (
        lambda value: isinstance(value, str | re.Pattern),
        "is a regular expression or its text",
    ),
    "computed": (
        lambda value: callable(value) or isinstance(value, str | bool),
        "is a function, or the name of a method",
    ),
}
"""Option -> whether a value of it is one, and what it must be."""

_CHECKED: Final = frozenset({*_KINDS, "enum", "min", "max"})

_TRANSFORMS: Final[Mapping[str, Transform]] = {
    "trim": str.strip,
    "lowercase": str.lower,
    "uppercase": str.upper,
}


def check_options(options: Mapping[str, Any], what: str) -> None:
    """Refuse options that could not do what they say.

    Args:
        options: In snake case.
        what: Model and property, for messages.

    Raises:
        DefinitionError: One is of the wrong kind, or two contradict each other.
    """
    if _CHECKED.isdisjoint(options):
        return
    for name, (is_good, why) in _KINDS.items():
        given = options.get(name)
        if given is not None and not is_good(given):
            raise _refused(what, name, why, options)
    _check_case(options, what)
    _check_enum(options, what)
    _check_limits(options, what)


def _check_case(options: Mapping[str, Any], what: str) -> None:
    if options.get("lowercase") and options.get("uppercase"):
        raise _refused(what, "lowercase", "and uppercase contradict each other", options)


def _check_enum(options: Mapping[str, Any], what: str) -> None:
    given = options.get("enum")
    if given is None:
        return
    is_list = isinstance(given, Collection) and not isinstance(given, str | bytes | Mapping)
    if not is_list or not len(given):
        raise _refused(what, "enum", "is a list of the values that are allowed", options)


def _check_limits(options: Mapping[str, Any], what: str) -> None:
    for name in ("min", "max"):
        if isinstance(options.get(name), bool | list | Mapping):
            raise _refused(what, name, "is a number or a date", options)
    least, most = options.get("min"), options.get("max")
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        raise _refused(what, "min", "is greater than max", options)


def _refused(what: str, name: str, why: str, options: Mapping[str, Any]) -> DefinitionError:
    return DefinitionError(f"{what}: {name} {why}.", value=options.get(name))


def choices(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return *options* with the values of ``enum`` as an ordered list."""
    given = options.get("enum")
    if given is None:
        return options
    if isinstance(given, type) and issubclass(given, Enum):
        given = [member.value for member in given]
    return {**options, "enum": list(given)}


def item_options(
    expression: Any, normalise: Callable[[Mapping[str, Any]], dict[str, Any]], what: str
) -> Mapping[str, Any] | None:
    """Return the options of the items of a list expression, None where there are none.

    Items that are lists again have theirs under ``items``.

    Args:
        expression: Type expression of a property.
        normalise: Puts option names in snake case.
        what: Model and property, for messages.
    """
    if not isinstance(expression, list | tuple) or not expression:
        return None
    item = expression[0]
    options: dict[str, Any] = {}
    if isinstance(item, Mapping) and "type" in item:
        options = normalise(item)
        item = options.pop("type")
        check_options(options, f"{what}[]")
    inner = item_options(item, normalise, f"{what}[]")
    if inner is not None:
        options["items"] = inner
    return frozen(options, what) if options else None


def transform_of(options: Mapping[str, Any], kind: ValueType) -> Transform | None:
    """Return what puts an assigned value in order, None where nothing does.

    ``trim``, ``lowercase`` and ``uppercase`` work on text, those among ``items`` on the texts in a
    list.  None and missing values pass.
    """
    steps = [step for name, step in _TRANSFORMS.items() if options.get(name)]
    items = options.get("items")
    if isinstance(kind, ListType):
        inner = transform_of(items, kind.item) if isinstance(items, Mapping) else None
        return None if inner is None else _Each(inner)
    return _Text(steps) if steps else None


class _Text:
    """Puts a text in order; other values pass."""

    __slots__ = ("_steps",)

    def __init__(self, steps: list[Transform]) -> None:
        self._steps = steps

    def __call__(self, value: Any) -> Any:
        if isinstance(value, str):
            for step in self._steps:
                value = step(value)
        return value


class _Each:
    """Puts the items of a list in order."""

    __slots__ = ("_inner",)

    def __init__(self, inner: Transform) -> None:
        self._inner = inner

    def __call__(self, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        inner = self._inner
        return [item if item is None or item is UNSET else inner(item) for item in value]
