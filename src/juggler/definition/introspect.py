"""Samples -> definitions: what types would hold the values of some data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from juggler.errors import DefinitionError
from juggler.types.geo import GeoPoint
from juggler.types.table import TypeTable
from juggler.types.temporal import DateString

_NAMES: Final[tuple[tuple[type | tuple[type, ...], str], ...]] = (
    (bool, "boolean"),
    (str, "string"),
    ((int, float), "number"),
    (date, "date"),
    (DateString, "datestring"),
    (Decimal, "decimal"),
    ((bytes, bytearray, memoryview), "binary"),
    (GeoPoint, "geopoint"),
    (UUID, "uuid"),
)
_DEEPEST: Final = 32


def introspect(value: Any, table: TypeTable, depth: int = 0) -> Any:
    """Return the type expression that holds *value*, which stays as it is.

    None is of any type; of a list the items decide together: mappings are laid over each other,
    values of different types make a list of anything.

    Args:
        value: A sample.
        table: Types that the builder knows.
        depth: How deep the sample stands in another.

    Raises:
        DefinitionError: The sample contains itself, or is nested too deeply.
    """
    if depth > _DEEPEST:
        raise DefinitionError("The sample contains itself, or is nested too deeply.")
    if value is None:
        return "any"
    if isinstance(value, Enum):
        return introspect(value.value, table, depth)
    if isinstance(value, Mapping):
        return _of_mapping(value, table, depth)
    if isinstance(value, list | tuple | set | frozenset):
        return _of_items(value, table, depth)
    return _of_scalar(value, table)


def _of_scalar(value: Any, table: TypeTable) -> str:
    """Return the name of the type that holds a value without parts."""
    registered = table.lookup(type(value))
    if registered is not None and registered.name == "class":
        return type(value).__name__.lower()
    return next((name for classes, name in _NAMES if isinstance(value, classes)), "any")


def _of_mapping(value: Mapping[Any, Any], table: TypeTable, depth: int) -> Any:
    """Return the map of a structure; an empty one is any object."""
    found = {str(key): introspect(item, table, depth + 1) for key, item in value.items()}
    if "type" in found:  # it would be taken for the type of the whole
        return {"type": found}
    return found or "object"


def _of_items(items: Iterable[Any], table: TypeTable, depth: int) -> Any:
    kinds: list[Any] = []
    for item in items:
        kind = introspect(item, table, depth + 1)
        if item is not None and kind not in kinds:
            kinds.append(kind)
    if not kinds:
        return "array"
    if all(isinstance(kind, Mapping) for kind in kinds):
        return [_united(kinds)]
    return [kinds[0]] if len(kinds) == 1 else ["any"]


def _united(kinds: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return one structure with the keys of all; what differs in type is of any."""
    found: dict[str, Any] = {}
    for kind in kinds:
        for name, each in kind.items():
            known = found.setdefault(name, each)
            if known == "any":
                found[name] = each
            elif each not in ("any", known):
                both = isinstance(known, Mapping) and isinstance(each, Mapping)
                found[name] = _united([known, each]) if both else "any"
    return found


def sample_definition(sample: Any, table: TypeTable) -> dict[str, Any]:
    """Return the properties that hold a *sample* record; a key ``id`` is its primary key.

    Raises:
        DefinitionError: The sample is no mapping.
    """
    if not isinstance(sample, Mapping):
        raise DefinitionError(
            f"A model is made of a sample record, not of {type(sample).__name__}.", value=sample
        )
    found = {str(key): introspect(item, table, 1) for key, item in sample.items()}
    if "id" in found:
        found["id"] = {"type": found["id"], "id": True}
    return found
