"""Defaults: when they apply, what makes them, and what is written of them."""

import functools
import re
import uuid
from typing import Any

import pytest

from juggler import UNSET, DataSource, ModelRegistry
from juggler.errors import DefinitionError
from juggler.types.geo import GeoPoint

PLAIN = {"id_injection": False}


def define(properties: dict[str, Any], **settings: Any) -> Any:
    """Return a model."""
    return ModelRegistry().define("Thing", properties, {**PLAIN, **settings})


# MOD-28
def test_when_they_apply() -> None:
    """A missing value is filled in, an explicit None stays, and options can say otherwise."""
    model = define({"a": {"type": int, "default": 5}, "b": {"type": int, "default": 6}})
    assert (model().a, model(a=None).a, model(a=1).a) == (5, None, 1)
    assert model(apply_default_values=False).raw("a") is UNSET
    assert model(fields=["b"]).to_dict() == {"b": 6}
    assert model.load({"b": 1}).raw("a") is UNSET


# MOD-29
def test_what_makes_them() -> None:
    """A value, a function, one of the values given so far; then the default function."""
    model = define(
        {
            "first": str, "a": {"type": str, "default": lambda: 7},
            "b": {"type": str, "default": lambda data: data["first"] + "!"},
            "c": {"type": str, "default": lambda: UNSET, "default_fn": lambda: "second"},
            "none": {"type": str, "default": lambda: None, "default_fn": lambda: "second"},
            "null": {"type": str, "default": None, "default_fn": lambda: "second"},
            "now": {"type": "date", "default": "$now"}, "text": {"type": str, "default": "$now"},
        }
    )  # fmt: skip
    made = model(first="x")
    assert (made.a, made.b, made.c, made.text) == ("7", "x!", "second", "$now")
    assert made.none is made.null is None, "None is a value"
    assert made.now.tzinfo is not None


# MOD-30
@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("guid", r".{14}4.{21}"), ("uuid", r".{14}4.{21}"), ("uuidv4", r".{14}4.{21}"),
        ("uuidv1", r".{14}1.{21}"), ("uuidv7", r".{14}7.{21}"), ("shortid", r"[\w-]{9}"),
        ("nanoid", r"[A-Za-z0-9_-]{9}"), ("now", r"\d{4}-.*Z"),
    ],
)  # fmt: skip
def test_functions_by_name(name: str, pattern: str) -> None:
    """Each name makes its kind of value, another one each time."""
    model = define({"a": {"type": "string", "defaultFn": name}})
    values = {model().a for _ in range(20 if name != "now" else 1)}
    assert all(re.fullmatch(pattern, value) for value in values)
    assert len(values) == (20 if name != "now" else 1)
    assert isinstance(define({"a": {"type": "uuid", "default_fn": "uuidv7"}})().a, uuid.UUID)


# MOD-30
def test_unknown_functions() -> None:
    """A name that nobody defined fails at definition and tells the names there are."""
    with pytest.raises(DefinitionError, match=r"'slug' is not known.*uuid, .*nanoid"):
        define({"a": {"type": str, "defaultFn": "slug"}})


# MOD-31, Do better (properties)
def test_they_are_values_of_their_type() -> None:
    """Defaults are coerced, also in lists and embedded models, and no two instances share one."""
    model = define(
        {
            "n": {"type": "number", "default": "5"}, "list": {"type": ["number"], "default": ["1"]},
            "open": {"type": "object", "default": {"a": [1]}},
            "home": {"type": {"zip": "string", "city": {"type": "string", "default": "Ulm"}},
                     "default": {"zip": 5}},
            "homes": {"type": [{"city": {"type": "string", "default": "Ulm"}}], "default": [{}]},
            "geo": {"type": "geopoint", "default": [1, 2]},
            "code": {"type": "string", "default": " a ", "trim": True, "uppercase": True},
        }
    )  # fmt: skip
    one, other = model(), model()
    assert (one.n, one.list, one.geo, one.code) == (5, [1], GeoPoint(1, 2), "A")
    assert (one.home.zip, one.home.city, one.homes[0].city) == ("5", "Ulm", "Ulm")
    one.list.append(2)
    one.open["a"].append(2)
    one.home.zip = "x"
    assert (other.list, other.open, other.home.zip) == ([1], {"a": [1]}, "5")
    assert model().open == {"a": [1]}


# MOD-33
async def test_stores_can_be_spared_them() -> None:
    """A text, number or bool that is the default is in the instance, not in its row; a list is."""
    quiet = {"persist_default_values": False}
    source = DataSource("memory", registry=ModelRegistry())
    model = source.define(
        "Thing",
        {
            "id": {"type": int, "id": True},
            "text": {"type": str, "default": "x", **quiet},
            "number": {"type": "number", "default": "5", **quiet},
            "any": {"type": "any", "default": 1, **quiet},
            "list": {"type": [str], "default": ["x"], **quiet},
        },
    )
    usual = {"text": "x", "number": 5, "any": 1, "list": ["x"]}
    other = {"text": "y", "number": 6, "any": True, "list": []}
    async with source:
        for number, (given, row) in enumerate([(usual, {"list": ["x"]}), (other, other)]):
            for write in (model.create, model.replace_or_create):
                made = await write({"id": number, **given})
                assert made.to_dict() == {"id": number, **given}
                assert (await model.find_by_id(number)).to_dict() == {"id": number, **row}
        made.text = "x"
        await made.save()
        assert (await model.find_by_id(1)).text == "x"


# MOD-32, MOD-33
async def test_what_is_written_of_them() -> None:
    """What has its default may stay out of a new row, in embedded models too."""
    source = DataSource("memory", registry=ModelRegistry())
    quiet = {"type": str, "default": "x", "persistDefaultValues": False}
    model = source.define(
        "Thing",
        {
            "a": {"type": str, "default": "x", "applyDefaultOnWrites": False}, "b": quiet,
            "c": {"type": str, "default_fn": lambda: "y", "apply_default_on_writes": False},
            "home": {"type": {"b": quiet, "z": "string"}}, "homes": [{"b": quiet, "z": "string"}],
        },
    )  # fmt: skip
    assert model().raw("a") is UNSET
    assert (model().b, model().c) == ("x", "y")
    async with source:
        made = await model.create(a="x", home={"z": "1"}, homes=[{}, {"b": "other"}])
        assert (made.a, made.b, made.home.b) == ("x", "x", "x")
        row = (await model.find_by_id(made.id)).to_dict()
        assert row == {"id": 1, "c": "y", "home": {"z": "1"}, "homes": [{}, {"b": "other"}]}
        kept = await model.create(a="1", b="2")
        await kept.update_attributes({"a": "x", "b": "x"})
        assert (await model.find_by_id(kept.id)).to_dict() == {
            "id": 2,
            "a": "x",
            "b": "x",
            "c": "y",
        }
        await model.replace_by_id(kept.id, {"b": "x", "c": "z"})
        assert (await model.find_by_id(kept.id)).to_dict() == {"id": 2, "c": "z"}


# MOD-31
def test_instances_as_defaults() -> None:
    """A default that is an instance, or has some in it, is copied at once; equal ones are one."""
    registry = ModelRegistry()
    address = registry.define("Address", {"city": str}, PLAIN)
    ulm = address(city="Ulm")
    properties = {
        "home": {"type": address, "default": ulm}, "homes": {"type": [address], "default": [ulm]},
        "open": {"type": "object", "default": {"of": [ulm]}},
    }  # fmt: skip
    first, second = (registry.define(name, properties, PLAIN) for name in ("First", "Second"))
    assert first.shape is second.shape
    ulm.city = "Bonn"
    made, third = first(), registry.define("Third", properties, PLAIN)()
    assert (made.home.city, made.homes[0].city, made.open["of"][0].city) == ("Ulm",) * 3
    assert (third.home.city, third.homes[0].city, third.open["of"][0].city) == ("Bonn",) * 3


# MOD-29
@pytest.mark.parametrize(
    "use",
    [
        lambda function: define({"a": {"type": int, "default": function}}),
        lambda function: define({"a": {"type": int, "default_fn": function}}),
        lambda function: ModelRegistry().define_default_fn("later", function),
    ],
)
def test_async_functions_are_refused(use: Any) -> None:
    """Making an instance waits for nothing, so what has to be awaited is refused at definition."""

    async def later() -> int:
        raise AssertionError("Nobody calls it.")

    class Later:
        async def __call__(self) -> int:
            raise AssertionError("Nobody calls it.")

    for function in (later, Later(), functools.partial(later)):
        with pytest.raises(DefinitionError, match=r"is async.*before save"):
            use(function)


# What users ask for, 11
async def test_filling_in_later() -> None:
    """Old records get defaults that were defined later, when they are asked to."""
    source = DataSource("memory", registry=ModelRegistry())
    model = source.define("Thing", {"a": str, "n": str})
    async with source:
        await model.create(a="x", n=None)
        model.define_property("level", {"type": int, "default": 1})
        model.define_property("n", {"type": str, "default": "none"})
        found = await model.find_by_id(1)
        assert found.raw("level") is UNSET
        assert found.apply_defaults() == ["level"]
        assert found.apply_defaults(nulls=True) == ["n"]
        await found.save()
        assert (await model.find_by_id(1)).to_dict() == {"id": 1, "a": "x", "n": "none", "level": 1}


# MOD-27
def test_text_is_put_in_order() -> None:
    """trim, lowercase and uppercase work on assignment, on items of lists, and not on loading."""
    model = define(
        {
            "a": {"type": str, "trim": True, "lowercase": True},
            "b": {"type": "text", "uppercase": True},
            "tags": [{"type": str, "trim": True}], "grid": [[{"type": str, "uppercase": True}]],
        }
    )  # fmt: skip
    made = model(a=" AB ", b=5, tags=[" x ", None], grid=[["a"], None])
    assert (made.a, made.b, made.tags, made.grid) == ("ab", "5", ["x", None], [["A"], None])
    made.a, made.tags = " C ", '[" y "]'
    assert (made.a, made.tags) == ("c", ["y"])
    made.a = None
    assert made.a is None
    assert model.load({"a": " A ", "b": "b", "tags": [" t "], "grid": []}).a == " A "


# MOD-27
@pytest.mark.parametrize(
    "options",
    [
        {"trim": []}, {"lowercase": True, "uppercase": True}, {"pattern": 5}, {"enum": "abc"},
        {"enum": []}, {"enum": 5}, {"min": True}, {"min": 5, "max": 1}, {"computed": 5},
        {"max": [1]}, {"readOnly": {}}, {"length": 0}, {"length": "x"}, {"index": 5}, {"id": -1},
    ],
)  # fmt: skip
def test_options_that_cannot_be(options: dict[str, Any]) -> None:
    """An option that could not do what it says fails at definition, in items of lists too."""
    with pytest.raises(DefinitionError):
        define({"a": {"type": "string", **options}})
    if options.keys() & {"trim", "pattern", "enum", "min", "lowercase"}:
        with pytest.raises(DefinitionError):
            define({"a": [{"type": "string", **options}]})


# MOD-29
def test_the_values_given_so_far() -> None:
    """A function of the values sees what was given, and computes nothing."""
    seen: list[Any] = []
    model = define(
        {
            "a": str,
            "b": {"type": str, "default": lambda data: seen.append(data) or "x"},
            "c": {"type": str, "computed": lambda made: made.a.upper()},
        }
    )
    assert model(a="y").to_dict() == {"a": "y", "b": "x", "c": "Y"}
    assert model().b == "x"
    assert seen == [{"a": "y", "b": None}, {"a": None, "b": None}]
