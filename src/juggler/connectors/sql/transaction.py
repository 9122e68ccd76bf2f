"""Transactions of SQL stores: the connector itself, on one connection."""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from typing import Any

from juggler.connectors.contract import Connector
from juggler.connectors.sql.driver import Session
from juggler.errors import TransactionError


class SqlTransaction:
    """A transaction on a session of the driver, or, with a *depth*, a savepoint in one.

    Args:
        connector: The connector that it is one of.
        session: The connection.
        depth: How many transactions it is in.

    Attributes:
        store: The connector with the session in the place of its driver.
        connection: What the driver works with.
    """

    def __init__(self, connector: Any, session: Session, depth: int = 0) -> None:
        inside = copy(connector)
        inside.driver = connector.watched(session)
        self.store: Connector = inside
        self.connection = session.connection
        self._inside = inside
        self._session = session
        self._depth = depth

    async def commit(self) -> None:
        """Commit, or leave what was done to the outer transaction."""
        if self._depth:
            await self._inside._guard(self._session.command(f"RELEASE {self._name}"))
        else:
            await self._inside._guard(self._session.commit())

    async def rollback(self) -> None:
        """Roll back all, or what was done since the savepoint was made."""
        if not self._depth:
            await self._inside._guard(self._session.rollback())
            return
        with suppress(TransactionError):  # the store ended it all: nothing is left to roll back
            for sql in (f"ROLLBACK TO {self._name}", f"RELEASE {self._name}"):
                await self._inside._guard(self._session.command(sql))

    def abandon(self) -> None:
        """Roll back without waiting; the outer transaction sees to a savepoint."""
        if not self._depth:
            self._session.abandon()

    async def savepoint(self) -> SqlTransaction:
        """Make a savepoint."""
        found = SqlTransaction(self._inside, self._session, self._depth + 1)
        await self._inside._guard(self._session.command(f"SAVEPOINT {found._name}"))
        return found

    @property
    def _name(self) -> str:
        return f"juggler_{self._depth}"
