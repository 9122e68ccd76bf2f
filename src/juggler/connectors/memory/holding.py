"""Between a collection and what a file holds of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import Any, cast

from juggler.connectors.contract import ModelInfo, Row
from juggler.connectors.memory.collection import Change, Collection
from juggler.connectors.memory.copying import changing
from juggler.connectors.memory.document import Entry, Held
from juggler.connectors.memory.indexes import index_key
from juggler.connectors.memory.tagged import key_text
from juggler.errors import DefinitionError


def collection_name(info: ModelInfo) -> str:
    """Return the name of a model's collection: its setting, or the model's own name."""
    given = info.block("memory").get("collection")
    return str(given) if given else info.name


def hold(collection: Collection, held: Held) -> None:
    """Fill a new collection with what a file holds; no model has looked at its rows yet."""
    collection.unread = (held.ids,)
    collection._sequence = collection.settled = held.sequence
    collection._rows = dict(held.rows)
    collection._is_sorted = False


def held_of(collection: Collection) -> Held:
    """Return what a collection holds now, to be read in another thread.

    It takes a copy of the table of rows, not of the rows, which never change.
    """
    ids = _ids(collection)
    name = _text if collection.unread is None else _unread_text
    own, rows = collection.ids, dict(collection._rows)
    texts = ((name(own, place, row), row) for place, row in rows.items())
    return Held(ids, collection._sequence, texts)


def entry_of(collection: Collection, changes: Sequence[Change]) -> Entry:
    """Return changes of a collection as a file notes them."""
    former, now = _by_text(collection, changes, 1), _by_text(collection, changes, 2)
    gone = [text for text in former if text not in now]
    ids = _ids(collection)
    return Entry(collection.name, ids, collection._sequence, False, gone, list(now.items()))


def _by_text(collection: Collection, changes: Sequence[Change], at: int) -> dict[str, Row]:
    """Return the rows at one place of *changes*, under the texts of their keys."""
    name = _text if collection.unread is None else _unread_text
    rows = ((each[0], cast("Row | None", each[at])) for each in changes)
    return {name(collection.ids, place, row): row for place, row in rows if row is not None}


def new_entry(collection: Collection) -> Entry:
    """Return that a collection was let go: nothing is left of it."""
    return Entry(collection.name, None, 0, is_new=True, gone=(), put=())


def read_as(collection: Collection, info: ModelInfo) -> bool:
    """Give rows that a file held the types that a model says, and the keys that follow from these.

    Nothing is done where the rows have another primary key.

    Returns:
        Whether the keys of some rows have other texts from now on.

    Raises:
        DuplicateEntryError: Two rows have one key now.
        DefinitionError: A row has no value for its key.
    """
    (given,) = collection.unread or (None,)
    ids = info.shape.ids
    if collection._rows and given is not None and given != ids:
        return False
    found: dict[Hashable, Row] = {}
    number, has_other_texts = collection._sequence, False
    for text, row in _loaded(collection, info):
        place = _place(info, row) if ids else len(found) + 1 if given is None else int(text)
        if place in found:
            raise collection.duplicate(info, ids, row)
        found[place] = row
        number = max(number, _number(ids, place, row))
        has_other_texts = has_other_texts or _text(ids, place, row) != text
    for row in found.values():
        collection._changing |= changing(row, info.name)
    collection._rows, collection.ids, collection.unread = found, ids, None
    collection._sequence, collection._last, collection._is_sorted = number, (), not ids
    return has_other_texts


def _loaded(collection: Collection, info: ModelInfo) -> Iterator[tuple[str, Row]]:
    """Yield rows that a file held as the types of a model load them, under the texts of keys."""
    ids = info.shape.ids
    loads = [(name, prop.type.load) for name, prop in info.shape.properties.items()]
    for text, stored in collection._rows.items():
        row = dict(stored)
        if len(ids) == 1 and row.get(ids[0]) is None:
            row[ids[0]] = text
        for name, load in loads:
            if row.get(name) is not None:
                row[name] = load(row[name])
        yield str(text), row


def _place(info: ModelInfo, row: Row) -> Hashable:
    ids = info.shape.ids
    if any(row.get(name) is None for name in ids):
        raise DefinitionError(
            f"{info.name}: rows of the file have no {', '.join(ids)}; is that its primary key? "
            "automigrate() begins anew.",
            model=info.name,
        )
    places = [index_key(row[name]) for name in ids]
    return places[0] if len(ids) == 1 else tuple(places)


def _number(ids: Iterable[str], place: Hashable, row: Row) -> int:
    """Return the number up to which a row uses ids up."""
    values: list[Any] = [row[name] for name in ids] or [place]
    number = values[0] if len(values) == 1 else 0
    return int(number) if type(number) in (int, float) else 0


def _ids(collection: Collection) -> tuple[str, ...] | None:
    return collection.ids if collection.unread is None else collection.unread[0]


def _text(ids: tuple[str, ...], place: Hashable, row: Row) -> str:
    return key_text(tuple([row[name] for name in ids])) if ids else str(place)


def _unread_text(_ids: tuple[str, ...], place: Hashable, _row: Row) -> str:
    return str(place)
