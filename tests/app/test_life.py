"""The app's life: alone under a server, mounted into others, with clients that go away."""

from __future__ import annotations

import asyncio
import gc
import json
import weakref
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from juggler.app.asgi import App
from juggler.app.rest import endpoint
from juggler.datasource.datasource import DataSource
from juggler.errors import JugglerError, StoreError
from juggler.facade.default import ModelRegistry
from juggler.tenancy.resolve import HeaderTenant
from juggler.tenancy.route import TenantRouter
from juggler.testing.gate import Gate
from tests.app.service import client_of, served, service, until
from tests.patience import PATIENCE
from tests.tenancy.fleet import Fleet


class Journal:
    """Data sources that write down when they are opened and closed."""

    def __init__(self) -> None:
        self.registry = ModelRegistry()
        self.lines: list[str] = []

    def source(self, name: str, **settings: Any) -> DataSource:
        """Return a data source in memory."""
        source = DataSource(name, connector="memory", registry=self.registry, **settings)
        source.on("connected", lambda _: self.lines.append(f"+{name}"))
        source.on("disconnected", lambda _: self.lines.append(f"-{name}"))
        return source


# APP-01
async def test_sources_open_in_order_and_close_in_reverse(tmp_path: Path) -> None:
    """The server's startup opens what is not lazy, its shutdown closes all that is open."""
    journal = Journal()
    sources = [journal.source("a"), journal.source("lazy", lazy_connect=True), journal.source("b")]
    app = App(journal.registry, data_sources=sources)
    app.model(sources[1].define("City", {"name": str}))
    async with served(app, lifespan="on") as address:
        assert journal.lines == ["+a", "+b"]
        async with httpx.AsyncClient(base_url=address, timeout=PATIENCE) as client:
            assert (await client.get("/health/ready")).json() == {"status": "ok"}
            assert (await client.get("/api/Cities")).json() == []
        assert journal.lines == ["+a", "+b", "+lazy"]
    assert journal.lines[3:] == ["-b", "-lazy", "-a"]


async def test_a_startup_that_fails_closes_what_it_opened() -> None:
    """If a source cannot be opened, the others are closed and the server is told why."""
    journal = Journal()
    broken = DataSource(
        "broken", connector="sqlite", file="/nowhere/x.db", registry=journal.registry
    )
    app = App(journal.registry, data_sources=[journal.source("a"), broken, journal.source("c")])
    with pytest.raises(StoreError):
        async with app.running():
            raise AssertionError("it started")
    assert journal.lines == ["+a", "-a"]
    sent: list[Any] = []
    asked = iter([{"type": "lifespan.startup"}])

    async def receive() -> Any:
        return next(asked)

    async def send(message: Any) -> None:
        sent.append(message)

    await app({"type": "lifespan"}, receive, send)
    assert [message["type"] for message in sent] == ["lifespan.startup.failed"]
    assert "folder" in sent[0]["message"]


async def test_a_source_that_fails_to_close_keeps_no_other_open() -> None:
    """Closing goes on past a failure, which is raised in the end."""
    journal = Journal()
    first, stuck = journal.source("first"), journal.source("stuck")

    async def fail() -> None:
        raise JugglerError("it is stuck")

    vars(stuck)["disconnect"] = fail
    app = App(journal.registry, data_sources=[first, stuck])
    with pytest.raises(JugglerError, match="stuck"):
        async with app.running():
            pass
    assert journal.lines == ["+first", "+stuck", "-first"]


async def test_tenants_are_closed_at_shutdown(tmp_path: Path) -> None:
    """When the server stops, the sources of tenants are closed; the app may start again."""
    fleet = Fleet()
    router = TenantRouter(fleet)
    app = App(fleet.registry, router=router, identity=HeaderTenant())
    app.model(fleet.registry.define("City", {"name": str}))
    for _ in range(2):
        async with (
            served(app, lifespan="on") as address,
            httpx.AsyncClient(timeout=PATIENCE) as client,
        ):
            answer = await client.get(f"{address}/api/Cities", headers={"x-tenant": "acme"})
            assert answer.json() == []
            assert fleet.open == {"acme"}
        assert fleet.open == set()


# APP-02
async def test_it_mounts_into_fastapi(tmp_path: Path) -> None:
    """Mounted, everything works below the mount: REST, description, explorer, admin."""
    async with service(tmp_path) as here:
        outer = FastAPI()
        outer.mount("/service", here.app)
        async with client_of(outer, x_tenant="acme") as client:
            made = await client.post("/service/api/Cities", json={"name": "Rome"})
            assert made.status_code == 200, made.text
            assert (await client.get("/service/api/Cities/1")).json()["name"] == "Rome"
            assert (await client.get("/service/api/Cities/a%2Fb")).status_code in {400, 404}
            document = (await client.get("/service/openapi.json")).json()
            assert document["servers"] == [{"url": "/service/api"}]
            assert (await client.get("/api/Cities")).status_code == 404
            moved = await client.get("/service/explorer")
            assert (moved.status_code, moved.headers["location"]) == (307, "explorer/")
            page = await client.get("/service/explorer/")
            assert "swagger-ui-bundle.js" in page.text
            missing = await client.get("/service/nowhere")
            assert missing.json()["error"]["code"] == "PATH_NOT_FOUND"
        async with client_of(outer, authorization="Bearer operator") as client:
            assert (await client.get("/service/admin/tenants")).status_code == 200


async def test_an_outer_application_may_run_it() -> None:
    """`running` is a lifespan for the application around it, which otherwise opens lazily."""
    journal = Journal()
    source = journal.source("db")
    app = App(journal.registry, data_sources=[source])
    app.model(source.define("City", {"name": str}))
    for lifespan, before, after in ((app.running, ["+db"], ["+db", "-db"]), (None, [], ["+db"])):
        journal.lines.clear()
        outer = Starlette(routes=[Mount("/x", app)], lifespan=lifespan)
        async with (
            served(outer, lifespan="on") as address,
            httpx.AsyncClient(timeout=PATIENCE) as client,
        ):
            assert journal.lines == before
            assert (await client.get(f"{address}/x/api/Cities")).json() == []
        assert journal.lines == after
    await source.disconnect()


async def test_websockets_are_refused(tmp_path: Path) -> None:
    """A connection of another kind is closed, not left hanging."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await App(ModelRegistry())({"type": "websocket", "path": "/"}, receive, send)
    assert sent == [{"type": "websocket.close"}]


async def test_an_app_that_nobody_uses_is_gone() -> None:
    """Dropping the app lets its models go, although the registry lives on."""
    registry = ModelRegistry()
    app = App(registry, identity=HeaderTenant(), admin="operator")
    model = weakref.ref(app.model(registry.define("City", {"name": str})))
    async with client_of(app, x_tenant="acme") as client:
        await client.get("/api/Cities")
        await client.get("/openapi.json")
    gone = weakref.ref(app)
    del app, client
    gc.collect()
    assert gone() is None
    assert model() is None
    assert not registry._emitter._handlers


# --- clients that go away ---------------------------------------------------------------------


async def ask(address: str, text: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection and send *text*."""
    host, _, port = address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(text.replace("\n", "\r\n").encode())
    await writer.drain()
    return reader, writer


async def test_a_read_ends_when_its_client_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """A read that nobody waits for is cancelled; the source is free again and works on."""
    monkeypatch.setattr(endpoint, "SOON", 0.0)
    fleet = Fleet()
    gate = fleet.reading["acme"] = Gate()
    app = App(fleet.registry, router=TenantRouter(fleet), identity=HeaderTenant())
    app.model(fleet.registry.define("City", {"name": str}))
    async with served(app, lifespan="on") as address:
        _, writer = await ask(address, "GET /api/Cities HTTP/1.1\nHost: x\nX-Tenant: acme\n\n")
        await gate.wait_for(1)
        assert fleet.made["acme"].in_flight == 1
        writer.close()
        await until(lambda: fleet.made["acme"].in_flight == 0)
        assert gate.held == 0
        fleet.reading.clear()
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            answer = await client.get(f"{address}/api/Cities", headers={"x-tenant": "acme"})
            assert answer.json() == []


async def test_half_a_body_writes_nothing(tmp_path: Path) -> None:
    """A client that goes away before it sent all leaves no record, and no error in the log."""
    async with service(tmp_path) as here, served(here.app, lifespan="off") as address:
        head = "POST /api/Cities HTTP/1.1\nHost: x\nX-Tenant: acme\nContent-Length: 100\n\n"
        _, writer = await ask(address, head + '{"name":')
        writer.close()
        await writer.wait_closed()
        async with here.acme as client:
            assert (await client.get("/api/Cities/count")).json() == {"count": 0}


async def test_a_write_runs_to_its_end(tmp_path: Path) -> None:
    """A write whose client went away is done whole: the row is there and the hooks have run."""
    async with service(tmp_path) as here, served(here.app, lifespan="off") as address:
        gate, seen = Gate(), []

        async def hold(context: Any) -> None:
            await gate.hold()

        async def after(context: Any) -> None:
            seen.append(context.instance.name)

        here.city.observe("before save", hold)
        here.city.observe("after save", after)
        body = json.dumps({"name": "Rome"})
        head = (
            f"POST /api/Cities HTTP/1.1\nHost: x\nX-Tenant: acme\nContent-Length: {len(body)}\n\n"
        )
        _, writer = await ask(address, head + body)
        await gate.wait_for(1)
        writer.close()
        await writer.wait_closed()
        gate.open()
        await until(lambda: bool(seen))
        async with here.acme as client:
            assert (await client.get("/api/Cities/count")).json() == {"count": 1}


async def test_a_large_body_is_refused_as_it_comes(tmp_path: Path) -> None:
    """10 MB are not read to the end, announced or not."""
    async with service(tmp_path) as here, served(here.app, lifespan="off") as address:
        head = "POST /api/Cities HTTP/1.1\nHost: x\nX-Tenant: acme\n"
        for kind in ("Content-Length: 10000000", "Transfer-Encoding: chunked"):
            reader, writer = await ask(address, f"{head}{kind}\n\n")
            if "chunked" in kind:
                for _ in range(20):
                    writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
            status = await asyncio.wait_for(reader.readline(), PATIENCE)
            assert b" 413 " in status
            writer.close()
