"""The rows of a collection that match a condition, or are what a query asks for."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import islice
from operator import itemgetter

from juggler.connectors.contract import ModelInfo, Row
from juggler.connectors.memory.collection import Collection
from juggler.connectors.memory.lookup import is_key_alone, places
from juggler.query.geo import near_conditions
from juggler.query.match import compile_where
from juggler.query.nodes import EVERYTHING, Filter, Where
from juggler.query.order import arrange

Found = Iterable[tuple[Hashable, Row]]
_row_of = itemgetter(1)


def matching(collection: Collection, info: ModelInfo, where: Where) -> Found:
    """Return the rows that match, with their keys."""
    if where == EVERYTHING:
        return collection.peek()
    candidates = collection.peek(places(collection, info, where))
    if is_key_alone(where, collection.ids):
        return candidates
    matches = compile_where(where)
    return [each for each in candidates if matches(each[1])]


def count(collection: Collection, info: ModelInfo, where: Where) -> int:
    """Return how many rows match."""
    if where == EVERYTHING:
        return len(collection)
    return sum(1 for _ in _rows(collection, where, places(collection, info, where)))


def first(collection: Collection, info: ModelInfo, where: Where) -> Found:
    """Return the first row by primary key that matches, if one does."""
    found = list(matching(collection, info, where))
    return found if len(found) < 2 else collection.in_key_order(found)[:1]


def read(collection: Collection, info: ModelInfo, query: Filter) -> list[Row]:
    """Return copies of the rows of *query*."""
    if query.limit == 0:
        return []
    among = places(collection, info, query.where)
    rows = _rows(collection, query.where, among)
    if _is_in_order(query, among):
        rows = islice(islice(rows, query.offset, None), query.limit)
    else:  # all of them come in the order of their key, which settles ties by itself
        rows = arrange(rows, query, () if among is None else info.shape.ids)
    return collection.take_out_all(rows, query.fields)


def _rows(collection: Collection, where: Where, among: Sequence[Hashable] | None) -> Iterable[Row]:
    """Return the rows that match, of those that can; all can where *among* is None."""
    rows = map(_row_of, collection.peek(among))
    if where == EVERYTHING or is_key_alone(where, collection.ids):
        return rows
    return filter(compile_where(where), rows)


def _is_in_order(query: Filter, among: Sequence[Hashable] | None) -> bool:
    """Tell whether the rows come in the order of *query* by themselves."""
    if among is not None:
        return len(among) < 2
    return not query.order and not near_conditions(query.where)
