"""Foreign keys: properties that hold the key of another record, and so are of its type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from juggler.definition.property import Property

_TAKEN_OVER: Final = frozenset({"data_type", "data_length", "dataType", "dataLength"})


def foreign_key(name: str, target: Property, existing: Property | None = None) -> Property:
    """Return the property *name* that holds values of the key *target*.

    Args:
        name: Name of the foreign key.
        target: The key that it points to, as it is on the model's data source.
        existing: The property of that name, if the model has one: it stays, with another type.

    Returns:
        A property of the key's type; a new one has what the key says of its column's type too.
    """
    if existing is not None:
        return existing if existing.type is target.type else replace(existing, type=target.type)
    return Property(name, target.type, options=_column_types(target.options))


def _column_types(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what *options* say of the types of columns, for all stores and for single ones."""
    found = {key: item for key, item in options.items() if key in _TAKEN_OVER}
    for key, block in options.items():
        if isinstance(block, Mapping):
            inner = {name: item for name, item in block.items() if name in _TAKEN_OVER}
            if inner:
                found[key] = inner
    return found
