"""Models -> JSON schemas (2020-12); `from_schema` in `schema_reading` is the way back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from msgspec import UNSET

from juggler.definition.describe import default_as_data, type_name
from juggler.definition.frozen import thawed
from juggler.definition.property import Property
from juggler.definition.shape import EmbeddedType, Shape
from juggler.types.base import ValueType
from juggler.types.choice import EnumType
from juggler.types.plain import plain
from juggler.types.structured import ListType

Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

TYPES: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "string": {"type": "string"},
        "text": {"type": "string", "x-type": "text"},
        "number": {"type": "number"},
        "integer": {"type": "integer"},
        "boolean": {"type": "boolean"},
        "date": {"type": "string", "format": "date-time"},
        "datestring": {"type": "string", "x-type": "datestring"},
        "decimal": {"type": "string", "format": "decimal"},
        "uuid": {"type": "string", "format": "uuid"},
        "objectid": {"type": "string", "x-type": "objectid"},
        "buffer": {
            "type": "object",
            "properties": {"type": {"const": "Buffer"}, "data": {"type": "array"}},
            "required": ["type", "data"],
            "x-type": "buffer",
        },
        "geopoint": {
            "type": "object",
            "properties": {
                "lat": {"type": "number", "minimum": -90, "maximum": 90},
                "lng": {"type": "number", "minimum": -180, "maximum": 180},
            },
            "required": ["lat", "lng"],
            "x-type": "geopoint",
        },
        "object": {"type": "object"},
        "json": {"x-type": "json"},
        "any": {},
    }
)
"""Type -> the schema of its values as JSON."""

KEYWORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "min": "minimum",
        "max": "maximum",
        "pattern": "pattern",
        "enum": "enum",
        "description": "description",
        "read_only": "readOnly",
    }
)
"""Option of a property -> keyword of JSON schema that says the same."""

APART: Final = frozenset({"json_schema", "items", "format", *KEYWORDS})
_FIELDS: Final = ("id", "generated", "index", "unique", "hidden", "protected")


def schema_of(model: Any) -> Schema:
    """Return the JSON schema of the records of *model*, named models it embeds under ``$defs``."""
    writer = _Writer(model)
    found = writer.of_model(model)
    if writer.definitions:
        found["$defs"] = writer.definitions
    return {"$schema": DIALECT, "title": model.model_name, **found}


def part_of(model: Any, refer: Callable[[Any], Schema]) -> Schema:
    """Return the JSON schema of *model* as a part of a larger one.

    Args:
        model: The model.
        refer: Makes the reference to a named model, *model* itself included, that is embedded.
    """
    return {"title": model.model_name, **_Writer(model, refer).of_model(model)}


class _Writer:
    """Writes the schema of one model; collects those of named models on the way.

    Args:
        root: The model.
        refer: Makes references, if those that are referred to are collected elsewhere.
    """

    def __init__(self, root: Any, refer: Callable[[Any], Schema] | None = None) -> None:
        self.root = root
        self.refer = refer
        self.definitions: dict[str, Schema] = {}

    def of_model(self, model: Any) -> Schema:
        """Return the schema of a named model."""
        found = self.of_shape(model.shape)
        settings = model.settings
        if isinstance(settings.get("description"), str):
            found["description"] = settings["description"]
        kept = {name: thawed(item) for name, item in settings.items() if name in _SETTINGS}
        if kept:
            found["x-settings"] = kept
        return found

    def of_shape(self, shape: Shape) -> Schema:
        """Return the schema of a structure."""
        found: Schema = {
            "type": "object",
            "properties": {item.name: self.of_property(item) for item in shape},
        }
        required = [item.name for item in shape if item.required]
        if required:
            found["required"] = required
        if shape.strict:
            found["additionalProperties"] = False
            if shape.strict is not True:
                found["x-strict"] = shape.strict
        return found

    def of_property(self, item: Property) -> Schema:
        """Return the schema of one property's values; null where none is required."""
        found = self.of_type(item.type, item.options)
        if item.length is not None:
            found["maxItems" if isinstance(item.type, ListType) else "maxLength"] = item.length
        default = item.written_default
        if default is not UNSET and not callable(default):
            found["default"] = item.type.dump(plain(thawed(default)))
        extra = _extra(item)
        if isinstance(extra.get("default"), list | dict):
            found["default"] = extra.pop("default")
        if extra:
            found["x-options"] = extra
        return found if item.required else _nullable(found)

    def of_type(self, kind: ValueType, options: Mapping[str, Any]) -> Schema:
        """Return the schema of values of *kind* with *options*."""
        if isinstance(kind, ListType):
            items = options.get("items")
            inner = self._of_items(kind.item, items if isinstance(items, Mapping) else {})
            found: Schema = {"type": "array", "items": inner} if inner else {"type": "array"}
        elif isinstance(kind, EmbeddedType):
            found = self._embedded(kind)
        elif isinstance(kind, EnumType):
            found = {
                "enum": [plain(member.value) for member in kind.cls],
                "x-class": type_name(kind),
            }
        elif kind.name == "class":
            found = {"x-class": type_name(kind)}
        else:
            found = _copy(TYPES[kind.name])
        return found | _keywords(kind, options)

    def _of_items(self, kind: ValueType, options: Mapping[str, Any]) -> Schema:
        """Return the schema of the items of a list."""
        found = self.of_type(kind, options)
        length = options.get("length")
        if length is not None:
            found["maxItems" if isinstance(kind, ListType) else "maxLength"] = length
        extra = _unsaid({name: item for name, item in options.items() if name != "length"})
        return found | {"x-options": extra} if extra else found

    def _embedded(self, kind: EmbeddedType) -> Schema:
        """Return the schema of an embedded model: inline if it has no name, else a reference."""
        model = kind.model
        if model is None:
            return self.of_shape(kind.shape)
        if self.refer is not None:
            return self.refer(model)
        if model is self.root:
            return {"$ref": "#"}
        name = model.model_name
        if name not in self.definitions:
            self.definitions[name] = {}  # it may contain itself
            self.definitions[name] = self.of_model(model)
        return {"$ref": f"#/$defs/{name}"}


_SETTINGS: Final = ("hidden", "protected", "force_id", "plural", "indexes")


def _keywords(kind: ValueType, options: Mapping[str, Any]) -> Schema:
    """Return what the options of a property say in the words of JSON schema."""
    found: Schema = {}
    for name, keyword in KEYWORDS.items():
        given = options.get(name)
        if given is not None:
            found[keyword] = plain(thawed(getattr(given, "pattern", given)))
    given = options.get("format")
    if isinstance(given, str) and kind.name in {"string", "text"}:
        found["format"] = given
    more = options.get("json_schema")
    return found | (thawed(more) if isinstance(more, Mapping) else {})


def _extra(item: Property) -> Schema:
    """Return the options that JSON schema has no words for, as plain data."""
    found = {name: thawed(value) for name in _FIELDS if (value := getattr(item, name))}
    if isinstance(item.required, Mapping):
        found["required"] = thawed(item.required)
    if item.default_fn is not None:
        found |= default_as_data(item.default_fn)
    return found | _unsaid(item.options)


def _unsaid(options: Mapping[str, Any]) -> Schema:
    """Return the plain ones of some options that JSON schema has no words for."""
    rest = {name: plain(thawed(item)) for name, item in options.items() if name not in APART}
    return {name: item for name, item in rest.items() if not callable(item)}


def _nullable(schema: Schema) -> Schema:
    """Return *schema* with null allowed too."""
    if "$ref" in schema:
        beside = {name: item for name, item in schema.items() if name != "$ref"}
        return {"anyOf": [{"$ref": schema["$ref"]}, {"type": "null"}], **beside}
    if "type" in schema:
        schema = {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema and None not in schema["enum"]:
        schema = {**schema, "enum": [*schema["enum"], None]}
    return schema


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    return list(value) if isinstance(value, list) else value
