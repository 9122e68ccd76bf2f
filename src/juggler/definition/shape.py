"""The compiled structure of a model: frozen, shared by all tenants, free of behaviour."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from juggler.definition.property import Property
from juggler.types.base import ValueType
from juggler.types.structured import ListType

STRICT_MODES: Final = (False, True, "validate", "filter", "throw")

_NO_NESTED: Final[Mapping[str, EmbeddedType]] = MappingProxyType({})
"""Most shapes embed nothing: they share one empty mapping."""


class Shape:
    """Ordered properties, strictness and ids; equal structure is the same object in one registry.

    Attributes:
        fingerprint: 32 hex digits over everything that makes two structures different.
        properties: Read-only mapping name -> `Property`, in order of definition.
        strict: ``False``, ``True``, ``"validate"``, ``"filter"`` or ``"throw"``.
        ids: Names of the primary key's properties in key order.
        unstored: Names of properties that no store keeps.
    """

    __slots__ = (
        "__weakref__",
        "fingerprint",
        "id_name",
        "ids",
        "names",
        "nested",
        "properties",
        "strict",
        "unstored",
    )

    fingerprint: str
    properties: Mapping[str, Property]
    names: tuple[str, ...]
    strict: bool | str
    ids: tuple[str, ...]
    id_name: str | None
    nested: Mapping[str, EmbeddedType]
    unstored: frozenset[str]

    def __init__(
        self,
        fingerprint: str,
        properties: Iterable[Property],
        *,
        strict: bool | str = False,
    ) -> None:
        by_name = {item.name: item for item in properties}
        keys = sorted((item for item in by_name.values() if item.id), key=lambda item: item.id)
        ids = tuple(item.name for item in keys)
        nested = {name: found for name, item in by_name.items() if (found := embedded(item.type))}
        put = object.__setattr__
        put(self, "fingerprint", fingerprint)
        put(self, "properties", MappingProxyType(by_name))
        put(self, "names", tuple(by_name))
        put(self, "strict", strict)
        put(self, "ids", ids)
        put(self, "id_name", "id" if "id" in ids else ids[0] if ids else None)
        put(self, "nested", MappingProxyType(nested) if nested else _NO_NESTED)
        unstored = (item.name for item in by_name.values() if not item.is_stored)
        put(self, "unstored", frozenset(unstored))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"A shape is frozen: {name} cannot be set.")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"A shape is frozen: {name} cannot be deleted.")

    def __iter__(self) -> Iterator[Property]:
        return iter(self.properties.values())

    def __len__(self) -> int:
        return len(self.properties)

    def __contains__(self, name: object) -> bool:
        return name in self.properties

    def __repr__(self) -> str:
        return f"<Shape {self.fingerprint[:8]} ({', '.join(self.names)})>"

    def resolve(self, path: tuple[str, ...]) -> ValueType | None:
        """Return the type that the dotted *path* leads to, or None where nothing is declared.

        Lists on the way are looked through, with or without a numeric segment.
        """
        found = self.properties.get(path[0])
        if found is None:
            return None
        kind: ValueType | None = found.type
        for segment in path[1:]:
            kind = _inside(kind, segment)
        return kind


class EmbeddedType(ValueType):
    """The type of a property that holds an instance of another model.

    Attributes:
        shape: Structure of the embedded model, as it is now.
        model: The model itself where one was named; None for an anonymous structure.
    """

    __slots__ = ("_model", "_shape")

    name = "model"
    bad_code = "type.model"
    bad_message = "is not an object of the embedded model"
    is_scalar = False

    _shape: Shape
    _model: Any

    def __init__(self, shape: Shape, model: Any = None) -> None:
        object.__setattr__(self, "_shape", shape)
        object.__setattr__(self, "_model", model)

    @property
    def shape(self) -> Shape:
        """Return the structure; that of a named model may change."""
        if self._model is None:
            return self._shape
        found: Shape = self._model.shape if hasattr(self._model, "shape") else self._shape
        return found

    @property
    def model(self) -> Any:
        """Return the named model; what was named before it was defined may be a class by now."""
        found = self._model
        return found if found is None else getattr(found, "_target", None) or found

    def coerce(self, value: Any) -> Any:
        """Return *value* unchanged: the models layer builds instances, which need a model."""
        return value

    def condition(self, operand: Any) -> Any:
        """Return *operand* unchanged: embedded values are compared as plain data."""
        return operand

    def canonical(self) -> Any:
        """Return the embedded structure; a named model counts as that very model."""
        if self._model is not None:
            return ["model", id(self._model)]
        return ["embedded", self._shape.fingerprint]


def _inside(kind: ValueType | None, segment: str) -> ValueType | None:
    """Return the type of the part *segment* of a value of *kind*."""
    if isinstance(kind, ListType):
        kind = kind.item
        if segment.isdecimal():
            return kind
    found = kind.shape.properties.get(segment) if isinstance(kind, EmbeddedType) else None
    return None if found is None else found.type


def embedded(kind: ValueType) -> EmbeddedType | None:
    """Return the embedded type inside *kind*, looking through lists, or None."""
    while isinstance(kind, ListType):
        kind = kind.item
    return kind if isinstance(kind, EmbeddedType) else None
