"""What the cases share: the connector under test, opened and closed around each of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import pytest_asyncio

from juggler.connectors.contract import Connector, ModelInfo, Options, Row
from juggler.testing.connector_suite.models import query, where

NO_OPTIONS: Options = MappingProxyType({})


class _Host:
    """Stands for the data source."""

    name = "suite"
    settings: Mapping[str, Any] = MappingProxyType({})


class Store:
    """The connector under test with calls as short as cases want them.

    Attributes:
        connector: The connector itself.
    """

    def __init__(self, connector: Connector) -> None:
        self.connector = connector

    def needs(self, *capabilities: str) -> None:
        """Skip the case unless the connector has all *capabilities*."""
        missing = set(capabilities) - self.connector.capabilities
        if missing:
            pytest.skip(f"the connector has no {', '.join(sorted(missing))}")

    async def prepare(self, *infos: ModelInfo, rows: list[Row] | None = None) -> None:
        """Make room for models, empty, and put *rows* into the first."""
        for info in infos:
            self.connector.define(info)
        await self.connector.automigrate(infos)
        for row in rows or ():
            await self.connector.create(infos[0], row, NO_OPTIONS)

    async def create(self, info: ModelInfo, **data: Any) -> Any:
        """Store a row and return its id."""
        return await self.connector.create(info, data, NO_OPTIONS)

    async def create_all(self, info: ModelInfo, rows: list[Row]) -> list[Any]:
        """Store rows and return their ids."""
        return await self.connector.create_all(info, rows, NO_OPTIONS)

    async def find(self, info: ModelInfo, **clauses: Any) -> list[Row]:
        """Return the rows of a filter, given as users write it."""
        return await self.connector.all(info, query(info, **clauses), NO_OPTIONS)

    async def values(self, info: ModelInfo, name: str, **clauses: Any) -> list[Any]:
        """Return one property of the rows of a filter."""
        return [row.get(name) for row in await self.find(info, **clauses)]

    async def count(self, info: ModelInfo, **conditions: Any) -> int:
        """Return how many rows match."""
        return await self.connector.count(info, where(info, **conditions), NO_OPTIONS)

    async def update(self, info: ModelInfo, data: Row, **conditions: Any) -> int:
        """Change the rows that match."""
        return await self.connector.update(info, where(info, **conditions), data, NO_OPTIONS)

    async def replace(self, info: ModelInfo, data: Row, **conditions: Any) -> int:
        """Replace the row that matches."""
        return await self.connector.replace(info, where(info, **conditions), data, NO_OPTIONS)

    async def destroy(self, info: ModelInfo, **conditions: Any) -> int:
        """Delete the rows that match."""
        return await self.connector.destroy_all(info, where(info, **conditions), NO_OPTIONS)

    async def upsert(
        self,
        info: ModelInfo,
        data: Row,
        defaults: Row | None = None,
        scope: Mapping[str, Any] = NO_OPTIONS,
    ) -> tuple[Row, bool]:
        """Change or store a row."""
        return await self.connector.update_or_create(
            info, data, defaults or {}, where(info, **scope), NO_OPTIONS
        )

    async def find_or_create(self, info: ModelInfo, data: Row, **clauses: Any) -> tuple[Row, bool]:
        """Return or store a row."""
        return await self.connector.find_or_create(info, query(info, **clauses), data, NO_OPTIONS)


class Suite:
    """Base of all groups of cases: how the connector under test is made."""

    host = _Host()
    """What to give the connector as its data source."""

    def make(self, folder: Path) -> Connector:
        """Return a new connector, not yet connected, to a store that is empty.

        Args:
            folder: A fresh folder for files.
        """
        raise NotImplementedError

    @pytest_asyncio.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Store]:
        """Give a case its open store."""
        async with opened(self.make(tmp_path)) as found:
            yield found


@asynccontextmanager
async def opened(connector: Connector) -> AsyncIterator[Store]:
    """Give the store of a connector, connected for the block."""
    await connector.connect()
    try:
        yield Store(connector)
    finally:
        await connector.disconnect()


def plain(info: ModelInfo, row: Mapping[str, Any]) -> Row:
    """Return *row* with None for what is missing, since stores need not tell that from null."""
    return {name: row.get(name) for name in info.shape.names}
