"""What clients send of read-only properties does nothing, or is refused; code may write them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from juggler.app.asgi import App
from juggler.datasource.datasource import DataSource
from juggler.facade.default import ModelRegistry
from tests.app.service import client_of

ACCOUNT = {
    "id": {"type": "number", "id": True},
    "name": "string",
    "balance": {"type": "number", "readOnly": True},
    "home": {
        "city": "string",
        "checked": {"type": "boolean", "read_only": True},
        "door": {"number": "number", "key": {"type": "string", "read_only": True}},
    },
    "stays": [{"city": "string", "paid": {"type": "boolean", "read_only": True}}],
    "twice": {"type": "number", "computed": lambda account: 2 * (account.balance or 0)},
}
ROW = {
    "id": 1,
    "name": "Ada",
    "balance": 10,
    "home": {"city": "Rome", "checked": True, "door": {"number": 1, "key": "k"}},
}


@asynccontextmanager
async def accounts(**settings: Any) -> AsyncIterator[tuple[Any, httpx.AsyncClient]]:
    """Serve accounts, of which there is one; yield the model and a client."""
    registry = ModelRegistry()
    model = DataSource("memory", registry=registry).define("Account", ACCOUNT, settings)
    app = App(registry)
    app.model(model)
    await model.create(ROW)
    async with client_of(app) as client:
        yield model, client


async def stored(model: Any) -> dict[str, Any]:
    """Return what is stored of the first account."""
    found: dict[str, Any] = (await model.find_by_id(1)).to_dict()
    return found


SENT = {"name": "Eve", "balance": 99, "twice": 5}


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("PATCH", "/api/Accounts/1", SENT),
        ("PUT", "/api/Accounts/1", SENT),
        ("POST", "/api/Accounts/1/replace", SENT),
        ("PATCH", "/api/Accounts", {"id": 1, **SENT}),
        ("PUT", "/api/Accounts", {"id": 1, **SENT}),
        ("POST", "/api/Accounts/replaceOrCreate", {"id": 1, **SENT}),
        ("POST", '/api/Accounts/update?where={"id":1}', SENT),
        ("POST", '/api/Accounts/upsertWithWhere?where={"id":1}', SENT),
    ],
)
async def test_read_only_values_of_a_record_stay(verb: str, path: str, body: Any) -> None:
    """Whatever a client sends for a read-only property, and also if it leaves it out, it stays."""
    for sent in (body, {key: value for key, value in body.items() if key != "balance"}):
        async with accounts() as (model, client):
            answer = await client.request(verb, path, json=sent)
            assert answer.status_code == 200, answer.text
            left = await stored(model)
            assert (left["name"], left["balance"]) == ("Eve", 10)


@pytest.mark.parametrize("path", ["/api/Accounts", "/api/Accounts/replaceOrCreate"])
async def test_new_records_are_made_without_them(path: str) -> None:
    """A client cannot choose a read-only value at creation either, alone or in a list."""
    async with accounts() as (model, client):
        body = {"id": 2, "balance": 9, "stays": [{"city": "Oslo", "paid": True}]}
        assert (await client.post(path, json=body)).status_code == 200
        made = await model.find_by_id(2)
        assert (made.balance, made.stays[0].city, made.stays[0].paid) == (None, "Oslo", None)
        if not path.endswith("Create"):
            assert (await client.post(path, json=[{"id": 3, "balance": 9}])).status_code == 200
            assert (await model.find_by_id(3)).balance is None


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("PATCH", "/api/Accounts/1"),
        ("PUT", "/api/Accounts/1"),
        ("PATCH", "/api/Accounts"),
        ("PUT", "/api/Accounts"),
    ],
)
async def test_read_only_values_inside_objects_stay(verb: str, path: str) -> None:
    """An object that a client replaces keeps what the client may not set of it, at any depth."""
    async with accounts() as (model, client):
        home = {"city": "Oslo", "checked": False, "door": {"number": 2, "key": "x"}}
        answer = await client.request(verb, path, json={"id": 1, "home": home})
        assert answer.status_code == 200, answer.text
        left = (await stored(model))["home"]
        assert left == {"city": "Oslo", "checked": True, "door": {"number": 2, "key": "k"}}


@pytest.mark.parametrize(
    ("verb", "path", "body", "named"),
    [
        ("POST", "/api/Accounts", {"balance": 1}, ["balance"]),
        ("POST", "/api/Accounts", [{"name": "a"}, {"balance": 1}], ["balance"]),
        ("PATCH", "/api/Accounts/1", SENT, ["balance"]),
        ("PUT", "/api/Accounts/1", {"home": {"door": {"key": "x"}}}, ["home.door.key"]),
        ("PUT", "/api/Accounts", {"stays": [{"paid": True}]}, ["stays.paid"]),
        ("POST", "/api/Accounts/update?where={}", SENT, ["balance"]),
    ],
)
async def test_a_model_may_refuse_them(verb: str, path: str, body: Any, named: list[str]) -> None:
    """With ``read_only_in_body: "refuse"`` it is a 422 that names them, in a client's language."""
    async with accounts(read_only_in_body="refuse") as (model, client):
        headers = {"accept-language": "de"}
        answer = await client.request(verb, path, json=body, headers=headers)
        assert answer.status_code == 422, answer.text
        details = answer.json()["error"]["details"]
        assert details["codes"] == {name: ["read-only"] for name in named}
        assert details["messages"] == {name: ["darf nur gelesen werden"] for name in named}
        left = await stored(model)
        assert {name: left[name] for name in ROW} == ROW
        assert await model.count() == 1


async def test_code_may_write_them() -> None:
    """The model itself takes read-only values from whoever has it in hand."""
    async with accounts(read_only_in_body="refuse") as (model, _):
        account = await model.find_by_id(1)
        await account.update_attributes({"balance": 11})
        assert (await stored(model))["balance"] == 11


@pytest.mark.parametrize("body", [{}, {"home": None}, {"home": 3}, {"stays": {"0": 1}}])
async def test_odd_bodies_are_no_crash(body: Any) -> None:
    """Values that are no objects where the model has some are what they were before: 200 or 4xx."""
    async with accounts() as (_, client):
        for verb, path in (("PATCH", "/api/Accounts/1"), ("PUT", "/api/Accounts/1")):
            assert (await client.request(verb, path, json=body)).status_code < 500
