"""Cases about filters."""

from __future__ import annotations

from typing import Any, Final

import pytest
from msgspec import UNSET

from juggler.testing.persistence_suite.base import Suite, ids
from juggler.types.geo import GeoPoint

CONDITIONS: Final[list[tuple[str, dict[str, Any], list[int]]]] = [
    ("", {}, [1, 2, 3, 4]),
    ("", {"name": "Ada"}, [1]),
    ("", {"name": "ada"}, []),
    ("", {"age": {"gt": 20}}, [1, 3]),
    ("", {"age": {"gte": 20, "lt": 50}}, [1, 2, 4]),
    ("", {"age": {"lte": 36}}, [1, 2, 4]),
    ("", {"age": {"between": [20, 36]}}, [1, 2, 4]),
    ("", {"age": {"between": [36, 20]}}, []),
    ("", {"age": {"neq": 20}}, [1, 3]),
    ("", {"vip": {"neq": True}}, [2, 3, 4]),
    ("", {"vip": {"gt": False}}, [1]),
    ("", {"name": {"gt": "B"}}, [2, 3]),
    ("", {"not": {"age": {"gt": 20}}}, [2, 4]),
    ("", {"not": {"vip": True}}, [2, 3, 4]),
    ("", {"name": {"exists": True}}, [1, 2, 3]),
    ("", {"vip": {"exists": False}}, [4]),
    ("", {"and": [{"age": 20}, {"vip": False}]}, [2]),
    ("support_or_operator", {"or": [{"age": 36}, {"name": "Bob"}]}, [1, 2]),
    ("support_or_operator", {"or": [{"age": 36}, {"name": "Bob"}, {"name": "ann"}]}, [1, 2, 3]),
    ("support_or_operator", {"or": []}, []),
    ("support_or_operator", {"nor": [{"age": 36}, {"name": "Bob"}]}, [3, 4]),
    ("support_inq", {"age": {"inq": [36, 50]}}, [1, 3]),
    ("support_inq", {"age": {"inq": []}}, []),
    ("support_inq", {"age": {"nin": [20]}}, [1, 3]),
    ("support_inq", {"age": {"nin": []}}, [1, 2, 3, 4]),
    ("support_inq", {"name": {"nin": ["Ada"]}}, [2, 3, 4]),
    ("support_inq null_data_value_exists", {"name": {"inq": ["Ada", None]}}, [1, 4]),
    ("", {"name": {"like": "A%"}}, [1]),
    ("", {"name": {"like": "d"}}, []),
    ("", {"name": {"like": "_da"}}, [1]),
    ("", {"name": {"like": "A\\%"}}, []),
    ("", {"name": {"like": "\\Ada"}}, [1]),
    ("", {"name": {"nlike": "a%"}}, [1, 2, 4]),
    ("ilike", {"name": {"ilike": "a%"}}, [1, 3]),
    ("ilike", {"name": {"like": "ADA", "options": "i"}}, [1]),
    ("nilike", {"name": {"nilike": "%A%"}}, [2, 4]),
    ("nested_property", {"home.city": "Oslo"}, [2, 3]),
    ("nested_property", {"home.city": {"neq": "Oslo"}}, [1, 4]),
    ("nested_property supports_arrays", {"tags.0": "b"}, [2]),
    ("supports_arrays", {"tags": "b"}, [1, 2]),
    ("supports_arrays", {"tags": "a"}, [1]),
    ("supports_arrays", {"tags": {"neq": "a"}}, [2, 3, 4]),
    ("supports_arrays", {"tags": {"eq": ["a", "b"]}}, [1]),
    ("supports_arrays", {"tags": {"eq": ["b", "a"]}}, []),
    ("null_data_value_exists", {"name": None}, [4]),
    ("null_data_value_exists", {"name": {"neq": None}}, [1, 2, 3]),
]
"""What a condition needs of the store, the condition, and the ids it finds."""

ORDERS: Final[list[tuple[Any, list[int]]]] = [
    ("age", [2, 4, 1, 3]),
    (["age DESC", "id DESC"], [3, 1, 4, 2]),
    ("vip DESC, id DESC", [1, 3, 2, 4]),
    ("name", [4, 1, 2, 3]),
    ("name DESC", [3, 2, 1, 4]),
    ("name NULLS LAST", [1, 2, 3, 4]),
    ("name DESC NULLS FIRST", [4, 3, 2, 1]),
    ("name NOCASE", [4, 1, 3, 2]),
]
"""An order, and the ids in it."""


class QueryingCases(Suite):
    """Finding."""

    @pytest.mark.parametrize(("flag", "where", "wanted"), CONDITIONS)
    async def test_conditions(
        self, people: Any, flag: str, where: dict[str, Any], wanted: list[int]
    ) -> None:
        """A condition finds and counts the records that it means."""
        self.needs(*flag.split())
        assert sorted(ids(await people.find(where=where))) == wanted
        assert await people.count(where) == len(wanted)

    async def test_conditions_without_a_value(self, people: Any) -> None:
        """They are left out where the call says so."""
        self.needs("ignore_undefined_condition_value")
        ignoring = {"normalize_undefined_in_query": "ignore"}
        where = {"name": UNSET, "age": 20}
        assert ids(await people.find(where=where, options=ignoring)) == [2, 4]

    async def test_order(self, people: Any) -> None:
        """Without an order records come by their ids."""
        assert ids(await people.find()) == [1, 2, 3, 4]
        assert ids(await people.find(order="id DESC")) == [4, 3, 2, 1]

    @pytest.mark.parametrize(("order", "wanted"), ORDERS)
    async def test_orders(self, people: Any, order: Any, wanted: list[int]) -> None:
        """Null comes first, in descending order last, unless said otherwise; ties go by id."""
        self.needs("adhoc_sort")
        assert ids(await people.find(order=order)) == wanted
        self.needs("support_pagination")
        assert ids(await people.find(order=order, limit=2, skip=1)) == wanted[1:3]

    async def test_pages(self, people: Any) -> None:
        """Limit and skip cut the list."""
        self.needs("support_pagination")
        assert ids(await people.find(limit=2)) == [1, 2]
        assert ids(await people.find(limit=2, skip=1)) == [2, 3]
        assert ids(await people.find(skip=3)) == [4]
        assert ids(await people.find(limit=0)) == []
        assert ids([await people.find_one(order="id DESC")]) == [4]

    async def test_fields(self, people: Any) -> None:
        """Only what is asked for is loaded."""
        (found,) = await people.find(where={"id": 1}, fields=["id", "age"])
        assert (found.id, found.age, found.is_set("name")) == (1, 36, False)
        (found,) = await people.find(where={"id": 1}, fields=["age"])
        assert found.to_dict() == {"age": 36}

    async def test_near(self, person: Any) -> None:
        """The nearest come first, and those too far away not at all."""
        self.needs("geo_point")
        for key, lat in ((1, 40.0), (2, 10.0), (3, 11.0)):
            await person.create(id=key, place=GeoPoint(lat, 10.0))
        here = {"near": GeoPoint(10.0, 10.0)}
        assert ids(await person.find(where={"place": here})) == [2, 3, 1]
        for bounds, wanted in (
            ({"maxDistance": 100}, [2, 3]),
            ({"maxDistance": 100, "unit": "kilometers"}, [2]),
            ({"minDistance": 100}, [1]),
            ({"minDistance": 100, "unit": "kilometers"}, [3, 1]),
        ):
            assert ids(await person.find(where={"place": {**here, **bounds}})) == wanted

    async def test_filters_stay_as_they_are(self, people: Any) -> None:
        """What the caller passed is never changed."""
        given = {"where": {"age": {"gt": "20"}}, "order": ["age DESC"], "limit": 1}
        for _ in range(2):
            assert ids(await people.find(given)) == [3]
        assert given == {"where": {"age": {"gt": "20"}}, "order": ["age DESC"], "limit": 1}
