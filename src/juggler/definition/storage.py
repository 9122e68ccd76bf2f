"""What a model, its properties and indexes are called in a store."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from juggler.definition.frozen import thawed
from juggler.definition.property import Property
from juggler.definition.shape import Shape

TABLE_KEYS: Final = ("table", "table_name", "tableName")
COLUMN_KEYS: Final = ("column", "column_name", "columnName", "field", "field_name", "fieldName")
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def block(options: Mapping[str, Any], connector: str | None) -> Mapping[str, Any] | None:
    """Return what *options* hold for a connector, None where there is nothing."""
    found = None if connector is None else options.get(connector)
    return found if isinstance(found, Mapping) else None


def table_name(name: str, settings: Mapping[str, Any], connector: str | None) -> str:
    """Return the table of the model *name* in the stores of a connector."""
    return _first(block(settings, connector), TABLE_KEYS) or name


def column_metadata(shape: Shape, connector: str | None, name: str) -> dict[str, Any] | None:
    """Return what the property *name* says of its column, None where it says nothing."""
    item = shape.properties.get(name)
    found = None if item is None else block(item.options, connector)
    return None if found is None else thawed(found)


def column_name(shape: Shape, connector: str | None, name: str | None) -> str | None:
    """Return the column of the property *name*; an unknown one is its own, no property has none."""
    if not name:
        return None
    item = shape.properties.get(name)
    found = None if item is None else block(item.options, connector)
    return _first(found, COLUMN_KEYS) or name


def column_names(shape: Shape, connector: str | None) -> list[str]:
    """Return the columns of all properties, in their order."""
    return [column_name(shape, connector, name) or name for name in shape.names]


def indexes(shape: Shape, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return name -> definition of all indexes: those of the settings, and of properties.

    The index of a property is called ``<property>_index``.
    """
    given = settings.get("indexes")
    found: dict[str, Any] = thawed(given) if isinstance(given, Mapping) else {}
    for item in shape:
        if item.index or item.unique:
            found.setdefault(f"{item.name}_index", _of_property(item))
    return found


def _of_property(item: Property) -> Any:
    options = thawed(item.index) if isinstance(item.index, Mapping) else {}
    if item.unique:
        options["unique"] = True
    return options or True


def _first(options: Mapping[str, Any] | None, keys: tuple[str, ...]) -> str | None:
    found = (options.get(key) for key in keys) if options else ()
    return next((name for name in found if isinstance(name, str) and name), None)
