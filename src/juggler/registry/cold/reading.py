"""Reading bundles: what users write becomes names with definitions."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from juggler.definition.model import Definition
from juggler.definition.shape import Shape
from juggler.errors import DefinitionError
from juggler.models.structure import StructureMethods
from juggler.registry.builder import ModelBuilder
from juggler.registry.cold.bundle import Entry
from juggler.registry.cold.entries import base_in
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.parsed import ParsedDefinition, Traits
from juggler.registry.reading import Given, named_base


class Sibling(StructureMethods):
    """A model of a bundle while others are read that extend it or mix it in: there is none yet.

    Args:
        name: Name of the model.
        definition: Its shape and settings.
        base: Model it extends, another one of these, or None.
    """

    __slots__ = ("_base", "_definition", "_name")

    _nested = MappingProxyType({})

    def __init__(self, name: str, definition: Definition, base: Any) -> None:
        self._name = name
        self._definition = definition
        self._base = base

    @property
    def model_name(self) -> str:
        """Return the name of the model."""
        return self._name

    @property
    def definition(self) -> Definition:
        """Return shape and settings."""
        return self._definition

    @property
    def shape(self) -> Shape:
        """Return the structure."""
        return self._definition.shape

    def check_alive(self, operation: str) -> None:
        """Do nothing: it is read just now."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Return the settings, those of its bases included."""
        return self._definition.settings


class BundleReader:
    """Reads the definitions of one bundle, bases and mixins before the models that name them.

    Args:
        builder: Reads single definitions.
        definitions: Name -> properties, a `ParsedDefinition`, or a pair of properties and settings.
        namespace: That of the tenant they are for; None for any tenant.
        traits: What the store of their rows wants.
    """

    def __init__(
        self,
        builder: ModelBuilder,
        definitions: Mapping[str, Any],
        namespace: ModelRegistryProxy | None,
        traits: Traits,
    ) -> None:
        self._builder = builder
        self._definitions = definitions
        self._namespace = namespace
        self._traits = traits
        self._read: dict[str, Entry] = {}
        self._siblings: dict[str, Sibling] = {}
        self._open: list[str] = []

    def entries(self) -> dict[str, Entry | None]:
        """Return what the models will be made of, in the order of the definitions.

        Raises:
            DefinitionError: Something is not understood; nothing was changed.
        """
        return {name: self._entry(name) for name in self._definitions}

    def _entry(self, name: Any) -> Entry:
        """Return what the model *name* will be made of, read at the first call."""
        found = self._read.get(name)
        if found is not None:
            return found
        if name in self._open:
            circle = " -> ".join([*self._open, name])
            raise DefinitionError(
                f"The models of the bundle extend or mix in one another: {circle}."
            )
        self._open.append(name)
        properties, settings = _parts(name, self._definitions[name])
        wanted = named_base(settings, None)
        if type(wanted) is str and wanted != name and wanted in self._definitions:
            made = self._on_sibling(name, properties, settings, wanted)
        else:
            made = self._alone(name, properties, settings)
        self._open.pop()
        self._read[name] = made
        return made

    def _sibling(self, name: str) -> Sibling | None:
        """Return the model *name* of the bundle for the one that is read; None for none other."""
        if name not in self._definitions or name == self._open[-1]:
            return None
        self._entry(name)
        return self._siblings[name]

    def _alone(self, name: str, properties: Any, settings: Any) -> Entry:
        """Return what a model is made of that extends none of the bundle."""
        space = self._namespace
        blueprint, base = self._builder.blueprint(
            name, properties, settings, None, space, None, self._traits, siblings=self._sibling
        )
        if base is not None and space is not None and space._built(name) is base:
            base = base._base  # it will be replaced, and its heir goes on in its place
        shape = blueprint.definition.shape
        inner = tuple(self._builder.inner(shape)) if shape.nested else ()
        self._siblings[name] = Sibling(name, blueprint.definition, base)
        return Entry(blueprint, base if space is None else base_in(base, space), None, inner)

    def _on_sibling(self, name: str, properties: Any, settings: Any, wanted: str) -> Entry:
        """Return what a model is made of that extends another one of the bundle."""
        self._entry(wanted)
        base = self._siblings[wanted]
        reader = self._builder.reader
        reader.check_name(name)
        scope = self._builder.registry.scope(self._namespace).settled(self._sibling)
        parsed = reader.read_on(name, Given(properties, settings), scope, base)
        blueprint = reader.compile(name, parsed, self._traits)
        self._siblings[name] = Sibling(name, blueprint.definition, base)
        return Entry(
            blueprint, wanted, None, tuple(self._builder.inner(blueprint.definition.shape))
        )


def _parts(name: str, given: Any) -> tuple[Any, Any]:
    """Return properties and settings of one definition of a bundle."""
    if isinstance(given, tuple):
        if len(given) == 2:
            return given
        raise DefinitionError(
            f"{name}: a pair of properties and settings is needed, not {len(given)} things.",
            model=name,
            value=given,
        )
    if given is not None and not isinstance(given, Mapping | ParsedDefinition):
        raise DefinitionError(
            f"{name}: give properties, a parsed definition, or a pair of properties and settings, "
            f"not {type(given).__name__}.",
            model=name,
            value=given,
        )
    return given, None
