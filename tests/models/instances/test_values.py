"""Reading and writing the values of instances."""

import copy
from typing import Any

import pytest
from msgspec import UNSET

from juggler.errors import InvalidValueError, ValidationError
from juggler.facade.default import ModelRegistry

PLAIN = {"id_injection": False}


def test_assignment_coerces(registry: ModelRegistry) -> None:
    """Attributes, keys and `set_attribute` all make the type's own of a value."""  # MOD-10
    things = registry.define("Thing", {"a": int, "tags": ["string"], "data": "json"}, PLAIN)
    thing = things()
    thing.a = "5"
    assert thing.a == 5
    thing["a"] = "6"
    assert thing.a == 6
    thing.set_attribute("a", "7")
    assert thing.a == 7
    thing.set_attributes({"a": "8", "tags": (1, 2)})
    assert (thing.a, thing.tags) == (8, ["1", "2"])
    thing.from_object({"a": "9"})
    assert thing.a == 9
    thing.data = "[1]"
    assert thing.data == "[1]"  # MOD-14: text assigned stays text


@pytest.mark.parametrize("data", [None, 5, "a=1", [("a", 1)]])
def test_what_is_no_mapping_sets_nothing(registry: ModelRegistry, data: Any) -> None:
    """`set_attributes` and `from_object` ignore anything but mappings."""  # MOD-74
    thing = registry.define("Thing", {"a": int}, PLAIN)(a=1)
    thing.set_attributes(data)
    thing.from_object(data)
    assert thing.to_dict() == {"a": 1}


def test_bad_values_are_noted_and_forgotten(registry: ModelRegistry) -> None:
    """A bad assignment does not raise; a good one clears the mark."""  # MOD-12
    thing = registry.define("Thing", {"a": int, "b": int}, PLAIN)()
    thing.a = "many"
    thing.b = "few"
    assert (thing.a, thing._state.bad) == ("many", {"a", "b"})
    thing.a = 5
    assert thing._state.bad == {"b"}
    thing.b = None
    assert thing._state.bad == set()
    thing.b = "none"
    thing.unset_attribute("b")
    assert thing._state.bad == set()


def test_refused_assignments_change_nothing(registry: ModelRegistry) -> None:
    """A value that must be refused at once leaves the instance as it was."""  # MOD-13
    thing = registry.define("Thing", {"at": "geopoint", "tags": ["any"]}, PLAIN)(at=[1, 2])
    for name, value in (("at", "nowhere"), ("tags", 5)):
        with pytest.raises(InvalidValueError) as caught:
            thing[name] = value
        assert (caught.value.model, caught.value.property) == ("Thing", name)
    assert thing.to_json() == {"at": {"lat": 1, "lng": 2}}
    assert thing.changed() == []


def test_values_can_be_removed(registry: ModelRegistry) -> None:
    """A removed value reads None and is unset; with `nullify` it is None."""  # MOD-74
    thing = registry.define("Thing", {"a": int, "b": int, "c": int}, PLAIN)(a=1, b=2, c=3, d=4)
    thing.unset_attribute("a")
    thing.unset_attribute("b", nullify=True)
    del thing.c
    thing.unset_attribute("d")
    thing.unset_attribute("never")
    assert thing.to_dict() == {"b": None}
    assert (thing.a, thing.raw("a"), thing.raw("b")) == (None, UNSET, None)
    thing.a = UNSET
    thing["b"] = UNSET
    assert thing.to_dict() == {}


def test_unknown_names(registry: ModelRegistry) -> None:
    """An unknown attribute is an AttributeError, an unknown key a KeyError."""  # MOD-71a
    thing = registry.define("Thing", {"a": int}, PLAIN)(b=1)
    with pytest.raises(AttributeError):
        _ = thing.nothing
    with pytest.raises(KeyError):
        _ = thing["nothing"]
    assert thing.get("nothing") is None
    assert thing.get("nothing", 5) == 5
    assert thing.raw("nothing") is UNSET
    assert not thing.is_set("nothing")
    assert 5 not in thing


# names ----------------------------------------------------------------------------------------

ODD = [
    "first-name",
    "class",
    "def",
    "None",
    "_model",
    "_state",
    "_plans",
    "_load",
    "_p5f6d6f64656c",
    "_rev",
    "_",
    "1st",
    "with blank",
    "ﬁ",
    "fi",
    "größe",
    "名前",
    "\n",
    "a\x00b",
    "'",
    '"',
    "{slot}",
    "value",
    "new",
    "model",
    "row",
    "data",
    "mro",
    "self",
]


@pytest.mark.parametrize("count", [0, 1, 2, len(ODD)])
def test_any_text_can_name_a_property(registry: ModelRegistry, count: int) -> None:
    """Names that are no identifiers, keywords or private words work like all others."""
    names = ODD[:count]
    things = registry.define("Thing", dict.fromkeys(names, "string"), PLAIN)
    row = {name: f"value of {name!r}" for name in names}
    for thing in (things(row), things.load(row), things.load({**row, "more": 1})):
        assert {name: thing[name] for name in names} == row
        assert {name: thing.get(name) for name in names} == row
        for name in names:
            thing[name] = f"new {name!r}"
        assert {name: thing.raw(name) for name in names} == {n: f"new {n!r}" for n in names}
        assert thing._model is things
        assert set(thing.changed()) == set(names)


def test_odd_names_are_attributes_too(registry: ModelRegistry) -> None:
    """What Python can write down is an attribute; the rest is one by `getattr`."""
    things = registry.define("Thing", dict.fromkeys(["_rev", "first-name", "class"], "string"))
    thing = things({"_rev": "1", "first-name": "Ada", "class": "A"})
    assert thing._rev == "1"
    assert getattr(thing, "first-name") == "Ada"
    assert getattr(thing, "class") == "A"
    thing._rev = 2
    setattr(thing, "first-name", 3)
    assert (thing["_rev"], thing["first-name"]) == ("2", "3")


def test_private_words_of_instances_are_not_hidden(registry: ModelRegistry) -> None:
    """A property that is called like something of the instance's own is reached by key."""
    things = registry.define("Thing", {"_model": str, "_state": str, "_load_partial": str})
    thing = things({"_model": "T", "_state": "new", "_load_partial": "x"})
    assert thing._model is things
    assert thing.is_new_record()
    assert (thing["_model"], thing["_state"], thing["_load_partial"]) == ("T", "new", "x")


def test_a_property_may_be_called_model(registry: ModelRegistry) -> None:
    """`model` is free for a property: cars have one."""
    cars = registry.define("Car", {"model": str})
    car = cars(model="T")
    assert car.model == "T"
    assert car._model is cars


# strict modes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strict", "kept", "stored"),
    [
        (False, True, True),
        (True, False, False),
        ("validate", False, False),
        ("filter", False, False),
    ],
)
def test_unknown_data_at_construction(
    registry: ModelRegistry, strict: Any, kept: bool, stored: bool
) -> None:
    """Open models keep unknown data; strict ones remember it, or drop it silently."""  # MOD-54
    things = registry.define("Thing", {"a": int}, {"strict": strict, **PLAIN})
    thing = things(a=1, b=2)
    assert ("b" in thing) is kept
    assert thing.to_dict() == ({"a": 1, "b": 2} if kept else {"a": 1})
    assert thing.to_object() == ({"a": 1, "b": 2} if stored else {"a": 1})
    assert (thing._state.unknown == {"b": 2}) is (strict in (True, "validate"))


@pytest.mark.parametrize("strict", [True, "validate", "filter"])
def test_strict_models_keep_what_is_put_on_purpose(registry: ModelRegistry, strict: Any) -> None:
    """What is set by key on a strict instance is read and shown, not stored."""  # MOD-54
    things = registry.define("Thing", {"a": int}, {"strict": strict, **PLAIN})
    thing = things(a=1)
    thing["b"] = 2
    thing.set_attributes({"c": 3})
    assert (thing["b"], thing.get("c")) == (2, 3)
    assert thing.to_json() == thing.to_dict() == {"a": 1, "b": 2, "c": 3}
    assert thing.to_object() == {"a": 1}
    assert not thing._state.unknown
    thing["b"] = UNSET
    assert thing.to_dict() == {"a": 1, "c": 3}


def test_throw_raises_for_later_keys_too(registry: ModelRegistry) -> None:
    """In the mode "throw" an unknown key is refused whenever it comes."""  # MOD-54
    thing = registry.define("Thing", {"a": int}, {"strict": "throw"})(a=1)
    with pytest.raises(ValidationError, match="`b` is not defined"):
        thing["b"] = 2


def test_open_instances_take_new_attributes(registry: ModelRegistry) -> None:
    """An undeclared attribute of an open instance is dynamic data, read by key."""  # MOD-54
    thing = registry.define("Thing", {"a": int}, PLAIN)()
    thing.color = "red"
    assert thing["color"] == "red"
    assert thing.to_object() == {"color": "red"}


@pytest.mark.parametrize("strict", [True, "validate", "filter", "throw"])
def test_strict_instances_take_no_new_attributes(registry: ModelRegistry, strict: Any) -> None:
    """A misspelt attribute of a strict instance is an error that says what to do."""
    thing = registry.define("Thing", {"a": int}, {"strict": strict})()
    with pytest.raises(AttributeError, match=r'use instance\["color"\]'):
        thing.color = "red"


@pytest.mark.parametrize("name", ["save", "to_json", "errors", "get", "__class__", "_state"])
def test_what_instances_have_cannot_be_assigned(registry: ModelRegistry, name: str) -> None:
    """Assigning to a method or to the inside of an instance is an error in every mode."""
    thing = registry.define("Thing", {"a": int})()  # MOD-83
    state = thing._state
    with pytest.raises(AttributeError):
        setattr(thing, name, 5)
    assert thing._state is state


@pytest.mark.parametrize("strict", [False, True, "filter", "throw"])
@pytest.mark.parametrize("name", [5, None, b"a", ("a",)])
def test_names_are_text(registry: ModelRegistry, strict: Any, name: Any) -> None:
    """A key that is no text is an error that shows it, whatever the model keeps."""  # MOD-13
    things = registry.define("Thing", {"a": int}, strict=strict)
    with pytest.raises(InvalidValueError, match="Thing: the name of a property is text") as caught:
        things({"a": 1, name: 2})
    assert (caught.value.model, caught.value.value) == ("Thing", name)


def test_a_copy_has_bad_values_of_its_own(registry: ModelRegistry) -> None:
    """What is put right in a copy is as bad as it was in the original."""  # MOD-12
    thing = registry.define("Thing", {"a": int}, PLAIN)(a="x")
    twin = copy.copy(thing)
    twin.a = 5
    assert (twin.is_valid_sync(), thing.is_valid_sync()) == (True, False)
