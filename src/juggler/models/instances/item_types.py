"""What the items of a list are, as callers say it: names, Python types, models."""

from __future__ import annotations

from typing import Any

from juggler.definition.expressions import of_class
from juggler.definition.shape import EmbeddedType
from juggler.errors import DefinitionError
from juggler.types.base import ValueType
from juggler.types.number import NUMBER
from juggler.types.structured import ANY, ClassType, ListType
from juggler.types.table import BUILTIN_CLASSES, BUILTIN_NAMES

Said = tuple[ValueType, Any]
"""A type, and the model that is embedded in its values, or None."""


def said(expression: Any) -> Said:
    """Return the type of items that *expression* stands for.

    Args:
        expression: A name or Python type, a model, or a list with one of these in it, which may
            stand around it once more; ``list`` alone is any type.

    Raises:
        DefinitionError: It stands for no type.
    """
    if isinstance(expression, list | tuple):
        return _one(expression[0]) if expression else (ANY, None)
    return (ANY, None) if expression is list else _one(expression)


def _one(expression: Any) -> Said:
    """Return the type that *expression* stands for, where a list in it is a list."""
    if isinstance(expression, list | tuple):
        kind, model = said(expression)
        return ListType(kind), model
    if is_model(expression):
        return EmbeddedType(expression.shape, expression), expression
    return _plain(expression), None


def _plain(expression: Any) -> ValueType:
    """Return the type that a name or a Python type stands for."""
    found: ValueType | None = None
    if isinstance(expression, str):
        found = BUILTIN_NAMES.get(expression.lower())
    elif isinstance(expression, type):
        found = BUILTIN_CLASSES.get(expression) or of_class(expression)
    if found is None:
        raise DefinitionError(
            f"{expression!r} is no type of items; name a built-in one, or give a class or a model.",
            value=expression,
        )
    return found


def of_first(items: Any) -> Said:
    """Return the type that *items* have if all are like the first; whole numbers are numbers."""
    first = items[0] if items else None
    if first is None or isinstance(first, list | tuple):
        return ANY, None
    if hasattr(first, "_plans"):
        return _one(first._model)
    return (NUMBER, None) if type(first) is int else _one(type(first))


def is_model(found: Any) -> bool:
    """Tell whether *found* is a model, run-time or declared."""
    return hasattr(found, "_blueprint") and hasattr(found, "build")


def written(kind: ValueType, model: Any = None) -> Any:
    """Return what `said` reads as a list of *kind* again.

    It can be pickled if the class or *model* in it can.
    """
    if isinstance(kind, ListType):
        return [written(kind.item, model)]
    if isinstance(kind, ClassType):
        return [kind.cls]
    if isinstance(kind, EmbeddedType):
        return [model]
    return [kind.name if kind.name in BUILTIN_NAMES else "any"]
