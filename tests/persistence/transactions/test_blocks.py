"""Transactions as blocks: how they begin and end."""

# ruff: noqa: PT012  what is tested is how a block ends

import asyncio
from typing import Any

import pytest

from juggler.errors import InvalidValueError, OperationNotSupportedError, TransactionError
from juggler.persistence.transactions.transaction import Transaction
from juggler.testing.gate import Gate
from tests.persistence.shelf import make_source as make_shelf
from tests.persistence.transactions.stores import totals


async def test_a_block_that_ends_well_is_committed(source: Any) -> None:
    """What a block did is there after it."""
    # DAO-245
    orders = source.models.Order
    async with source.transaction() as tx:
        assert tx.is_active()
        await orders.create(total=1)
        await orders.create([{"total": 2}, {"total": 3}])
    assert not tx.is_active()
    assert await totals(source) == [1, 2, 3]


async def test_a_block_that_fails_is_rolled_back(source: Any) -> None:
    """Whatever kind of write a block did, an error takes it back and is raised."""
    # DAO-245
    orders = source.models.Order
    kept, gone = await orders.create_all([{"total": 1, "code": "a"}, {"total": 2, "code": "b"}])
    with pytest.raises(ZeroDivisionError):
        async with source.transaction():
            await orders.create(total=3)
            await kept.update_attributes({"total": 10})
            await gone.destroy()
            await orders.update_all({"code": "a"}, {"code": "b"})
            await orders.upsert_with_where({"code": "z"}, {"code": "z"})
            assert await totals(source) == [10, 3, None]
            raise ZeroDivisionError
    assert await totals(source) == [1, 2]


async def test_a_cancelled_block_is_rolled_back(source: Any) -> None:
    """Cancelling the task takes back what its block did."""
    # DAO-248
    gate, orders = Gate(), source.models.Order

    async def work() -> None:
        async with source.transaction():
            await orders.create(total=1)
            await gate.hold()

    task = asyncio.create_task(work())
    await gate.wait_for(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await totals(source) == []


async def test_it_may_be_ended_before_its_block(source: Any) -> None:
    """After `commit` or `rollback` nothing joins it, and the end of the block does nothing."""
    # DAO-239
    orders = source.models.Order
    async with source.transaction() as tx:
        await orders.create(total=1)
        await tx.commit()
        with pytest.raises(TransactionError, match=f"create: .*not active: {tx.id}") as caught:
            await orders.create(total=2)
        assert caught.value.code == "TRANSACTION_NOT_ACTIVE"
        assert caught.value.value == tx.id
    assert await totals(source) == [1]


@pytest.mark.parametrize("method", ["commit", "rollback"])
async def test_it_is_ended_once(source: Any, method: str) -> None:
    """Ending it again is an error that names it."""
    # DAO-239
    for first in ("commit", "rollback"):
        tx = await source.begin_transaction()
        await getattr(tx, first)()
        assert not tx.is_active()
        with pytest.raises(TransactionError, match=f"{method}: .*not active: {tx.id}"):
            await getattr(tx, method)()
        with pytest.raises(TransactionError, match="not active"):
            tx.on_commit(print)


@pytest.mark.parametrize(
    "options",
    ["SNAPSHOT", "", {"isolation_level": "x"}, {"isolation_level": []}, {"level": "x"}, 7],
)
async def test_unknown_levels_are_refused(source: Any, options: Any) -> None:
    """Another level, or option, than those that there are is an error at once."""
    # DAO-237
    with pytest.raises(InvalidValueError):
        source.begin_transaction(options)


@pytest.mark.parametrize("time", [0, -1, "5", True, float("nan"), float("inf"), 10**400])
async def test_times_that_cannot_be_are_refused(source: Any, time: Any) -> None:
    """A time without end is not given at all."""
    # DAO-237
    with pytest.raises(InvalidValueError, match="timeout"):
        source.begin_transaction(timeout=time)
    assert source.in_flight == 0


@pytest.mark.parametrize(
    "level", ["READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]
)
async def test_all_levels_work(source: Any, level: str) -> None:
    """Each level is a constant of the class and is kept by what it begins."""
    # DAO-237
    assert getattr(Transaction, level.replace(" ", "_")) == level
    async with source.transaction(isolation_level=level) as tx:
        assert tx.isolation_level == level
        await source.models.Order.create(total=1)
    assert await totals(source) == [1]


async def test_what_is_not_awaited_is_not_there(source: Any) -> None:
    """Ending what was never begun says what to do."""
    # DAO-243
    opening = source.transaction()
    for use in (opening.commit, opening.rollback, lambda: opening.models):
        with pytest.raises(TransactionError, match="await it first") as caught:
            use()
        assert caught.value.code == "TRANSACTION_NOT_READY"


async def test_what_is_no_function_is_not_called(source: Any) -> None:
    """Options in the place of the function are an error before anything is begun."""
    # DAO-242
    for given in ("SERIALIZABLE", {"timeout": 5}):
        with pytest.raises(TypeError, match="execute is a function"):
            source.transaction(given)


async def test_a_block_is_entered_once_at_a_time(source: Any) -> None:
    """Entering one that is open is an error; it does not lose the transaction."""
    # DAO-245
    opening = source.transaction()
    async with opening as outer:
        with pytest.raises(TransactionError, match="is open") as caught:
            async with opening:
                pytest.fail("it was entered")
        assert caught.value.code == "TRANSACTION_NESTED"
        await source.models.Order.create(total=1)
    assert not outer.is_active()
    async with opening:
        await source.models.Order.create(total=2)
    assert await totals(source) == [1, 2]


async def test_a_connector_without_transactions_says_so() -> None:
    """All ways to begin one name what is not supported."""
    # DAO-237, DAO-243
    source = make_shelf()
    model = source.define("Thing", {"name": str})
    for begin in (source.transaction, source.begin_transaction, model.begin_transaction):
        with pytest.raises(OperationNotSupportedError, match="transaction"):
            begin()


async def test_it_has_a_name(source: Any) -> None:
    """The id is its text and its form in JSON, and no two have one."""
    # DAO-239
    ids = set()
    for _ in range(2):
        async with source.begin_transaction() as tx:
            assert str(tx) == tx.id == tx.to_json()
            assert tx.connector is source.connector
            assert (tx.connection is None) is (source.connector.name == "memory")
            ids.add(tx.id)
        assert tx.connection is None
    assert len(ids) == 2


async def test_what_was_awaited_may_be_entered(source: Any) -> None:
    """A transaction itself is a block, too, that nothing joins by itself."""
    async with await source.begin_transaction() as tx:
        await source.models.Order.create({"total": 1}, {"transaction": tx})
    assert not tx.is_active()
    with pytest.raises(TransactionError, match="not active"):
        async with tx:
            pytest.fail("it was entered")
    assert await source.models.Order.count() == 1
