"""The connector for rows in memory: all of the contract, in process."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar

from juggler.connectors.contract import Connector, Host, ModelInfo, Options, Row
from juggler.connectors.memory.collection import Collection
from juggler.connectors.memory.copying import copied
from juggler.connectors.memory.lookup import is_key_alone, places
from juggler.connectors.memory.store import Store
from juggler.errors import DuplicateEntryError, OperationNotSupportedError
from juggler.query.geo import near_conditions
from juggler.query.match import compile_where
from juggler.query.nodes import EVERYTHING, Filter, Where
from juggler.query.order import arrange

Found = Iterable[tuple[Hashable, Row]]


class MemoryConnector(Connector):
    """Rows in memory, for tests and small things; they live as long as the connector.

    No method awaits, so each is one step for all tasks: what it decides it also does.  Callers
    and store never share an object.  Models of one name share their rows, and so do those whose
    settings name one ``collection`` in their block ``memory``.  There is no file to keep rows in
    and there are no transactions yet: asking for one is an `OperationNotSupportedError`.
    """

    name: ClassVar[str] = "memory"
    types: ClassVar[tuple[str, ...]] = ("db", "nosql", "memory")
    exact: ClassVar[bool] = True
    capabilities: frozenset[str] = frozenset(
        {"upsert", "find_or_create", "multi_insert", "near", "migrate", "regexp", "nested"}
    )

    def __init__(self, settings: Mapping[str, Any], host: Host) -> None:
        super().__init__(settings, host)
        self._store = Store()

    def undefine(self, info: ModelInfo) -> None:
        """Forget a model; its rows stay for other models of its name."""
        self._store.forget(info)

    def default_id_type(self) -> str:
        """Return the type name that generated ids get."""
        return "number"

    # data -------------------------------------------------------------------------------------

    async def create(self, info: ModelInfo, data: Row, options: Options) -> Any:
        """Store a new row and return its id."""
        collection = self._collection(info, options)
        return _id(info, collection.insert(info, data))

    async def create_all(self, info: ModelInfo, rows: Sequence[Row], options: Options) -> list[Any]:
        """Store all rows or none and return their ids in order."""
        collection = self._collection(info, options)
        return [_id(info, row) for row in collection.insert_all(info, rows)]

    async def all(self, info: ModelInfo, query: Filter, options: Options) -> list[Row]:
        """Return the rows of *query*, in its order; without order by the primary key."""
        return _read(self._collection(info, options), info, query)

    async def count(self, info: ModelInfo, where: Where, options: Options) -> int:
        """Return how many rows match."""
        collection = self._collection(info, options)
        if where == EVERYTHING:
            return len(collection)
        return sum(1 for _ in _matching(collection, info, where))

    async def update(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Merge *data* into all rows that match and return how many matched; keys stay."""
        collection = self._collection(info, options)
        found = [place for place, _ in _matching(collection, info, where)]
        changes = {name: value for name, value in data.items() if name not in info.shape.ids}
        if changes:
            collection.change(info, found, lambda row: {**row, **_copies(changes)})
        return len(found)

    async def replace(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Put *data* in the place of the row that matches; return 0 or 1."""
        collection = self._collection(info, options)
        found = [place for place, _ in _first(collection, info, where)]
        ids = info.shape.ids
        changes = {name: value for name, value in data.items() if name not in ids}

        def replaced(row: Row) -> Row:
            return {**{name: row[name] for name in ids}, **_copies(changes)}

        collection.change(info, found, replaced)
        return len(found)

    async def destroy_all(self, info: ModelInfo, where: Where, options: Options) -> int:
        """Delete all rows that match and return how many were."""
        collection = self._collection(info, options)
        found = [place for place, _ in _matching(collection, info, where)]
        collection.delete(found)
        return len(found)

    async def update_or_create(
        self, info: ModelInfo, data: Row, defaults: Row, scope: Where, options: Options
    ) -> tuple[Row, bool]:
        """Merge *data* into the row with its key, or insert ``defaults | data``; atomic."""
        collection = self._collection(info, options)
        ids = info.shape.ids
        has_key = bool(ids) and all(data.get(name) is not None for name in ids)
        found = list(collection.peek([collection.place(data)])) if has_key else []
        if not found:
            return collection.take_out(collection.insert(info, {**defaults, **data})), True
        ((place, row),) = found
        if not compile_where(scope)(row):
            raise DuplicateEntryError(
                f"Duplicate entry for {info.name}.{', '.join(ids)}.", fields=ids, model=info.name
            )
        changed = {**row, **_copies({name: data[name] for name in data if name not in ids})}
        collection.change(info, [place], lambda _: changed)
        return collection.take_out(changed), False

    async def find_or_create(
        self, info: ModelInfo, query: Filter, data: Row, options: Options
    ) -> tuple[Row, bool]:
        """Return the first row of *query* and False, or insert *data* and True; atomic."""
        collection = self._collection(info, options)
        first = Filter(query.where, query.order, 1, query.offset, query.fields)
        for row in _read(collection, info, first):
            return row, False
        return collection.take_out(collection.insert(info, data)), True

    # schema -----------------------------------------------------------------------------------

    async def automigrate(self, infos: Sequence[ModelInfo]) -> None:
        """Empty the collections of the models and begin to count ids anew."""
        for info in infos:
            self._store.empty(info)

    async def autoupdate(self, infos: Sequence[ModelInfo]) -> None:
        """Make the indexes of the models.

        Raises:
            DuplicateEntryError: Rows that are there break one that has to be unique.
        """
        for info in infos:
            self._store.collection(info)

    def _collection(self, info: ModelInfo, options: Options | None) -> Collection:
        """Return the collection of a model; refuse what this connector cannot do."""
        if options and options.get("transaction") is not None:
            raise OperationNotSupportedError(
                "The memory connector does not support transactions yet.", value="transaction"
            )
        return self._store.collection(info)


def _matching(collection: Collection, info: ModelInfo, where: Where) -> Found:
    """Return the rows that match, with their keys."""
    if where == EVERYTHING:
        return collection.peek()
    return _among(collection, where, places(collection, info, where))


def _among(collection: Collection, where: Where, among: Sequence[Hashable] | None) -> Found:
    """Return the rows that match, of those that can; all can where *among* is None."""
    candidates = collection.peek(among)
    if is_key_alone(collection, where):
        return candidates
    matches = compile_where(where)
    return ((place, row) for place, row in candidates if matches(row))


def _first(collection: Collection, info: ModelInfo, where: Where) -> Found:
    """Return the first row by primary key that matches, if one does."""
    found = list(_matching(collection, info, where))
    return found if len(found) < 2 else collection.in_key_order(found)[:1]


def _read(collection: Collection, info: ModelInfo, query: Filter) -> list[Row]:
    """Return copies of the rows of *query*."""
    if query.limit == 0:
        return []
    among = places(collection, info, query.where)
    found = (row for _, row in _among(collection, query.where, among))
    rows: Iterable[Row]
    if _is_in_order(query, among):
        end = None if query.limit is None else query.offset + query.limit
        rows = islice(found, query.offset, end)
    else:
        rows = arrange(found, query, info.shape.ids)
    return [collection.take_out(row, query.fields) for row in rows]


def _is_in_order(query: Filter, among: Sequence[Hashable] | None) -> bool:
    """Tell whether the rows come in the order of *query* by themselves."""
    if among is not None:
        return len(among) < 2
    return not query.order and not near_conditions(query.where)


def _copies(data: Row) -> Row:
    return {name: copied(value) for name, value in data.items()}


def _id(info: ModelInfo, row: Row) -> Any:
    """Return the id of a stored row as callers get it."""
    ids = info.shape.ids
    if len(ids) == 1:
        return copied(row[ids[0]])
    return {name: copied(row[name]) for name in ids} if ids else None
