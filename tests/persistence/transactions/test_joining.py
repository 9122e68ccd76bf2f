"""What joins a transaction, and what does not."""

# ruff: noqa: PT012  what is tested is how a block ends

import asyncio
from pathlib import Path
from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import OperationNotSupportedError, TransactionError
from juggler.persistence.transactions.transaction import Transaction
from juggler.testing.gate import Gate
from tests.persistence.transactions.stores import shop, totals


async def test_others_see_nothing_before_the_commit(source: Any) -> None:
    """An operation that is kept out reads what was committed."""
    # DAO-245
    if source.settings.get("connector") == "sqlite" and not source.settings.get("file"):
        pytest.skip("a database in memory has one connection; see the tests of its connector")
    orders = source.models.Order
    await orders.create(total=1)
    async with source.transaction():
        await orders.create(total=2)
        assert await orders.count() == 2
        assert await orders.count({}, {"transaction": None}) == 1
        found = await orders.find({}, {"transaction": None})
        assert [each.total for each in found] == [1]


async def test_begun_by_hand_it_is_joined_by_being_named(source: Any) -> None:
    """`begin_transaction` is not ambient: what names it is part of it, whoever does."""
    # DAO-237, DAO-238, DAO-246
    orders = source.models.Order
    tx = await orders.begin_transaction()
    order = await orders.create({"total": 1}, {"transaction": tx})
    order.total = 2
    await order.save({"transaction": tx})
    assert await orders.count({}, {"transaction": tx}) == 1
    assert (await order.reload({"transaction": tx})).total == 2
    await tx.rollback()
    assert await totals(source) == []
    async with orders.begin_transaction("SERIALIZABLE") as tx:
        assert tx.isolation_level == Transaction.SERIALIZABLE
        await orders.create({"total": 3}, {"transaction": tx})
    assert await totals(source) == [3]
    with pytest.raises(ZeroDivisionError):
        async with source.begin_transaction(
            {"isolation_level": "SERIALIZABLE", "timeout": 9_999}
        ) as tx:
            await orders.create({"total": 4}, {"transaction": tx})
            raise ZeroDivisionError
    assert await totals(source) == [3]


async def test_options_are_not_written_on(source: Any) -> None:
    """The caller's options are the same afterwards, and hooks see the same object."""
    orders, seen = source.models.Order, []
    orders.observe("before save", lambda ctx: seen.append((ctx.options, ctx.transaction)))
    async with source.transaction() as tx:
        options = {"transaction": tx, "mine": 1}
        await orders.create({"total": 1}, options)
    assert options == {"transaction": tx, "mine": 1}
    assert seen[0][0] is options
    assert seen[0][1] is tx


@pytest.mark.parametrize("how", ["ambient", "named"])
async def test_hooks_join(source: Any, how: str) -> None:
    """What a hook does without naming a transaction is part of that of its operation."""
    # DAO-328, DAO-245
    orders, lines = source.models.Order, source.models.Line

    @orders.observe("after save")
    async def add_line(ctx: Any) -> None:
        await lines.create(order_id=ctx.instance.id, sku="a")

    with pytest.raises(ZeroDivisionError):
        if how == "ambient":
            async with source.transaction():
                await orders.create(total=1)
                assert await lines.count() == 1
                raise ZeroDivisionError
        async with source.begin_transaction() as tx:
            await orders.create({"total": 1}, {"transaction": tx})
            raise ZeroDivisionError
    assert await lines.count() == 0
    await orders.create(total=1)
    assert await lines.count() == 1


async def test_a_hook_of_what_is_kept_out_is_out_as_well(memory: Any) -> None:
    """`{"transaction": None}` counts for the hooks of the operation, too."""
    orders, lines = memory.models.Order, memory.models.Line

    @orders.observe("after save")
    async def add_line(ctx: Any) -> None:
        await lines.create(sku="a")

    with pytest.raises(ZeroDivisionError):
        async with memory.transaction():
            await orders.create({"total": 1}, {"transaction": None})
            raise ZeroDivisionError
    assert await lines.count() == await orders.count() == 1


async def test_tasks_of_a_block_join_and_take_turns(source: Any) -> None:
    """Tasks that are started in a block are part of its transaction, statement by statement."""
    orders = source.models.Order
    with pytest.raises(ZeroDivisionError):
        async with source.transaction():
            async with asyncio.TaskGroup() as tasks:
                for total in range(10):
                    tasks.create_task(orders.create(total=total))
            assert await orders.count() == 10
            raise ZeroDivisionError
    assert await orders.count() == 0


async def test_a_task_that_outlives_its_block_is_told(source: Any) -> None:
    """A task that goes on after the end of the block does not write outside of it unnoticed."""
    # DAO-234
    gate, orders = Gate(), source.models.Order

    async def late() -> None:
        await gate.hold()
        await orders.create(total=1)

    async with source.transaction():
        task = asyncio.create_task(late())
        await gate.wait_for(1)
    gate.open()
    with pytest.raises(TransactionError, match="not active"):
        await task
    assert await orders.count() == 0


async def test_a_sibling_task_does_not_join(memory: Any) -> None:
    """A task that was started outside of the block is not part of it."""
    gate, orders = Gate(), memory.models.Order

    async def other() -> int:
        await gate.hold()
        return int(await orders.count())

    task = asyncio.create_task(other())
    async with memory.transaction():
        await orders.create(total=1)
        gate.open()
        assert await task == 0


async def test_another_source_is_not_concerned(source: Any, tmp_path: Path) -> None:
    """Of several transactions an operation joins that of its own source."""
    # DAO-238
    async with shop("memory", tmp_path) as other:
        with pytest.raises(ZeroDivisionError):
            async with other.transaction() as theirs, source.transaction() as ours:
                await source.models.Order.create(total=1)
                await other.models.Order.create(total=1)
                await ours.commit()
                assert theirs.is_active()
                raise ZeroDivisionError
        assert (await source.models.Order.count(), await other.models.Order.count()) == (1, 0)


async def test_a_transaction_of_another_source_is_refused(source: Any, tmp_path: Path) -> None:
    """Naming one never runs the operation outside of it in silence."""
    # DAO-251
    async with shop("memory", tmp_path) as other, other.transaction() as tx:
        with pytest.raises(TransactionError, match="is of the data source") as caught:
            await source.models.Order.create({"total": 1}, {"transaction": tx})
        assert caught.value.code == "TRANSACTION_DATASOURCE_MISMATCH"
    assert await source.models.Order.count() == 0


async def test_what_is_no_transaction_is_refused(source: Any) -> None:
    """Anything else in its place is an error, not an operation outside."""
    with pytest.raises(TypeError, match="is no transaction"):
        await source.models.Order.create({"total": 1}, {"transaction": object()})


async def test_a_transaction_of_one_tenant_is_not_joined_by_another(memory: Any) -> None:
    """An ambient transaction serves the tenant that it was begun for; one of nobody serves all."""
    orders = memory.models.Order
    with pytest.raises(ZeroDivisionError), tenant("acme"):
        async with memory.transaction() as tx:
            assert tx.tenant == "acme"
            await orders.create(total=1)
            with tenant("bolt"):
                await orders.create(total=2)
            raise ZeroDivisionError
    assert await totals(memory) == [2]
    with pytest.raises(ZeroDivisionError):
        async with memory.transaction():
            with tenant("bolt"):
                await orders.create(total=3)
            raise ZeroDivisionError
    assert await totals(memory) == [2]


@pytest.mark.parametrize("method", ["automigrate", "autoupdate", "is_actual"])
async def test_tables_are_no_part_of_it(source: Any, method: str) -> None:
    """What would wait for the block that it is in, or empty tables for good, is refused at once."""
    async with source.transaction():
        await source.models.Order.create(total=1)
        with pytest.raises(OperationNotSupportedError, match=f"{method}: .* outside of the block"):
            await getattr(source, method)()
    assert await totals(source) == [1]
    await getattr(source, method)()


async def test_raw_commands_join(tmp_path: Path) -> None:
    """`execute` on the source is part of the surrounding transaction."""
    async with shop("sqlite file", tmp_path) as source:
        with pytest.raises(ZeroDivisionError):
            async with source.transaction():
                await source.execute('INSERT INTO "Order" (total) VALUES (1)')
                assert await source.models.Order.count() == 1
                raise ZeroDivisionError
        assert await source.models.Order.count() == 0
