"""What a data source says of its models' structure, and models it makes of samples and copies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from juggler.connectors.contract import Connector
from juggler.definition.property import Property
from juggler.errors import DefinitionError
from juggler.registry.builder import ModelBuilder
from juggler.registry.namespace import ModelRegistryProxy


class Structured:
    """The part of a data source that answers for names in its store; models go by name too."""

    model_builder: ModelBuilder
    _models: ModelRegistryProxy
    define: Callable[..., Any]
    attach: Callable[[Any], Any]

    def _working(self) -> Connector:
        """Return the connector of a source that is not closed."""
        raise NotImplementedError

    def _named(self, model: Any) -> Any:
        """Return the model called *model*, or *model* itself.

        Raises:
            DefinitionError: There is none.
        """
        found = self._models.get(model) if isinstance(model, str) else model
        if found is None:
            raise DefinitionError(f"There is no model {model} here.", model=model)
        return found

    def table_name(self, model: Any) -> str:
        """Return the table of a model."""
        name: str = self._named(model).table_name(self._working().name)
        return name

    def column_name(self, model: Any, name: str | None) -> str | None:
        """Return the column of a property; an unknown name is its own."""
        found: str | None = self._named(model).column_name(self._working().name, name)
        return found

    def column_names(self, model: Any) -> list[str]:
        """Return the columns of all properties."""
        found: list[str] = self._named(model).column_names(self._working().name)
        return found

    def column_metadata(self, model: Any, name: str) -> dict[str, Any] | None:
        """Return what a property says of its column, None where it says nothing."""
        found: dict[str, Any] | None = self._named(model).column_metadata(
            self._working().name, name
        )
        return found

    def id_column_name(self, model: Any) -> str | None:
        """Return the column of the primary key's (first) property, None without one."""
        found: str | None = self._named(model).id_column_name(self._working().name)
        return found

    def id_name(self, model: Any) -> str | None:
        """Return the name of the primary key's (first) property, None without one."""
        found: str | None = self._named(model).shape.id_name
        return found

    def id_names(self, model: Any) -> list[str]:
        """Return the names of the primary key's properties."""
        return list(self._named(model).shape.ids)

    def id_property(self, model: Any) -> Property | None:
        """Return the primary key's (first) property, None without one."""
        shape = self._named(model).shape
        found: Property | None = shape.properties.get(shape.id_name)
        return found

    def define_property(self, model: Any, name: str, definition: Any) -> None:
        """Add or replace one property of a model; the connector is told.

        Raises:
            DefinitionError: It is not understood; nothing was changed.
        """
        self.model_builder.define_property(self._named(model), name, definition)

    def copy_model(self, model: Any) -> Any:
        """Return a model of the same name and shape whose rows are here; it extends its master."""
        self._working()
        return self.attach(self.model_builder.copy_into(model, self._models, None))

    def build_model_from_instance(
        self, name: str, sample: Any, settings: Mapping[str, Any] | None = None
    ) -> Any:
        """Define a model here that holds a *sample* record, which stays as it is."""
        return self.define(name, *self.model_builder.of_sample(sample, settings))

    def build_models(self, schemas: Any) -> dict[str, Any]:
        """Define models here from schemas that may refer to each other; return name -> model."""
        return self.model_builder.build_models(schemas, self.define, self._models)
