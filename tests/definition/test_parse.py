"""Properties as users write them: forms, names, options, defaults, and errors that name them."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from juggler.definition.property import Property
from juggler.definition.shape import EmbeddedType, Shape
from juggler.errors import DefinitionError
from juggler.types.geo import GeoPoint
from juggler.types.scalar import STRING
from juggler.types.structured import ClassType, ListType
from juggler.types.table import TypeTable
from tests.definition.helpers import Models, nested, parse
from tests.names import name_of

UNKNOWN: list[Any] = [
    "strng", "", "String ", "Customer", 5, 1.5, True, b"string", object(), len, lambda: str,
    dict[str, int] | None | int | bytes, "[string]", {"required": True}, {"type": "strng"},
    {"type": None},
    {"type": 5}, ["strng"], [5], {"a": "strng"}, [{"a": "strng"}], {"a": {"b": 5}},
    {"type": {"type": "strng"}},
]  # fmt: skip


class Role:
    """A class of an application."""

    def __init__(self, name: str) -> None:
        self.name = name


class Name(StrEnum):
    """Texts with names."""

    FIRST = "first"


def test_short_and_long_form() -> None:
    """A property is a type, or a mapping with a type and options."""
    # MOD-24
    found = parse({"a": str, "b": {"type": "string"}, "c": {"type": [str]}, "d": {"x": {"y": int}}})
    assert list(found) == ["a", "b", "c", "d"]
    assert found["a"].type is found["b"].type is STRING
    assert isinstance(found["c"].type, ListType)
    inner = found["d"].type
    assert isinstance(inner, EmbeddedType)
    assert isinstance(inner.shape.properties["x"].type, EmbeddedType)


@pytest.mark.parametrize("nothing", [None, False])
def test_no_property(nothing: Any) -> None:
    """None and False define no property."""
    # MOD-24
    assert list(parse({"a": nothing, "b": str})) == ["b"]


def test_a_property_called_type() -> None:
    """A mapping with a `type` is a long form; wrapped in another it is a structure."""
    # MOD-05
    top = parse({"type": str})
    assert top["type"].type is STRING
    wrapped = parse({"a": {"type": {"type": str, "other": int}}})["a"].type
    assert isinstance(wrapped, EmbeddedType)
    assert list(wrapped.shape.properties) == ["type", "other"]
    listed = parse({"a": [{"type": {"type": str, "other": int}}]})["a"].type
    assert isinstance(listed, ListType)
    assert isinstance(listed.item, EmbeddedType)


def test_lists() -> None:
    """Only the first element of a list type counts, and options of an item are dropped."""
    # MOD-04, MOD-06
    found = parse({"a": [str, int], "b": [{"type": str, "length": 64}], "c": [], "d": [[str]]})
    kinds = {name: item.type for name, item in found.items()}
    assert all(isinstance(kind, ListType) for kind in kinds.values())
    assert kinds["a"].canonical() == kinds["b"].canonical() == ["list", "string"]
    assert kinds["c"].canonical() == ["list", "any"]
    assert kinds["d"].canonical() == ["list", ["list", "string"]]


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        (str | None, "string"), (list[int], "array"),
        (dict[str, int], "object"),
        (set[str], "array"), (list, "array"), (Any, "any"), (object, "any"),
        (tuple[str, ...], "array"),
    ],
)  # fmt: skip
def test_python_types(expression: Any, name: str) -> None:
    """Python's annotations are type expressions."""
    # MOD-04
    assert parse({"a": expression})["a"].type.name == name


def test_classes_and_models() -> None:
    """Any class is a type; the name of a model means that model; its own names win."""
    # MOD-04
    shape = Shape("0" * 32, [Property("x", STRING)])
    found = parse({"a": Role, "b": "Address", "c": ["Address"]}, models=Models(Address=shape))
    assert isinstance(found["a"].type, ClassType)
    embedded = found["b"].type
    assert isinstance(embedded, EmbeddedType)
    assert (embedded.shape, embedded.model) == (shape, "model Address")
    table = TypeTable()
    table.register(Role, "Address")
    again = parse({"b": "Address"}, table=table, models=Models(Address=shape))
    assert isinstance(again["b"].type, ClassType)


def test_options() -> None:
    """Known options are fields, in either spelling; unknown ones are kept as they are."""
    # MOD-01, MOD-27
    found = parse(
        {
            "a": {
                "type": "string", "id": 2, "generated": True, "required": {"message": "please"},
                "defaultFn": "uuid", "index": {"unique": True}, "limit": 10, "hidden": True,
                "protected": 1, "jsonSchema": {"nullable": True}, "useDefaultIdType": False,
                "mysql": {"columnName": "A"}, "myOwn": [1], "UPPER": 1,
            }
        }
    )["a"]  # fmt: skip
    assert (found.id, found.generated, found.unique, found.length) == (2, True, True, 10)
    assert (found.hidden, found.protected) == (True, True)
    assert found.required == {"message": "please"}
    assert parse({"a": {"type": "string", "required": {}}})["a"].required is True
    assert found.index == {"unique": True}
    assert found.default_fn is not None
    assert dict(found.options) == {
        "json_schema": {"nullable": True}, "use_default_id_type": False,
        "mysql": {"columnName": "A"}, "myOwn": (1,), "UPPER": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "good"),
    [
        ({"default_fn": "uuid", "defaultFn": "now"}, False),
        ({"default_fn": "now", "defaultFn": "now"}, True),
        ({"useDefaultIdType": 1, "use_default_id_type": True}, False),
        ({"jsonSchema": [1], "json_schema": [1]}, True),
        ({"jsonSchema": {"a": 1}, "json_schema": {"a": 1.0}}, False),
        ({"readOnly": False, "read_only": 0}, False),
    ],
)  # fmt: skip
def test_two_spellings_of_one_option(options: dict[str, Any], good: bool) -> None:
    """An option may be given twice with equal values; different ones are an error that names it."""
    # MOD-01
    definition = {"a": {"type": "date", **options}}
    if good:
        parse(definition)
        return
    with pytest.raises(DefinitionError, match=r"Ticket\.a: the option .* two spellings") as error:
        parse(definition, model_name="Ticket")
    assert (error.value.model, error.value.property) == ("Ticket", "a")


BAD_OPTIONS: list[dict[str, Any]] = [
    {"length": 0}, {"length": -1}, {"length": "10"}, {"length": 1.5}, {"length": True},
    {"limit": []},
    {"id": -1}, {"id": "yes"}, {"id": 1.5}, {"index": 1}, {"index": "yes"}, {"index": [1]},
    {"default_fn": "nonsense"}, {"default_fn": 5}, {"default": str},
    {"enum": []}, {"enum": iter("ab")}, {"enum": Enum("Empty", [])},
]  # fmt: skip


@pytest.mark.parametrize("options", BAD_OPTIONS, ids=name_of)
def test_bad_options(options: dict[str, Any]) -> None:
    """An option with a value of no use is an error that names model and property."""
    # MOD-27
    with pytest.raises(DefinitionError) as error:
        parse({"inner": {"a": {"type": "string", **options}}}, model_name="Ticket")
    found = error.value
    assert (found.model, found.property, found.path) == ("Ticket", "inner", "inner.a")
    assert "Ticket.inner.a" in str(found) or "inner.a" in str(found)
    assert found.code == "DEFINITION"
    with pytest.raises(DefinitionError, match="not text"):
        parse({"a": {"type": "string", 5: 1}})


@pytest.mark.parametrize("expression", UNKNOWN, ids=name_of)
def test_unknown_types(expression: Any) -> None:
    """What is no type is an error that names model, property and what was given."""
    # MOD-24
    with pytest.raises(DefinitionError, match="is no type") as error:
        parse({"good": str, "bad": expression}, model_name="Ticket")
    assert (error.value.model, error.value.property) == ("Ticket", "bad")
    assert error.value.path is not None
    assert error.value.path.startswith("bad")


def test_a_structure_with_nothing_left() -> None:
    """A long form that forgot its type is an error, not an empty structure."""
    # MOD-24
    with pytest.raises(DefinitionError, match='needs a "type"'):
        parse({"a": {"required": False, "default": None}})
    with pytest.raises(DefinitionError, match='an option of a, required needs a "type" beside it'):
        parse({"a": {"required": True}})
    assert parse({"a": {}})["a"].type.name == "object"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("a.b", "containing dots are not supported"), (".", "dots"), ("__a", "two underscores"),
        ("save", "method or attribute"), ("", "is text"), (5, "is text"), (None, "is text"),
        (("a",), "is text"), ("\ud800", "Unicode"),
    ],
)  # fmt: skip
def test_names_that_cannot_be(name: Any, why: str) -> None:
    """A name that no instance could serve is refused, at any depth, with model and property."""
    # MOD-25, MOD-26
    for form in ({name: str}, {"a": {name: str}}, {"a": [{name: str}]}, {name: None}):
        with pytest.raises(DefinitionError, match=why) as error:
            parse(form, reserved=frozenset({"save"}), model_name="Ticket")
        assert error.value.model == "Ticket"
        assert error.value.property is not None


@given(st.text(min_size=1).filter(lambda name: "." not in name and not name.startswith("__")))
def test_any_other_name(name: str) -> None:
    """Any other text names a property."""
    # MOD-25
    assert parse({name: str})[name].name == name


def test_names_are_plain_text() -> None:
    """A name that is a member of an enumeration is kept as its text."""
    found = parse({Name.FIRST: str})
    assert [type(name) for name in found] == [str]
    assert found["first"].name == "first"


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("number", "5", 5), ("string", 5, "5"), ("boolean", "true", True), ("any", None, None),
        ("geopoint", "1,2", GeoPoint(1, 2)), (["number"], ["1", 2], [1, 2]),
        ("object", {"a": [1]}, {"a": [1]}),
        ("date", "2020-01-01", datetime(2020, 1, 1, tzinfo=UTC)), ("json", '{"a": 1}', '{"a": 1}'),
    ],
)  # fmt: skip
def test_defaults(kind: Any, written: Any, value: Any) -> None:
    """A default is a value of the property's type, fresh for everyone who reads it."""
    # MOD-27
    found = parse({"a": {"type": kind, "default": written}})["a"]
    assert found.default == value
    assert found.has_default
    assert type(found.default) is type(value)
    if isinstance(value, list | dict):
        assert found.default is not found.default


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("number", "abc"), ("boolean", "maybe"), ("date", "soon"), (["number"], 5),
        ("geopoint", "x"),
        ("date_string", "x"), (["number"], ["x"]), ("string", []), ("string", str),
        ("integer", 1.5), ({"x": "string"}, "x"), ({"x": "string"}, ["x"]),
    ],
)  # fmt: skip
def test_bad_defaults(kind: Any, written: Any) -> None:
    """A default that its type does not accept is an error at definition."""
    with pytest.raises(DefinitionError, match=r"Ticket\.a: the default") as error:
        parse({"a": {"type": kind, "default": written}}, model_name="Ticket")
    assert error.value.property == "a"


def test_functions_as_defaults() -> None:
    """A default may be a function, a name of one, or the current time."""
    made: Callable[[], int] = lambda: 1  # noqa: E731
    found = parse(
        {
            "a": {"type": "number", "default": made},
            "b": {"type": "number", "default_fn": made},
            "c": {"type": "date", "default": "$now"},
            "d": {"type": "date", "default": datetime},
            "e": {"type": "string", "default": "$now"},
            "f": {"type": "date", "default_fn": "now"},
        }
    )
    assert found["a"].default is made
    assert found["b"].default_fn is made
    assert found["c"].default_fn is found["d"].default_fn is found["f"].default_fn
    assert found["c"].default is UNSET
    assert found["e"].default == "$now"
    assert parse({"a": {"type": [str], "default": list}})["a"].default == []
    assert not parse({"a": str})["a"].has_default


def test_nothing_that_was_given_is_changed() -> None:
    """The caller's objects stay as they are, and what is kept of them cannot be changed by them."""
    # REG-29, fault 24
    given: dict[str, Any] = {
        "a": {"type": ["string"], "default": ["x"], "foo": {"bar": [1]}, "index": {"unique": True}},
        "b": {"c": {"type": "string", "required": {"message": "m"}}},
    }
    found = parse(given)
    assert given["a"] == {
        "type": ["string"], "default": ["x"], "foo": {"bar": [1]}, "index": {"unique": True},
    }  # fmt: skip
    given["a"]["foo"]["bar"].append(2)
    given["a"]["default"].append("y")
    given["a"]["index"]["unique"] = False
    given["b"]["c"]["required"]["message"] = "n"
    assert found["a"].options["foo"]["bar"] == (1,)
    assert found["a"].default == ["x"]
    assert found["a"].index == {"unique": True}
    inner = found["b"].type
    assert isinstance(inner, EmbeddedType)
    assert inner.shape.properties["c"].required == {"message": "m"}
    for change in (
        lambda: setattr(found["a"], "name", "b"),
        lambda: setattr(inner, "shape", None),
        lambda: setattr(inner.shape, "strict", True),
        lambda: delattr(inner.shape, "strict"),
        lambda: found["a"].options["foo"].update(x=1),
    ):
        with pytest.raises((AttributeError, TypeError)):
            change()


def test_mappings_of_any_kind() -> None:
    """Any mapping will do, read-only ones and ordered ones too."""
    given = MappingProxyType(
        {"a": OrderedDict(type="string", foo=1), "b": MappingProxyType({"c": str})}
    )
    assert list(parse(given)) == ["a", "b"]


def test_ready_properties() -> None:
    """A ready property stands for itself, under its own name only."""
    ready = Property("a", STRING, length=5)
    assert parse({"a": ready})["a"] is ready
    with pytest.raises(DefinitionError, match="is called 'a'"):
        parse({"b": ready})
    assert parse({"a": STRING})["a"].type is STRING


@pytest.mark.parametrize("key", [None, "a"])
def test_deep_structures(key: str | None) -> None:
    """A structure nested a thousand deep is a typed error, never a RecursionError."""
    # REG-27
    with pytest.raises(DefinitionError, match="nested deeper than 32 levels") as error:
        parse({"x": nested(1_000, "string", key)}, model_name="Ticket")
    assert (error.value.model, error.value.property) == ("Ticket", "x")
    parse({"x": nested(30, "string", key)})


@pytest.mark.parametrize("option", ["default", "foo", "required", "index", "jsonSchema"])
@pytest.mark.parametrize("key", [None, "a"])
def test_deep_options(option: str, key: str | None) -> None:
    """The same holds for values of options."""
    value = nested(1_000, 1, key)
    if option in {"required", "index"}:
        value = {"a": value}
    with pytest.raises(DefinitionError, match="nested deeper than 64"):
        parse({"x": {"type": "any", option: value}})


def test_circular_structures() -> None:
    """A structure that contains itself is a typed error that names the path."""
    # REG-27, fault 3
    node: dict[str, Any] = {"name": str}
    node["next"] = node
    with pytest.raises(DefinitionError, match=r"contains itself at next\.next"):
        parse(node)
    items: list[Any] = []
    items.append(items)
    with pytest.raises(DefinitionError, match="contains itself at a"):
        parse({"a": items})
    shared = {"x": str}
    assert list(parse({"a": shared, "b": shared})) == ["a", "b"]


def test_circular_options() -> None:
    """The same holds for values of options."""
    # REG-27
    loop: dict[str, Any] = {}
    loop["self"] = loop
    for option in ("default", "foo", "index"):
        with pytest.raises(DefinitionError, match="contains itself"):
            parse({"a": {"type": "any", option: loop}})
