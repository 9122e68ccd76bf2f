"""Definitions as plain data again: names of types, long forms of properties, whole documents."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final
from uuid import uuid1, uuid4

from msgspec import UNSET

from juggler.definition.frozen import thawed
from juggler.definition.property import Property
from juggler.definition.shape import EmbeddedType, Shape
from juggler.types.base import ValueType
from juggler.types.ids import DEFAULT_FUNCTIONS
from juggler.types.plain import plain
from juggler.types.structured import ClassType, ListType

Expression = Callable[[ValueType], Any]

_APART: Final = frozenset({"name", "type", "options", "frozen_default", "written_default"})


def type_name(kind: ValueType, nested: Any = None) -> str:
    """Return the name of a type: of a list ``List<string>``, of a model its name.

    Args:
        kind: The type.
        nested: The model that is embedded there, where it has no name in the type.
    """
    if isinstance(kind, ListType):
        inner = type_name(kind.item, nested)
        return "array" if inner == "any" else f"List<{inner}>"
    if isinstance(kind, EmbeddedType):
        return str(getattr(kind.model or nested, "model_name", "object"))
    return kind.cls.__name__ if isinstance(kind, ClassType) else kind.name


def long_form(item: Property, expression: Expression) -> dict[str, Any]:
    """Return one property as ``{"type": ...}`` with the options that differ from the usual.

    Args:
        item: The property.
        expression: Makes the type expression.
    """
    usual = Property(item.name, item.type)
    form: dict[str, Any] = {"type": expression(item.type)}
    for option in Property.__struct_fields__:
        value = getattr(item, option)
        if option not in _APART and value != getattr(usual, option):
            form[option] = thawed(value, copies=False)
    if item.written_default is not UNSET:
        form["default"] = thawed(item.written_default, copies=False)
    options = thawed(item.options, copies=False)
    items = options.pop("items", None)
    if items is not None:
        form["type"] = _with_items(form["type"], items)
    return {**form, **options}


def _with_items(expression: Any, options: dict[str, Any]) -> Any:
    """Return a list expression with the *options* of its items in it."""
    inner = expression[0] if isinstance(expression, list) and expression else "any"
    if isinstance(inner, Mapping):
        inner = inner["type"]
    deeper = options.pop("items", None)
    if deeper is not None:
        inner = _with_items(inner, deeper)
    return [{"type": inner, **options}]


def written(kind: ValueType) -> Any:
    """Return the type expression of *kind* in names alone: a document holds no classes.

    A list is ``["string"]``, a named model its name, an anonymous one the map of its properties.
    """
    if isinstance(kind, ListType):
        inner = written(kind.item)
        return (
            "array"
            if inner == "any"
            else [{"type": inner} if isinstance(inner, Mapping) else inner]
        )
    if isinstance(kind, EmbeddedType) and kind.model is None:
        return properties_json(kind.shape)
    return type_name(kind)


def properties_json(shape: Shape) -> dict[str, Any]:
    """Return name -> long form of the properties of *shape*, in names alone."""
    return {item.name: _form_json(item) for item in shape}


def _form_json(item: Property) -> dict[str, Any]:
    """Return the long form of one property, in names alone."""
    form: dict[str, Any] = as_data(long_form(item, written))
    if callable(item.frozen_default):
        del form["default"]
        form |= default_as_data(item.frozen_default)
    if item.default_fn is not None:
        del form["default_fn"]
        form |= default_as_data(item.default_fn)
    return form


def as_data(value: Any) -> Any:
    """Return *value*, from a definition, as JSON data: models by their names, patterns by text.

    Functions and other classes, which JSON has no form for, stay as they are.
    """
    if isinstance(value, Mapping):
        return {key: as_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_data(item) for item in value]
    if isinstance(value, re.Pattern):
        return _pattern_text(value)
    name = getattr(value, "model_name", None)
    return name if isinstance(name, str) else plain(value)


def _pattern_text(pattern: re.Pattern[str]) -> str:
    """Return a text that compiles to *pattern*, its flags included."""
    text = pattern.pattern
    flags = "".join(letter for letter in "imsx" if pattern.flags & re.RegexFlag[letter.upper()])
    return text if re.compile(text).flags == pattern.flags else f"(?{flags}){text}"


def default_as_data(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the option that stands for a function of a default in a document.

    It is what ``default_fn`` knows it by, else its own name; an empty container where that is all
    it makes; and nothing for a function without a name.
    """
    if function in _EMPTY:
        return {"default": [] if function is list else {}}
    known = (name for name, each in DEFAULT_FUNCTIONS.items() if each is function)
    name = next(known, _UUIDS.get(function) or getattr(function, "__name__", "<"))
    return {} if name.startswith("<") else {"default_fn": name}


_EMPTY: Final = (list, dict)
_UUIDS: Final[Mapping[Any, str]] = MappingProxyType({uuid1: "uuidv1", uuid4: "guid"})


def document(name: str, shape: Shape, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``{"name", "properties", "settings"}`` of a model, which `define` understands."""
    return {
        "name": name,
        "properties": properties_json(shape),
        "settings": as_data(thawed(settings, copies=False)),
    }
