"""One connection, one thread: work is whole, in order, and gone when its task is."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import pytest

from juggler.connectors.sql.drivers.sqlite_line import Line
from tests.patience import PATIENCE

SLOW = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
"""A query that ends only when it is interrupted."""


def connect() -> sqlite3.Connection:
    """Return a connection to a database in memory."""
    return sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    """Give an open line."""
    found = Line(connect)
    await found.open()
    yield found
    await found.close()


class Hold:
    """Work that stays in the thread until it is let go."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.release = threading.Event()

    def __call__(self, raw: sqlite3.Connection) -> str:
        """Wait in the thread."""
        self.entered.set()
        assert self.release.wait(PATIENCE)
        return "done"


async def until_entered(hold: Hold) -> None:
    """Wait until the work is in its thread."""
    assert await asyncio.to_thread(hold.entered.wait, PATIENCE)


async def test_work_runs_in_order(line: Line) -> None:
    """What was asked for first is done first, in one thread that is not the loop's."""
    seen: list[tuple[int, int]] = []

    def work(number: int) -> Any:
        return lambda _: seen.append((number, threading.get_ident()))

    async with asyncio.TaskGroup() as tasks:
        for number in range(20):
            tasks.create_task(line.run(work(number)))
    assert [number for number, _ in seen] == list(range(20))
    assert len({thread for _, thread in seen}) == 1
    assert seen[0][1] != threading.get_ident()


async def test_errors_come_back(line: Line) -> None:
    """What work raises is raised where it was awaited, and the line goes on."""
    with pytest.raises(sqlite3.OperationalError):
        await line.run(lambda raw: raw.execute("nonsense"))
    assert await line.run(lambda raw: raw.execute("SELECT 1").fetchone()) == (1,)


async def test_cancelled_work_that_waits_is_never_done(line: Line) -> None:
    """Work whose task is gone before its turn does not run at all."""
    hold, done = Hold(), []
    first = asyncio.create_task(line.run(hold))
    await until_entered(hold)
    second = asyncio.create_task(line.run(lambda _: done.append(1)))
    await asyncio.sleep(0)  # lets it come to the queue
    second.cancel()
    with suppress(asyncio.CancelledError):
        await second
    hold.release.set()
    assert await first == "done"
    assert await line.run(lambda _: "next") == "next"
    assert done == []
    assert line.busy == 0


async def test_cancelled_work_that_runs_is_interrupted(line: Line) -> None:
    """A query without end stops when its task is cancelled, and the next one runs at once."""
    entered = threading.Event()

    def forever(raw: sqlite3.Connection) -> Any:
        entered.set()
        return raw.execute(SLOW).fetchone()

    task = asyncio.create_task(line.run(forever))
    assert await asyncio.to_thread(entered.wait, PATIENCE)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert await line.run(lambda raw: raw.execute("SELECT 1").fetchone()) == (1,)


async def test_others_are_not_interrupted(line: Line) -> None:
    """Cancelling what waits does not touch what runs."""
    hold = Hold()
    first = asyncio.create_task(line.run(hold))
    await until_entered(hold)
    for _ in range(5):
        other = asyncio.create_task(line.run(lambda _: None))
        await asyncio.sleep(0)
        other.cancel()
    hold.release.set()
    assert await first == "done"


async def test_a_closed_line_says_so() -> None:
    """After `close` work is refused; the thread is gone."""
    line = Line(connect)
    await line.open()
    await line.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        await line.run(lambda _: None)
    await asyncio.to_thread(line._thread.join, PATIENCE)
    assert not line._thread.is_alive()


async def test_a_failed_open_leaves_no_thread() -> None:
    """A connection that cannot be opened raises, and its thread ends."""

    def fail() -> sqlite3.Connection:
        raise sqlite3.OperationalError("no")

    line = Line(fail)
    with pytest.raises(sqlite3.OperationalError, match="no"):
        await line.open()
    await asyncio.to_thread(line._thread.join, PATIENCE)
    assert not line._thread.is_alive()


async def test_a_cancelled_open_leaves_nothing_open() -> None:
    """A connection that was opened for nobody is closed before the cancelled task ends.

    The thread answers the event loop, which may be gone afterwards.
    """
    hold, opened = Hold(), []

    def slow() -> sqlite3.Connection:
        opened.append(connect())
        hold(opened[0])
        return opened[0]

    line = Line(slow)
    task = asyncio.create_task(line.open())
    await until_entered(hold)
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    hold.release.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")
    await asyncio.to_thread(line._thread.join, PATIENCE)
    assert not line._thread.is_alive()


def test_a_line_outlives_a_loop() -> None:
    """A loop that closes while work is running neither kills the line nor loses the next work."""
    hold = Hold()
    line = Line(connect)

    async def leave() -> None:
        await line.open()
        task = asyncio.create_task(line.run(hold))
        await until_entered(hold)
        task.cancel()

    async def come_back() -> tuple[int]:
        try:
            found: tuple[int] = await line.run(lambda raw: raw.execute("SELECT 1").fetchone())
            return found
        finally:
            await line.close()

    asyncio.run(leave())
    hold.release.set()
    assert asyncio.run(come_back()) == (1,)
