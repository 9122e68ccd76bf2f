"""All collections of one memory connector."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol
from weakref import WeakKeyDictionary

from juggler.connectors.contract import ModelInfo
from juggler.connectors.memory.collection import Change, Collection
from juggler.connectors.memory.document import Held
from juggler.connectors.memory.holding import collection_name, held_of, read_as
from juggler.errors import DuplicateEntryError


class Watcher(Protocol):
    """What is told of every change that is committed."""

    def note(self, collection: Collection, changes: Sequence[Change]) -> None:
        """Take note of *changes*, which were just made; it must not fail."""


class Keeps(Protocol):
    """What keeps every committed change in a file."""

    async def written(self) -> None:
        """Return when all changes that were made are in the file.

        Raises:
            StoreError: They could not be written and were taken back.
        """

    async def stands(self) -> bool:
        """Tell whether the rows as they are now are in the file; False: they were taken back."""

    def rewrite(self) -> None:
        """Write the whole next time: rows that are there are named in another way."""


class Committed:
    """The one place through which every committed change passes; belongs to one store.

    Attributes:
        watchers: Who is told, of each change once it is made.
    """

    __slots__ = ("watchers",)

    def __init__(self) -> None:
        self.watchers: set[Watcher] = set()

    def __call__(self, collection: Collection, changes: Sequence[Change]) -> None:
        """Tell of *changes*; where nobody listens that costs nothing."""
        if self.watchers:
            for watcher in tuple(self.watchers):
                watcher.note(collection, changes)


class Store:
    """Collections by name; belongs to one connector and lives as long as it.

    A collection is made when it is first used, and stays when its last model goes, as a table
    would, unless it is empty then.

    Attributes:
        committed: Is told of every change of its rows.
        file: What keeps its rows in a file; None where nothing does.
    """

    def __init__(self) -> None:
        self.committed = Committed()
        self.file: Keeps | None = None
        self._by_name: dict[str, Collection] = {}
        self._by_model: WeakKeyDictionary[ModelInfo, Collection] = WeakKeyDictionary()

    def __len__(self) -> int:
        return len(self._by_name)

    def collection(self, info: ModelInfo) -> Collection:
        """Return the collection of a model."""
        found = self._by_model.get(info)
        if found is None:
            found = self.named(collection_name(info), info.shape.ids)
            if found.unread is not None and read_as(found, info) and self.file is not None:
                self.file.rewrite()
            found.adopt(info)
            self._by_model[info] = found
        return found

    def named(self, name: str, ids: tuple[str, ...]) -> Collection:
        """Return the collection of a name; a new one has the primary key *ids*."""
        found = self._by_name.get(name)
        if found is None:
            found = self._by_name[name] = Collection(name, ids, self.committed)
        return found

    def empty(self, info: ModelInfo) -> None:
        """Let the rows of a model go, and the count of ids; its collection is made anew."""
        self.drop(collection_name(info))

    def drop(self, name: str) -> None:
        """Let a collection go; it is made anew when it is used."""
        found = self._by_name.pop(name, None)
        if found is not None:
            self._part(found)
            self.committed(found, [(place, row, None) for place, row in found._rows.items()])

    def reinstate(self, collection: Collection) -> None:
        """Make *collection* again the one of its name."""
        now = self._by_name.get(collection.name)
        if now is not collection:
            if now is not None:
                self._part(now)
            self._by_name[collection.name] = collection

    def has(self, collection: Collection) -> bool:
        """Tell whether *collection* is one of these still."""
        return self._by_name.get(collection.name) is collection

    def __iter__(self) -> Iterator[Collection]:
        return iter(tuple(self._by_name.values()))

    def held(self) -> dict[str, Held]:
        """Return what all collections hold, to be read in another thread."""
        return {name: held_of(found) for name, found in self._by_name.items()}

    def reload(self, collections: Mapping[str, Collection]) -> None:
        """Hold what a file says and nothing else; nobody is told of that."""
        self._by_model.clear()
        self._by_name = dict(collections)

    def exchange(self, work: Sequence[tuple[ModelInfo, Collection, Sequence[Change]]]) -> None:
        """Make the changes of several collections in one step: all or none.

        Raises:
            DuplicateEntryError: A unique value would be there twice afterwards.
        """
        done = 0
        try:
            for info, collection, changes in work:
                collection.exchange(info, changes)
                done += 1
        except DuplicateEntryError:
            for info, collection, changes in reversed(work[:done]):
                collection.exchange(info, [(place, row, former) for place, former, row in changes])
            raise
        for _, collection, changes in work:
            self.committed(collection, changes)

    def forget(self, info: ModelInfo) -> None:
        """Forget a model, and its collection where that holds nothing."""
        collection = self._by_model.pop(info, None)
        if collection is not None and not collection.release(info):
            self._by_name.pop(collection_name(info), None)

    def _part(self, collection: Collection) -> None:
        """Have the models of a collection ask for theirs again."""
        for user in collection.users:
            self._by_model.pop(user, None)
