"""The admin API: off without a token, and what an operator sees and does with one."""

from __future__ import annotations

from pathlib import Path

import pytest

from juggler.app.asgi import App
from juggler.context import tenant
from juggler.errors import DefinitionError
from juggler.facade.default import ModelRegistry
from juggler.tenancy.directory import MemoryDirectory
from juggler.tenancy.resolve import HeaderTenant
from juggler.tenancy.tenant import Tenant
from tests.app.service import TICKET, client_of, service

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
            own = {"name": "Own", "path": "Owns", "properties": {"id": "number", "x": "integer"}}
            assert one["models"] == [own]
            assert (await client.get("/admin/tenants/unknown")).status_code == 404
            assert (await client.get("/admin/tenants/global")).status_code == 404


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
