"""Whatever clients send, the service answers, and with nothing that is its own fault."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import quote

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.app.service import service

TEXT = st.text(max_size=6)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
NAMES = (
    st.sampled_from("id name population tags location founded area secret mayor mayor.name".split())
    | TEXT
)
OPERATORS = st.sampled_from(
    "and or nor not eq neq gt gte lt lte inq nin between like nlike ilike nilike regexp exists "
    "near maxDistance unit $where __proto__".split()
)
CLAUSES = st.sampled_from("where order limit skip offset fields colour".split())
DATES = st.sampled_from(
    ["2020-02-30", "1e999", "12,13", "NaN", "'; DROP TABLE city", "%", "\\", "("]
)
LEAVES = st.none() | st.booleans() | NUMBERS | TEXT | DATES
VALUES: Any = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(OPERATORS | NAMES, inner, max_size=3)
    ),
    max_leaves=10,
)
FILTERS: Any = st.dictionaries(CLAUSES, VALUES, max_size=3)
RECORDS: Any = st.dictionaries(NAMES, VALUES, max_size=5)
HEADERS = {"content-type": "application/json"}


STORES = st.sampled_from(["memory", "sqlite"])


def requests(store: str, verb: str, path: str, content: bytes = b"") -> None:
    """Send one request to a service of its own; no answer may say that the fault is ours."""

    async def run() -> None:
        async with service(store) as here, here.acme as client:
            await client.post(
                "/api/Cities", json=[{"name": "Rome", "population": 1}, {"name": "Oslo"}]
            )
            answer = await client.request(verb, path, content=content, headers=HEADERS)
            assert answer.status_code < 500, (verb, path, content, answer.text)
            if answer.status_code >= 400:
                assert answer.json()["error"]["statusCode"] == answer.status_code
            after = await client.get("/api/Cities?filter[limit]=1")
            assert after.status_code == 200, after.text

    asyncio.run(run())


@given(STORES, FILTERS | VALUES, st.sampled_from(["", "/findOne", "/1"]))
@settings(max_examples=120)
@example("sqlite", {"where": {"name": {"regexp": "("}}}, "")
@example("sqlite", {"where": {"location": {"near": "nowhere"}}}, "")
@example("sqlite", {"where": {"population": {"between": [1]}}}, "")
@example("sqlite", {"limit": 10**30}, "")
@example("sqlite", {"skip": 10**18}, "")
@example("sqlite", {"order": ["name ASC", 1]}, "")
@example("sqlite", {"where": {"area": "1e999999999"}}, "")
@example("sqlite", {"where": {"founded": 10**300}}, "")
@example("sqlite", {"where": {"name": "\ud800"}}, "")
def test_no_filter_breaks_it(store: str, filter: Any, path: str) -> None:
    """Any JSON as a filter is answered or refused."""
    requests(store, "GET", f"/api/Cities{path}?filter={quote(json.dumps(filter))}")


@given(STORES, VALUES, st.sampled_from(["GET /count", "POST /update", "POST /upsertWithWhere"]))
@settings(max_examples=80)
def test_no_condition_breaks_it(store: str, where: Any, asked: str) -> None:
    """Any JSON as a condition is answered or refused, also where it decides what is written."""
    verb, path = asked.split(" ")
    query = quote(json.dumps(where))
    requests(store, verb, f"/api/Cities{path}?where={query}", b'{"population": 5}')


WRITES = st.sampled_from(["POST ", "PATCH ", "PUT ", "PATCH /1", "PUT /1", "POST /update?where={}"])


@given(STORES, RECORDS | st.lists(RECORDS, max_size=3) | VALUES, WRITES)
@settings(max_examples=120)
@example("sqlite", {"name": "x", "founded": 10**300}, "POST ")
@example("sqlite", {"name": "x", "id": 10**40}, "POST ")
@example("sqlite", {"name": "x", "population": 10**400}, "POST ")
@example("sqlite", {"name": "x", "area": "1e9999999"}, "POST ")
@example("sqlite", {"name": "\ud800"}, "POST ")
@example("sqlite", {"name": "x", "mayor": 5}, "POST ")
@example("sqlite", {"__class__": {"__init__": 1}, "name": "x", "_state": 1}, "POST ")
def test_no_record_breaks_it(store: str, record: Any, asked: str) -> None:
    """Any JSON as a body is stored or refused."""
    verb, path = asked.split(" ")
    requests(store, verb, f"/api/Cities{path}", json.dumps(record).encode())


@given(STORES, st.binary(max_size=60), WRITES)
@settings(max_examples=60)
def test_no_body_breaks_it(store: str, content: bytes, asked: str) -> None:
    """Any bytes as a body are stored or refused."""
    verb, path = asked.split(" ")
    requests(store, verb, f"/api/Cities{path}", content)


@given(
    st.sampled_from("GET HEAD POST PUT PATCH DELETE OPTIONS BREW".split()),
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), max_size=5),
    st.sampled_from(["", "/api", "/api/Cities", "/api/Cities/1", "/admin", "/explorer", "/health"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
)
@settings(max_examples=90)
def test_no_address_breaks_it(verb: str, parts: list[str], root: str, query: str) -> None:
    """Any path and query string lead somewhere or nowhere."""

    async def run() -> None:
        path = "/".join([root, *(quote(part, safe="") for part in parts)])
        path = f"/{path.lstrip('/')}"  # the client takes two slashes for a host
        async with service("memory") as here, here.acme as client:
            answer = await client.request(verb, f"{path}?{quote(query, safe='=&[]')}")
            assert answer.status_code < 500, (verb, path, answer.text)

    asyncio.run(run())
