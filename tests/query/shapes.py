"""Shapes for the tests of queries, made by hand from a table's description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.definition.property import Property
from juggler.definition.shape import EmbeddedType, Shape
from juggler.types.base import ValueType
from juggler.types.structured import ListType
from juggler.types.table import BUILTIN_NAMES


def shape_of(columns: Mapping[str, Any], *, strict: bool | str = False) -> Shape:
    """Return the shape of a table; its id is the property `id`."""
    properties = [Property(name, type_of(kind), id=name == "id") for name, kind in columns.items()]
    return Shape("0" * 32, properties, strict=strict)


def type_of(kind: Any) -> ValueType:
    """Return the type that a name, a list of one or a nested mapping stands for."""
    if isinstance(kind, list):
        return ListType(type_of(kind[0])) if kind else ListType()
    if isinstance(kind, Mapping):
        inner = [Property(name, type_of(each)) for name, each in kind.items()]
        return EmbeddedType(Shape("1" * 32, inner))
    return BUILTIN_NAMES[kind]
