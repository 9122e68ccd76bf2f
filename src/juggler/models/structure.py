"""What a model says of its own structure: types, ids, names in a store, what children inherit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from juggler.definition import describe, storage
from juggler.definition.json_schema import schema_of
from juggler.definition.merging import Policy, merge_policy
from juggler.definition.model import Definition
from juggler.definition.property import Property
from juggler.models.extending import static_of


class StructureMethods:
    """Questions about the structure of a model, and ways to change or extend it."""

    __slots__ = ()

    _name: str
    _base: Any
    _nested: Mapping[str, Any]

    @property
    def definition(self) -> Definition:
        """Return shape and settings."""
        raise NotImplementedError

    @property
    def model_builder(self) -> Any:
        """Return the builder of the model's registry.

        Raises:
            ModelDisposedError: The model is gone.
        """
        return registry_of(self).builder

    # properties -------------------------------------------------------------------------------

    def get_property_type(self, name: str) -> str | None:
        """Return the name of a property's type, None for a name that is no property's.

        Lists are ``List<string>``, and of what is no built-in type it is the class or model.
        """
        item = self.definition.shape.properties.get(name)
        return None if item is None else describe.type_name(item.type, self._nested.get(name))

    def for_each_property(self, function: Callable[[str, Property], Any]) -> None:
        """Call *function* with name and definition of each property, in order."""
        for name, item in self.definition.shape.properties.items():
            function(name, item)

    def get_read_only_properties(self) -> list[str]:
        """Return the names that clients may not set: read-only, computed and virtual ones."""
        return [item.name for item in self.definition.shape if item.is_read_only]

    def define_property(self, name: str, definition: Any) -> None:
        """Add or replace one property; the model moves to the shape of its new structure.

        Instances made before keep theirs, other models are untouched, and the connector is told.

        Raises:
            DefinitionError: It is not understood; nothing was changed.
            ModelDisposedError: The model is gone.
        """
        registry_of(self).builder.define_property(self, name, definition)

    def mixin(self, mixin: Any, options: Mapping[str, Any] | bool | None = None) -> None:
        """Mix something into the model: what a mixin of the registry, or another model, has.

        Args:
            mixin: Name of a mixin or of a model, or a model.
            options: Options of the mixin; of a model ``static_properties``,
                ``instance_properties`` and ``override``.

        Raises:
            DefinitionError: There is no such mixin, or it cannot be mixed in here.
            ModelDisposedError: The model is gone.
        """
        registry_of(self).builder.mixins.apply_mixin(self, mixin, options)

    def register_property(self, name: str) -> Property | None:
        """Return the property *name*: every property has its accessors from the start."""
        return self.definition.shape.properties.get(name)

    def get_id_name(self) -> str | None:
        """Return the name of the (first) id property, None without one; instances have it too."""
        return self.definition.shape.id_name

    # in a store ---------------------------------------------------------------------------------

    def table_name(self, connector: str | None = None) -> str:
        """Return the table of the model in the stores of *connector*."""
        return storage.table_name(self._name, self.definition.settings, connector)

    def column_name(self, connector: str | None, name: str | None) -> str | None:
        """Return the column of the property *name*; an unknown name is its own."""
        return storage.column_name(self.definition.shape, connector, name)

    def column_names(self, connector: str | None = None) -> list[str]:
        """Return the columns of all properties."""
        return storage.column_names(self.definition.shape, connector)

    def column_metadata(self, connector: str | None, name: str) -> dict[str, Any] | None:
        """Return what the property *name* says of its column, None where it says nothing."""
        return storage.column_metadata(self.definition.shape, connector, name)

    def id_column_name(self, connector: str | None = None) -> str | None:
        """Return the column of the primary key's (first) property, None without one."""
        shape = self.definition.shape
        return storage.column_name(shape, connector, shape.id_name)

    # as documents -------------------------------------------------------------------------------

    def to_definition(self) -> dict[str, Any]:
        """Return ``{"name", "properties", "settings"}``, from which an equal model is defined."""
        definition = self.definition
        return describe.document(self._name, definition.shape, definition.settings)

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema (2020-12) of the model's records.

        What JSON schema has no word for stands under keys that begin with ``x-``, so that
        `from_json_schema` makes an equal model of it.
        """
        return schema_of(self)

    def from_json_schema(
        self,
        schema: Mapping[str, Any],
        name: str | None = None,
        *,
        data_source: Any = None,
        registry: Any = None,
    ) -> Any:
        """Define the model of a JSON schema, and those of objects it refers to; return it.

        Args:
            schema: Schema of an object; its title is the name of the model.
            name: Name of the model, in place of the title.
            data_source: Where its rows are; without, it is the current tenant's, or global.
            registry: Registry of the model; the default one unless given.

        Raises:
            DefinitionError: It is no schema of an object, has no name, or is not understood.
        """
        found = registry_of(self) if registry is None else registry
        create = None if data_source is None else data_source.define
        return found.builder.from_json_schema(schema, name, create)

    # inheritance --------------------------------------------------------------------------------

    def extend(
        self,
        name: str,
        properties: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> Any:
        """Define a model that extends this one: with its properties, settings, hooks and rules.

        It belongs to the data source of this one if that is its owner; else to the current tenant,
        or, without one, to nobody in particular.

        Args:
            name: Name of the model.
            properties: Name -> type or definition; None takes one of this model's away.
            settings: Model settings, also as further keywords.
            more: Further settings.

        Raises:
            DefinitionError: The definition is not understood; nothing was changed.
            ModelDisposedError: This model is gone.
        """
        model: Any = self
        model.check_alive("extend")
        if model.owner_kind == "data_source":
            return model.owner.define(name, properties, settings, base=self, **more)
        return registry_of(self).define(
            name, properties, settings, base=self, data_source=model._source, **more
        )

    def get_merge_policy(self, child_settings: Mapping[str, Any]) -> Policy:
        """Return what is done with each setting of a model that extends this one.

        Override it in a declared class, or give the setting ``get_merge_policy``, a function of
        the child's settings; models that extend this one inherit it.

        Args:
            child_settings: Settings of the model that extends this one.

        Returns:
            Key -> ``{"replace": True}``, ``{"patch": True}``, ``{"rank": True}`` or, to merge,
            ``{"replace": False}``; ``__default`` for other keys, and ``__delete``, the value that
            deletes a key.
        """
        own = self.definition.settings.get("get_merge_policy")
        if own is not None:
            asked: Policy = own(child_settings)
            return asked
        if self._base is not None:
            inherited: Policy = self._base.get_merge_policy(child_settings)
            return inherited
        return merge_policy(child_settings, self._name)

    if not TYPE_CHECKING:  # checkers are to see misspelt names

        def __getattr__(self, name: str) -> Any:
            """Return a static member of bases or mixins, or what the setting ``models`` gives."""
            if isinstance(self, type) and "_plans" not in vars(self):
                raise AttributeError(f"{self.__name__} is the base of models; derive one from it.")
            if name.startswith("_"):
                raise AttributeError(name)
            found = static_of(self, name)
            return dependency(self, name) if found is None else found


def registry_of(model: Any) -> Any:
    """Return the registry of a model; of a class that belongs to nobody yet the default one.

    Raises:
        ModelDisposedError: The model is gone.
    """
    owner = getattr(model, "_owner", None)
    found = None if owner is None else owner.registry
    if not isinstance(model, type):
        model.check_alive("used")
    return type(model).default_registry if found is None else found


def dependency(model: Any, name: str) -> Any:
    """Return the model that the setting ``models`` of *model* gives under *name*.

    One that is named in text and not defined yet is what will become it.

    Raises:
        AttributeError: The setting says nothing of that name.
    """
    given = model.definition.settings.get("models") or {}
    found = given.get(name)
    if found is None:
        raise AttributeError(f"The model {model._name} has no attribute {name!r}.")
    return _dependency_named(model, found) if isinstance(found, str) else found


def _dependency_named(model: Any, name: str) -> Any:
    registry = registry_of(model)
    registry._awaken(model._owner)
    space = model._owner.space() if model._owner else None
    known = registry.look_up(name, space)
    if known is not None or space is None:
        return known
    return registry.builder.forwards.make(name, space._owner)


def set_up(model: Any) -> None:
    """Call the class method ``setup`` that *model* has from the classes it extends, if any."""
    base = model
    while base is not None:
        for each in base.__mro__ if isinstance(base, type) else ():
            found = each.__dict__.get("setup")
            if isinstance(found, classmethod):
                found.__func__(model)
                return
        base = base._base
