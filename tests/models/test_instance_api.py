"""What an instance says of its place: its data source, and values of relations."""

from typing import Any

import pytest

from juggler import DataSource, Model, prop
from juggler.errors import ConnectorDetachedError, ValidationError
from juggler.facade.default import ModelRegistry

RELATIONS = {"owner": {"type": "belongsTo", "model": "Owner"}, "tags": {"type": "hasMany"}}


class Place(Model):
    """A declared model."""

    id: int = prop(id=True)


# MOD-75
async def test_data_source_and_connector(registry: ModelRegistry) -> None:
    """They are the instance's own where it has one, else the model's; the class has its own."""
    one, two = (DataSource("memory", registry=registry) for _ in range(2))
    model = one.define("Thing", {"x": "number"})
    mine, other = model(x=1), model({"x": 1}, data_source=two)
    assert (mine.get_data_source(), other.get_data_source()) == (one, two)
    assert (mine.get_connector(), other.get_connector()) == (one.connector, two.connector)
    assert model.get_data_source() is one
    place = Place(id=1)
    with pytest.raises(ConnectorDetachedError):
        place.get_data_source()
    with pytest.raises(ConnectorDetachedError):
        Place.get_data_source()
    two.attach(Place)
    assert Place.get_data_source() is place.get_data_source() is two
    await one.close()
    with pytest.raises(ConnectorDetachedError):
        mine.get_connector()


# MOD-71
@pytest.mark.parametrize("strict", [False, True, "filter", "throw"])
async def test_keys_that_name_relations(registry: ModelRegistry, strict: Any) -> None:
    """What is given for a relation is no data: kept apart, readable by name, never stored."""
    source = DataSource("memory", registry=registry)
    owner = source.define("Owner", {"name": "string"})(name="Ann")
    model = source.define("Thing", {"x": "number"}, strict=strict, relations=RELATIONS)
    thing = model(x=1, owner=owner, tags=[{"a": 1}])
    assert thing["owner"] is thing.get("owner") is owner
    assert thing.get("tags") == [{"a": 1}]
    assert thing.to_json() == thing.to_dict() == {"x": 1}
    assert thing.changed() == []
    assert await thing.is_valid()
    thing["owner"] = None
    assert thing["owner"] is None
    async with source:
        await thing.save()
        made = await model.create(x=2, owner=owner)
        await made.update_attributes({"x": 3, "tags": []})
        await model.update_all({}, {"x": 4, "owner": {"name": "Bob"}})
        rows = await source.connector.all(model.info, _everything(), {})  # type: ignore[union-attr]
        assert rows == [{"id": 1, "x": 4}, {"id": 2, "x": 4}]
        assert made["tags"] == []
    other = model(x=1, strict=True)
    other["owner"] = owner
    assert other.to_dict() == {"x": 1}


def _everything() -> Any:
    """Return the filter that asks for all rows."""
    from juggler.query.nodes import Filter

    return Filter()


# MOD-71
async def test_other_unknown_keys_are_as_unknown_as_ever(registry: ModelRegistry) -> None:
    """Only the names of relations are kept apart; a property wins over a relation of its name."""
    model = registry.define(
        "Thing", {"x": "number", "tags": "string"}, strict=True, relations=RELATIONS
    )
    thing = model(x=1, tags="a", owner=1, other=2)
    assert (thing.tags, thing["owner"]) == ("a", 1)
    assert not await thing.is_valid()
    assert dict(thing.errors.codes) == {"other": ["unknown-property"]}
    throwing = registry.define("T", {}, strict="throw", relations=[{"name": "owner"}])
    assert throwing(owner=1)["owner"] == 1
    with pytest.raises(ValidationError):
        throwing(owner=1, other=2)
