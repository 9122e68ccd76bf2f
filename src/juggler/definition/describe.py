"""Definitions as plain data again: names of types, long forms of properties, whole documents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import UNSET

from juggler.definition.frozen import thawed
from juggler.definition.property import Property
from juggler.definition.shape import EmbeddedType, Shape
from juggler.types.base import ValueType
from juggler.types.ids import DEFAULT_FUNCTIONS
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
        model = kind.model or nested
        return "object" if model is None else str(model.model_name)
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
    found = {}
    for item in shape:
        form = long_form(item, written)
        if item.default_fn is not None:
            form["default_fn"] = function_name(item.default_fn)
        found[item.name] = form
    return found


def function_name(function: Callable[..., Any]) -> str:
    """Return the name that ``default_fn`` knows *function* by, else its own."""
    known = (name for name, each in DEFAULT_FUNCTIONS.items() if each is function)
    return next(known, getattr(function, "__name__", type(function).__name__))


def document(name: str, shape: Shape, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``{"name", "properties", "settings"}`` of a model, which `define` understands."""
    return {
        "name": name,
        "properties": properties_json(shape),
        "settings": thawed(settings, copies=False),
    }
