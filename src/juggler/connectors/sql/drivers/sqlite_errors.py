"""What SQLite's errors mean: each is given a class, a code and a remedy, once."""

from __future__ import annotations

import errno
import os
import re
import sqlite3
from typing import Final

from juggler.errors import (
    ConnectorDetachedError,
    DuplicateEntryError,
    InvalidValueError,
    JugglerError,
    StoreError,
    TransactionError,
)

DRIVER_ERRORS: Final[tuple[type[Exception], ...]] = (
    sqlite3.Error,
    OSError,
    OverflowError,
    UnicodeError,
)

_DUPLICATE: Final = frozenset(
    {
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        sqlite3.SQLITE_CONSTRAINT_ROWID,
    }
)
_UNPROCESSABLE: Final = {
    sqlite3.SQLITE_CONSTRAINT_NOTNULL: "NOT_NULL",
    sqlite3.SQLITE_CONSTRAINT_CHECK: "CHECK_FAILED",
    sqlite3.SQLITE_MISMATCH: "INVALID_VALUE",
    sqlite3.SQLITE_TOOBIG: "VALUE_TOO_BIG",
}

# Primary code -> code, status and what helps.
_FAILURES: Final[dict[int, tuple[str, int, str]]] = {
    sqlite3.SQLITE_NOTADB: (
        "NOT_A_DATABASE", 500, "it is not a SQLite database; name another file or restore it",
    ),
    sqlite3.SQLITE_CORRUPT: ("STORE_CORRUPT", 500, "it is damaged; restore it from a backup"),
    sqlite3.SQLITE_READONLY: (
        "STORE_READ_ONLY", 500, "it cannot be written; allow it for the file and its folder",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "STORE_NOT_OPENED", 500, "it cannot be opened; check its folder and permissions",
    ),
    sqlite3.SQLITE_PERM: ("STORE_NOT_OPENED", 500, "access is denied; check its permissions"),
    sqlite3.SQLITE_FULL: ("DISK_FULL", 507, "there is no room left; nothing was stored"),
    sqlite3.SQLITE_IOERR: ("STORE_IO", 500, "reading or writing it failed; check the disk"),
    sqlite3.SQLITE_BUSY: ("STORE_BUSY", 503, "another process writes to it; try again"),
    sqlite3.SQLITE_LOCKED: ("STORE_BUSY", 503, "another task writes to it; try again"),
    sqlite3.SQLITE_NOMEM: ("STORE_NO_MEMORY", 503, "there is not enough memory"),
    sqlite3.SQLITE_INTERRUPT: ("STORE_INTERRUPTED", 503, "the statement was interrupted"),
    sqlite3.SQLITE_AUTH: ("STORE_DENIED", 403, "the statement is not allowed here"),
}  # fmt: skip

_SYSTEM: Final[dict[int, tuple[str, int, str]]] = {
    errno.ENOENT: ("FOLDER_NOT_FOUND", 500, "its folder does not exist; create it first"),
    errno.ENOTDIR: ("FOLDER_NOT_FOUND", 500, "part of its path is no folder"),
    errno.EISDIR: ("NOT_A_DATABASE", 500, "it is a folder; name a file in it"),
    errno.ENOSPC: _FAILURES[sqlite3.SQLITE_FULL],
    errno.EDQUOT: _FAILURES[sqlite3.SQLITE_FULL],
    errno.EACCES: _FAILURES[sqlite3.SQLITE_READONLY],
    errno.EPERM: _FAILURES[sqlite3.SQLITE_READONLY],
    errno.EROFS: _FAILURES[sqlite3.SQLITE_READONLY],
}

_COLUMNS: Final = re.compile(r"constraint failed: (.*)")
_INDEX: Final = re.compile(r"index '(.*)'")
_NO_TABLE: Final = re.compile(r"no such table: (?:main\.)?(.*)")
_NO_COLUMN: Final = re.compile(r"(?:no such column: |has no column named )(?:.*\.)?(.*)")


def translate(error: Exception, file: str) -> JugglerError:
    """Return the error of juggler for *error*, which happened to the database in *file*.

    Constraint errors name columns, in ``fields`` and ``property``; the connector, which knows the
    model, puts the properties in their place.
    """
    if isinstance(error, OSError):
        return _system(error, file)
    if not isinstance(error, sqlite3.Error):
        return InvalidValueError(f"SQLite cannot hold the value: {error}.")
    if "connection is closed" in str(error):
        return ConnectorDetachedError(f"The SQLite database {file} was closed meanwhile.")
    extended = getattr(error, "sqlite_errorcode", None) or 0
    if extended & 0xFF == sqlite3.SQLITE_CONSTRAINT or extended in _UNPROCESSABLE:
        return _constraint(error, extended)
    if extended == sqlite3.SQLITE_BUSY_SNAPSHOT:
        return TransactionError(
            f"SQLite, {file}: others have written since the transaction looked; do it again, or "
            "begin it with a level that may write at once.",
            code="TRANSACTION_CONFLICT",
        )
    found = _FAILURES.get(extended & 0xFF)
    if found is None:
        return _statement(error, file)
    code, status, remedy = found
    return StoreError(f"SQLite, {file}: {remedy} ({error}).", code=code, status_code=status)


def _system(error: OSError, file: str) -> StoreError:
    """Return the error for a file that the system does not give."""
    number = error.errno or 0
    found = _SYSTEM.get(number)
    code, status, remedy = found or ("STORE_NOT_OPENED", 500, os.strerror(number))
    return StoreError(f"SQLite, {file}: {remedy}.", code=code, status_code=status)


def _constraint(error: sqlite3.Error, extended: int) -> JugglerError:
    named = _COLUMNS.search(str(error))
    columns = (
        () if named is None else tuple(name.rpartition(".")[2] for name in named[1].split(", "))
    )
    if extended in _DUPLICATE:
        index = _INDEX.search(str(error))
        return DuplicateEntryError(str(error), fields=(index[1],) if index else columns)
    if extended == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
        message = "A row that is referred to is missing, or is still referred to."
        return StoreError(message, code="FOREIGN_KEY_VIOLATION", status_code=409)
    code = _UNPROCESSABLE.get(extended, "CHECK_FAILED")
    if code == "VALUE_TOO_BIG":
        return InvalidValueError(
            "SQLite cannot hold the value: the number or text is too big.", code=code
        )
    return StoreError(
        f"SQLite refuses the row: {error}.",
        code=code,
        status_code=422,
        property=columns[0] if columns else None,
    )


def _statement(error: sqlite3.Error, file: str) -> JugglerError:
    """Return the error for a statement that does not fit the database."""
    text = str(error)
    if table := _NO_TABLE.search(text):
        return StoreError(
            f"SQLite, {file}: there is no table {table[1]!r}; run autoupdate() on the data source.",
            code="TABLE_NOT_FOUND",
            value=table[1],
        )
    if column := _NO_COLUMN.search(text):
        return StoreError(
            f"SQLite, {file}: a table lacks the column {column[1]!r}; "
            "run autoupdate() on the data source.",
            code="COLUMN_NOT_FOUND",
            value=column[1],
        )
    if isinstance(error, sqlite3.InterfaceError) or "type '" in text:
        return InvalidValueError(f"SQLite cannot hold the value: {text}.")
    return StoreError(f"SQLite, {file}: {text}.")
