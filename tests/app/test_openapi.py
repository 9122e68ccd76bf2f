"""The description of a service: valid, the asking tenant's own, and made once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from juggler.app.asgi import App
from juggler.app.openapi.common import COMMON
from juggler.app.openapi.document import component_key
from juggler.app.openapi.endpoint import KEPT
from juggler.context import tenant
from juggler.facade.default import ModelRegistry
from juggler.tenancy.directory import MemoryDirectory
from juggler.tenancy.keys import KeyRing
from juggler.tenancy.resolve import ApiKeys, HeaderTenant, first_of
from tests.app.service import Service, client_of, service

EVERY_TYPE = {
    "id": {"type": "string", "id": True},
    "a": "string",
    "b": {"type": "text", "required": True, "description": "What it is about", "length": 9},
    "c": "number",
    "d": "integer",
    "e": "boolean",
    "f": "date",
    "g": "date_string",
    "h": "decimal",
    "i": "buffer",
    "j": "object",
    "k": "json",
    "l": "any",
    "m": ["number"],
    "n": [{"x": "string", "y": {"z": ["date"]}}],
    "o": "geopoint",
    "p": {"type": "string", "required": True, "default": "x"},
    "q": {"deep": {"deeper": {"deepest": "string"}}, "hidden": {"type": "string", "hidden": True}},
    "r": ["any"],
}


async def described(here: Service, code: str, **query: str) -> dict[str, Any]:
    """Return the document of the tenant *code*."""
    async with here.client(x_tenant=code) as client:
        answer = await client.get("/openapi.json", params=query)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.json()
    return document


# APP-13
@pytest.mark.parametrize("version", ["3.1", "3.0"])
async def test_the_document_is_valid(tmp_path: Path, version: str) -> None:
    """The document of models with every type and odd names keeps to OpenAPI, in both versions."""
    async with service(tmp_path) as here:
        for name in ("Every", "Größe", "new", "City.new", "Error", "Count", "a/b {c}"):
            model = here.registry.define(name, EVERY_TYPE, strict="throw")
            here.app.model(model, plural="a b{c}" if "/" in name else None)
        composite = {"x": {"type": int, "id": 1}, "y": {"type": int, "id": 2}}
        here.app.model(here.registry.define("Two", composite))
        here.app.model(here.registry.define("NoId", {"x": int}, id_injection=False))
        document = await described(here, "acme", version=version)
    assert document["openapi"].startswith(version)
    validator = OpenAPIV31SpecValidator if version == "3.1" else OpenAPIV30SpecValidator
    assert list(validator(document).iter_errors()) == []
    assert "/a%20b%7Bc%7D/{id}" in document["paths"]
    operations = [
        operation["operationId"]
        for path in document["paths"].values()
        for verb, operation in path.items()
        if verb != "parameters"
    ]
    assert len(operations) == len(set(operations)) == 16 * 10


async def test_properties_are_described(tmp_path: Path) -> None:
    """Types, lengths, nulls and what is required are there; hidden properties are only taken."""
    async with service(tmp_path) as here:
        here.app.model(here.registry.define("Every", EVERY_TYPE))
        schemas = (await described(here, "acme"))["components"]["schemas"]
    every = schemas["Every"]["properties"]
    assert every["id"] == {"type": "string"}
    assert every["a"] == {"type": ["string", "null"]}
    assert every["b"] == {"type": "string", "description": "What it is about", "maxLength": 9}
    assert every["f"] == {"type": ["string", "null"], "format": "date-time"}
    assert every["m"] == {"type": ["array", "null"], "items": {"type": ["number", "null"]}}
    assert every["l"] == {}
    assert "hidden" not in every["q"]["properties"]
    assert schemas["Every.new"]["required"] == ["b"]
    assert "required" not in schemas["Every.changes"]
    assert "secret" not in schemas["City"]["properties"]
    assert "secret" in schemas["City.new"]["properties"]
    assert "salary" not in schemas["City"]["properties"]["mayor"]["properties"]


async def test_what_clients_may_not_set_is_described(tmp_path: Path) -> None:
    """Read-only and computed properties say so, in embedded models too; none is required."""
    read_only = {"type": "number", "read_only": True}
    properties: dict[str, Any] = {
        "name": str,
        "balance": {**read_only, "required": True},
        "label": {"type": str, "computed": lambda account: account.name},
        "note": {"type": str, "virtual": True},
        "home": {"city": str, "rent": read_only},
        "lines": [{"sku": str, "cost": read_only}],
    }
    async with service(tmp_path) as here:
        here.app.model(here.registry.define("Account", properties))
        schemas = (await described(here, "acme"))["components"]["schemas"]
    for key in ("Account", "Account.new", "Account.changes"):
        account = schemas[key]["properties"]
        marked = {name for name, each in account.items() if each.get("readOnly")}
        assert marked == {"balance", "label"}
        inner = {**account["home"]["properties"], **account["lines"]["items"]["properties"]}
        assert {name for name, each in inner.items() if each.get("readOnly")} == {"rent", "cost"}
    assert "required" not in schemas["Account.new"]


async def test_a_tenant_sees_its_own(tmp_path: Path) -> None:
    """A model appears for its tenant when it is defined and vanishes when it is removed."""
    async with service(tmp_path) as here:
        before = await described(here, "acme")
        with tenant("acme"):
            own = here.registry.define("Ticket", {"title": str})
        assert "/Tickets" in (await described(here, "acme"))["paths"]
        assert "/Tickets" not in (await described(here, "globex"))["paths"]
        here.registry.remove(own)
        assert await described(here, "acme") == before
        here.app.model(here.registry.define("Road", {"name": str}))
        assert "/Roads" in (await described(here, "globex"))["paths"]
        del here.app.models["Road"]
        assert await described(here, "globex") == before


async def test_a_document_is_made_once(tmp_path: Path) -> None:
    """Tenants that see the same share a document; who has it already is told so."""
    async with service(tmp_path) as here, here.acme as acme, here.globex as globex:
        first, second = await acme.get("/openapi.json"), await globex.get("/openapi.json")
        assert first.headers["etag"] == second.headers["etag"]
        assert first.headers["cache-control"] == "private, no-cache"
        assert "X-Tenant" in first.headers["vary"]
        again = await acme.get("/openapi.json", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        with tenant("acme"):
            here.registry.define("Ticket", {"title": str})
        changed = await acme.get("/openapi.json", headers={"if-none-match": first.headers["etag"]})
        assert changed.status_code == 200
        assert (await globex.get("/openapi.json")).headers["etag"] == first.headers["etag"]


# TEN-21
async def test_the_cache_of_documents_is_bounded(tmp_path: Path) -> None:
    """However many tenants see different models, only so many documents are kept."""
    async with service(tmp_path) as here:
        for number in range(KEPT + 10):
            with tenant(f"t{number}"):
                here.registry.define("Own", {f"p{number}": str})
            properties = (await described(here, f"t{number}"))["components"]["schemas"]["Own"]
            assert f"p{number}" in properties["properties"]
        assert len(here.app._site._openapi._kept) == KEPT


async def test_security_is_described(tmp_path: Path) -> None:
    """The document says which credentials are taken; none where none are."""
    keys = ApiKeys(MemoryDirectory(["acme"]), KeyRing("pepper of the tests"))
    identity = first_of(keys, HeaderTenant("X-Org"))
    async with service(tmp_path, identity=identity) as here:
        document = (await here.client(x_org="acme").get("/openapi.json")).json()
    assert document["components"]["securitySchemes"] == {
        "key": {"type": "http", "scheme": "bearer"},
        "tenant": {"type": "apiKey", "in": "header", "name": "X-Org"},
    }
    assert document["security"] == [{"key": []}, {"tenant": []}]
    async with client_of(App(ModelRegistry())) as client:
        document = (await client.get("/openapi.json")).json()
    assert "security" not in document
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


async def test_other_versions_are_refused(tmp_path: Path) -> None:
    """There are two versions."""
    async with service(tmp_path) as here, here.acme as client:
        answer = await client.get("/openapi.json?version=2.0")
        assert answer.status_code == 400
        assert (await client.post("/openapi.json")).status_code == 405
        assert (await client.get("/openapi.json/x")).status_code == 404
        assert (await client.head("/openapi.json")).content == b""


def test_schemas_of_models_never_meet() -> None:
    """Models with similar names, or names of other schemas, have schemas of their own."""
    names = ["City", "City.new", "City.", "new", "Error", "Error.", "Count", "a.b", "a b", "a-b"]
    endings = ("", ".new", ".changes")
    keys = [f"{component_key(name)}{ending}" for name in names for ending in endings]
    assert len({*keys, *COMMON}) == len(keys) + len(COMMON)
