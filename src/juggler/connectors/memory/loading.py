"""Making collections of what a file says, off the event loop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from juggler.connectors.contract import ModelInfo
from juggler.connectors.memory.collection import Collection, Told
from juggler.connectors.memory.document import Held
from juggler.connectors.memory.holding import collection_name, hold, read_as
from juggler.errors import JugglerError


class Loaded(NamedTuple):
    """What a file says, as collections that no store has yet.

    Attributes:
        collections: By their names.
        is_renamed: The keys of some rows have other texts than in the file.
    """

    collections: dict[str, Collection]
    is_renamed: bool


def loaded(held: Mapping[str, Held], models: Sequence[ModelInfo], told: Told) -> Loaded:
    """Return collections of what a file holds; called in a thread.

    Those that one of *models* alone is about have the types, indexes and order that it asks for, so
    that its first use finds them done.  What is wrong with them is found by that use.
    """
    uses = Counter(map(collection_name, models))
    users = {name: info for info in models if uses[name := collection_name(info)] == 1}
    found: dict[str, Collection] = {}
    is_renamed = False
    for name, each in held.items():
        collection = found[name] = Collection(name, each.ids or (), told)
        hold(collection, each)
        if name in users:
            with suppress(JugglerError):
                is_renamed = _prepare(collection, users[name]) or is_renamed
    return Loaded(found, is_renamed)


def _prepare(collection: Collection, info: ModelInfo) -> bool:
    """Make a collection ready for its one model; tell whether texts of keys are others now."""
    is_renamed = read_as(collection, info)
    collection.adopt(info)
    _ = collection.peek()
    return is_renamed
