"""JSON schemas -> definitions of models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from juggler.definition.json_schema import KEYWORDS
from juggler.errors import DefinitionError

_OPTIONS: Final = {keyword: name for name, keyword in KEYWORDS.items()}
_FORMATS: Final = {
    "date-time": "date",
    "date": "datestring",
    "uuid": "uuid",
    "decimal": "decimal",
    "byte": "buffer",
    "binary": "buffer",
}
_TYPES: Final = {
    "string": "string",
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
    "object": "object",
    "array": "array",
    "any": "any",
}
_NULL: Final = {"type": "null"}
_READ: Final = frozenset(
    """
    type format items properties required additionalProperties $ref $defs definitions $schema $id
    title anyOf oneOf allOf default maxLength maxItems const nullable readOnly x-class x-type
    x-options x-settings x-strict
    """.split()
)

_LENGTHS: Final = ("maxLength", "maxItems")


def from_schema(
    schema: Mapping[str, Any], name: str | None = None
) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Return name -> properties and settings of the models in a JSON schema, the outermost last.

    Args:
        schema: Schema of an object.
        name: Name of the outermost model; the title unless given.

    Raises:
        DefinitionError: It is no schema of an object, has no name, or refers to what is not there.
    """
    given: Any = schema
    if not _is_of_object(given):
        raise DefinitionError("This is no JSON schema of an object.", model=name, value=given)
    name = name or given.get("title")
    if not isinstance(name, str) or not name:
        raise DefinitionError("A JSON schema needs a title, or a name beside it.", value=name)
    reader = _Reader(schema, name)
    try:
        outermost = reader.of_model(schema)
    except RecursionError:
        raise DefinitionError(f"{name}: the schema leads back to itself.", model=name) from None
    return {**reader.models, name: outermost}


def _is_of_object(schema: Any) -> bool:
    """Tell whether something is the schema of an object, or of an object or null."""
    if not isinstance(schema, Mapping) or not isinstance(schema.get("properties", {}), Mapping):
        return False
    return _without_null(dict(schema)).get("type", "object") == "object" and "$ref" not in schema


class _Reader:
    """Reads one schema document."""

    def __init__(self, root: Mapping[str, Any], name: str) -> None:
        self.models: dict[str, Any] = {}
        self._root = root
        self._name = name

    def of_model(self, schema: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return properties and settings of an object's schema."""
        settings = dict(schema.get("x-settings") or {})
        settings.setdefault("id_injection", False)  # all properties are told
        if schema.get("additionalProperties") is False:
            settings["strict"] = schema.get("x-strict", True)
        if isinstance(schema.get("description"), str):
            settings["description"] = schema["description"]
        return self.of_properties(schema), settings

    def of_properties(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return name -> long form of the properties of an object's schema."""
        required = _listed(schema, "required", self._name)
        found = {}
        for name, given in (schema.get("properties") or {}).items():
            form = self.of_property(given, f"{self._name}.{name}")
            if name in required:
                form.setdefault("required", True)
            found[name] = form
        return found

    def of_property(self, given: Any, what: str) -> dict[str, Any]:
        """Return the long form of one property."""
        schema = self._plain(given, what)
        form: dict[str, Any] = {"type": self._type(schema, what)}
        form |= {name: schema[keyword] for keyword, name in _OPTIONS.items() if keyword in schema}
        if "enum" in form:
            form["enum"] = [item for item in form["enum"] if item is not None]
        more = {
            "enum": [schema["const"]] if "const" in schema else None,
            "default": schema.get("default"),
            "length": schema.get("maxLength") or schema.get("maxItems") or None,
            "format": None if schema.get("format") in _FORMATS else schema.get("format"),
            "json_schema": _left(schema) or None,
        }
        form |= {name: item for name, item in more.items() if item is not None}
        return form | dict(schema.get("x-options") or {})

    def _type(self, schema: Mapping[str, Any], what: str) -> Any:
        """Return the type expression of values of a schema."""
        known = schema.get("x-type")
        if isinstance(known, str) and known[:1].islower():
            return known
        if "$ref" in schema:
            return self._referred(schema["$ref"], what)
        kind = schema.get("type") or _implied_type(schema)
        if kind == "array":
            return self._list(schema, what)
        if kind == "object" and schema.get("properties"):
            return self.of_properties(schema)
        if kind not in _TYPES:
            raise DefinitionError(f"{what}: {kind!r} is no type of JSON schema.", value=kind)
        found = _FORMATS.get(str(schema.get("format"))) if kind == "string" else None
        return found or _TYPES[kind]

    def _list(self, schema: Mapping[str, Any], what: str) -> Any:
        items = schema.get("items")
        if not isinstance(items, Mapping) or not items:
            return "array"
        form = self.of_property(items, f"{what}[]")
        return [form if len(form) > 1 or isinstance(form["type"], Mapping) else form["type"]]

    def _plain(self, given: Any, what: str) -> dict[str, Any]:
        """Return a schema without the ways to allow null, and without what wraps a single one."""
        if given is True:
            return {}
        if not isinstance(given, Mapping):
            raise DefinitionError(f"{what}: {given!r} is no JSON schema.", value=given)
        schema = dict(given)
        for key in ("anyOf", "oneOf", "allOf"):
            inner = [each for each in _listed(schema, key, what) if each != _NULL]
            if len(inner) == 1:
                del schema[key]
                schema = {**self._plain(inner[0], what), **schema}
        return _without_null(schema)

    def _referred(self, reference: Any, what: str) -> Any:
        """Return the name of the model that a reference leads to."""
        if reference == "#":
            return self._name
        found: Any = self._root
        parts = str(reference).split("/")
        for part in parts[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            found = found.get(key) if isinstance(found, Mapping) else None
        if parts[0] != "#" or not isinstance(found, Mapping):
            raise DefinitionError(f"{what}: {reference!r} leads nowhere.", value=reference)
        if "properties" not in found:
            return self.of_property(found, what)["type"]
        name = parts[-1]
        if name not in self.models:
            self.models[name] = None  # it may contain itself
            made = self.of_model(found)
            del self.models[name]
            self.models[name] = made
        return name


def _left(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keywords that have no option of their own; a length of 0 can be none."""
    known = {*_READ, *_OPTIONS}
    return {
        key: item
        for key, item in schema.items()
        if key not in known or (key in _LENGTHS and item == 0)
    }


def _listed(schema: Mapping[str, Any], keyword: str, what: str) -> Sequence[Any]:
    """Return the list that a *keyword* has; empty where it is not there."""
    found = schema.get(keyword) or ()
    if isinstance(found, list | tuple):
        return found
    raise DefinitionError(f"{what}: {keyword!r} is a list, not {found!r}.", value=found)


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return *schema* with the one type that is not null; without any where there are several."""
    kinds = schema.get("type")
    if isinstance(kinds, list | tuple):
        left = [kind for kind in kinds if kind != "null"]
        schema["type"] = left[0] if len(left) == 1 else None
    return schema


def _implied_type(schema: Mapping[str, Any]) -> str:
    """Return the type of values of a schema that does not name it."""
    if "const" in schema:
        return _of_values([schema["const"]])
    if "enum" in schema:
        return _of_values([item for item in schema["enum"] if item is not None])
    return "object" if "properties" in schema else "any"


def _of_values(values: list[Any]) -> str:
    """Return the type of all of some values, any if there are several."""
    kinds = {_OF_CLASS.get(type(value), "any") for value in values}
    return kinds.pop() if len(kinds) == 1 else "any"


_OF_CLASS: Final[Mapping[type, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
}
