"""Rows of the memory connector in a file: what is kept, and comes back."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from juggler import GeoPoint
from juggler.errors import DefinitionError, DuplicateEntryError
from juggler.testing.connector_suite.models import model, query, where
from tests.connectors.memory.files import ANY, NOTE, connector, rows_of, source


class Size(Enum):
    """Sizes."""

    SMALL = "s"
    LARGE = "l"


@pytest.mark.parametrize("small", [0, 1 << 20])
async def test_every_change_is_in_the_file_when_it_is_answered(tmp_path: Path, small: int) -> None:
    """Whoever reads the file after an operation finds what it did."""
    path = tmp_path / "notes.json"
    made = connector(path, small=small)
    await made.connect()
    steps: list[tuple[Callable[[], Awaitable[Any]], list[Any]]] = [
        (lambda: made.create(NOTE, {"text": "a"}, {}), ["a"]),
        (lambda: made.create_all(NOTE, [{"text": "b"}, {"text": "c"}], {}), ["a", "b", "c"]),
        (lambda: made.update(NOTE, where(NOTE, id=1), {"text": "A"}, {}), ["A", "b", "c"]),
        (lambda: made.modify(NOTE, where(NOTE, id=2), {"text": "B"}, {}), ["A", "B", "c"]),
        (lambda: made.replace(NOTE, where(NOTE, id=3), {}, {}), ["A", "B", None]),
        (lambda: made.destroy_all(NOTE, where(NOTE, id=1), {}), ["B", None]),
        (
            lambda: made.update_or_create(NOTE, {"id": 3, "text": "C"}, {}, where(NOTE), {}),
            ["B", "C"],
        ),
        (
            lambda: made.update_or_create(NOTE, {"id": 4}, {"text": "d"}, where(NOTE), {}),
            ["B", "C", "d"],
        ),
        (
            lambda: made.find_or_create(NOTE, query(NOTE, where={"text": "e"}), {"text": "e"}, {}),
            ["B", "C", "d", "e"],
        ),
        (lambda: made.automigrate([NOTE]), []),
    ]
    for step, texts in steps:
        await step()
        assert [row.get("text") for row in await rows_of(path)] == texts  # DAO-262
    assert await made.create(NOTE, {}, {}) == 1  # DAO-263


async def test_models_come_back_whole(tmp_path: Path) -> None:
    """Dates, numbers, booleans, points, lists and embedded models are read as what they were."""
    properties = {
        "when": "date",
        "day": "datestring",
        "price": "decimal",
        "place": "geopoint",
        "blob": "buffer",
        "done": "boolean",
        "dates": ["date"],
        "part": {"size": "number", "seen": "date"},
        "open": "any",
    }
    given = {
        "when": datetime(2020, 1, 2, tzinfo=UTC),
        "day": "2020-01-02",
        "price": "1.50",
        "place": {"lat": 1, "lng": 2},
        "blob": b"\0\xff",
        "done": False,
        "dates": [datetime(2021, 1, 1, tzinfo=UTC)],
        "part": {"size": 3, "seen": datetime(2022, 1, 1, tzinfo=UTC)},
        "open": {"day": date(2020, 1, 1), "deep": [{"price": Decimal("2.5")}]},
    }
    path = tmp_path / "things.json"
    async with source(path) as ds:
        made = await ds.define("Thing", properties).create(given)
    async with source(path) as ds:
        found = await ds.define("Thing", properties).find_by_id(made.id)
    assert found is not None
    assert found.to_object() == made.to_object()  # DAO-255, DAO-266
    assert found.part.seen == given["part"]["seen"]  # type: ignore[index]
    assert isinstance(found.price, Decimal)
    assert isinstance(found.place, GeoPoint)
    assert found.day == "2020-01-02"


async def test_ids_keep_their_class_and_numbers_go_on(tmp_path: Path) -> None:
    """Keys are of the class that they were; the next number follows the last that was given."""
    path = tmp_path / "ids.json"
    made = connector(path)
    await made.connect()
    keys = [1, "1", True, b"a", ("a", 1), datetime(2020, 1, 1, tzinfo=UTC)]
    for key in keys:
        await made.create(ANY, {"id": key}, {})
    await made.create_all(NOTE, [{}, {}, {}], {})
    await made.destroy_all(NOTE, where(NOTE), {})
    found = [row["id"] for row in await rows_of(path, ANY)]
    assert {(type(key), key) for key in found} == {(type(key), key) for key in keys}  # DAO-268
    again = connector(path)
    await again.connect()
    assert await again.create(NOTE, {}, {}) == 4  # DAO-256


async def test_members_of_enumerations_come_back(tmp_path: Path) -> None:
    """A member stands in the file by its value and is a member again in an instance."""
    path = tmp_path / "store.json"
    async with source(path) as ds:
        await ds.define("Shirt", {"size": Size, "odd": "any"}).create(size=Size.SMALL)
    async with source(path) as ds:
        shirt = ds.define("Shirt", {"size": Size, "odd": "any"})
        (found,) = await shirt.find(where={"size": Size.SMALL})
        assert found.size is Size.SMALL  # DAO-266


@pytest.mark.parametrize("small", [0, 1 << 20])
async def test_models_without_key_get_none(tmp_path: Path, small: int) -> None:
    """Rows without a primary key come back without one, in the order in which they came."""
    bare = model("Bare", {"text": "string"})
    path = tmp_path / "bare.json"
    made = connector(path, small=small)
    await made.connect()
    await made.create_all(bare, [{"text": text} for text in "abcdefghijkl"], {})
    await made.destroy_all(bare, where(bare, text="b"), {})
    await made.update(bare, where(bare, text="a"), {"text": "A"}, {})
    found = await rows_of(path, bare)
    assert found == [{"text": text} for text in "Acdefghijkl"]  # DAO-269
    again = connector(path, small=small)
    await again.connect()
    await again.create(bare, {"text": "m"}, {})
    assert (await rows_of(path, bare))[-1] == {"text": "m"}


async def test_models_that_come_later_begin_empty(tmp_path: Path) -> None:
    """A model that was defined after the file was written has no rows; others keep theirs."""
    path = tmp_path / "store.json"
    async with source(path) as ds:
        await ds.define("Old", {"name": str}).create(name="a")
    async with source(path) as ds:
        later = ds.define("Later", {"name": str})
        assert await later.find() == []  # DAO-268, DAO-329
        await later.create(name="b")
    async with source(path) as ds:
        assert [row.name for row in await ds.define("Old", {"name": str}).find()] == ["a"]


async def test_definitions_may_change(tmp_path: Path) -> None:
    """Values are read as the type that a property has now, keys among them."""
    path = tmp_path / "store.json"
    made = connector(path)
    await made.connect()
    former = model("Note", {"id": {"type": "string", "id": True}, "text": "string"})
    await made.create(former, {"id": "7", "text": "12"}, {})
    now = model("Note", {"id": {"type": "number", "id": True}, "text": "number"})
    again = connector(path, small=0)
    await again.connect()
    assert await again.all(now, query(now), {}) == [{"id": 7, "text": 12}]
    await again.destroy_all(now, where(now, id=7), {})
    assert await rows_of(path, now) == []


async def test_another_primary_key_needs_new_rows(tmp_path: Path) -> None:
    """Rows of the file are not read by a model with another key; automigrate lets them go."""
    path = tmp_path / "store.json"
    made = connector(path)
    await made.connect()
    await made.create(NOTE, {"text": "a"}, {})
    other = model("Note", {"code": {"type": "string", "id": True}})
    again = connector(path)
    await again.connect()
    with pytest.raises(DefinitionError, match="automigrate"):
        await again.all(other, query(other), {})
    await again.automigrate([other])
    assert await again.create(other, {"code": "a"}, {}) == "a"
    assert await rows_of(path, other) == [{"code": "a"}]


async def test_two_rows_that_become_one_are_an_error(tmp_path: Path) -> None:
    """Where keys that differed are equal under a new type, no row is lost in silence."""
    path = tmp_path / "store.json"
    made = connector(path)
    await made.connect()
    await made.create(ANY, {"id": 1}, {})
    await made.create(ANY, {"id": "1"}, {})
    numbered = model("Any", {"id": {"type": "number", "id": True}})
    again = connector(path)
    await again.connect()
    with pytest.raises(DuplicateEntryError):
        await again.count(numbered, where(numbered), {})
