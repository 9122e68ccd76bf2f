"""The rows of one collection: their keys, their order, their indexes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, MutableMapping, Sequence
from typing import Any, cast
from weakref import WeakSet

from juggler.connectors.contract import ModelInfo, Row
from juggler.connectors.indexes import indexes_of
from juggler.connectors.memory.copying import changing, copied
from juggler.connectors.memory.indexes import ValueIndex, index_key
from juggler.errors import DefinitionError, DuplicateEntryError, InvalidValueError, StoreError
from juggler.query.values import order_key
from juggler.types.base import BAD

Change = tuple[Hashable, Row | None, Row | None]
"""The key of a row, what it was and what it is; None where there was or is no row."""

Told = Callable[["Collection", Sequence[Change]], None]
"""What is called with each change, once it is made."""


class Collection:
    """The rows of the models that share a name; belongs to one store.

    Nothing here awaits, so what a method does is one step for all tasks.  Rows come in and go out
    as copies.  A stored row is never written: what changes it puts another in its place.

    Args:
        name: Its name in the store.
        ids: The primary key of its rows.
        told: Called with the changes of each method that makes some.

    Attributes:
        users: The models that use it.
        unread: Set while no model has looked at rows that a file held: they stand under the texts
            of their keys, and it holds the primary key that the file tells, or None.
        settled: The number up to which ids are used up as a file says.
    """

    unread: tuple[tuple[str, ...] | None] | None = None
    settled: int = 0

    def __init__(self, name: str, ids: tuple[str, ...], told: Told) -> None:
        self.name = name
        self.ids = ids
        self._told = told
        self._is_sorted = True
        self._rows: MutableMapping[Hashable, Row] = {}
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
                    raise self.duplicate(info, made.names, row)
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

    def take_out(self, row: Row) -> Row:
        """Return a copy of a stored row."""
        return self.take_out_all((row,))[0]

    def take_out_all(self, rows: Iterable[Row], fields: Sequence[str] | None = None) -> list[Row]:
        """Return copies of stored rows, or of some of their properties."""
        if fields is None:
            found = [row.copy() for row in rows]
        else:
            found = [{name: row[name] for name in fields if name in row} for row in rows]
        for name in self._changing:
            for row in found:
                if name in row:
                    row[name] = copied(row[name])
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
        place, row = self._add(info, data)
        self._told(self, ((place, None, row),))
        return row

    def insert_all(self, info: ModelInfo, rows: Iterable[Mapping[str, Any]]) -> list[Row]:
        """Store copies of all *rows* or of none."""
        before, done = (self._sequence, self._last, self._is_sorted), list[Change]()
        try:
            for data in rows:
                place, row = self._add(info, data)
                done.append((place, None, row))
        except Exception:  # whatever was wrong with one row: the others must not stay
            for place, _, _ in reversed(done):
                self._remove(place)
            self._sequence, self._last, self._is_sorted = before
            raise
        self._told(self, done)
        return [row for _, _, row in done if row is not None]

    def change(
        self, info: ModelInfo, places: Sequence[Hashable], change: Callable[[Row], Row]
    ) -> None:
        """Put in the place of each row what *change* makes of it; all or none.

        Raises:
            DuplicateEntryError: A unique value is taken.
            InvalidValueError: A text is no Unicode, or what *change* is to do cannot be done.
        """
        done: list[tuple[Hashable, Row, Row]] = []
        try:
            for place in places:
                former = self._rows[place]
                row = change(former)
                self._put(info, place, former, row)
                done.append((place, former, row))
        except (DuplicateEntryError, InvalidValueError):
            for place, former, row in reversed(done):
                self._put(info, place, row, former)
            raise
        self._told(self, done)

    def delete(self, places: Iterable[Hashable]) -> None:
        """Delete the rows at *places*."""
        self._told(self, [(place, self._remove(place), None) for place in places])

    def exchange(self, info: ModelInfo, changes: Sequence[Change]) -> None:
        """Make *changes* that were worked out before: all or none; nobody is told of them.

        Raises:
            DuplicateEntryError: A unique value would be there twice afterwards.
        """
        self._relist(info, changes)
        for place, former, row in changes:
            if row is None:
                del self._rows[place]
                continue
            self._rows[place] = row
            self._changing |= changing(row, info.name)
            if former is None:
                self._note_order(row)

    def put(self, changes: Sequence[Change]) -> None:
        """Make *changes* whatever the indexes say; nobody is told of them."""
        for place, former, row in changes:
            if former is not None:
                self._unlist(place, former)
            if row is None:
                self._rows.pop(place, None)
                continue
            self._rows[place] = row
            self._changing |= changing(row, self.name)
            self._list(place, row)
        self._is_sorted = not self.ids
        if not self.ids and self.unread is None:  # places are numbers, in the order of arrival
            self._rows = dict(sorted(self._rows.items(), key=lambda item: cast(int, item[0])))

    # inside -----------------------------------------------------------------------------------

    def _add(self, info: ModelInfo, data: Mapping[str, Any]) -> tuple[Hashable, Row]:
        """Store a copy of *data* and return it with its key."""
        row = dict(data)
        place, number = self._placed(info, row)
        if place in self._rows:
            raise self.duplicate(info, self.ids, row)
        self._check_unique(info, row)
        names = changing(row, info.name)
        if names:
            row.update({name: copied(row[name]) for name in names})
            self._changing |= names
        self._rows[place] = row
        if number > self._sequence:  # noqa: PLR1730  a call costs more
            self._sequence = number
        self._list(place, row)
        self._note_order(row)
        return place, row

    def _remove(self, place: Hashable) -> Row:
        row = self._rows.pop(place)
        self._unlist(place, row)
        return row

    def _relist(self, info: ModelInfo, changes: Sequence[Change]) -> None:
        """Put what *changes* make into the indexes, in the place of what was there: all or none."""
        formers = [(place, former) for place, former, _ in changes if former is not None]
        rows = [(place, row) for place, _, row in changes if row is not None]
        listed = 0
        for place, row in formers:
            self._unlist(place, row)
        try:
            for place, row in rows:
                self._check_unique(info, row, place)
                self._list(place, row)
                listed += 1
        except DuplicateEntryError:
            for place, row in rows[:listed]:
                self._unlist(place, row)
            for place, row in formers:
                self._list(place, row)
            raise

    def _list(self, place: Hashable, row: Row) -> None:
        """Put a row into the indexes."""
        for index in self._indexes.values():
            index.add(place, row)

    def _unlist(self, place: Hashable, row: Row) -> None:
        """Take a row out of the indexes."""
        for index in self._indexes.values():
            index.remove(place, row)

    def _put(self, info: ModelInfo, place: Hashable, former: Row, row: Row) -> None:
        """Put a row in the place of its *former* state."""
        self._changing |= changing(row, info.name)
        concerned = [each for each in self._indexes.values() if each.concerns(former, row)]
        for index in concerned:
            if index.is_taken(row, place):
                raise self.duplicate(info, index.names, row)
        self._rows[place] = row
        for index in concerned:
            index.remove(place, former)
            index.add(place, row)

    def _placed(self, info: ModelInfo, row: Row) -> tuple[Hashable, int]:
        """Return the key for a new row, and the number up to which ids are then used up."""
        ids = self.ids
        if len(ids) == 1:
            given = row.get(ids[0])
            return self._make_id(info, row) if given is None else (index_key(given), _number(given))
        if not ids:
            return self._sequence + 1, self._sequence + 1
        missing = [name for name in ids if row.get(name) is None]
        if not missing:
            return self.place(row), 0
        raise StoreError(
            f"{info.name}.{missing[0]} is part of the primary key and must have a value.",
            code="NOT_NULL",
            status_code=422,
            model=info.name,
            property=missing[0],
        )

    def _make_id(self, info: ModelInfo, row: Row) -> tuple[Hashable, int]:
        """Put the next free number of the sequence into *row*, as the key's type writes it.

        Returns:
            The key for the row, and that number.
        """
        name, number = self.ids[0], self._sequence + 1
        kind = info.shape.properties[name].type
        while True:
            made = kind.coerce(number)
            if made is BAD or made is None:
                raise InvalidValueError(
                    f"{info.name}: no {kind.name} can be made for an id; give one.",
                    model=info.name,
                )
            place = index_key(made)
            if not self._is_used(place):
                row[name] = made
                return place, number
            number += 1

    def _is_used(self, place: Hashable) -> bool:
        """Tell whether no new row can be given the key *place*."""
        return place in self._rows

    def _check_unique(self, info: ModelInfo, row: Row, place: Hashable = None) -> None:
        for index in self._indexes.values():
            if index.unique and index.is_taken(row, place):
                raise self.duplicate(info, index.names, row)

    def _note_order(self, row: Row) -> None:
        """Keep track of whether the rows lie in the order of their primary key."""
        ids = self.ids
        if self._is_sorted and ids:
            key = order_key(row[ids[0]]) if len(ids) == 1 else self._order(row)
            self._is_sorted = key > self._last
            self._last = key

    def _order(self, row: Row) -> tuple[Any, ...]:
        if len(self.ids) == 1:
            return order_key(row[self.ids[0]])
        return tuple(order_key(row[name]) for name in self.ids)

    def duplicate(
        self, info: ModelInfo, names: tuple[str, ...], row: Mapping[str, Any]
    ) -> DuplicateEntryError:
        """Return the error for a *row* whose values of *names* are taken."""
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
