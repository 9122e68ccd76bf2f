"""Indexes that a model asks for, read from its properties and its ``indexes`` setting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from juggler.connectors.contract import ModelInfo
from juggler.definition.property import Property
from juggler.errors import DefinitionError

_DESCENDING: Final = ("-1", "desc")


@dataclass(frozen=True, slots=True)
class Index:
    """One index.

    Attributes:
        keys: Its properties in order, each with whether it descends.
        unique: Whether no two rows may have equal values; rows that lack one do not count.
        name: The name that was given; None for the index of a property.
    """

    keys: tuple[tuple[str, bool], ...]
    unique: bool = False
    name: str | None = None

    @property
    def properties(self) -> tuple[str, ...]:
        """Return the names of its properties."""
        return tuple(name for name, _ in self.keys)


def indexes_of(info: ModelInfo) -> tuple[Index, ...]:
    """Return the indexes of a model, without that of the primary key.

    Raises:
        DefinitionError: An index is not understood or names an unknown property.
    """
    found = [
        Index(((prop.name, False),), _is_unique(prop))
        for prop in info.shape
        if (prop.index is not False or prop.unique) and info.shape.ids != (prop.name,)
    ]
    given = info.settings.get("indexes")
    if given:
        if not isinstance(given, Mapping):
            raise _bad(info, "indexes", "a mapping from names to definitions")
        found += [_read(info, str(name), definition) for name, definition in given.items()]
    return tuple(found)


def _is_unique(prop: Property) -> bool:
    return prop.unique or (isinstance(prop.index, Mapping) and bool(prop.index.get("unique")))


def _read(info: ModelInfo, name: str, definition: Any) -> Index:
    """Return the index *name*, in one of the forms that LoopBack knows."""
    keys, unique = definition, False
    if isinstance(definition, Mapping) and not definition.keys().isdisjoint(("keys", "columns")):
        options = definition.get("options") or {}
        unique = bool(options.get("unique")) or str(definition.get("kind")).lower() == "unique"
        keys = definition.get("keys", definition.get("columns"))
    found = tuple(_keys(info, name, keys))
    unknown = [prop for prop, _ in found if prop not in info.shape]
    if unknown or not found:
        raise _bad(info, name, f"properties of the model, not {', '.join(unknown) or 'nothing'}")
    return Index(found, unique, name)


def _keys(info: ModelInfo, name: str, keys: Any) -> Iterable[tuple[str, bool]]:
    """Yield property and direction for each key, however they are written."""
    if isinstance(keys, Mapping):
        for prop, direction in keys.items():
            yield prop, str(direction).lower() in _DESCENDING
        return
    if isinstance(keys, str):
        keys = keys.split(",")
    if not isinstance(keys, list | tuple):
        raise _bad(info, name, "a mapping, a text or a list of properties")
    for words in (str(key).split() for key in keys):
        if words:
            yield words[0], [word.lower() for word in words[1:2]] == ["desc"]


def _bad(info: ModelInfo, name: str, wanted: str) -> DefinitionError:
    return DefinitionError(f"{info.name}: the index {name} takes {wanted}.", model=info.name)
