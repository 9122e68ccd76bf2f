"""Look-up tables from values to rows; equal values are those that a condition finds equal."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, cast

from juggler.connectors.contract import Row
from juggler.query.values import BOOLEAN, MOMENT, OTHER, TEXT, kind_of, moment
from juggler.types.geo import GeoPoint


def index_key(value: Any) -> Hashable:
    """Return what two values have in common exactly if they are equal; null has no key."""
    kind = type(value)
    if kind is int or kind is str:
        plain: Hashable = value
        return plain
    rank = kind_of(value)
    if rank == OTHER:
        return _key_of_other(value)
    if rank == BOOLEAN:
        return (BOOLEAN, value)
    if rank == TEXT:
        return str(value)
    # Equal numbers of all classes hash alike.
    return moment(value) if rank == MOMENT else cast(Hashable, value)


def _key_of_other(value: Any) -> Hashable:
    if isinstance(value, list | tuple):
        return ("list", tuple(map(index_key, value)))
    if isinstance(value, Mapping):
        return ("dict", frozenset((name, index_key(item)) for name, item in value.items()))
    kind = type(value)
    return (kind, value if kind is bytes or kind is GeoPoint else str(value))


class ValueIndex:
    """Rows by the values of some properties; rows that lack one of them are not in it.

    Attributes:
        names: The properties.
        unique: Whether no two rows may be under one key.
    """

    __slots__ = ("_name", "_rows", "names", "unique")

    def __init__(self, names: tuple[str, ...], *, unique: bool) -> None:
        self.names = names
        self.unique = unique
        self._name = names[0] if len(names) == 1 else None
        self._rows: dict[Hashable, dict[Hashable, None]] = {}

    def key(self, row: Mapping[str, Any]) -> Hashable:
        """Return the key of *row*, None where it is not in the index."""
        name = self._name
        if name is not None:
            value = row.get(name)
            return None if value is None else index_key(value)
        values = [row.get(name) for name in self.names]
        if any(value is None for value in values):
            return None
        return tuple(map(index_key, values))

    def concerns(self, former: Row, row: Row) -> bool:
        """Tell whether *row*, made of *former*, may stand at another place than that one."""
        for name in self.names:  # noqa: SIM110  a generator costs more than the look-ups
            if former.get(name) is not row.get(name):
                return True
        return False

    def find(self, key: Hashable) -> Iterable[Hashable]:
        """Return the keys of the rows under *key*."""
        return self._rows.get(key, ())

    def is_taken(self, row: Row, but_by: Hashable = None) -> bool:
        """Tell whether another row than *but_by* stands where *row* would have to be alone."""
        if not self.unique:
            return False
        key = self.key(row)
        return key is not None and any(found != but_by for found in self._rows.get(key, ()))

    def add(self, place: Hashable, row: Row) -> None:
        """Put the row with the key *place* in."""
        key = self.key(row)
        if key is None:
            return
        found = self._rows.get(key)
        if found is None:
            self._rows[key] = {place: None}
        else:
            found[place] = None

    def remove(self, place: Hashable, row: Row) -> None:
        """Take the row with the key *place* out."""
        key = self.key(row)
        found = self._rows.get(key)
        if found is not None:
            found.pop(place, None)
            if not found:
                del self._rows[key]
