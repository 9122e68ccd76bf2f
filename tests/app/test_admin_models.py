"""Models that an operator defines for a tenant, extends and removes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler.tenancy.directory import MemoryDirectory
from juggler.tenancy.resolve import HeaderTenant
from tests.app.service import TICKET, service


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


@pytest.mark.parametrize("has_models", [False, True])
async def test_a_model_may_refer_to_one_that_is_to_come(tmp_path: Path, has_models: bool) -> None:
    """A tenant's first model too may name models that are defined later; it is checked as well."""
    lines = {"name": "Bill", "properties": {"lines": ["Line"]}}
    line = {"name": "Line", "properties": {"sku": {"type": "string", "length": 3}}}
    async with service(tmp_path) as here, here.operator as admin, here.acme as acme:
        if has_models:
            await admin.post("/admin/tenants/acme/models", json=TICKET)
        bad = await admin.post(
            "/admin/tenants/acme/models", json={**lines, "indexes": {"a": ["nothing"]}}
        )
        assert bad.status_code == 422, bad.text
        known = here.registry.tenant("acme", create=False)
        assert known is None or "Bill" not in known.models
        for document in (lines, line):
            answer = await admin.post("/admin/tenants/acme/models", json=document)
            assert answer.status_code == 200, answer.text
        described = (await acme.get("/openapi.json")).json()["components"]["schemas"]
        assert "sku" in described["Bill"]["properties"]["lines"]["items"]["properties"]
        assert (await acme.post("/api/Bills", json={"lines": [{"sku": "abc"}]})).status_code == 200
        assert (await acme.post("/api/Bills", json={"lines": [{"sku": "abcd"}]})).status_code == 422


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
