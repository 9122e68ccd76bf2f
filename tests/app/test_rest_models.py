"""REST over models with setters, computed values, versions and bytes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from juggler import App, DataSource, InvalidValueError, ModelRegistry
from tests.app.answers import error
from tests.app.service import client_of


def _password(record: Any, value: Any) -> None:
    if len(value) < 3:
        raise InvalidValueError("The password is too short.")
    record.set_raw("password", value[::-1])


@pytest.fixture(params=["memory", "sqlite://"])
async def users(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service with one user, on either store."""
    registry = ModelRegistry()
    source = DataSource(request.param, registry=registry, auto_update=True)
    model = source.define(
        "User",
        {
            "name": {"type": str, "required": True},
            "age": "integer",
            "password": {"type": str, "hidden": True},
            "loud": {"type": str, "computed": lambda user: user.name.upper()},
            "joined": {"type": "date", "immutable": True},
            "photo": "buffer",
            "notes": "object",
            "version": {"type": "number", "version": True},
        },
    )
    model.setter["password"] = _password
    app = App(registry, data_sources=[source])
    app.model(model)
    async with app.running():
        await model.create(name="ann", age=5, password="gold", joined="2024-01-02", photo=b"hi")
        async with client_of(app) as client:
            yield client


# APP-09
async def test_a_record_as_clients_see_it(users: httpx.AsyncClient) -> None:
    """Computed values are there, hidden ones are not, bytes are as in Node."""
    found = (await users.get("/api/Users/1")).json()
    assert (found["loud"], found["joined"]) == ("ANN", "2024-01-02T00:00:00.000Z")
    assert found["photo"] == {"type": "Buffer", "data": [104, 105]}
    assert "password" not in found
    answer = await users.patch("/api/Users/1", json={"photo": {"type": "Buffer", "data": [1]}})
    assert answer.json()["photo"]["data"] == [1]


# APP-10
async def test_what_a_setter_refuses_is_400(users: httpx.AsyncClient) -> None:
    """An error of juggler's comes out as it is, by every way of writing, and nothing is stored."""
    body = {"name": "bob", "password": "x"}
    for verb, path in (
        ("POST", "/api/Users"),
        ("PATCH", "/api/Users/1"),
        ("PUT", "/api/Users/1"),
        ("POST", '/api/Users/update?where={"id":1}'),
        ("POST", '/api/Users/upsertWithWhere?where={"id":1}'),
    ):
        found = error(await users.request(verb, path, json=body), 400)
        assert found["message"] == "The password is too short."
    assert (await users.get("/api/Users/count")).json() == {"count": 1}
    assert (await users.get("/api/Users/1")).json()["name"] == "ann"


# DAO-097, DAO-145
async def test_some_fields_of_a_record(users: httpx.AsyncClient) -> None:
    """What a computed value is made of may not be asked for; then it is not there."""
    for path in ("/api/Users", "/api/Users/findOne", "/api/Users/1"):
        found = (await users.get(f'{path}?filter={{"fields":["id","age"]}}')).json()
        assert found in ({"id": 1, "age": 5}, [{"id": 1, "age": 5}])
        refused = await users.get(f"{path}?filter[fields]=loud")
        assert error(refused, 400)["code"] == "UNKNOWN_PROPERTY"


# DAO-121
async def test_many_are_changed_through_setters(users: httpx.AsyncClient) -> None:
    """A body that lacks what computed values are made of is no fault of the service."""
    answer = await users.post("/api/Users/update?where={}", json={"password": "silver"})
    assert answer.json() == {"count": 1}


# DAO-119
async def test_nobody_overwrites_what_he_has_not_seen(users: httpx.AsyncClient) -> None:
    """A version in the body is the one that the client has seen."""
    answer = await users.patch("/api/Users/1", json={"age": 6, "version": 1})
    assert (answer.json()["age"], answer.json()["version"]) == (6, 2)
    for verb in ("PATCH", "PUT"):
        stale = await users.request(verb, "/api/Users/1", json={"name": "eve", "version": 1})
        assert error(stale, 409)["code"] == "VERSION_CONFLICT"
    assert (await users.get("/api/Users/1")).json()["name"] == "ann"


async def test_immutable_values_stay(users: httpx.AsyncClient) -> None:
    """They are refused, and kept where a replacement leaves them out."""
    for verb in ("PATCH", "PUT"):
        answer = await users.request(
            verb, "/api/Users/1", json={"name": "x", "joined": "2025-01-01"}
        )
        assert error(answer, 400)["code"] == "IMMUTABLE"
    kept = (await users.put("/api/Users/1", json={"name": "bea"})).json()
    assert (kept["name"], kept["joined"]) == ("bea", "2024-01-02T00:00:00.000Z")


# DAO-167, DAO-178
@pytest.mark.parametrize(
    ("filter", "status"),
    [
        ({"where": {"notes." + ".".join("a" * 300): 1}}, 400),
        ({"where": {"loud": {"neq": "x"}}}, 400),
        ({"order": "loud"}, 400),
        ({"where": {"name": {"regexp": "[[a]nn"}}}, 200),
        ({"where": {"password": {"exists": True}}}, 400),
    ],
)
async def test_filters_are_answered_or_refused(
    users: httpx.AsyncClient, filter: dict[str, Any], status: int
) -> None:
    """No store takes one of them for a fault of its own."""
    answer = await users.get("/api/Users", params={"filter": json.dumps(filter)})
    assert answer.status_code == status, answer.text


# MOD-87, MOD-89
@pytest.mark.parametrize("kind", ["memory", "sqlite://"])
async def test_protected_values_may_be_asked_for(kind: str) -> None:
    """They are shown in their own record alone; conditions on them hold wherever they are."""
    registry = ModelRegistry()
    source = DataSource(kind, registry=registry, auto_update=True)
    code = {"type": "string", "protected": True}
    inner = {"city": "string", "code": code, "pin": {"type": "string", "hidden": True}}
    app = App(registry, data_sources=[source])
    app.model(source.define("House", {"code": code, "home": inner}))
    async with app.running(), client_of(app) as client:
        rows = [{"code": each, "home": {"city": "x", "code": each, "pin": "1"}} for each in "ab"]
        made = await client.post("/api/Houses", json=rows)
        assert made.json()[0] == {"id": 1, "code": "a", "home": {"city": "x"}}
        for name in ("code", "home.code"):
            found = await client.get(f"/api/Houses?filter[where][{name}]=b")
            assert [each["id"] for each in found.json()] == [2], found.text
            found = await client.get(f"/api/Houses?filter[order]={name} DESC")
            assert [each["id"] for each in found.json()] == [2, 1]
            assert (await client.get(f"/api/Houses/count?where[{name}]=b")).json() == {"count": 1}
            changed = await client.post(f"/api/Houses/update?where[{name}]=b", json={"code": "b"})
            assert changed.json() == {"count": 1}
        for address in (
            "?filter[where][home.pin]=1",
            "?filter[order]=home",
            "/count?where[home.pin]=1",
        ):
            refused = await client.get(f"/api/Houses{address}")
            assert error(refused, 400)["code"] == "PROPERTY_NOT_QUERYABLE"
