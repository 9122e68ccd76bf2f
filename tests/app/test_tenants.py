"""Tenants of one service: each sees its own, none sees that there are others."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from juggler.app.asgi import App
from juggler.context import tenant
from juggler.datasource.datasource import DataSource
from juggler.errors import DefinitionError
from juggler.facade.default import ModelRegistry
from juggler.tenancy.directory import MemoryDirectory
from juggler.tenancy.keys import KeyRing
from juggler.tenancy.resolve import ApiKeys, HeaderTenant, first_of
from juggler.tenancy.route import TenantRouter
from juggler.tenancy.tenant import Tenant
from tests.app.service import client_of, service
from tests.tenancy.fleet import Fleet

PATHS = (
    "/api/Cities",
    "/api/Cities/1",
    "/api/Cities/findOne",
    "/api/Cities/count",
    "/api/Cities/1/exists",
    "/openapi.json",
    "/api/Nothing",
)


async def test_two_tenants_never_see_each_other(tmp_path: Path) -> None:
    """Rows, ids, counts and single records of a tenant are its own, in every kind of read."""
    async with service(tmp_path) as here, here.acme as acme, here.globex as globex:
        await acme.post("/api/Cities", json={"id": 1, "name": "Rome", "population": 1})
        await globex.post(
            "/api/Cities", json=[{"id": 2, "name": "Oslo"}, {"id": 3, "name": "Bern"}]
        )
        assert [row["id"] for row in (await acme.get("/api/Cities")).json()] == [1]
        assert [row["id"] for row in (await globex.get("/api/Cities")).json()] == [2, 3]
        assert (await acme.get("/api/Cities/count")).json() == {"count": 1}
        assert (await acme.get("/api/Cities/2")).status_code == 404
        assert (await globex.get("/api/Cities/1/exists")).json() == {"exists": False}
        assert (await globex.get("/api/Cities/findOne?filter[where][name]=Rome")).status_code == 404
        assert (await globex.delete("/api/Cities/1")).json() == {"count": 0}
        everything = await globex.post("/api/Cities/update?where={}", json={"population": 9})
        assert everything.json() == {"count": 2}
        assert (await acme.get("/api/Cities/1")).json()["population"] == 1
        assert sorted(path.name for path in tmp_path.glob("*.db")) == ["acme.db", "globex.db"]


async def test_a_tenants_own_model_is_its_own(tmp_path: Path) -> None:
    """A model that a tenant has is served to that tenant; for others it does not exist."""
    async with service(tmp_path) as here, here.acme as acme, here.globex as globex:
        with tenant("acme"):
            here.registry.define("Ticket", {"title": str})
        made = await acme.post("/api/Tickets", json={"title": "broken"})
        assert made.status_code == 200, made.text
        for verb in ("GET", "POST", "PUT", "BREW"):
            theirs = await globex.request(verb, "/api/Tickets", json={})
            nobodys = await globex.request(verb, "/api/Nothing", json={})
            assert theirs.status_code == nobodys.status_code == 404
            assert theirs.text.replace("Tickets", "Nothing") == nobodys.text
        assert "Ticket" in (await acme.get("/openapi.json")).text
        assert "Ticket" not in (await globex.get("/openapi.json")).text


async def test_a_tenants_variant_comes_first(tmp_path: Path) -> None:
    """A tenant's own model of a name takes the place of the app's, for that tenant alone."""
    async with service(tmp_path) as here, here.acme as acme, here.globex as globex:
        with tenant("acme"):
            here.registry.define("City", {"mood": str}, base=here.city)
        made = await acme.post("/api/Cities", json={"name": "Rome", "mood": "fine"})
        assert made.json()["mood"] == "fine"
        other = await globex.post("/api/Cities", json={"name": "Oslo"})
        assert "mood" not in other.json()
        assert '"mood"' in (await acme.get("/openapi.json")).text
        assert '"mood"' not in (await globex.get("/openapi.json")).text
        here.registry.remove(here.registry.tenant("acme").models["City"])
        assert "mood" not in (await acme.post("/api/Cities", json={"name": "Ur"})).json()
        assert '"mood"' not in (await acme.get("/openapi.json")).text


async def test_a_variant_is_found_at_the_apps_path(tmp_path: Path) -> None:
    """Where the app shows a model under a path of its own, a tenant's variant is there too."""
    async with service(tmp_path) as here, here.acme as acme, here.globex as globex:
        here.app.model(here.registry.define("Road", {"name": str}), plural="ways")
        here.app.model(here.registry.define("Secret", {"name": str}), public=False)
        here.registry.define("Shared", {"name": str})
        with tenant("acme"):
            here.registry.define("Road", {"name": str, "width": int})
        made = await acme.post("/api/ways", json={"name": "x", "width": 3})
        assert made.json()["width"] == 3
        assert (await globex.get("/api/ways")).json() == []
        assert (await globex.get("/api/Roads")).status_code == 404
        assert (await globex.get("/api/Secrets")).status_code == 404
        assert (await globex.get("/api/Shareds")).json() == []


async def test_a_model_that_is_not_shown_hides_its_name(tmp_path: Path) -> None:
    """A model of the app that is not public is not served, nor is a global one of its name."""
    async with service(tmp_path) as here, here.acme as acme:
        hidden = DataSource("memory", registry=here.registry).define("Secret", {"name": str})
        here.app.model(hidden, public=False)
        here.registry.define("Secret", {"name": str})
        assert (await acme.get("/api/Secrets")).status_code == 404
        assert "Secret" not in (await acme.get("/openapi.json")).text
        del here.app.models["Secret"]
        assert (await acme.get("/api/Secrets")).status_code == 200


async def test_a_tenant_that_left_is_gone(tmp_path: Path) -> None:
    """After a clean-up nothing of the tenant's own is served any more; its rows stay."""
    async with service(tmp_path) as here, here.acme as acme:
        await acme.post("/api/Cities", json={"name": "Rome"})
        with tenant("acme"):
            here.registry.define("Ticket", {"title": str})
        assert (await acme.post("/api/Tickets", json={"title": "x"})).status_code == 200
        here.registry.cleanup_tenant("acme")
        assert (await acme.get("/api/Tickets")).status_code == 404
        assert (await acme.get("/api/Cities/count")).json() == {"count": 1}


# TEN-09
async def test_all_who_are_not_let_in_get_one_answer(tmp_path: Path) -> None:
    """Unknown, suspended and impossible tenants, wrong and missing keys: the same to the byte."""
    ring = KeyRing("pepper of the tests")
    token, key = ring.issue()
    sleeping, sleeping_key = ring.issue()
    directory = MemoryDirectory(
        [Tenant("acme", keys=(key,)), Tenant("asleep", "suspended", keys=(sleeping_key,))]
    )
    identity = first_of(ApiKeys(directory, ring), HeaderTenant(directory=directory))
    async with service(tmp_path, identity=identity) as here:
        asked: list[dict[str, str]] = [
            {},
            {"x_tenant": "unknown"},
            {"x_tenant": "asleep"},
            {"x_tenant": ""},
            {"x_tenant": "../acme"},
            {"x_tenant": "x" * 200},
            {"authorization": "Bearer nonsense"},
            {"authorization": f"Bearer {sleeping}"},
            {"authorization": f"Bearer {token}x"},
            {"authorization": "Basic YTpi"},
            {"authorization": "Bearer operator"},
        ]
        for path in PATHS:
            seen = set()
            for headers in asked:
                async with here.client(**headers) as client:
                    answer = await client.get(path)
                    seen.add((answer.status_code, answer.text, str(sorted(answer.headers.items()))))
            assert len(seen) == 1
            assert seen.pop()[0] == 401
        async with here.client(authorization=f"Bearer {token}") as client:
            assert (await client.get("/api/Cities")).json() == []
        assert [path.name for path in tmp_path.glob("*.db")] == ["acme.db"]


@pytest.mark.parametrize("code", ["../x", "A", "a", "con", "ü 漢", "x" * 128, "a/b", ".", ".."])
async def test_any_code_stays_in_its_folder(tmp_path: Path, code: str) -> None:
    """In development any code is let in, and its file is in the folder, whatever the code."""
    folder = tmp_path / "data"
    folder.mkdir()
    async with service(folder) as here:
        headers = {b"x-tenant": code.encode()}
        async with client_of(here.app) as client:
            answer = await client.post("/api/Cities", json={"name": "x"}, headers=headers)
            assert answer.status_code == 200, answer.text
        async with here.globex as globex:
            assert (await globex.get("/api/Cities")).json() == []
    assert {path.name for path in tmp_path.iterdir()} == {"data"}
    assert len(list(folder.glob("*.db"))) == 2
    assert {path.stat().st_mode & 0o777 for path in folder.glob("*.db")} == {0o600}


@pytest.mark.parametrize("code", ["", "global", "x" * 200])
async def test_what_is_no_code_is_400_in_development(tmp_path: Path, code: str) -> None:
    """Without a directory a code that cannot be one is a clear error, and no file is made."""
    async with service(tmp_path) as here, here.client(x_tenant=code) as client:
        answer = await client.get("/api/Cities")
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "INVALID_TENANT"
    assert list(tmp_path.iterdir()) == []


async def test_the_same_first_request_100_times_at_once(tmp_path: Path) -> None:
    """However many requests come first, there is one file with one table and all rows."""
    async with service(tmp_path) as here, here.acme as acme:
        made = await asyncio.gather(
            *(acme.post("/api/Cities", json={"name": f"c{number}"}) for number in range(100))
        )
        assert [answer.status_code for answer in made] == [200] * 100
        assert (await acme.get("/api/Cities/count")).json() == {"count": 100}
        assert here.router.stats().opened == 1
        assert [path.name for path in tmp_path.glob("*.db")] == ["acme.db"]


async def test_a_service_with_too_many_tenants_at_once_says_so(tmp_path: Path) -> None:
    """If all sources are in use the answer is 503 with a time to come back."""
    fleet = Fleet()
    router = TenantRouter(fleet, max_open=1, acquire_timeout=0.01)
    app = App(fleet.registry, router=router, identity=HeaderTenant())
    app.model(fleet.registry.define("City", {"name": str}))
    source = router.route("acme")
    source.in_flight += 1
    await source.connect()
    async with client_of(app, x_tenant="globex") as client:
        answer = await client.get("/api/Cities")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["error"]["code"] == "POOL_EXHAUSTED"
    source.in_flight -= 1
    await router.close_all()


async def test_without_identity_a_tenant_is_required(tmp_path: Path) -> None:
    """An app that cannot tell who asks serves no tenant's rows, unless one is current already."""
    async with service(tmp_path, identity=None) as here, client_of(here.app) as client:
        answer = await client.get("/api/Cities")
        assert answer.status_code == 400
        assert answer.json()["error"]["code"] == "TENANT_REQUIRED"
        assert list(tmp_path.iterdir()) == []
        with tenant("acme"):
            assert (await client.get("/api/Cities")).json() == []


async def test_an_identity_may_be_any_function(tmp_path: Path) -> None:
    """A function of the scope is a source of identity; if it fails, nobody is let in."""

    def whoever(scope: Any) -> Any:
        raise LookupError("the directory is down")

    async with service(tmp_path, identity=whoever) as here, client_of(here.app) as client:
        answer = await client.get("/api/Cities")
        assert answer.status_code == 500
        assert "directory" not in answer.text


def test_a_registry_has_one_router(tmp_path: Path) -> None:
    """A second router for the same models is a mistake that is found at once."""
    registry = ModelRegistry()
    router = TenantRouter(tmp_path / "{tenant}.db")
    App(registry, router=router)
    App(registry, router=router)
    with pytest.raises(DefinitionError, match="another router"):
        App(registry, router=TenantRouter(tmp_path / "{tenant}.sqlite"))


async def test_errors_name_no_other_tenant(tmp_path: Path) -> None:
    """Whatever goes wrong for one tenant, the answer does not hold another's name, path or data."""
    async with service(tmp_path) as here, here.acme as acme, here.globex as globex:
        await globex.post("/api/Cities", json={"id": 1, "name": "globex-only"})
        with tenant("globex"):
            here.registry.define("GlobexSecret", {"title": str})
        asked = [
            await acme.get("/api/Cities/1"),
            await acme.get("/api/GlobexSecrets"),
            await acme.get("/api/Cities?filter=x"),
            await acme.post("/api/Cities", json={}),
            await acme.post("/api/Cities", content=b"{"),
            await acme.delete("/api/Cities"),
            await acme.get("/nowhere"),
        ]
        for answer in asked:
            assert answer.status_code >= 400
            shown = json.dumps([answer.text.replace("/api/GlobexSecrets", ""), *answer.headers])
            assert "globex" not in shown.lower()
            assert str(tmp_path) not in shown


async def test_a_look_up_costs_the_same_among_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Finding a model asks nothing of the other tenants or models, however many there are."""
    registry = ModelRegistry()
    app = App(registry, identity=HeaderTenant())
    source = DataSource("memory", registry=registry)
    app.model(source.define("City", {"name": str}))
    for number in range(300):
        registry.define("Own", {"name": str}, tenant=f"t{number}", data_source=source)
    asked: list[str] = []
    exposure = app._exposure
    original = exposure._of_tenant

    def spy(code: str) -> Any:
        asked.append(code)
        return original(code)

    monkeypatch.setattr(exposure, "_of_tenant", spy)
    async with client_of(app, x_tenant="t7") as client:
        assert (await client.get("/api/Owns")).status_code == 200
        assert (await client.get("/api/Cities")).status_code == 200
    assert set(asked) == {"t7"}
    assert exposure._own.keys() == {"t7"}
