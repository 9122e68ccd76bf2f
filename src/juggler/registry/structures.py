"""Comparing structures: fingerprints, canonical forms, kinds and depths."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from juggler.definition.describe import long_form
from juggler.definition.shape import EmbeddedType, Shape
from juggler.errors import DefinitionError
from juggler.registry.defining import Defining
from juggler.types.base import ValueType
from juggler.types.structured import ClassType, ListType


class Structures(Defining):
    """The part of a registry that looks at structures, not at models."""

    def generate_fingerprint(self, properties: Any) -> str:
        """Return the fingerprint of a structure: 32 hex digits of blake2b over its canonical form.

        Key order and spelling of types and options do not matter, all else does.

        Raises:
            TypeError: *properties* is no mapping.
            DefinitionError: They are circular (a ValueError too) or not understood.
        """
        return self.builder.reader.structure(properties, self.current_scope()).fingerprint

    def are_properties_equivalent(self, one: Any, other: Any) -> bool:
        """Tell whether two structures are equal: exactly when their fingerprints are."""
        if one is other:
            return True
        return self.generate_fingerprint(one) == self.generate_fingerprint(other)

    def normalize_properties(self, properties: Any) -> dict[str, Any]:
        """Return a structure in its canonical spelling; *properties* stays as it is."""
        return canonical_properties(self.builder.reader.structure(properties, self.current_scope()))

    @staticmethod
    def structure_kind(properties: Any) -> str:
        """Return ``simple``, ``array`` (a list of something), ``complex`` or ``invalid``."""
        if isinstance(properties, list):
            return "array"
        if not isinstance(properties, Mapping):
            return "invalid"
        nested = any(isinstance(_type_of(item), list | Mapping) for item in properties.values())
        return "complex" if nested else "simple"

    @staticmethod
    def structure_depth(properties: Any) -> int:
        """Return how many levels of containers *properties* has; 0 for anything else.

        Raises:
            DefinitionError: It contains itself.
        """
        depth, seen = 0, dict[int, Any]()
        level = _containers([properties])
        while level:
            depth += 1
            seen.update(level)
            if depth > len(seen):  # the way down is longer than there are containers
                raise DefinitionError("The structure contains itself.", value=properties)
            level = _containers(item for each in level.values() for item in _parts(each))
        return depth


def _containers(items: Iterable[Any]) -> dict[int, Any]:
    """Return the lists and mappings among *items* by identity, each once."""
    return {id(item): item for item in items if isinstance(item, list | Mapping)}


def _parts(container: Any) -> list[Any]:
    """Return the type expressions that *container* holds."""
    items = container.values() if isinstance(container, Mapping) else container
    return [_type_of(item) for item in items]


def _type_of(definition: Any) -> Any:
    """Return the type expression of a property in short or long form."""
    if isinstance(definition, Mapping) and "type" in definition:
        return definition["type"]
    return definition


def canonical_properties(shape: Shape) -> dict[str, Any]:
    """Return the long form of each property of *shape*, names sorted, defaults left out."""
    return {
        item.name: long_form(item, _expression)
        for item in sorted(shape, key=lambda each: each.name)
    }


def _expression(kind: ValueType) -> Any:
    """Return the type expression that stands for *kind*."""
    if isinstance(kind, ListType):
        item = _expression(kind.item)
        return [{"type": item} if isinstance(item, Mapping) else item]
    if isinstance(kind, EmbeddedType):
        return canonical_properties(kind.shape) if kind.model is None else kind.model
    return kind.cls if isinstance(kind, ClassType) else kind.name
