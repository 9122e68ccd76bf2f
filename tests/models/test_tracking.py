"""What changed on an instance, and taking it back."""

from msgspec import UNSET

from juggler.facade.default import ModelRegistry
from juggler.models import tracking

PLAIN = {"id_injection": False}


def test_nothing_changed_at_first(registry: ModelRegistry) -> None:
    """A fresh instance has no changes, whatever it was made of."""  # MOD-85
    things = registry.define("Thing", {"a": int}, PLAIN)
    for thing in (things(), things(a=1, b=2), things.load({"a": 1}), things.load({"b": 1})):
        assert thing.changed() == []
        assert thing.changes() == {}


def test_assignments_are_changes(registry: ModelRegistry) -> None:
    """Names come in the order of their first assignment, with old and new value."""  # MOD-85
    thing = registry.define("Thing", {"a": int, "b": int, "c": int}, PLAIN)(a=1, b=2)
    thing.b = 3
    thing.a = 5
    thing.b = 4
    thing.c = 6
    assert thing.changed() == ["b", "a", "c"]
    assert thing.changes() == {"b": (2, 4), "a": (1, 5), "c": (UNSET, 6)}
    assert [thing.property_was(name) for name in "abc"] == [1, 2, None]


def test_an_assignment_of_the_same_value_is_none(registry: ModelRegistry) -> None:
    """What equals the former value did not change; True is not 1."""
    thing = registry.define("Thing", {"a": "any", "b": int}, PLAIN)(a=1, b=2)
    thing.b = "2"
    thing.a = 5
    thing.a = 1
    assert thing.changed() == []
    thing.a = True
    assert thing.changes() == {"a": (1, True)}


def test_removals_and_dynamic_data_are_changes(registry: ModelRegistry) -> None:
    """Removed values and undeclared ones count as well."""
    thing = registry.define("Thing", {"a": int}, PLAIN)(a=1, b=2, c=3)
    thing.unset_attribute("a")
    thing["b"] = 5
    thing.unset_attribute("c")
    thing["d"] = 6
    assert thing.changes() == {"a": (1, UNSET), "b": (2, 5), "c": (3, UNSET), "d": (UNSET, 6)}


def test_embedded_changes_count(registry: ModelRegistry) -> None:
    """A change inside an embedded instance, in lists too, is one of its owner."""  # MOD-85
    home = {"city": str, "tags": ["string"]}
    things = registry.define("Thing", {"home": home, "homes": [home], "other": home}, PLAIN)
    thing = things(home={"city": "Rome"}, homes=[{"city": "Oslo"}, {"city": "Bern"}])
    assert thing.changed() == []
    thing.home.city = "Paris"
    thing.homes[1].tags = ["x"]
    assert thing.changed() == ["home", "homes"]
    changes = thing.changes()
    assert changes["home"] == ({"city": "Rome"}, thing.home)
    assert changes["homes"][0] == [{"city": "Oslo"}, {"city": "Bern"}]


def test_reset_takes_everything_back(registry: ModelRegistry) -> None:
    """After a reset the instance is as it was made, dynamic and bad values included."""  # MOD-82
    properties = {"a": int, "b": int, "bad": int, "home": {"city": str}}
    thing = registry.define("Thing", properties, PLAIN)(
        a=1, bad="x", home={"city": "Rome"}, free=1, lost=2
    )
    before = thing.to_dict()
    thing.a = 5
    thing.b = 6
    thing.bad = 7
    thing.home.city = "Oslo"
    thing["free"] = 2
    thing["more"] = 3
    thing.unset_attribute("lost")
    thing.reset()
    assert thing.to_dict() == before
    assert thing.changed() == []
    assert not thing.is_set("b")
    assert thing._state.bad == {"bad"}


def test_reset_of_a_strict_instance(registry: ModelRegistry) -> None:
    """What was put on a strict instance by key goes, and what it did not know is forgotten."""
    thing = registry.define("Thing", {"a": int}, {"strict": True, **PLAIN})(a=1, b=2)
    thing["c"] = 3
    thing.reset()
    assert thing.to_dict() == {"a": 1}
    assert not thing._state.unknown


def test_a_save_ends_changes(registry: ModelRegistry) -> None:
    """Once stored nothing is changed; what the save wrote is remembered."""  # MOD-85
    things = registry.define("Thing", {"a": int, "b": int, "home": {"city": str}}, PLAIN)
    thing = things(a=1, home={"city": "Rome"})
    assert thing.previous_changes == {}
    thing.a = 2
    thing.b = 3
    thing.home.city = "Oslo"
    tracking.saved(thing)
    assert thing.changed() == []
    assert thing.previous_changes == {
        "a": (1, 2),
        "b": (UNSET, 3),
        "home": ({"city": "Rome"}, thing.home),
    }
    tracking.saved(thing)
    assert thing.previous_changes == {}


def test_a_save_of_some_values_ends_their_changes(registry: ModelRegistry) -> None:
    """What was not written is still changed."""
    thing = registry.define("Thing", {"a": int, "b": int}, PLAIN)(a=1, b=1)
    thing.a = 2
    thing.b = 2
    tracking.saved(thing, ["a"])
    assert thing.changes() == {"b": (1, 2)}
    assert thing.previous_changes == {"a": (1, 2)}


def test_loaded_instances_share_nothing_that_is_written(registry: ModelRegistry) -> None:
    """A write on one loaded instance is not seen by another."""
    things = registry.define("Thing", {"a": int, "b": int}, PLAIN)
    one, two = things.load({"a": 1, "b": 1}), things.load({"a": 1, "b": 1})
    one.a = 2
    one["free"] = 3
    one.b = "bad"
    assert two.changed() == []
    assert two.to_dict() == {"a": 1, "b": 1}
    assert not two._state.bad
