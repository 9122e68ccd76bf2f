"""Reading definitions: what users write becomes properties and settings, and then a shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from juggler.definition.frozen import frozen
from juggler.definition.parse import PropertyParser, is_text
from juggler.definition.settings import parse_settings
from juggler.definition.shape import Shape
from juggler.errors import DefinitionError
from juggler.messages.text import say
from juggler.models.blueprint import Blueprint, ShapeTable
from juggler.models.mixins.table import Mixins
from juggler.registry.inherit import inherited_properties, inherited_settings
from juggler.registry.parsed import ParsedDefinition, Traits
from juggler.registry.scope import Resolver, Scope, is_root
from juggler.types.base import ValueType
from juggler.types.table import TypeTable

_MAX_GOOD_NAMES: Final = 4_096
"""How many names are remembered as good."""


class Given(NamedTuple):
    """What a definition was given: its parts as the user wrote them.

    Attributes:
        properties: Name -> type or definition.
        settings: Model settings.
        base: Model, or name of one, to extend.
    """

    properties: Any = None
    settings: Any = None
    base: Any = None


def named_base(settings: Any, base: Any) -> Any:
    """Return what a definition extends, as far as that is said in the usual spelling."""
    if base is not None or not isinstance(settings, Mapping):
        return base
    return settings.get("base", settings.get("super"))


class Reads(Protocol):
    """What reading needs of the registry."""

    shapes: ShapeTable
    reserved_names: frozenset[str]


class Reader:
    """Reads the definitions of one builder; holds its types, and no models.

    Args:
        registry: Whose shapes are made.
        settings: Settings of the builder: ``strict_embedded_models`` is the strictness of nested
            structures, ``parent_ref`` lets embedded instances show their owner.
        types: Types of the registry, which this builder knows too.

    Attributes:
        types: The types that this builder knows.
        good_names: Names of models that were found good.
        mixins: What models may have mixed in.
    """

    mixins: Mixins | None = None

    def __init__(
        self, registry: Reads, settings: Mapping[str, Any], types: TypeTable | None = None
    ) -> None:
        self.types = TypeTable(types)
        self._settings = settings
        self._registry = registry
        self.good_names: dict[str, None] = {}  # takes half of what a set would

    @property
    def strict_embedded(self) -> bool | str:
        """Return the strictness of nested structures."""
        found: bool | str = self._settings.get("strict_embedded_models", False)
        return found

    @property
    def parent_ref(self) -> bool:
        """Tell whether embedded instances show their owner, where a model does not say."""
        return self._settings.get("parent_ref") is True

    def define_value_type(self, cls: type, aliases: Sequence[str]) -> None:
        """Let properties name *cls* as a type, by its own name and *aliases*, or the one given."""
        self.types.register(cls, *([aliases] if isinstance(aliases, str) else aliases))
        self.good_names.clear()

    def check_name(self, name: Any) -> None:
        """Refuse what cannot name a model.

        Raises:
            DefinitionError: It is no text, or the name of a type.
        """
        if not isinstance(name, str) or not name:
            raise DefinitionError(say("model.name-required"), value=name)
        if name in self.types:
            raise DefinitionError(
                f"{name!r} is the name of a type; a model of that name could never be referred to.",
                model=name,
            )
        if not is_text(name):
            raise DefinitionError(f"{name!r} is no valid Unicode text.", value=name)
        if len(self.good_names) >= _MAX_GOOD_NAMES:
            self.good_names.clear()
        self.good_names[name] = None

    def read(self, name: str, given: Given, scope: Scope) -> ParsedDefinition:
        """Return a definition that was read; the caller's objects stay as they are.

        Raises:
            DefinitionError: Something in it is not understood; the message names it.
        """
        self.check_name(name)
        base = scope.base(name, named_base(given.settings, given.base))
        return self.read_on(name, given, scope, base)

    def read_on(self, name: str, given: Given, scope: Scope, base: Any) -> ParsedDefinition:
        """Return a definition that was read, whose *base* was found already."""
        own = parse_settings(given.settings, name)
        named = own.pop("base", None)
        if base is None and not is_root(named):  # it was spelled in an unusual way
            base = scope.base(name, named)
        properties = _mapping(given.properties, name)
        parser = PropertyParser(
            self.types,
            Resolver(scope, self._registry.shapes, name),
            reserved=self._registry.reserved_names,
            model_name=name,
            strict_embedded=own.get("strict_embedded_models", self.strict_embedded),
        )
        mine = parser.parse(properties)
        removed = {key for key, item in properties.items() if item is None or item is False}
        complete = inherited_properties(mine, removed, base, own, name)
        settings = inherited_settings(own, base, name)
        if self.parent_ref and settings.get("parent_ref") is None:
            settings = {**settings, "parent_ref": True}
        if settings.get("mixins") and self.mixins is not None:
            taken = {*removed, *(item.name for item in complete)}
            mixed, more = self.mixins.amend(name, settings, taken, scope.mixin)
            complete, settings = [*complete, *mixed], {**settings, **more}
        merged = frozen(settings, name)
        return ParsedDefinition(complete, merged, base, scope.used, self._registry.shapes)

    def structure(self, properties: Any, scope: Scope) -> Shape:
        """Return the shape of an anonymous structure.

        Raises:
            TypeError: *properties* is no mapping.
            DefinitionError: It is circular or not understood.
        """
        if not isinstance(properties, Mapping):
            raise TypeError(f"Properties are a mapping, not {type(properties).__name__}.")
        shapes, strict = self._registry.shapes, self.strict_embedded
        parser = PropertyParser(self.types, Resolver(scope, shapes), strict_embedded=strict)
        return shapes.intern(parser.parse(properties), strict)

    def compile(self, name: str, parsed: ParsedDefinition, traits: Traits) -> Blueprint:
        """Return what models of a definition stand on, for a store with *traits*."""
        return parsed.compile(name, traits, self.id_type(traits))

    def id_type(self, traits: Traits) -> ValueType:
        """Return the type of the ids that a store generates."""
        found = self.types.lookup(traits.id_type)
        if found is None:
            raise DefinitionError(f"{traits.id_type!r} is no type for ids.", value=traits.id_type)
        return found


def _mapping(properties: Any, name: str) -> Mapping[str, Any]:
    """Return *properties* if they are a mapping; None is none."""
    if properties is None:
        return {}
    if isinstance(properties, Mapping):
        return properties
    raise DefinitionError(
        f"{name}: properties are a mapping of names to types, not {type(properties).__name__}.",
        model=name,
        value=properties,
    )
