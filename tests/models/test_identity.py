"""Ids of instances, and what kind of record they are."""

from collections.abc import Callable
from typing import Any

import pytest

from juggler.errors import InvalidValueError
from juggler.facade.default import ModelRegistry
from juggler.helpers import id_equals


def test_an_id_is_added(registry: ModelRegistry) -> None:
    """A model without id property gets `id`, unless it is not wanted."""  # MOD-34, DAO-022
    things = registry.define("Thing", {"a": int})
    assert things.shape.ids == ("id",)
    assert things.properties["id"].generated
    assert things(id="5").id == 5  # DAO-028
    assert registry.define("Plain", {"a": int}, {"id_injection": False}).shape.ids == ()


def test_the_id_of_a_new_record_may_change(registry: ModelRegistry) -> None:
    """As long as a record was not stored its id is a property like any other."""
    thing = registry.define("Thing", {"a": int})(id=1)
    thing.id = 2
    thing.set_id("3")
    assert thing.get_id() == thing.id == 3


@pytest.mark.parametrize("value", [2, "2", None, 0, "", "x"])
def test_the_id_of_a_stored_record_is_fixed(registry: ModelRegistry, value: Any) -> None:
    """Another id for a stored record is refused by every way there is."""  # DAO-029
    thing = registry.define("Thing", {"a": int}).load({"id": 1, "a": 1})
    ways: list[Callable[[], None]] = [
        lambda: setattr(thing, "id", value),
        lambda: thing.set_id(value),
        lambda: thing.set_attribute("id", value),
        lambda: thing.set_attributes({"id": value}),
        lambda: thing.unset_attribute("id"),
        lambda: thing.unset_attribute("id", nullify=True),
    ]
    for way in ways:
        with pytest.raises(AttributeError, match="id 'id' of a stored Thing cannot change"):
            way()
    with pytest.raises(AttributeError):
        del thing.id
    assert (thing.id, thing.changed()) == (1, [])


@pytest.mark.parametrize("value", [1, "1", 1.0, " 1 "])
def test_the_same_id_is_accepted(registry: ModelRegistry, value: Any) -> None:
    """The id that a record has may be set again, in any form of it."""  # DAO-029, MOD-79
    thing = registry.define("Thing", {"a": int}).load({"id": 1, "a": 1})
    thing.id = value
    assert (thing.id, thing.changed()) == (1, [])


def test_id_by_its_other_name(registry: ModelRegistry) -> None:
    """`id` reads, and on a new record writes, an id property of another name."""  # MOD-36
    things = registry.define("Thing", {"code": {"type": str, "id": True}, "a": int})
    thing = things(code="x")
    assert (thing.id, thing.get_id(), things._blueprint.cls.get_id_name()) == ("x", "x", "code")
    thing.id = "y"
    assert thing.code == "y"
    assert "id" not in thing.to_dict()
    with pytest.raises(AttributeError):
        things.load({"code": "x", "a": 1}).id = "y"


def test_a_property_called_id_that_is_none(registry: ModelRegistry) -> None:
    """A property `id` beside the real id is just that property."""
    things = registry.define("Thing", {"code": {"type": str, "id": True}, "id": int})
    thing = things(code="x", id=5)
    assert (thing.id, thing.get_id()) == (5, "x")


def test_composite_ids(registry: ModelRegistry) -> None:
    """Several id properties are one key, a dict of its parts in key order."""  # MOD-36, DAO-032
    properties = {"a": {"type": int, "id": 2}, "b": {"type": str, "id": 1}, "c": int}
    things = registry.define("Thing", properties)
    assert things.shape.ids == ("b", "a")
    thing = things(a=1, b="x")
    assert thing.id == thing.get_id() == {"b": "x", "a": 1}
    thing.id = {"a": "2", "b": "y"}
    assert (thing.a, thing.b) == (2, "y")
    for wrong in (5, None, {"b": "z"}):
        with pytest.raises(InvalidValueError, match="mapping of b, a") as caught:
            thing.id = wrong
        assert (caught.value.code, caught.value.model) == ("INVALID_ID", "Thing")
        assert thing.id == {"b": "y", "a": 2}
    stored = things.load({"a": 1, "b": "x", "c": 1})
    for name, value in (("a", 2), ("b", "z")):
        with pytest.raises(AttributeError):
            stored[name] = value
    stored.set_id({"a": "1", "b": "x"})


def test_no_id(registry: ModelRegistry) -> None:
    """Without id properties the id is empty and cannot be set."""  # MOD-36
    things = registry.define("Thing", {"a": int}, {"id_injection": False})
    thing = things(a=1)
    assert thing.id == thing.get_id() == {}
    assert things._blueprint.cls.get_id_name() is None
    with pytest.raises(AttributeError):
        thing.id = 5


def test_zero_is_an_id(registry: ModelRegistry) -> None:
    """0 is an id like any other."""  # DAO-031
    things = registry.define("Thing", {"a": int})
    assert things(id=0).get_id() == 0
    with pytest.raises(AttributeError):
        things.load({"id": 0, "a": 1}).id = 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1, True),
        (1, "1", True),
        (1, 2, False),
        (0, None, False),
        (None, None, True),
        ("a", "a", True),
        ("1", 1.0, True),
        ("01", 1, True),
        (True, 1, False),
        (False, 0, False),
        (True, "True", False),
        ("", 0, False),
    ],
)
def test_ids_are_compared_by_what_they_name(one: Any, other: Any, same: bool) -> None:
    """Number and text of one id are the same id."""  # MOD-79, DAO-027
    assert id_equals(one, other) is same
    assert id_equals(other, one) is same


def test_update_only_properties(registry: ModelRegistry) -> None:
    """Ids that the store makes cannot be chosen; a model may allow it."""  # MOD-35, DAO-023
    define = registry.define
    assert define("A", {"x": int}).get_update_only_properties() == ["id"]
    assert define("A", {"x": int}).definition.force_id == "auto"
    assert define("B", {"x": int}, {"force_id": False}).get_update_only_properties() == []
    assert define("C", {"x": {"type": int, "id": True}}).get_update_only_properties() == []
    chosen = define("D", {"x": {"type": int, "id": True}}, {"forceId": True})
    assert chosen.get_update_only_properties() == ["x"]
    marked = define("E", {"x": {"type": int, "updateOnly": True}}, {"id_injection": False})
    assert marked.get_update_only_properties() == ["x"]
    freed = {"id": {"type": int, "id": True, "generated": True, "updateOnly": False}}
    assert define("F", freed).get_update_only_properties() == []
