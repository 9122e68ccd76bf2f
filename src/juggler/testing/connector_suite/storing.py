"""Cases about rows that are stored: keys, values, uniqueness."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from juggler.connectors.contract import Row
from juggler.errors import DuplicateEntryError, JugglerError
from juggler.testing.connector_suite.base import Store, Suite, plain
from juggler.testing.connector_suite.models import model
from juggler.types.geo import GeoPoint
from juggler.types.temporal import DateString

KEY: dict[str, Any] = {"type": "number", "id": True, "generated": True}
NOTE = model("Note", {"id": KEY, "text": "string", "stars": "number"})
TAG = model("Tag", {"id": {"type": "string", "id": True, "generated": True}, "text": "string"})
SEAT = model(
    "Seat",
    {"row": {"type": "integer", "id": 1}, "place": {"type": "string", "id": 2}, "name": "string"},
)
LINE = model("Line", {"text": "string", "size": "number"})
USER = model(
    "User",
    {"id": KEY, "email": {"type": "string", "unique": True}, "age": "integer", "city": "string"},
    indexes={"place": {"keys": {"age": 1, "city": -1}, "options": {"unique": True}}},
)
KINDS = model(
    "Kinds",
    {
        "id": KEY,
        "text": "string",
        "long": "text",
        "number": "number",
        "whole": "integer",
        "exact": "decimal",
        "flag": "boolean",
        "moment": "date",
        "day": "date_string",
        "bytes": "buffer",
        "place": "geopoint",
        "object": "object",
        "json": "json",
        "any": "any",
        "texts": ["string"],
        "numbers": ["number"],
        "moments": ["date"],
        "exacts": ["decimal"],
        "places": ["geopoint"],
        "lists": [["number"]],
        "address": {"city": "string", "since": "date", "exact": "decimal", "place": "geopoint"},
        "friends": [{"name": "string", "days": ["date_string"]}],
    },
)
MOMENT = datetime(2024, 2, 29, 23, 59, 59, 123456, UTC)
VALUES: list[tuple[str, Any]] = [
    *(
        ("text", text)
        for text in ("", "a", "é😀", 'it\'s "quoted"', "a%b_c\\", "\n\t", "NULL", "1")
    ),
    ("long", "x" * 100_000),
    *(("number", value) for value in (0, 1, -1, 0.1, 1e300, -2.5, 2**53 + 1, -(2**62), 5e-324)),
    *(("whole", value) for value in (0, 2**62, -(2**62))),
    *(
        ("exact", Decimal(text))
        for text in ("0", "0.1", "-12345678901234567890.123456789", "1E+20")
    ),
    ("flag", True),
    ("flag", False),
    ("moment", MOMENT),
    ("moment", datetime(1, 1, 1, tzinfo=UTC)),
    ("moment", datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)),
    ("moment", datetime(2024, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))),
    ("day", DateString("2024-02")),
    ("bytes", b""),
    ("bytes", bytes(range(256))),
    ("place", GeoPoint(52.52, 13.405)),
    ("place", GeoPoint(-90, 180)),
    ("object", {}),
    ("object", {"b": 1, "a": {"é": [1, None, {"x": True}]}, 'k"ey': "v"}),
    ("json", [1, "2", None, False, {"a": 0.5}]),
    ("any", "text"),
    ("any", 7),
    ("any", True),
    ("any", [[]]),
    ("texts", []),
    ("texts", ["a", None, ""]),
    ("numbers", [1, 2.5, None, 2**53 + 1]),
    ("moments", [MOMENT, None]),
    ("exacts", [Decimal("0.10"), None]),
    ("places", [GeoPoint(1, 2), None]),
    ("lists", [[1, 2], [], None]),
    (
        "address",
        {"city": "Oslo", "since": MOMENT, "exact": Decimal("1.5"), "place": GeoPoint(1, 2)},
    ),
    ("address", {"city": None}),
    ("friends", [{"name": "a", "days": [DateString("2024-01-01")]}, {}, None]),
]


class StoringCases(Suite):
    """Creating rows and what comes back."""

    async def test_numbers_are_counted(self, store: Store) -> None:
        """Missing and null ids become 1, 2, 3."""
        await store.prepare(NOTE)
        ids = [await store.create(NOTE, text="a"), await store.create(NOTE, id=None)]
        assert [*ids, await store.create(NOTE)] == [1, 2, 3]
        assert await store.values(NOTE, "id") == [1, 2, 3]

    async def test_a_larger_id_moves_the_count(self, store: Store) -> None:
        """An id that was given is kept, and the next one that is made lies above it."""
        await store.prepare(NOTE)
        assert await store.create(NOTE, id=7) == 7
        assert await store.create(NOTE) == 8

    async def test_ids_of_deleted_rows_do_not_come_back(self, store: Store) -> None:
        """An id that was used is not made again, even if its row was the last."""
        await store.prepare(NOTE, rows=[{}, {}])
        await store.destroy(NOTE, id=2)
        assert await store.create(NOTE) == 3

    async def test_text_ids_are_made_too(self, store: Store) -> None:
        """A missing id of text is made, different for every row, and finds its row."""
        await store.prepare(TAG)
        ids = [await store.create(TAG, text=text) for text in "abc"]
        assert len(set(ids)) == 3
        assert all(isinstance(found, str) for found in ids)
        assert await store.values(TAG, "text", where={"id": ids[1]}) == ["b"]

    async def test_composite_ids(self, store: Store) -> None:
        """A key of two parts is told as a mapping, and both parts count."""
        await store.prepare(SEAT)
        assert await store.create(SEAT, row=1, place="b", name="x") == {"row": 1, "place": "b"}
        await store.create(SEAT, row=1, place="a", name="y")
        with pytest.raises(DuplicateEntryError) as caught:
            await store.create(SEAT, row=1, place="b")
        assert set(caught.value.fields) == {"row", "place"}
        assert await store.values(SEAT, "name") == ["y", "x"]
        assert await store.update(SEAT, {"name": "z"}, row=1, place="a") == 1
        assert await store.values(SEAT, "name", where={"place": "a", "row": 1}) == ["z"]

    async def test_a_part_of_a_key_cannot_be_missing(self, store: Store) -> None:
        """A composite key is never made up."""
        await store.prepare(SEAT)
        with pytest.raises(JugglerError) as caught:
            await store.create(SEAT, row=1)
        assert caught.value.code == "NOT_NULL"
        assert caught.value.property == "place"

    async def test_models_without_a_key(self, store: Store) -> None:
        """Rows without a key have no id, no property beyond their own, and keep their order."""
        await store.prepare(LINE)
        assert await store.create(LINE, text="b", size=1) is None
        assert await store.create_all(LINE, [{"text": "a", "size": 1}, {"size": 2}]) == [None, None]
        assert await store.values(LINE, "text") == ["b", "a", None]
        assert set((await store.find(LINE))[0]) == {"text", "size"}
        assert await store.update(LINE, {"size": 3}, size=1) == 2
        assert await store.destroy(LINE, size=3) == 2

    async def test_a_taken_id_is_refused(self, store: Store) -> None:
        """A second row with one id is an error that names model and property; the first stays."""
        await store.prepare(NOTE, rows=[{"id": 1, "text": "a"}])
        with pytest.raises(DuplicateEntryError, match=r"(?i)duplicate.*Note.*id") as caught:
            await store.create(NOTE, id=1, text="b")
        assert caught.value.fields == ("id",)
        assert await store.values(NOTE, "text") == ["a"]

    async def test_a_failed_create_uses_up_no_id(self, store: Store) -> None:
        """The id after a refused row is the one it would have had."""
        await store.prepare(USER, rows=[{"email": "a"}])
        with pytest.raises(DuplicateEntryError):
            await store.create(USER, email="a")
        assert await store.create(USER, email="b") == 2

    async def test_unique_values_are_unique(self, store: Store) -> None:
        """A unique value is refused a second time, on create and on update; null never clashes."""
        await store.prepare(USER, rows=[{"email": "a"}, {"email": "b"}, {"email": None}, {}])
        for attempt in (
            store.create(USER, email="a"),
            store.update(USER, {"email": "a"}, id=2),
            store.replace(USER, {"email": "a"}, id=2),
        ):
            with pytest.raises(DuplicateEntryError) as caught:
                await attempt
            assert caught.value.fields == ("email",)
        assert await store.values(USER, "email") == ["a", "b", None, None]
        assert await store.update(USER, {"email": "a"}, id=1) == 1
        assert await store.create(USER, email="A") == 5

    async def test_several_values_may_be_unique_together(self, store: Store) -> None:
        """An index over two properties refuses only rows that have both in common."""
        await store.prepare(USER, rows=[{"age": 1, "city": "x"}, {"age": 1, "city": "y"}])
        await store.create(USER, age=1)
        await store.create(USER, age=1)
        with pytest.raises(DuplicateEntryError) as caught:
            await store.create(USER, age=1, city="y")
        assert set(caught.value.fields) == {"age", "city"}

    async def test_a_refused_bulk_update_changes_nothing(self, store: Store) -> None:
        """When the second row of an update clashes, the first is as it was."""
        await store.prepare(USER, rows=[{"email": "a"}, {"email": "b"}])
        with pytest.raises(DuplicateEntryError):
            await store.update(USER, {"email": "c", "age": 9})
        assert await store.values(USER, "email") == ["a", "b"]
        assert await store.values(USER, "age") == [None, None]

    async def test_freed_unique_values_can_be_used(self, store: Store) -> None:
        """What a row gave up, by a change or its end, another may have."""
        await store.prepare(USER, rows=[{"email": "a"}, {"email": "b"}])
        await store.update(USER, {"email": "c"}, id=1)
        await store.destroy(USER, id=2)
        await store.create(USER, email="a")
        await store.create(USER, email="b")
        assert await store.values(USER, "email") == ["c", "a", "b"]

    @pytest.mark.parametrize(("name", "value"), VALUES, ids=lambda item: repr(item)[:30])
    async def test_values_come_back(self, store: Store, name: str, value: Any) -> None:
        """A value of each type comes back equal and of its kind, and equals itself in a query."""
        await store.prepare(KINDS)
        key = await store.create(KINDS, **{name: value})
        (row,) = await store.find(KINDS)
        assert plain(KINDS, row) == plain(KINDS, {"id": key, name: value})
        assert _classes(row[name]) == _classes(value)
        found = await store.values(KINDS, "id", where={name: {"eq": value}})
        assert found == [key] or isinstance(value, Decimal | list | dict)

    async def test_null_comes_back_as_nothing(self, store: Store) -> None:
        """None is stored for every type and read as None."""
        await store.prepare(KINDS)
        nothing = {name: None for name in KINDS.shape.names if name != "id"}
        await store.create(KINDS, **nothing)
        await store.create(KINDS)
        first, second = await store.find(KINDS)
        assert plain(KINDS, first) == {"id": 1, **nothing}
        assert plain(KINDS, second) == {"id": 2, **nothing}

    async def test_nobody_shares_objects_with_the_store(self, store: Store) -> None:
        """What a caller changes in what it gave or got does not reach the store."""
        await store.prepare(KINDS)
        data: Row = {"object": {"a": [1]}, "texts": ["x"]}
        await store.create(KINDS, **data)
        data["object"]["a"].append(2)
        data["texts"].append("y")
        (row,) = await store.find(KINDS)
        row["object"]["a"].append(3)
        row["texts"].clear()
        row["text"] = "changed"
        (again,) = await store.find(KINDS)
        assert (again["object"], again["texts"], again.get("text")) == ({"a": [1]}, ["x"], None)

    async def test_calls_leave_their_arguments_alone(self, store: Store) -> None:
        """The data that was given is as it was after a create."""
        await store.prepare(NOTE)
        data: Row = {"text": "a"}
        await store.connector.create(NOTE, data, {})
        await store.connector.create_all(NOTE, [data, data], {})
        assert data == {"text": "a"}


class BulkCases(Suite):
    """Creating many rows at once."""

    async def test_ids_follow_the_rows(self, store: Store) -> None:
        """Ids come in the order of the rows, for any number of them."""
        store.needs("multi_insert")
        await store.prepare(NOTE)
        rows: list[Row] = [{"text": str(number)} for number in range(300)]
        ids = await store.create_all(NOTE, rows)
        assert ids == list(range(1, 301))
        assert await store.values(NOTE, "text") == [row["text"] for row in rows]
        assert await store.values(NOTE, "id", skip=1) == ids[1:]

    async def test_rows_of_different_keys(self, store: Store) -> None:
        """Rows may differ in what they have; given ids and made ones are mixed."""
        store.needs("multi_insert")
        await store.prepare(NOTE)
        rows: list[Row] = [{"text": "a"}, {}, {"id": 10, "stars": 1}, {"stars": 2}, {"id": None}]
        assert await store.create_all(NOTE, rows) == [1, 2, 10, 11, 12]
        assert await store.values(NOTE, "stars") == [None, None, 1, 2, None]
        assert await store.create_all(TAG, []) == []

    async def test_all_or_none(self, store: Store) -> None:
        """When one row is refused, none is stored, and no id is used up."""
        store.needs("multi_insert")
        await store.prepare(USER, rows=[{"email": "b"}])
        rows: list[Row] = [{"email": "a"}, {"email": "b"}, {"email": "c"}]
        with pytest.raises(DuplicateEntryError):
            await store.create_all(USER, rows)
        assert await store.values(USER, "email") == ["b"]
        assert await store.create(USER, email="d") == 2

    async def test_many_tasks_create_at_once(self, store: Store) -> None:
        """A hundred tasks that create get a hundred ids."""
        await store.prepare(NOTE)
        async with asyncio.TaskGroup() as tasks:
            made = [tasks.create_task(store.create(NOTE, text="x")) for _ in range(100)]
        assert sorted(task.result() for task in made) == list(range(1, 101))
        assert await store.count(NOTE) == 100


def _classes(value: Any) -> Any:
    """Return the classes in *value*; an int and an equal float count as one."""
    if isinstance(value, dict):
        return {key: _classes(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_classes(item) for item in value]
    return float if type(value) is int else type(value)
