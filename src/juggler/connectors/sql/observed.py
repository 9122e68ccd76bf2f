"""Telling observers of a connector what its driver runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from juggler.connectors.observing import Observable, around
from juggler.connectors.sql.driver import Answer, Driver, Record, Script, Step

T = TypeVar("T")


class Execution:
    """What observers of ``before execute`` and ``after execute`` are called with.

    Attributes:
        connector: The connector.
        steps: The statements with their values, in order; those of a piece of work that decides
            as it goes are there afterwards.
        results: What came of it, as a list of one; only afterwards.
        error: What it failed with, for ``after execute error``.
        ended: Whether an observer ended it.
    """

    results: list[Any]
    error: BaseException
    ended: bool = False

    def __init__(self, connector: Observable, *steps: tuple[str, Any]) -> None:
        self.connector = connector
        self.steps = list(steps)

    def end(self, *results: Any) -> None:
        """End it with *results* in the place of asking the database."""
        self.ended = True
        self.results = list(results)


class ObservedDriver:
    """A driver that tells the observers of its connector; it takes the place of *driver*."""

    def __init__(self, driver: Driver, connector: Observable) -> None:
        self._driver = driver
        self._connector = connector

    def __getattr__(self, name: str) -> Any:
        return getattr(self._driver, name)

    async def read(
        self, sql: str, values: Sequence[Any], load: Callable[[list[Record]], list[T]]
    ) -> list[T]:
        """Run a query and return what *load* makes of its rows."""
        work = lambda: self._driver.read(sql, values, load)  # noqa: E731  called between observers
        found: list[T] = await self._told(work, (sql, values))
        return found

    async def write(self, sql: str, values: Sequence[Any]) -> Answer:
        """Run one statement."""
        answer: Answer = await self._told(lambda: self._driver.write(sql, values), (sql, values))
        return answer

    async def run(self, script: Script[T]) -> T:
        """Run a script."""
        told = Execution(self._connector)
        noted = _noted(script, told.steps)
        work = lambda: self._driver.run(noted)  # noqa: E731  called between observers
        try:
            found: T = await around(self._connector.observers_of, "execute", told, work)
        finally:
            noted.close()
        return found

    async def _told(self, work: Callable[[], Any], *steps: tuple[str, Any]) -> Any:
        told = Execution(self._connector, *steps)
        return await around(self._connector.observers_of, "execute", told, work)


def _noted(script: Script[T], steps: list[tuple[str, Any]]) -> Script[T]:
    """Run *script* and note its steps."""
    answer: Any = None
    try:
        while True:
            try:
                step: Step = script.send(answer)
            except StopIteration as end:
                found: T = end.value
                return found
            steps.append((step.sql, step.values if step.many is None else step.many))
            answer = yield step
    finally:
        script.close()
