"""Type expressions -> types: names, Python types, lists, nested structures, models."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from enum import Enum
from typing import Any, Final, Protocol

from juggler.definition.annotated import understood
from juggler.definition.names import PROPERTY_OPTIONS
from juggler.definition.property import Property
from juggler.definition.shape import EmbeddedType, Shape
from juggler.errors import DefinitionError
from juggler.messages.text import say
from juggler.types.base import ValueType
from juggler.types.choice import EnumType
from juggler.types.structured import ClassType, ListType
from juggler.types.table import TypeTable

MAX_DEPTH: Final = 32

_MODEL_NAME: Final = re.compile(r"[^\W\d][\w.:-]*")
_NEARLY: Final = 0.8
_OPEN: Final = frozenset({str, type, list, tuple, dict})
"""Classes of expressions that are no annotations; the commonest."""


class Resolves(Protocol):
    """What an expression may refer to outside itself: other models, and the shape table."""

    def model(self, expression: object) -> tuple[Shape, Any] | None:
        """Return shape and model for a model object or the name of one, else None."""

    def forward(self, name: str) -> tuple[Shape, Any] | None:
        """Return what stands for a model that is still to be defined; None where none can be."""

    def intern(self, properties: list[Property], strict: bool | str) -> Shape:
        """Return the one shape of a structure."""


class Expressions:
    """Turns type expressions into types; made for one definition.

    Args:
        table: Type names and Python types known to the builder.
        resolves: Access to models and shapes.
        model_name: For messages.
        strict_embedded: Strictness of nested structures.
    """

    def __init__(
        self,
        table: TypeTable,
        resolves: Resolves,
        *,
        model_name: str = "",
        strict_embedded: bool | str = False,
    ) -> None:
        self._table = table
        self._resolves = resolves
        self._model = model_name
        self._strict_embedded = strict_embedded
        self._open: list[int] = []

    def parse(self, given: Mapping[str, Any], path: str = "") -> list[Property]:
        """Return the properties of a structure; the parser of properties does this."""
        raise NotImplementedError

    def type_of(self, expression: Any, path: str) -> ValueType:
        """Return the type for *expression*.

        Raises:
            DefinitionError: It is no type, names an unknown one, contains itself, or is too deep.
        """
        if isinstance(expression, str):
            return self._named(expression) or self._forward(expression, path)
        if isinstance(expression, type):
            return self._named(expression) or of_class(expression)
        if isinstance(expression, list | tuple | Mapping):
            return self._container(expression, path)
        if isinstance(expression, ValueType):
            return expression
        return self._named(expression) or self._generic(expression, path)

    def _named(self, expression: Any) -> ValueType | None:
        """Return the built-in, registered or model type of a name, class or model."""
        found = self._table.lookup(expression)
        if found is not None:
            return found
        model = self._resolves.model(expression)
        return None if model is None else EmbeddedType(*model)

    def _forward(self, name: str, path: str) -> ValueType:
        """Return the type of a model that is still to be defined, unless *name* is a slip."""
        meant = get_close_matches(name, self._table, 1, _NEARLY) if name[:1].islower() else ()
        is_name = _MODEL_NAME.fullmatch(name) is not None and not meant
        found = self._resolves.forward(name) if is_name else None
        if found is None:
            raise self._no_type(name, path, f"  Is {meant[0]!r} meant?" if meant else "")
        return EmbeddedType(*found)

    def opened(self, expression: Any) -> tuple[Any, dict[str, Any]]:
        """Return the plain expression in an annotation, and the options that it carries."""
        if type(expression) in _OPEN or isinstance(expression, type | Mapping | ValueType):
            return expression, {}
        return understood(expression, str)

    def function(self, name: str) -> Callable[..., Any] | None:
        """Return the default function called *name*, or None."""
        return self._table.function(name)

    def functions(self) -> list[str]:
        """Return the names of all default functions."""
        return self._table.functions()

    def _container(self, expression: Any, path: str) -> ValueType:
        """Return the type of a list or of a nested structure; refuses what contains itself."""
        if id(expression) in self._open:
            raise DefinitionError(f"{self._model or 'The definition'} contains itself at {path}.")
        if len(self._open) >= MAX_DEPTH:
            what = self._what(path)
            raise DefinitionError(f"{what} is nested deeper than {MAX_DEPTH} levels.")
        self._open.append(id(expression))
        try:
            if isinstance(expression, Mapping):
                return self._structure(expression, path)
            return self._list(expression, path)
        finally:
            self._open.pop()

    def _list(self, expression: list[Any] | tuple[Any, ...], path: str) -> ValueType:
        """Return a list type; only the first element counts, options of an item are dropped."""
        if not expression:
            return ListType(None)
        item = expression[0]
        if isinstance(item, Mapping) and "type" in item:
            item = item["type"]
        return ListType(self.type_of(item, f"{path}[]"))

    def _structure(self, expression: Mapping[str, Any], path: str) -> ValueType:
        """Return the embedded type of an anonymous structure; an empty one is a plain object."""
        if not expression:
            return self.type_of("object", path)
        properties = self.parse(expression, path)
        if not properties:
            raise DefinitionError(
                f"{self._what(path)}: no property is left of this structure; a property in its "
                'long form needs a "type".',
                value=expression,
            )
        return EmbeddedType(self._resolves.intern(properties, self._strict_embedded))

    def _generic(self, expression: Any, path: str) -> ValueType:
        """Return the type of ``list[T]``, ``T | None`` and the like."""
        kind, _ = self.opened(expression)
        if kind is expression:
            raise self._no_type(expression, path)
        return self.type_of(kind, path)

    def _no_type(self, expression: Any, path: str, more: str = "") -> DefinitionError:
        """Return the error for what is no type."""
        outer, _, name = path.rpartition(".")
        if outer and name in PROPERTY_OPTIONS:
            more = f'{more}  As an option of {outer}, {name} needs a "type" beside it.'
        return DefinitionError(
            say("property.no-type", what=self._what(path), type=repr(expression), more=more),
            value=expression,
        )

    def _what(self, path: str) -> str:
        """Return model and path for a message."""
        return f"{self._model}.{path}" if self._model else path


def of_class(cls: type) -> ValueType:
    """Return the type of instances of a Python class that nobody registered."""
    return EnumType(cls) if issubclass(cls, Enum) else ClassType(cls)
