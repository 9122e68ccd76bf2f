"""What a model builder does beside defining."""

import copy
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import DefinitionError, ModelDisposedError
from juggler.registry.builder import ModelBuilder
from juggler.registry.modeldefinition import ModelDefinition
from juggler.registry.registry import ModelRegistry
from juggler.types.geo import GeoPoint
from juggler.types.scalar import STRING
from juggler.types.structured import ListType
from juggler.types.temporal import DateString
from tests.registry.helpers import Store, check

PLAIN = {"id_injection": False}


# MOD-41, MOD-46
def test_views_of_the_registry(registry: ModelRegistry) -> None:
    """A builder keeps no models: what it shows is what the registry has."""
    builder = ModelBuilder(registry, {"strict_embedded_models": True})
    thing = builder.define("Thing", {"a": {"x": int}})
    assert builder.models["Thing"] is registry.global_models["Thing"] is thing
    assert "Thing" in builder.definitions
    assert builder.get_model("Thing") is thing
    assert builder.get_model("Nothing") is builder.get_model_definition("Nothing") is None
    assert thing.nested["a"].shape.strict is True
    with tenant("acme"):
        assert dict(builder.models) == {}
        mine = builder.define("Mine", {})
        assert builder.get_model("Mine") is mine
    assert builder.get_model("Mine") is None
    assert builder.define("Thing", {"b": int}) is builder.models["Thing"] is not thing
    builder.delete_model_by_name("Thing")
    builder.delete_model_by_name("Thing")
    assert builder.get_model("Thing") is None
    for name in (None, "", 5):
        with pytest.raises(DefinitionError, match="Class name required"):
            builder.define(name, {})  # type: ignore[arg-type]
    check(registry)


# MOD-41, MOD-57
def test_a_default_base(registry: ModelRegistry) -> None:
    """`default_model_base_class` is what models extend; other bases must descend from it."""
    builder = ModelBuilder(registry)
    stranger = builder.define("Stranger", {})
    root = builder.define("Root", {"made": "date"})
    builder.default_model_base_class = root
    thing = builder.define("Thing", {"x": int})
    assert thing.base is root
    assert list(thing.properties) == ["x", "id", "made"]
    assert builder.define("Sub", {}, {"base": "Thing"}).base is thing
    with pytest.raises(DefinitionError, match="does not descend from Root"):
        builder.define("Other", {}, None, stranger)


# MOD-46
def test_names_and_types(registry: ModelRegistry) -> None:
    """Names of anonymous models are counted; type expressions are resolved, or None."""
    builder = registry.builder
    assert [builder.get_schema_name() for _ in range(2)] == ["AnonymousModel_0", "AnonymousModel_1"]
    assert builder.get_schema_name("Mine") == "Mine"
    thing = registry.define("Thing", {})
    assert builder.resolve_type("String") is STRING
    assert builder.resolve_type("Thing") is builder.resolve_type(thing) is thing
    assert builder.resolve_type(["Thing"]) == [thing]
    assert isinstance(builder.resolve_type("array"), ListType)
    assert builder.resolve_type([{"type": "string", "length": 5}]) == [STRING]
    assert builder.resolve_type("Nothing") is builder.resolve_type(5) is None


# MOD-45
def test_properties_added_later(registry: ModelRegistry, store: Store) -> None:
    """The model moves to a new shape; older instances, other models and the fingerprint stay."""
    model = store.define("Thing", {"a": str}, PLAIN)
    twin = registry.define("Twin", {"a": str}, PLAIN)
    old, shape = model(a="x"), model.shape
    model.define_property("b", {"type": "number", "required": True})
    assert model.properties["b"].required is True
    assert twin.shape is shape is old._shape
    made = model(a=1, b="2")
    assert (made.a, made.b) == ("1", 2)
    assert not hasattr(old, "b")
    assert isinstance(made, model)
    assert isinstance(old, model)
    registry.builder.extend_model("Twin", {"a": None, "c": {"x": int}, "d": [{"x": int}]})
    with pytest.raises(DefinitionError, match="no model Nobody here"):
        registry.builder.define_property("Nobody", "a", int)
    assert list(twin.properties) == ["c", "d"]
    assert twin.nested["c"] is twin.nested["d"]
    check(registry)
    registry.builder.extend_model(twin, {"c": str, "d": str})
    assert list(registry.global_models) == ["Twin"], "structures go with their last user"
    registry.builder.define_property(twin, "c", int)
    assert twin(c="5").c == 5
    check(registry)


# MOD-45
@pytest.mark.parametrize("definition", [{}, {"type": None}, {"type": 5}, 5, "no type", {"a": 5}])
def test_properties_that_cannot_be_added(registry: ModelRegistry, definition: Any) -> None:
    """A definition without a type changes nothing; neither does one for a model that is gone."""
    model = registry.define("Thing", {"a": str})
    shape = model.shape
    with pytest.raises(DefinitionError):
        model.define_property("b", definition)
    assert model.shape is shape
    if definition in ({}, {"type": None}):
        with pytest.raises(DefinitionError, match="Invalid type for property b"):
            model.define_property("b", definition)
    with pytest.raises(DefinitionError):
        model.define_property("save.it", str)
    nested = registry.define("Outer", {"in": {"x": int}}).nested["in"]
    with pytest.raises(DefinitionError, match="structure of properties"):
        nested.define_property("y", int)
    registry.remove(model)
    with pytest.raises(ModelDisposedError):
        model.define_property("b", int)
    check(registry)


# MOD-45
def test_embedding_models_see_what_was_added(registry: ModelRegistry) -> None:
    """Who embeds a named model sees the properties it was given later."""
    inner = registry.define("Inner", {"a": str}, PLAIN)
    outer = registry.define("Outer", {"in": "Inner"}, PLAIN)
    inner.define_property("n", "number")
    assert outer(**{"in": {"n": "5"}})["in"].n == 5
    assert outer.shape.resolve(("in", "n")) is inner.properties["n"].type


# MOD-47
def test_copies(registry: ModelRegistry, store: Store, other: Store) -> None:
    """A copy shares name, shape, hooks and rules, and has a place of its own."""
    master = store.define("Thing", {"a": str}, hidden=["a"])
    master.observe("before save", print)
    mine = registry.builder.copy_into(master, other.models, other)
    assert (mine.model_name, mine.shape, mine.definition) == (
        "Thing",
        master.shape,
        master.definition,
    )
    assert (mine.data_source, master.data_source) == (other, store)
    assert mine is other.models["Thing"] is not master
    assert isinstance(mine(), master)
    assert mine.observers_of("before save") == (print,)
    with tenant("acme"):
        assert registry.builder.copy_model(master).owner == "acme"
    check(registry)


# MOD-48, MOD-49
def test_definitions(registry: ModelRegistry) -> None:
    """A definition keeps what it was given, resolves it once, and is written in names alone."""
    registry.define("Address", {"x": int}, PLAIN)
    raw = {
        "key": {"type": str, "id": 2}, "part": {"type": "number", "id": True},
        "tags": [{"type": str, "length": 3}], "home": "Address",
        "at": {"type": "date", "defaultFn": "now"},
        "in": {"type": {"type": "string", "list": ["number"]}},
        "mail": {"type": str, "unique": True},
    }  # fmt: skip
    given = copy.deepcopy(raw)
    made = ModelDefinition(registry.builder, "Thing", raw, {"mysql": {"table": "T"}})
    assert made.raw_properties == given
    assert made.build() is made.build() is made.properties
    assert made.id_names() == ["part", "key"]
    assert made.id_name() == "part"
    assert [item.name for item in made.ids()] == ["part", "key"]
    assert made.has_pk()
    assert made.indexes() == {"mail_index": {"unique": True}}
    assert made.table_name("mysql") == "T"
    assert (made.column_name("mysql", "key"), made.id_column_name("mysql")) == ("key", "part")
    document = made.to_json()
    assert made.to_json() is document
    assert document["name"] == "Thing"
    assert document["settings"] == {"mysql": {"table": "T"}}
    assert document["properties"]["tags"] == {"type": [{"type": "string", "length": 3}]}
    assert document["properties"]["home"] == {"type": "Address"}
    assert document["properties"]["at"] == {"type": "date", "default_fn": "now"}
    assert document["properties"]["in"]["type"] == {
        "type": {"type": "string"}, "list": {"type": ["number"]},
    }  # fmt: skip
    made.define_property("more", "boolean")
    assert "more" in made.properties
    assert made.to_json() is not document
    with pytest.raises(DefinitionError):
        made.define_property("bad", 5)
    assert "bad" not in made.raw_properties
    again = ModelDefinition(registry.builder, {"name": "Thing", "properties": raw})
    assert again.name == "Thing"
    for name in ("", None, 5):
        with pytest.raises(DefinitionError):
            ModelDefinition(registry.builder, name)  # type: ignore[arg-type]
    whole = registry.define("Thing", raw, mysql={"table": "T"})
    other = registry.define(
        "Other", **{k: v for k, v in whole.to_definition().items() if k != "name"}
    )
    assert other.shape is whole.shape
    assert registry.builder.get_model_definition("Thing").properties.keys() == raw.keys()


# MOD-50
def test_names_of_types(registry: ModelRegistry) -> None:
    """Each property tells the name of its type; every property can be gone through."""
    registry.define("Address", {})
    model = registry.define(
        "Thing",
        {"a": str, "b": ["string"], "c": [["number"]], "d": "Address", "e": ["Address"],
         "f": complex, "g": [], "h": {"x": int}, "i": "date"}, PLAIN,
    )  # fmt: skip
    assert {name: model.get_property_type(name) for name in [*model.properties, "none"]} == {
        "a": "string", "b": "List<string>", "c": "List<List<number>>", "d": "Address",
        "e": "List<Address>", "f": "complex", "g": "array", "h": model.nested["h"].model_name,
        "i": "date", "none": None,
    }  # fmt: skip
    seen: list[str] = []
    model.for_each_property(lambda _, item: seen.append(item.name))
    assert seen == list(model.properties)


SAMPLE = {
    "id": 1, "name": "x", "n": 1.5, "ok": True, "none": None,
    "at": datetime(2020, 1, 1, tzinfo=UTC),
    "data": b"x", "price": Decimal("1.5"), "where": GeoPoint(1, 2), "day": DateString("2020"),
    "tags": [None, "a"], "mixed": [1, "a"], "empty": [], "open": {},
    "in": {"type": "t", "deep": [{"x": 1}]},
    "rows": [{"x": 1}, {"y": "a", "x": None}, {"z": {"q": 1}}],
}  # fmt: skip


# MOD-99
def test_introspection(registry: ModelRegistry) -> None:
    """A sample tells the types that hold it; lists of mappings are laid over each other."""
    registry.define_value_type(complex)
    before = copy.deepcopy({key: item for key, item in SAMPLE.items() if key != "where"})
    found = registry.builder.introspect({**SAMPLE, "wave": 1j})
    assert before == {key: item for key, item in SAMPLE.items() if key != "where"}
    assert found == {
        "id": "number", "name": "string", "n": "number", "ok": "boolean", "none": "any",
        "at": "date",
        "data": "binary", "price": "decimal", "where": "geopoint", "day": "datestring",
        "tags": ["string"], "mixed": ["any"], "empty": "array", "open": "object",
        "in": {"type": {"type": "string", "deep": [{"x": "number"}]}},
        "rows": [{"x": "number", "y": "string", "z": {"q": "number"}}], "wave": "complex",
    }  # fmt: skip
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(DefinitionError, match="contains itself"):
        registry.builder.introspect(circle)
    assert ModelBuilder.introspect({"a": [1, None]}) == {"a": ["number"]}
    assert ModelBuilder.introspect(1j) == "any", "the class knows the types of no builder"


# MOD-100
def test_models_of_samples(registry: ModelRegistry) -> None:
    """A record of the sample is the sample again, and its `id` is the primary key."""
    model = registry.builder.build_model_from_instance("Thing", SAMPLE, {"plural": "things"})
    assert model(SAMPLE).to_object() == SAMPLE
    assert model.shape.ids == ("id",)
    assert model.plural_model_name == "things"
    for sample in (None, 5, [], "x"):
        with pytest.raises(DefinitionError):
            registry.builder.build_model_from_instance("Bad", sample)


# MOD-101
def test_models_of_schemas(registry: ModelRegistry) -> None:
    """Schemas refer to each other in any order; one alone, or a bare map, will do too."""
    builder = registry.builder
    made = builder.build_models(
        [
            {"name": "Order", "properties": {"customer": "Customer"}, "options": {"strict": True}},
            {"name": "Customer", "properties": {"name": "string", "orders": ["Order"]}},
        ]
    )
    assert list(made) == ["Order", "Customer"]
    assert made["Order"].nested["customer"] is made["Customer"]
    assert made["Order"].shape.strict is True
    assert made["Order"](customer={"orders": [{}]}).customer.orders[0].customer is None
    assert list(builder.build_models({"name": "One", "properties": {}})) == ["One"]
    line = [
        {"name": "C", "properties": {}, "options": {"base": "B"}},
        {"name": "B", "properties": {}, "options": {"base": "A"}},
        {"name": "A", "properties": {"x": "number"}},
    ]
    kin = builder.build_models(line)
    assert list(kin) == ["C", "B", "A"]
    assert (kin["C"].base, kin["B"].base, list(kin["C"].properties)) == (
        kin["B"],
        kin["A"],
        ["id", "x"],
    )
    with pytest.raises(DefinitionError, match="Base model is not found"):
        builder.build_models([{**line[0], "options": {"base": "Y"}, "name": name} for name in "YZ"])
    ((name, bare),) = builder.build_models({"name": "string", "age": "number"}).items()
    assert name.startswith("AnonymousModel_")
    assert list(bare.properties) == ["name", "age"]
    assert bare.settings["anonymous"] is True
    calls: list[str] = []
    builder.build_models([{"name": "X", "properties": {}}], lambda name, *_: calls.append(name))
    assert calls == ["X"]


# MOD-03, MOD-30
def test_types_and_functions_of_all_builders(registry: ModelRegistry) -> None:
    """What the registry is told holds for every builder of it, and for no other registry."""
    own = ModelBuilder(registry)
    other = ModelBuilder(ModelRegistry())
    registry.define_value_type(complex, ("wave",))
    registry.define_default_fn("slug", lambda data: f"{data['name']}-1")
    own.define_value_type(range, "span")
    for builder in (registry.builder, own):
        model = builder.define(
            "A", {"name": str, "w": "wave", "s": {"type": str, "defaultFn": "slug"}}
        )
        assert model(name="x", w="1j").w == 1j
        assert model(name="x").s == "x-1"
    with pytest.raises(DefinitionError, match="'slug' is not known"):
        other.define("A", {"s": {"type": str, "default_fn": "slug"}})
    registry.define_default_fn("slug", lambda: "new")
    again = registry.define(
        "A", {"name": str, "w": "wave", "s": {"type": str, "defaultFn": "slug"}}
    )
    assert again(name="x").s == "new", "what was read before is read anew"
    assert own.resolve_type("range") is own.resolve_type("span") is not None
    assert registry.builder.resolve_type("range") is None
