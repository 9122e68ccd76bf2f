"""A definition that was read: what `define` needs, for any number of owners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from juggler.definition.model import with_id
from juggler.definition.property import Property
from juggler.definition.shape import Shape
from juggler.models.blueprint import Blueprint, ShapeTable
from juggler.types.base import ValueType


class Traits(NamedTuple):
    """What a store wants of the models on it.

    Attributes:
        relational: Only declared properties are stored, so models are strict.
        id_type: Type name of generated ids.
    """

    relational: bool = False
    id_type: str = "number"


PLAIN = Traits()


class ParsedDefinition:
    """A definition that was read once and can be defined any number of times; frozen.

    It keeps its compiled structure, and the models it refers to, alive for as long as it lives.
    One that refers to a tenant's models can be defined for that tenant alone.

    >>> ticket = registry.parse("Ticket", {"title": str})
    >>> for code in ("acme", "bolt"):
    ...     _ = registry.define("Ticket", ticket, tenant=code)

    Attributes:
        properties: All properties, those of the base included, but for an id that is added.
        settings: All settings, those of the base included, read-only.
        base: The model it extends, or None.
        models: The models it refers to.
        blueprints: What was compiled, by traits of stores.
    """

    __slots__ = ("_shapes", "base", "blueprints", "models", "properties", "settings")

    properties: tuple[Property, ...]
    settings: Mapping[str, Any]
    base: Any
    models: tuple[Any, ...]
    _shapes: ShapeTable
    blueprints: dict[Traits, Blueprint]

    def __init__(
        self,
        properties: list[Property],
        settings: Mapping[str, Any],  # frozen
        base: Any,
        models: list[Any],
        shapes: ShapeTable,
    ) -> None:
        put = object.__setattr__
        put(self, "properties", tuple(properties))
        put(self, "settings", settings)
        put(self, "base", base)
        put(self, "models", tuple(models))
        put(self, "_shapes", shapes)
        put(self, "blueprints", {})

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"A parsed definition is frozen: {name} cannot be set.")

    def shape(self, traits: Traits, id_type: ValueType) -> Shape:
        """Return the shape for a store with *traits*, whose ids are of *id_type*."""
        complete = with_id(list(self.properties), self.settings, id_type)
        fitted = [_with_store_id(item, traits, id_type) for item in complete]
        return self._shapes.intern(fitted, strictness(self.settings, traits))

    def compile(self, name: str, traits: Traits, id_type: ValueType) -> Blueprint:
        """Return shape, settings and class for a store.

        Args:
            name: Name of the model, for messages.
            traits: What the store wants.
            id_type: Type of its ids.
        """
        shape = self.shape(traits, id_type)
        made = self.blueprints[traits] = self._shapes.blueprint(shape, self.settings, name)
        return made


def strictness(settings: Mapping[str, Any], traits: Traits) -> bool | str:
    """Return how a model treats undeclared data: relational stores cannot keep it."""
    strict: bool | str | None = settings.get("strict")
    return strict or traits.relational


def _with_store_id(item: Property, traits: Traits, id_type: ValueType) -> Property:
    """Return a generated id with the type that the store gives its ids."""
    if not (item.id and item.generated) or item.options.get("use_default_id_type") is False:
        return item
    numeric = {"integer", "number"}
    if item.type.name == traits.id_type or {item.type.name, traits.id_type} <= numeric:
        return item
    return Property(
        item.name,
        id_type,
        id=item.id,
        generated=True,
        index=item.index,
        unique=item.unique,
        hidden=item.hidden,
        protected=item.protected,
        options=item.options,
    )
