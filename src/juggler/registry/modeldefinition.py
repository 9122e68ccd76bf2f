"""A definition as an object of its own: raw and resolved properties, ids, indexes, its document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from juggler.definition import describe, storage
from juggler.definition.document import model_document
from juggler.definition.property import Property
from juggler.definition.shape import Shape
from juggler.errors import DefinitionError
from juggler.registry.parsed import PLAIN


class ModelDefinition:
    """Name, properties and settings of a model that need not be defined; resolved when asked.

    Not safe for changes from several threads.

    Args:
        builder: Builder whose types and models it may name.
        name: Name of the model, or a mapping with ``name``, ``properties`` and ``settings``.
        properties: Name -> type or definition.
        settings: Model settings.

    Attributes:
        name: Name of the model.
        raw_properties: The properties as they were given.
        settings: Settings in snake case.

    Raises:
        DefinitionError: The name is missing or no text.

    >>> definition = ModelDefinition(registry.builder, "Point", {"x": "number"})
    >>> definition.to_json()["properties"]["x"]
    {'type': 'number'}
    """

    def __init__(
        self,
        builder: Any,
        name: str | Mapping[str, Any],
        properties: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        if isinstance(name, Mapping):
            name, properties, settings = model_document(name)
        given: Any = name  # whatever the annotation asks for
        if not isinstance(given, str) or not given:
            raise DefinitionError("Class name required: a definition needs a name.", value=name)
        self.name = name
        self.raw_properties: dict[str, Any] = dict(properties or {})
        self._builder = builder
        self._settings = settings
        self._built: tuple[Shape, Mapping[str, Any]] | None = None
        self._json: dict[str, Any] | None = None

    def build(self, force: bool = False) -> Mapping[str, Property]:
        """Return the resolved properties, resolved again only if *force* is True.

        Raises:
            DefinitionError: The definition is not understood.
        """
        if force or self._built is None:
            registry = self._builder.registry
            shape, settings, _ = self._builder.parse(
                self.name, self.raw_properties, self._settings, registry.known_space(), traits=PLAIN
            )
            self._built, self._json = (shape, settings), None
        return self._built[0].properties

    def _shape(self) -> Shape:
        self.build()
        if self._built is None:
            raise AssertionError("What was built is there.")
        return self._built[0]

    @property
    def properties(self) -> Mapping[str, Property]:
        """Return name -> resolved property."""
        return self.build()

    @property
    def settings(self) -> Mapping[str, Any]:
        """Return the settings, read-only, in snake case."""
        self.build()
        return {} if self._built is None else self._built[1]

    def define_property(self, name: str, definition: Any) -> None:
        """Add or replace a property and resolve all again.

        Raises:
            DefinitionError: It is not understood; nothing was changed.
        """
        before = dict(self.raw_properties)
        self.raw_properties[name] = definition
        try:
            self.build(force=True)
        except DefinitionError:
            self.raw_properties = before
            raise

    def ids(self) -> list[Property]:
        """Return the properties of the primary key, in its order."""
        shape = self._shape()
        return [shape.properties[name] for name in shape.ids]

    def id_names(self) -> list[str]:
        """Return the names of the primary key's properties, in its order."""
        return list(self._shape().ids)

    def id_name(self) -> str | None:
        """Return ``id`` if that is in the primary key, else its first property, None without."""
        return self._shape().id_name

    def has_pk(self) -> bool:
        """Tell whether there is a primary key."""
        return bool(self._shape().ids)

    def indexes(self) -> dict[str, Any]:
        """Return name -> definition of all indexes, those of properties included."""
        return storage.indexes(self._shape(), self.settings)

    def table_name(self, connector: str | None = None) -> str:
        """Return the table of the model in the stores of *connector*."""
        return storage.table_name(self.name, self.settings, connector)

    def column_name(self, connector: str | None, name: str | None) -> str | None:
        """Return the column of the property *name*; an unknown name is its own."""
        return storage.column_name(self._shape(), connector, name)

    def column_names(self, connector: str | None = None) -> list[str]:
        """Return the columns of all properties."""
        return storage.column_names(self._shape(), connector)

    def column_metadata(self, connector: str | None, name: str) -> dict[str, Any] | None:
        """Return what the property *name* says of its column, None where it says nothing."""
        return storage.column_metadata(self._shape(), connector, name)

    def id_column_name(self, connector: str | None = None) -> str | None:
        """Return the column of the primary key's (first) property, None without one."""
        return self.column_name(connector, self.id_name())

    def to_json(self, force: bool = False) -> dict[str, Any]:
        """Return ``{"name", "properties", "settings"}`` in names alone; kept unless *force*."""
        if self._json is None or force:
            shape = self._shape()
            self._json = describe.document(self.name, shape, self.settings)
        return self._json
