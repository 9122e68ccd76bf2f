"""Transactions in transactions."""

# ruff: noqa: PT012  what is tested is how a block ends

import asyncio
from typing import Any

import pytest

from juggler.errors import InvalidValueError, TransactionError
from juggler.testing.gate import Gate
from tests.persistence.transactions.stores import totals
from tests.turns import turns


async def test_a_block_in_a_block_is_rolled_back_alone(source: Any) -> None:
    """A nested block is a savepoint: its error is its own, unless it is passed on."""
    # DAO-249
    orders = source.models.Order
    async with source.transaction() as outer:
        await orders.create(total=1)
        with pytest.raises(ZeroDivisionError):
            async with source.transaction() as inner:
                assert inner.outer is outer
                await orders.create(total=2)
                async with source.transaction():
                    await orders.create(total=3)
                assert await totals(source) == [1, 2, 3]
                raise ZeroDivisionError
        assert await totals(source) == [1]
        async with source.transaction():
            await orders.create(total=4)
    assert await totals(source) == [1, 4]


async def test_what_was_nested_goes_with_the_outer_block(source: Any) -> None:
    """A savepoint that ended well is taken back with the transaction that it is in."""
    # DAO-249
    with pytest.raises(ZeroDivisionError):
        async with source.transaction():
            async with source.transaction():
                await source.models.Order.create(total=1)
            raise ZeroDivisionError
    assert await totals(source) == []


async def test_nested_blocks_of_several_tasks_take_turns(source: Any) -> None:
    """A nested block has the transaction to itself, so what it takes back is its own."""
    orders, gate = source.models.Order, Gate()

    async def nested(total: int) -> None:
        async with source.transaction():
            await orders.create(total=total)
            await gate.hold()
            if total % 2:
                raise ZeroDivisionError

    async with source.transaction():
        tasks = [asyncio.create_task(nested(total)) for total in range(4)]
        await gate.wait_for(1)
        assert gate.held == 1
        gate.open()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert [isinstance(each, ZeroDivisionError) for each in outcomes] == [False, True] * 2
    assert sorted(await totals(source)) == [0, 2]


async def test_the_block_around_waits_for_what_is_nested(source: Any) -> None:
    """What another task does in the outer block is not taken back with the nested one."""
    orders, inside, gate = source.models.Order, Gate(), Gate()

    async def nested() -> None:
        async with source.transaction():
            await orders.create(total=1)
            await inside.hold()
            raise ZeroDivisionError

    async def beside() -> None:
        await gate.hold()
        await orders.create(total=2)

    async with source.transaction():
        tasks = [asyncio.create_task(beside()), asyncio.create_task(nested())]
        await asyncio.gather(gate.wait_for(1), inside.wait_for(1))
        gate.open()
        await turns(10)
        assert not tasks[0].done()
        inside.open()
        await asyncio.wait(tasks)
    assert isinstance(tasks[1].exception(), ZeroDivisionError)
    assert await totals(source) == [2]


async def test_an_outer_transaction_named_within_means_the_inner(source: Any) -> None:
    """What names the transaction around a nested block is part of the block that it is in."""
    orders = source.models.Order
    async with source.transaction() as outer:
        with pytest.raises(ZeroDivisionError):
            async with source.transaction():
                await orders.create({"total": 1}, {"transaction": outer})
                await outer.models.Order.create({"total": 2})
                raise ZeroDivisionError
        assert await totals(source) == []


@pytest.mark.parametrize("method", ["commit", "rollback"])
async def test_the_outer_one_is_not_ended_within(source: Any, method: str) -> None:
    """Ending the transaction around a nested block, inside of that, is an error."""
    async with source.transaction() as outer, source.transaction():
        with pytest.raises(TransactionError, match="nested in it is open") as caught:
            await getattr(outer, method)()
        assert caught.value.code == "TRANSACTION_NESTED"
    assert not outer.is_active()


async def test_a_block_may_join_or_refuse(source: Any) -> None:
    """`nested` says whether a block in another one is a part of it, or an error."""
    # DAO-249
    async with source.transaction() as outer:
        async with source.transaction(nested="join") as same:
            await source.models.Order.create(total=1)
        assert same is outer
        assert outer.is_active()
        with pytest.raises(TransactionError, match="not to be nested"):
            async with source.transaction(nested="error"):
                pytest.fail("it was entered")
    async with source.transaction(nested="error"):
        await source.models.Order.create(total=2)
    assert await totals(source) == [1, 2]
    with pytest.raises(InvalidValueError, match="nested"):
        source.transaction(nested="maybe")


async def test_a_transaction_begins_none(source: Any) -> None:
    """A transaction itself has no transactions."""
    # DAO-243
    async with source.transaction() as tx:
        with pytest.raises(TransactionError, match="nest"):
            tx.transaction()
