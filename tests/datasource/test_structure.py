"""What a data source says of its models' structure, and models it makes of samples and copies."""

import json
from typing import Any

import pytest

from juggler import DataSource, ModelRegistry
from juggler.errors import ConnectorDetachedError, DefinitionError, ValidationError
from tests.datasource.stores import make_source, store_of


def memory() -> DataSource:
    """Return a data source of its own registry."""
    return DataSource("memory", registry=ModelRegistry())


# MOD-45
async def test_the_connector_is_told_of_new_properties() -> None:
    """A property that is added later is stored and read like all others."""
    source = DataSource("sqlite://", registry=ModelRegistry())
    model = source.define("Thing", {"a": str})
    async with source:
        source.define_property("Thing", "n", {"type": "number"})
        await source.autoupdate()
        made = await model.create(a="x", n="5")
        assert (await model.find_by_id(made.id)).n == 5
        source.define_property(model, "m", "date")
        await source.autoupdate()
        await model.create(a="y", m="2020")
        assert await model.count({"m": {"gt": "2019"}}) == 1
    with pytest.raises(DefinitionError, match="no model Nothing"):
        source.define_property("Nothing", "x", str)


# MOD-45
def test_a_property_that_the_connector_refuses() -> None:
    """When the store cannot have it, model and connector stay as they were."""
    source = make_source()
    model = source.define("Thing", {"a": str})
    shape = model.shape
    store_of(source).errors["define"] = [DefinitionError("two columns of one name")]
    with pytest.raises(DefinitionError, match="two columns"):
        model.define_property("b", {"in": {"x": int}})
    assert model.shape is shape
    assert dict(model.nested) == {}
    assert store_of(source).defined == [model.info]
    assert list(source.models) == ["Thing"]
    model.define_property("b", str)
    assert store_of(source).defined == [model.info]


# MOD-47
async def test_copies_have_rows_of_their_own() -> None:
    """A copy on another source is the same model with another store."""
    one, two = memory(), memory()
    master = one.define("Thing", {"a": str})
    copy = two.copy_model(master)
    await master.create(a="x")
    assert copy is two.models["Thing"]
    assert (await master.count(), await copy.count()) == (1, 0)
    assert isinstance(copy(), master)
    await two.close()
    with pytest.raises(ConnectorDetachedError):
        two.copy_model(master)


# MOD-100, MOD-101
async def test_models_of_samples_and_schemas() -> None:
    """They are made here and attached; a record of the sample is the sample again."""
    source = memory()
    sample = {"id": 7, "name": "x", "tags": ["a"], "in": {"n": 1}}
    model = source.build_model_from_instance("Sample", sample)
    made = await model.create(sample)
    assert made.to_object() == sample
    assert model.data_source is source
    found = source.build_models(
        [{"name": "A", "properties": {"b": "B"}}, {"name": "B", "properties": {}}]
    )
    assert found["A"].nested["b"] is source.models["B"] is found["B"]


# MOD-40a
async def test_what_has_parts_lies_as_json_text() -> None:
    """In a relational store lists and objects are JSON text, None is null, and all come back."""
    source = DataSource("sqlite://", registry=ModelRegistry())
    model = source.define(
        "Thing", {"list": ["number"], "open": "object", "json": "json", "any": "any", "text": str}
    )
    given: dict[str, Any] = {"list": [1], "open": {"a": [1]}, "json": [{"b": None}], "any": "x"}
    async with source:
        await source.autoupdate()
        made = await model.create({**given, "text": "[1]"})
        columns = ", ".join(f'"{name}"' for name in [*given, "text"])
        answer = await source.execute(f"select {columns} from Thing")
        *cells, text = answer.rows[0]
        assert [json.loads(cell) for cell in cells] == list(given.values())
        assert text == "[1]"
        found = await model.find_by_id(made.id)
        assert found.to_object() == {"id": 1, **given, "text": "[1]"}
        empty = await model.create({})
        assert (await model.find_by_id(empty.id)).list is None


# MOD-56
async def test_switches_of_validation() -> None:
    """The call wins, then the setting of the operation, then `automatic_validation`."""
    source = memory()
    need = {"a": {"type": str, "required": True}}
    usual = source.define("Usual", need)
    off = source.define("Off", need, automatic_validation=False)
    on = source.define("On", need, automatic_validation=False, validate_upsert=True)
    for model in (usual, on):
        with pytest.raises(ValidationError):
            await model.upsert({})
    await off.upsert({})
    await off.create({})
    await on.create({})
    await usual.create({}, options={"validate": False})
    with pytest.raises(ValidationError):
        await off.create({}, options={"validate": True})


def test_names_of_models_without_one() -> None:
    """A schema without a name never gets that of a structure which is there already."""
    # MOD-101
    source = DataSource("memory", registry=ModelRegistry())
    user = source.define("User", {"home": {"street": "string"}})
    inner = user.nested["home"].model_name
    ((name, made),) = source.build_models({"x": "number"}).items()
    assert name != inner
    assert made(x="1").x == 1
    assert source.models[inner] is user.nested["home"]
