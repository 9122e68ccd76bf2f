"""Cases about conditions, order, paging and fields: each is a filter and the rows it means."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from juggler.connectors.contract import Row
from juggler.errors import InvalidQueryError
from juggler.query.limits import LARGEST
from juggler.query.nodes import Condition, Filter, OrderBy
from juggler.testing.connector_suite.base import NO_OPTIONS, Store, Suite
from juggler.testing.connector_suite.models import model
from juggler.types.geo import EARTH_RADIUS, GeoPoint

PERSON = model(
    "Person",
    {
        "id": {"type": "number", "id": True, "generated": True},
        "name": "string",
        "age": "number",
        "vip": "boolean",
        "born": "date",
        "paid": "decimal",
        "key": "buffer",
        "code": "uuid",
        "long": "text",
        "tags": ["string"],
        "data": "object",
        "any": "any",
        "home": {"city": "string", "zip": "integer"},
        "friends": [{"name": "string", "pets": ["string"]}],
        "place": "geopoint",
    },
)
CODES = (UUID(int=10), UUID(int=2**127))
ROWS: list[Row] = [
    {
        "name": "ann", "age": 30, "vip": True, "born": datetime(1990, 1, 1, tzinfo=UTC),
        "paid": Decimal("9.5"), "key": b"\x01", "tags": ["a", "b"], "data": {"n": 1, "l": [1, "x"]},
        "code": CODES[0], "long": "a\nb",
        "any": 1, "home": {"city": "Oslo", "zip": 1}, "place": GeoPoint(59.9, 10.7),
        "friends": [{"name": "bob", "pets": ["cat"]}, {"name": "cid"}],
    },
    {
        "name": "Bob", "age": 9.5, "vip": False, "born": datetime(2000, 1, 1, tzinfo=UTC),
        "paid": Decimal(10), "key": b"\x02", "tags": ["b"], "data": {"n": "1"}, "any": "1",
        "home": {"city": "Bergen", "zip": 20}, "place": GeoPoint(60.4, 5.3), "friends": [],
        "code": CODES[1], "long": "100%",
    },
    {
        "name": "Ärni", "age": -1, "tags": [], "data": {"n": None, "l": []}, "any": True,
        "paid": Decimal("-1e1"), "home": {"city": None}, "place": GeoPoint(-10, 179.9),
        "friends": [{"name": None, "pets": []}], "long": "1000",
    },
    {"name": None, "any": [1, "y"]},
]  # fmt: skip
"""Rows 1 to 4; the last has next to nothing."""

CONDITIONS: list[tuple[dict[str, Any], list[int]]] = [
    ({}, [1, 2, 3, 4]),
    ({"and": []}, [1, 2, 3, 4]),
    ({"or": []}, []),
    ({"nor": []}, [1, 2, 3, 4]),
    ({"or": [{"age": 30}, {}]}, [1, 2, 3, 4]),
    ({"or": [{"name": "ann"}, {"name": "Bob"}], "age": {"lt": 10}}, [2]),
    ({"nor": [{"name": "ann"}, {"age": {"gt": 0}}]}, [3, 4]),
    ({"not": {"age": {"gt": 0}}}, [3, 4]),
    ({"name": "ann"}, [1]),
    ({"name": "ANN"}, []),
    ({"name": {"like": "ANN", "options": "i"}}, [1]),
    ({"name": {"nlike": "ANN", "options": "i"}}, [2, 3, 4]),
    ({"name": {"regexp": "^ANN$", "options": "i"}}, [1]),
    ({"name": None}, [4]),
    ({"age": None}, [4]),
    ({"name": {"neq": "ann"}}, [2, 3, 4]),
    ({"name": {"neq": None}}, [1, 2, 3]),
    ({"age": {"gt": 9}}, [1, 2]),
    ({"age": {"gte": 9.5, "lt": 30}}, [2]),
    ({"age": {"lte": -1}}, [3]),
    ({"age": {"gt": 2**70}}, []),
    ({"age": {"lt": 2**70}}, [1, 2, 3]),
    ({"age": {"between": [0, 30]}}, [1, 2]),
    ({"age": {"between": [30, 0]}}, []),
    ({"age": "xyz"}, []),
    ({"age": {"gt": "xyz"}}, []),
    ({"name": {"gt": "B"}}, [1, 2, 3]),
    ({"name": {"gt": "a"}}, [1, 3]),
    ({"vip": True}, [1]),
    ({"vip": False}, [2]),
    ({"vip": {"neq": True}}, [2, 3, 4]),
    ({"vip": {"gt": False}}, [1]),
    ({"born": "1990-01-01T01:00:00+01:00"}, [1]),
    ({"born": {"lt": "2000-01-01"}}, [1]),
    ({"paid": "9.50"}, [1]),
    ({"paid": {"gt": 9}}, [1, 2]),
    ({"paid": {"inq": ["10.0", -10]}}, [2, 3]),
    ({"paid": {"between": ["-10", "9.5"]}}, [1, 3]),
    ({"key": b"\x01"}, [1]),
    ({"key": {"gt": b"\x01"}}, [2]),
    ({"code": str(CODES[1])}, [2]),
    ({"code": {"neq": CODES[0]}}, [2, 3, 4]),
    ({"code": {"lt": CODES[1]}}, [1]),
    ({"code": {"inq": [CODES[0], None]}}, [1, 3, 4]),
    ({"code": {"like": "%"}}, []),
    ({"age": {"regexp": "."}}, []),
    ({"age": {"nlike": "%"}}, [1, 2, 3, 4]),
    ({"name": {"inq": ["ann", None]}}, [1, 4]),
    ({"name": {"inq": []}}, []),
    ({"name": {"nin": ["ann"]}}, [2, 3, 4]),
    ({"name": {"nin": ["ann", None]}}, [2, 3]),
    ({"name": {"nin": []}}, [1, 2, 3, 4]),
    ({"id": {"inq": [3, 1, 3]}}, [1, 3]),
    ({"name": {"like": "%n%"}}, [1, 3]),
    ({"name": {"like": "b%"}}, []),
    ({"name": {"like": "_nn"}}, [1]),
    ({"name": {"like": "n"}}, []),
    ({"name": {"like": "[aB]*"}}, []),
    ({"name": {"like": "a\\%"}}, []),
    ({"name": {"like": "\\a_n"}}, [1]),
    ({"name": {"nlike": "%n%"}}, [2, 4]),
    ({"name": {"nlike": "b%"}}, [1, 2, 3, 4]),
    ({"name": {"ilike": "b%"}}, [2]),
    ({"name": {"ilike": "ä%"}}, [3]),
    ({"name": {"nilike": "ä%"}}, [1, 2, 4]),
    ({"name": {"regexp": "^[aB]"}}, [1, 2]),
    ({"name": {"regexp": "/^b/i"}}, [2]),
    ({"long": {"regexp": "^b$"}}, []),
    ({"long": {"regexp": "/^b$/m"}}, [1]),
    ({"long": {"like": "a%b"}}, [1]),
    ({"long": {"like": "100\\%"}}, [2]),
    ({"name": re.compile("n$")}, [1]),
    ({"name": {"exists": True}}, [1, 2, 3]),
    ({"name": {"exists": False}}, [4]),
    ({"tags": "a"}, [1]),
    ({"tags": {"neq": "a"}}, [2, 3, 4]),
    ({"tags": {"inq": ["a", "z"]}}, [1]),
    ({"tags": {"nin": ["b"]}}, [3, 4]),
    ({"tags": {"gt": "a"}}, [1, 2]),
    ({"tags": {"like": "_"}}, [1, 2]),
    ({"tags": {"nlike": "a"}}, [2, 3, 4]),
    ({"tags": {"regexp": "a"}}, [1]),
    ({"tags": None}, [4]),
    ({"tags": {"eq": ["a", "b"]}}, [1]),
    ({"tags": {"eq": ["b", "a"]}}, []),
    ({"tags": {"eq": []}}, [3]),
    ({"tags": {"exists": True}}, [1, 2, 3]),
]

NESTED: list[tuple[dict[str, Any], list[int]]] = [
    ({"home.city": "Oslo"}, [1]),
    ({"home.city": {"neq": "Oslo"}}, [2, 3, 4]),
    ({"home.city": None}, [3, 4]),
    ({"home.city": {"like": "%e%"}}, [2]),
    ({"home.zip": {"gt": 1}}, [2]),
    ({"home.zip": {"lt": 20}}, [1]),
    ({"home": {"eq": {"zip": 1, "city": "Oslo"}}}, [1]),
    ({"home": {"exists": True}}, [1, 2, 3]),
    ({"data.n": 1}, [1]),
    ({"data.n": "1"}, [2]),
    ({"data.n": {"gte": 0}}, [1]),
    ({"data.n": {"neq": 1}}, [2, 3, 4]),
    ({"data.n": None}, [3, 4]),
    ({"data.n": {"exists": True}}, [1, 2]),
    ({"data.l": "x"}, [1]),
    ({"data.l.0": 1}, [1]),
    ({"data.l.1": {"exists": True}}, [1]),
    ({"data": {"eq": {"n": "1"}}}, [2]),
    ({"data.l": {"eq": []}}, [3]),
    ({"any": 1}, [1, 4]),
    ({"any": "1"}, [2]),
    ({"any": True}, [3]),
    ({"any": {"gt": 0}}, [1, 4]),
    ({"any": {"inq": ["1", "y"]}}, [2, 4]),
    ({"any": {"like": "_"}}, [2, 4]),
    ({"friends.name": "bob"}, [1]),
    ({"friends.name": {"neq": "bob"}}, [2, 3, 4]),
    ({"friends.name": None}, [2, 3, 4]),
    ({"friends.0.name": "cid"}, []),
    ({"friends.1.name": "cid"}, [1]),
    ({"friends.pets": "cat"}, [1]),
    ({"friends.pets": {"nin": ["cat"]}}, [2, 3, 4]),
    ({"place.lat": {"gt": 60}}, [2]),
]

ORDERS: list[tuple[Any, list[int]]] = [
    (None, [1, 2, 3, 4]),
    ("id DESC", [4, 3, 2, 1]),
    ("age", [4, 3, 2, 1]),
    ("age DESC", [1, 2, 3, 4]),
    ("age ASC NULLS LAST", [3, 2, 1, 4]),
    ("age DESC NULLS FIRST", [4, 1, 2, 3]),
    ("name", [4, 2, 1, 3]),
    ("name NOCASE", [4, 1, 2, 3]),
    ("vip", [3, 4, 2, 1]),
    ("vip DESC, id DESC", [1, 2, 4, 3]),
    ("paid", [4, 3, 1, 2]),
    ("born DESC", [2, 1, 3, 4]),
]

NESTED_ORDERS: list[tuple[Any, list[int]]] = [
    ("home.city", [3, 4, 2, 1]),
    ("home.zip DESC", [2, 1, 3, 4]),
    ("data.n", [3, 4, 1, 2]),
    ("any", [3, 1, 2, 4]),
    ("any DESC", [4, 2, 1, 3]),
]


class QueryingCases(Suite):
    """Finding rows."""

    @pytest.mark.parametrize(("conditions", "ids"), CONDITIONS, ids=str)
    async def test_conditions(
        self, store: Store, conditions: dict[str, Any], ids: list[int]
    ) -> None:
        """A condition means the same rows when they are found, counted, and negated."""
        await self._check(store, conditions, ids)

    @pytest.mark.parametrize(("conditions", "ids"), NESTED, ids=str)
    async def test_conditions_on_parts(
        self, store: Store, conditions: dict[str, Any], ids: list[int]
    ) -> None:
        """Paths lead into objects and through lists."""
        store.needs("nested")
        await self._check(store, conditions, ids)

    async def _check(self, store: Store, conditions: dict[str, Any], ids: list[int]) -> None:
        if "regexp" not in store.connector.capabilities and "regexp" in str(conditions):
            pytest.skip("the connector has no regexp")
        await store.prepare(PERSON, rows=ROWS)
        assert await store.values(PERSON, "id", where=conditions) == ids
        assert await store.count(PERSON, **conditions) == len(ids)
        others = [number for number in range(1, 5) if number not in ids]
        assert await store.values(PERSON, "id", where={"not": conditions}) == others

    @pytest.mark.parametrize(("order", "ids"), ORDERS, ids=str)
    async def test_order(self, store: Store, order: Any, ids: list[int]) -> None:
        """Rows are sorted; nulls come first, in descending order last; ties go by key."""
        await store.prepare(PERSON, rows=ROWS)
        assert await store.values(PERSON, "id", order=order) == ids

    @pytest.mark.parametrize(("order", "ids"), NESTED_ORDERS, ids=str)
    async def test_order_by_parts(self, store: Store, order: Any, ids: list[int]) -> None:
        """Parts of objects sort too; kinds of values have an order among them."""
        store.needs("nested")
        await store.prepare(PERSON, rows=ROWS)
        assert await store.values(PERSON, "id", order=order) == ids

    @pytest.mark.parametrize(
        ("page", "ids"),
        [
            ({"limit": 2}, [1, 2]),
            ({"limit": 0}, []),
            ({"skip": 3}, [4]),
            ({"skip": 9}, []),
            ({"limit": 2, "skip": 1}, [2, 3]),
            ({"skip": 1}, [2, 3, 4]),
            ({"limit": 1, "skip": 1, "order": "id DESC"}, [3]),
            ({"limit": 1, "order": "age DESC"}, [1]),
            ({"limit": 2, "skip": 1, "order": "paid DESC"}, [1, 3]),
            ({"limit": 2, "order": "born DESC, id"}, [2, 1]),
            ({"limit": 9}, [1, 2, 3, 4]),
            ({"limit": LARGEST, "skip": 1}, [2, 3, 4]),
            ({"limit": LARGEST, "skip": LARGEST}, []),
        ],
    )
    async def test_paging(self, store: Store, page: dict[str, Any], ids: list[int]) -> None:
        """Pages are cut out of the sorted rows."""
        await store.prepare(PERSON, rows=ROWS)
        rows = await store.find(PERSON, **page)
        assert [row["id"] for row in rows] == ids
        assert getattr(rows, "count_before_limit", 4) == 4  # for stores that tell it

    async def test_fields(self, store: Store) -> None:
        """Only the properties asked for are there, the key too only when asked for."""
        await store.prepare(PERSON, rows=ROWS)
        (row,) = await store.find(PERSON, where={"id": 1}, fields=["age", "name"])
        assert row == {"name": "ann", "age": 30}
        (row,) = await store.find(PERSON, where={"id": 1}, fields={"data": False, "tags": False})
        assert {"data", "tags"}.isdisjoint(row)
        assert row["name"] == "ann"

    async def test_a_longer_list(self, store: Store) -> None:
        """Lists of any length work, whatever is in them."""
        await store.prepare(PERSON, rows=ROWS)
        numbers = list(range(-500, 500))
        assert await store.values(PERSON, "id", where={"id": {"inq": numbers}}) == [1, 2, 3, 4]
        assert await store.values(PERSON, "id", where={"age": {"nin": numbers}}) == [2, 4]
        texts = [f"t{number}" for number in range(100)]
        assert await store.values(PERSON, "id", where={"name": {"inq": [*texts, "Bob"]}}) == [2]
        floats = [number / 10 for number in range(100)]
        assert await store.values(PERSON, "id", where={"age": {"inq": floats}}) == [2]
        dates = [f"1990-01-{day:02}" for day in range(1, 31)]
        assert await store.values(PERSON, "id", where={"born": {"inq": dates}}) == [1]

    async def test_many_conditions(self, store: Store) -> None:
        """A thousand alternatives and a deep nest are no trouble."""
        await store.prepare(PERSON, rows=ROWS)
        many = [{"age": number} for number in range(900)]
        assert await store.values(PERSON, "id", where={"or": many}) == [1]
        deep: dict[str, Any] = {"age": 30}
        for _ in range(12):
            deep = {"and": [deep, {"or": [deep, {"id": 2}]}]} if len(str(deep)) < 999 else deep
        assert await store.values(PERSON, "id", where=deep) == [1]

    async def test_unknown_properties_are_refused(self, store: Store) -> None:
        """On a store with columns a condition on nothing it knows is an error, never dropped."""
        if not store.connector.relational:
            pytest.skip("the store has no columns")
        await store.prepare(PERSON, rows=ROWS)
        unknown = Condition(("nope",), "eq", 1)
        for attempt in (
            store.connector.all(PERSON, Filter(where=unknown), NO_OPTIONS),
            store.connector.all(PERSON, Filter(order=(OrderBy(("nope",)),)), NO_OPTIONS),
            store.connector.count(PERSON, unknown, NO_OPTIONS),
            store.connector.destroy_all(PERSON, unknown, NO_OPTIONS),
            store.connector.update(PERSON, unknown, {"age": 1}, NO_OPTIONS),
        ):
            with pytest.raises(InvalidQueryError) as caught:
                await attempt
            assert caught.value.code == "UNKNOWN_PROPERTY"
        assert await store.count(PERSON) == 4


class GeoCases(Suite):
    """Finding what is near."""

    async def test_nearest_first(self, store: Store) -> None:
        """Rows come by distance; those without a place do not match."""
        store.needs("near")
        await store.prepare(PERSON, rows=ROWS)
        near = {"place": {"near": "60.4,5.3"}}
        assert await store.values(PERSON, "id", where=near) == [2, 1, 3]
        assert await store.values(PERSON, "id", where=near, limit=1, skip=1) == [1]
        assert await store.count(PERSON, **near) == 3

    async def test_bounds(self, store: Store) -> None:
        """Distances are bounded on both sides, in each unit, across the date line too."""
        store.needs("near")
        await store.prepare(PERSON, rows=ROWS)
        near = {"near": "60.4,5.3", "maxDistance": 400, "unit": "kilometers"}
        assert await store.values(PERSON, "id", where={"place": near}) == [2, 1]
        near["minDistance"] = 100
        assert await store.values(PERSON, "id", where={"place": near}) == [1]
        line = {"near": [-10, -179.9], "maxDistance": 20}
        assert await store.values(PERSON, "id", where={"place": line}) == [3]

    @pytest.mark.parametrize("unit", EARTH_RADIUS)
    async def test_units(self, store: Store, unit: str) -> None:
        """Bounds are in the unit that is given."""
        store.needs("near")
        await store.prepare(PERSON, rows=ROWS)
        here, there = ROWS[1]["place"], ROWS[0]["place"]
        distance = here.distance_to(there, unit=unit)
        for bounds, ids in (
            ({"maxDistance": distance * 1.001}, [2, 1]),
            ({"maxDistance": distance * 0.999}, [2]),
            ({"minDistance": distance * 0.999}, [1, 3]),
            ({"minDistance": distance * 1.001}, [3]),
        ):
            near = {"near": here, "unit": unit, **bounds}
            assert await store.values(PERSON, "id", where={"place": near}) == ids

    async def test_near_is_a_condition_like_others(self, store: Store) -> None:
        """It is one alternative of an ``or``, can be negated, and guards deletions."""
        store.needs("near")
        await store.prepare(PERSON, rows=ROWS)
        near = {"place": {"near": "60.4,5.3", "maxDistance": 1}}
        either = {"or": [near, {"name": None}]}
        assert await store.values(PERSON, "id", where=either) == [2, 4]
        assert await store.values(PERSON, "id", where={"not": near}) == [1, 3, 4]
        assert await store.destroy(PERSON, **near) == 1
        assert await store.values(PERSON, "id") == [1, 3, 4]
