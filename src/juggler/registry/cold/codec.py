"""Bundles as JSON text, exactly: what is read back has the fingerprints of what was written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Protocol

from juggler.definition.frozen import frozen
from juggler.definition.property import Property
from juggler.definition.shape import EmbeddedType, Shape
from juggler.errors import DefinitionError, JugglerError, StoreError
from juggler.models.blueprint import ShapeTable
from juggler.registry.builder import ModelBuilder
from juggler.registry.cold.bundle import Entry
from juggler.registry.cold.values import read_value, unwritable, write_value
from juggler.registry.owners import GLOBAL
from juggler.types.base import ValueType
from juggler.types.ids import DEFAULT_FUNCTIONS
from juggler.types.structured import ClassType, ListType
from juggler.types.table import BUILTIN_NAMES

FORMAT: Final = 1
_PLAIN: Final = MappingProxyType(
    {item: getattr(Property("", BUILTIN_NAMES["any"]), item) for item in Property.__struct_fields__}
)
_VALUES: Final = ("required", "frozen_default", "written_default", "index", "options")
_FLAGS: Final = ("id", "generated", "unique", "length", "hidden", "protected")
_FUNCTIONS: Final = MappingProxyType({made: name for name, made in DEFAULT_FUNCTIONS.items()})


class Makes(Protocol):
    """What a codec needs of the registry."""

    shapes: ShapeTable
    builder: ModelBuilder
    global_models: Any


class Codec:
    """Writes and reads the definitions of one registry's tenants.

    What lives in this process alone cannot be written: classes and functions (but for the default
    functions that have a name), data sources, embedded models that have a name, and bases that are
    neither the tenant's own nor global.

    Args:
        registry: Whose shapes and global models they are.
    """

    def __init__(self, registry: Makes) -> None:
        self._registry = registry

    # writing ----------------------------------------------------------------------------------

    def can_write(self, name: str, entry: Entry) -> bool:
        """Tell whether a definition can be written."""
        try:
            self._entry(name, entry)
        except JugglerError:
            return False
        return True

    def write(self, entries: Mapping[str, Entry | None]) -> str:
        """Return *entries* as text; names whose models the tenant keeps itself are left out.

        Raises:
            OperationNotSupportedError: Something in them cannot be written; the message names it.
        """
        models = [self._entry(name, each) for name, each in entries.items() if each is not None]
        return json.dumps({"format": FORMAT, "models": models}, allow_nan=False)

    def _entry(self, name: str, entry: Entry) -> dict[str, Any]:
        """Return one definition as data."""
        if entry.source is not None:
            raise unwritable(f"The data source of the model {name}", entry.source)
        definition = entry.blueprint.definition
        data = {"name": name, **_shape(definition.shape, name)}
        if definition.settings:
            data["settings"] = write_value(definition.settings, f"A setting of the model {name}")
        base = entry.base
        if type(base) is str:
            data["base"] = {"own": base}
        elif base is not None:
            owner = base._owner
            if owner is None or owner.kind != GLOBAL:
                raise unwritable(f"The base of the model {name}", base)
            data["base"] = {"global": base._name}
        return data

    # reading ----------------------------------------------------------------------------------

    def read(self, text: str, tenant: str) -> dict[str, Entry | None]:
        """Return the definitions that *text* holds.

        Raises:
            StoreError: The text is none that was written here.
            DefinitionError: A model extends a global one that is not there.
        """
        try:
            data = json.loads(text)
            if data["format"] != FORMAT:
                raise StoreError(f"The definitions of the tenant {tenant} are of another version.")
            return {each["name"]: self._read(each, tenant) for each in data["models"]}
        except (ValueError, LookupError, TypeError) as error:
            if isinstance(error, JugglerError):
                raise
            raise StoreError(f"The definitions of the tenant {tenant} cannot be read.") from error

    def _read(self, data: Mapping[str, Any], tenant: str) -> Entry:
        """Return one definition."""
        name = data["name"]
        shape = self._read_shape(data)
        settings = frozen(read_value(data.get("settings", {})))
        blueprint = self._registry.shapes.blueprint(shape, settings, name)
        base = self._read_base(name, data.get("base", {}), tenant)
        inner = tuple(self._registry.builder.inner(shape)) if shape.nested else ()
        return Entry(blueprint, base, None, inner)

    def _read_base(self, name: str, data: Mapping[str, str], tenant: str) -> Any:
        if "global" not in data:
            return data.get("own")
        base = self._registry.global_models.get(data["global"])
        if base is None:
            raise DefinitionError(
                f"The model {name} of the tenant {tenant} extends the global model "
                f"{data['global']}, which is not there; define it before tenants are at work.",
                model=name,
                tenant=tenant,
            )
        return base

    def _read_shape(self, data: Mapping[str, Any]) -> Shape:
        properties = [self._read_property(each) for each in data["properties"]]
        return self._registry.shapes.intern(properties, data["strict"])

    def _read_property(self, data: Mapping[str, Any]) -> Property:
        given: dict[str, Any] = {key: data[key] for key in _FLAGS if key in data}
        given |= {key: frozen(read_value(data[key])) for key in _VALUES if key in data}
        if "default_fn" in data:
            given["default_fn"] = DEFAULT_FUNCTIONS[data["default_fn"]]
        return Property(data["name"], self._read_type(data["type"]), **given)

    def _read_type(self, data: Any) -> ValueType:
        if isinstance(data, str):
            return BUILTIN_NAMES[data]
        if "list" in data:
            return ListType(self._read_type(data["list"]))
        return EmbeddedType(self._read_shape(data))


def _shape(shape: Shape, path: str) -> dict[str, Any]:
    """Return a structure as data."""
    properties = [_property(item, f"{path}.{item.name}") for item in shape]
    return {"strict": shape.strict, "properties": properties}


def _property(item: Property, path: str) -> dict[str, Any]:
    """Return one property as data: what is as usual is left out."""
    data: dict[str, Any] = {"name": item.name, "type": _type(item.type, path)}
    for key in _FLAGS:
        if getattr(item, key) != _PLAIN[key]:
            data[key] = getattr(item, key)
    for key in _VALUES:
        value = getattr(item, key)
        if value is not _PLAIN[key] and not (key == "options" and not value):
            data[key] = write_value(value, f"{path}: its {key.replace('_', ' ')}")
    if item.default_fn is not None:
        if item.default_fn not in _FUNCTIONS:
            raise unwritable(f"{path}: its default function", item.default_fn)
        data["default_fn"] = _FUNCTIONS[item.default_fn]
    return data


def _type(kind: ValueType, path: str) -> Any:
    """Return a type as data."""
    if isinstance(kind, ListType):
        return {"list": _type(kind.item, path)}
    if isinstance(kind, EmbeddedType):
        if kind.model is not None:
            raise unwritable(f"{path}: the model embedded there", kind.model)
        return _shape(kind.shape, path)
    if isinstance(kind, ClassType) or BUILTIN_NAMES.get(kind.name) is not kind:
        raise unwritable(f"{path}: its type", getattr(kind, "cls", kind))
    return kind.name
