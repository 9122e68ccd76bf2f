"""How transactions end where something goes wrong."""

# ruff: noqa: PT012, PT031  what is tested is how a block ends

import asyncio
import gc
from typing import Any

import pytest

from juggler.context import tenant
from juggler.datasource.datasource import DataSource
from juggler.errors import ConnectorDetachedError, ModelDisposedError, StoreError, TransactionError
from juggler.facade.default import ModelRegistry
from juggler.testing.gate import Gate
from tests.persistence.transactions.stores import nothing_is_open, totals
from tests.persistence.transactions.watched import HOOKS, note_all, recorded
from tests.turns import turns


async def test_a_failing_commit_is_rolled_back() -> None:
    """If the store refuses to commit, the transaction is rolled back and counted as ended."""
    # DAO-247
    source, recorder = recorded(fail={"commit": StoreError("The disk is full.", code="DISK_FULL")})
    with pytest.raises(StoreError, match="disk"):
        async with source.transaction() as tx:
            await source.models["Order"].create(total=1)
            seen = note_all(tx)
    assert seen == ["before commit: commit", "after commit error: commit"]
    assert recorder.methods[-2:] == ["commit", "rollback"]
    assert not tx.is_active()
    assert source.in_flight == 0
    assert await source.models["Order"].count() == 0


async def test_a_failing_rollback_is_told() -> None:
    """If the store cannot roll back, that is raised, and the transaction is over all the same."""
    source, _ = recorded(fail={"rollback": StoreError("The line is dead.")})
    tx = await source.begin_transaction()
    seen = note_all(tx)
    with pytest.raises(StoreError, match="dead"):
        await tx.rollback()
    assert seen == ["before rollback: rollback", "after rollback error: rollback"]
    assert not tx.is_active()
    assert source.in_flight == 0


@pytest.mark.parametrize("kind", [ValueError, asyncio.CancelledError])
@pytest.mark.parametrize("fails", ["store", "observer"])
async def test_a_block_raises_what_ended_it(fails: str, kind: type[BaseException]) -> None:
    """What goes wrong while a block is rolled back only adds a note to the error that ended it."""
    # DAO-247, DAO-248
    dead = StoreError("The line is dead.")
    source, recorder = recorded(fail={"rollback": dead} if fails == "store" else {})

    def refuse(ctx: Any) -> None:
        raise dead

    with pytest.raises(kind, match="mine") as caught:
        async with source.transaction() as tx:
            if fails == "observer":
                tx.observe(HOOKS.BEFORE_ROLLBACK, refuse)
            raise kind("mine")
    assert "dead" in caught.value.__notes__[0]
    assert recorder.methods[-1] == "rollback"
    assert not tx.is_active()
    assert source.in_flight == 0


async def test_a_savepoint_that_is_not_rolled_back_spoils_what_is_around_it(source: Any) -> None:
    """What it wrote may still be there, so the outer transaction is not committed."""
    # DAO-249
    orders = source.models.Order

    async def fail() -> None:
        raise StoreError("The line is dead.")

    with pytest.raises(TransactionError, match="nested in it could not") as caught:
        async with source.transaction() as outer:
            with pytest.raises(ValueError, match="mine"):
                async with source.transaction() as inner:
                    inner._inner.rollback = fail
                    await orders.create(total=1)
                    raise ValueError("mine")
            assert not outer.is_active()
    assert caught.value.code == "TRANSACTION_NOT_ACTIVE"
    assert await totals(source) == []


@pytest.mark.parametrize("hook", [HOOKS.AFTER_COMMIT_ERROR, HOOKS.AFTER_ROLLBACK_ERROR])
async def test_after_a_failure_nothing_joins_any_more(hook: str) -> None:
    """What observers of a failed end do is done outside of it."""
    # DAO-240
    error = StoreError("The disk is full.")
    source, _ = recorded(
        fail={"commit": error, "rollback": error} if "roll" in hook else {"commit": error}
    )
    orders, counts = source.models["Order"], list[int]()

    async def look(ctx: Any) -> None:
        assert ctx.error is error
        counts.append(await orders.count())

    with pytest.raises(StoreError, match="disk"):
        async with source.transaction() as tx:
            tx.observe(hook, look)
            await orders.create(total=1)
    assert counts == [0]


async def test_an_inactive_transaction_is_refused_before_the_store_is_asked() -> None:
    """The connector never hears of a call in a transaction that is over."""
    # DAO-234
    source, recorder = recorded()
    tx = await source.begin_transaction()
    await tx.rollback()
    asked = len(recorder.calls)
    for call in (
        source.models["Order"].find({}, {"transaction": tx}),
        source.models["Order"].create({}, {"transaction": tx}),
        tx.models["Order"].destroy_all(all=True),
    ):
        with pytest.raises(TransactionError, match=tx.id):
            await call
    assert len(recorder.calls) == asked


async def test_a_commit_waits_for_the_call_that_is_running() -> None:
    """A call that has begun is part of what is committed; one that waits is refused."""
    gate = Gate()
    source, recorder = recorded(hold=gate, at=["create"])
    tx = await source.begin_transaction()
    running = asyncio.create_task(tx.models["Order"].create(total=1))
    await gate.wait_for(1)
    ending = asyncio.create_task(tx.commit())
    await turns(10)
    assert "commit" not in recorder.methods
    gate.open()
    await asyncio.gather(running, ending)
    assert recorder.methods[-2:] == ["create", "commit"]
    assert await source.models["Order"].count() == 1


async def test_a_cancellation_while_the_store_commits_is_raised_when_it_has() -> None:
    """The commit is done as a whole, what was to be called afterwards is, and then it is raised."""
    # DAO-248
    gate, seen = Gate(), []
    source, _ = recorded(hold=gate, at=["commit"])

    async def work() -> None:
        async with source.transaction() as tx:
            await source.models["Order"].create(total=1)
            tx.on_commit(lambda: seen.append("committed"))

    task = asyncio.create_task(work())
    await gate.wait_for(1)
    task.cancel()
    gate.open()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["committed"]
    assert await source.models["Order"].count() == 1
    assert source.in_flight == 0


async def test_one_that_is_dropped_warns_and_is_rolled_back(source: Any) -> None:
    """Forgetting a transaction does not keep its connection for ever."""
    tx = await source.begin_transaction()
    await tx.models.Order.create(total=1)
    with pytest.warns(ResourceWarning, match="dropped open"):
        del tx
        gc.collect()
    await source.models.Order.create(total=2)  # has its turn once the rollback is done
    assert await totals(source) == [2]


async def test_a_closed_source_ends_its_transactions(source: Any) -> None:
    """What was open when the source was closed is rolled back; using it says what happened."""
    # DAO-250
    with pytest.raises(ConnectorDetachedError):
        async with source.transaction() as tx:
            await source.models.Order.create(total=1)
            await source.close()
    assert not tx.is_active()
    assert source.in_flight == 0


async def test_disconnecting_rolls_back(memory: Any) -> None:
    """A source that is disconnected under a transaction ends it; its rows stay."""
    # DAO-250
    with pytest.raises(ConnectorDetachedError):
        async with memory.transaction():
            await memory.models.Order.create(total=1)
            await memory.disconnect()
            await memory.models.Order.create(total=2)
    assert await memory.models.Order.count() == 0


async def test_a_tenant_that_is_cleaned_up_by_force_loses_its_transaction() -> None:
    """An open transaction keeps its tenant in use; a clean-up by force rolls it back."""
    # DAO-250
    registry = ModelRegistry()
    source = DataSource("shop", connector="memory", registry=registry)
    orders = source.define("Order", {"total": "number"})
    with pytest.raises(ModelDisposedError, match="acme"), tenant("acme"):
        registry.define("Own", {"a": str})
        async with source.transaction() as tx:
            await orders.create(total=1)
            assert registry.cleanup_tenant("acme").error == "in use"
            assert registry.cleanup_tenant("acme", force=True).error is None
    assert not tx.is_active()
    assert await orders.count() == 0
    assert nothing_is_open(source)


async def test_an_open_transaction_keeps_its_tenant() -> None:
    """As long as a transaction of a tenant is open it is in use; then no longer."""
    # DAO-250
    registry = ModelRegistry()
    source = DataSource("shop", connector="memory", registry=registry)
    with tenant("acme"):
        model = registry.define("Own", {"a": str})
        source.attach(registry.define("Other", {"a": str}))
        model.data_source = source
        async with model.begin_transaction():
            assert registry.tenant("acme").owner.in_use
            assert not registry.evict("acme")
            assert source.in_flight == 1
        assert not registry.tenant("acme").owner.in_use
    assert source.in_flight == 0
    assert registry.cleanup_tenant("acme").error is None
