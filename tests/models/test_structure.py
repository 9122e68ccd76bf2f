"""What a model tells of itself, and how it comes to a data source."""

from typing import Any

import pytest

from juggler import ConnectorDetachedError, DataSource, Model, ModelRegistry, RoutingError


def both_kinds() -> list[Any]:
    """Return a run-time model and a declared one, on no data source yet."""
    registry = ModelRegistry()
    settings = {"relations": {"owner": {"type": "belongsTo", "model": "User"}}}

    class Declared(Model, registry=registry, relations=settings["relations"]):
        tags: list[str] | None = None
        n: float | None = None

    made = registry.define("Made", {"tags": ["string"], "n": "number"}, settings)
    return [made, Declared]


@pytest.mark.parametrize("model", both_kinds(), ids=str)
def test_attributes_of_a_model(model: Any) -> None:
    """Every model has builder, relations, accessors, events and its definition as attributes."""
    # MOD-44
    assert model.model_builder.define
    assert model.relations["owner"]["type"] == "belongsTo"
    assert (model.definition.shape, model.base) == (model.shape, None)
    heard: list[str] = []
    for at in range(40):
        model.on("told", lambda at=at: heard.append(at))
    model.emit("told")
    assert heard == list(range(40))
    with pytest.raises(TypeError):
        model.relations["other"] = {}
    assert model.model_builder.define("None", {}).relations == {}


@pytest.mark.parametrize("model", both_kinds(), ids=str)
def test_names_of_types(model: Any) -> None:
    """Models and instances name the type of a property; lists say of what, unknown names None."""
    # MOD-50
    for asked in (model, model()):
        assert asked.get_property_type("tags") == "List<string>"
        assert asked.get_property_type("n") == "number"
        assert asked.get_property_type("zork") is None
        assert asked.get_id_name() == "id"
    seen: dict[str, Any] = {}
    model.for_each_property(seen.__setitem__)
    assert seen == dict(model.properties)


@pytest.mark.parametrize("model", both_kinds(), ids=str)
async def test_attach_to(model: Any) -> None:
    """A model attaches itself: once for each source, with two events, and moves to another one."""
    # MOD-51
    told: list[str] = []
    for event in ("data_access_configured", "data_source_attached"):
        model.on(event, lambda _, event=event: told.append(event))
    with pytest.raises(ConnectorDetachedError):
        await model.create(n=1)
    registry = model.model_builder.registry
    one, two = (DataSource("memory", registry=registry) for _ in range(2))
    model.attach_to(one)
    model.attach_to(one)
    assert told == ["data_access_configured", "data_source_attached"]
    assert one.models[model.model_name] is model
    model.attach_to(two)
    assert (model.data_source, len(told)) == (two, 4)
    assert model.model_name not in one.models
    async with two:
        assert (await model.create(n="1")).n == 1
    with pytest.raises(RoutingError, match="no data source"):
        model.attach_to("memory")
