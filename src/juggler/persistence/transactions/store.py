"""The store as operations of one transaction see it: one call at a time, while it is active."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from juggler.connectors.contract import Connector
from juggler.errors import OperationNotSupportedError

Turn = Callable[[str], AbstractAsyncContextManager[None]]


class JoinedStore:
    """A connector within a transaction; what it can do, its attributes say as well.

    A method is made when it is first asked for, so there is nothing here to be forgotten when the
    contract grows.

    Args:
        store: The connector as the transaction gives it.
        turn: Gives one call its turn; raises where the transaction is not active.
    """

    def __init__(self, store: Connector, turn: Turn) -> None:
        self._store = store
        self._turn = turn

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if inspect.iscoroutinefunction(found):
            found = self._in_turn(found, name)
        elif inspect.isasyncgenfunction(found):
            raise OperationNotSupportedError(
                f"The connector does not support {name} within a transaction.", value=name
            )
        self.__dict__[name] = found
        return found

    def _in_turn(self, method: Callable[..., Any], name: str) -> Callable[..., Any]:
        """Return *method* so that it waits for its turn."""

        @functools.wraps(method)
        async def call(*args: Any, **kwargs: Any) -> Any:
            async with self._turn(name):
                return await method(*args, **kwargs)

        return call
