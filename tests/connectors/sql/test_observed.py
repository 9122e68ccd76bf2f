"""Observers of a SQL connector see every statement, and cost nothing while there are none."""

from typing import Any

import pytest

from juggler import DataSource, ModelRegistry
from juggler.connectors.sql.observed import ObservedDriver
from juggler.errors import DuplicateEntryError, PermissionDeniedError


def make() -> Any:
    """Return a source and a model on it."""
    source = DataSource("sqlite", url="sqlite:///:memory:", registry=ModelRegistry())
    return source, source.define(
        "Person", {"id": {"type": "number", "id": True}, "name": str}, {"force_id": False}
    )


async def test_statements_are_told() -> None:
    """Reads, writes and pieces of work are told before and after, with statements and values."""
    # DAO-205
    source, model = make()
    async with source:
        await source.autoupdate()
        connector = source.connector
        assert not isinstance(connector.driver, ObservedDriver)
        seen: list[Any] = []
        before = connector.observe("before execute", lambda ctx: seen.append(("before", ctx)))
        connector.observe("after execute", lambda ctx: seen.append(("after", ctx)), name="mine")
        await model.create(id=1, name="Ada")
        await model.find_by_id(1)
        await model.create_all([{"id": 2}, {"id": 3}])
        assert [when for when, _ in seen] == ["before", "after"] * 3
        assert all(context.connector is connector for _, context in seen)
        sql, values = seen[0][1].steps[0]
        assert sql.startswith("INSERT INTO person")
        assert list(values) == [1, "Ada"]
        assert seen[3][1].results == [[{"id": 1, "name": "Ada"}]]
        assert [sql.split()[0] for sql, _ in seen[5][1].steps] == ["INSERT"]
        seen.clear()
        before.remove()
        connector.remove_observer("after execute", "mine")
        assert await model.count() == 3
        assert seen == []


async def test_transactions_are_told_too() -> None:
    """What a transaction runs is told as what is run outside of one."""
    # DAO-205
    source, model = make()
    async with source:
        await source.autoupdate()
        seen: list[str] = []
        source.connector.observe("before execute", lambda ctx: seen.append(ctx.steps[0][0]))
        async with source.transaction():
            await model.create(id=1, name="Ada")
        assert seen[0].startswith("INSERT")


async def test_an_observer_may_answer_or_refuse() -> None:
    """`end` answers in the place of the database; an error stops it; failures are told."""
    # DAO-204, DAO-205
    source, model = make()
    async with source:
        await source.autoupdate()
        connector = source.connector
        with connector.observe("before execute", lambda ctx: ctx.end([{"id": 7, "name": "fake"}])):
            assert (await model.find_one()).id == 7

        def refuse(context: Any) -> None:
            raise PermissionDeniedError("read only")

        with connector.observe("before execute", refuse), pytest.raises(PermissionDeniedError):
            await model.create(id=1)
        assert await model.count() == 0
        failed: list[Any] = []
        connector.observe("after execute error", lambda ctx: failed.append(ctx.error))
        await model.create(id=1)
        with pytest.raises(DuplicateEntryError):
            await model.create(id=1)
        assert len(failed) == 1
        connector.clear_observers("after execute error")
