"""Observers of transactions."""

# ruff: noqa: PT012  what is tested is how a block ends

from typing import Any

import pytest

from juggler.errors import InvalidValueError
from tests.persistence.transactions.stores import nothing_is_open
from tests.persistence.transactions.watched import ENDINGS, HOOKS, note_all


async def test_a_commit_is_observed(source: Any) -> None:
    """Observers run around the commit, in order."""
    # DAO-240, DAO-205
    async with source.transaction() as tx:
        seen = note_all(tx)
    assert seen == ["before commit: commit", "after commit: commit"]


async def test_a_rollback_is_observed(source: Any) -> None:
    """Observers run around the rollback, in order."""
    # DAO-240
    tx = await source.begin_transaction()
    seen = note_all(tx)
    await tx.rollback()
    assert seen == ["before rollback: rollback", "after rollback: rollback"]


async def test_observers_come_and_go(memory: Any) -> None:
    """A registration can be taken back by handle, function, or for a whole hook."""
    tx, seen = await memory.begin_transaction(), []

    @tx.observe(HOOKS.BEFORE_COMMIT)
    async def note(ctx: Any) -> None:
        seen.append("kept")

    tx.observe(HOOKS.BEFORE_COMMIT, lambda _: seen.append("handle")).remove()
    tx.observe(HOOKS.BEFORE_COMMIT, print)
    tx.remove_observer(HOOKS.BEFORE_COMMIT, print)
    tx.observe(HOOKS.AFTER_COMMIT, print)
    tx.clear_observers(HOOKS.AFTER_COMMIT)
    await tx.commit()
    assert seen == ["kept"]


async def test_before_the_commit_there_is_still_work_to_do(source: Any) -> None:
    """What an observer of `before commit` does is part of the transaction."""
    orders = source.models.Order
    async with source.transaction() as tx:

        @tx.observe(HOOKS.BEFORE_COMMIT)
        async def audit(ctx: Any) -> None:
            await orders.create(total=7)

    assert await orders.count({"total": 7}) == 1


async def test_an_observer_may_prevent_the_commit(source: Any) -> None:
    """If `before commit` fails, everything is rolled back and nothing stays taken."""
    # DAO-240, DAO-247
    seen: list[str] = []
    with pytest.raises(ZeroDivisionError) as caught:
        async with source.transaction() as tx:
            await source.models.Order.create(total=1)
            seen = note_all(tx)
            tx.on_rollback(lambda: seen.append("told"))
            tx.observe(HOOKS.BEFORE_COMMIT, lambda _: 1 / 0)
    assert "before commit" in caught.value.__notes__[0]
    assert seen == ["before commit: commit", "after commit error: commit", "told"]
    assert not tx.is_active()
    assert await source.models.Order.count() == 0
    assert nothing_is_open(source)


async def test_a_failing_observer_does_not_prevent_the_rollback(source: Any) -> None:
    """An error before the rollback is raised when that is done."""
    tx = await source.begin_transaction()
    await tx.models.Order.create(total=1)
    tx.observe(HOOKS.BEFORE_ROLLBACK, lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        await tx.rollback()
    assert nothing_is_open(source)
    assert await source.models.Order.count() == 0


async def test_what_cannot_be_observed_is_refused(memory: Any) -> None:
    """A name that no hook has is an error, not an observer that is never called."""
    # DAO-240
    async with memory.transaction() as tx:
        for observe in (tx.observe, lambda hook: tx.observe(hook, print)):
            with pytest.raises(InvalidValueError, match="before comit") as caught:
                observe("before comit")
            assert caught.value.value == "before comit"
        assert all(name in str(caught.value) for name in ENDINGS)
