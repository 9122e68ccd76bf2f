"""What changed on an instance, and taking it back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from juggler import List
from juggler.errors import InvalidValueError
from juggler.facade.default import ModelRegistry
from juggler.models.instances import tracking

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
    was = {name: thing.property_was(name) for name in ("home", "homes", "other")}
    assert was == {"home": changes["home"][0], "homes": changes["homes"][0], "other": None}


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


def test_lists_that_change_in_place_count(registry: ModelRegistry) -> None:
    """A list of a property, and one in it, tells its owner; equal contents are no change."""
    properties = {"tags": ["string"], "grid": [["integer"]], "home": {"tags": ["string"]}}  # MOD-85
    thing = registry.define("Thing", properties, PLAIN).load(
        {"tags": ["a"], "grid": [[1], [2]], "home": {"tags": ["x"]}}
    )
    thing.tags.append("b")
    thing.grid[1].append("3")
    thing.home.tags.clear()
    assert thing.changes() == {
        "tags": (["a"], ["a", "b"]),
        "grid": ([[1], [2]], [[1], [2, 3]]),
        "home": ({"tags": ["x"]}, thing.home),
    }
    assert thing.property_was("tags") == ["a"]
    thing.tags.pop()
    thing.grid[1].pop()
    assert thing.changed() == ["home"]
    thing.reset()
    assert thing.to_dict() == {"tags": ["a"], "grid": [[1], [2]], "home": {"tags": ["x"]}}


def test_a_list_keeps_its_identity(registry: ModelRegistry) -> None:
    """Whoever holds the list of an instance sees what is added, saved and taken back."""
    thing = registry.define("Thing", {"tags": ["string"]}, PLAIN)(tags=["a"])
    tags = thing.tags
    thing.tags += [1]
    assert thing.tags is tags
    assert thing.changes() == {"tags": (["a"], ["a", "1"])}
    tracking.saved(thing)
    tags.append(2)
    assert thing.previous_changes == {"tags": (["a"], ["a", "1"])}
    assert thing.changes() == {"tags": (["a", "1"], ["a", "1", "2"])}
    thing.reset()
    assert thing.tags is tags
    assert tags == ["a", "1"]


def test_a_list_that_was_replaced_is_on_its_own(registry: ModelRegistry) -> None:
    """What is done to it afterwards changes neither the instance nor what it was."""
    things = registry.define("Thing", {"tags": ["integer"]}, PLAIN)
    thing = things(tags=[1])
    former = thing.tags
    thing.tags = [2]
    former.append(3)
    assert thing.changes() == {"tags": ([1], [2])}
    with pytest.raises(InvalidValueError):
        former.append("bad")
    thing.reset()
    assert thing.tags == [1]
    dropped = thing.tags
    thing.unset_attribute("tags")
    dropped.append(4)
    assert not thing.is_set("tags")
    assert thing.changes() == {"tags": ([1], UNSET)}


def test_items_that_changed_show_as_they_were(registry: ModelRegistry) -> None:
    """Where both a list and an instance in it changed, the former items are their former data."""
    thing = registry.define("Thing", {"homes": [{"city": str}]}, PLAIN).load(
        {"homes": [{"city": "Rome"}]}
    )
    thing.homes.append({"city": "Oslo"})
    thing.homes[0].city = "Bern"
    former, now = thing.changes()["homes"]
    assert former == thing.property_was("homes") == [{"city": "Rome"}]
    assert now.to_object() == [{"city": "Bern"}, {"city": "Oslo"}]
    thing.reset()
    assert thing.to_dict() == {"homes": [{"city": "Rome"}]}


def test_equal_items_of_another_type_are_a_change(registry: ModelRegistry) -> None:
    """In lists too True is not 1."""
    thing = registry.define("Thing", {"any": "array"}, PLAIN)(any=[1])
    thing.any[0] = True
    assert thing.changed() == ["any"]
    thing.any = [1]
    assert thing.changed() == []


def test_bad_items_are_marked_while_they_are_there(registry: ModelRegistry) -> None:
    """A bad item stays readable and marks its property; the mark goes when it does."""
    things = registry.define("Thing", {"sizes": ["number"], "grid": [["number"]]}, PLAIN)
    thing = things(sizes=["1", "x"], grid='[["1"], [2, "y"]]')
    assert thing.sizes == [1, "x"]
    assert thing.grid == [[1], [2, "y"]]
    assert not thing.is_valid_sync()
    assert thing.errors.codes == {"sizes.1": ["type.number"], "grid.1.1": ["type.number"]}
    assert isinstance(thing.sizes, List)
    thing.sizes.append("z")
    del thing.sizes[1]
    thing.grid[1][1] = "3"
    assert not thing.is_valid_sync()
    assert thing.errors.codes == {"sizes.1": ["type.number"]}
    thing.sizes[1] = 5
    assert thing.is_valid_sync()
    thing.sizes = [1, "x"]
    thing.reset()
    assert thing.sizes == [1, "x"]
    assert thing._state.bad == {"sizes", "grid"}


def test_items_are_put_in_order_and_checked(registry: ModelRegistry) -> None:
    """Options of items hold for each, however it comes into the list."""  # MOD-06
    items = {"type": str, "trim": True, "lowercase": True, "length": 3}
    thing = registry.define("Thing", {"tags": [items], "grid": [[items]]}, PLAIN)(tags=[" A "])
    thing.tags.append(" B ")
    thing.tags[1:1] = ["LONG "]
    thing.grid = [[" C "]]
    thing.grid[0].push(" D ")
    assert thing.to_dict() == {"tags": ["a", "long", "b"], "grid": [["c", "d"]]}
    assert not thing.is_valid_sync()
    assert thing.errors.codes == {"tags.1": ["length.max"]}


def test_a_refused_item_changes_nothing(registry: ModelRegistry) -> None:
    """What has to be refused at once is; the error names property and place."""  # MOD-13
    thing = registry.define("Thing", {"spots": ["geopoint"], "grid": [[str]]}, PLAIN)(
        spots=[[0, 0]], grid=[]
    )
    with pytest.raises(InvalidValueError) as caught:
        thing.spots.extend([[1, 1], "nowhere"])
    error = caught.value
    assert (error.model, error.property, error.path) == ("Thing", "spots", "spots.2")
    with pytest.raises(InvalidValueError):
        thing.grid.append(5)
    assert len(thing.spots) == 1
    assert thing.changed() == []


def test_an_immutable_list_cannot_change_in_place(registry: ModelRegistry) -> None:
    """A stored record keeps the list as it keeps any immutable value."""
    things = registry.define("Thing", {"tags": {"type": [str], "immutable": True}}, PLAIN)
    thing = things.load({"tags": ["a"]})
    with pytest.raises(InvalidValueError, match="immutable"):
        thing.tags.append("b")
    assert thing.tags == ["a"]
    new = things(tags=["a"])
    new.tags.append("b")
    assert new.tags == ["a", "b"]


OTHERS = st.one_of(st.integers(0, 3), st.sampled_from(["1", "x", None]))
STEPS = st.one_of(
    st.tuples(st.just("append"), OTHERS),
    st.tuples(st.just("extend"), st.lists(OTHERS, max_size=3)),
    st.tuples(st.just("insert"), st.integers(-2, 4), OTHERS),
    st.tuples(st.just("__setitem__"), st.just(slice(0, 2)), st.lists(OTHERS, max_size=3)),
    st.tuples(st.just("__delitem__"), st.just(slice(1, 3))),
    st.tuples(st.just("clear")),
    st.tuples(st.just("reverse")),
    st.tuples(st.just("__imul__"), st.integers(0, 2)),
)


@given(st.lists(st.integers(0, 3), max_size=4), st.lists(STEPS, max_size=8))
def test_a_list_behaves_as_a_list(start: list[int], steps: list[Any]) -> None:
    """Contents are those of a plain list of good values, and change is what differs."""
    thing = ModelRegistry().define("Thing", {"items": ["number"]}, PLAIN).load({"items": start})

    def good(value: Any) -> Any:
        if isinstance(value, list):
            return [good(item) for item in value]
        return 1 if value == "1" else value

    plain = list(start)
    for name, *arguments in steps:
        getattr(thing.items, name)(*arguments)
        if name in {"append", "extend", "insert", "__setitem__"}:
            arguments[-1] = good(arguments[-1])
        getattr(plain, name)(*arguments)
        assert thing.items == plain
        assert (thing.changed() == ["items"]) is (plain != start)
        assert bool(thing._state.bad) is ("x" in plain)
    thing.reset()
    assert thing.items == start
    assert not thing._state.bad
