"""The driver for SQLite: a few aiosqlite connections to one database."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from juggler.concurrency import Once
from juggler.connectors.sql.driver import Answer, Record, Script, Step
from juggler.connectors.sql.drivers import sqlite_errors
from juggler.connectors.sql.drivers.sqlite_functions import register
from juggler.connectors.sql.drivers.sqlite_line import Line
from juggler.connectors.sql.drivers.sqlite_settings import SqliteSettings
from juggler.errors import ConnectorDetachedError

T = TypeVar("T")

OWNER_ONLY: Final = 0o600
OLDEST: Final = (3, 35)
"""The first SQLite that gives rows back from what changes them."""


class SqliteDriver:
    """The connections to one SQLite database; belongs to a connector, which opens and closes it.

    A file has one connection that writes and, opened when they are needed, a few that read; they
    do not wait for each other (WAL).  A database in memory is one connection.  What must happen
    together runs as one piece of work in the writer's thread, so no lock is ever held across an
    ``await``, and a cancelled task leaves nothing behind.
    """

    errors: tuple[type[Exception], ...] = sqlite_errors.DRIVER_ERRORS

    def __init__(self, settings: SqliteSettings) -> None:
        self.settings = settings
        self._writer: Line | None = None
        self._readers: list[Line] = []
        self._closes = 0
        self._opening = Once(self._add_writer)
        self._growing = Once(self._add_reader)

    async def open(self) -> None:
        """Connect; harmless when it is open, and safe from many tasks."""
        if self._writer is None:
            await self._opening()

    async def close(self) -> None:
        """Close every connection; what was asked for before is done first."""
        lines = [line for line in (self._writer, *self._readers) if line is not None]
        self._writer, self._readers = None, []
        self._closes += 1
        for line in reversed(lines):
            await line.close()

    @property
    def connections(self) -> int:
        """Number of open connections."""
        return (self._writer is not None) + len(self._readers)

    async def read(
        self, sql: str, values: Sequence[Any], load: Callable[[list[Record]], list[T]]
    ) -> list[T]:
        """Run a query on a connection that is free and return what *load* makes of its rows."""

        def work(raw: sqlite3.Connection) -> list[T]:
            return load(raw.execute(sql, values).fetchall())

        return await (await self._reader()).run(work)

    async def write(self, sql: str, values: Sequence[Any]) -> Answer:
        """Run one statement; SQLite makes a transaction of it."""

        def work(raw: sqlite3.Connection) -> Answer:
            answer = _answer(raw.execute(sql, values))
            if raw.in_transaction:  # a raw BEGIN, which would hold up everybody else
                raw.rollback()
                raise sqlite3.ProgrammingError("a transaction cannot be begun by a statement")
            return answer

        return await self._line().run(work)

    async def run(self, script: Script[T]) -> T:
        """Run *script* in one transaction of the connection that writes."""
        return await self.call(lambda raw: _perform(raw, script))

    async def call(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run *work* in the thread of the connection that writes, in one transaction."""

        def transaction(raw: sqlite3.Connection) -> T:
            raw.execute("BEGIN IMMEDIATE")
            try:
                result = work(raw)
                raw.execute("COMMIT")
            finally:
                if raw.in_transaction:
                    raw.rollback()
            return result

        return await self._line().run(transaction)

    async def migrate(self, work: Callable[[sa.Connection], T]) -> T:
        """Run *work* with a connection of SQLAlchemy over the one that writes."""
        return await self._line().run(lambda raw: _with_sqlalchemy(raw, work))

    def translate(self, error: Exception) -> Exception:
        """Return the error of juggler that *error* stands for."""
        return sqlite_errors.translate(error, self.settings.file)

    def _closed(self) -> ConnectorDetachedError:
        return ConnectorDetachedError(f"The SQLite database {self.settings.file} is not open.")

    def _line(self) -> Line:
        if self._writer is None:
            raise self._closed()
        return self._writer

    async def _reader(self) -> Line:
        """Return the connection that reads and has least to do; one more is opened if all work."""
        if self.settings.in_memory:
            return self._line()
        for line in self._readers:
            if not line.busy:
                return line
        if self._may_grow():
            _ = self._line()  # raises when it is closed
            await self._growing()
        return min(self._readers, key=lambda line: line.busy, default=None) or self._line()

    def _may_grow(self) -> bool:
        """Tell whether one more connection is to be opened for a task that finds none free."""
        count = len(self._readers)
        return not count or (count + 1 < self.settings.pool_size and not self._growing.waiting)

    async def _add_writer(self) -> None:
        self._writer = await self._new_line(reading=False)

    async def _add_reader(self) -> None:
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


def _answer(cursor: sqlite3.Cursor) -> Answer:
    if cursor.description is None:
        return Answer([], cursor.rowcount, cursor.lastrowid)
    rows, names = cursor.fetchall(), tuple(item[0] for item in cursor.description)
    return Answer(rows, cursor.rowcount, cursor.lastrowid, names)


def _perform(raw: sqlite3.Connection, script: Script[T]) -> T:
    """Run the steps of *script* one by one and return what it returns."""
    answer: Answer | None = None
    try:
        while True:
            # A fresh generator takes nothing but None, and asks for its first answer that way.
            step: Step = script.send(answer)  # type: ignore[arg-type]
            if step.many is None:
                answer = _answer(raw.execute(step.sql, step.values))
            else:
                answer = _answer(raw.executemany(step.sql, step.many))
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        script.close()


def _with_sqlalchemy(raw: sqlite3.Connection, work: Callable[[sa.Connection], T]) -> T:
    """Run *work* in one transaction of *raw*, which SQLAlchemy borrows and never closes."""
    engine = sa.create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            result = work(connection)
            connection.commit()
            return result
    except sa.exc.DBAPIError as error:
        raise error.orig or error from error
    finally:
        if raw.in_transaction:
            raw.rollback()


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
    try:
        raw.execute("PRAGMA foreign_keys = ON")
        raw.execute(f"PRAGMA synchronous = {settings.synchronous}")
        if not settings.readonly:
            raw.execute("PRAGMA journal_mode = WAL")
        raw.execute("SELECT count(*) FROM sqlite_master")  # reads the file's head, whatever it is
        raw.execute(f"PRAGMA query_only = {reading:d}")
        register(raw)
        raw.set_authorizer(_authorize)
    except BaseException:
        raw.close()
        raise
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
