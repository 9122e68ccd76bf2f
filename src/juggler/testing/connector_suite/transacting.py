"""Cases: transactions, of connectors that have them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from juggler.errors import DuplicateEntryError
from juggler.testing.connector_suite.base import Store, Suite
from juggler.testing.connector_suite.models import model

NOTE = model("Note", {"id": {"type": int, "id": True}, "text": str, "n": int})
CODE = model(
    "Code", {"id": {"type": int, "id": True}, "code": {"type": str, "index": {"unique": True}}}
)
LEVELS = ("READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE")


@asynccontextmanager
async def begun(store: Store, level: str = "READ COMMITTED") -> AsyncIterator[Any]:
    """Give a transaction, and roll back what is left of it."""
    connector: Any = store.connector
    transaction = await connector.begin(level)
    try:
        yield transaction
    finally:
        await transaction.rollback()


class TransactionCases(Suite):
    """What transactions promise, whatever the store."""

    async def ready(self, store: Store) -> None:
        """Skip connectors without transactions; make room and store one row."""
        store.needs("transactions")
        await store.prepare(NOTE, CODE)
        await store.create(NOTE, id=1, text="old", n=1)

    @pytest.mark.parametrize("level", LEVELS)
    async def test_own_writes_are_seen_inside(self, store: Store, level: str) -> None:
        """Reads of a transaction see what it wrote, whichever call reads."""
        await self.ready(store)
        async with begun(store, level) as transaction:
            inside = Store(transaction.store)
            await inside.create(NOTE, id=2, text="new", n=2)
            assert await inside.update(NOTE, {"n": 5}, id=1) == 1
            assert await inside.values(NOTE, "n", order="id") == [5, 2]
            assert await inside.values(NOTE, "id", where={"n": {"gt": 4}}) == [1]
            assert await inside.count(NOTE) == 2
            assert await inside.destroy(NOTE, id=2) == 1
            assert await inside.count(NOTE, id=2) == 0

    async def test_a_commit_makes_it_last(self, store: Store) -> None:
        """After the commit everybody sees what was written, and the connection works on."""
        await self.ready(store)
        async with begun(store) as transaction:
            await Store(transaction.store).create(NOTE, id=2, text="new", n=2)
            await Store(transaction.store).update(NOTE, {"n": 5}, id=1)
            await transaction.commit()
        assert await store.values(NOTE, "n", order="id") == [5, 2]

    async def test_a_rollback_takes_everything_back(self, store: Store) -> None:
        """After the rollback rows are as they were, replaced and deleted ones, too."""
        await self.ready(store)
        await store.create(NOTE, id=3, text="kept", n=3)
        async with begun(store) as transaction:
            inside = Store(transaction.store)
            await inside.create_all(NOTE, [{"id": 4, "n": 4}, {"id": 5, "n": 5}])
            await inside.replace(NOTE, {"text": "other"}, id=1)
            await inside.destroy(NOTE, id=3)
            await transaction.rollback()
        assert [row["id"] for row in await store.find(NOTE)] == [1, 3]
        assert await store.values(NOTE, "text") == ["old", "kept"]

    async def test_others_do_not_see_what_is_not_committed(self, store: Store) -> None:
        """Whoever reads meanwhile sees the rows as they were, or waits until it is over."""
        await self.ready(store)
        async with begun(store) as transaction:
            inside = Store(transaction.store)
            await inside.create(NOTE, id=2, n=2)
            await inside.update(NOTE, {"n": 5}, id=1)
            others = asyncio.create_task(store.values(NOTE, "n"))
            await asyncio.sleep(0)  # stores without I/O answer the others now, the rest meanwhile
            assert await inside.values(NOTE, "n") == [5, 2]
            await transaction.rollback()
        assert await others == [1]

    async def test_a_rollback_may_be_repeated(self, store: Store) -> None:
        """Rolling back what was committed or rolled back changes nothing and harms nothing."""
        await self.ready(store)
        async with begun(store) as transaction:
            await Store(transaction.store).create(NOTE, id=2, n=2)
            await transaction.commit()
            await transaction.rollback()
            await transaction.rollback()
        assert await store.count(NOTE) == 2

    async def test_a_failing_call_does_not_end_it(self, store: Store) -> None:
        """What a call that failed would have done is not there; what others did is."""
        await self.ready(store)
        async with begun(store) as transaction:
            inside = Store(transaction.store)
            await inside.create(CODE, id=1, code="a")
            with pytest.raises(DuplicateEntryError):
                await inside.create_all(CODE, [{"id": 2, "code": "b"}, {"id": 3, "code": "a"}])
            await inside.create(CODE, id=4, code="c")
            await transaction.commit()
        assert await store.values(CODE, "code") == ["a", "c"]

    async def test_upserts_are_part_of_it(self, store: Store) -> None:
        """What decides and writes in one step does so inside, and is rolled back."""
        await self.ready(store)
        store.needs("upsert", "find_or_create")
        async with begun(store) as transaction:
            inside = Store(transaction.store)
            row, is_new = await inside.upsert(NOTE, {"id": 1, "n": 9})
            assert (row["n"], is_new) == (9, False)
            row, is_new = await inside.upsert(NOTE, {"id": 2, "n": 8})
            assert (row["n"], is_new) == (8, True)
            row, is_new = await inside.find_or_create(NOTE, {"id": 7}, where={"n": 8})
            assert (row["id"], is_new) == (2, False)
        assert await store.values(NOTE, "n") == [1]

    async def test_a_savepoint_is_rolled_back_alone(self, store: Store) -> None:
        """What was written since the savepoint goes; what was before it stays, and the rest."""
        await self.ready(store)
        store.needs("savepoints")
        async with begun(store) as transaction:
            inside = Store(transaction.store)
            await inside.create(NOTE, id=2, n=2)
            for end in ("rollback", "commit"):
                nested = await transaction.savepoint()
                within = Store(nested.store)
                await within.create(NOTE, id=3, n=3)
                await within.update(NOTE, {"n": 0}, id=2)
                deeper = await nested.savepoint()
                await Store(deeper.store).destroy(NOTE)
                await deeper.rollback()
                assert await within.values(NOTE, "n") == [1, 0, 3]
                await getattr(nested, end)()
                assert await inside.count(NOTE) == (2 if end == "rollback" else 3)
            await transaction.commit()
        assert await store.values(NOTE, "n") == [1, 0, 3]
