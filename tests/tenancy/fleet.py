"""Data sources of many tenants that say what happens to them."""

import asyncio
from collections.abc import Sequence
from typing import Any

from juggler.connectors.contract import ModelInfo, Options, Row
from juggler.connectors.memory.connector import MemoryConnector
from juggler.datasource.datasource import DataSource
from juggler.facade.default import ModelRegistry
from juggler.query.nodes import Filter
from juggler.registry.builder import Traits
from juggler.testing.gate import Gate


class Fleet:
    """Makes a data source in memory for each tenant, and keeps it, so that its rows stay.

    Attributes:
        made: Tenant -> its data source.
        routed: Tenants in the order in which their sources were made.
        open: Tenants whose source is open now.
        most: Most that were open at a time.
        connects: Tenants in order of opening.
        opening: Holds whoever opens, if it is there.
        reading: Tenant -> gate that holds its reads.
        broken: Tenants whose source fails to open.
        closed: Set whenever a source was closed.
    """

    traits = Traits()

    def __init__(self) -> None:
        self.registry = ModelRegistry()
        self.made: dict[str, DataSource] = {}
        self.routed: list[str] = []
        self.open: set[str] = set()
        self.most = 0
        self.connects: list[str] = []
        self.opening: Gate | None = None
        self.reading: dict[str, Gate] = {}
        self.broken: set[str] = set()
        self.closed = asyncio.Event()

    def create_data_source(self, tenant: str) -> DataSource:
        """Return a data source that reports here."""
        source = DataSource(
            tenant,
            lambda settings, host: Watched(self, settings, host),
            registry=self.registry,
            auto_update=True,
            max_offline_requests=1_000,
        )
        self.made[tenant] = source
        self.routed.append(tenant)
        return source


class Watched(MemoryConnector):
    """A store that tells its fleet when it is opened and closed, and can be held."""

    def __init__(self, fleet: Fleet, settings: Any, host: Any) -> None:
        super().__init__(settings, host)
        self.fleet = fleet
        self.updates: list[str] = []

    async def connect(self) -> None:
        """Open, unless it is held or broken."""
        fleet, tenant = self.fleet, self.host.name
        fleet.connects.append(tenant)
        if fleet.opening is not None:
            await fleet.opening.hold()
        if tenant in fleet.broken:
            raise OSError(f"{tenant} is broken")
        await super().connect()
        fleet.open.add(tenant)
        fleet.most = max(fleet.most, len(fleet.open))

    async def disconnect(self) -> None:
        """Close."""
        await super().disconnect()
        self.fleet.open.discard(self.host.name)
        self.fleet.closed.set()

    async def autoupdate(self, infos: Sequence[ModelInfo]) -> None:
        """Take note of the tables that are made."""
        self.updates += [info.name for info in infos]
        await super().autoupdate(infos)

    async def all(self, info: ModelInfo, query: Filter, options: Options) -> list[Row]:
        """Return rows, unless it is held."""
        gate = self.fleet.reading.get(self.host.name)
        if gate is not None:
            await gate.hold()
        assert self.host.name in self.fleet.open, "a source was closed while it was in use"
        return await super().all(info, query, options)
