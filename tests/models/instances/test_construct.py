"""Making instances of what callers give."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from juggler.errors import InvalidValueError, ValidationError
from juggler.facade.default import ModelRegistry
from juggler.types.geo import GeoPoint

PLAIN = {"id_injection": False}
EVERY = {
    "name": "string",
    "note": "text",
    "age": "number",
    "rank": "integer",
    "paid": "boolean",
    "born": "date",
    "day": "date_string",
    "price": "decimal",
    "blob": "buffer",
    "meta": "object",
    "data": "json",
    "any": "any",
    "tags": ["string"],
    "at": "geopoint",
    "home": {"city": "string"},
}


# forms ----------------------------------------------------------------------------------------


def test_nothing_gives_an_empty_instance(registry: ModelRegistry) -> None:
    """Without data, with None and with an empty mapping alike nothing is set."""  # MOD-69
    things = registry.define("Thing", EVERY, PLAIN)
    for thing in (things(), things(None), things({})):
        assert thing.to_dict() == {}
        assert all(getattr(thing, name) is None for name in EVERY)


def test_mapping_and_keywords_are_one(registry: ModelRegistry) -> None:
    """Keywords and the mapping go together; keywords win."""  # MOD-44
    things = registry.define("Thing", {"a": int, "b": int}, PLAIN)
    assert things({"a": 1, "b": 2}, b=3).to_dict() == {"a": 1, "b": 3}
    assert things(a=1).to_dict() == {"a": 1}


@pytest.mark.parametrize("data", [0, "", [], [("a", 1)], "a=1", 5, object(), int])
def test_anything_else_is_refused(registry: ModelRegistry, data: Any) -> None:
    """What is no mapping is a TypeError that names the model."""  # MOD-69
    things = registry.define("Thing", {"a": int})
    with pytest.raises(TypeError, match="Thing is made from"):
        things(data)


def test_an_instance_is_copied(registry: ModelRegistry) -> None:
    """An instance as data gives an equal one that shares nothing with it."""  # MOD-69
    things = registry.define("Thing", {"tags": ["string"], "home": {"city": str}}, PLAIN)
    first = things(tags=["a"], home={"city": "Rome"}, extra={"deep": [1]})
    second = things(first)
    assert second == first
    assert second is not first
    assert second.is_new_record()
    second.tags.append("b")
    second.home.city = "Oslo"
    second["extra"]["deep"].append(2)
    assert first.to_dict() == {
        "tags": ["a"],
        "home": {"city": "Rome"},
        "extra": {"deep": [1]},
    }


def test_the_callers_data_stays_the_callers(registry: ModelRegistry) -> None:
    """Construction neither changes what it is given nor keeps hold of it."""  # MOD-84
    things = registry.define("Thing", {**EVERY, "things": ["any"], "bad": "string"}, PLAIN)
    data: dict[str, Any] = {
        "meta": {"deep": [1]},
        "data": [{"deep": 1}],
        "any": [1, {"deep": 1}],
        "things": [{"deep": 1}],
        "tags": ["a"],
        "home": {"city": "Rome"},
        "bad": ["no text"],
        "free": {"deep": [1]},
    }
    thing = things(data)
    kept = {name: repr(value) for name, value in data.items()}
    thing.meta["deep"].append(2)
    thing.data[0]["deep"] = 2
    thing.any[1]["deep"] = 2
    thing.things[0]["deep"] = 2
    thing.tags.append("b")
    thing.home.city = "Oslo"
    thing.bad.append("more")
    thing["free"]["deep"].append(2)
    assert {name: repr(value) for name, value in data.items()} == kept


# coercion -------------------------------------------------------------------------------------


def test_values_are_coerced(registry: ModelRegistry) -> None:
    """Every type makes its own of what it is given."""  # MOD-10, MOD-11
    things = registry.define("Thing", EVERY, PLAIN)
    thing = things(
        name=3,
        note=True,
        age="12",
        rank="7",
        paid="true",
        born="2020-01-02",
        day="2020-01-02",
        price="1.50",
        blob="ab",
        meta={"a": 1},
        data='{"a": [1]}',
        any="[1]",
        tags=("a", 1),
        at="1.5, 2",
        home={"city": 5},
    )
    assert (thing.name, thing.note, thing.age, thing.rank) == ("3", "true", 12, 7)
    assert thing.paid is True
    assert thing.born == datetime(2020, 1, 2, tzinfo=UTC)
    assert (str(thing.day), thing.price, thing.blob) == ("2020-01-02", Decimal("1.50"), b"ab")
    assert (thing.meta, thing.data, thing.any) == ({"a": 1}, {"a": [1]}, "[1]")  # MOD-14
    assert (thing.tags, thing.at, thing.home.city) == (["a", "1"], GeoPoint(1.5, 2), "5")


def test_none_passes_every_type(registry: ModelRegistry) -> None:
    """None is never coerced, whatever the type."""  # MOD-09
    things = registry.define("Thing", EVERY, PLAIN)
    thing = things(dict.fromkeys(EVERY))
    assert thing.to_dict() == dict.fromkeys(EVERY)
    assert all(thing.is_set(name) for name in EVERY)


def test_unset_is_not_none(registry: ModelRegistry) -> None:
    """What was never given reads None and can be told from None."""  # MOD-71a
    things = registry.define("Thing", {"a": int, "b": int, "c": int}, PLAIN)
    thing = things({"a": None, "b": UNSET})
    assert (thing.a, thing.b, thing.c) == (None, None, None)
    assert (thing["a"], thing["b"], thing["c"]) == (None, None, None)
    assert [thing.is_set(name) for name in "abc"] == [True, False, False]
    assert [thing.raw(name) for name in "abc"] == [None, UNSET, UNSET]
    assert [name in thing for name in "abc"] == [True, False, False]
    assert thing.to_dict() == {"a": None}
    assert thing.get("c", 5) == 5
    assert thing.get("a", 5) is None


def test_a_value_that_a_type_refuses_stays_and_is_noted(registry: ModelRegistry) -> None:
    """A bad value stays readable and does not raise; validation will tell."""  # MOD-12
    things = registry.define("Thing", {"age": "number", "born": "date"}, PLAIN)
    thing = things(age="many", born="soon")
    assert (thing.age, thing.born) == ("many", "soon")
    assert thing._state.bad == {"age", "born"}


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"tags": 5}, "tags"),
        ({"tags": "abc"}, "tags"),
        ({"at": [100, 0]}, "at"),
        ({"day": "2015-02-30"}, "day"),
        ({"home": {"spots": [[0, 0], "nowhere"]}}, "home.spots.1"),
        ({"homes": [{}, {"spots": 1}]}, "homes.1.spots"),
    ],
)
def test_some_values_are_refused_at_once(
    registry: ModelRegistry, data: dict[str, Any], path: str
) -> None:
    """A number for a list, a bad point or date string: the error names model and path."""  # MOD-13
    home = {"spots": ["geopoint"]}
    properties = {**EVERY, "home": home, "homes": [home]}
    things = registry.define("Thing", properties, PLAIN)
    with pytest.raises(InvalidValueError) as caught:
        things(data)
    error = caught.value
    assert (error.model, error.property, error.path) == ("Thing", path.partition(".")[0], path)
    assert (error.code, error.status_code) == ("INVALID_VALUE", 400)


def test_data_that_contains_itself_is_refused(registry: ModelRegistry) -> None:
    """Circular data is a clear error, not an exhausted stack."""  # MOD-121
    things = registry.define("Thing", {"meta": "object"}, PLAIN)
    circle: dict[str, Any] = {}
    circle["circle"] = circle
    with pytest.raises(InvalidValueError, match="contains itself") as caught:
        things(meta=circle)
    assert caught.value.property == "meta"


# defaults -------------------------------------------------------------------------------------


def test_defaults_fill_what_is_missing(registry: ModelRegistry) -> None:
    """A default stands in for what was not given; an explicit None is kept."""  # MOD-28
    things = registry.define("Thing", {"a": {"type": int, "default": "5"}, "b": int}, PLAIN)
    assert things().to_dict() == {"a": 5}
    assert things({"a": UNSET}).a == 5
    assert things(a=None).to_dict() == {"a": None}
    assert things(a=7).a == 7
    assert things.build({}, defaults=False).to_dict() == {}


def test_defaults_are_fresh(registry: ModelRegistry) -> None:
    """Each instance gets containers and embedded instances of its own."""  # MOD-31
    properties = {
        "tags": {"type": ["string"], "default": ["a", 1]},
        "meta": {"type": "object", "default": {"deep": [1]}},
        "home": {"type": {"city": str}, "default": {"city": 5}},
        "homes": {"type": [{"city": str}], "default": [{"city": "Rome"}]},
    }
    things = registry.define("Thing", properties, PLAIN)
    one, two = things(), things()
    one.tags.append("b")
    one.meta["deep"].append(2)
    one.home.city = "Oslo"
    one.homes[0].city = "Oslo"
    assert two.to_dict() == {
        "tags": ["a", "1"],
        "meta": {"deep": [1]},
        "home": {"city": "5"},
        "homes": [{"city": "Rome"}],
    }
    assert things() == two


def test_a_default_may_be_an_instance(registry: ModelRegistry) -> None:
    """An embedded instance as default is copied for each owner."""
    houses = registry.define("Home", {"city": str, "tags": ["string"]}, PLAIN)
    default = houses(city="Rome", tags=["a"])
    properties = {"home": {"type": houses, "default": default}}
    things = registry.define("Thing", properties, PLAIN)
    one, two = things(), things()
    one.home.city = "Oslo"
    one.home.tags.append("b")
    assert two.home == default
    assert default.to_dict() == {"city": "Rome", "tags": ["a"]}


def test_default_functions_are_called_for_each_instance(registry: ModelRegistry) -> None:
    """`default` may be a function, `default_fn` a function or a name; values are coerced."""
    numbers = count(1)  # MOD-29, MOD-30
    properties = {
        "a": {"type": str, "default": lambda: next(numbers)},
        "b": {"type": int, "default_fn": lambda: "5"},
        "key": {"type": str, "defaultFn": "uuidv4"},
        "at": {"type": "date", "default": "$now"},
        "word": {"type": str, "default": "$now"},
        "when": {"type": "date", "default_fn": "now"},
    }
    things = registry.define("Thing", properties, PLAIN)
    before = datetime.now(UTC) - timedelta(milliseconds=1)  # stores keep milliseconds
    one, two = things(), things(a="x")
    assert (one.a, two.a, things().a) == ("1", "x", "2")
    assert one.b == 5
    assert len(one.key) == 36
    assert one.key != two.key
    assert before <= one.at <= datetime.now(UTC)
    assert before <= one.when <= datetime.now(UTC)
    assert one.word == "$now"


def test_a_bad_default_of_a_function_is_noted(registry: ModelRegistry) -> None:
    """What a default function makes is held to the type as well."""  # MOD-31
    things = registry.define("Thing", {"a": {"type": int, "default": lambda: "x"}}, PLAIN)
    assert things()._state.bad == {"a"}


def test_missing_values_may_be_null(registry: ModelRegistry) -> None:
    """With `persist_undefined_as_null` what is missing or removed is None, but for ids."""
    settings = {"persist_undefined_as_null": True}  # MOD-55
    things = registry.define("Thing", {"a": int, "b": {"type": int, "default": 1}}, settings)
    thing = things()
    assert thing.to_dict() == {"a": None, "b": 1}
    thing.unset_attribute("b")
    thing.a = UNSET
    assert thing.to_dict() == {"a": None, "b": None}
    assert not thing.is_set("id")


# options of the constructor -------------------------------------------------------------------


def test_persisted_makes_a_stored_record(registry: ModelRegistry) -> None:
    """An id does not make a record old, `persisted=True` does, and nothing else."""  # DAO-021
    things = registry.define("Thing", {"a": int})
    assert things().is_new_record()
    assert things(id=1).is_new_record()
    assert not things({"id": 1}, persisted=True).is_new_record()
    assert things({"id": 1}, persisted=1).is_new_record()  # MOD-70
    assert things({"id": 1}, persisted=False).is_new_record()


def test_options_are_never_read_from_data(registry: ModelRegistry) -> None:
    """A mapping comes from clients: what it calls `persisted` is data."""  # MOD-83
    things = registry.define("Thing", {"a": int})
    thing = things({"persisted": True, "data_source": "x"})
    assert thing.is_new_record()
    assert thing["persisted"] is True
    assert thing._state.source is None


def test_properties_win_over_options(registry: ModelRegistry) -> None:
    """A property that is called like an option is given as a keyword like any other."""
    things = registry.define("Thing", {"persisted": bool, "fields": ["string"]})
    thing = things(persisted=True, fields=["a"])
    assert thing.is_new_record()
    assert (thing.persisted, thing.fields) == (True, ["a"])


def test_defaults_can_be_left_out(registry: ModelRegistry) -> None:
    """`apply_default_values=False` fills in nothing."""  # MOD-28
    things = registry.define("Thing", {"a": {"type": int, "default": 5}}, PLAIN)
    assert things({}, apply_default_values=False).to_dict() == {}


def test_fields_limit_data_and_defaults(registry: ModelRegistry) -> None:
    """With `fields` nothing else is taken, from data or defaults."""  # MOD-70
    properties = {"a": {"type": int, "default": 1}, "b": {"type": int, "default": 2}, "c": int}
    things = registry.define("Thing", properties, PLAIN)
    assert things({"b": 5, "c": 6, "d": 7}, fields=["a", "c", "d"]).to_dict() == {
        "a": 1,
        "c": 6,
        "d": 7,
    }


def test_an_instance_may_have_a_source_of_its_own(registry: ModelRegistry) -> None:
    """`data_source` is remembered for this one instance."""  # DAO-004
    source = object()
    things = registry.define("Thing", {"a": int})
    assert things({}, data_source=source)._state.source is source
    assert things()._state.source is None


# undeclared data ------------------------------------------------------------------------------


def test_open_models_keep_what_is_undeclared(registry: ModelRegistry) -> None:
    """An open model stores unknown keys; they are read like properties, by key."""  # MOD-54
    things = registry.define("Thing", {"a": int}, PLAIN)
    thing = things(a=1, color="red")
    assert thing["color"] == thing.get("color") == thing.raw("color") == "red"
    assert thing.to_dict() == {"a": 1, "color": "red"}
    assert "color" in thing
    assert list(thing) == ["a", "color"]


def test_methods_cannot_be_overwritten_by_data(registry: ModelRegistry) -> None:
    """Keys that are called like methods stay data and never hide the method."""  # MOD-83
    things = registry.define("Thing", {"a": int}, PLAIN)
    data = {"save": "x", "is_valid": True, "_state": None, "_model": 5, "to_json": 1, "__dict__": 2}
    thing = things(data)
    assert thing["save"] == "x"
    assert callable(thing.save)
    assert callable(thing.is_valid)
    assert thing._model is things
    assert thing.to_json()["to_json"] == 1


@pytest.mark.parametrize("name", ["__x", "__class__", "__proto__", "__data", "__persisted"])
@pytest.mark.parametrize("strict", [False, True, "filter", "throw"])
def test_names_with_two_underscores_are_dropped(
    registry: ModelRegistry, name: str, strict: Any
) -> None:
    """Such keys never come in, in whatever mode."""  # MOD-83
    things = registry.define("Thing", {"a": int}, {"strict": strict, **PLAIN})
    thing = things({"a": 1, name: "evil"})
    assert thing.to_dict() == {"a": 1}
    assert not thing._state.unknown
    assert name not in thing


def test_functions_are_no_data(registry: ModelRegistry) -> None:
    """Undeclared functions are dropped."""  # MOD-69
    things = registry.define("Thing", {"a": int}, PLAIN)
    assert things(a=1, f=lambda: 1, g=len).to_dict() == {"a": 1}


def test_dynamic_names_have_no_dots(registry: ModelRegistry) -> None:
    """A dot in a dynamic name is refused; in a plain object's keys it is not."""  # MOD-25
    things = registry.define("Thing", {"meta": "object"}, PLAIN)
    with pytest.raises(InvalidValueError, match=r"dynamic property 'a\.b'") as caught:
        things({"a.b": 1})
    assert (caught.value.model, caught.value.property) == ("Thing", "a.b")
    assert things(meta={"a.b": 1}).meta == {"a.b": 1}
    with pytest.raises(InvalidValueError, match="constructor"):  # DAO-039
        things(constructor=1)


def test_throw_raises_at_construction(registry: ModelRegistry) -> None:
    """In the mode "throw" an unknown key is a ValidationError at once."""  # MOD-54
    things = registry.define("Thing", {"a": int}, {"strict": "throw"})
    with pytest.raises(ValidationError) as caught:
        things(a=1, b=2, c=3)
    assert caught.value.details["codes"] == {"b": ["unknown-property"], "c": ["unknown-property"]}
    assert caught.value.status_code == 422


NAMES = st.sampled_from(["a", "b", "c", "d", "first-name", "class", "_model", "save", "zz"])
VALUES = st.one_of(st.none(), st.integers(), st.text(max_size=3), st.just(UNSET))


@given(data=st.dictionaries(NAMES, VALUES), fields=st.none() | st.sets(NAMES))
def test_nothing_is_lost_or_invented(data: dict[str, Any], fields: set[str] | None) -> None:
    """An open model of untyped properties gives back exactly what was given."""
    registry = ModelRegistry()
    properties = dict.fromkeys(["a", "b", "first-name", "class", "_model"], "any")
    things = registry.define("Thing", properties, PLAIN)
    expected = {
        name: value
        for name, value in data.items()
        if value is not UNSET and (fields is None or name in fields)
    }
    assert things.build(data, fields=fields).to_dict() == expected
