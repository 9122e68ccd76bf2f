"""The models of a data source: defined, attached, deleted."""

import asyncio
import logging
from typing import Any

import pytest

from juggler.datasource.datasource import DataSource
from juggler.errors import (
    ConnectorDetachedError,
    DefinitionError,
    ModelDisposedError,
    OperationNotSupportedError,
)
from juggler.facade.default import ModelRegistry
from juggler.facade.model import Model
from juggler.registry.builder import ModelBuilder
from juggler.testing.gate import Gate
from tests.datasource.stores import Tables, make_source, store_of


@pytest.fixture
def source() -> DataSource:
    """A source on a fake."""
    return make_source()


# defining -------------------------------------------------------------------------------------


def test_a_defined_model_is_here(source: DataSource) -> None:
    """A model that is defined on a source is its own, and the connector knows."""  # DS-36
    model = source.define("Thing", {"a": int}, {"plural": "Things"}, hidden=["a"])
    assert source.models["Thing"] is source.get_model("Thing") is model
    assert source.definitions == {"Thing": model.definition}
    assert model.data_source is model.owner is source
    assert model.owner_kind == "data_source"
    assert (model.settings["plural"], model.definition.hidden) == ("Things", {"a"})
    assert store_of(source).defined == [model.info]
    assert source.create_model("Other").shape.names == ("id",)


def test_a_model_without_name(source: DataSource) -> None:
    """A name is required."""  # DS-36
    with pytest.raises(DefinitionError, match="Class name required"):
        source.define("")


def test_models_from_json(source: DataSource) -> None:
    """LoopBack's model JSON defines a model too."""
    model = source.define_json(
        {"name": "Thing", "idInjection": False, "properties": {"a": {"type": "number"}}}
    )
    assert model.shape.names == ("a",)
    assert source.models["Thing"] is model


def test_a_definition_that_fails_changes_nothing(source: DataSource) -> None:
    """Neither the registry nor the connector knows of a model that could not be."""
    with pytest.raises(DefinitionError):
        source.define("Thing", {"a": "no type"})
    store_of(source).errors["define"] = [DefinitionError("two columns of one name")]
    with pytest.raises(DefinitionError):
        source.define("Thing", {"a": int})
    assert list(source.models) == []
    assert store_of(source).defined == []


def test_defining_again_replaces(source: DataSource) -> None:
    """The new model is found, the old one is gone, the connector knows one."""  # REG-09
    old = source.define("Thing", {"a": int})
    new = source.define("Thing", {"b": int})
    same = source.define("Thing", {"b": int})
    assert source.models["Thing"] is same
    assert [each.is_disposed for each in (old, new, same)] == [True, True, False]
    assert store_of(source).defined == [same.info]


def test_what_a_store_wants_of_models() -> None:
    """Generated ids get the store's type; a relational store makes models strict."""
    source = make_source(Tables)  # DS-37, DS-39, MOD-27
    model = source.define("Thing", {"a": int})
    assert model.properties["id"].type.name == "string"
    assert model.shape.strict is True
    kept = source.define("Kept", {"code": {"type": int, "id": True}}, strict="filter")
    assert kept.properties["code"].type.name == "integer"
    assert kept.shape.strict == "filter"
    assert source.is_relational()
    assert source.get_types() == ["db", "rdbms", "tables"]


def test_an_open_model_on_a_relational_store_warns(caplog: pytest.LogCaptureFixture) -> None:
    """`strict=False` cannot be there; a warning names the model."""  # DS-37
    source = make_source(Tables)
    with caplog.at_level(logging.WARNING):
        assert source.define("Thing", {}, strict=False).shape.strict is True
    assert "Thing is strict" in caplog.text


def test_a_builder_of_ones_own() -> None:
    """Types that a builder knows are known to the sources that share it."""  # DS-02

    class Role:
        def __init__(self, name: str) -> None:
            self.name = name

    registry = ModelRegistry()
    builder = ModelBuilder(registry)
    builder.define_value_type(Role)
    one, two = (make_source(registry=None, model_builder=builder) for _ in range(2))
    assert one.registry is two.registry is registry
    assert one.model_builder is two.model_builder is builder
    assert isinstance(two.define("Thing", {"role": "role"})(role="x").role, Role)
    assert make_source(registry=registry).model_builder is registry.builder


def test_assigning_models_warns(source: DataSource) -> None:
    """`ds.models = {...}` registers each model and says that it is the old way."""  # DS-55, REG-20
    model = ModelRegistry().define("Thing", {})
    own = source.registry.define("Own", {})
    with pytest.warns(DeprecationWarning, match="one by one"):
        source.models = {"Own": own}
    assert source.models["Own"] is own
    assert model.model_name not in source.models


# attaching ------------------------------------------------------------------------------------


def test_attaching_makes_a_model_ours(source: DataSource) -> None:
    """An attached model is in the source's namespace; once more changes nothing."""  # DS-38
    model = source.registry.define("Thing", {"a": int})
    with pytest.raises(ConnectorDetachedError):
        asyncio.run(model.count())
    assert source.attach(model) is model
    assert source.attach(model) is model
    assert source.models["Thing"] is model
    assert model.data_source is source
    assert source.registry.global_models.get("Thing") is None
    assert store_of(source).defined == [model.info]
    assert asyncio.run(model.count()) == 0


def test_attaching_moves_a_model(source: DataSource) -> None:
    """The former source keeps no reference to a model that moved."""  # REG-08
    other = make_source(registry=source.registry)
    model = other.define("Thing", {"a": int})
    source.attach(model)
    assert "Thing" not in other.models
    assert (store_of(other).defined, store_of(source).defined) == ([], [model.info])
    tables = make_source(Tables, registry=source.registry)
    tables.attach(model)
    assert (store_of(source).defined, store_of(tables).defined) == ([], [model.info])
    source.attach(model)
    asyncio.run(other.close())
    assert not model.is_disposed
    assert asyncio.run(model.count()) == 0


def test_an_attached_model_gets_the_shape_of_the_store() -> None:
    """It moves to another shape; the old one, and other models on it, stay as they are."""
    source = make_source(Tables)  # DS-39, MOD-51
    define = source.registry.define
    model, twin = define("Thing", {"a": int}), define("Twin", {"a": int})
    before = model(a=1)
    source.attach(model)
    assert (model.properties["id"].type.name, model.shape.strict) == ("string", True)
    assert (twin.properties["id"].type.name, twin.shape.strict) == ("number", False)
    assert model(id=5).id == "5"
    assert model.load({"id": "x", "a": 1}).to_dict() == {"id": "x", "a": 1}
    assert before.to_dict() == {"a": 1}
    assert store_of(source).defined == [model.info]
    assert model.info.shape is model.shape


def test_a_declared_model_gets_the_shape_of_the_store() -> None:
    """A class that is attached after it was declared adapts as well."""
    source = make_source(Tables)

    class Order(Model, registry=source.registry):
        total: float
        first: int | None = None

    data = {"id": 1, "total": "2", "more": 3}
    assert Order.build(data).to_dict() == {"id": 1, "total": 2, "more": 3}
    source.attach(Order)
    order = Order.build(data)
    assert order.to_dict() == {"id": "1", "total": 2}
    assert Order.load({"id": "x", "total": 1, "first": None}).id == "x"
    assert isinstance(order, Order)


def test_a_class_may_name_its_source() -> None:
    """`class Order(Model, data_source=ds)` is attached at once, on the right shape."""
    source = make_source(Tables)

    class Order(Model, data_source=source):
        total: float

    assert source.models["Order"] is Order
    assert Order.data_source is source
    assert (Order.properties["id"].type.name, Order.shape.strict) == ("string", True)
    assert store_of(source).defined == [Order.info]


def test_only_models_are_attached(source: DataSource) -> None:
    """Anything else is a TypeError, the root of models too."""
    for wrong in (None, 5, dict, Model, "Thing"):
        with pytest.raises(TypeError, match="is no model"):
            source.attach(wrong)


def test_a_model_that_is_gone_stays_gone(source: DataSource) -> None:
    """A disposed model cannot be attached."""
    model = source.registry.define("Thing", {})
    source.registry.remove(model)
    with pytest.raises(ModelDisposedError):
        source.attach(model)
    assert "Thing" not in source.models


def test_an_attach_that_fails_changes_nothing() -> None:
    """A model that the registry refuses stays what and where it was."""
    source, foreign = make_source(Tables), ModelRegistry()
    model = foreign.define("Thing", {"a": int})
    shape = model.shape
    with pytest.raises(ValueError, match="another registry"):
        source.attach(model)
    assert model.shape is shape
    assert model._source is None
    assert foreign.global_models["Thing"] is model
    assert store_of(source).defined == []


def test_equal_models_share_what_the_connector_is_told(source: DataSource) -> None:
    """The connector forgets a model when the last equal one is gone."""
    one = source.define("Thing", {"a": int})
    source.registry.register_model_for_app(lambda: None, one)
    two = source.define("Thing", {"a": int})
    assert one.info is two.info
    assert store_of(source).defined == [one.info] * 2
    source.delete_model_by_name("Thing")
    assert source.registry.get_models_for_owner(source) == []
    assert store_of(source).defined == [one.info] * 2


# deleting -------------------------------------------------------------------------------------


def test_a_deleted_model_is_gone(source: DataSource) -> None:
    """It is found nowhere, the connector forgets it, using it raises."""  # DS-44, REG-52
    model = source.define("Thing", {})
    source.delete_model_by_name("Thing")
    source.delete_model_by_name("Thing")
    source.delete_model_by_name("Never")
    assert (list(source.models), store_of(source).defined) == ([], [])
    with pytest.raises(ModelDisposedError):
        asyncio.run(model.count())


async def test_all_models_are_deleted_and_the_connection_stays(source: DataSource) -> None:
    """`delete_all_models` closes nothing."""  # DS-44
    models = [source.define(name, {"home": {"a": "string"}}) for name in ("One", "Two")]
    async with source:
        source.delete_all_models()
        assert source.connected
        assert all(model.is_disposed for model in models)
        assert not source.definitions
        assert await source.define("Three", {}).count() == 0


# migrating ------------------------------------------------------------------------------------


async def test_schemas_of_all_models_or_some(source: DataSource) -> None:
    """No name means all models, in order of definition; names count once."""  # DS-66, DS-70
    for name in ("One", "Two", "Three"):
        source.define(name, {"home": {"a": "string"}})
    await source.automigrate()
    await source.autoupdate("Two")
    await source.autoupdate(iter(["Three", "One", "Three"]))
    assert await source.is_actual(["One"])
    assert store_of(source).asked == [
        "connect",
        "automigrate One Two Three",
        "autoupdate Two",
        "autoupdate Three One",
        "is_actual One",
    ]
    await source.autoupdate([])
    assert store_of(source).asked[-1] == "autoupdate"


async def test_unknown_names_stop_everything(source: DataSource) -> None:
    """All unknown names are listed, and nothing is touched."""  # DS-66, DS-73
    source.define("One", {})
    for call in (source.automigrate, source.autoupdate, source.is_actual):
        with pytest.raises(DefinitionError, match="datasource: Two Three") as caught:
            await call(["One", "Two", "Three"])
        assert caught.value.value == ["Two", "Three"]
    assert store_of(source).asked == []


async def test_tables_come_with_the_first_use() -> None:
    """With `auto_update` a model's table is there before its first operation, made once."""
    source, gate = make_source(auto_update=True, max_offline_requests=100), Gate()
    store_of(source).gates["autoupdate"] = gate
    one, two = source.define("One", {}), source.define("Two", {})
    asked = [asyncio.create_task(one.count()) for _ in range(50)]
    await gate.wait_for(1)
    other = asyncio.create_task(two.count())
    await gate.wait_for(2)
    assert source.opened(one.info) is None
    gate.open()
    await asyncio.gather(*asked, other)
    assert source.opened(one.info) is source.connector
    updates = [each for each in store_of(source).asked if each.startswith("autoupdate")]
    assert updates == ["autoupdate One", "autoupdate Two"]
    await one.count()
    assert len([each for each in store_of(source).asked if "autoupdate" in each]) == 2


async def test_a_table_that_failed_is_tried_again() -> None:
    """The error reaches who waited first; the next one makes the table."""
    source = make_source(auto_update=True)
    store_of(source).errors["autoupdate"] = [RuntimeError("disk full")]
    model = source.define("One", {})
    found = await asyncio.gather(*(model.count() for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in found] == [RuntimeError, int, int]


async def test_tables_are_looked_after_again_after_a_disconnect() -> None:
    """What happened to the store meanwhile is nobody's guess."""
    source = make_source(auto_update=True)
    model = source.define("One", {})
    for _ in range(2):
        async with source:
            await model.count()
    assert store_of(source).asked.count("autoupdate One") == 2


async def test_a_table_that_was_made_by_hand_is_known() -> None:
    """After `autoupdate` or `automigrate` the first use makes nothing."""
    source = make_source(auto_update=True)
    models = [source.define(name, {}) for name in ("One", "Two")]
    await source.autoupdate("One")
    await source.automigrate("Two")
    for model in models:
        await model.count()
    updates = [each for each in store_of(source).asked if "update" in each or "migrate" in each]
    assert updates == ["autoupdate One", "automigrate Two"]


async def test_sources_keep_nothing_of_routed_models() -> None:
    """What was ready for a model that is gone does not add up."""
    source = make_source(auto_update=True)
    registry = source.registry
    route: Any = {"get_data_source": lambda _: source}
    for number in range(20):
        model = registry.define("Thing", {f"p{number}": "string"}, route)
        await model.count()
        registry.remove(model)
    del model
    assert len(source._ready) <= 1


# what is not there yet ------------------------------------------------------------------------


def test_a_store_without_transactions_says_so(source: DataSource) -> None:
    """Beginning one where there are none is a typed error, at once."""
    with pytest.raises(OperationNotSupportedError):
        source.transaction()
