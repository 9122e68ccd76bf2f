"""The rows of one collection: their keys, their order, their indexes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakSet

from juggler.connectors.contract import ModelInfo, Row
from juggler.connectors.indexes import indexes_of
from juggler.connectors.memory.copying import changing, copied
from juggler.connectors.memory.indexes import ValueIndex, index_key
from juggler.errors import DefinitionError, DuplicateEntryError, InvalidValueError, StoreError
from juggler.query.values import order_key
from juggler.types.base import BAD, ValueType


class Collection:
    """The rows of the models that share a name; belongs to one store.

    Nothing here awaits, so what a method does is one step for all tasks.  Rows come in and go out
    as copies.

    Args:
        info: The first model that uses it; its primary key is that of the rows.

    Attributes:
        users: The models that use it.
    """

    def __init__(self, info: ModelInfo) -> None:
        self.ids = info.shape.ids
        self._is_sorted = True
        self._rows: dict[Hashable, Row] = {}
        self._indexes: dict[tuple[tuple[str, ...], bool], ValueIndex] = {}
        self._changing: set[str] = set()
        self.users: WeakSet[ModelInfo] = WeakSet()
        self._sequence = 0
        self._last: tuple[Any, ...] = ()

    def __len__(self) -> int:
        return len(self._rows)

    def adopt(self, info: ModelInfo) -> None:
        """Keep the indexes that a model asks for from now on.

        Raises:
            DuplicateEntryError: Rows that are there break one that has to be unique.
            DefinitionError: There are rows, and their primary key is not the model's.
        """
        if self._rows and self.ids != info.shape.ids:
            raise DefinitionError(
                f"{info.name}: the rows that are there have another primary key "
                f"({', '.join(self.ids) or 'none'}); automigrate() begins anew.",
                model=info.name,
            )
        self.ids = info.shape.ids
        for index in indexes_of(info):
            made = ValueIndex(index.properties, unique=index.unique)
            if (made.names, made.unique) in self._indexes:
                continue
            for place, row in self._rows.items():
                if made.is_taken(row):
                    raise self._duplicate(info, made.names, row)
                made.add(place, row)
            self._indexes[made.names, made.unique] = made
        self.users.add(info)

    def release(self, info: ModelInfo) -> bool:
        """Forget what only this model asked for; tell whether the collection is needed still."""
        self.users.discard(info)
        wanted = {
            (index.properties, index.unique) for user in self.users for index in indexes_of(user)
        }
        for key in self._indexes.keys() - wanted:
            del self._indexes[key]
        return bool(self._rows or self.users)

    # reading ----------------------------------------------------------------------------------

    def peek(self, places: Iterable[Hashable] | None = None) -> Iterable[tuple[Hashable, Row]]:
        """Return the stored rows with their keys, only to be looked at: those at *places*, or all.

        All of them come in the order of their primary key.
        """
        if places is not None:
            return [(place, self._rows[place]) for place in places if place in self._rows]
        if not self._is_sorted:
            rows = self.in_key_order(self._rows.items())
            self._rows = dict(rows)
            self._last, self._is_sorted = self._order(rows[-1][1]) if rows else (), True
        return self._rows.items()

    def in_key_order(self, rows: Iterable[tuple[Hashable, Row]]) -> list[tuple[Hashable, Row]]:
        """Return rows with their keys in the order of their primary key."""
        return sorted(rows, key=lambda item: self._order(item[1]))

    def take_out(self, row: Row, fields: Sequence[str] | None = None) -> Row:
        """Return a copy of a stored row, or of some of its properties."""
        if fields is None:
            found = row.copy()
        else:
            found = {name: row[name] for name in fields if name in row}
        for name in self._changing:
            if name in found:
                found[name] = copied(found[name])
        return found

    def place(self, row: Mapping[str, Any]) -> Hashable:
        """Return the key under which the row with the primary key of *row* is, or would be."""
        if len(self.ids) == 1:
            return index_key(row[self.ids[0]])
        return tuple(index_key(row[name]) for name in self.ids)

    def index(self, name: str) -> ValueIndex | None:
        """Return the index of one property, or None."""
        return self._indexes.get(((name,), True)) or self._indexes.get(((name,), False))

    # writing ----------------------------------------------------------------------------------

    def insert(self, info: ModelInfo, data: Mapping[str, Any]) -> Row:
        """Store a copy of *data* and return it, stored.

        Raises:
            DuplicateEntryError: The key or a unique value is taken.
        """
        row = {name: copied(value) for name, value in data.items()}
        place, number = self._placed(info, row)
        if place in self._rows:
            raise self._duplicate(info, self.ids, row)
        self._check_unique(info, row)
        self._rows[place] = row
        self._sequence = max(self._sequence, number)
        self._changing |= changing(row)
        for index in self._indexes.values():
            index.add(place, row)
        self._note_order(row)
        return row

    def insert_all(self, info: ModelInfo, rows: Iterable[Mapping[str, Any]]) -> list[Row]:
        """Store copies of all *rows* or of none."""
        before, size = (self._sequence, self._last, self._is_sorted), len(self._rows)
        try:
            return [self.insert(info, row) for row in rows]
        except Exception:  # whatever was wrong with one row: the others must not stay
            self.delete(list(self._rows)[size:])
            self._sequence, self._last, self._is_sorted = before
            raise

    def change(
        self, info: ModelInfo, places: Sequence[Hashable], change: Callable[[Row], Row]
    ) -> None:
        """Put in the place of each row what *change* makes of it; all or none.

        Raises:
            DuplicateEntryError: A unique value is taken.
        """
        done: list[tuple[Hashable, Row]] = []
        try:
            for place in places:
                former = self._rows[place]
                row = change(former)
                self._check_unique(info, row, place)
                self._put(place, former, row)
                done.append((place, former))
        except DuplicateEntryError:
            for place, former in reversed(done):
                self._put(place, self._rows[place], former)
            raise

    def delete(self, places: Iterable[Hashable]) -> None:
        """Delete the rows at *places*."""
        for place in places:
            row = self._rows.pop(place)
            for index in self._indexes.values():
                index.remove(place, row)

    def _put(self, place: Hashable, former: Row, row: Row) -> None:
        self._rows[place] = row
        self._changing |= changing(row)
        for index in self._indexes.values():
            index.remove(place, former)
            index.add(place, row)

    def _placed(self, info: ModelInfo, row: Row) -> tuple[Hashable, int]:
        """Return the key for a new row, and the number up to which ids are then used up."""
        if not self.ids:
            return self._sequence + 1, self._sequence + 1
        missing = [name for name in self.ids if row.get(name) is None]
        if not missing:
            return self.place(row), _number(row[self.ids[0]]) if len(self.ids) == 1 else 0
        if len(self.ids) == 1:
            number = self._make_id(info, row)
            return self.place(row), number
        raise StoreError(
            f"{info.name}.{missing[0]} is part of the primary key and must have a value.",
            code="NOT_NULL",
            status_code=422,
            model=info.name,
            property=missing[0],
        )

    def _make_id(self, info: ModelInfo, row: Row) -> int:
        """Put the next free number of the sequence into *row*, as the key's type writes it."""
        name, number = self.ids[0], self._sequence + 1
        kind = info.shape.properties[name].type
        while index_key(_id(info, kind, number)) in self._rows:
            number += 1
        row[name] = _id(info, kind, number)
        return number

    def _check_unique(self, info: ModelInfo, row: Row, place: Hashable = None) -> None:
        for index in self._indexes.values():
            if index.is_taken(row, place):
                raise self._duplicate(info, index.names, row)

    def _note_order(self, row: Row) -> None:
        """Keep track of whether the rows lie in the order of their primary key."""
        if self._is_sorted and self.ids:
            key = self._order(row)
            self._is_sorted = key > self._last
            self._last = key

    def _order(self, row: Row) -> tuple[Any, ...]:
        return tuple(order_key(row[name]) for name in self.ids)

    def _duplicate(
        self, info: ModelInfo, names: tuple[str, ...], row: Mapping[str, Any]
    ) -> DuplicateEntryError:
        values = [row.get(name) for name in names]
        return DuplicateEntryError(
            f"Duplicate entry for {info.name}.{', '.join(names)}.",
            fields=names,
            model=info.name,
            value=values[0] if len(values) == 1 else values,
        )


def _number(given: Any) -> int:
    """Return the number up to which an id that was given uses up the sequence."""
    return int(given) if isinstance(given, int | float) and not isinstance(given, bool) else 0


def _id(info: ModelInfo, kind: ValueType, number: int) -> Any:
    """Return *number* as an id of a type."""
    value = kind.coerce(number)
    if value is BAD or value is None:
        raise InvalidValueError(
            f"{info.name}: no {kind.name} can be made for an id; give one.", model=info.name
        )
    return value
