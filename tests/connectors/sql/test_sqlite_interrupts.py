"""An interrupt, at whatever moment it strikes, undoes the work and keeps the connection."""

import sqlite3
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from juggler.connectors.sql.drivers.sqlite_borrowed import with_sqlalchemy
from juggler.connectors.sql.drivers.sqlite_steps import undo


def changes_tables(raw: sqlite3.Connection) -> None:
    """Make a table over SQLAlchemy."""

    def work(connection: sa.Connection) -> None:
        table = sa.Table("made", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))
        table.create(connection)
        connection.execute(table.insert(), [{"id": number} for number in range(9)])

    with_sqlalchemy(raw, work)


def fails(raw: sqlite3.Connection) -> None:
    """Make a table over SQLAlchemy, and fail."""

    def work(connection: sa.Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE made (id INTEGER)")
        raise ZeroDivisionError

    with_sqlalchemy(raw, work)


def interrupt_at(raw: sqlite3.Connection, moment: int) -> Callable[[], bool]:
    """Interrupt *raw* once, at a step of SQLite's machine; tell whether it came so far."""
    struck = False
    steps = count()

    def strike() -> bool:
        nonlocal struck
        now = not struck and next(steps) == moment
        struck = struck or now
        return now

    raw.set_progress_handler(strike, 1)
    return lambda: struck


@pytest.mark.parametrize("work", [changes_tables, fails])
def test_a_migration_interrupted_at_any_step(
    tmp_path: Path, work: Callable[[sqlite3.Connection], None]
) -> None:
    """The connection stays open and without a transaction, and no table is left behind."""
    raw = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    moments = 0
    for moment in count():
        struck = interrupt_at(raw, moment)
        try:
            work(raw)
        except (sqlite3.OperationalError, ZeroDivisionError):
            assert not raw.in_transaction
        raw.set_progress_handler(None, 1)
        if not struck():
            break
        moments += 1
        raw.execute("DROP TABLE IF EXISTS made")
    raw.close()
    assert moments > 9


def test_a_rollback_that_is_interrupted(tmp_path: Path) -> None:
    """It is done again."""
    raw = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    raw.execute("CREATE TABLE made (id INTEGER)")
    raw.execute("BEGIN")
    raw.execute("INSERT INTO made VALUES (1)")
    struck = interrupt_at(raw, 0)
    undo(raw)
    assert struck()
    assert not raw.in_transaction
    raw.set_progress_handler(None, 1)
    assert raw.execute("SELECT count(*) FROM made").fetchone() == (0,)
    raw.close()


def test_a_rollback_that_is_always_interrupted(tmp_path: Path) -> None:
    """It gives up and says why."""
    raw = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    raw.execute("BEGIN")
    raw.execute("CREATE TABLE made (id INTEGER)")
    raw.set_progress_handler(lambda: True, 1)
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        undo(raw)
    raw.close()
