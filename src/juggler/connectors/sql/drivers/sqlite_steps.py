"""Run statements and scripts on a SQLite connection, in the connection's thread."""

from __future__ import annotations

import sqlite3
from typing import Final, TypeVar

from juggler.connectors.sql.driver import Answer, Script, Step

T = TypeVar("T")

ATTEMPTS: Final = 5


def answer_of(cursor: sqlite3.Cursor) -> Answer:
    """Return what a statement gave."""
    if cursor.description is None:
        return Answer([], cursor.rowcount, cursor.lastrowid)
    rows, names = cursor.fetchall(), tuple(item[0] for item in cursor.description)
    return Answer(rows, cursor.rowcount, cursor.lastrowid, names)


def perform(raw: sqlite3.Connection, script: Script[T]) -> T:
    """Run the steps of *script* one by one and return what it returns."""
    answer: Answer | None = None
    try:
        while True:
            # A fresh generator takes nothing but None, and asks for its first answer that way.
            step: Step = script.send(answer)  # type: ignore[arg-type]
            if step.many is None:
                answer = answer_of(raw.execute(step.sql, step.values))
            else:
                answer = answer_of(raw.executemany(step.sql, step.many))
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        script.close()


def undo(raw: sqlite3.Connection) -> None:
    """Roll back the transaction of *raw* if one is open.

    An interrupt meant for the work before may strike the rollback; then it is done again.
    """
    for left in reversed(range(ATTEMPTS)):
        if not raw.in_transaction:
            return
        try:
            raw.rollback()
        except sqlite3.OperationalError:
            if not left:
                raise
