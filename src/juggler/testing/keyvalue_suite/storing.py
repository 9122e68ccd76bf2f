"""Cases about values: set, read, deleted, kept apart."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import pytest

from juggler.context import tenant
from juggler.errors import InvalidValueError
from juggler.testing.keyvalue_suite.base import Suite
from juggler.types.geo import GeoPoint
from juggler.types.temporal import DateString

MOMENT: Final = datetime(2024, 2, 29, 12, 30, 15, 250_000, tzinfo=UTC)
VALUES: Final[list[Any]] = [
    "text", "", "ünï\u2028\x00", 0, -1, 2**70, 1.5, -0.0, 1e300, True, False, b"\x00\xff", b"",
    [], {}, [1, [2, {"a": None}]], {"a": {"b": [True, "x"]}, "": 0, "$date": "x"},
    MOMENT, date(2024, 2, 29), time(1, 2, 3), timedelta(days=-1, milliseconds=5),
    Decimal("1.10"), UUID(int=7), GeoPoint(10.5, -20), DateString("2024-02-29"),
    {"deep": [{"moment": MOMENT, "bytes": b"\x01", "sum": Decimal("0.1"), "id": UUID(int=1)}]},
    '{"a": 1}', '"text"', "null", "true", "12", "1.5", "2024-02-29T12:30:15Z", "b'x'",
    '{"$type": "bytes", "value": "AA=="}', ["$date", "2024"],
]  # fmt: skip
"""Values of all types, and texts that look like how some store might write one."""


def _typed(value: Any) -> Any:
    """Return *value* with the type of each part, since 1, 1.0 and True are equal."""
    if isinstance(value, dict):
        return {name: _typed(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_typed(item) for item in value]
    return type(value), value


class StoringCases(Suite):
    """Setting, reading, deleting."""

    @pytest.mark.parametrize("value", VALUES, ids=repr)
    async def test_values_come_back(self, shelf: Any, value: Any) -> None:
        """Whatever is set comes back equal and of the same types, in all depth."""
        await shelf.set("key", value)
        assert _typed(await shelf.get("key")) == _typed(value)

    async def test_unknown_keys(self, shelf: Any) -> None:
        """What was never set is None."""
        assert await shelf.get("key") is None

    async def test_the_last_value_counts(self, shelf: Any) -> None:
        """A second value takes the place of the first, whatever its type."""
        await shelf.set("key", {"a": 1})
        await shelf.set("key", "b")
        assert await shelf.get("key") == "b"

    async def test_values_are_copies(self, shelf: Any) -> None:
        """What callers do to their values afterwards does not reach the store."""
        given = {"list": [1]}
        await shelf.set("key", given)
        given["list"].append(2)
        found = await shelf.get("key")
        found["list"].append(3)
        assert await shelf.get("key") == {"list": [1]}

    @pytest.mark.parametrize("key", ["a", "a b", "a:b/c", "*", "[x]", "\\", "{}", "ü", "\n", "%"])
    async def test_any_text_is_a_key(self, shelf: Any, key: str) -> None:
        """Keys may be any text; none is mixed up with another."""
        await shelf.set(key, "mine")
        await shelf.set("other", "other")
        assert await shelf.get(key) == "mine"
        await shelf.delete(key)
        assert await shelf.get(key) is None
        assert await shelf.get("other") == "other"

    async def test_keys_that_look_alike(self, shelf: Any) -> None:
        """Case, blanks and the way that letters are written tell keys apart."""
        keys = ["a", "A", " a", "a ", "\u00e4", "a\u0308", "1", "01", "1.0"]
        for place, key in enumerate(keys):
            await shelf.set(key, place)
        assert [await shelf.get(key) for key in keys] == list(range(len(keys)))

    async def test_deleting(self, shelf: Any) -> None:
        """A deleted key is gone; to delete one that is not there does nothing."""
        await shelf.set("key", 1)
        assert await shelf.delete("key") is None
        assert await shelf.get("key") is None
        assert await shelf.delete("key") is None

    async def test_deleting_all(self, source: Any, shelf: Any) -> None:
        """All keys of the model go, those of other models stay."""
        if not self.flags["can_delete_all"]:
            self.needs("can_iterate_keys")
        other = source.define("Other")
        for model in (shelf, other):
            await model.set_many({"a": 1, "b": 2})
        await shelf.delete_all()
        assert [await shelf.get("a"), await shelf.get("b")] == [None, None]
        assert [await other.get("a"), await other.get("b")] == [1, 2]

    async def test_many_at_once(self, shelf: Any) -> None:
        """Several keys are read in one call, in their order; those not there are left out."""
        await shelf.set_many({"a": 1, "b": [2]})
        found = await shelf.get_many(["b", "x", "a", "b"])
        assert list(found.items()) == [("b", [2]), ("a", 1)]

    async def test_models_are_apart(self, source: Any, shelf: Any) -> None:
        """Two models on one source have nothing in common."""
        other = source.define("Other")
        await shelf.set("key", 1)
        await other.set("key", 2)
        assert [await shelf.get("key"), await other.get("key")] == [1, 2]

    async def test_tenants_are_apart(self, shelf: Any) -> None:
        """One model serves several tenants, and none finds a key of another."""
        await shelf.set("key", "nobody's")
        for code in ("a", "b"):
            with tenant(code):
                assert await shelf.get("key") is None
                await shelf.set("key", code)
        for code in ("a", "b"):
            with tenant(code):
                assert await shelf.get("key") == code
        with tenant("a"):
            await shelf.delete("key")
            assert await shelf.get("key") is None
        with tenant("b"):
            assert await shelf.get("key") == "b"
        assert await shelf.get("key") == "nobody's"


class AtomicCases(Suite):
    """What is done in one step."""

    async def test_only_if(self, shelf: Any) -> None:
        """A write under a condition says whether it was done."""
        self.needs("can_set_conditionally")
        assert await shelf.set("key", 1, only_if="present") is False
        assert await shelf.get("key") is None
        assert await shelf.set("key", 2, only_if="absent") is True
        assert await shelf.set("key", 3, only_if="absent") is False
        assert await shelf.get("key") == 2
        assert await shelf.set("key", 4, {"only_if": "present"}) is True
        assert await shelf.get("key") == 4

    async def test_one_of_many_tasks_wins(self, shelf: Any) -> None:
        """Of many tasks that set an absent key, one does."""
        self.needs("can_set_conditionally")
        async with asyncio.TaskGroup() as tasks:
            made = [tasks.create_task(shelf.set("key", n, only_if="absent")) for n in range(50)]
        assert [task.result() for task in made].count(True) == 1

    async def test_increment(self, shelf: Any) -> None:
        """Numbers are added to; what is not there begins with 0."""
        self.needs("can_increment")
        assert await shelf.increment("key") == 1
        assert await shelf.increment("key", 4) == 5
        assert await shelf.increment("key", by=-6) == -1
        assert await shelf.increment("key", 0.5) == -0.5
        assert await shelf.get("key") == -0.5

    @pytest.mark.parametrize("value", ["1", True, [1], {"a": 1}, b"1"])
    async def test_increment_of_no_number(self, shelf: Any, value: Any) -> None:
        """What is no number stays as it is."""
        self.needs("can_increment")
        await shelf.set("key", value)
        with pytest.raises(InvalidValueError):
            await shelf.increment("key")
        assert await shelf.get("key") == value

    @pytest.mark.parametrize(("value", "by"), [(1e308, 1e308), (-1e308, -1e308), (10**400, 0.5)])
    async def test_increment_beyond_all_numbers(self, shelf: Any, value: float, by: float) -> None:
        """A sum that no number is leaves the value as it is."""
        self.needs("can_increment")
        await shelf.set("key", value)
        with pytest.raises(InvalidValueError, match="too large"):
            await shelf.increment("key", by)
        assert await shelf.get("key") == value

    async def test_many_tasks_increment(self, shelf: Any) -> None:
        """No step is lost."""
        self.needs("can_increment")
        async with asyncio.TaskGroup() as tasks:
            for _ in range(50):
                tasks.create_task(shelf.increment("key"))
        assert await shelf.get("key") == 50
