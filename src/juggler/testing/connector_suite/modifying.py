"""Cases about values that the store works out, and about many rows that are there or not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pytest

from juggler.connectors.contract import Row, Upsert
from juggler.errors import DuplicateEntryError, JugglerError, NotFoundError
from juggler.query.changes import inc, mul, pull, push
from juggler.testing.connector_suite.base import NO_OPTIONS, Store, Suite, plain
from juggler.testing.connector_suite.models import model, where

ITEM = model(
    "Item",
    {
        "id": {"type": "integer", "id": True, "generated": True},
        "code": {"type": "string", "unique": True},
        "name": "string",
        "count": "integer",
        "price": "decimal",
        "tags": ["string"],
    },
)
ROWS: list[Row] = [
    {"code": "a", "name": "Ann", "count": 5, "price": Decimal("0.10"), "tags": ["x", "y", "x"]},
    {"code": "b", "name": "Bob"},
    {"code": "c", "name": "Ann", "count": -1, "price": Decimal("1e20"), "tags": []},
]
CHANGES: list[tuple[str, Any, list[Any]]] = [
    ("count", inc(2), [7, 2, 1]),
    ("count", inc(-5), [0, -5, -6]),
    ("count", mul(3), [15, 0, -3]),
    (
        "price",
        inc(Decimal("0.20")),
        [Decimal("0.30"), Decimal("0.20"), Decimal("100000000000000000000.20")],
    ),
    ("price", mul(Decimal(3)), [Decimal("0.30"), Decimal(0), Decimal("3e20")]),
    ("tags", push("y", "z"), [["x", "y", "x", "y", "z"], ["y", "z"], ["y", "z"]]),
    ("tags", pull("x", "q"), [["y"], None, []]),
]
"""A property, what is worked out, and what the rows have afterwards."""


class ModifyCases(Suite):
    """Changes that are worked out from what is stored."""

    @pytest.mark.parametrize(("name", "change", "wanted"), CHANGES, ids=repr)
    async def test_worked_out(
        self, store: Store, name: str, change: Any, wanted: list[Any]
    ) -> None:
        """Each row gets what is worked out from its own value; null counts as nothing."""
        store.needs("atomic")
        await store.prepare(ITEM, rows=ROWS)
        assert await _modify(store, {name: change}) == 3
        assert await store.values(ITEM, name) == wanted
        assert await store.values(ITEM, "code") == ["a", "b", "c"]

    async def test_only_rows_that_match(self, store: Store) -> None:
        """Plain values are written beside; rows that do not match stay, and keys do."""
        store.needs("atomic")
        await store.prepare(ITEM, rows=ROWS)
        data = {"id": 9, "count": inc(1), "name": "Eve"}
        assert await _modify(store, data, name="Ann", count={"gt": 0}) == 1
        assert await _modify(store, data, name="nobody") == 0
        assert await store.values(ITEM, "count") == [6, None, -1]
        assert await store.values(ITEM, "name") == ["Eve", "Bob", "Ann"]
        assert await store.values(ITEM, "id") == [1, 2, 3]

    async def test_a_refused_change_changes_nothing(self, store: Store) -> None:
        """Where one of the rows is refused, all are as they were."""
        store.needs("atomic")
        await store.prepare(ITEM, rows=ROWS)
        with pytest.raises(DuplicateEntryError):
            await _modify(store, {"count": inc(1), "code": "z"})
        assert await store.values(ITEM, "count") == [5, None, -1]
        assert await store.values(ITEM, "code") == ["a", "b", "c"]

    async def test_many_tasks_count(self, store: Store) -> None:
        """None of many changes at once is lost."""
        store.needs("atomic")
        await store.prepare(ITEM, rows=ROWS)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(50):
                tasks.create_task(_modify(store, {"count": inc(1), "tags": push("t")}, id=2))
        (row,) = await store.find(ITEM, where={"id": 2})
        assert (row["count"], row["tags"]) == (50, ["t"] * 50)


class BulkUpsertCases(Suite):
    """Many rows that are there or not."""

    async def test_rows_are_merged_or_made(self, store: Store) -> None:
        """Answers come in the order of the items: the whole row, and whether it is new."""
        store.needs("bulk_upsert")
        await store.prepare(ITEM, rows=ROWS)
        items = [
            Upsert({"id": 7, "code": "g"}, {"name": "new", "code": "x"}),
            Upsert({"id": 2, "count": 1}, {"name": "other", "tags": ["q"]}),
            Upsert({"id": 1, "price": None}, {}, must_exist=True),
            Upsert({"id": 6, "name": "Dan"}, {"name": "new"}),
        ]
        wanted = [
            ({"id": 7, "code": "g", "name": "new"}, True),
            ({"id": 2, **ROWS[1], "count": 1}, False),
            ({"id": 1, **ROWS[0], "price": None}, False),
            ({"id": 6, "name": "Dan"}, True),
        ]
        found = await _upsert_all(store, items, "id")
        assert [(plain(ITEM, row), is_new) for row, is_new in found] == [
            (plain(ITEM, row), is_new) for row, is_new in wanted
        ]
        stored = {row["id"]: row for row in await store.find(ITEM)}
        assert [stored[row["id"]] for row, _ in found] == [row for row, _ in found]
        assert sorted(stored) == [1, 2, 3, 6, 7]

    async def test_rows_are_met_by_a_unique_value(self, store: Store) -> None:
        """What has the unique value is merged and keeps its key; what is new gets one."""
        store.needs("bulk_upsert")
        await store.prepare(ITEM, rows=ROWS)
        items = [Upsert({"code": "z", "count": 1}, {}), Upsert({"code": "b", "count": 2}, {})]
        found = await _upsert_all(store, items, "code")
        assert [(row["id"], row.get("name"), is_new) for row, is_new in found] == [
            (4, None, True),
            (2, "Bob", False),
        ]
        assert await store.values(ITEM, "count") == [5, 2, -1, 1]

    async def test_all_items_or_none(self, store: Store) -> None:
        """Where one item is refused, or misses its row, nothing is written."""
        store.needs("bulk_upsert")
        await store.prepare(ITEM, rows=ROWS)
        first = [Upsert({"id": 1, "name": "changed"}, {}), Upsert({"id": 8, "name": "made"}, {})]
        refused: list[tuple[Upsert, type[JugglerError]]] = [
            (Upsert({"id": 9, "code": "b"}, {}), DuplicateEntryError),
            (Upsert({"id": 3, "code": "b"}, {}), DuplicateEntryError),
            (Upsert({"id": 9, "name": "missed"}, {}, must_exist=True), NotFoundError),
        ]
        for last, error in refused:
            with pytest.raises(error):
                await _upsert_all(store, [*first, last], "id")
            assert await store.values(ITEM, "name") == ["Ann", "Bob", "Ann"]
            assert await store.values(ITEM, "code") == ["a", "b", "c"]

    async def test_no_items(self, store: Store) -> None:
        """Nothing to write is no error."""
        store.needs("bulk_upsert")
        await store.prepare(ITEM, rows=ROWS)
        assert await _upsert_all(store, [], "id") == []
        assert await store.count(ITEM) == 3


async def _modify(store: Store, data: Row, **conditions: Any) -> int:
    """Change the rows that match."""
    wanted = where(ITEM, **conditions)
    return await store.connector.modify(ITEM, wanted, data, NO_OPTIONS)


async def _upsert_all(
    store: Store, items: Sequence[Upsert], *match_on: str
) -> list[tuple[Mapping[str, Any], bool]]:
    """Change or store rows."""
    return list(await store.connector.upsert_all(ITEM, items, match_on, NO_OPTIONS))
