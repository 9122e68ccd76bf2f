"""REST: what clients do wrong, what goes wrong behind them, and what they are told of it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from juggler.app.limits import Limits
from juggler.errors import DefinitionError, StoreError
from tests.app.answers import error, names
from tests.app.service import Service, service


@pytest.mark.parametrize("where", ["x", "[]", "1", "null", '{"a":{"zz":1}}', '{"$where":"1"}', "{"])
async def test_a_malformed_condition_never_widens_a_write(
    client: httpx.AsyncClient, where: str
) -> None:
    """A condition that is not understood changes nothing."""
    answer = await client.post(
        "/api/Cities/update", params={"where": where}, json={"population": -1}
    )
    error(answer, 400)
    answer = await client.get('/api/Cities/count?where={"population":-1}')
    assert answer.json() == {"count": 0}


@pytest.mark.parametrize(
    "filter",
    [
        '{"where":"x"}',
        '{"where":{"name":{"zz":1}}}',
        '{"where":{"and":{}}}',
        '{"limit":-1}',
        '{"limit":"many"}',
        '{"order":"name SIDEWAYS"}',
        '{"colour":"red"}',
        '{"where":' + '{"and":[' * 200 + "{}" + "]}" * 200 + "}",
        '{"where":{"secret":"gold"}}',
        '{"order":"secret"}',
        '{"fields":["secret"]}',
    ],
)
async def test_a_malformed_filter_is_400(client: httpx.AsyncClient, filter: str) -> None:
    """What is not understood, too deep, or asks for hidden properties is refused."""
    error(await client.get("/api/Cities", params={"filter": filter}), 400)


@pytest.mark.parametrize(
    ("verb", "path", "allowed"),
    [
        ("DELETE", "/api/Cities", "GET, PATCH, POST, PUT"),
        ("POST", "/api/Cities/1", "DELETE, GET, HEAD, PATCH, PUT"),
        ("POST", "/api/Cities/1/exists", "GET"),
        ("POST", "/api/Cities/count", "DELETE, GET, HEAD, PATCH, PUT"),
        ("BREW", "/api/Cities", "GET, PATCH, POST, PUT"),
    ],
)
async def test_a_wrong_verb_is_405(
    client: httpx.AsyncClient, verb: str, path: str, allowed: str
) -> None:
    """A path that does not take the verb says which it takes."""
    answer = await client.request(verb, path)
    assert error(answer, 405)["code"] == "METHOD_NOT_ALLOWED"
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "path",
    ["/", "/api", "/api/", "/api/cities", "/api/Towns", "/api/Cities/1/x", "/api/Cities/1/exists/x",
     "/api/Cities//", "/x", "/api/AnonymousModel_0", "/api/%ff", "/apix/Cities"],
)  # fmt: skip
async def test_an_unknown_path_is_404(client: httpx.AsyncClient, path: str) -> None:
    """What is not there is 404, in the same form as everything else."""
    assert error(await client.get(path), 404)["code"] == "PATH_NOT_FOUND"


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b'{"name": "\xff"}', "application/json", 400),
        (b"[" * 10_000, "application/json", 400),
        (b'{"tags":' + b"[" * 40 + b"]" * 40 + b"}", "application/json", 400),
        (b"1", "application/json", 400),
        (b'"name"', "application/json", 400),
        (b"null", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b"[[]]", "application/json", 400),
        (b'{"name":"x","tags":5}', "application/json", 400),
        (b'{"name":"x","location":"nowhere"}', "application/json", 400),
        (b"name=x", "application/x-www-form-urlencoded", 415),
        (b"{}" + b" " * 1_100_000, "application/json", 413),
        (b"[" + b"{}," * 1_000 + b"{}]", "application/json", 413),
    ],
)
async def test_a_bad_body_is_refused(
    client: httpx.AsyncClient, content: bytes, kind: str, status: int
) -> None:
    """What is no JSON, no object, too deep, too long or too large is refused and nothing stored."""
    answer = await client.post("/api/Cities", content=content, headers={"content-type": kind})
    error(answer, status)
    assert (await client.get("/api/Cities/count")).json() == {"count": 3}


async def test_a_body_is_measured_as_it_comes(client: httpx.AsyncClient) -> None:
    """A body that does not announce its size is refused once too much of it came."""
    sent = 0

    async def much() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(10_000):
            sent += 1
            yield b" " * 10_000

    error(await client.post("/api/Cities", content=much()), 413)
    assert sent < 150


async def test_reads_are_bounded(tmp_path: Path) -> None:
    """Without a limit no more than `max_limit` records come; to ask for more is an error."""
    limits = Limits(max_limit=5, default_limit=3)
    async with service(tmp_path, limits=limits) as bounded, bounded.acme as client:
        await client.post("/api/Cities", json=[{"name": str(number)} for number in range(9)])
        assert len(names(await client.get("/api/Cities"))) == 3
        assert len(names(await client.get("/api/Cities?filter[limit]=5"))) == 5
        for limit in ("6", "9" * 30, "6.5"):
            found = error(await client.get(f"/api/Cities?filter[limit]={limit}"), 400)
        assert found
        found = error(await client.get('/api/Cities?filter={"limit":6}'), 400)
        assert found["details"] == {"limit": "max_limit", "maximum": 5}


@pytest.mark.parametrize("name", ["max_body", "max_limit", "max_depth"])
@pytest.mark.parametrize("value", [0, -1, True, "5", 1.5, None])
def test_a_limit_is_a_number(name: str, value: Any) -> None:
    """A limit that is none is found out at once."""
    with pytest.raises(DefinitionError, match=name):
        Limits(**{name: value})


async def test_unexpected_errors_show_an_id_only(
    here: Service, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of ours is 500 with an id; what happened is in the log, beside the id."""

    def fail(context: Any) -> None:
        raise LookupError("/secret/place")

    here.city.observe("access", fail)
    found = error(await client.get("/api/Cities"), 500)
    assert found.keys() == {"statusCode", "name", "message", "code", "details"}
    assert found["message"] == "Internal Server Error"
    assert "secret" not in json.dumps(found)
    assert found["details"]["id"] in caplog.text
    assert "/secret/place" in caplog.text


async def test_a_store_that_is_broken_shows_nothing_of_itself(tmp_path: Path) -> None:
    """A database file that is none is 500 without its path; other tenants work on."""
    (tmp_path / "acme.db").write_text("no database at all " * 100)
    async with service(tmp_path) as here, here.acme as acme, here.globex as globex:
        found = error(await acme.get("/api/Cities"), 500)
        assert str(tmp_path) not in json.dumps(found)
        assert names(await globex.get("/api/Cities")) == []


async def test_what_a_store_says_of_itself_stays_inside(
    here: Service, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A failure of the store keeps its status and code; the message is for the log."""

    def full(context: Any) -> None:
        raise StoreError("/disk/acme.db: no room", code="DISK_FULL", status_code=507)

    here.city.observe("before save", full)
    found = error(await client.patch("/api/Cities/1", json={"population": 1}), 507)
    assert found["code"] == "DISK_FULL"
    assert "/disk" not in json.dumps(found)
    assert found["details"]["id"] in caplog.text
    assert "/disk/acme.db" in caplog.text
