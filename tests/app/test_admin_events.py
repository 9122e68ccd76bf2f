"""The stream of events that an operator watches."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import pytest

from juggler.app.admin.events import WAITING, Feed
from juggler.facade.default import ModelRegistry
from juggler.registry.records import EVENTS, RegistryEvent
from tests.app.service import TICKET, Service, served, service, until
from tests.patience import PATIENCE

OPERATOR = {"authorization": "Bearer operator"}


@asynccontextmanager
async def watched(place: Path) -> AsyncIterator[tuple[Service, httpx.AsyncClient]]:
    """Serve an app at a port; yield it and a client of the operator there."""
    async with (
        service(place) as here,
        served(here.app, lifespan="off") as address,
        httpx.AsyncClient(base_url=address, headers=OPERATOR, timeout=PATIENCE) as client,
    ):
        yield here, client


async def events(client: httpx.AsyncClient) -> AsyncGenerator[dict[str, Any], None]:
    """Yield the events of the stream, the first once it listens."""
    async with client.stream("GET", "/admin/events") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        async for line in answer.aiter_lines():
            if line == ": listening":
                yield {"event": "listening"}
            if line.startswith("data: "):
                yield json.loads(line.removeprefix("data: "))


async def test_events_are_streamed(tmp_path: Path) -> None:
    """Who watches sees what happens as it happens, and the stream ends when the app stops."""
    async with watched(tmp_path) as (here, client):
        stream = events(client)
        assert (await anext(stream))["event"] == "listening"
        await client.post("/admin/tenants/acme/models", json=TICKET)
        await client.post("/admin/tenants/acme/cleanup")
        seen = []
        async for event in stream:
            seen.append((event["event"], event["tenant"], event["model"]))
            if event["event"] == "tenant_cleaned":
                assert event["result"]["models_removed"] == 1
                here.app.stop()
        assert seen == [
            ("tenant_created", "acme", None),
            ("model_registered", "acme", "Ticket"),
            ("tenant_cleaning", "acme", None),
            ("model_disposed", "acme", "Ticket"),
            ("tenant_cleaned", "acme", None),
        ]
        assert (await client.get("/health/ready")).status_code == 503
        assert len(here.app._feed) == 0


async def test_a_watcher_that_leaves_is_forgotten(tmp_path: Path) -> None:
    """When the client goes away, nobody listens to the registry for it any more."""
    async with watched(tmp_path) as (here, client):
        async with aclosing(events(client)) as stream:
            await anext(stream)
            assert len(here.app._feed) == 1
        await until(lambda: not len(here.app._feed))


async def test_a_slow_watcher_loses_the_oldest_and_is_told() -> None:
    """Events that wait for a watcher are bounded; how many were lost is said."""
    registry = ModelRegistry()
    feed = Feed(registry)
    async with aclosing(feed.stream()) as stream:
        assert await anext(stream) == b": listening\n\n"
        for number in range(WAITING + 3):
            registry.tenant(f"t{number}")
        feed.close()
        messages = [message async for message in stream]
    assert messages[0] == b'event: dropped\ndata: {"event":"dropped","count":3}\n\n'
    assert len(messages) == WAITING + 1
    assert b'"t3"' in messages[1]
    assert len(feed) == 0
    assert not registry._emitter._handlers


async def test_a_quiet_stream_shows_that_it_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    """If nothing happens for long, a sign of life keeps the connection open."""
    monkeypatch.setattr("juggler.app.admin.events.HEARTBEAT", 0.001)
    async with aclosing(Feed(ModelRegistry()).stream()) as stream:
        assert [await anext(stream) for _ in range(2)] == [b": listening\n\n", b": alive\n\n"]


async def test_events_come_from_any_thread() -> None:
    """What happens in another thread is told to watchers in their own event loop."""
    registry = ModelRegistry()
    feed = Feed(registry)
    async with aclosing(feed.stream()) as stream:
        await anext(stream)
        await asyncio.to_thread(registry.tenant, "acme")
        assert b'"acme"' in await asyncio.wait_for(anext(stream), PATIENCE)


# REG-60
async def test_all_events_are_streamed_with_their_details(tmp_path: Path) -> None:
    """Whatever happens in the registry is shown, with details and errors as text."""
    async with watched(tmp_path) as (here, client):
        stream = events(client)
        await anext(stream)
        for name in EVENTS:
            here.registry._tell(
                RegistryEvent(
                    name,
                    tenant="acme",
                    error=ZeroDivisionError("why"),
                    details=MappingProxyType({"at": 1, "of": ("a", "b")}),
                )
            )
        seen = [await anext(stream) for _ in EVENTS]
        assert [each["event"] for each in seen] == list(EVENTS)
        assert {each["error"] for each in seen} == {"ZeroDivisionError: why"}
        assert all(each["details"] == {"at": 1, "of": ["a", "b"]} for each in seen)
        here.app.stop()
