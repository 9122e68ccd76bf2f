"""The driver for SQLite: a few aiosqlite connections to one database."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from juggler.concurrency import Once, Tasks, finish
from juggler.connectors.sql.driver import Answer, Record, Script
from juggler.connectors.sql.drivers import sqlite_errors
from juggler.connectors.sql.drivers.sqlite_borrowed import with_sqlalchemy
from juggler.connectors.sql.drivers.sqlite_functions import register
from juggler.connectors.sql.drivers.sqlite_line import Line
from juggler.connectors.sql.drivers.sqlite_session import SqliteSession
from juggler.connectors.sql.drivers.sqlite_settings import SqliteSettings
from juggler.connectors.sql.drivers.sqlite_steps import answer_of, perform, undo
from juggler.connectors.sql.drivers.sqlite_turns import Turns
from juggler.errors import ConnectorDetachedError
from juggler.undoing import OnFailure

T = TypeVar("T")

OWNER_ONLY: Final = 0o600
WRITING: Final = frozenset({"READ COMMITTED", "SERIALIZABLE"})
"""Levels of transactions that write from their beginning."""

OLDEST: Final = (3, 35)
"""The first SQLite that gives rows back from what changes them."""


class SqliteDriver:
    """The connections to one SQLite database; belongs to a connector, which opens and closes it.

    A file has one connection that writes and, opened when they are needed, a few that read; they
    do not wait for each other (WAL).  A database in memory is one connection.  What must happen
    together runs as one piece of work in the writer's thread, so no lock is ever held across an
    ``await``, and a cancelled task leaves nothing behind.

    A transaction over several calls has a connection to the file of its own.  One that may write
    has the turn from its beginning to its end, and whoever else writes waits for it, at most
    ``busy_timeout``.  In memory it has the one connection, so that reads wait, too.
    """

    errors: tuple[type[Exception], ...] = sqlite_errors.DRIVER_ERRORS

    def __init__(self, settings: SqliteSettings) -> None:
        self.settings = settings
        self._writer: Line | None = None
        self._readers: list[Line] = []
        self._closes = 0
        self._turns = Turns(settings)
        self._spares: list[Line] = []
        self._sessions: dict[SqliteSession, None] = {}
        self._tasks = Tasks()
        self._opening = Once(self._add_writer)
        self._growing = Once(self._add_reader)

    async def open(self) -> None:
        """Connect; harmless when it is open, and safe from many tasks."""
        if self._writer is None:
            await self._opening()

    async def close(self) -> None:
        """Close every connection; what was asked for before is done first.

        Transactions that are open are rolled back.
        """
        self._closes += 1
        lines = [line for line in (self._writer, *self._readers, *self._spares) if line is not None]
        self._writer, self._readers, self._spares = None, [], []
        sessions, self._sessions = self._sessions, {}
        async with AsyncExitStack() as last_first:
            for line in lines:
                last_first.push_async_callback(line.close)
            for session in sessions:
                last_first.push_async_callback(session.rollback)

    @property
    def connections(self) -> int:
        """Number of open connections."""
        lent = 0 if self.settings.in_memory else len(self._sessions)
        return (self._writer is not None) + len(self._readers) + len(self._spares) + lent

    async def read(
        self, sql: str, values: Sequence[Any], load: Callable[[list[Record]], list[T]]
    ) -> list[T]:
        """Run a query on a connection that is free and return what *load* makes of its rows."""

        def work(raw: sqlite3.Connection) -> list[T]:
            return load(raw.execute(sql, values).fetchall())

        if self.settings.in_memory:
            return await self._alone(work)
        return await (await self._reader()).run(work)

    async def write(self, sql: str, values: Sequence[Any]) -> Answer:
        """Run one statement; SQLite makes a transaction of it."""

        def work(raw: sqlite3.Connection) -> Answer:
            answer = answer_of(raw.execute(sql, values))
            if raw.in_transaction:  # a raw BEGIN, which would hold up everybody else
                undo(raw)
                raise sqlite3.ProgrammingError("a transaction cannot be begun by a statement")
            return answer

        return await self._alone(work)

    async def run(self, script: Script[T]) -> T:
        """Run *script* in one transaction of the connection that writes."""
        return await self.call(lambda raw: perform(raw, script))

    async def call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run *work* in the thread of the connection that writes, in one transaction."""

        def transaction(raw: sqlite3.Connection) -> T:
            raw.execute("BEGIN IMMEDIATE")
            try:
                result = work(raw)
                raw.execute("COMMIT")
            finally:
                undo(raw)
            return result

        return await self._alone(transaction)

    async def migrate(self, work: Callable[[sa.Connection], T]) -> T:
        """Run *work* with a connection of SQLAlchemy over the one that writes."""
        return await self._alone(lambda raw: with_sqlalchemy(raw, work))

    async def begin(self, isolation: str) -> SqliteSession:
        """Begin a transaction on a connection of its own.

        The levels ``READ COMMITTED`` and ``SERIALIZABLE`` may write from the beginning, so they
        never conflict; the others see the rows as they were when they first looked, and may find
        themselves too late when they begin to write.

        Raises:
            StoreError: ``STORE_BUSY``: somebody else has been writing for too long.
            PoolExhaustedError: As many transactions are open as may be.
        """
        _ = self._line()  # raises when it is closed
        may_write = isolation in WRITING and not self.settings.readonly
        turn = await self._turns.take(may_write=may_write)
        session = SqliteSession(self.settings.file, turn, self._tasks, self._give_back)
        self._sessions[session] = None
        try:
            await finish(self._lend(session))
            await session.start("BEGIN IMMEDIATE" if may_write else "BEGIN")
        except BaseException:  # cancelled, too: neither turn nor connection may stay taken
            await finish(session.rollback())
            raise
        return session

    def translate(self, error: Exception) -> Exception:
        """Return the error of juggler that *error* stands for."""
        return sqlite_errors.translate(error, self.settings.file)

    def _closed(self) -> ConnectorDetachedError:
        return ConnectorDetachedError(f"The SQLite database {self.settings.file} is not open.")

    def _line(self) -> Line:
        if self._writer is None:
            raise self._closed()
        return self._writer

    async def _alone(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run *work* on the connection that writes, after a transaction that has the turn."""
        turns = self._turns
        if not turns.taken:
            return await self._line().run(work)
        async with turns.wait():
            return await self._line().run(work)

    async def _lend(self, session: SqliteSession) -> None:
        """Give a connection to *session*."""
        writer = self._line()  # raises when it was closed meanwhile
        if self.settings.in_memory:
            session.line = writer
        elif self._spares:
            session.line = self._spares.pop()
        else:
            session.line = await self._new_line(reading=False)

    async def _give_back(self, session: SqliteSession, line: Line | None, *, is_fit: bool) -> None:
        """Take the connection of *session* back, or close it where it is of no use any more."""
        was_open = self._sessions.pop(session, session) is None
        if line is None or self.settings.in_memory:
            return
        if was_open and is_fit and len(self._spares) < self.settings.pool_size:
            self._spares.append(line)
        else:
            await line.close()

    async def _reader(self) -> Line:
        """Return the connection that reads and has least to do; one more is opened if all work."""
        for line in self._readers:
            if not line.busy:
                return line
        if self._may_grow():
            await self._growing()
        return min(self._readers, key=lambda line: line.busy, default=None) or self._line()

    def _may_grow(self) -> bool:
        """Tell whether one more connection is to be opened for a task that finds none free."""
        count = len(self._readers)
        return not count or (count + 1 < self.settings.pool_size and not self._growing.waiting)

    async def _add_writer(self) -> None:
        self._writer = await self._new_line(reading=False)
        self._turns = Turns(self.settings)  # locks are of one event loop

    async def _add_reader(self) -> None:
        _ = self._line()  # raises when it is closed
        self._readers.append(await self._new_line(reading=True))

    async def _new_line(self, *, reading: bool) -> Line:
        """Open a connection, set up in its own thread.

        Raises:
            ConnectorDetachedError: The database was closed meanwhile.
        """
        closes = self._closes
        line = Line(lambda: _open(self.settings, reading=reading))
        await line.open()
        if closes != self._closes:
            await line.close()
            raise self._closed()
        return line


def _open(settings: SqliteSettings, *, reading: bool) -> sqlite3.Connection:
    """Return a connection that is ready for work; the file is made, for its owner alone."""
    if sqlite3.sqlite_version_info < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        raise sqlite3.NotSupportedError(f"SQLite {wanted} is needed, not {sqlite3.sqlite_version}")
    if not settings.in_memory and not settings.readonly:
        os.close(os.open(settings.file, os.O_RDWR | os.O_CREAT, OWNER_ONLY))
    raw = sqlite3.connect(
        _address(settings),
        timeout=settings.busy_timeout / 1000,
        isolation_level=None,
        cached_statements=settings.cached_statements,
        uri=settings.readonly,
        check_same_thread=False,  # closed and interrupted from the loop, otherwise one thread's
    )
    with OnFailure(raw.close):
        raw.execute("PRAGMA foreign_keys = ON")
        raw.execute(f"PRAGMA synchronous = {settings.synchronous}")
        if not settings.readonly:
            raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("SELECT count(*) FROM sqlite_master")  # reads the file's head, whatever it is
        raw.execute(f"PRAGMA query_only = {reading:d}")
        register(raw)
        raw.set_authorizer(_authorize)
    return raw


def _address(settings: SqliteSettings) -> str:
    if not settings.readonly:
        return settings.file
    return Path(settings.file).absolute().as_uri() + "?mode=ro"


def _authorize(action: int, name: str | None, *_: str | None) -> int:
    """Refuse to attach other files; VACUUM attaches one without a name."""
    if action == sqlite3.SQLITE_ATTACH and name:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK
