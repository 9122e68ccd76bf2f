"""Transactions of SQLite: connections of their own, turns, and what SQLite itself may end."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from juggler.connectors.contract import Connector
from juggler.connectors.sql.sqlite import SqliteConnector
from juggler.errors import (
    ConnectorDetachedError,
    OperationNotSupportedError,
    PoolExhaustedError,
    StoreError,
    TransactionError,
)
from juggler.testing.connector_suite.base import Store, Suite
from juggler.testing.connector_suite.models import model
from tests.connectors.sql.endless import Endless
from tests.patience import PATIENCE

NOTE = model("Note", {"id": {"type": int, "id": True}, "n": int})


def make(folder: Path | None, **settings: Any) -> SqliteConnector:
    """Return a connector to a file in *folder*, or to a database in memory."""
    if folder is not None:
        settings["file"] = str(folder / "notes.db")
    return SqliteConnector({"synchronous": "off", **settings}, Suite.host)


@asynccontextmanager
async def opened(folder: Path | None, busy_timeout: int = PATIENCE * 1_000) -> AsyncIterator[Store]:
    """Give a store with one note."""
    connector = make(folder, busy_timeout=busy_timeout, pool_size=2)
    await connector.connect()
    found = Store(connector)
    await found.prepare(NOTE, rows=[{"id": 1, "n": 1}])
    yield found
    await connector.disconnect()


@pytest.fixture(params=["file", "memory"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """A store with one note, whose callers wait as long as it takes."""
    async with opened(tmp_path if request.param == "file" else None) as found:
        yield found


@pytest.fixture
async def filed(tmp_path: Path) -> AsyncIterator[Store]:
    """A store in a file with one note."""
    async with opened(tmp_path) as found:
        yield found


@pytest.fixture(params=["file", "memory"])
async def hurried(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """A store with one note, whose callers do not wait long."""
    async with opened(tmp_path if request.param == "file" else None, 20) as found:
        yield found


def driver_of(store: Store) -> Any:
    """Return the driver."""
    connector: Any = store.connector
    return connector.driver


async def begin(store: Store, level: str = "READ COMMITTED") -> Any:
    """Return a transaction."""
    connector: Any = store.connector
    return await connector.begin(level)


async def test_readers_of_a_file_do_not_wait(filed: Store) -> None:
    """Who reads a file meanwhile gets what was committed, at once."""
    one = await begin(filed)
    await Store(one.store).create(NOTE, id=2, n=2)
    assert await filed.count(NOTE) == 1
    await one.commit()
    assert await filed.count(NOTE) == 2


async def test_writers_wait_for_the_transaction(hurried: Store) -> None:
    """Whoever writes meanwhile waits, as long as `busy_timeout`, and is told what to do."""
    one = await begin(hurried)
    with pytest.raises(StoreError, match="busy_timeout") as caught:
        await hurried.create(NOTE, id=2, n=2)
    assert (caught.value.code, caught.value.status_code) == ("STORE_BUSY", 503)
    with pytest.raises(StoreError) as caught:
        await begin(hurried)
    assert caught.value.code == "STORE_BUSY"
    await one.rollback()
    assert await hurried.create(NOTE, id=2, n=2) == 2


async def test_readers_of_a_database_in_memory_wait() -> None:
    """There is one connection, and nobody else sees what is not committed."""
    async with opened(None, busy_timeout=10) as store:
        one = await begin(store)
        await Store(one.store).create(NOTE, id=2)
        with pytest.raises(StoreError, match="busy_timeout"):
            await store.count(NOTE)
        await one.rollback()
        assert await store.count(NOTE) == 1


async def test_transactions_take_turns(tmp_path: Path) -> None:
    """Many that read and write one row lose none of its changes."""
    connector = make(tmp_path, busy_timeout=PATIENCE * 1_000, pool_size=3)
    await connector.connect()
    store = Store(connector)
    await store.prepare(NOTE, rows=[{"id": 1, "n": 0}])

    async def add() -> None:
        one = await begin(store)
        inside = Store(one.store)
        (n,) = await inside.values(NOTE, "n")
        await inside.update(NOTE, {"n": n + 1})
        await one.commit()

    await asyncio.gather(*(add() for _ in range(20)))
    assert await store.values(NOTE, "n") == [20]
    assert driver_of(store).connections <= 4
    await connector.disconnect()


async def test_a_reading_level_keeps_its_rows_and_holds_up_nobody(filed: Store) -> None:
    """`REPEATABLE READ` sees what was there when it first looked, and may then be too late."""
    one = await begin(filed, "REPEATABLE READ")
    inside = Store(one.store)
    assert await inside.values(NOTE, "n") == [1]
    await filed.update(NOTE, {"n": 2})
    assert await inside.values(NOTE, "n") == [1]
    with pytest.raises(TransactionError, match="do it again") as caught:
        await inside.update(NOTE, {"n": 3})
    assert caught.value.code == "TRANSACTION_CONFLICT"
    await one.rollback()
    assert await filed.values(NOTE, "n") == [2]


async def test_there_is_room_for_so_many(tmp_path: Path) -> None:
    """As many transactions that only read are open as `pool_size` says."""
    async with opened(tmp_path, busy_timeout=20) as filed:
        several = [await begin(filed, "REPEATABLE READ") for _ in range(2)]
        with pytest.raises(PoolExhaustedError, match="pool_size"):
            await begin(filed, "REPEATABLE READ")
        for each in several:
            await each.rollback()
        await (await begin(filed, "REPEATABLE READ")).rollback()


async def test_connections_are_used_again(filed: Store) -> None:
    """One transaction after the other needs one connection more."""
    before = driver_of(filed).connections
    for _ in range(5):
        one = await begin(filed)
        await Store(one.store).update(NOTE, {"n": 1})
        await one.commit()
    assert driver_of(filed).connections == before + 1


async def test_an_interrupted_write_ends_it(store: Store) -> None:
    """SQLite takes everything back when a write is interrupted; no call then runs outside."""
    one = await begin(store)
    inside = Store(one.store)
    await inside.create(NOTE, id=2, n=2)
    endless = Endless("Note")
    await endless.prepare(one.connection)
    task = asyncio.create_task(one.store.execute(endless.sql))
    await endless.has_written()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for call in (inside.create(NOTE, id=9), inside.count(NOTE), one.commit()):
        with pytest.raises(TransactionError, match="rolled it back") as caught:
            await call
        assert caught.value.code == "TRANSACTION_NOT_ACTIVE"
    await one.rollback()
    assert await store.values(NOTE, "id") == [1]


@pytest.mark.parametrize("sql", ["COMMIT", "ROLLBACK"])
async def test_a_statement_cannot_end_it(store: Store, sql: str) -> None:
    """Whoever ends it by a raw statement is told, and so is what comes after."""
    one = await begin(store)
    with pytest.raises(TransactionError):
        await one.store.execute(sql)
    with pytest.raises(TransactionError):
        await one.commit()
    await one.rollback()
    assert await store.create(NOTE, id=5) == 5


async def test_another_process_makes_it_wait(tmp_path: Path) -> None:
    """A lock of another process is waited for as long as `busy_timeout`; then it is an error."""
    async with opened(tmp_path, busy_timeout=20) as filed:
        raw = sqlite3.connect(driver_of(filed).settings.file, isolation_level=None)
        raw.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as caught:
            await begin(filed)
        assert caught.value.code == "STORE_BUSY"
        raw.execute("ROLLBACK")
        raw.close()
        await (await begin(filed)).rollback()
        assert not driver_of(filed)._sessions


async def test_closing_rolls_back(store: Store) -> None:
    """Disconnecting ends what is open; using it afterwards says that the database is closed."""
    # DAO-250
    one = await begin(store)
    await Store(one.store).create(NOTE, id=2)
    await store.connector.disconnect()
    with pytest.raises(ConnectorDetachedError):
        await Store(one.store).count(NOTE)
    with pytest.raises(ConnectorDetachedError):
        await one.commit()
    await one.rollback()
    await store.connector.connect()
    if driver_of(store).settings.in_memory:
        await store.prepare(NOTE)
    assert await store.count(NOTE, id=2) == 0
    await (await begin(store)).rollback()


async def test_closing_ends_what_waits_for_its_turn(store: Store) -> None:
    """Whoever waits to begin or to write is told that the database is closed; nothing is opened."""
    # DAO-250
    one = await begin(store)
    waiting = [asyncio.create_task(begin(store)), asyncio.create_task(store.create(NOTE, id=2))]
    await asyncio.sleep(0)  # lets them come to wait
    await store.connector.disconnect()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each) for each in outcomes] == [ConnectorDetachedError] * 2
    assert driver_of(store).connections == 0
    await one.rollback()


async def test_closing_goes_on_where_a_connection_does_not_close(filed: Store) -> None:
    """An error of one connection is raised once the others are closed."""
    one, driver = await begin(filed), driver_of(filed)
    await filed.count(NOTE)
    (reader,), lines = driver._readers, [one.connection, driver._writer]

    async def close() -> None:
        del reader.close
        await reader.close()
        raise sqlite3.OperationalError("no")

    reader.close = close
    with pytest.raises(StoreError, match="no"):
        await filed.connector.disconnect()
    assert [line._connection for line in lines] == [None, None]


async def test_tables_are_not_migrated_inside(store: Store) -> None:
    """What cannot be part of a transaction is refused in one."""
    one = await begin(store)
    with pytest.raises(OperationNotSupportedError):
        await one.store.automigrate([NOTE])
    await one.rollback()


def test_loops_may_follow_one_another(tmp_path: Path) -> None:
    """What waits for its turn belongs to the event loop that the database was opened in."""
    connector = make(tmp_path, busy_timeout=PATIENCE * 1_000)

    async def use() -> None:
        await connector.connect()
        store = Store(connector)
        connector.define(NOTE)
        await connector.autoupdate([NOTE])
        one = await begin(store)
        waiting = asyncio.create_task(store.create(NOTE, n=1))
        await asyncio.sleep(0)
        await one.commit()
        await waiting
        await connector.disconnect()

    asyncio.run(use())
    asyncio.run(use())


def test_only_those_that_have_them_say_so() -> None:
    """The base of connectors has no transactions; the connector for SQLite does."""
    assert "transactions" not in Connector.capabilities
    assert {"transactions", "savepoints"} <= SqliteConnector.capabilities
