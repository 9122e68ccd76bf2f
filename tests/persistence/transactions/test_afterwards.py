"""What is called once the outcome is certain."""

# ruff: noqa: PT012  what is tested is how a block ends

import asyncio
from typing import Any

import pytest

from juggler.errors import BulkOperationError, ValidationError
from juggler.persistence.hooks import Context
from juggler.testing.gate import Gate


async def test_calls_wait_for_the_outcome(source: Any) -> None:
    """`on_commit` runs after the commit and outside, `on_rollback` after the rollback."""
    # DAO-252
    orders, seen = source.models.Order, []
    async with source.transaction() as tx:
        await orders.create(total=1)

        @tx.on_commit
        async def count() -> None:
            seen.append(await orders.count())
            await orders.create(total=2)

        tx.on_rollback(lambda: seen.append("rolled back"))
        assert seen == []
    assert seen == [1]
    assert await orders.count() == 2
    tx = await source.begin_transaction()
    tx.on_commit(lambda: seen.append("committed"))
    tx.on_rollback(lambda: seen.append("rolled back"))
    await tx.rollback()
    assert seen == [1, "rolled back"]


async def test_calls_of_a_nested_block_wait_for_the_outermost(source: Any) -> None:
    """What is nested is committed when all is; what it took back is told at once."""
    # DAO-252
    seen: list[str] = []
    async with source.transaction():
        async with source.transaction() as inner:
            inner.on_commit(lambda: seen.append("committed"))
        with pytest.raises(ZeroDivisionError):
            async with source.transaction() as inner:
                inner.on_commit(lambda: seen.append("never"))
                inner.on_rollback(lambda: seen.append("taken back"))
                raise ZeroDivisionError
        assert seen == ["taken back"]
    assert seen == ["taken back", "committed"]


async def test_a_failing_call_does_not_keep_the_others_from_running(memory: Any) -> None:
    """All calls are made; the first error is raised with a note that the commit is done."""
    seen: list[int] = []
    with pytest.raises(ZeroDivisionError) as caught:
        async with memory.transaction() as tx:
            await memory.models.Order.create(total=1)
            tx.on_commit(lambda: 1 / 0)
            tx.on_commit(lambda: seen.append(1))
            tx.on_commit(lambda: seen[1])
    notes = " ".join(caught.value.__notes__)
    assert "commit was done" in notes
    assert "IndexError" in notes
    assert seen == [1]
    assert await memory.models.Order.count() == 1


@pytest.mark.parametrize("method", ["commit", "rollback"])
async def test_a_failing_observer_does_not_keep_calls_from_running(
    source: Any, method: str
) -> None:
    """Where an observer of the end fails, what was to be called is called all the same."""
    # DAO-252
    seen: list[str] = []
    tx = await source.begin_transaction()
    tx.observe(f"after {method}", lambda _: 1 / 0)
    tx.on_commit(lambda: seen.append("commit"))
    tx.on_rollback(lambda: seen.append("rollback"))
    with pytest.raises(ZeroDivisionError) as caught:
        await getattr(tx, method)()
    assert f"{method} was done" in caught.value.__notes__[-1]
    assert seen == [method]


async def test_a_failing_observer_of_a_nested_block_does_not_lose_its_calls(source: Any) -> None:
    """They wait for the outermost block as they would have without it."""
    # DAO-252
    seen: list[str] = []
    async with source.transaction():
        with pytest.raises(ZeroDivisionError):
            async with source.transaction() as inner:
                inner.on_commit(lambda: seen.append("committed"))
                inner.observe("after commit", lambda _: 1 / 0)
        assert seen == []
    assert seen == ["committed"]


async def test_a_cancelled_call_does_not_keep_the_others_from_running(memory: Any) -> None:
    """All that is to follow a commit does; then the cancellation is raised."""
    # DAO-248, DAO-252
    gate, seen = Gate(), list[int]()

    async def work() -> None:
        async with memory.transaction() as tx:
            await memory.models.Order.create(total=1)
            tx.on_commit(lambda: 1 / 0)
            tx.on_commit(gate.hold)
            tx.on_commit(lambda: seen.append(1))

    task = asyncio.create_task(work())
    await gate.wait_for(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert "ZeroDivisionError" in caught.value.__notes__[-1]
    assert seen == [1]
    assert await memory.models.Order.count() == 1


async def test_hooks_bind_calls_to_the_transaction(source: Any) -> None:
    """`ctx.on_commit` of a hook waits for the transaction around its operation."""
    # DAO-230
    orders, seen = source.models.Order, []

    @orders.observe("before save")
    def tell(ctx: Any) -> None:
        ctx.on_commit(lambda: seen.append("committed"))
        ctx.on_rollback(lambda: seen.append("rolled back"))

    async with source.transaction():
        await orders.create(total=1)
        assert seen == []
    assert seen == ["committed"]
    with pytest.raises(ZeroDivisionError):
        async with source.transaction():
            await orders.create(total=1)
            raise ZeroDivisionError
    assert seen == ["committed", "rolled back"]


async def test_without_a_transaction_an_operation_is_one(memory: Any) -> None:
    """Then `ctx.on_commit` waits for the end of the operation, and for what comes of it."""
    # DAO-230
    orders, seen = memory.models.Order, []

    @orders.observe("before save")
    def tell(ctx: Any) -> None:
        code = ctx.instance.code
        ctx.on_commit(lambda: seen.append(f"{code} stored"))
        ctx.on_rollback(lambda: seen.append(f"{code} not"))

    await orders.create(code="a")
    assert seen == ["a stored"]
    with pytest.raises((ValidationError, BulkOperationError)):
        await orders.create([{"code": "b"}, {"code": "a"}, {"code": "c"}])
    assert sorted(seen) == ["a not", "a stored", "b stored", "c stored"]


async def test_a_context_of_nothing_has_no_calls() -> None:
    """A context that somebody made by hand belongs to no operation, and says so."""
    context = Context(operation="x")
    assert context.transaction is None
    assert repr(context) == "Context(operation='x')"
    with pytest.raises(AttributeError, match="no operation"):
        context.on_commit(print)
