"""Services for tests: an app with tenants, and clients of it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from juggler.app.asgi import App
from juggler.datasource.datasource import DataSource
from juggler.facade.default import ModelRegistry
from juggler.registry.builder import Traits
from juggler.tenancy.isolation.base import Isolation
from juggler.tenancy.isolation.database import DatabasePerTenant
from juggler.tenancy.resolve import HeaderTenant
from juggler.tenancy.route import TenantRouter
from tests.patience import PATIENCE

CITY = {
    "name": {"type": "string", "required": True},
    "population": "number",
    "tags": ["string"],
    "location": "geopoint",
    "founded": "date",
    "area": "decimal",
    "secret": {"type": "string", "hidden": True},
    "mayor": {"name": "string", "salary": {"type": "number", "hidden": True}},
}
TICKET = {"name": "Ticket", "properties": {"title": {"type": "string", "required": True}}}


@dataclass(frozen=True)
class Service:
    """An app, its parts, and clients of it that answer errors as any server would."""

    app: App
    registry: ModelRegistry
    router: TenantRouter
    city: Any

    def client(self, **headers: str) -> httpx.AsyncClient:
        """Return a client that sends *headers* (underscores for dashes) with every request."""
        return client_of(self.app, **headers)

    @property
    def acme(self) -> httpx.AsyncClient:
        """Return a client of the tenant acme."""
        return self.client(x_tenant="acme")

    @property
    def globex(self) -> httpx.AsyncClient:
        """Return a client of the tenant globex."""
        return self.client(x_tenant="globex")

    @property
    def operator(self) -> httpx.AsyncClient:
        """Return a client of the operator."""
        return self.client(authorization="Bearer operator")


def client_of(app: Any, **headers: str) -> httpx.AsyncClient:
    """Return a client of an ASGI application."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    return httpx.AsyncClient(transport=transport, base_url="http://service", headers=named)


@dataclass(frozen=True)
class InMemory:
    """Gives each tenant a database in memory, which is gone when it is closed."""

    connector: str
    registry: ModelRegistry

    @property
    def traits(self) -> Traits:
        """What the stores want of models."""
        return self.create_data_source("example").traits

    def create_data_source(self, tenant: str) -> DataSource:
        """Return a new, unconnected data source."""
        return DataSource(
            tenant,
            connector=self.connector,
            registry=self.registry,
            auto_update=True,
            max_offline_requests=1_000,
        )


@asynccontextmanager
async def service(place: Path | str, **options: Any) -> AsyncIterator[Service]:
    """Run an app with the model City; *place* is a folder for files, ``memory`` or ``sqlite``."""
    registry = ModelRegistry()
    isolation: Isolation
    if isinstance(place, str):
        isolation = InMemory(place, registry)
    else:
        template = place / "{tenant}.db"
        isolation = DatabasePerTenant(template, registry=registry, synchronous="off")
    router = TenantRouter(isolation)
    given = {"identity": HeaderTenant("X-Tenant"), "admin": "operator", **options}
    app = App(registry, router=router, **given)
    city = app.model(registry.define("City", CITY, {"force_id": False}))
    async with app.running():
        yield Service(app, registry, router, city)


async def until(happened: Callable[[], bool]) -> None:
    """Let a server's tasks run until something has happened."""
    async with asyncio.timeout(PATIENCE):
        while not happened():  # noqa: ASYNC110  there is no event for what is waited for
            await asyncio.sleep(0)


@asynccontextmanager
async def served(app: Any, **options: Any) -> AsyncIterator[str]:
    """Serve an ASGI application at a port of this machine and yield its address."""
    config = uvicorn.Config(app, log_level="critical", timeout_keep_alive=PATIENCE, **options)
    server = uvicorn.Server(config)
    started = asyncio.Event()
    startup = server.startup

    async def begin(sockets: list[socket.socket] | None = None) -> None:
        await startup(sockets)
        started.set()

    vars(server)["startup"] = begin  # tells when it listens, without sleeping
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        task = asyncio.create_task(server._serve([listener]))  # as `serve`, signals left alone
        await started.wait()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task
