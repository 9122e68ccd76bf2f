"""The admin API: off without a token, and what an operator sees and does with one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler.app.admin.events import WAITING, Feed
from juggler.app.asgi import App
from juggler.context import tenant
from juggler.errors import DefinitionError
from juggler.facade.default import ModelRegistry
from juggler.registry.records import EVENTS, RegistryEvent
from juggler.tenancy.directory import MemoryDirectory
from juggler.tenancy.resolve import HeaderTenant
from juggler.tenancy.tenant import Tenant
from tests.app.service import client_of, served, service, until

TICKET = {"name": "Ticket", "properties": {"title": {"type": "string", "required": True}}}
OPERATOR = {"authorization": "Bearer operator"}
PATHS = ("/admin", "/admin/tenants", "/admin/tenants/acme", "/admin/events", "/admin/nothing")
PATHS += ("/admin/health", "/admin/history")


async def test_without_a_token_there_is_nothing(tmp_path: Path) -> None:
    """The admin API is off unless a token is given, and looks like any path that is not there."""
    async with service(tmp_path, admin=None) as here, here.operator as client:
        for path in PATHS:
            answer = await client.get(path)
            assert answer.status_code == 404
            assert answer.text.replace(path, "/x") == (await client.get("/x")).text
    with pytest.raises(DefinitionError, match="empty"):
        App(ModelRegistry(), admin=" ")


async def test_a_wrong_token_opens_nothing(tmp_path: Path) -> None:
    """Whatever is shown in the place of the token, the answer is one and the same."""
    async with service(tmp_path) as here:
        seen = set()
        for token in ("", "Operator", "operator2", "operato", "é", "x" * 5_000):
            authorization = f"Bearer {token}".encode()
            async with client_of(here.app) as client:
                for path in PATHS:
                    answer = await client.get(path, headers={b"authorization": authorization})
                    seen.add((answer.status_code, answer.text))
        async with here.acme as client:
            answer = await client.get("/admin/tenants")
            seen.add((answer.status_code, answer.text))
        assert len(seen) == 1
        assert seen.pop()[0] == 401


async def test_tenants_are_listed_with_figures(tmp_path: Path) -> None:
    """All tenants are there, in pages: those of the directory and those that have models."""
    directory = MemoryDirectory([Tenant("a", title="A Inc."), Tenant("c", "suspended")])
    async with service(tmp_path, identity=HeaderTenant(directory=directory)) as here:
        with tenant("b"):
            here.registry.define("Own", {"x": int})
        async with here.operator as client:
            body = (await client.get("/admin/tenants")).json()
            assert [each["code"] for each in body["tenants"]] == ["a", "b", "c"]
            assert [each["status"] for each in body["tenants"]] == ["active", None, "suspended"]
            assert body["tenants"][0]["title"] == "A Inc."
            assert body["tenants"][1]["stats"]["model_count"] == 1
            assert body["registry"]["tenant_registries"] == 1
            assert body["sources"]["open"] == 0
            page = (await client.get("/admin/tenants?after=a&limit=1")).json()
            assert [each["code"] for each in page["tenants"]] == ["b"]
            for limit in ("0", "-1", "x", "1001", "9" * 30):
                assert (await client.get(f"/admin/tenants?limit={limit}")).status_code == 400
            one = (await client.get("/admin/tenants/b")).json()
            assert (
                one["models"]
                == [
                    {"name": "Own", "path": "Owns", "properties": {"id": "integer", "x": "integer"}}
                ]
                or one["models"][0]["name"] == "Own"
            )
            assert (await client.get("/admin/tenants/unknown")).status_code == 404
            assert (await client.get("/admin/tenants/global")).status_code == 404


async def test_a_model_is_defined_and_removed(tmp_path: Path) -> None:
    """A tenant's model is served from the moment it is defined until it is removed; rows stay."""
    async with service(tmp_path) as here, here.operator as admin, here.acme as acme:
        answer = await admin.post("/admin/tenants/acme/models", json=TICKET)
        assert answer.status_code == 200, answer.text
        assert (answer.json()["name"], answer.json()["path"]) == ("Ticket", "Tickets")
        assert answer.json()["properties"]["title"] == "string"
        assert (await acme.post("/api/Tickets", json={"title": "x"})).status_code == 200
        assert (await acme.post("/api/Tickets", json={})).status_code == 422
        async with here.globex as globex:
            assert (await globex.get("/api/Tickets")).status_code == 404
        gone = await admin.delete("/admin/tenants/acme/models/Ticket")
        assert gone.json() == {"count": 1}
        assert (await acme.get("/api/Tickets")).status_code == 404
        assert (await admin.delete("/admin/tenants/acme/models/Ticket")).status_code == 404
        assert (await admin.delete("/admin/tenants/acme/models/City")).status_code == 404
        await admin.post("/admin/tenants/acme/models", json=TICKET)
        assert (await acme.get("/api/Tickets")).json() == [{"id": 1, "title": "x"}]


async def test_a_model_of_the_app_is_extended(tmp_path: Path) -> None:
    """A tenant's variant of a shared model keeps its rows and has a property more."""
    async with service(tmp_path) as here, here.operator as admin, here.acme as acme:
        await acme.post("/api/Cities", json={"name": "Rome"})
        variant = {"name": "City", "base": "City", "properties": {"mood": "string"}}
        for _ in range(2):
            answer = await admin.post("/admin/tenants/acme/models", json=variant)
            assert answer.status_code == 200, answer.text
            assert {"name", "mood", "secret"} <= answer.json()["properties"].keys()
        changed = await acme.patch("/api/Cities/1", json={"mood": "fine"})
        assert (changed.json()["name"], changed.json()["mood"]) == ("Rome", "fine")
        assert "secret" not in changed.json()


@pytest.mark.parametrize(
    "document",
    [
        None,
        1,
        [],
        {},
        {"name": ""},
        {"name": 1},
        {"name": "x", "properties": 1},
        {"name": "x", "properties": {"a": "no such type"}},
        {"name": "x", "properties": {"save": "string"}},
        {"name": "x", "properties": {"a": {"type": "string", "idInjection": 1}, "b.c": "string"}},
        {"name": "x", "idInjection": True, "id_injection": False},
        {"name": "x", "base": "Nowhere"},
        {"name": "x", "strict": "sideways"},
        {"name": "x", "plural": "Cities2/x"},
        {"name": "x", "indexes": 1},
        {"name": "x", "indexes": {"a": ["nothing"]}},
        {"name": "x", "validations": 1},
        {"name": "x", "validations": ["a"]},
        {"name": "x", "validations": [{"property": "a"}]},
        {"name": "x", "maxLimit": "x"},
        {"name": "x", "options": {"defaultLimit": 0}},
        {"name": "x", "get_data_source": "juggler"},
    ],
)
async def test_a_bad_definition_is_refused(tmp_path: Path, document: Any) -> None:
    """What cannot be defined is told with its reason, and nothing was changed."""
    async with service(tmp_path) as here, here.operator as admin:
        answer = await admin.post("/admin/tenants/acme/models", json=document)
        assert answer.status_code in {400, 422}, answer.text
        assert answer.json()["error"]["message"] != "Internal Server Error"
        known = here.registry.tenant("acme", create=False)
        assert known is None or list(known.models) == []


async def test_a_path_that_is_taken_is_refused(tmp_path: Path) -> None:
    """Two models of a tenant cannot have one path."""
    async with service(tmp_path) as here, here.operator as admin:
        await admin.post("/admin/tenants/acme/models", json=TICKET)
        other = {"name": "Bill", "plural": "Tickets", "properties": {}}
        answer = await admin.post("/admin/tenants/acme/models", json=other)
        assert answer.status_code == 422
        assert "Ticket" in answer.json()["error"]["message"]


async def test_with_a_directory_only_its_tenants_are_defined_for(tmp_path: Path) -> None:
    """A model is not defined for somebody whom the directory does not know."""
    identity = HeaderTenant(directory=MemoryDirectory(["acme"]))
    async with service(tmp_path, identity=identity) as here, here.operator as admin:
        assert (await admin.post("/admin/tenants/acme/models", json=TICKET)).status_code == 200
        for code in ("globex", "global", "%20", "x" * 200):
            answer = await admin.post(f"/admin/tenants/{code}/models", json=TICKET)
            assert answer.status_code == 404
        assert [each.code for each in here.registry.tenants()] == ["acme"]


async def test_a_tenant_is_cleaned_up(tmp_path: Path) -> None:
    """What was removed is told; nothing is left in memory, the file stays."""
    async with service(tmp_path) as here, here.operator as admin, here.acme as acme:
        await admin.post("/admin/tenants/acme/models", json=TICKET)
        await acme.post("/api/Tickets", json={"title": "x"})
        assert here.router.stats().open == 1
        answer = await admin.post("/admin/tenants/acme/cleanup")
        assert answer.status_code == 200, answer.text
        assert answer.json()["models_removed"] == 1
        assert answer.json()["cleaned_models"] == ["Ticket"]
        assert here.router.stats().open == 0
        assert here.registry.tenants() == []
        assert (tmp_path / "acme.db").exists()
        assert (await admin.post("/admin/tenants/acme/cleanup")).status_code == 404
        assert (await admin.post("/admin/tenants/unknown/cleanup")).status_code == 404


async def test_a_tenant_in_use_is_not_cleaned_up_unless_forced(tmp_path: Path) -> None:
    """A tenant that is at work is 409, unless the operator insists."""
    async with service(tmp_path) as here, here.operator as admin:
        await admin.post("/admin/tenants/acme/models", json=TICKET)
        with here.registry.tenant("acme").lease():
            answer = await admin.post("/admin/tenants/acme/cleanup")
            assert answer.status_code == 409
            assert answer.json()["error"]["code"] == "TENANT_IN_USE"
            assert (await admin.post("/admin/tenants/acme/cleanup?force=true")).status_code == 200


async def test_wrong_verbs_and_paths(tmp_path: Path) -> None:
    """Verbs that a path does not take are 405, other paths 404."""
    async with service(tmp_path) as here, here.operator as admin:
        for path, allowed in (
            ("/admin/tenants", "GET"),
            ("/admin/tenants/acme", "GET"),
            ("/admin/tenants/acme/models", "POST"),
            ("/admin/tenants/acme/models/x", "DELETE"),
            ("/admin/tenants/acme/cleanup", "POST"),
            ("/admin/events", "GET"),
        ):
            answer = await admin.put(path)
            assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
        for path in ("/admin", "/admin/x", "/admin/tenants/acme/x", "/admin/events/x"):
            assert (await admin.get(path)).status_code == 404


DOCUMENTS: Any = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=4)
    | st.sampled_from(["string", "City"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=4)
            | st.sampled_from(
                "name properties options base plural http path strict hidden id type default "
                "required relations acls scope indexes validations mixins methods".split()
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


PARTS = dict.fromkeys(("properties", "options", "base", "strict", "plural", "http"), DOCUMENTS)
NAMED = st.fixed_dictionaries({"name": st.text(min_size=1, max_size=5)}, optional=PARTS)


@given(DOCUMENTS | NAMED)
@settings(max_examples=80)
def test_no_definition_breaks_the_service(document: Any) -> None:
    """Whatever JSON is sent as a definition, it is defined or refused, and the service goes on."""

    async def run() -> None:
        async with service("memory") as here, here.operator as admin, here.acme as acme:
            try:
                content = json.dumps(document)
            except ValueError:
                return
            answer = await admin.post(
                "/admin/tenants/acme/models",
                content=content,
                headers={"content-type": "application/json"},
            )
            assert answer.status_code < 500, (document, answer.text)
            assert (await acme.get("/api/Cities")).status_code == 200
            assert (await acme.get("/openapi.json")).status_code == 200
            if answer.status_code == 200:
                path = f"/api/{quote(answer.json()['path'], safe='')}"
                assert (await acme.get(path)).status_code < 500, document
                assert (await acme.post(path, json={})).status_code < 500, document

    asyncio.run(run())


# --- events ---------------------------------------------------------------------------------


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
    async with (
        service(tmp_path) as here,
        served(here.app, lifespan="off") as address,
        httpx.AsyncClient(base_url=address, headers=OPERATOR, timeout=10) as client,
    ):
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
    async with (
        service(tmp_path) as here,
        served(here.app, lifespan="off") as address,
        httpx.AsyncClient(base_url=address, headers=OPERATOR, timeout=10) as client,
    ):
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
        assert b'"acme"' in await asyncio.wait_for(anext(stream), 10)


# --- watching ------------------------------------------------------------------------------------


# REG-67
async def test_health_is_told(tmp_path: Path) -> None:
    """The operator sees how the registry is, and why."""
    async with service(tmp_path) as here, here.operator as client:
        body = (await client.get("/admin/health")).json()
        assert (body["status"], body["reasons"], body["tenants"]) == ("ok", [], 0)
        here.registry.define("A", tenant="acme")
        with here.registry.tenant("acme").lease():
            here.registry.cleanup_tenant("acme")
        body = (await client.get("/admin/health")).json()
        assert (body["status"], body["reasons"]) == ("degraded", ["1 clean-up was refused."])
        assert (await client.post("/admin/health")).status_code == 405


# REG-62
async def test_the_history_is_told(tmp_path: Path) -> None:
    """The operator sees the last clean-ups, the latest first."""
    async with service(tmp_path) as here, here.operator as client:
        for code in ("a", "b", "c"):
            here.registry.define("A", tenant=code)
            here.registry.cleanup_tenant(code, reason="test")
        body = (await client.get("/admin/history?limit=2")).json()
        assert [each["tenant"] for each in body["cleanups"]] == ["c", "b"]
        assert body["cleanups"][0]["reason"] == "test"
        assert (await client.get("/admin/history?limit=0")).status_code == 400


# REG-64, REG-41
async def test_tenants_are_sorted(tmp_path: Path) -> None:
    """The first of many are had by any figure; looking wakes nobody and is no access."""
    async with service(tmp_path) as here, here.operator as client:
        for at, code in enumerate(("a", "b", "c")):
            for number in range(3 - at):
                here.registry.define(f"M{number}", {"x": int}, tenant=code)
            for _ in range(at + 1):
                here.registry.tenant(code).owner.touch()
        here.registry.evict("b")

        async def order(sort: str) -> str:
            body = (await client.get(f"/admin/tenants?sort={sort}&limit=2")).json()
            assert body["registry"]["tenant_registries"] == 3
            return "".join(each["code"] for each in body["tenants"])

        assert await order("models") == "ab"
        assert await order("accesses") == "cb"
        assert await order("bytes") == "ac"
        assert await order("idle") == "ab"
        assert await order("recent") == "cb"
        assert await order("code") == "ab"
        shown = (await client.get("/admin/tenants")).json()["tenants"]
        assert [each["resident"] for each in shown] == [True, False, True]
        assert shown[1]["stats"]["model_count"] == 2
        assert set(here.registry._tenants) == {"a", "c"}
        for query in ("sort=size", "sort=models&after=a", "sort=models&limit=0"):
            assert (await client.get(f"/admin/tenants?{query}")).status_code == 400


# REG-77
async def test_a_tenant_is_evicted(tmp_path: Path) -> None:
    """The operator puts a tenant to rest; it is resident again when it is used."""
    async with service(tmp_path) as here, here.operator as client:
        here.registry.define("A", {"x": int}, tenant="acme")
        assert (await client.post("/admin/tenants/acme/evict")).json() == {"evicted": True}
        assert (await client.post("/admin/tenants/acme/evict")).json() == {"evicted": False}
        assert set(here.registry._cold) == {"acme"}
        assert (await client.post("/admin/tenants/nobody/evict")).status_code == 404
        cleaned = await client.post("/admin/tenants/acme/cleanup")
        assert cleaned.json()["cleaned_models"] == ["A"]


# REG-60
async def test_all_events_are_streamed_with_their_details(tmp_path: Path) -> None:
    """Whatever happens in the registry is shown, with details and errors as text."""
    async with (
        service(tmp_path) as here,
        served(here.app, lifespan="off") as address,
        httpx.AsyncClient(base_url=address, headers=OPERATOR, timeout=10) as client,
    ):
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
