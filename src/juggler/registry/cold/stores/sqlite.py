"""Definitions in a SQLite file: they outlive the process."""

from __future__ import annotations

import builtins
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from juggler.errors import StoreError
from juggler.registry.cold.stores.contract import Stored, conflict
from juggler.undoing import OnFailure

if TYPE_CHECKING:
    import sqlite3
    from types import TracebackType

_BUSY: float = 10.0
"""Seconds to wait for another process that writes."""

_TABLE = """
create table if not exists definitions (
    tenant text primary key,
    definitions text not null,
    version integer not null
)
"""


class SqliteDefinitions:
    """Keeps definitions in a SQLite file, in write-ahead mode; several processes may share it.

    Each write is a transaction of its own: after a crash the file has the last one that was
    reported as done, whole.  Safe from several threads, which take turns.  The file is opened at
    the first use and made if need be.  Whoever makes the store closes it; it may be closed twice,
    and is opened again when it is used again.

    Args:
        path: The file.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def load(self, tenant: str) -> Stored | None:
        """Return what is kept of *tenant*, None for nothing.

        Raises:
            StoreError: The file cannot be read.
        """
        with self._open() as connection:
            return _found(connection, tenant)

    def save(self, tenant: str, definitions: str, expected_version: int) -> int:
        """Keep *definitions* in the place of the version expected; return the new one.

        Raises:
            DuplicateEntryError: There is another version; nothing was changed.
            StoreError: The file cannot be written; nothing was changed.
        """
        with self._open() as connection:
            connection.execute("begin immediate")
            former = _found(connection, tenant)
            found = 0 if former is None else former.version
            if found != expected_version:
                raise conflict(tenant, expected_version, found)
            connection.execute(
                "insert or replace into definitions values (?, ?, ?)",
                (tenant, definitions, found + 1),
            )
            connection.execute("commit")
            return found + 1

    def delete(self, tenant: str) -> None:
        """Forget *tenant*; no error if there is none.

        Raises:
            StoreError: The file cannot be written.
        """
        with self._open() as connection:
            connection.execute("delete from definitions where tenant = ?", (tenant,))

    def list(self) -> builtins.list[str]:
        """Return the codes of all tenants, in order of arrival.

        Raises:
            StoreError: The file cannot be read.
        """
        with self._open() as connection:
            return [row[0] for row in connection.execute("select tenant from definitions")]

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Give the connection to one thread; what it began and did not end is undone."""
        import sqlite3  # noqa: PLC0415  few programs keep definitions in a file

        with self._lock:
            try:
                if self._connection is None:
                    self._connection = _connect(self.path)
                try:
                    yield self._connection
                finally:
                    if self._connection.in_transaction:
                        self._connection.rollback()
            except sqlite3.Error as error:
                raise StoreError(f"The definitions in {self.path.name} failed: {error}") from error


def _connect(path: Path) -> sqlite3.Connection:
    """Return a connection to the file, which has the table then."""
    import sqlite3  # noqa: PLC0415  as above

    made = sqlite3.connect(path, timeout=_BUSY, isolation_level=None, check_same_thread=False)
    with OnFailure(made.close):
        made.execute("pragma journal_mode = wal")
        made.execute("pragma synchronous = full")
        made.execute(_TABLE)
    return made


def _found(connection: sqlite3.Connection, tenant: str) -> Stored | None:
    """Return what the file has of *tenant*."""
    row = connection.execute(
        "select definitions, version from definitions where tenant = ?", (tenant,)
    ).fetchone()
    return None if row is None else Stored(*row)
