"""The rows of a collection as one transaction sees them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from typing import Any, cast

from juggler.connectors.contract import ModelInfo, Row
from juggler.connectors.memory.collection import Change, Collection
from juggler.connectors.memory.indexes import ValueIndex

Journal = list[tuple["Overlay", Hashable, Row | None, bool]]
"""What a transaction wrote, in order: where, the row that it saw there before, and whether it had
written that one itself."""


class Overlay(Collection):
    """A collection with what one transaction wrote on it, and without what others wrote meanwhile.

    It keeps the rows that differ from those below, so it costs what the transaction touches.

    Args:
        base: The collection below.
        journal: Where each write is noted, to be taken back.

    Attributes:
        base: The collection below.
        info: A model that uses it, for messages.
        touched: Key -> the row that the transaction sees, None for none; the others are those of
            the collection below.
        written: Keys of the rows that the transaction wrote, in order, each with whether there was
            none when it began.
        foreign: Keys of the rows that others changed since it began.
    """

    def __init__(self, base: Collection, journal: Journal) -> None:
        # What is not overridden works on these; rows and indexes look like those of a collection.
        self.base = base
        self.touched: dict[Hashable, Row | None] = {}
        self.written: dict[Hashable, bool] = {}
        self.foreign: set[Hashable] = set()
        self.info: ModelInfo
        self._rows = cast(Any, _Rows(self, journal))
        self._indexes = {}
        self._changing = base._changing
        self._last, self._is_sorted = (), False
        self._told = _nobody
        self.users = base.users

    @property
    def ids(self) -> tuple[str, ...]:  # type: ignore[override]  # the collection below says it
        """Return the primary key."""
        return self.base.ids

    @property
    def _sequence(self) -> int:
        return self.base._sequence

    @_sequence.setter
    def _sequence(self, number: int) -> None:
        self.base._sequence = number

    def used_by(self, info: ModelInfo) -> None:
        """Note that a call on a model begins, whose indexes may have come meanwhile."""
        self.info = info
        below = self.base._indexes
        own = cast(dict[tuple[tuple[str, ...], bool], Any], self._indexes)
        for key, index in below.items():
            if key not in own or own[key].below is not index:
                own[key] = _Index(self, index)
        for key in own.keys() - below.keys():
            del own[key]

    def peek(self, places: Iterable[Hashable] | None = None) -> Iterable[tuple[Hashable, Row]]:
        """Return the rows with their keys, only to be looked at; see `Collection.peek`."""
        if places is not None:
            return super().peek(places)
        if not self.touched:
            return self.base.peek()
        rows = self._rows.items()
        return self.in_key_order(rows) if self.ids else list(rows)

    def shield(self, place: Hashable, former: Row | None) -> None:
        """Keep seeing the *former* row at a place that somebody else has changed."""
        self.foreign.add(place)
        if place not in self.touched:
            self.touched[place] = former
            if former is not None:
                self._list(place, former)

    def take_back(self, place: Hashable, former: Row | None, *, was_written: bool) -> None:
        """Make the row at *place* again what it was before a write."""
        row = self.touched[place]
        if row is not None:
            self._unlist(place, row)
        if former is not None:
            self._list(place, former)
        self.touched[place] = former
        if not was_written:
            del self.written[place]

    def check_duplicates(self) -> None:
        """Raise if a key that this one gave to a new row was taken by somebody else meanwhile.

        Raises:
            DuplicateEntryError: It was.
        """
        for place, was_new in self.written.items():
            row = self.touched[place]
            if was_new and row is not None and place in self.base._rows:
                raise self.duplicate(self.info, self.ids, row)

    def changes(self) -> list[Change]:
        """Return what becomes of the rows below when the transaction is committed."""
        below = self.base._rows
        found = [(place, below.get(place), self.touched[place]) for place in self.written]
        return [each for each in found if each[1] is not each[2]]

    def _is_used(self, place: Hashable) -> bool:
        return place in self.base._rows or place in self._rows

    def _note_order(self, row: Row) -> None:
        """Do nothing: what is touched is sorted when it is read."""


class _Rows:
    """The rows of an overlay: as much of a dict as a collection needs."""

    __slots__ = ("_journal", "_overlay")

    def __init__(self, overlay: Overlay, journal: Journal) -> None:
        self._overlay = overlay
        self._journal = journal

    def __len__(self) -> int:
        below, touched = self._overlay.base._rows, self._overlay.touched
        more = sum(row is not None for row in touched.values())
        return len(below) + more - sum(place in below for place in touched)

    def __contains__(self, place: Hashable) -> bool:
        touched = self._overlay.touched
        if place in touched:
            return touched[place] is not None
        return place in self._overlay.base._rows

    def __getitem__(self, place: Hashable) -> Row:
        found = self._seen(place)
        if found is None:
            raise KeyError(place)
        return found

    def __setitem__(self, place: Hashable, row: Row) -> None:
        self._write(place, row)

    def pop(self, place: Hashable) -> Row:
        """Remove and return the row at *place*."""
        found = self[place]
        self._write(place, None)
        return found

    def items(self) -> Iterator[tuple[Hashable, Row]]:
        """Yield the rows with their keys: those of the collection below first, in its order."""
        below, touched = self._overlay.base, self._overlay.touched
        for place, row in below.peek():
            found = touched.get(place, row)
            if found is not None:
                yield place, found
        for place, new in touched.items():
            if new is not None and place not in below._rows:
                yield place, new

    def _seen(self, place: Hashable) -> Row | None:
        touched = self._overlay.touched
        return touched[place] if place in touched else self._overlay.base._rows.get(place)

    def _write(self, place: Hashable, row: Row | None) -> None:
        overlay = self._overlay
        former, was_written = self._seen(place), place in overlay.written
        self._journal.append((overlay, place, former, was_written))
        overlay.written.setdefault(place, former is None)
        overlay.touched[place] = row


class _Index:
    """An index of an overlay: that of the collection below, but for the rows that differ.

    Attributes:
        below: The index of the collection below.
    """

    __slots__ = ("_own", "_touched", "below", "names", "unique")

    def __init__(self, overlay: Overlay, below: ValueIndex) -> None:
        self.below = below
        self.names = below.names
        self.unique = below.unique
        self._touched = overlay.touched
        self._own = ValueIndex(below.names, unique=below.unique)
        for place, row in overlay.touched.items():
            if row is not None:
                self._own.add(place, row)

    def find(self, key: Hashable) -> Iterable[Hashable]:
        """Return the keys of the rows under *key*."""
        others = [place for place in self.below.find(key) if place not in self._touched]
        return [*others, *self._own.find(key)]

    def concerns(self, former: Row, row: Row) -> bool:
        """Return True: rows that the transaction writes are found here, not below."""
        return True

    def is_taken(self, row: Row, but_by: Hashable = None) -> bool:
        """Tell whether another row than *but_by* stands where *row* would have to be alone."""
        key = self.below.key(row) if self.unique else None
        return key is not None and any(found != but_by for found in self.find(key))

    def add(self, place: Hashable, row: Row) -> None:
        """Put a row in."""
        self._own.add(place, row)

    def remove(self, place: Hashable, row: Row) -> None:
        """Take a row out."""
        self._own.remove(place, row)


def _nobody(collection: Collection, changes: Any) -> None:
    """Be told of changes that are not committed yet."""
