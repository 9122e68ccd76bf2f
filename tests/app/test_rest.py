"""REST as LoopBack's clients expect it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from juggler.app.asgi import App
from juggler.app.limits import Limits
from juggler.datasource.datasource import DataSource
from juggler.errors import DefinitionError, StoreError
from juggler.facade.default import ModelRegistry
from tests.app.service import Service, client_of, service


@pytest.fixture(params=["memory", "sqlite"])
async def here(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Service]:
    """A service on either store."""
    async with service(tmp_path if request.param == "sqlite" else "memory") as running:
        yield running


@pytest.fixture
async def client(here: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a tenant that has three cities."""
    async with here.acme as client:
        rows = [
            {"id": 1, "name": "Rome", "population": 2800, "tags": ["old", "big"]},
            {"id": 2, "name": "Oslo", "population": 700, "founded": "1048-01-01T00:00:00Z"},
            {"id": 3, "name": "Bern", "population": 130, "location": {"lat": 46.9, "lng": 7.4}},
        ]
        answer = await client.post("/api/Cities", json=rows)
        assert answer.status_code == 200, answer.text
        assert [row["id"] for row in answer.json()] == [1, 2, 3]
        yield client


def names(answer: httpx.Response) -> list[str]:
    """Return the names of the cities in *answer*."""
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json()]


def without_nulls(answer: httpx.Response) -> dict[str, Any]:
    """Return the record in *answer*; a store may have null for what was never given."""
    return {name: value for name, value in answer.json().items() if value is not None}


def error(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Return the error in *answer*, which has to be one of *status*, in LoopBack's form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body.keys() == {"error"}
    found: dict[str, Any] = body["error"]
    assert found["statusCode"] == status
    assert found.keys() <= {"statusCode", "name", "message", "code", "details"}
    assert isinstance(found["name"], str)
    assert isinstance(found["message"], str)
    return found


# --- reading ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Rome", "Oslo", "Bern"]),
        ('filter={"where":{"population":{"gt":500}},"order":"name"}', ["Oslo", "Rome"]),
        ("filter[where][population][gt]=500&filter[order]=name", ["Oslo", "Rome"]),
        ("filter[limit]=1&filter[skip]=1", ["Oslo"]),
        ("filter[where][or][0][name]=Rome&filter[where][or][1][id]=3", ["Rome", "Bern"]),
        ("filter[where][id][inq]=1&filter[where][id][inq]=3", ["Rome", "Bern"]),
        ("filter[where][tags]=old", ["Rome"]),
        ("filter[where][name][like]=%25o%25", ["Rome", "Oslo"]),
        ("filter[where][founded][lt]=1500-01-01", ["Oslo"]),
        ("filter[where][location][near]=47,8&filter[limit]=1", ["Bern"]),
        ("filter[limit]=0", []),
    ],
)
async def test_find(client: httpx.AsyncClient, query: str, found: list[str]) -> None:
    """Filters work as JSON and in brackets, with values of any type."""
    assert names(await client.get(f"/api/Cities?{query}")) == found


async def test_find_some_fields(client: httpx.AsyncClient) -> None:
    """`fields` cuts records down to what was asked for."""
    answer = await client.get('/api/Cities?filter={"fields":["name"],"limit":1}')
    assert answer.json() == [{"name": "Rome"}]
    answer = await client.get("/api/Cities?filter[fields][name]=true&filter[limit]=1")
    assert answer.json() == [{"name": "Rome"}]


async def test_find_one(client: httpx.AsyncClient) -> None:
    """The first record of a filter; none is 404."""
    answer = await client.get('/api/Cities/findOne?filter={"order":"name"}')
    assert answer.json()["name"] == "Bern"
    missing = await client.get('/api/Cities/findOne?filter={"where":{"name":"Ur"}}')
    assert error(missing, 404)["code"] == "MODEL_NOT_FOUND"


async def test_count(client: httpx.AsyncClient) -> None:
    """All records, or those of a condition."""
    assert (await client.get("/api/Cities/count")).json() == {"count": 3}
    some = await client.get('/api/Cities/count?where={"population":{"lt":500}}')
    assert some.json() == {"count": 1}
    some = await client.get("/api/Cities/count?where[population][lt]=500")
    assert some.json() == {"count": 1}


async def test_find_by_id(client: httpx.AsyncClient) -> None:
    """One record, whole or in part; an unknown id is 404, one that can be none is 400 or 404."""
    answer = await client.get("/api/Cities/2")
    assert answer.json()["name"] == "Oslo"
    assert answer.json()["founded"] == "1048-01-01T00:00:00.000Z"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    part = await client.get('/api/Cities/2?filter={"fields":["name"]}')
    assert part.json() == {"name": "Oslo"}
    missing = error(await client.get("/api/Cities/99"), 404)
    assert (missing["code"], missing["name"]) == ("MODEL_NOT_FOUND", "NotFoundError")
    assert "99" in missing["message"]
    for id_ in ("x", "%00", "1e999", "9" * 400, "[object Object]", '{"neq":1}', "%F0%9F%98%80"):
        assert (await client.get(f"/api/Cities/{id_}")).status_code in {400, 404}


async def test_exists(client: httpx.AsyncClient) -> None:
    """Whether there is a record, by an answer or by the status alone."""
    assert (await client.get("/api/Cities/1/exists")).json() == {"exists": True}
    assert (await client.get("/api/Cities/9/exists")).json() == {"exists": False}
    there, missing = await client.head("/api/Cities/1"), await client.head("/api/Cities/9")
    assert (there.status_code, there.content) == (200, b"")
    assert (missing.status_code, missing.content) == (404, b"")


# --- writing ----------------------------------------------------------------------------------


# APP-09
async def test_create(client: httpx.AsyncClient) -> None:
    """A record is answered as it was stored: coerced, with its id, without hidden properties."""
    body = {
        "name": "Ur",
        "population": "65",
        "area": "12.50",
        "location": "30.9,46.1",
        "secret": "gold",
        "mayor": {"name": "Ur-Nammu", "salary": 7},
    }
    answer = await client.post("/api/Cities", json=body)
    assert answer.status_code == 200
    assert without_nulls(answer) == {
        "id": 4,
        "name": "Ur",
        "population": 65,
        "area": "12.50",
        "location": {"lat": 30.9, "lng": 46.1},
        "mayor": {"name": "Ur-Nammu"},
    }
    assert without_nulls(await client.get("/api/Cities/4")) == without_nulls(answer)


# APP-10
async def test_what_breaks_a_rule_is_422(client: httpx.AsyncClient) -> None:
    """An invalid record is refused with all its faults, and nothing is stored."""
    found = error(await client.post("/api/Cities", json={"secret": "gold"}), 422)
    assert found["name"] == "ValidationError"
    assert found["details"]["codes"] == {"name": ["presence"]}
    assert found["details"]["messages"].keys() == {"name"}
    assert "gold" not in json.dumps(found)
    assert (await client.get("/api/Cities/count")).json() == {"count": 3}


async def test_a_list_says_which_items_failed(client: httpx.AsyncClient) -> None:
    """Of a list in which some records are invalid, the error says which, and which were stored."""
    answer = await client.post("/api/Cities", json=[{"name": "Ur"}, {}, {"name": "Uruk"}])
    found = error(answer, 422)
    assert [each["index"] for each in found["details"]["errors"]] == [1]
    assert found["details"]["errors"][0]["code"] == "VALIDATION_ERROR"
    stored = [each["index"] for each in found["details"]["stored"]]
    count = (await client.get("/api/Cities/count")).json()["count"]
    assert len(stored) == count - 3


async def test_a_duplicate_is_409(client: httpx.AsyncClient) -> None:
    """An id that is taken is a conflict."""
    assert error(await client.post("/api/Cities", json={"id": 1, "name": "Ur"}), 409)["code"] == (
        "DUPLICATE"
    )


async def test_update_or_create(client: httpx.AsyncClient) -> None:
    """PATCH of the collection merges into a record, or makes one."""
    changed = await client.patch("/api/Cities", json={"id": 1, "population": 3000})
    assert (changed.json()["name"], changed.json()["population"]) == ("Rome", 3000)
    made = await client.patch("/api/Cities", json={"id": 7, "name": "Ur"})
    assert made.json()["id"] == 7
    assert (await client.get("/api/Cities/count")).json() == {"count": 4}


async def test_replace_or_create(client: httpx.AsyncClient) -> None:
    """PUT of the collection puts the body in the place of a record, or makes one."""
    answer = await client.put("/api/Cities", json={"id": 1, "name": "Roma"})
    assert answer.status_code == 200
    assert (await client.get("/api/Cities/1")).json().get("population") is None
    for path in ("/api/Cities", "/api/Cities/replaceOrCreate"):
        verb = "PUT" if path == "/api/Cities" else "POST"
        answer = await client.request(verb, path, json={"id": 8, "name": "Ur"})
        assert answer.json()["name"] == "Ur"
    assert (await client.get("/api/Cities/count")).json() == {"count": 4}


async def test_update_by_id(client: httpx.AsyncClient) -> None:
    """PATCH changes what is given; an unknown id is 404, another id in the body an error."""
    answer = await client.patch("/api/Cities/1", json={"population": 1})
    assert (answer.json()["name"], answer.json()["population"]) == ("Rome", 1)
    assert error(await client.patch("/api/Cities/9", json={}), 404)["code"] == "MODEL_NOT_FOUND"
    assert (await client.patch("/api/Cities/1", json={"id": 2})).status_code in {400, 422}
    assert error(await client.patch("/api/Cities/1", json={"name": None}), 422)
    assert names(await client.get("/api/Cities")) == ["Rome", "Oslo", "Bern"]


async def test_replace_by_id(client: httpx.AsyncClient) -> None:
    """PUT and POST .../replace put the body in the place of the record."""
    for verb, path in (("PUT", "/api/Cities/1"), ("POST", "/api/Cities/1/replace")):
        await client.patch("/api/Cities/1", json={"population": 5})
        answer = await client.request(verb, path, json={"name": "Roma"})
        assert answer.status_code == 200, answer.text
        assert (await client.get("/api/Cities/1")).json().get("population") is None
    missing = await client.put("/api/Cities/9", json={"name": "Ur"})
    assert error(missing, 404)["code"] == "MODEL_NOT_FOUND"


async def test_delete_by_id(client: httpx.AsyncClient) -> None:
    """DELETE says how many records it deleted."""
    assert (await client.delete("/api/Cities/1")).json() == {"count": 1}
    assert (await client.delete("/api/Cities/1")).json() == {"count": 0}
    assert names(await client.get("/api/Cities")) == ["Oslo", "Bern"]


async def test_update_all(client: httpx.AsyncClient) -> None:
    """POST .../update changes what matches; which that is has to be said."""
    path = "/api/Cities/update"
    answer = await client.post(
        f'{path}?where={{"population":{{"lt":1000}}}}', json={"population": 0}
    )
    assert answer.json() == {"count": 2}
    answer = await client.post(f"{path}?where[name]=Rome", json={"population": 1})
    assert answer.json() == {"count": 1}
    assert error(await client.post(path, json={"population": 9}), 400)["code"] == "WHERE_REQUIRED"
    assert (await client.post(f"{path}?where={{}}", json={"population": 9})).json() == {"count": 3}


async def test_upsert_with_where(client: httpx.AsyncClient) -> None:
    """POST .../upsertWithWhere changes the one record that matches, or makes one."""
    path = "/api/Cities/upsertWithWhere"
    answer = await client.post(f'{path}?where={{"name":"Rome"}}', json={"population": 4})
    assert answer.json()["id"] == 1
    answer = await client.post(f'{path}?where={{"name":"Ur"}}', json={"name": "Ur"})
    assert answer.json()["name"] == "Ur"
    assert error(await client.post(path, json={}), 400)["code"] == "WHERE_REQUIRED"


# --- what clients do wrong ----------------------------------------------------------------------


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


# --- models -------------------------------------------------------------------------------------


async def test_models_are_registered() -> None:
    """An app takes models over from anywhere, by themselves or by name, under their own paths."""
    registry = ModelRegistry()
    ds = DataSource("db", connector="memory", registry=registry)
    other = DataSource("other", connector="memory", registry=registry)
    app = App(registry, data_sources=[ds, other])
    assert app.data_sources.db is app.data_sources["db"] is ds
    one = ds.define("One", {"name": str})
    ds.define("Two", {"name": str}, http={"path": "duo"})
    ds.define("Hidden", {"name": str})
    assert app.model(one) is one
    app.model("Two", data_source="db")
    app.model("Hidden", public=False)
    app.model(registry.define("Three", {"name": str}), data_source=other, plural="trio")
    assert app.models["One"] is app.models.One is one
    assert one.app is app
    assert one.data_source is ds
    assert app.models.Three.data_source is other
    async with client_of(app) as client:
        for path in ("Ones", "duo", "trio"):
            assert (await client.post(f"/api/{path}", json={"name": path})).status_code == 200
        for path in ("Hiddens", "Twos", "Threes"):
            error(await client.get(f"/api/{path}"), 404)


# APP-06
async def test_two_models_cannot_share_a_path() -> None:
    """A path that is taken, or that would never be reached, is found out at registration."""
    registry = ModelRegistry()
    ds = DataSource("memory", registry=registry)
    app = App(registry)
    app.model(ds.define("City", {}))
    with pytest.raises(DefinitionError, match="Cities"):
        app.model(ds.define("Town", {}, plural="Cities"))
    with pytest.raises(DefinitionError, match="more than one part"):
        app.model(ds.define("Village", {}), plural="a/b")
    with pytest.raises(DefinitionError, match="define it first"):
        app.model("Nowhere")
    with pytest.raises(DefinitionError, match="no data source"):
        app.model("City", data_source="nowhere")


async def test_the_root_may_be_anywhere() -> None:
    """`rest_api_root` may have several parts, or none."""
    for root, path in (("/v1/rest/", "/v1/rest/Cities"), ("", "/Cities"), ("/", "/Cities")):
        registry = ModelRegistry()
        app = App(registry, rest_api_root=root)
        app.model(DataSource("memory", registry=registry).define("City", {}))
        async with client_of(app) as client:
            assert (await client.get(path)).json() == []
            assert (await client.get("/health/live")).json() == {"status": "ok"}
            error(await client.get("/x/Cities"), 404)
