"""What a SQL connector needs of a database driver: steps, answers and the one interface."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection

T = TypeVar("T")
Record = tuple[Any, ...]


class Step(NamedTuple):
    """One statement with its values; with ``many`` set, one run for each record of it."""

    sql: str
    values: Sequence[Any] = ()
    many: Sequence[Sequence[Any]] | None = None


class Answer(NamedTuple):
    """What a statement gave: its rows, how many rows it touched, the row id it made last.

    ``names`` are those of the columns of the rows.
    """

    rows: list[Record]
    touched: int = 0
    last_id: Any = None
    names: tuple[str, ...] = ()


Script = Generator[Step, Answer, T]
"""Work of several statements: yields each `Step`, is sent its `Answer`, returns the result.

It runs in one transaction: committed when it returns, rolled back when it raises or is cancelled.
A script does no I/O of its own, so a driver may run it in a thread or on the event loop.
"""


class Driver(Protocol):
    """One open database: pools connections, runs statements, tells what its errors mean.

    A cancelled call leaves no transaction open and no connection in use.
    """

    errors: tuple[type[Exception], ...]
    """What the driver raises; `translate` makes errors of juggler of them."""

    async def open(self) -> None:
        """Connect; harmless when it is open.  Safe from many tasks."""

    async def close(self) -> None:
        """Disconnect; harmless when it is closed."""

    async def read(
        self, sql: str, values: Sequence[Any], load: Callable[[list[Record]], list[T]]
    ) -> list[T]:
        """Run a query and return what *load* makes of its rows."""

    async def write(self, sql: str, values: Sequence[Any]) -> Answer:
        """Run one statement as a transaction of its own."""

    async def run(self, script: Script[T]) -> T:
        """Run a script in one writing transaction."""

    async def migrate(self, work: Callable[[Connection], T]) -> T:
        """Run *work* with a connection of SQLAlchemy, in one writing transaction."""

    def translate(self, error: Exception) -> Exception:
        """Return the error of juggler that *error*, one of `errors`, stands for."""


class Session(Driver, Protocol):
    """A connection with a transaction on it: a driver whose calls are part of the transaction.

    What is opened or closed through it is the transaction's alone, so both do nothing.

    Attributes:
        connection: What the driver works with.
    """

    connection: Any

    async def command(self, sql: str) -> None:
        """Run a statement without values or rows: one that is about savepoints."""

    async def commit(self) -> None:
        """Commit and give the connection back; where it fails the transaction is open still."""

    async def rollback(self) -> None:
        """Roll back and give the connection back; harmless where that was done."""

    def abandon(self) -> None:
        """Roll back without waiting; from any thread."""


class TransactingDriver(Driver, Protocol):
    """A driver that has transactions over several calls."""

    async def begin(self, isolation: str) -> Session:
        """Begin a transaction; where that fails no connection stays taken."""
