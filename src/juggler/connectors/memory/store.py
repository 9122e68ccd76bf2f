"""All collections of one memory connector."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from juggler.connectors.contract import ModelInfo
from juggler.connectors.memory.collection import Collection


class Store:
    """Collections by name; belongs to one connector and lives as long as it.

    A collection is made when it is first used, and stays when its last model goes, as a table
    would, unless it is empty then.
    """

    def __init__(self) -> None:
        self._by_name: dict[str, Collection] = {}
        self._by_model: WeakKeyDictionary[ModelInfo, Collection] = WeakKeyDictionary()

    def __len__(self) -> int:
        return len(self._by_name)

    def collection(self, info: ModelInfo) -> Collection:
        """Return the collection of a model."""
        found = self._by_model.get(info)
        if found is None:
            found = self._by_name.setdefault(collection_name(info), Collection(info))
            found.adopt(info)
            self._by_model[info] = found
        return found

    def empty(self, info: ModelInfo) -> None:
        """Let the rows of a model go, and the count of ids; its collection is made anew."""
        found = self._by_name.pop(collection_name(info), None)
        for user in () if found is None else found.users:
            self._by_model.pop(user, None)

    def forget(self, info: ModelInfo) -> None:
        """Forget a model, and its collection where that holds nothing."""
        collection = self._by_model.pop(info, None)
        if collection is not None and not collection.release(info):
            self._by_name.pop(collection_name(info), None)


def collection_name(info: ModelInfo) -> str:
    """Return the name of a model's collection: its setting, or the model's own name."""
    given = info.block("memory").get("collection")
    return str(given) if given else info.name
