"""The connector for rows in memory: all of the contract, in process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from juggler.connectors.contract import Connector, Host, ModelInfo, Options, Row, Upsert
from juggler.connectors.memory.changing import modify, upsert_all
from juggler.connectors.memory.copying import copied, merging
from juggler.connectors.memory.file import file_of
from juggler.connectors.memory.reading import count, first, matching, read
from juggler.connectors.memory.snapshot import Restored, Snapshot, put_back, take
from juggler.connectors.memory.store import Store
from juggler.connectors.memory.transaction import MemoryTransaction
from juggler.errors import DuplicateEntryError
from juggler.query.aggregate import Aggregation
from juggler.query.gather import gather
from juggler.query.match import compile_where
from juggler.query.nodes import Filter, Where


class MemoryConnector(Connector):
    """Rows in memory, for tests and small things; they live as long as the connector.

    What a method does is one step for all tasks: what it decides it also does.  Callers and store
    never share an object.  Models of one name share their rows, and so do those whose settings name
    one ``collection`` in their block ``memory``.

    Without the setting ``file`` no method awaits.  With it rows are read when it is connected, and
    a call returns when the file says what the call did, or what it has seen; see `StoreFile`.

    A transaction (`begin`) is optimistic: nothing waits, and of two that change one row the first
    to be committed wins.  Disconnecting rolls back those that are open; the rows stay.
    """

    name: ClassVar[str] = "memory"
    types: ClassVar[tuple[str, ...]] = ("db", "nosql", "memory")
    exact: ClassVar[bool] = True
    capabilities: frozenset[str] = frozenset(
        {"upsert", "find_or_create", "multi_insert", "near", "migrate", "regexp", "nested"}
        | {"transactions", "savepoints", "aggregate", "elem_match"}
        | {"atomic", "bulk_upsert"}
    )

    def __init__(self, settings: Mapping[str, Any], host: Host) -> None:
        super().__init__(settings, host)
        self._store = Store()
        self._file = file_of(settings, self._store)
        self._store.file = self._file

    async def connect(self) -> None:
        """Read the file, where there is one, unless it was read since `disconnect`.

        Raises:
            StoreError: It cannot be read or is not understood.
        """
        if self._file is not None:
            await self._file.connect()

    async def begin(self, isolation: str) -> MemoryTransaction:
        """Begin a transaction; all levels see one state of the rows, ``SERIALIZABLE`` checks it."""
        return MemoryTransaction(self, self._store, is_serial=isolation == "SERIALIZABLE")

    async def disconnect(self) -> None:
        """Roll back the transactions that are open; the rows stay, and their file is complete."""
        for each in tuple(self._store.committed.watchers):
            if isinstance(each, MemoryTransaction):
                each.abandon()
        if self._file is not None:
            await self._file.disconnect()

    def snapshot(self) -> Snapshot:
        """Return what is stored now, to come back to with `restore`; done at once, awaited or not.

        Cheap: a table of references to rows, not the rows.
        """
        return take(self._store)

    def restore(self, snapshot: Snapshot) -> Restored:
        """Make the rows and counts of ids those of *snapshot*; done at once.

        Transactions that are open see it as a change that somebody else has made.  Awaiting the
        answer waits until the file, where there is one, says so too.
        """
        put_back(self._store, snapshot)
        return Restored(self._written)

    def define(self, info: ModelInfo) -> None:
        """Take note of a model: its rows are made ready for it when a file is read."""
        if self._file is not None:
            self._file.models.add(info)

    def undefine(self, info: ModelInfo) -> None:
        """Forget a model; its rows stay for other models of its name."""
        self._store.forget(info)

    def default_id_type(self) -> str:
        """Return the type name that generated ids get."""
        return "number"

    # data -------------------------------------------------------------------------------------

    async def create(self, info: ModelInfo, data: Row, options: Options) -> Any:
        """Store a new row and return its id."""
        row = self._store.collection(info).insert(info, data)
        if self._store.file is not None:
            await self._store.file.written()
        return _id(info, row)

    async def create_all(self, info: ModelInfo, rows: Sequence[Row], options: Options) -> list[Any]:
        """Store all rows or none and return their ids in order."""
        collection = self._store.collection(info)
        made = collection.insert_all(info, rows)
        if self._store.file is not None:
            await self._store.file.written()
        return [_id(info, row) for row in made]

    async def all(self, info: ModelInfo, query: Filter, options: Options) -> list[Row]:
        """Return the rows of *query*, in its order; without order by the primary key."""
        while True:
            rows = read(self._store.collection(info), info, query)
            if self._store.file is None or await self._store.file.stands():
                return rows

    async def count(self, info: ModelInfo, where: Where, options: Options) -> int:
        """Return how many rows match."""
        while True:
            found = count(self._store.collection(info), info, where)
            if self._store.file is None or await self._store.file.stands():
                return found

    async def aggregate(self, info: ModelInfo, asked: Aggregation, options: Options) -> list[Row]:
        """Return the result rows of *asked*, in its order."""
        while True:
            found = matching(self._store.collection(info), info, asked.where)
            rows = gather((row for _, row in found), asked)
            if self._store.file is None or await self._store.file.stands():
                return rows

    async def update(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Merge *data* into all rows that match and return how many matched; keys stay."""
        collection = self._store.collection(info)
        found = [place for place, _ in matching(collection, info, where)]
        changes = {name: value for name, value in data.items() if name not in info.shape.ids}
        if changes:
            collection.change(info, found, merging(changes, info.name))
        if self._store.file is not None:
            await self._store.file.written()
        return len(found)

    async def modify(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Merge *data*, changes worked out, into the rows that match and return how many did."""
        collection = self._store.collection(info)
        found = [place for place, _ in matching(collection, info, where)]
        matched = modify(collection, info, found, data)
        if self._store.file is not None:
            await self._store.file.written()
        return matched

    async def replace(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Put *data* in the place of the row that matches; return 0 or 1."""
        collection = self._store.collection(info)
        found = [place for place, _ in first(collection, info, where)]
        ids = info.shape.ids
        changes = {name: value for name, value in data.items() if name not in ids}

        def replaced(row: Row) -> Row:
            return {**{name: row[name] for name in ids}, **copied(changes)}

        collection.change(info, found, replaced)
        if self._store.file is not None:
            await self._store.file.written()
        return len(found)

    async def destroy_all(self, info: ModelInfo, where: Where, options: Options) -> int:
        """Delete all rows that match and return how many were."""
        collection = self._store.collection(info)
        found = [place for place, _ in matching(collection, info, where)]
        collection.delete(found)
        if self._store.file is not None:
            await self._store.file.written()
        return len(found)

    async def update_or_create(
        self, info: ModelInfo, data: Row, defaults: Row, scope: Where, options: Options
    ) -> tuple[Row, bool]:
        """Merge *data* into the row with its key, or insert ``defaults | data``; atomic."""
        collection = self._store.collection(info)
        ids = info.shape.ids
        has_key = bool(ids) and all(data.get(name) is not None for name in ids)
        found = list(collection.peek([collection.place(data)])) if has_key else []
        if not found:
            made = collection.insert(info, {**defaults, **data})
            if self._store.file is not None:
                await self._store.file.written()
            return collection.take_out(made), True
        ((place, row),) = found
        if not compile_where(scope)(row):
            raise DuplicateEntryError(
                f"Duplicate entry for {info.name}.{', '.join(ids)}.", fields=ids, model=info.name
            )
        changed = {**row, **copied({name: data[name] for name in data if name not in ids})}
        collection.change(info, [place], lambda _: changed)
        if self._store.file is not None:
            await self._store.file.written()
        return collection.take_out(changed), False

    async def upsert_all(
        self, info: ModelInfo, items: Sequence[Upsert], match_on: Sequence[str], options: Options
    ) -> list[tuple[Row, bool]]:
        """Merge each item into the row that equals it in *match_on*, or insert it; all or none."""
        rows = upsert_all(self._store.collection(info), info, items, match_on)
        if self._store.file is not None:
            await self._store.file.written()
        return rows

    async def find_or_create(
        self, info: ModelInfo, query: Filter, data: Row, options: Options
    ) -> tuple[Row, bool]:
        """Return the first row of *query* and False, or insert *data* and True; atomic."""
        first = Filter(query.where, query.order, 1, query.offset, query.fields)
        found: list[Row]
        while found := read(self._store.collection(info), info, first):
            if self._store.file is None or await self._store.file.stands():
                return found[0], False
        collection = self._store.collection(info)
        row = collection.insert(info, data)
        if self._store.file is not None:
            await self._store.file.written()
        return collection.take_out(row), True

    # schema -----------------------------------------------------------------------------------

    async def automigrate(self, infos: Sequence[ModelInfo]) -> None:
        """Empty the collections of the models and begin to count ids anew."""
        for info in infos:
            self._store.empty(info)
        if self._store.file is not None:
            await self._store.file.written()

    async def autoupdate(self, infos: Sequence[ModelInfo]) -> None:
        """Make the indexes of the models.

        Raises:
            DuplicateEntryError: Rows that are there break one that has to be unique.
        """
        for info in infos:
            self._store.collection(info)

    async def _written(self) -> None:
        if self._store.file is not None:
            await self._store.file.written()


def _id(info: ModelInfo, row: Row) -> Any:
    """Return the id of a stored row as callers get it."""
    ids = info.shape.ids
    if len(ids) == 1:
        return copied(row[ids[0]])
    return {name: copied(row[name]) for name in ids} if ids else None
