"""Lists that make an item of whatever is put into them."""

import copy
import json
import pickle
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler import DataSource, List, Model, prop
from juggler.errors import DefinitionError, InvalidValueError
from juggler.facade.default import ModelRegistry
from juggler.types.temporal import DateString

PLAIN = {"id_injection": False}


class Room(Model, **PLAIN):
    """A model that is embedded."""

    name: str
    size: int = 1


class Role:
    """A class of the user's."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Role) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


class Size(Enum):
    """Choices."""

    SMALL = "s"


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        (["1", 2], [1, 2]),
        (("1", 2), [1, 2]),
        ('["1", 2]', [1, 2]),
        ("null", []),
        (None, []),
        ([], []),
        ([None, "3"], [None, 3]),
    ],
)
def test_what_a_list_is_made_of(items: Any, expected: list[Any]) -> None:
    """Lists, tuples, JSON text and None make a list of items."""  # MOD-66
    made = List(items, "number")
    assert made == expected
    assert isinstance(made, list)
    assert List(made, "number") == expected


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ("text", "could not create List from JSON string"),
        ('{"a": 1}', "could not create List from JSON string"),
        ("12", "could not create List from JSON string"),
        (5, "items must be an array"),
        (4294967295, "items must be an array"),
        ({"0": 1}, "items must be an array"),
        (True, "items must be an array"),
    ],
)
def test_what_no_list_is_made_of(items: Any, message: str) -> None:
    """Nothing else makes one, and a number never becomes a length."""  # MOD-66
    with pytest.raises(InvalidValueError, match=message) as caught:
        List(items, "string")
    assert caught.value.status_code == 400


@pytest.mark.parametrize(
    ("item_type", "value", "expected"),
    [
        ("string", 5, "5"),
        (str, 5, "5"),
        ([str], 5, "5"),
        ("NUMBER", "5", 5),
        (int, "5", 5),
        (float, "5.5", 5.5),
        (bool, "false", False),
        (Decimal, "1.50", Decimal("1.50")),
        (bytes, "a", b"a"),
        (DateString, "2020-01-01", DateString("2020-01-01")),
        (Role, "admin", Role("admin")),
        (Size, "s", Size.SMALL),
        (dict, {"a": 1}, {"a": 1}),
        (Room, {"name": "hall"}, Room(name="hall")),
        (list, "kept", "kept"),
        ([], "kept", "kept"),
        ([[int]], ["1", "2"], [1, 2]),
        ([[Room]], [{"name": "hall"}], [Room(name="hall")]),
    ],
)
def test_items_become_values_of_their_type(item_type: Any, value: Any, expected: Any) -> None:
    """A type is a name, a Python type, a class, a model, or one of these in a list."""  # MOD-66
    made = List([value], item_type)  # MOD-67
    assert made == [expected]
    assert isinstance(made[0], type(expected))
    assert made.push(value) == expected


@pytest.mark.parametrize("item_type", ["strng", 5, {"a": 1}])
def test_what_is_no_item_type(item_type: Any) -> None:
    """What stands for no type is refused."""
    with pytest.raises(DefinitionError):
        List([], item_type)


@pytest.mark.parametrize(
    ("items", "more", "expected"),
    [
        ([1, 2.5], "3", 3),
        (["a"], 5, "5"),
        ([True], "false", False),
        ([Role("a")], "b", Role("b")),
        ([Room(name="a")], {"name": "b"}, Room(name="b")),
        ([[1], "a"], "b", "b"),
        ([None, 1], "a", "a"),
        ([], "a", "a"),
    ],
)
def test_the_first_item_tells_the_type(items: Any, more: Any, expected: Any) -> None:
    """Without an item type the items are of the type of the first."""  # MOD-66
    assert List(items).push(more) == expected


MUTATORS: list[tuple[Callable[[Any], Any], list[int]]] = [
    (lambda found: found.append("5"), [1, 2, 3, 5]),
    (lambda found: found.push("5"), [1, 2, 3, 5]),
    (lambda found: found.push("5", "6", 7), [1, 2, 3, 5, 6, 7]),
    (lambda found: found.extend(iter(["5", 6])), [1, 2, 3, 5, 6]),
    (lambda found: found.extend(found), [1, 2, 3, 1, 2, 3]),
    (lambda found: found.insert(1, "5"), [1, 5, 2, 3]),
    (lambda found: found.insert(-1, "5"), [1, 2, 5, 3]),
    (lambda found: found.insert(99, "5"), [1, 2, 3, 5]),
    (lambda found: found.__setitem__(0, "5"), [5, 2, 3]),
    (lambda found: found.__setitem__(-1, "5"), [1, 2, 5]),
    (lambda found: found.__setitem__(slice(1, 2), ["5", "6"]), [1, 5, 6, 3]),
    (lambda found: found.__setitem__(slice(None, None, 2), ["5", "6"]), [5, 2, 6]),
    (lambda found: found.__iadd__(("5",)), [1, 2, 3, 5]),
    (lambda found: found.__imul__(2), [1, 2, 3, 1, 2, 3]),
    (lambda found: found.pop(0), [2, 3]),
    (lambda found: found.remove(2), [1, 3]),
    (lambda found: found.clear(), []),
    (lambda found: found.__delitem__(slice(1)), [2, 3]),
    (lambda found: found.reverse(), [3, 2, 1]),
    (lambda found: found.sort(key=lambda item: -item), [3, 2, 1]),
]


@pytest.mark.parametrize(("change", "expected"), MUTATORS)
def test_every_way_in_makes_items(
    registry: ModelRegistry, change: Callable[[Any], Any], expected: list[int]
) -> None:
    """Whatever changes a list, its items stay of their type, and its owner has changed."""
    made = List([1, 2, 3], int)  # MOD-67, MOD-85
    change(made)
    assert made == expected
    thing = registry.define("Thing", {"items": ["integer"]}, PLAIN).load({"items": [1, 2, 3]})
    change(thing.items)
    assert thing.items == expected
    assert thing.changes() == {"items": ([1, 2, 3], expected)}
    thing.reset()
    assert thing.items == [1, 2, 3]
    assert thing.changed() == []


def test_what_is_put_in_is_given_back() -> None:
    """Pushing answers the item as it is stored, of several the last."""  # MOD-67
    made = List([], "number")
    assert made.push("1") == 1
    assert made.push("2", "3") == 3
    assert made.append("4") == 4
    assert made.push() is None
    rooms = List([], Room)
    room = rooms.push({"name": "hall"})
    assert room is rooms[0]
    assert room.size == 1


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda found: found.append("x"), "2"),
        (lambda found: found.push(1, "x"), "3"),
        (lambda found: found.extend([1, 2, "x"]), "4"),
        (lambda found: found.insert(0, "x"), "0"),
        (lambda found: found.insert(-1, "x"), "1"),
        (lambda found: found.__setitem__(-1, "x"), "1"),
        (lambda found: found.__setitem__(slice(1, 2), [5, "x"]), "2"),
        (lambda found: found.__iadd__(["x"]), "2"),
        (lambda _: List([1, "x"], "number"), "1"),
    ],
)
def test_a_list_of_its_own_refuses_bad_items(change: Callable[[Any], Any], place: str) -> None:
    """The error names the place, and nothing was changed."""
    made = List([1, 2], "number")
    with pytest.raises(InvalidValueError) as caught:
        change(made)
    assert (caught.value.path, caught.value.status_code) == (place, 400)
    assert place in str(caught.value)
    assert made == [1, 2]


def test_places_that_are_not_there() -> None:
    """A place outside the list is the error that any list raises."""
    made = List([1], "number")
    with pytest.raises(IndexError):
        made[5] = 1
    with pytest.raises(IndexError):
        made.pop(5)
    with pytest.raises(ValueError, match="not in list"):
        made.remove(5)
    with pytest.raises(TypeError):
        made.extend(5)  # type: ignore[arg-type]


def test_parts_are_plain_lists() -> None:
    """Slices, copies, sums and comprehensions give plain lists."""  # MOD-68
    made = List([1, 2, 3], "number")
    for part in (made[1:], made.copy(), made + [4], made * 2, [item for item in made]):  # noqa: C416, RUF005
        assert type(part) is list
    assert type(made.to_array()) is list
    assert made.to_array() == [1, 2, 3]
    assert made == [1, 2, 3]
    assert made != [1, 2]


def test_plain_data_of_a_list(registry: ModelRegistry) -> None:
    """Items that can are made plain data; JSON leaves out what is hidden or protected."""  # MOD-68
    room = registry.define(
        "Room",
        {"name": str, "code": str, "day": "date"},
        {"hidden": ["code"], "protected": ["day"], **PLAIN},
    )
    made = List([{"name": "hall", "code": "1", "day": "2020-01-01"}, None], room)
    day = made[0].day
    assert made.to_object() == [{"name": "hall", "code": "1", "day": day}, None]
    assert made.to_object(True, True, True) == [{"name": "hall"}, None]
    assert made.to_json() == [{"name": "hall"}, None]
    assert json.loads(str(made)) == [{"name": "hall"}, None]
    assert List(["2020-01-01"], "date").to_json() == ["2020-01-01T00:00:00.000Z"]
    assert str(List([["1"]], [["number"]])) == "[[1]]"
    assert List([["1"]], [["number"]]).to_object() == [[1]]
    inner = {"a": [1]}
    copied = List([inner], "object").to_object()
    copied[0]["a"].append(2)
    assert inner == {"a": [1]}
    assert repr(List([1], "number")) == "[1]"


@pytest.mark.parametrize(
    ("items", "item_type"),
    [([1, None], "number"), ([Room(name="a")], Room), ([Role("a")], Role), ([[1]], [[int]])],
)
@pytest.mark.parametrize(
    "twin",
    [copy.copy, copy.deepcopy, lambda found: pickle.loads(pickle.dumps(found))],
)
def test_copies_are_typed_lists_of_their_own(
    items: Any, item_type: Any, twin: Callable[[Any], Any]
) -> None:
    """A copy has the items and their type, and nothing of it is the other's."""
    made = List(items, item_type)
    other = twin(made)
    assert type(other) is List
    assert other == made
    other.push(items[0])
    assert len(made) == len(items)
    assert other.parent is None


def test_copies_of_an_owned_list_have_no_owner(registry: ModelRegistry) -> None:
    """What is done to a copy of an instance's list is not done to the instance."""
    thing = registry.define("Thing", {"tags": ["string"]}, PLAIN)(tags=["a"])
    for twin in (copy.copy(thing.tags), copy.deepcopy(thing.tags)):
        twin.append(5)
        assert twin == ["a", "5"]
        assert twin.parent is None
    assert thing.changed() == []
    for other in (copy.copy(thing), copy.deepcopy(thing)):
        assert other == thing
        assert other.tags.parent is other
        other.tags.append("b")
        assert other.changed() == ["tags"]
    assert thing.tags == ["a"]


def test_a_declared_list_is_one_of_a_type() -> None:
    """A declared model may say `List`, for checkers to know what `push` gives."""

    class Hall(Model, **PLAIN):
        tags: List[str] = prop(default_factory=list)
        rooms: "List[Room] | None" = None

    hall = Hall(rooms=[{"name": "a"}])
    assert hall.tags.push(5) == "5"
    assert hall.rooms is not None
    assert hall.rooms.push({"name": "b"}).size == 1
    assert Hall.get_property_type("tags") == "List<string>"


@pytest.mark.parametrize("connector", ["memory", "sqlite"])
async def test_stores_and_queries_take_lists(registry: ModelRegistry, connector: str) -> None:
    """A list of an instance serves as data and as a condition, and the store has its own."""
    async with DataSource("lists", connector=connector, registry=registry) as ds:
        things = ds.define("Thing", {"tags": ["string"], "rooms": [{"name": str}]})
        await ds.autoupdate()
        one = await things.create(tags=["a", "b"], rooms=[{"name": "hall"}])
        two = await things.create(tags=one.tags, rooms=one.rooms)
        two.tags.append("c")
        two.rooms[0].name = "den"
        await two.save()
        assert [each.id for each in await things.find(where={"tags": one.tags})] == [one.id]
        assert await things.count({"tags": {"inq": [one.tags, two.tags]}}) == 2
        await things.update_all({"id": one.id}, {"tags": two.tags, "rooms": two.rooms})
        found = await things.find_by_id(one.id)
        assert found.tags == ["a", "b", "c"]
        assert found.rooms.to_object() == [{"name": "den"}]
        assert found.tags.parent is found
        found.tags.clear()
        assert (await things.find_by_id(one.id)).tags == ["a", "b", "c"]


@given(st.lists(st.one_of(st.integers(), st.text(), st.none(), st.booleans())))
def test_a_list_of_text_is_a_list(items: list[Any]) -> None:
    """What is put in one by one, together or at construction makes the same list."""
    together, single, sliced = List(items, str), List([], str), List([], str)
    for item in items:
        single.append(item)
    sliced[:] = items
    assert together == single == sliced
    assert all(item is None or type(item) is str for item in together)
