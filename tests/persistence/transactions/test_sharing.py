"""Transactions and what is shared: views of another tenant's rows, and upserts of many tasks."""

# ruff: noqa: PT012  what is tested is how a block ends

import asyncio
import contextlib
from typing import Any

import pytest

from juggler.context import current_tenant, tenant
from juggler.datasource.datasource import DataSource
from juggler.errors import (
    DuplicateEntryError,
    OperationNotSupportedError,
    PermissionDeniedError,
)
from juggler.facade.default import ModelRegistry
from juggler.persistence.transactions.ambient import ambient
from juggler.testing.gate import Gate


async def shared(**how: Any) -> tuple[DataSource, Any]:
    """Return a source with a row of acme, and globex's view of the model."""
    registry = ModelRegistry()
    source = DataSource("shop", connector="memory", registry=registry)
    with tenant("acme"):
        tickets = registry.define("Ticket", {"title": {"type": str, "index": {"unique": True}}})
        tickets.data_source = source
        await tickets.create(title="one")
    registry.share("Ticket", "acme", ["globex"], **how)
    with tenant("globex"):
        return source, registry.find_model_by_name("Ticket")


async def test_a_view_joins_a_transaction_on_the_rows_it_shows() -> None:
    """What a grantee does is part of the transaction around it, within the grant."""
    source, view = await shared(access="write")
    with tenant("globex"):
        with pytest.raises(ZeroDivisionError):
            async with source.transaction():
                await view.create(title="two")
                assert await view.count() == 2
                raise ZeroDivisionError
        assert await view.count() == 1


async def test_a_view_that_may_only_read_writes_in_no_transaction() -> None:
    """A transaction grants nothing."""
    source, view = await shared()
    with tenant("globex"):
        async with source.transaction():
            assert await view.count() == 1
            with pytest.raises(PermissionDeniedError):
                await view.create(title="two")


@pytest.mark.parametrize("named", [False, True], ids=["ambient", "named"])
async def test_what_the_owners_observers_do_goes_with_it(named: bool) -> None:
    """What observers of the owner write is committed and rolled back with the grantee's call."""
    # DAO-245, DAO-328
    source, view = await shared(access="write")
    with tenant("acme"):
        tickets = source.registry.find_model_by_name("Ticket")
        logs = source.registry.define("Log", {"text": str})
        logs.data_source = source

    @tickets.observe("after save")
    async def note(context: Any) -> None:
        assert current_tenant() == "acme"
        await logs.create(text=context.instance.title)

    for is_lost in (True, False):
        with tenant("globex"), contextlib.suppress(ZeroDivisionError):
            opening = source.begin_transaction() if named else source.transaction()
            async with opening as transaction:
                options = {"transaction": transaction} if named else None
                await view.create({"title": "two"}, options)
                _ = 1 / (not is_lost)
        with tenant("acme"):
            wanted = [] if is_lost else ["two"]
            assert [each.text for each in await logs.find()] == wanted
            assert await tickets.count({"title": "two"}) == len(wanted)
            assert ambient.get() is None


@pytest.mark.parametrize("within", [False, True], ids=["alone", "in a transaction"])
@pytest.mark.parametrize("is_lost", [False, True], ids=["done", "lost"])
async def test_what_they_want_called_afterwards_is_called_for_them(
    within: bool, is_lost: bool
) -> None:
    """Functions that the owner's observers leave for afterwards work for the owner, too."""
    # DAO-230
    source, view = await shared(access="write")
    seen: list[Any] = []
    with tenant("acme"):
        tickets = source.registry.find_model_by_name("Ticket")

    async def count(word: str) -> None:
        seen.append((word, current_tenant(), await tickets.count()))

    @tickets.observe("before save")
    def ask(context: Any) -> None:
        context.on_commit(lambda: count("committed"))
        context.on_rollback(lambda: count("lost"))

    with tenant("globex"):
        title = "one" if is_lost else "two"
        block = source.transaction() if within else contextlib.nullcontext()
        with contextlib.suppress(DuplicateEntryError):
            async with block:
                await view.create(title=title)
        assert current_tenant() == "globex"
    assert seen == [("lost", "acme", 1) if is_lost else ("committed", "acme", 2)]


async def test_a_grantee_begins_none_on_the_owners_source() -> None:
    """A transaction shows the whole source, which is more than what is shared."""
    _, view = await shared(access="write")
    with tenant("globex"), pytest.raises(OperationNotSupportedError, match="begin_transaction"):
        view.begin_transaction()


async def test_upserts_of_many_tasks_make_one_record(source: Any) -> None:
    """However many find nothing at once, one creates the record and the others change it."""
    # DAO-261
    orders, gate = source.models.Order, Gate()

    @orders.observe("before save")
    async def wait(ctx: Any) -> None:
        if ctx.instance is not None:  # it found none and is about to create it
            await gate.hold()

    tasks = [
        asyncio.create_task(orders.upsert_with_where({"code": "a"}, {"code": "a", "total": total}))
        for total in range(5)
    ]
    await gate.wait_for(5)
    gate.open()
    made = await asyncio.gather(*tasks)
    assert len({each.id for each in made}) == 1
    assert await orders.count() == 1
