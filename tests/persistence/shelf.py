"""A store in a dict that notes what it was asked, waits and fails on demand."""

import asyncio
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import pytest

from juggler.connectors.contract import Connector, ModelInfo, Options, Row
from juggler.datasource.datasource import DataSource
from juggler.errors import DuplicateEntryError
from juggler.facade.default import ModelRegistry
from juggler.query.evaluate import select
from juggler.query.match import compile_where
from juggler.query.nodes import Filter, Where
from juggler.testing.gate import Gate

ALL = frozenset({"upsert", "find_or_create", "multi_insert", "near", "regexp", "nested"})
NONE: frozenset[str] = frozenset()
BOTH = pytest.mark.parametrize("capabilities", [ALL, NONE], ids=["native", "fallback"])


class Shelf(Connector):
    """Rows by model name, in dicts; belongs to one test.

    Attributes:
        asked: Name of each method that was called, in order.
        gate: Where calls wait, if there is one.
        before: Called with the method's name before it works; may raise.
    """

    name = "shelf"
    types = ("db", "shelf")

    def __init__(self, settings: Mapping[str, Any], host: Any) -> None:
        super().__init__(settings, host)
        self.capabilities = settings.get("capabilities", ALL)
        self.relational = settings.get("relational", False)  # type: ignore[misc]  # one per test
        self.rows: dict[str, dict[Any, Row]] = {}
        self.asked: list[str] = []
        self.seen: list[tuple[str, Any]] = []
        self.options: list[Any] = []
        self.gate: Gate | None = None
        self.before: Callable[[str], None] | None = None

    def default_id_type(self) -> str:
        """Return the type of generated ids."""
        return "number"

    # what a test looks at -----------------------------------------------------------------

    def table(self, name: str) -> list[Row]:
        """Return the rows of a model in order of their keys."""
        return list(self.rows.get(name, {}).values())

    # the contract -------------------------------------------------------------------------

    async def create(self, info: ModelInfo, data: Row, options: Options) -> Any:
        """Store a row."""
        await self._asked("create", data, options)
        return self._insert(info, data)

    async def create_all(self, info: ModelInfo, rows: Any, options: Options) -> list[Any]:
        """Store all rows or none."""
        await self._asked("create_all", rows, options)
        kept = dict(self._rows(info))
        try:
            return [self._insert(info, row) for row in rows]
        except DuplicateEntryError:
            self.rows[info.name] = kept
            raise

    async def all(self, info: ModelInfo, query: Filter, options: Options) -> list[Row]:
        """Return copies of the rows of a query."""
        await self._asked("all", query, options)
        return deepcopy(select(self._rows(info).values(), query, info.shape.ids))

    async def count(self, info: ModelInfo, where: Where, options: Options) -> int:
        """Return how many rows match."""
        await self._asked("count", where, options)
        return len(self._matching(info, where))

    async def update(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Merge data into rows."""
        await self._asked("update", data, options)
        found = self._matching(info, where)
        for row in found:
            row.update(deepcopy(data))
        return len(found)

    async def replace(self, info: ModelInfo, where: Where, data: Row, options: Options) -> int:
        """Replace one row."""
        await self._asked("replace", data, options)
        for row in self._matching(info, where)[:1]:
            key = {name: row[name] for name in info.shape.ids}
            row.clear()
            row.update(deepcopy(data), **key)
            return 1
        return 0

    async def destroy_all(self, info: ModelInfo, where: Where, options: Options) -> int:
        """Delete rows."""
        await self._asked("destroy_all", where, options)
        rows, found = self._rows(info), self._matching(info, where)
        self.rows[info.name] = {key: row for key, row in rows.items() if row not in found}
        return len(found)

    async def update_or_create(
        self, info: ModelInfo, data: Row, defaults: Row, scope: Where, options: Options
    ) -> tuple[Row, bool]:
        """Merge or insert, at one blow."""
        await self._asked("update_or_create", data, options)
        found = self._rows(info).get(self._key(info, data))
        if found is None:
            self._insert(info, {**defaults, **data})
            return deepcopy(self._rows(info)[self._key(info, data)]), True
        if not compile_where(scope)(found):
            raise DuplicateEntryError("The key is taken: duplicate.")
        found.update(deepcopy(data))
        return deepcopy(found), False

    async def find_or_create(
        self, info: ModelInfo, query: Filter, data: Row, options: Options
    ) -> tuple[Row, bool]:
        """Find or insert, at one blow."""
        await self._asked("find_or_create", data, options)
        found = select(self._rows(info).values(), query, info.shape.ids)
        if found:
            return deepcopy(found[0]), False
        self._insert(info, data)
        return deepcopy(list(self._rows(info).values())[-1]), True

    # inside ---------------------------------------------------------------------------------

    async def _asked(self, method: str, what: Any, options: Any) -> None:
        self.asked.append(method)
        self.seen.append((method, what))
        self.options.append(options)
        if self.gate is not None:
            await self.gate.hold()
        if self.before is not None:
            self.before(method)

    def _rows(self, info: ModelInfo) -> dict[Any, Row]:
        return self.rows.setdefault(info.name, {})

    def _matching(self, info: ModelInfo, where: Where) -> list[Row]:
        return list(filter(compile_where(where), self._rows(info).values()))

    def _key(self, info: ModelInfo, data: Row) -> Any:
        ids = info.shape.ids
        return _hashable(data.get(ids[0]) if len(ids) == 1 else {n: data.get(n) for n in ids})

    def _insert(self, info: ModelInfo, data: Row) -> Any:
        rows, ids, row = self._rows(info), info.shape.ids, deepcopy(data)
        if len(ids) == 1 and row.get(ids[0]) is None:
            number = max((key for key in rows if isinstance(key, int)), default=0) + 1
            is_number = info.shape.properties[ids[0]].type.name in {"number", "integer"}
            row[ids[0]] = number if is_number else str(number)
        key = self._key(info, row) if ids else len(rows)
        if key in rows:
            raise DuplicateEntryError(f"The key {key!r} of {info.name} is taken: duplicate.")
        rows[key] = row
        if not ids:
            return None
        return row[ids[0]] if len(ids) == 1 else {name: row[name] for name in ids}


def _hashable(key: Any) -> Any:
    return tuple(key.values()) if isinstance(key, dict) else key


def make_source(registry: ModelRegistry | None = None, **settings: Any) -> DataSource:
    """Return a data source on a shelf, with a registry of its own unless one is given."""
    return DataSource("shelf", Shelf, registry=registry or ModelRegistry(), **settings)


def shelf_of(source: Any) -> Shelf:
    """Return the shelf behind a source."""
    shelf = source.connector
    assert isinstance(shelf, Shelf)
    return shelf


def rows_of(model: Any) -> list[Row]:
    """Return what is stored of *model*."""
    return shelf_of(model.data_source).table(model.model_name)


async def drained(rows: Any) -> list[Any]:
    """Return all that an iterator gives."""
    return [each async for each in rows]


async def moved(gate: Gate, before: int, task: asyncio.Future[Any]) -> None:
    """Let others run until another call came to the gate, or there are no more."""
    for _ in range(1_000):
        if gate.arrived > before or task.done():
            return
        await asyncio.sleep(0)
    raise AssertionError("Nothing moved.")
