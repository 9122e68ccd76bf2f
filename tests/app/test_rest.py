"""REST as LoopBack's clients expect it: records are read and written."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.app.answers import error, names, without_nulls

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


# APP-09
async def test_an_id_of_another_type_names_no_record(client: httpx.AsyncClient) -> None:
    """Where ids are numbers, text in their place is 404; asking and deleting find none."""
    body = {"name": "Ur"}
    for verb, path in (("PUT", ""), ("PATCH", ""), ("POST", "/replace"), ("GET", ""), ("HEAD", "")):
        content = {} if verb in {"GET", "HEAD"} else {"json": body}
        answer = await client.request(verb, f"/api/Cities/abc{path}", **content)
        assert answer.status_code == 404, (verb, answer.text)
    assert (await client.get("/api/Cities/abc/exists")).json() == {"exists": False}
    assert (await client.delete("/api/Cities/abc")).json() == {"count": 0}
    assert error(await client.put("/api/Cities/abc", json=[]), 400)


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
