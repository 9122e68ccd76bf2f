"""Changing many rows of a collection at once: worked out from what they are, and upserts."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from juggler.connectors.contract import ModelInfo, Row, Upsert
from juggler.connectors.memory.collection import Collection
from juggler.connectors.memory.copying import copied
from juggler.connectors.memory.indexes import index_key
from juggler.query.changes import Change, applied
from juggler.undoing import OnFailure


def modify(collection: Collection, info: ModelInfo, places: Sequence[Hashable], data: Row) -> int:
    """Merge *data*, in which values may be changes, into the rows at *places*; keys stay."""
    ids = info.shape.ids
    changes = {name: value for name, value in data.items() if name not in ids}
    if changes:
        collection.change(info, places, lambda row: {**row, **_worked_out(row, changes)})
    return len(places)


def _worked_out(row: Row, changes: Row) -> Row:
    return {
        name: copied(applied(value, row.get(name)) if type(value) is Change else value)
        for name, value in changes.items()
    }


def upsert_all(
    collection: Collection, info: ModelInfo, items: Sequence[Upsert], match_on: Sequence[str]
) -> list[tuple[Row, bool]]:
    """Merge each item's data into the row that equals it in *match_on*, or insert it.

    All or none: what an error leaves behind is taken back.
    """
    keys = [_key(item.data, match_on) for item in items]
    there = _places(collection, match_on, keys)
    news, changes = list[Row](), dict[Hashable, Row]()
    for item, key in zip(items, keys, strict=True):
        if key in there:
            changes[there[key]] = item.data
        elif item.must_exist:
            raise item.missing(info.name, match_on)
        else:
            news.append({**item.defaults, **item.data})
    made = collection.insert_all(info, news)
    ids = info.shape.ids
    merged = {
        place: {**former, **{n: copied(v) for n, v in changes[place].items() if n not in ids}}
        for place, former in collection.peek(list(changes))
    }
    waiting = iter(merged.values())
    with OnFailure(lambda: collection.delete([collection.place(row) for row in made])):
        collection.change(info, list(merged), lambda _: next(waiting))
    new = iter(made)
    rows = [(merged[there[key]], False) if key in there else (next(new), True) for key in keys]
    return [(collection.take_out(row), is_new) for row, is_new in rows]


def _key(row: Row, match_on: Sequence[str]) -> tuple[Hashable, ...]:
    return tuple(index_key(row.get(name)) for name in match_on)


def _places(
    collection: Collection, match_on: Sequence[str], keys: Sequence[tuple[Hashable, ...]]
) -> dict[Hashable, Hashable]:
    """Return key -> place of the rows that have one of *keys*."""
    there = collection.peek()
    if tuple(match_on) == collection.ids:
        there = collection.peek([key[0] if len(key) == 1 else key for key in keys])
    wanted = set(keys)
    found = ((_key(row, match_on), place) for place, row in there)
    return {key: place for key, place in found if key in wanted}
