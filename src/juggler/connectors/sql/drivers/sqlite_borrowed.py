"""Lend a SQLite connection to SQLAlchemy, which changes tables over it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from juggler.connectors.sql.drivers.sqlite_steps import undo

T = TypeVar("T")


def with_sqlalchemy(raw: sqlite3.Connection, work: Callable[[sa.Connection], T]) -> T:
    """Run *work* in one transaction of *raw*, which SQLAlchemy borrows and never closes."""
    engine = sa.create_engine("sqlite://", creator=lambda: Borrowed(raw), poolclass=StaticPool)
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            result = work(connection)
            connection.commit()
            return result
    except sa.exc.DBAPIError as error:
        raise error.orig or error from error
    finally:
        undo(raw)


class Borrowed:
    """A connection whose borrower cannot close it.

    A pool closes connections that fail at an odd moment: when an interrupt strikes the first
    question it asks of a connection, or the rollback at its return.
    """

    def __init__(self, raw: sqlite3.Connection) -> None:
        self._raw = raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._raw, name)

    def close(self) -> None:
        """Leave it open: it goes back to its owner."""
