"""Annotations as Python programs write them -> type expressions and options of a property."""

from __future__ import annotations

import types as python_types
import typing
from collections import abc
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from juggler.errors import DefinitionError

Understood = tuple[Any, dict[str, Any]]
Named = Callable[[str], Any]

_LISTS: Final = frozenset(
    {
        list, tuple, set, frozenset, abc.Sequence, abc.MutableSequence, abc.Iterable,
        abc.Collection, abc.Set, abc.MutableSet,
    }
)  # fmt: skip
_OBJECTS: Final = frozenset({dict, abc.Mapping, abc.MutableMapping})

_LIMITS: Final[Mapping[str, str]] = {
    "ge": "min",
    "le": "max",
    "max_length": "length",
    "pattern": "pattern",
    "description": "description",
}
_SCHEMA_LIMITS: Final[Mapping[str, str]] = {
    "gt": "exclusiveMinimum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
    "min_length": "minLength",
    "title": "title",
}


def understood(annotation: Any, named: Named) -> Understood:
    """Return the type expression that *annotation* stands for, and the options that it carries.

    ``Optional`` is its type, ``Literal`` the type of its values with the option ``enum``,
    ``Annotated`` its type with the options of what it is annotated with.  What is nothing of that
    kind comes back as it is.

    Args:
        annotation: A type, or a form of `typing` around some.
        named: What a name, or a reference in text, stands for.

    Raises:
        DefinitionError: It is a union of several types.
    """
    if isinstance(annotation, str):
        return _of_name(annotation, named)
    if isinstance(annotation, typing.ForwardRef):
        return _of_name(annotation.__forward_arg__, named)
    if isinstance(annotation, typing.NewType):
        return understood(annotation.__supertype__, named)
    if hasattr(annotation, "__value__"):  # ``type Name = ...`` of Python 3.12
        return understood(annotation.__value__, named)
    origin = typing.get_origin(annotation)
    if origin is None:
        return annotation, {}
    return _of_form(origin, typing.get_args(annotation), annotation, named)


def accepts_none(annotation: Any) -> bool:
    """Tell whether an annotation, looked through what it is annotated with, allows None."""
    if annotation in (None, Any, object, type(None)):
        return True
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return accepts_none(arguments[0])
    if origin is typing.Literal:
        return None in arguments
    if origin in {typing.Union, python_types.UnionType}:
        return any(map(accepts_none, arguments))
    return False


def _of_name(text: str, named: Named) -> Understood:
    """Return what a reference in text stands for; a name that is only a name stays one."""
    found = named(text)
    return (found, {}) if isinstance(found, str) else understood(found, named)


def _of_form(origin: Any, arguments: tuple[Any, ...], annotation: Any, named: Named) -> Understood:
    if origin is typing.Annotated:
        kind, options = understood(arguments[0], named)
        for note in arguments[1:]:
            options |= options_of(note)
        return kind, options
    if origin is typing.Literal:
        return _of_literal(arguments)
    if origin in {typing.Union, python_types.UnionType}:
        return _of_union(arguments, annotation, named)
    if origin in _LISTS or (isinstance(origin, type) and issubclass(origin, list)):
        return _of_list(arguments, named), {}
    if origin in _OBJECTS:
        return "object", {}
    return annotation, {}


def _of_list(arguments: tuple[Any, ...], named: Named) -> Any:
    """Return a list expression; options of its items stand beside their type."""
    if not arguments:
        return []
    kind, options = understood(arguments[0], named)
    return [{"type": kind, **options}] if options else [kind]


def _of_union(arguments: Iterable[Any], annotation: Any, named: Named) -> Understood:
    kinds = [item for item in arguments if item is not type(None)]
    if len(kinds) == 1:
        return understood(kinds[0], named)
    if all(typing.get_origin(item) is typing.Literal for item in kinds):
        return _of_literal(tuple(each for item in kinds for each in typing.get_args(item)))
    raise DefinitionError(
        f"{annotation} is several types, and so is no type: use Any for values of any type.",
        value=annotation,
    )


def _of_literal(values: tuple[Any, ...]) -> Understood:
    """Return the one type of some values, any if there are several, with the choice of them."""
    choice = [value for value in values if value is not None]
    kinds = {type(value) for value in choice}
    return (kinds.pop() if len(kinds) == 1 else object), {"enum": choice}


def options_of(note: Any) -> dict[str, Any]:
    """Return the options of a property that something in ``Annotated`` stands for.

    Understood are what `prop` returns, mappings, and what names its limits as msgspec and
    annotated_types do (``ge``, ``le``, ``gt``, ``lt``, ``multiple_of``, ``min_length``,
    ``max_length``, ``pattern``); anything else is for others and ignored.
    """
    options = getattr(note, "options", None)
    if isinstance(note, Mapping):
        options = note
    if isinstance(options, Mapping):
        return dict(options)
    found = {name: _limit(note, ours) for ours, name in _LIMITS.items()}
    schema = {name: _limit(note, ours) for ours, name in _SCHEMA_LIMITS.items()}
    schema = {name: value for name, value in schema.items() if value is not None}
    if schema:
        found["json_schema"] = schema
    return {name: value for name, value in found.items() if value is not None}


def _limit(note: Any, name: str) -> Any:
    """Return a limit that is plain data; a method of the same name is none."""
    found = None if isinstance(note, type | str) else getattr(note, name, None)
    return None if callable(found) else found
