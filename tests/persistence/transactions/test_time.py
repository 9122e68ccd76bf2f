"""Transactions that take too long."""

# ruff: noqa: PT012  what is tested is how a block ends

import asyncio
from typing import Any

import pytest

from juggler.errors import TransactionError
from juggler.testing.gate import Gate
from tests.persistence.transactions.stores import nothing_is_open
from tests.persistence.transactions.watched import HOOKS, note_all


async def test_a_block_that_takes_too_long_ends_with_an_error(source: Any) -> None:
    """When its time is over the block is cancelled, rolled back, and says so."""
    # DAO-241, DAO-242
    seen: list[str] = []
    with pytest.raises(TransactionError, match="took longer than 1 ms") as caught:
        async with source.transaction(timeout=1) as tx:
            seen = note_all(tx)
            await source.models.Order.create(total=1)
            await asyncio.Event().wait()
    assert caught.value.code == "TRANSACTION_TIMEOUT"
    assert caught.value.value == tx.id
    assert seen == ["timeout: timeout", "before rollback: rollback", "after rollback: rollback"]
    assert tx.timed_out
    assert await source.models.Order.count() == 0
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()


async def test_a_transaction_by_hand_times_out(source: Any) -> None:
    """It is rolled back, and whoever uses it later learns why."""
    # DAO-241
    over = asyncio.Event()
    tx = await source.begin_transaction({"timeout": 1})
    tx.observe(HOOKS.AFTER_ROLLBACK, lambda _: over.set())
    bound = tx.models.Order
    await over.wait()
    with pytest.raises(TransactionError, match=r"not active: .* \(it took longer"):
        await bound.count()


async def test_an_observer_may_grant_more_time(source: Any) -> None:
    """If an observer of the timeout fails, the transaction goes on."""
    # DAO-241
    asked = asyncio.Event()
    async with source.transaction(timeout=1) as tx:

        @tx.observe(HOOKS.TIMEOUT)
        def more(ctx: Any) -> None:
            asked.set()
            raise RuntimeError("not yet")

        await asked.wait()
        await source.models.Order.create(total=1)
    assert not tx.timed_out
    assert await source.models.Order.count() == 1


@pytest.mark.parametrize("method", ["commit", "rollback"])
async def test_the_timer_goes_with_the_transaction(source: Any, method: str) -> None:
    """Once it is about to end nothing waits for its time to be over, observers or none."""
    # DAO-248
    tx, seen = await source.begin_transaction(timeout=3_600_000), list[bool]()
    timer = tx._timer
    assert timer is not None
    assert not timer.cancelled()
    tx.observe(f"before {method}", lambda _: seen.append(timer.cancelled()))
    await getattr(tx, method)()
    assert seen == [True]
    assert timer.cancelled()


async def test_cancelled_from_outside_is_cancelled(memory: Any) -> None:
    """A timeout does not hide that somebody else cancelled the task, too."""
    inside = asyncio.Event()

    async def work() -> None:
        async with memory.transaction(timeout=1) as tx:
            tx.observe(HOOKS.TIMEOUT, lambda _: task.cancel() and None)
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await inside.wait()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_nested_block_has_time_of_its_own(source: Any) -> None:
    """When the time of a nested block is over, it alone is rolled back."""
    # DAO-241, DAO-249
    orders = source.models.Order
    async with source.transaction():
        await orders.create(total=1)
        with pytest.raises(TransactionError) as caught:
            async with source.transaction(timeout=1):
                await orders.create(total=2)
                await asyncio.Event().wait()
        assert caught.value.code == "TRANSACTION_TIMEOUT"
        await orders.create(total=3)
    assert sorted(each.total for each in await orders.find()) == [1, 3]


async def test_the_outer_time_ends_what_is_nested(source: Any) -> None:
    """When the time of a transaction is over, blocks nested in it end, and nothing is left."""
    # DAO-241
    with pytest.raises(TransactionError) as caught:
        async with source.transaction(timeout=1) as tx, source.transaction():
            await source.models.Order.create(total=1)
            await asyncio.Event().wait()
    assert caught.value.value == tx.id
    assert nothing_is_open(source)
    assert await source.models.Order.count() == 0


async def test_the_outer_time_ends_what_is_nested_in_another_task(source: Any) -> None:
    """A task that hangs in a nested block does not hold up the end of the transaction."""
    # DAO-241
    inside, tasks = Gate(), list[asyncio.Task[None]]()

    async def hang() -> None:
        async with source.transaction():
            await source.models.Order.create(total=1)
            await inside.hold()

    with pytest.raises(TransactionError) as caught:
        async with source.transaction(timeout=3_600_000) as tx:
            tasks.append(asyncio.create_task(hang()))
            await inside.wait_for(1)
            tx._ring()
            await asyncio.wait(tasks)
    assert caught.value.value == tx.id
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    assert nothing_is_open(source)
    assert await source.models.Order.count() == 0


async def test_a_function_that_takes_too_long_is_ended(source: Any) -> None:
    """What it was given is of no use afterwards."""
    # DAO-242
    kept: list[Any] = []

    async def work(models: Any) -> None:
        kept.append(models.Order)
        await models.Order.create(total=1)
        await asyncio.Event().wait()

    with pytest.raises(TransactionError) as caught:
        await source.transaction(work, {"timeout": 1})
    assert caught.value.code == "TRANSACTION_TIMEOUT"
    with pytest.raises(TransactionError, match="not active"):
        await kept[0].count()
    assert await source.models.Order.count() == 0
