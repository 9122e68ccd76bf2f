"""Tables follow their models: made, extended, never narrowed."""

from collections.abc import AsyncIterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from juggler.connectors.contract import ModelInfo
from juggler.connectors.sql.sqlite import SqliteConnector
from juggler.errors import DefinitionError, DuplicateEntryError, StoreError
from juggler.testing.connector_suite.models import model, query, where

KEY = {"type": "number", "id": True, "generated": True}
HOST = SimpleNamespace(name="test", settings={})


@pytest.fixture
async def store() -> AsyncIterator[SqliteConnector]:
    """Give an empty database."""
    found = SqliteConnector({}, HOST)
    await found.connect()
    yield found
    await found.disconnect()


async def schema(store: SqliteConnector) -> dict[str, str]:
    """Return the statements that made tables and indexes, by name, on one line each."""
    found = await store.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    return {name: " ".join(sql.split()) for name, sql in found.rows if "sqlite_" not in name}


async def test_types_and_keys(store: SqliteConnector) -> None:
    """Each type has its column; a generated number counts, other keys are as they are."""
    info = model(
        "All",
        {
            "id": KEY,
            "s": {"type": "string", "required": True},
            "n": "number",
            "i": "integer",
            "d": "decimal",
            "b": "boolean",
            "t": "date",
            "ds": "date_string",
            "raw": "buffer",
            "g": "geopoint",
            "l": ["string"],
            "o": {"a": "string"},
            "v": {"type": "string", "sqlite": {"data_type": "VARCHAR(9)"}},
            "x": {"type": "number", "sqlite": {"db_default": "5"}},
        },
    )
    await store.autoupdate([info])
    assert (await schema(store))["all"] == (
        'CREATE TABLE "all" ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, s TEXT NOT NULL, '
        "n NUMERIC, i INTEGER, d DECIMAL_TEXT COLLATE juggler_decimal, b BOOLEAN, t DATE_TEXT, "
        "ds TEXT, raw BLOB, g JSON_TEXT, l JSON_TEXT, o JSON_TEXT, v VARCHAR(9), "
        "x NUMERIC DEFAULT 5 )"
    )  # DS-135, DS-173
    await store.create(info, {"s": "a"}, {})
    assert (await store.all(info, query(info), {}))[0]["x"] == 5
    pair = model(
        "Pair", {"b": {"type": "string", "id": 2}, "a": {"type": "number", "id": 1}, "n": "number"}
    )
    await store.autoupdate([pair])
    assert "PRIMARY KEY (a, b)" in (await schema(store))["pair"]


async def test_indexes_in_all_spellings(store: SqliteConnector) -> None:
    """Properties and the model ask for indexes in LoopBack's ways."""
    info = model(
        "Note",
        {
            "id": KEY,
            "a": {"type": "string", "index": True},
            "b": {"type": "string", "index": {"unique": True}},
            "c": {"type": "string", "unique": True},
            "d": {"type": "string", "index": {"unique": False}},
            "p": {"type": "decimal", "unique": True},
        },
        indexes={
            "one": {"a": 1, "b": -1},
            "two": "a, b DESC",
            "from": {"keys": {"a": 1}, "options": {"unique": True}},
            "three": {"columns": ["b DESC"], "kind": "UNIQUE"},
        },
    )
    await store.autoupdate([info])
    made = await schema(store)
    assert made["note_a_idx"] == "CREATE INDEX note_a_idx ON note (a)"  # DS-177
    assert made["note_b_idx"] == "CREATE UNIQUE INDEX note_b_idx ON note (b)"
    assert made["note_c_idx"] == "CREATE UNIQUE INDEX note_c_idx ON note (c)"
    assert made["note_d_idx"] == "CREATE INDEX note_d_idx ON note (d)"  # DS-183
    assert made["one"] == "CREATE INDEX one ON note (a, b DESC)"
    assert made["two"] == "CREATE INDEX two ON note (a, b DESC)"
    assert made["from"] == 'CREATE UNIQUE INDEX "from" ON note (a)'  # DS-132
    assert made["three"] == "CREATE UNIQUE INDEX three ON note (b DESC)"
    assert await store.is_actual([info])  # DS-69
    await store.create(info, {"p": Decimal("1.5")}, {})
    with pytest.raises(DuplicateEntryError) as caught:
        await store.create(info, {"p": Decimal("1.50")}, {})
    assert caught.value.fields == ("p",)


@pytest.mark.parametrize("index", [{"nope": 1}, "", 7, ["a", "nope DESC"]])
async def test_indexes_that_cannot_be(store: SqliteConnector, index: Any) -> None:
    """An index over nothing that the model has is refused, by its name."""
    info = model("Note", {"id": KEY, "a": "string"}, indexes={"mine": index})
    with pytest.raises(DefinitionError, match="mine"):
        await store.autoupdate([info])


async def steps(store: SqliteConnector, *infos: ModelInfo) -> dict[str, str]:
    """Run each model through autoupdate, twice, and return the schema."""
    for info in infos:
        assert not await store.is_actual([info])
        await store.autoupdate([info])
        assert await store.is_actual([info])
        before = await schema(store)
        await store.autoupdate([info])
        assert await schema(store) == before  # DS-179
    return await schema(store)


async def test_columns_are_added_and_filled(store: SqliteConnector) -> None:
    """New columns come; required ones with a default fill old rows, without one may be empty."""
    old = model("Note", {"id": KEY, "a": "string", "gone": {"type": "string"}})
    await steps(store, old)
    await store.create(old, {"a": "x", "gone": "y"}, {})
    new = model(
        "Note",
        {
            "id": KEY,
            "a": "string",
            "t": {"type": "string", "required": True, "default": "it's"},
            "n": {"type": "number", "required": True, "default": 1.5},
            "b": {"type": "boolean", "required": True, "default": True},
            "raw": {"type": "buffer", "required": True, "default": b"\x01"},
            "l": {"type": ["string"], "required": True, "default": ["z"]},
            "when": {"type": "date", "required": True, "default_fn": "now"},
            "free": {"type": "string", "default": "not filled in"},
            "must": {"type": "string", "required": True},
        },
    )
    made = await steps(store, new)
    assert "gone TEXT" in made["note"]  # DS-72
    assert "t TEXT DEFAULT 'it''s' NOT NULL" in made["note"]
    (row,) = await store.all(new, query(new), {})
    assert row == {
        "id": 1, "a": "x", "t": "it's", "n": 1.5, "b": True, "raw": b"\x01", "l": ["z"],
        "when": None, "free": None, "must": None,
    }  # fmt: skip  # DS-187
    assert await store.update(new, where(new, id=1), {"must": "m"}, {}) == 1


async def test_changed_indexes_are_rebuilt(store: SqliteConnector) -> None:
    """An index of the same name over other columns takes the place of the old one."""
    first = model("Note", {"id": KEY, "a": "string", "b": "string"}, indexes={"mine": "a"})
    unique = {"keys": "a", "options": {"unique": True}}
    second = model("Note", {"id": KEY, "a": "string", "b": "string"}, indexes={"mine": unique})
    third = model("Note", {"id": KEY, "a": "string", "b": "string"}, indexes={"mine": "a, b"})
    made = await steps(store, first, second, third)
    assert made["mine"] == "CREATE INDEX mine ON note (a, b)"


async def test_a_failed_update_changes_nothing(store: SqliteConnector) -> None:
    """When the second model cannot be brought about, the first is not either."""
    old = model("Note", {"id": KEY, "a": "string"})
    await steps(store, old)
    await store.create_all(old, [{"a": "x"}, {"a": "x"}], {})
    before = await schema(store)
    other = model("Other", {"id": KEY})
    broken = model("Note", {"id": KEY, "new": "string", "a": {"type": "string", "unique": True}})
    with pytest.raises(DuplicateEntryError):
        await store.autoupdate([other, broken])
    assert await schema(store) == before  # DS-186
    await store.autoupdate([other])


async def test_models_of_one_name_share_a_table(store: SqliteConnector) -> None:
    """Two models of one name get the columns of both."""
    one = model("Note", {"id": KEY, "a": "string"})
    two = model("Note", {"id": KEY, "b": "string"})
    await store.autoupdate([one, two])
    assert await store.is_actual([one, two])
    await store.create(one, {"a": "x"}, {})
    await store.create(two, {"b": "y"}, {})
    assert [row["b"] for row in await store.all(two, query(two), {})] == [None, "y"]


async def test_other_tables_are_left_alone(store: SqliteConnector) -> None:
    """What no model is about stays, on update and on automigrate."""
    await store.execute("CREATE TABLE foreign_one (a)")
    info = model("Note", {"id": KEY})
    await steps(store, info)
    await store.automigrate([info])
    assert "foreign_one" in await schema(store)


async def test_a_model_without_properties(store: SqliteConnector) -> None:
    """There is no table for nothing, and the error says so."""
    with pytest.raises(DefinitionError, match="no properties"):
        await store.autoupdate([model("Empty", {})])


@pytest.mark.parametrize(
    "kind", ["TEXT, b TEXT", "TEXT); --", 7, "'a'", "TEXT DEFAULT (1)", "INT references x"]
)
async def test_types_that_cannot_be(store: SqliteConnector, kind: Any) -> None:
    """A column's type is a name, maybe with lengths, and nothing else."""
    info = model("Note", {"id": KEY, "a": {"type": "string", "sqlite": {"data_type": kind}}})
    with pytest.raises(DefinitionError, match="data_type"):
        await store.autoupdate([info])


async def test_a_default_that_the_database_refuses(store: SqliteConnector) -> None:
    """A raw default that is no SQL fails the migration with the database's own words."""
    info = model("Note", {"id": KEY, "a": {"type": "string", "sqlite": {"db_default": "no("}}})
    with pytest.raises(StoreError):
        await store.autoupdate([info])
    assert await schema(store) == {}
