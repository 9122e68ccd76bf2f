"""Data sources that have transactions, each with two models."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from juggler.datasource.datasource import DataSource
from juggler.facade.default import ModelRegistry
from tests.patience import PATIENCE

KINDS = ("memory", "sqlite in memory", "sqlite file")
ORDER = {"total": "number", "code": {"type": str, "index": {"unique": True}}}


def make_source(kind: str, folder: Path, **settings: Any) -> DataSource:
    """Return a source of one kind, with a registry of its own."""
    if kind == "memory":
        return DataSource("shop", connector="memory", registry=ModelRegistry(), **settings)
    if kind == "sqlite file":
        settings["file"] = str(folder / "shop.db")
    settings.setdefault("busy_timeout", PATIENCE * 1_000)
    return DataSource("shop", connector="sqlite", registry=ModelRegistry(), **settings)


@asynccontextmanager
async def shop(kind: str, folder: Path, **settings: Any) -> AsyncIterator[Any]:
    """Give a connected source with the models Order and Line, and see that nothing is left open."""
    source = make_source(kind, folder, **settings)
    source.define("Order", ORDER)
    source.define("Line", {"order_id": "number", "sku": str})
    async with source:
        await source.autoupdate()
        yield source
        assert source.connector is None or nothing_is_open(source)


def nothing_is_open(source: Any) -> bool:
    """Tell whether neither a transaction nor a lock nor a call is left of what was done."""
    connector = source.connector
    if connector.name == "memory":
        return not connector._store.committed.watchers and not source.in_flight
    driver = connector.driver
    return not driver._sessions and not driver._turns.taken and not source.in_flight


async def totals(source: Any) -> list[Any]:
    """Return the totals that everybody sees, in order of their ids."""
    return [each.total for each in await source.models.Order.find(order="id")]
