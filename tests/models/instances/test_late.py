"""Lists of loaded records, which learn of their record when they are first read."""

import copy
import gc
import threading
import types
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from juggler import List, Model
from juggler.facade.default import ModelRegistry
from juggler.models.instances.parents import owner_of
from juggler.models.instances.state import WITHIN_LOADED, WITHIN_NEW, State, within
from juggler.persistence.rows import copy_of
from tests.memory import traced

PLAIN = {"id_injection": False}
FLAT = {**{f"p{at}": "string" for at in range(9)}, "tags": ["string"]}
HOUSE = {"id": int, "name": str, "main": {"a": str, "b": str, "c": str}, "rooms": [{"a": str}]}


class Labelled(Model, **PLAIN):
    """A declared model with a list."""

    tags: list[str] | None


class Slotted:
    """The flat record by hand."""

    __slots__ = tuple(FLAT)


def row() -> dict[str, Any]:
    """Return a flat row with a list of its own."""
    return {**dict.fromkeys(FLAT, "value"), "tags": ["a", "b", "c"]}


def by_hand(data: dict[str, Any]) -> Slotted:
    """Return the flat record by hand."""
    made = Slotted()
    for name, value in data.items():
        setattr(made, name, value)
    return made


def is_told(thing: Any) -> bool:
    """Tell whether somebody refers weakly to *thing*, as its lists do when they were read."""
    return weakref.getweakrefcount(thing) > 0


def weight(make: Callable[[dict[str, Any]], Any]) -> float:
    """Return the bytes of what is made of a flat row."""
    make(row())
    with traced() as grown:
        kept = [make(row()) for _ in range(1_000)]
        used = grown()
    return used / len(kept)


def test_a_record_with_a_list_is_small(registry: ModelRegistry) -> None:
    """Until its list is read, a loaded record takes at most half more than a slotted object."""
    things = registry.define("Thing", FLAT, PLAIN)
    assert weight(things.load) <= 1.5 * weight(by_hand)


@pytest.mark.parametrize("name", ["tags", "sizes"])
def test_the_first_read_tells_all_lists(registry: ModelRegistry, name: str) -> None:
    """From then on all reads are those of slots, and each list is always the same object."""
    properties = {"tags": ["string"], "sizes": ["number"], "none": ["string"], "a": "string"}
    things = registry.define("Thing", properties, PLAIN)
    thing = things.load({"tags": ["x"], "sizes": [1], "none": None, "a": "y"})
    assert thing.a == "y"
    assert not is_told(thing)
    first = getattr(thing, name)
    assert is_told(thing)
    assert getattr(thing, name) is first
    assert isinstance(type(thing).__dict__[name], types.MemberDescriptorType)
    assert thing.none is None
    for found in (thing.tags, thing.sizes):
        assert isinstance(found, List)
        assert found.parent is thing


def test_plain_data_is_made_without_a_read(registry: ModelRegistry) -> None:
    """Dumps, reprs and comparisons are the same before and after, and tell no list."""
    things = registry.define("Thing", {"tags": ["string"], "more": ["any"]}, PLAIN)
    one, two = (things.load({"tags": ["x"], "more": [{"a": 1}]}) for _ in range(2))
    assert two.tags == ["x"]
    ways = (repr, list, *map(_calling, ("to_json", "to_json_bytes", "to_dict", "to_object")))
    for way in ways:
        assert way(one) == way(two)
    assert one == two
    assert not is_told(one)
    one.to_dict()["tags"].append("y")
    one.to_dict()["more"][0]["a"] = 2
    assert one.to_dict() == {"tags": ["x"], "more": [{"a": 1}]}


def _calling(name: str) -> Callable[[Any], Any]:
    return lambda instance: getattr(instance, name)()


def test_changes_are_told_from_the_first_read_on(registry: ModelRegistry) -> None:
    """A list that is changed as soon as it is read is a change of the record."""
    things = registry.define("Thing", {"tags": ["string"]}, PLAIN)
    thing = things.load({"tags": ["x"]})
    thing.tags.append(5)
    assert thing.changes() == {"tags": (["x"], ["x", "5"])}
    thing.reset()
    assert thing.tags == ["x"]
    assert not thing.changes()


def test_a_list_may_be_replaced_before_it_is_read(registry: ModelRegistry) -> None:
    """What was there is the former value, and what was assigned is the record's own."""
    things = registry.define("Thing", {"tags": ["string"]}, PLAIN)
    thing = things.load({"tags": ["x"]})
    thing.tags = [1]
    assert thing.changes() == {"tags": (["x"], ["1"])}
    assert thing.tags.parent is thing
    other = things.load({"tags": ["x"]})
    other.unset_attribute("tags")
    assert other.tags is None
    assert other.property_was("tags") == ["x"]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_copies_have_lists_of_their_own(
    registry: ModelRegistry, copied: Callable[[Any], Any]
) -> None:
    """Neither a copy of an unread record nor the row that it was made of shares its list."""
    things, data = registry.define("Thing", {"tags": ["string"]}, PLAIN), {"tags": ["x"]}
    thing = things.load(data)
    other = copied(thing)
    data["tags"].append("z")
    thing.tags.append("y")
    assert other.tags == ["x"]
    assert other.tags.parent is other


def test_a_trial_leaves_the_list_to_its_record(registry: ModelRegistry) -> None:
    """Reading the list of a copy that something is tried on does not take it away."""
    thing = registry.define("Thing", {"tags": ["string"]}, PLAIN).load({"tags": ["x"]})
    twin = copy_of(thing)
    assert twin.tags == ["x"]
    assert thing.tags.parent is thing


def test_getters_see_the_list(registry: ModelRegistry) -> None:
    """A property that is read through a function of the model has a list that knows its record."""
    things = registry.define("Thing", {"tags": ["string"]}, PLAIN)
    things.getter["tags"] = lambda thing: (thing.raw("tags"), thing.raw("tags").parent is thing)
    thing = things.load({"tags": ["x"]})
    assert thing.tags == (["x"], True)
    assert thing.to_json() == {"tags": [["x"], True]}


def test_threads_read_one_list(registry: ModelRegistry) -> None:
    """Whoever reads first, in whatever thread, gets the list that all others get."""
    things = registry.define("Thing", {"tags": ["string"]}, PLAIN)
    found = [things.load({"tags": ["x"]}) for _ in range(200)]
    start = threading.Barrier(4)

    def read(_: int) -> list[Any]:
        start.wait()
        return [thing.tags for thing in found]

    with ThreadPoolExecutor(4) as pool:
        for one, *others in zip(*pool.map(read, range(4)), strict=True):
            assert all(one is other for other in others)
    assert all(thing.tags.parent is thing for thing in found)


def test_the_class_of_a_declared_model_stays() -> None:
    """What a declared model loads is of its class at once, and its list knows the record."""
    thing = Labelled.load({"tags": ["x"]})
    assert type(thing) is Labelled
    assert thing.tags is not None
    assert thing.tags.parent is thing  # type: ignore[attr-defined]


# states of what is embedded -----------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "persisted"), [(WITHIN_LOADED, True), (WITHIN_NEW, False)])
def test_a_state_within_reads_like_any(registry: ModelRegistry, kind: Any, persisted: bool) -> None:
    """It has all that a state has; its copy is one in which the same is noted."""
    owner = registry.define("Thing", {"a": int}, PLAIN)()
    made, usual = within(kind, owner), State(persisted=persisted, shared=True)
    for name in set(State.__struct_fields__) - {"parent"}:
        assert getattr(made, name) == getattr(usual, name), name
    mine = made.own()
    assert type(mine) is State
    assert (mine.persisted, mine.shared, made.parent, mine.parent) == (persisted, False, made, made)
    assert made() is mine() is owner
    assert usual() is None
    assert made in {made: 1}  # though the owner has no hash
    del owner
    gc.collect()
    assert made() is mine() is None


def test_embedded_instances_share_the_reference_to_their_owner(registry: ModelRegistry) -> None:
    """All that is embedded has one state, which is what the list of them knows the owner by."""
    houses = registry.define("House", HOUSE, PLAIN)
    data = {"id": 1, "name": "x", "main": {"a": "x"}, "rooms": [{"a": "y"}, {"a": "z"}]}
    for house in (houses.load(data), houses({**data, "main": dict.fromkeys("abc", "x")})):
        rooms: Any = house.rooms
        assert rooms[0]._state is rooms[1]._state is rooms._owner
        assert owner_of(rooms[0]) is owner_of(house.main) is rooms.parent is house
        assert weakref.getweakrefcount(house) == 1
        rooms[0].a = "other"
        assert owner_of(rooms[0]) is house
        assert rooms[1].changes() == {}
        assert house.changed() == ["rooms"]
