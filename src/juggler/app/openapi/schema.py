"""Types and shapes as JSON Schema, in the dialect of OpenAPI 3.1 or of 3.0."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from juggler.definition.property import Property
from juggler.definition.shape import EmbeddedType
from juggler.types.base import ValueType
from juggler.types.structured import ListType

Schema = dict[str, Any]

_DEEPEST: Final = 8
"""Levels of embedded models that are described; deeper ones are any objects."""

_NUMBER: Final[Mapping[str, Any]] = MappingProxyType({"type": "number"})
_SIMPLE: Final[Mapping[str, Mapping[str, Any]]] = MappingProxyType(
    {
        "string": {"type": "string"},
        "text": {"type": "string"},
        "uuid": {"type": "string", "format": "uuid"},
        "objectid": {"type": "string"},
        "number": _NUMBER,
        "integer": {"type": "integer"},
        "boolean": {"type": "boolean"},
        "date": {"type": "string", "format": "date-time"},
        "datestring": {"type": "string"},
        "decimal": {"type": "string", "format": "decimal"},
        "buffer": {
            "type": "object",
            "required": ["type", "data"],
            "properties": {
                "type": {"type": "string", "enum": ["Buffer"]},
                "data": {"type": "array", "items": {"type": "integer"}},
            },
        },
        "geopoint": {
            "type": "object",
            "required": ["lat", "lng"],
            "properties": {
                "lat": {**_NUMBER, "minimum": -90, "maximum": 90},
                "lng": {**_NUMBER, "minimum": -180, "maximum": 180},
            },
        },
    }
)


class Schemas:
    """Makes the schemas of one document.

    Args:
        is_31: Whether the document is OpenAPI 3.1, where null is a type; in 3.0 it is a flag.
    """

    def __init__(self, *, is_31: bool) -> None:
        self._is_31 = is_31

    def output(self, model: Any) -> Schema:
        """Return the schema of an instance as the service answers it."""
        return self._object(model, model.shape.properties, model.definition.hidden, 0)

    def new(self, model: Any) -> Schema:
        """Return the schema of the data that a new record is made from."""
        schema = self._input(model)
        required = [item.name for item in model.shape if _is_asked_for(item)]
        return {**schema, "required": required} if required else schema

    def changes(self, model: Any) -> Schema:
        """Return the schema of data that is merged into a record: nothing is required."""
        return self._input(model)

    def property(self, item: Property, model: Any, level: int = 0) -> Schema:
        """Return the schema of one property's values."""
        schema = self._type(item.type, model.nested.get(item.name), level)
        schema |= _notes(item)
        if item.length is not None and schema.get("type") == "string":
            schema["maxLength"] = item.length
        return schema if item.required or item.id else self.nullable(schema)

    def nullable(self, schema: Schema) -> Schema:
        """Return *schema* with null allowed too."""
        kind = schema.get("type")
        if kind is None:
            return schema
        return {**schema, "type": [kind, "null"]} if self._is_31 else {**schema, "nullable": True}

    def _input(self, model: Any) -> Schema:
        schema = self._object(model, model.shape.properties, frozenset(), 0)
        if model.shape.strict in {"throw", "validate"}:
            schema["additionalProperties"] = False
        return schema

    def _object(
        self, model: Any, properties: Mapping[str, Property], left_out: frozenset[str], level: int
    ) -> Schema:
        schema: Schema = {
            "type": "object",
            "properties": {
                name: self.property(item, model, level)
                for name, item in properties.items()
                if name not in left_out
            },
        }
        described = model.settings.get("description")
        return {**schema, "description": described} if isinstance(described, str) else schema

    def _type(self, kind: ValueType, nested: Any, level: int) -> Schema:
        if isinstance(kind, ListType):
            return {"type": "array", "items": self.nullable(self._type(kind.item, nested, level))}
        if isinstance(kind, EmbeddedType):
            return self._embedded(kind, nested, level)
        return dict(_SIMPLE.get(kind.name, {}))

    def _embedded(self, kind: EmbeddedType, nested: Any, level: int) -> Schema:
        if nested is None or level >= _DEEPEST:
            return {"type": "object"}
        definition = nested.definition
        left_out = definition.hidden | definition.protected
        return self._object(nested, kind.shape.properties, left_out, level + 1)


def _is_asked_for(item: Property) -> bool:
    """Tell whether a new record needs a value of the property from its client."""
    if (item.id and item.generated) or _is_ours(item):
        return False
    return bool(item.required) and not item.has_default


def _notes(item: Property) -> Schema:
    """Return what is said of a property beside its type."""
    described = item.options.get("description") or item.options.get("doc")
    found: Schema = {"description": described} if isinstance(described, str) else {}
    return {**found, "readOnly": True} if _is_ours(item) else found


def _is_ours(item: Property) -> bool:
    """Tell whether nothing that a client says of the property counts."""
    return bool(item.options.get("read_only") or item.computed)
