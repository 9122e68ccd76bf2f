"""Whatever is cancelled, wherever: no open transaction, no lock, no half of a write is left."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from juggler.testing.cancelling import cancelled_everywhere
from tests.connectors.sql.endless import Endless
from tests.persistence.transactions.stores import nothing_is_open, shop

Work = Callable[[Any], Coroutine[Any, Any, Any]]

WHOLE = ({"a"}, {"b"}, {"a", "x", "y"}, {"z"}, set[str](), {"a", "x"}, {"a", "n"})
"""The codes that may be there after a run: those of before, or all of what the work makes."""


async def create(orders: Any) -> Any:
    """Create one record."""
    return await orders.create(code="x")


async def create_all(orders: Any) -> Any:
    """Create two."""
    return await orders.create_all([{"code": "x"}, {"code": "y"}])


async def create_in_parts(orders: Any) -> Any:
    """Create two by a connector that takes one at once."""
    orders.data_source.connector.batch_size = 1
    return await orders.create_all([{"code": "x"}, {"code": "y"}])


async def create_in_nested_parts(orders: Any) -> Any:
    """Create two in parts, in a transaction."""
    async with orders.data_source.transaction():
        return await create_in_parts(orders)


async def bulk_upsert(orders: Any) -> Any:
    """Create two where they are not there."""
    return await orders.bulk_upsert([{"code": "x"}, {"code": "y"}])


async def replace_or_create(orders: Any) -> Any:
    """Replace one by its id."""
    found = await orders.find_one()
    return await orders.replace_or_create({"id": found.id, "code": "z"})


async def update_attributes(orders: Any) -> Any:
    """Change one value through an instance."""
    return await (await orders.find_one()).update_attributes({"code": "b"})


async def destroy(orders: Any) -> Any:
    """Delete one through its instance."""
    return await (await orders.find_one()).destroy()


async def save(orders: Any) -> Any:
    """Change one through its instance."""
    found = await orders.find_one()
    found.code = "b"
    return await found.save()


async def update_all(orders: Any) -> Any:
    """Change all."""
    return await orders.update_all({"code": "a"}, {"code": "z"})


async def destroy_all(orders: Any) -> Any:
    """Delete all."""
    return await orders.destroy_all(all=True)


async def update_or_create(orders: Any) -> Any:
    """Change one by its id."""
    found = await orders.find_one()
    return await orders.update_or_create({"id": found.id, "code": "z"})


async def upsert_with_where(orders: Any) -> Any:
    """Create one by a condition."""
    return await orders.upsert_with_where({"code": "n"}, {"code": "n"})


async def find_or_create(orders: Any) -> Any:
    """Find none and create it."""
    return await orders.find_or_create({"code": "n"})


async def block(orders: Any) -> Any:
    """Create two in a transaction."""
    async with orders.data_source.transaction():
        await orders.create(code="x")
        await orders.create(code="y")


async def nested(orders: Any) -> Any:
    """Create two, one of them in a nested block."""
    async with orders.data_source.transaction():
        await orders.create(code="x")
        async with orders.data_source.transaction():
            await orders.create(code="y")


async def by_hand(orders: Any) -> Any:
    """Create two, ended by hand."""
    async with orders.begin_transaction() as tx:
        await tx.models.Order.create_all([{"code": "x"}, {"code": "y"}])
        await tx.commit()


SINGLE = (create, create_all, save, update_all, destroy_all, update_attributes, destroy)
PARTS = (create_in_parts, create_in_nested_parts)
UPSERTS = (update_or_create, upsert_with_where, find_or_create, replace_or_create, bulk_upsert)


@pytest.mark.parametrize(
    "work", [*SINGLE, *PARTS, *UPSERTS, block, nested, by_hand], ids=lambda each: each.__name__
)
@pytest.mark.parametrize("kind", ["memory", "sqlite in memory", "sqlite file"])
async def test_nothing_is_left(kind: str, work: Work, tmp_path: Path) -> None:
    """Cancelled at each of its awaits, an operation is done as a whole or not at all."""
    # DAO-047, DAO-248
    async with shop(kind, tmp_path, synchronous="off") as source:
        orders = source.models.Order

        @orders.observe("before save")
        async def wait(ctx: Any) -> None:
            await asyncio.sleep(0)

        async def check() -> None:
            assert nothing_is_open(source)
            async with source.transaction():  # nobody holds what it needs
                found = {each.code for each in await orders.find()}
            assert found in WHOLE, found
            await begin_anew()

        async def begin_anew() -> None:
            await orders.destroy_all(all=True)
            await orders.create(code="a")

        await begin_anew()
        places = await cancelled_everywhere(lambda: work(orders), check)
        assert places or work in {update_all, destroy_all, destroy}


@pytest.mark.parametrize("kind", ["sqlite in memory", "sqlite file"])
async def test_a_write_in_a_nested_block_is_cancelled(kind: str, tmp_path: Path) -> None:
    """Though SQLite itself has ended the transaction, the task is cancelled and not failed."""
    # DAO-248, DAO-249
    endless = Endless("Order")

    async def work() -> None:
        async with source.transaction() as tx:
            await endless.prepare(tx.connection)
            async with source.transaction():
                await source.execute(endless.sql)

    async with shop(kind, tmp_path) as source:
        task = asyncio.create_task(work())
        await endless.has_written()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert nothing_is_open(source)
        assert await source.models.Order.count() == 0
