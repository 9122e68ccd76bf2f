"""Cases about rows that change: updates, replacements, deletions, upserts."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from juggler.errors import DuplicateEntryError
from juggler.testing.connector_suite.base import Store, Suite, plain
from juggler.testing.connector_suite.models import model

KEY: dict[str, Any] = {"type": "number", "id": True, "generated": True}
PET = model(
    "Pet",
    {
        "id": KEY,
        "name": {"type": "string", "unique": True},
        "kind": "string",
        "age": "number",
        "toys": ["string"],
        "home": {"city": "string", "zip": "string"},
    },
)
ROOM = model("Room", {"floor": {"type": "integer", "id": 1}, "no": {"type": "integer", "id": 2}})
PETS: list[dict[str, Any]] = [
    {"name": "Ada", "kind": "cat", "age": 3, "toys": ["ball"], "home": {"city": "Oslo"}},
    {"name": "Bob", "kind": "dog", "age": 5},
    {"name": "Cid", "kind": "cat"},
]


class ChangingCases(Suite):
    """Updating, replacing, deleting, counting."""

    async def test_an_update_merges(self, store: Store) -> None:
        """Only what is given changes, in all rows that match, and their number is told."""
        await store.prepare(PET, rows=PETS)
        assert await store.update(PET, {"age": 9, "toys": None}, kind="cat") == 2
        assert await store.values(PET, "age") == [9, 5, 9]
        assert await store.values(PET, "name") == ["Ada", "Bob", "Cid"]
        assert await store.values(PET, "toys") == [None, None, None]

    async def test_an_update_counts_matches(self, store: Store) -> None:
        """Rows that already have the values count too; nothing to write changes nothing."""
        await store.prepare(PET, rows=PETS)
        assert await store.update(PET, {"kind": "cat"}, kind="cat") == 2
        assert await store.update(PET, {}, kind="cat") == 2
        assert await store.update(PET, {"age": 1}, kind="fish") == 0
        assert await store.update(PET, {"age": 1}) == 3

    async def test_embedded_values_are_replaced_whole(self, store: Store) -> None:
        """An embedded object that is given takes the place of the old one with all its parts."""
        await store.prepare(PET, rows=PETS)
        await store.update(PET, {"home": {"zip": "1"}}, id=1)
        assert await store.values(PET, "home", where={"id": 1}) == [{"zip": "1"}]

    async def test_keys_never_change(self, store: Store) -> None:
        """An id in the data of an update or a replacement does not touch the key."""
        await store.prepare(PET, rows=PETS)
        assert await store.update(PET, {"id": 9, "age": 1}, id=1) == 1
        assert await store.replace(PET, {"id": 9, "name": "Dan"}, id=2) == 1
        assert await store.values(PET, "id") == [1, 2, 3]

    async def test_a_replacement_leaves_nothing_behind(self, store: Store) -> None:
        """What is not in the new data is missing afterwards; only the key stays."""
        await store.prepare(PET, rows=PETS)
        assert await store.replace(PET, {"name": "Eve"}, id=1) == 1
        (row,) = await store.find(PET, where={"id": 1})
        assert plain(PET, row) == plain(PET, {"id": 1, "name": "Eve"})
        assert await store.replace(PET, {"name": "Eve"}, id=99) == 0

    async def test_a_replacement_is_of_one_row(self, store: Store) -> None:
        """Where several rows match, the first by key is replaced."""
        await store.prepare(PET, rows=PETS)
        assert await store.replace(PET, {"kind": "fish"}, kind="cat") == 1
        assert await store.values(PET, "kind") == ["fish", "dog", "cat"]

    async def test_deleting(self, store: Store) -> None:
        """The rows that match go, and their number is told."""
        await store.prepare(PET, rows=PETS)
        assert await store.destroy(PET, id=2) == 1
        assert await store.destroy(PET, id=2) == 0
        assert await store.values(PET, "id") == [1, 3]
        assert await store.destroy(PET) == 2
        assert await store.count(PET) == 0

    async def test_nothing_matches_an_empty_or(self, store: Store) -> None:
        """No row is changed or deleted where none is meant."""
        await store.prepare(PET, rows=PETS)
        nothing: list[dict[str, Any]] = [
            {"or": []},
            {"id": {"inq": []}},
            {"id": None},
            {"not": {"and": []}},
        ]
        for condition in nothing:
            assert await store.destroy(PET, **condition) == 0
            assert await store.update(PET, {"age": 0}, **condition) == 0
            assert await store.count(PET, **condition) == 0
        assert await store.count(PET) == 3

    async def test_negations_delete_rows_without_a_value(self, store: Store) -> None:
        """Conditions mean the same in a deletion as in a search."""
        await store.prepare(PET, rows=PETS)
        assert await store.destroy(PET, age={"neq": 3}) == 2
        assert await store.values(PET, "name") == ["Ada"]

    async def test_counting(self, store: Store) -> None:
        """Rows that match are counted, all of them without a condition."""
        await store.prepare(PET, rows=PETS)
        assert [await store.count(PET), await store.count(PET, kind="cat")] == [3, 2]

    async def test_many_tasks_change_one_row(self, store: Store) -> None:
        """Changes of different properties by many tasks are all kept."""
        await store.prepare(PET, rows=PETS)
        async with asyncio.TaskGroup() as tasks:
            for number in range(50):
                tasks.create_task(store.update(PET, {"age": number}, id=1))
                tasks.create_task(store.update(PET, {"kind": f"k{number}"}, id=1))
        (row,) = await store.find(PET, where={"id": 1})
        assert (row["name"], row["toys"]) == ("Ada", ["ball"])
        assert (row["age"], row["kind"]) == (49, "k49")


class UpsertCases(Suite):
    """Writing what may be there or not."""

    async def test_a_known_key_is_patched(self, store: Store) -> None:
        """The row keeps what is not given, defaults included, and comes back whole."""
        store.needs("upsert")
        await store.prepare(PET, rows=PETS)
        row, is_new = await store.upsert(PET, {"id": 1, "age": 4}, {"kind": "fish", "name": "x"})
        assert not is_new
        assert plain(PET, row) == plain(PET, {**PETS[0], "id": 1, "age": 4})
        (stored,) = await store.find(PET, where={"id": 1})
        assert stored == row

    async def test_an_unknown_key_is_inserted(self, store: Store) -> None:
        """The new row has the defaults, and the data over them."""
        store.needs("upsert")
        await store.prepare(PET, rows=PETS)
        row, is_new = await store.upsert(PET, {"id": 9, "age": 4}, {"kind": "fish", "age": 1})
        assert is_new
        assert plain(PET, row) == plain(PET, {"id": 9, "age": 4, "kind": "fish"})
        assert await store.create(PET) == 10

    async def test_without_a_key_a_row_is_made(self, store: Store) -> None:
        """Data without a key is inserted and comes back with one."""
        store.needs("upsert")
        await store.prepare(PET, rows=PETS)
        row, is_new = await store.upsert(PET, {"name": "Eve"})
        assert (row["id"], is_new) == (4, True)

    async def test_a_key_alone(self, store: Store) -> None:
        """Data that holds nothing but the key finds the row, or makes it."""
        store.needs("upsert")
        await store.prepare(PET, ROOM, rows=PETS)
        row, is_new = await store.upsert(PET, {"id": 1})
        assert (row["name"], is_new) == ("Ada", False)
        assert await store.upsert(ROOM, {"floor": 1, "no": 2}) == ({"floor": 1, "no": 2}, True)
        assert await store.upsert(ROOM, {"floor": 1, "no": 2}) == ({"floor": 1, "no": 2}, False)
        assert await store.count(ROOM) == 1

    async def test_rows_outside_the_scope_are_taken(self, store: Store) -> None:
        """A key that is used outside the scope is a duplicate, and that row stays as it is."""
        store.needs("upsert")
        await store.prepare(PET, rows=PETS)
        with pytest.raises(DuplicateEntryError) as caught:
            await store.upsert(PET, {"id": 2, "age": 0}, scope={"kind": "cat"})
        assert caught.value.fields == ("id",)
        assert await store.values(PET, "age") == [3, 5, None]
        row, is_new = await store.upsert(PET, {"id": 1, "age": 0}, scope={"kind": "cat"})
        assert (row["age"], is_new) == (0, False)

    async def test_another_rows_unique_value_is_no_match(self, store: Store) -> None:
        """Only the key decides which row is meant; a clash elsewhere is a duplicate."""
        store.needs("upsert")
        await store.prepare(PET, rows=PETS)
        for data in ({"id": 1, "name": "Bob"}, {"id": 9, "name": "Bob"}, {"name": "Bob"}):
            with pytest.raises(DuplicateEntryError) as caught:
                await store.upsert(PET, data)
            assert caught.value.fields == ("name",)
        assert await store.values(PET, "name") == ["Ada", "Bob", "Cid"]

    async def test_many_tasks_upsert_one_key(self, store: Store) -> None:
        """A hundred tasks that write one key make one row; one of them is told that it is new."""
        store.needs("upsert")
        await store.prepare(PET)
        async with asyncio.TaskGroup() as tasks:
            made = [tasks.create_task(store.upsert(PET, {"id": 1, "age": 1})) for _ in range(100)]
        assert sum(task.result()[1] for task in made) == 1
        assert await store.count(PET) == 1

    async def test_the_first_row_is_found(self, store: Store) -> None:
        """`find_or_create` gives the first row by the query's order, and stores nothing."""
        store.needs("find_or_create")
        await store.prepare(PET, rows=PETS)
        given = {"where": {"kind": "cat"}, "order": "name DESC"}
        row, is_new = await store.find_or_create(PET, {"name": "Eve"}, **given)
        assert (row["name"], is_new) == ("Cid", False)
        assert await store.count(PET) == 3

    async def test_nothing_found_is_created(self, store: Store) -> None:
        """Where no row matches, the data is stored and comes back whole."""
        store.needs("find_or_create")
        await store.prepare(PET, rows=PETS)
        row, is_new = await store.find_or_create(PET, {"name": "Eve"}, where={"kind": "fish"})
        assert is_new
        assert plain(PET, row) == plain(PET, {"id": 4, "name": "Eve"})

    async def test_many_tasks_find_or_create_one_row(self, store: Store) -> None:
        """A hundred tasks with one query make exactly one row."""
        store.needs("find_or_create")
        await store.prepare(PET)
        async with asyncio.TaskGroup() as tasks:
            made = [
                tasks.create_task(store.find_or_create(PET, {"kind": "cat"}, where={"kind": "cat"}))
                for _ in range(100)
            ]
        assert sum(task.result()[1] for task in made) == 1
        assert await store.count(PET) == 1
