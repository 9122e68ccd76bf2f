"""Strictness of one instance, ids, and rows of stores that vouch for nothing."""

from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from juggler import DataSource, ModelRegistry
from juggler.connectors.memory.connector import MemoryConnector
from juggler.errors import DefinitionError, ValidationError
from juggler.models.instances.loading import load_foreign
from juggler.models.validating.validate import validate

PLAIN = {"id_injection": False}


def define(**settings: Any) -> Any:
    """Return a model."""
    return ModelRegistry().define("Thing", {"a": str}, {**PLAIN, **settings})


# MOD-54
@pytest.mark.parametrize("strict", [None, False, True, "validate", "filter", "throw"])
@pytest.mark.parametrize("own", [None, False, True, "validate", "filter", "throw"])
async def test_modes(strict: Any, own: Any) -> None:
    """Undeclared data is kept, reported, dropped or refused as the instance's mode says."""
    model = define(strict=strict)
    mode = strict if own is None else own
    if mode == "throw":
        with pytest.raises(ValidationError):
            model({"a": 1, "x": 2}, strict=own)
        return
    made = model({"a": 1, "x": 2}, strict=own)
    codes = (await validate(made)).codes
    if not mode:
        assert (made["x"], made.to_object(), codes) == (2, {"a": "1", "x": 2}, {})
        made.y = 3
        assert made.to_object()["y"] == 3
        return
    assert made.to_object() == {"a": "1"}
    assert codes == ({} if mode == "filter" else {"x": ["unknown-property"]})
    made["y"] = 3
    assert made["y"] == 3
    assert made.to_json() == {"a": "1", "y": 3}
    assert made.to_object() == {"a": "1"}
    made.unset_attribute("x")
    assert not (await validate(made)).codes


# MOD-54
async def test_changing_the_mode() -> None:
    """`set_strict` changes what output and storage include, back and forth."""
    model = define()
    made = model(a=1, x=2)
    made.set_strict(True)
    assert (made.to_object(), made["x"], made.to_json()) == ({"a": "1"}, 2, {"a": "1", "x": 2})
    assert not await validate(made)
    made.set_strict(False)
    assert made.to_object() == {"a": "1", "x": 2}
    made.set_strict(None)
    assert made.to_object() == {"a": "1", "x": 2}
    closed = define(strict=True)(a=1, x=2)
    closed.set_strict(False)
    assert closed.to_object() == {"a": "1", "x": 2}
    assert not await validate(closed)
    for mode in (1, "yes"):
        with pytest.raises(DefinitionError):
            made.set_strict(mode)
        with pytest.raises(DefinitionError):
            model(strict=mode)


# MOD-34, MOD-36
def test_ids_by_their_names() -> None:
    """`id` reads and writes the one id, whatever its name; with several or none it is a dict."""
    registry = ModelRegistry()
    one = registry.define("One", {"key": {"type": str, "id": True}})
    made = one(key="a")
    assert (made.id, one.definition.id_name(), one.definition.has_pk()) == ("a", "key", True)
    made.id = "b"
    assert made.key == "b"
    two = registry.define("Two", {"b": {"type": str, "id": 2}, "a": {"type": str, "id": True}})
    assert two(a="x", b="y").id == {"a": "x", "b": "y"}
    assert two.definition.id_names() == ["a", "b"]
    assert [item.name for item in two.definition.ids()] == ["a", "b"]
    none = registry.define("None_", {"a": str}, id_injection=False)
    assert (none().id, none.definition.id_name(), none.definition.has_pk()) == ({}, None, False)
    both = registry.define("Both", {"x": {"type": int, "id": 1}, "id": {"type": int, "id": 2}})
    assert both.definition.id_name() == "id"


# MOD-37
async def test_ids_stay() -> None:
    """After a create, a save or a load the id is fixed; the same one may be assigned again."""
    source = DataSource("memory", registry=ModelRegistry())
    model = source.define("Thing", {"a": str})
    made = await model.create(a="x")
    saved = model(a="y")
    await saved.save()
    for each in (made, saved, await model.find_by_id(1)):
        each.id = each.id
        with pytest.raises(AttributeError, match="cannot change"):
            each.id = 99


# MOD-38, MOD-39
def test_names_in_a_store() -> None:
    """Tables and columns come from a connector's block, in either spelling; indexes are united."""
    source = DataSource("memory", registry=ModelRegistry())
    model = source.define(
        "Thing",
        {
            "key": {"type": str, "id": True, "memory": {"columnName": "KEY_"}},
            "b": {"type": str, "index": True, "mysql": {"column": "B_", "dataType": "char"}},
            "c": {"type": str, "index": {"unique": True}}, "d": {"type": str, "unique": True},
        },
        {
            "memory": {"table": "THINGS"}, "mysql": {"table_name": "T"},
            "indexes": {"x": {"keys": {"b": 1}}, "c_index": {"keys": {"c": -1}}},
        },
    )  # fmt: skip
    assert [model.table_name(name) for name in ("memory", "mysql", "other")] == [
        "THINGS",
        "T",
        "Thing",
    ]
    assert model.column_name("mysql", "b") == "B_"
    assert (model.column_name("mysql", "zip"), model.column_name("mysql", None)) == ("zip", None)
    assert model.column_names("memory") == ["KEY_", "b", "c", "d"]
    assert model.column_metadata("mysql", "b") == {"column": "B_", "dataType": "char"}
    assert model.column_metadata("mysql", "c") is model.column_metadata("mysql", "zip") is None
    assert model.id_column_name("memory") == source.id_column_name("Thing") == "KEY_"
    assert (source.table_name("Thing"), source.column_name(model, "key")) == ("THINGS", "KEY_")
    assert source.column_names(model) == ["KEY_", "b", "c", "d"]
    assert source.column_metadata("Thing", "key") == {"columnName": "KEY_"}
    assert (source.id_name("Thing"), source.id_names("Thing")) == ("key", ["key"])
    assert source.id_property("Thing") is model.properties["key"]
    assert model.definition.indexes() == {
        "x": {"keys": {"b": 1}}, "c_index": {"keys": {"c": -1}}, "b_index": True,
        "d_index": {"unique": True},
    }  # fmt: skip
    with pytest.raises(DefinitionError, match="no model Nothing"):
        source.table_name("Nothing")


# MOD-38
async def test_tables_have_those_names() -> None:
    """What LoopBack's spelling of a block says is what the database has."""
    source = DataSource("sqlite://", registry=ModelRegistry())
    model = source.define(
        "Thing",
        {"a": {"type": str, "sqlite": {"columnName": "A_"}}},
        {"sqlite": {"tableName": "T_"}},
    )
    async with source:
        await source.autoupdate()
        await model.create(a="x")
        assert "A_" in str(await source.execute("select sql from sqlite_master where name = 'T_'"))


# MOD-10, Do better (types)
async def test_rows_of_stores_that_vouch_for_nothing() -> None:
    """Scalars of such a row are coerced, what does not fit stays, and no setter runs."""

    class Loose(MemoryConnector):
        """Gives whatever was put in."""

        exact: ClassVar[bool] = False

    source = DataSource(connector=Loose, registry=ModelRegistry())
    model = source.define(
        "Thing",
        {"n": "number", "at": "date", "t": {"type": "string", "trim": True}, "l": ["number"]},
    )
    row = {"id": "1", "n": "5", "at": "2020", "t": " x ", "l": '["1"]', "more": "7"}
    made = load_foreign(model, row)
    assert (made.id, made.n, made.at, made.t) == (1, 5, datetime(2020, 1, 1, tzinfo=UTC), " x ")
    assert (made.l, made["more"]) == ([1], "7")
    assert load_foreign(model, {"n": "abc", "at": None}).n == "abc"
    async with source:
        await source.connector.create(model.info, {"n": "5", "at": "2020"}, {})
        found = await model.find_one()
        assert (found.n, found.at.year) == (5, 2020)
        assert not found.changed()
