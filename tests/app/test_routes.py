"""Routes: what is served is described, what is described is served, each as it is said."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import httpx
import pytest

from juggler.app.openapi.common import RESPONSES
from juggler.app.rest import handlers
from juggler.app.rest.path import Target
from juggler.app.rest.routes import ROUTES, route_of
from juggler.errors import ConnectionTimeoutError, StoreError
from tests.app.answers import error
from tests.app.service import Service, service

PLURAL = "/Cities"
ROOT = "/api"


async def document_of(client: httpx.AsyncClient) -> dict[str, Any]:
    """Return the description that the client is given."""
    found: dict[str, Any] = (await client.get("/openapi.json")).json()
    return found


def described(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return verb and path -> operation."""
    return {
        (verb.upper(), path): operation
        for path, operations in document["paths"].items()
        for verb, operation in operations.items()
        if verb != "parameters"
    }


def resolved(document: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Return what a reference leads to; what is none as it is."""
    found: Any = given
    if "$ref" in given:
        found = document
        for part in given["$ref"].removeprefix("#/").split("/"):
            found = found[part]
    return dict(found)


def parameters(document: dict[str, Any], operation: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters of an operation, beside those of its path."""
    return [resolved(document, each) for each in operation.get("parameters", [])]


def address(path: str) -> str:
    """Return where a described path is for the record 1."""
    return ROOT + path.replace("{id}", "1")


# APP-13
async def test_the_description_has_every_route_and_no_other(tmp_path: Path) -> None:
    """Verb by verb and path by path, the table of routes is what is described."""
    async with service(tmp_path) as here, here.acme as client:
        found = described(await document_of(client))
    assert found.keys() == {(route.verb, PLURAL + route.path) for route in ROUTES}
    for route in ROUTES:
        operation = found[route.verb, PLURAL + route.path]
        assert operation["operationId"] == f"City.{route.operation}"
        assert operation["summary"] == route.summary


# APP-13
async def test_what_is_served_is_what_is_described(client: httpx.AsyncClient) -> None:
    """Every described path says that it takes the described verbs, and no others."""
    document = await document_of(client)
    verbs: dict[str, set[str]] = {}
    for verb, path in described(document):
        verbs.setdefault(path, set()).add(verb)
    record = verbs[f"{PLURAL}/{{id}}"]
    for path, expected in verbs.items():
        answer = await client.request("BREW", address(path))
        is_id_too = path.count("/") == 2
        allowed = set(answer.headers["allow"].split(", "))
        assert allowed == (expected | record if is_id_too else expected), path
    names = {route.place[1] for route in ROUTES} - {None}
    for name in names:
        for path in (f"{PLURAL}/{name}", f"{PLURAL}/{{id}}/{name}"):
            status = (await client.request("BREW", address(path))).status_code
            assert status == (405 if path in verbs or path.count("/") == 2 else 404), path


def test_every_handler_has_a_route() -> None:
    """Nothing is written that no path leads to, and no name or place is taken twice."""
    written = {
        each
        for name, each in vars(handlers).items()
        if inspect.iscoroutinefunction(each)
        and each.__module__ == handlers.__name__
        and not name.startswith("_")
    }
    assert {route.handler for route in ROUTES} == written
    assert len({route.operation for route in ROUTES}) == len(ROUTES)
    assert len({(route.verb, route.place) for route in ROUTES}) == len(ROUTES)


def test_ids_that_look_like_routes() -> None:
    """A name that is a method is one for its verb alone; a name with a slash in it is none."""
    for id_, verb, operation in [
        ("count", "GET", "count"),
        ("count", "DELETE", "deleteById"),
        ("update", "POST", "updateAll"),
        ("update", "GET", "findById"),
        ("exists", "GET", "findById"),
        ("{id}", "GET", "findById"),
        ("{id}/exists", "GET", "findById"),
        ("None", "PUT", "replaceById"),
    ]:
        assert route_of(Target("Cities", id_), verb, "/").operation == operation


# APP-13
async def test_parameters_are_described_as_they_are_taken(client: httpx.AsyncClient) -> None:
    """An operation takes the query parameter that its description names, and needs it if so."""
    document = await document_of(client)
    for (verb, path), operation in described(document).items():
        found = parameters(document, operation)
        if verb == "HEAD":
            assert found == []
            continue
        names = [each["name"] for each in found]
        answer = await client.request(verb, address(path), params={"nonsense": "1"}, json={})
        complaint = error(answer, 400)
        assert complaint["code"] == "UNKNOWN_PARAMETER"
        known = f"there is only {names[0]}." if names else "there is none."
        assert complaint["message"].endswith(known), (verb, path)
        if any(each.get("required") for each in found):
            answer = await client.request(verb, address(path), json={})
            assert error(answer, 400)["code"] == "WHERE_REQUIRED"
        else:
            answer = await client.request(verb, address(path), json={})
            assert "WHERE_REQUIRED" not in answer.text
    assert (await client.get(f"{ROOT}{PLURAL}/count")).json()["count"] > 0


# APP-13
async def test_bodies_are_described_where_they_are_taken(client: httpx.AsyncClient) -> None:
    """An operation reads a body where its description has one; then it has to be JSON."""
    document = await document_of(client)
    for (verb, path), operation in described(document).items():
        query = {each["name"]: "{}" for each in parameters(document, operation)}
        answer = await client.request(
            verb, address(path), params=query, content=b"x", headers={"content-type": "text/plain"}
        )
        assert (answer.status_code == 415) == ("requestBody" in operation), (verb, path)
        assert ("415" in operation["responses"]) == ("requestBody" in operation)


# APP-13
async def test_the_filter_is_described_as_it_is_taken(client: httpx.AsyncClient) -> None:
    """Every clause that the description names is understood; one that it lacks is refused."""
    schema = (await document_of(client))["components"]["schemas"]["Filter"]
    samples = {
        "where": ["{}", '{"name":"Oslo"}'],
        "order": ['"name DESC"', '["name","id"]'],
        "limit": ["0", "1"],
        "skip": ["1"],
        "offset": ["1"],
        "fields": ['"name"', '["name"]', '{"name":true}', '{"name":false}'],
    }
    assert schema["properties"].keys() == samples.keys()
    for clause, values in samples.items():
        for value in values:
            answer = await client.get(f'{ROOT}{PLURAL}?filter={{"{clause}":{value}}}')
            assert answer.status_code == 200, answer.text
    assert schema["additionalProperties"] is False
    assert (await client.get(f'{ROOT}{PLURAL}?filter={{"include":"x"}}')).status_code >= 400


TOO_LONG = "where[name]=" + "x" * 20_000
TOO_LARGE = {"name": "x" * 1_100_000}
REFUSED: list[tuple[str, str, str, Any, int]] = [
    ("GET", "/Cities", "filter=x", None, 400),
    ("GET", "/Cities", "filter[where][secret]=x", None, 400),
    ("DELETE", "/Cities/{id}", "x=1", None, 400),
    ("GET", "/Cities/findOne", "filter[where][name]=Rome", None, 404),
    ("GET", "/Cities/{id}", "", None, 404),
    ("HEAD", "/Cities/{id}", "", None, 404),
    ("PATCH", "/Cities/{id}", "", {"name": "Rome"}, 404),
    ("PUT", "/Cities/{id}", "", {"name": "Rome"}, 404),
    ("POST", "/Cities/{id}/replace", "", {"name": "Rome"}, 404),
    ("POST", "/Cities", "", {"id": 2, "name": "Oslo"}, 409),
    ("POST", "/Cities/update", "where={}", {"name": "Oslo", "population": 1}, 409),
    ("POST", "/Cities/upsertWithWhere", "where[id]=2", {"name": "Bern"}, 409),
    ("PATCH", "/Cities", "", {"id": 2, "name": "Bern"}, 409),
    ("POST", "/Cities", "", [{}] * 1_001, 413),
    ("POST", "/Cities/update", "where={}", TOO_LARGE, 413),
    ("GET", "/Cities/count", TOO_LONG, None, 414),
    ("POST", "/Cities/upsertWithWhere", TOO_LONG, {}, 414),
    ("POST", "/Cities", "", {}, 422),
    ("PATCH", "/Cities", "", {}, 422),
    ("POST", "/Cities/replaceOrCreate", "", {"id": 2}, 422),
    ("PUT", "/Cities", "", {"id": 2}, 422),
]


async def unique_cities(here: Service) -> None:
    """Store two cities, the name of which must be unique."""
    options = {"force_id": False}
    properties = {"id": {"type": int, "id": True}, "name": {"type": str, "required": True}}
    properties["name"]["index"] = {"unique": True}
    properties["population"] = {"type": int}
    properties["secret"] = {"type": str, "hidden": True}
    city = here.registry.define("City", properties, options)
    here.app.model(city)
    async with here.acme as client:
        rows = [{"id": 2, "name": "Oslo"}, {"id": 3, "name": "Bern"}]
        assert (await client.post("/api/Cities", json=rows)).status_code == 200


# APP-13
@pytest.mark.parametrize("store", ["memory", "sqlite"])
async def test_refusals_are_described(store: str) -> None:
    """What an operation answers to the wrong request is in its description, by its status."""
    async with service(store) as here:
        await unique_cities(here)
        async with here.acme as client:
            document = await document_of(client)
            operations = described(document)
            for verb, path, query, body, status in REFUSED:
                answer = await client.request(verb, f"{address(path)}?{query}", json=body)
                assert answer.status_code == status, (verb, path, answer.text)
                assert str(status) in operations[verb, path]["responses"], (verb, path)


# APP-13
async def test_what_fails_inside_is_described(here: Service) -> None:
    """Who is not let in, and a store that is out of reach or full, are described everywhere."""
    failures = [
        (503, ConnectionTimeoutError("Nobody answers.")),
        (507, StoreError("There is no room.", code="STORE_FULL", status_code=507)),
    ]
    failing: list[Exception] = []

    def fail(context: Any) -> None:
        if failing:
            raise failing[0]

    here.city.observe("access", fail)
    here.city.observe("before save", fail)
    async with here.acme as client, here.client() as stranger:
        document = await document_of(client)
        for (verb, path), operation in described(document).items():
            query = {each["name"]: "{}" for each in parameters(document, operation)}
            refused = await stranger.request(verb, address(path), params=query, json={"name": "x"})
            described_as_answered(document, operation, refused, 401)
            for status, failure in failures[: 1 if verb in {"GET", "HEAD"} else 2]:
                failing[:] = [failure]
                body = {"id": 1, "name": "x"}
                answer = await client.request(verb, address(path), params=query, json=body)
                described_as_answered(document, operation, answer, status)
            failing.clear()
            assert ("507" in operation["responses"]) == (verb not in {"GET", "HEAD"})


def described_as_answered(
    document: dict[str, Any], operation: dict[str, Any], answer: httpx.Response, status: int
) -> None:
    """Check that *answer* has the *status*, which is described with the headers that it has."""
    assert answer.status_code == status, (operation["operationId"], answer.text)
    found = resolved(document, operation["responses"][str(status)])
    for header in found.get("headers", {}):
        assert answer.headers[header]


def test_every_refusal_is_seen() -> None:
    """Each kind of refusal that descriptions name is provoked by a test above."""
    provoked = {str(status) for *_, status in REFUSED} | {"401", "415", "503", "507", "Error"}
    assert provoked == RESPONSES.keys()


# APP-10, APP-13
async def test_languages_are_described(client: httpx.AsyncClient) -> None:
    """Each path says that it heeds the language of the client."""
    document = await document_of(client)
    for path, operations in document["paths"].items():
        found = [resolved(document, each) for each in operations["parameters"]]
        assert {"name": "Accept-Language", "in": "header"}.items() <= found[-1].items(), path
