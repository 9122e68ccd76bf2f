"""What is in a memory store at one moment, to come back to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Hashable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from juggler.connectors.contract import Row
from juggler.connectors.memory.collection import Change, Collection
from juggler.connectors.memory.store import Store


class Kept(NamedTuple):
    """One collection of a snapshot."""

    ids: tuple[str, ...]
    unread: tuple[tuple[str, ...] | None] | None
    sequence: int
    rows: Mapping[Hashable, Row]


class Snapshot:
    """The rows and the counts of ids of one moment; nothing changes it.

    It shares rows with the store, which never changes one, so it costs a table of references.  It
    outlives the store and may be given to another.  Indexes are the models' and no part of it.

    Args:
        collections: What is kept, by the names of collections.
    """

    __slots__ = ("collections",)

    collections: Mapping[str, Kept]

    def __init__(self, collections: Mapping[str, Kept]) -> None:
        self.collections = MappingProxyType(dict(collections))

    def __await__(self) -> Generator[Any, Any, Snapshot]:
        """Return itself: it was made at once, and may be awaited like what stores take time for."""
        return self
        yield

    def __len__(self) -> int:
        return sum(len(kept.rows) for kept in self.collections.values())

    def __repr__(self) -> str:
        return f"<Snapshot {len(self.collections)} collections, {len(self)} rows>"


class Restored:
    """What `restore` answers: rows are as they were; awaiting it waits until they are kept."""

    __slots__ = ("_kept",)

    def __init__(self, kept: Callable[[], Awaitable[None]]) -> None:
        self._kept = kept

    def __await__(self) -> Generator[Any, Any, None]:
        return self._kept().__await__()


def take(store: Store) -> Snapshot:
    """Return a snapshot of what *store* holds now."""
    return Snapshot({each.name: _kept(each) for each in store})


def put_back(store: Store, snapshot: Snapshot) -> None:
    """Make what *snapshot* holds, and nothing else, the rows of *store*; its watchers are told."""
    for collection in store:
        kept = snapshot.collections.get(collection.name)
        if kept is None or (kept.ids, kept.unread) != (collection.ids, collection.unread):
            store.drop(collection.name)
    for name, kept in snapshot.collections.items():
        collection = store.named(name, kept.ids)
        collection.unread = kept.unread  # as it is, unless the collection is new
        _fill(store, collection, kept)


def _fill(store: Store, collection: Collection, kept: Kept) -> None:
    """Give a collection the rows and the count that it had."""
    changes = _difference(collection, kept.rows)
    if changes or collection._sequence != kept.sequence:
        collection._sequence = kept.sequence
        collection.put(changes)
        store.committed(collection, changes)


def _kept(collection: Collection) -> Kept:
    rows = dict(collection._rows)
    return Kept(collection.ids, collection.unread, collection._sequence, rows)


def _difference(collection: Collection, rows: Mapping[Hashable, Row]) -> list[Change]:
    """Return what makes the rows of a collection *rows*."""
    now = collection._rows
    gone: list[Change] = [(place, row, None) for place, row in now.items() if place not in rows]
    other: list[Change] = [
        (place, now.get(place), row) for place, row in rows.items() if now.get(place) is not row
    ]
    return gone + other
