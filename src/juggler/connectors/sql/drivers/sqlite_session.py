"""A SQLite connection with a transaction on it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, Protocol, TypeVar

import sqlalchemy as sa

from juggler.concurrency import Tasks
from juggler.connectors.sql.driver import Answer, Record, Script
from juggler.connectors.sql.drivers import sqlite_errors
from juggler.connectors.sql.drivers.sqlite_line import Line
from juggler.connectors.sql.drivers.sqlite_steps import answer_of, perform, undo
from juggler.errors import OperationNotSupportedError, TransactionError
from juggler.undoing import OnFailure

T = TypeVar("T")

STEP: Final = "juggler_step"
"""Name of the savepoint that each script has, so that it is done as a whole or not at all."""


class GiveBack(Protocol):
    """Takes the connection of a session back."""

    def __call__(
        self, session: SqliteSession, line: Line | None, *, is_fit: bool
    ) -> Coroutine[Any, Any, None]:
        """Take *line* back; one that is not fit is closed."""


class SqliteSession:
    """One transaction; belongs to the driver that lent it a connection.

    SQLite ends a transaction by itself where a write is interrupted or the disk is full; every call
    looks whether it is there still, so that none runs outside of it.

    Args:
        file: The database, for messages.
        turn: Ends its turn.
        tasks: Keeps the rollback of one that nobody refers to any more.
        give_back: Takes the connection back.
    """

    errors: tuple[type[Exception], ...] = sqlite_errors.DRIVER_ERRORS

    def __init__(
        self, file: str, turn: Callable[[], None], tasks: Tasks, give_back: GiveBack
    ) -> None:
        self._file = file
        self.line: Line | None = None
        self._turn: Callable[[], None] | None = turn
        self._tasks = tasks
        self._give_back = give_back
        self._loop = asyncio.get_running_loop()

    @property
    def connection(self) -> Any:
        """Return the connection; None once the transaction is over."""
        return self.line

    @connection.setter
    def connection(self, line: Any) -> None:
        self.line = line

    async def open(self) -> None:
        """Do nothing: it is open as long as the transaction."""

    async def close(self) -> None:
        """Do nothing: ending the transaction gives the connection back."""

    async def start(self, sql: str) -> None:
        """Begin the transaction."""
        line = self._line()
        _ = await line.run(lambda raw: raw.execute(sql))

    async def read(
        self, sql: str, values: Sequence[Any], load: Callable[[list[Record]], list[T]]
    ) -> list[T]:
        """Run a query and return what *load* makes of its rows."""
        return await self._run(lambda raw: load(raw.execute(sql, values).fetchall()))

    async def write(self, sql: str, values: Sequence[Any]) -> Answer:
        """Run one statement.

        Raises:
            TransactionError: It ended the transaction, which only `commit` and `rollback` may.
        """

        def work(raw: sqlite3.Connection) -> Answer:
            answer = answer_of(raw.execute(sql, values))
            _check(raw)
            return answer

        return await self._run(work)

    async def run(self, script: Script[T]) -> T:
        """Run a script, as a whole or not at all."""

        def work(raw: sqlite3.Connection) -> T:
            raw.execute(f"SAVEPOINT {STEP}")
            with OnFailure(lambda: _undo_step(raw)):
                result = perform(raw, script)
            raw.execute(f"RELEASE {STEP}")
            return result

        return await self._run(work)

    async def migrate(self, work: Callable[[sa.Connection], T]) -> T:
        """Refuse: tables are changed outside of transactions.

        Raises:
            OperationNotSupportedError: Always.
        """
        raise OperationNotSupportedError("Tables are not migrated in a transaction.")

    async def command(self, sql: str) -> None:
        """Run a statement without values or rows."""
        _ = await self._run(lambda raw: raw.execute(sql))

    async def commit(self) -> None:
        """Commit and give the connection back; where it fails the transaction is open still."""
        await self.command("COMMIT")
        await self._let_go(is_fit=True)

    async def rollback(self) -> None:
        """Roll back and give the connection back; harmless where that was done."""
        is_fit = False
        try:
            if self.line is not None:
                await self.line.run(undo)
                is_fit = True
        except sqlite3.Error:  # it is closed, or broken: nothing is left to roll back
            is_fit = False
        finally:
            await self._let_go(is_fit=is_fit)

    def abandon(self) -> None:
        """Roll back without waiting; from any thread."""
        if self._loop.is_closed():
            return  # the thread ends with the connection that nobody refers to
        self._loop.call_soon_threadsafe(lambda: self._tasks.start(self.rollback()))

    def translate(self, error: Exception) -> Exception:
        """Return the error of juggler that *error* stands for."""
        return sqlite_errors.translate(error, self._file)

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run *work*, unless the transaction is over."""

        def inside(raw: sqlite3.Connection) -> T:
            _check(raw)
            return work(raw)

        return await self._line().run(inside)

    def _line(self) -> Line:
        if self.line is None:
            raise sqlite3.ProgrammingError("The connection is closed.")
        return self.line

    async def _let_go(self, *, is_fit: bool) -> None:
        """Give back what was taken; once."""
        line, self.line = self.line, None
        turn, self._turn = self._turn, None
        try:
            if turn is not None:
                await self._give_back(self, line, is_fit=is_fit)
        finally:
            if turn is not None:
                turn()


def _check(raw: sqlite3.Connection) -> None:
    """Raise unless a transaction is open."""
    if not raw.in_transaction:
        raise TransactionError(
            "The transaction is not active: SQLite rolled it back when a statement in it was "
            "interrupted or failed; begin another.",
            code="TRANSACTION_NOT_ACTIVE",
        )


def _undo_step(raw: sqlite3.Connection) -> None:
    """Roll back to before the step; the whole transaction, where not even that can be done."""
    if not raw.in_transaction:
        return
    try:
        raw.execute(f"ROLLBACK TO {STEP}")
        raw.execute(f"RELEASE {STEP}")
    except sqlite3.OperationalError:  # interrupted
        undo(raw)
