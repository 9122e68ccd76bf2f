"""Models as JSON schemas, and back."""

import enum
import json
import uuid
from typing import Any

import msgspec
import pytest

from juggler import DataSource, Model, ModelRegistry, prop
from juggler.definition.json_schema import TYPES
from juggler.errors import DefinitionError
from juggler.types.table import BUILTIN_NAMES

ALL: dict[str, Any] = {
    "id": {"type": "string", "id": True, "default_fn": "uuid"},
    "name": {"type": str, "required": True, "length": 80, "pattern": "^[a-z]+$", "trim": True},
    "kind": {"type": str, "enum": ["a", "b"], "default": "a"},
    "age": {"type": int, "min": 0, "max": 150, "description": "in years"},
    "rate": {"type": "number", "json_schema": {"exclusiveMinimum": 0, "multipleOf": 0.5}},
    "at": {"type": "date", "default_fn": "now"},
    "born": {"type": "date", "default": "2020-01-01", "index": True},
    "day": "datestring",
    "price": {"type": "decimal", "precision": 10, "scale": 2, "default": "1.50"},
    "key": "uuid",
    "doc": "objectid",
    "data": "buffer",
    "where": {"type": "geopoint", "index": {"kind": "2dsphere"}},
    "anything": "any",
    "json": "json",
    "open": {"type": "object", "default": {"a": [1]}},
    "list": "array",
    "long": {"type": "text", "hidden": True},
    "mail": {"type": str, "format": "email", "unique": True, "lowercase": True},
    "tags": {"type": [{"type": str, "length": 5, "trim": True}], "length": 3},
    "grid": [["number"]],
    "home": {"street": {"type": str, "required": True}, "geo": "geopoint"},
    "homes": [{"type": {"street": "string", "type": "string"}}],
    "locked": {"type": bool, "read_only": True, "immutable": True},
    "one": {"type": str, "required": {"message": "needed"}},
}


def check_round_trip(registry: ModelRegistry, model: Any) -> Any:
    """Check that the model of a model's schema has the same shape, and return the schema."""
    schema = json.loads(msgspec.json.encode(model.json_schema()))
    back = Model.from_json_schema(schema, registry=registry)
    assert back.shape is model.shape
    assert back.json_schema() == schema
    return schema


def test_everything_round_trips() -> None:
    """A model of every type and option is made again of its schema: the very same shape."""
    # MOD-02, MOD-27
    registry = ModelRegistry()
    for strict in (False, True, "filter", "throw"):
        model = registry.define("Thing", ALL, strict=strict)
        schema = check_round_trip(registry, model)
        assert schema.get("additionalProperties", True) is not bool(strict)
    assert schema["required"] == ["name", "one"]
    assert schema["title"] == "Thing"
    assert schema["properties"]["age"] == {
        "type": ["integer", "null"], "minimum": 0, "maximum": 150, "description": "in years",
    }  # fmt: skip
    assert schema["properties"]["tags"]["items"]["maxLength"] == 5
    assert schema["properties"]["tags"]["maxItems"] == 3


@pytest.mark.parametrize("name", sorted(set(BUILTIN_NAMES)))
def test_every_type(name: str) -> None:
    """Every type has a schema of its own and comes back from it."""
    # MOD-02
    registry = ModelRegistry()
    check_round_trip(registry, registry.define("Thing", {"a": name, "b": [name]}))


def test_models_in_models() -> None:
    """Named models are references, also to the model itself; they are defined along with it."""
    registry = ModelRegistry()
    registry.define("Address", {"city": {"type": str, "required": True}}, id_injection=False)
    tree = registry.define("Tree", {"kids": ["Tree"], "home": "Address"}, id_injection=False)
    schema = tree.json_schema()
    assert schema["properties"]["kids"] == {"type": ["array", "null"], "items": {"$ref": "#"}}
    assert schema["$defs"]["Address"]["required"] == ["city"]
    other = DataSource("memory", registry=ModelRegistry())
    back = Model.from_json_schema(schema, data_source=other)
    assert back is other.models["Tree"]
    assert back.nested["kids"] is back
    assert back(kids=[{"home": {"city": "Ulm"}}]).kids[0].home.city == "Ulm"
    assert back.json_schema() == schema


class Colour(enum.Enum):
    """A choice."""

    RED = "red"
    BLUE = "blue"


def test_python_classes() -> None:
    """An enumeration is its values; read back it is their type with the choice of them."""
    model = ModelRegistry().define("Thing", {"a": Colour, "b": complex}, id_injection=False)
    schema = model.json_schema()
    assert schema["properties"]["a"]["enum"] == ["red", "blue", None]
    back = Model.from_json_schema(schema, "Other", registry=ModelRegistry())
    assert back.model_name == "Other"
    assert back.get_property_type("a") == "string"
    assert back.properties["a"].options["enum"] == ("red", "blue")
    assert back.get_property_type("b") == "any"


def test_schemas_of_other_tools() -> None:
    """What other tools write is understood: null in several ways, references, constants."""
    schema = {
        "type": "object",
        "properties": {
            "name": {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]},
            "none": {"type": "string", "maxLength": 0},
            "empty": {"type": "array", "maxItems": 0},
            "when": {"type": ["null", "string"], "format": "date-time"},
            "day": {"type": "string", "format": "date"},
            "size": {"$ref": "#/definitions/Size"},
            "box": {"allOf": [{"$ref": "#/definitions/Box"}], "description": "a box"},
            "kind": {"const": "x"},
            "level": {"enum": [1, 2, None]},
            "both": {"type": ["string", "integer"]},
            "many": {"type": "array", "items": {"type": "string", "minLength": 2}, "minItems": 1},
            "free": True,
            "map": {"type": "object", "additionalProperties": {"type": "string"}},
        },
        "required": ["name"],
        "definitions": {
            "Size": {"type": "integer", "minimum": 1},
            "Box": {"type": "object", "properties": {"w": {"type": "number"}}},
        },
    }
    model = Model.from_json_schema(schema, "Thing", registry=ModelRegistry())
    kinds = {name: model.get_property_type(name) for name in model.properties}
    assert kinds == {
        "name": "string", "none": "string", "empty": "array", "when": "date", "day": "datestring",
        "size": "integer", "box": "Box", "kind": "string", "level": "integer", "both": "any",
        "many": "List<string>", "free": "any", "map": "object",
    }  # fmt: skip
    assert model.properties["name"].required is True
    assert model.properties["name"].length == 3
    assert model.properties["level"].options["enum"] == (1, 2)
    assert model.properties["many"].options["json_schema"] == {"minItems": 1}
    assert model.properties["none"].options["json_schema"] == {"maxLength": 0}
    assert model.properties["empty"].options["json_schema"] == {"maxItems": 0}
    assert not model(name="a", none="b").is_valid_sync()
    assert model(name="a", none="").is_valid_sync()


@pytest.mark.parametrize(
    "schema",
    [
        None, 5, [], {}, {"title": 5}, {"title": "A", "properties": 5},
        {"title": "A", "properties": {"a": 5}}, {"title": "A", "properties": {"a": {"type": "x"}}},
        {"title": "A", "properties": {"a": {"$ref": "#/$defs/B"}}},
        {"title": "A", "properties": {"a": {"$ref": "https://x/y"}}},
        {"title": "A", "type": "string"}, {"title": "A", "type": ["object", "string"]},
        {"title": "A", "$ref": "#/$defs/B", "$defs": {"B": {"properties": {}}}},
        {"title": "A", "properties": {"a": {"$ref": "#/x"}}, "x": {"$ref": "#/x"}},
        {"title": "A", "properties": {"a": {}}, "required": 5},
        {"title": "A", "properties": {"a": {"anyOf": 5}}},
    ],
)  # fmt: skip
def test_no_schemas(schema: Any) -> None:
    """What is no schema of an object is a typed error, and nothing is defined."""
    registry = ModelRegistry()
    with pytest.raises(DefinitionError):
        Model.from_json_schema(schema, registry=registry)
    assert not registry.global_models


def test_every_plain_type_has_a_schema() -> None:
    """No type that a name stands for lacks a schema."""
    names = {kind.name for kind in BUILTIN_NAMES.values()} - {"array"}
    assert set(TYPES) == names


def test_declared_models() -> None:
    """A class has a schema too."""

    class Order(Model, registry=ModelRegistry(), strict=True):
        """An order."""

        total: float
        note: str | None = prop(default=None, length=3)

    assert Order.json_schema()["required"] == ["total"]
    assert Order.json_schema()["properties"]["note"]["maxLength"] == 3


def test_functions_of_defaults() -> None:
    """A function that is known has its name in a schema, an empty container stands for itself."""
    # MOD-30

    class Basket(Model, registry=ModelRegistry()):
        key: uuid.UUID = prop(default_factory=uuid.uuid4)
        tags: list[str] = prop(default_factory=list)
        more: dict[str, Any] = prop(default_factory=dict)
        odd: float = prop(default_factory=lambda: 1.5)

    schema = json.loads(msgspec.json.encode(Basket.json_schema()))
    assert schema["properties"]["tags"]["default"] == []
    assert schema["properties"]["key"]["x-options"] == {"default_fn": "guid"}
    assert "x-options" not in schema["properties"]["odd"]
    back = Model.from_json_schema(schema, registry=ModelRegistry())
    assert back.json_schema() == schema
    made = back()
    assert (made.tags, made.more, made.odd) == ([], {}, None)
    assert isinstance(made.key, uuid.UUID)
    document = Basket.to_definition()
    again = ModelRegistry().define(document["name"], document["properties"], document["settings"])
    assert again().tags == []
