"""What the memory connector is, and what its calls answer, as models use it."""

import asyncio
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from juggler import DataSource, ModelRegistry, NotFoundError
from juggler.connectors.contract import Connector


def memory(**settings: Any) -> DataSource:
    """Return a data source of its own."""
    return DataSource("memory", registry=ModelRegistry(), **settings)


def test_what_it_is() -> None:
    """It tells its kinds, gives numbers as ids and has every optional method."""
    ds = memory()
    made: Any = ds.connector
    assert ds.get_types() == ["db", "nosql", "memory"]  # DAO-253
    assert made.default_id_type() == "number"
    optional = {"upsert", "find_or_create", "multi_insert", "near", "aggregate", "bulk_upsert"}
    assert optional | {"atomic", "migrate", "transactions"} <= made.capabilities
    for name in ("create_all", "replace", "update_or_create", "find_or_create", "upsert_all"):
        assert getattr(type(made), name) is not getattr(Connector, name)


def test_storage_of_a_browser_means_nothing() -> None:
    """The setting for a browser's storage is taken and does nothing."""
    assert memory(localStorage="db").connected is False  # DAO-264


@pytest.mark.parametrize(
    ("conditions", "names"),
    [
        ({"n": 1}, ["a"]),
        ({"n": "1"}, ["a"]),
        ({"text": 1}, ["a"]),
        ({"n": {"gt": 0}}, ["a", "b"]),
        ({"when": datetime(2020, 1, 1, tzinfo=UTC)}, ["a"]),
        ({"when": "2020-01-01T01:00:00+01:00"}, ["a"]),
        ({"when": {"inq": ["2020-01-01"]}}, ["a"]),
        ({"open": {"gt": 0}}, ["a"]),
        ({"open": {"lt": "z"}}, ["b"]),
        ({"open": 1}, ["a"]),
        ({"open": "1"}, []),
    ],
)
async def test_what_equals_what(conditions: dict[str, Any], names: list[str]) -> None:
    """Operands become their property's type; then values of two kinds never equal nor compare."""
    properties = {"name": str, "n": "number", "text": str, "when": "date", "open": "any"}
    thing = memory().define("Thing", properties)
    when = datetime(2020, 1, 1, tzinfo=UTC)
    await thing.create(name="a", n=1, text="1", when=when, open=Decimal(1))
    await thing.create(name="b", n=2, open="x")
    await thing.create(name="c")
    found = await thing.find(where=conditions)
    assert [each.name for each in found] == names  # DAO-258, DAO-267


async def test_what_changes_answer() -> None:
    """Deletions and updates tell how many rows they met."""
    note = memory().define("Note", {"text": str})
    await note.create_all([{"text": text} for text in "aab"])
    assert (await note.update_all({"text": "a"}, {"text": "c"}))["count"] == 2  # DAO-259
    assert (await note.destroy_by_id(1))["count"] == 1
    assert (await note.destroy_by_id(1))["count"] == 0
    assert await note.count() == 2
    assert (await note.destroy_all({"text": "c"}))["count"] == 1


async def test_what_is_merged_and_what_replaced() -> None:
    """Updates keep what they do not name, replacements do not; neither makes a row."""
    note = memory().define("Note", {"text": str, "more": str})
    made = await note.create(text="a", more="b")
    assert (await made.update_attributes({"text": "c"})).more == "b"  # DAO-260
    assert (await note.upsert({"id": 1, "text": "d"})).more == "b"
    assert (await note.replace_by_id(1, {"text": "e"})).to_object().get("more") is None
    await note.destroy_all(all=True)
    with pytest.raises(NotFoundError):
        await made.update_attributes({"text": "f"})
    with pytest.raises(NotFoundError):
        await note.replace_by_id(1, {"text": "f"})


async def test_what_decides_also_writes() -> None:
    """However many tasks find or create, or upsert, one row at once: one row is made."""
    ds = memory()
    note = ds.define("Note", {"text": str})
    own = ds.define("Own", {"id": {"type": "number", "id": True}, "n": "number"})
    assert await note.count() == await own.count() == 0
    await asyncio.gather(
        *(note.find_or_create({"where": {"text": "a"}}, {"text": "a"}) for _ in range(20)),
        *(own.replace_or_create({"id": 7, "n": number}) for number in range(20)),
        *(note.upsert_with_where({"text": "b"}, {"text": "b"}) for _ in range(20)),
    )
    assert (await note.count(), await own.count()) == (2, 1)  # DAO-261
