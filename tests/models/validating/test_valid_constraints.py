"""The constraints of properties as rules: bounds, patterns, choices, schemas, items of lists."""

import builtins
import re
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from juggler.errors import DefinitionError, ValidationError
from juggler.facade.default import ModelRegistry
from juggler.models.validating.validate import validate
from juggler.validation.rules import declare

PLAIN = {"id_injection": False}


class Role(Enum):
    """Choices of a declared kind."""

    ADMIN = "admin"
    GUEST = "guest"


DAY = datetime(2020, 1, 1, tzinfo=UTC)

# definition of the property, value -> codes
TABLE: list[tuple[dict[str, Any], Any, list[str]]] = [
    ({"type": "number", "min": 1, "max": 5}, 1, []),
    ({"type": "number", "min": 1, "max": 5}, 5, []),
    ({"type": "number", "min": 1, "max": 5}, 0.5, ["range.min"]),
    ({"type": "number", "min": 1, "max": 5}, "6", ["range.max"]),
    ({"type": "number", "min": 0}, -1, ["range.min"]),
    ({"type": "number", "max": 0}, 1, ["range.max"]),
    ({"type": "number", "min": "3"}, 2, ["range.min"]),
    ({"type": "number", "min": 1}, None, []),
    ({"type": "number", "min": 1}, "x", ["type.number"]),
    ({"type": "integer", "min": 1}, 0, ["range.min"]),
    ({"type": "decimal", "max": "1.10"}, Decimal("1.11"), ["range.max"]),
    ({"type": "decimal", "max": 1.1}, Decimal("1.10"), []),
    ({"type": "date", "min": "2020-01-01"}, "2019-12-31T23:59:59Z", ["range.min"]),
    ({"type": "date", "max": DAY}, DAY, []),
    ({"type": "date", "min": DAY}, "soon", ["date"]),
    ({"type": "any", "min": 3}, 2, ["range.min"]),
    ({"type": "any", "min": 3}, "x", ["range"]),
    ({"type": "string", "min": 2, "max": 3}, "a", ["length.min"]),
    ({"type": "string", "min": 2, "max": 3}, "abcd", ["length.max"]),
    ({"type": "string", "min": 1}, "", ["length.min"]),
    ({"type": "text", "max": 1}, "ab", ["length.max"]),
    ({"type": ["string"], "min": 1}, [], ["length.min"]),
    ({"type": "buffer", "max": 1}, b"ab", ["length.max"]),
    ({"type": "string", "length": 2}, "abc", ["length.max"]),
    ({"type": "string", "limit": 2}, "abc", ["length.max"]),
    ({"type": "string", "length": 2}, "", []),
    ({"type": "string", "length": 2}, None, []),
    ({"type": "any", "length": 2}, "abc", ["length.max"]),
    ({"type": "number", "length": 2}, 123, []),
    ({"type": [{"type": "number", "length": 2}], "length": 2}, [123, 4], []),
    ({"type": "string", "pattern": "^a"}, "ba", ["format"]),
    ({"type": "string", "pattern": "b"}, "abc", []),
    ({"type": "string", "pattern": "/^A$/i"}, "a", []),
    ({"type": "string", "pattern": re.compile("^A$", re.IGNORECASE)}, "a", []),
    ({"type": "string", "pattern": "^a"}, "", ["format"]),
    ({"type": "string", "pattern": "^a"}, None, []),
    ({"type": "number", "pattern": r"^\d{4}$"}, 1234, []),
    ({"type": "number", "pattern": r"^\d{4}$"}, 123, ["format"]),
    ({"type": "string", "enum": ["a", "b"]}, "b", []),
    ({"type": "string", "enum": ["a", "b"]}, "c", ["inclusion"]),
    ({"type": "string", "enum": ["a", "b"]}, "", ["inclusion"]),
    ({"type": "string", "enum": ["a", "b"]}, None, []),
    ({"type": "string", "enum": Role}, "admin", []),
    ({"type": "number", "enum": [1, 2]}, "2", []),
    ({"type": "number", "enum": [1, 2]}, 3, ["inclusion"]),
    ({"type": "date", "enum": ["2020-01-01"]}, DAY, []),
]


@pytest.mark.parametrize(
    ("definition", "value", "codes"),
    [pytest.param(*row, id=f"{row[0]} {row[1]!r}"[:70]) for row in TABLE],
)
async def test_table(
    registry: ModelRegistry, definition: dict[str, Any], value: Any, codes: list[str]
) -> None:
    """Every row of the table holds; what was never given passes every one of them."""
    # MOD-27, MOD-102; Do better (properties): the documented constraints; What users ask for, 5
    things = registry.define("Thing", {"a": definition}, PLAIN)
    report = await validate(things(a=value))
    assert report.codes.get("a", []) == codes
    assert not await validate(things())


# MOD-27 (Do better), MOD-117
async def test_texts_have_the_bounds(registry: ModelRegistry) -> None:
    """A text says which bound was broken."""
    properties = {"a": {"type": "number", "min": 3}, "b": {"type": "date", "max": DAY}}
    report = await validate(registry.define("Thing", properties, PLAIN)(a=1, b="2021-01-01"))
    assert report.messages == {
        "a": ["must be at least 3"],
        "b": ["must be at most 2020-01-01T00:00:00.000Z"],
    }


# MOD-06, MOD-27 (Do better): options of items
async def test_items_of_lists_have_constraints(registry: ModelRegistry) -> None:
    """Options of items hold for each of them, at every depth; items that are null pass."""
    properties = {
        "tags": [{"type": "string", "length": 2}],
        "kinds": {"type": ["string"], "enum": ["x", "y"]},
        "grid": [[{"type": "number", "min": 1}]],
        "mails": [{"type": "string", "pattern": "@"}],
    }
    things = registry.define("Thing", properties, PLAIN)
    thing = things(
        tags=["ab", None, "abc", "abcd"], kinds=["x", "z"], grid=[[1], [2, 0]], mails=["a@b", "c"]
    )
    assert (await validate(thing)).codes == {
        "tags.2": ["length.max"],
        "tags.3": ["length.max"],
        "kinds.1": ["inclusion"],
        "grid.1.1": ["range.min"],
        "mails.1": ["format"],
    }
    assert not await validate(things(tags=[], kinds=None))


# MOD-27, MOD-64: constraints of embedded models (What users ask for, 1 and 5)
async def test_constraints_hold_in_embedded_models(registry: ModelRegistry) -> None:
    """They are reported under dotted paths, in lists too."""
    home = {"zip": {"type": "string", "pattern": r"^\d{5}$"}, "floor": {"type": "number", "min": 0}}
    things = registry.define("Thing", {"home": home, "homes": [home]}, PLAIN)
    thing = things(home={"zip": "1"}, homes=[{"zip": "12345"}, {"floor": -1}])
    assert (await validate(thing)).codes == {
        "home.zip": ["format"],
        "homes.1.floor": ["range.min"],
    }


@pytest.mark.parametrize(
    "definition",
    [
        {"type": "number", "min": "x"},
        {"type": "date", "max": "soon"},
        {"type": "boolean", "min": "maybe"},
        {"type": "string", "min": -1},
        {"type": "string", "max": 1.5},
        {"type": "string", "pattern": "["},
        {"type": "string", "enum": "abc"},
        {"type": "string", "json_schema": {"type": "nonsense"}},
        {"type": "string", "json_schema": {"pattern": "["}},
        {"type": "string", "json_schema": {"$ref": "#/nowhere"}},
        {"type": "string", "json_schema": {"$ref": "https://example.org/schema.json"}},
    ],
)
def test_constraints_that_cannot_hold_are_refused(
    registry: ModelRegistry, definition: dict[str, Any]
) -> None:
    """What no value could be compared with fails at definition, not when records are saved."""
    # MOD-27 (Do better), MOD-24
    with pytest.raises(DefinitionError) as caught:
        registry.define("Thing", {"a": definition}, PLAIN)
    assert (caught.value.model, caught.value.property) == ("Thing", "a")


# JSON schemas ---------------------------------------------------------------------------------

SCHEMA = {
    "type": "object",
    "required": ["kind"],
    "properties": {
        "kind": {"enum": ["a", "b"]},
        "sizes": {"type": "array", "items": {"type": "integer", "maximum": 9}, "maxItems": 2},
    },
    "additionalProperties": False,
}


# MOD-27 (Do better): json_schema; What users ask for, 5
@pytest.mark.parametrize("option", ["json_schema", "jsonSchema"])
async def test_json_schemas_hold(registry: ModelRegistry, option: str) -> None:
    """A property's schema is checked, and what is wrong inside is reported where it is."""
    things = registry.define("Thing", {"a": {"type": "object", option: SCHEMA}}, PLAIN)
    assert not await validate(things(a={"kind": "a", "sizes": [1]}))
    assert not await validate(things(a=None))
    report = await validate(things(a={"kind": "c", "sizes": [1, 10, "x"], "more": 1}))
    assert report.codes == {
        "a": ["json-schema.additionalProperties"],
        "a.kind": ["json-schema.enum"],
        "a.sizes": ["json-schema.maxItems"],
        "a.sizes.1": ["json-schema.maximum"],
        "a.sizes.2": ["json-schema.type"],
    }
    assert report["a.sizes"] == ["has too many items"]
    assert report["a.kind"] == ["does not match its schema"]


# MOD-27 (Do better)
@pytest.mark.parametrize(
    ("kind", "schema", "value", "codes"),
    [
        ("string", {"minLength": 2}, "a", ["json-schema.minLength"]),
        ("string", {"pattern": "^a"}, "b", ["json-schema.pattern"]),
        ("string", {"format": "email"}, "no", ["json-schema.format"]),
        ("number", {"exclusiveMinimum": 1}, 1, ["json-schema.exclusiveMinimum"]),
        ("decimal", {"maximum": 1}, "1.5", ["json-schema.maximum"]),
        ("date", {"type": "string"}, DAY, []),
        (["string"], {"uniqueItems": True}, ["a", "a"], ["json-schema.uniqueItems"]),
        ("number", {"minimum": 2}, "x", ["type.number"]),
        ("string", {"nullable": True, "title": "A", "x-mine": 1}, "a", []),
    ],
)
async def test_json_schemas_of_all_kinds(
    registry: ModelRegistry, kind: Any, schema: dict[str, Any], value: Any, codes: list[str]
) -> None:
    """Values are checked as their JSON is, decimals as numbers; words about a value ask nothing."""
    things = registry.define("Thing", {"a": {"type": kind, "json_schema": schema}}, PLAIN)
    assert (await validate(things(a=value))).codes.get("a", []) == codes


# MOD-27 (Do better)
def test_schemas_fetch_nothing(registry: ModelRegistry, tmp_path: Path) -> None:
    """A reference to another file is refused, also where there is one; those inside resolve."""
    other = tmp_path / "other.json"
    other.write_text('{"type": "string"}', encoding="utf-8")
    inside = {"$ref": "#/$defs/name", "$defs": {"name": {"type": "string"}}}
    assert registry.define("Inside", {"a": {"type": "any", "json_schema": inside}}, PLAIN)
    with pytest.raises(DefinitionError, match="JSON schema"):
        registry.define(
            "Thing", {"a": {"type": "any", "json_schema": {"$ref": other.as_uri()}}}, PLAIN
        )


# MOD-27 (Do better): the library is optional
async def test_a_schema_needs_its_extra(
    registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the library a schema that asks something is refused; the remedy is told."""
    imported = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "jsonschema_rs":
            raise ImportError(name)
        return imported(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    silent = {"type": "string", "json_schema": {"nullable": True}}
    assert registry.define("Silent", {"a": silent}, PLAIN)
    with pytest.raises(DefinitionError, match=r"juggler\[schema\]"):
        registry.define("Thing", {"a": {"type": "string", "json_schema": {"minLength": 2}}}, PLAIN)


# MOD-27, MOD-59, MOD-63
async def test_a_redefined_property_has_its_own_constraints(registry: ModelRegistry) -> None:
    """A child that defines a property anew drops the base's constraints, and adds none twice."""
    need = {"type": "string", "required": True, "max": 3}
    base = registry.define("Base", {"a": need, "b": need}, PLAIN)
    base.validates_length_of("b", min=2)
    same = registry.define("Same", {"a": need}, base=base)
    loose = registry.define("Loose", {"a": "string"}, base=base)
    assert (await validate(same(a="xxxx", b="x"))).codes == {
        "a": ["length.max"],
        "b": ["length.min"],
    }
    assert (await validate(same())).codes == {"a": ["presence"], "b": ["presence", "length.blank"]}
    assert (await validate(loose(a="xxxx", b="xx"))).codes == {}


# MOD-102: options of declared rules
async def test_optional_and_each_may_be_asked_for() -> None:
    """`optional` passes what is not there but checks empty text; `each` looks at items."""
    (rule,) = declare("length", "x", min=1, optional=True)
    assert rule.describe() == {"validation": "length", "min": 1, "optional": True}
    (each,) = declare("inclusion", "x", in_=[1], each=True)
    assert (each.each, each.describe()["each"]) == (1, True)


# MOD-112
async def test_the_error_shows_a_bad_date_as_the_original_does(registry: ModelRegistry) -> None:
    """A moment stands in ISO form without quotes; one that is none as `Invalid Date`."""
    # MOD-113
    thing = registry.define("Thing", {"a": {"type": "date", "min": DAY}, "b": "date"}, PLAIN)(
        a="2019-01-01", b="soon"
    )
    await validate(thing)
    assert str(ValidationError(thing)) == (
        "The `Thing` instance is not valid. Details: "
        "`b` is not a valid date (value: Invalid Date); "
        "`a` must be at least 2020-01-01T00:00:00.000Z (value: 2019-01-01T00:00:00.000Z)."
    )
