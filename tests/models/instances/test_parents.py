"""Embedded instances and the one instance that each belongs to."""

import copy
import gc
import pickle
import weakref
from typing import Any

import pytest

from juggler import DataSource, List, Model, ModelBuilder, prop
from juggler.errors import InvalidValueError, ValidationError
from juggler.facade.default import ModelRegistry
from juggler.models.instances.parents import owner_of

PLAIN = {"id_injection": False}
REFER = {"parent_ref": True, **PLAIN}
ROOM = {"name": "string"}
HOUSE = {"main": ROOM, "rooms": [ROOM], "grid": [[ROOM]], "floor": {"rooms": [ROOM]}}
DATA: dict[str, Any] = {
    "main": {"name": "a"},
    "rooms": [{"name": "b"}, None, {"name": "c"}],
    "grid": [[{"name": "d"}], []],
    "floor": {"rooms": [{"name": "e"}]},
}


class Part(Model, parent_ref=True, **PLAIN):
    """A declared model that is embedded."""

    label: str
    secret: str | None = prop(default=None, hidden=True)
    parts: list["Part"] = prop(default_factory=list)


class Whole(Model, **PLAIN):
    """A declared model that embeds another."""

    part: Part | None = None
    parts: list[Part] = prop(default_factory=list)


def parents(house: Any) -> list[Any]:
    """The parents of everything that is embedded in a house."""
    return [
        house.main.parent,
        house.rooms[0].parent,
        house.rooms[2].parent,
        house.grid[0][0].parent,
        house.floor.parent,
    ]


def test_every_way_in_sets_the_parent(registry: ModelRegistry) -> None:
    """At every depth the parent is the owning instance, however the value came there."""
    houses = registry.define("House", HOUSE, REFER)  # MOD-90, MOD-92
    made, assigned = houses(DATA), houses()
    for name, value in DATA.items():
        setattr(assigned, name, value)
    for house in (made, assigned, houses.load(copy.deepcopy(DATA)), copy.deepcopy(made)):
        assert [parent is house for parent in parents(house)] == [True] * 5
        assert house.floor.rooms[0].parent is house.floor or house.floor.rooms[0].parent is None
        assert owner_of(house.floor.rooms[0]) is house.floor
        for found in (house.rooms, house.grid, house.grid[0]):
            assert found.parent is house
        assert house.rooms.push({"name": "n"}).parent is house
        house.rooms[0] = {"name": "o"}
        assert house.rooms[0].parent is house
        house.grid.append([{"name": "p"}])
        assert house.grid[-1].parent is house
        assert house.grid[-1].push({"name": "q"}).parent is house
        assert house.parent is None
        house.rooms = None
        house.main = None
        assert (house.rooms, house.main) == (None, None)


def test_a_default_and_a_list_of_its_own(registry: ModelRegistry) -> None:
    """A default belongs to its instance, and a list can be told whom its items belong to."""
    rooms = registry.define("Room", ROOM, REFER)  # MOD-67, MOD-90
    house = registry.define(
        "House", {"rooms": {"type": [rooms], "default": [{"name": "a"}]}}, PLAIN
    )()
    assert house.rooms[0].parent is house
    made = List([{"name": "b"}], rooms, house)
    assert made.parent is house
    assert made[0].parent is house
    assert made.push({"name": "c"}).parent is house
    assert house.changed() == []
    for nobody in (None, 5, "text"):
        assert List([{"name": "b"}], rooms, nobody)[0].parent is None


@pytest.mark.parametrize(
    ("outer", "inner", "builder", "is_shown"),
    [
        (None, None, None, False),
        (True, None, None, True),
        (None, True, None, True),
        (None, None, True, True),
        (True, False, None, False),
        (False, True, None, True),
        (False, False, True, False),
        (False, None, True, True),
    ],
)
def test_switches(
    registry: ModelRegistry, outer: Any, inner: Any, builder: Any, is_shown: bool
) -> None:
    """The embedded model decides, then the owner; a builder decides for models that do not say."""
    settings = {} if builder is None else {"parent_ref": builder}  # MOD-93
    made = ModelBuilder(registry, settings)

    def told(value: Any) -> dict[str, Any]:
        return PLAIN if value is None else {"parentRef": value, **PLAIN}

    rooms = made.define("Room", ROOM, told(inner))
    house = made.define("House", {"room": rooms}, told(outer))(room={"name": "a"})
    assert (house.room.parent is house) is is_shown
    assert owner_of(house.room) is house


def test_a_builder_is_asked_when_a_model_is_defined(registry: ModelRegistry) -> None:
    """The setting of a builder can be changed; models that are there stay as they are."""
    former = registry.define("House", {"room": ROOM}, PLAIN)
    registry.builder.settings["parent_ref"] = True
    later = registry.define("House", {"room": ROOM}, PLAIN)
    base = registry.define("Base", {"room": ROOM}, {"parent_ref": False, **PLAIN})
    assert former(room={}).room.parent is None
    assert later(room={}).room.parent is not None
    assert base.extend("Sub")(room={}).room.parent is None


def test_children_do_not_keep_owners_alive(registry: ModelRegistry) -> None:
    """An owner goes with its last user; lists and instances of it stay, and have no parent."""
    house = registry.define("House", HOUSE, REFER)(DATA)
    kept, gone = [house.main, house.rooms, house.rooms[0], house.grid[0]], weakref.ref(house)
    kept.append(List([], "string", house))
    del house
    gc.collect()
    assert gone() is None
    assert [each.parent for each in kept] == [None] * 5
    kept[1].append({"name": "x"})
    assert [None if room is None else room.name for room in kept[1]] == ["b", None, "c", "x"]
    with pytest.raises(InvalidValueError):
        kept[1].append(5)


@pytest.mark.parametrize("refer", [True, False])
def test_what_belongs_to_another_is_copied(registry: ModelRegistry, refer: bool) -> None:
    """Each owner has its own: whole copies, which are new records, with or without references."""
    settings = {"parent_ref": refer, "hidden": ["code"], **PLAIN}  # MOD-91
    rooms = registry.define("Room", {"name": str, "code": str, "in": ROOM, "tags": [str]}, settings)
    houses = registry.define("House", {"main": rooms, "rooms": [rooms]}, PLAIN)
    data = {"name": "a", "code": "1", "in": {"name": "b"}, "tags": ["x"], "more": {"y": [1]}}
    for one in (houses(main=data), houses.load({"main": data, "rooms": []})):
        others = [houses(main=one.main), houses(rooms=[one.main]), houses(), houses(rooms=[])]
        others[2].main = one.main
        pushed = others[3].rooms.push(one.main)
        twins = [others[0].main, others[1].rooms[0], others[2].main, pushed]
        for other, twin in zip(others, twins, strict=True):
            assert twin is not one.main
            assert twin.to_dict() == one.main.to_dict() == data
            assert twin.is_new_record()
            assert (owner_of(twin), owner_of(one.main)) == (other, one)
            twin.name = "b"
            twin["in"].name = "c"
            twin.tags.append("y")
            twin["more"]["y"].append(2)
        assert one.main.to_dict() == data
        assert one.changed() == []


def test_a_copy_is_as_bad_as_the_original(registry: ModelRegistry) -> None:
    """What is wrong with an instance is wrong with its copy: bad values and unknown names."""
    rooms = registry.define("Room", {"size": int}, {"strict": True, **PLAIN})
    houses = registry.define("House", {"main": rooms}, PLAIN)
    one = houses(main={"size": "x", "more": 1})
    two = houses(main=one.main)
    assert two.main is not one.main
    for house in (one, two):
        assert not house.is_valid_sync()
        assert house.errors.codes == {
            "main.more": ["unknown-property"],
            "main.size": ["type.integer"],
        }
    loose = houses(main=houses(main=rooms(strict=False)).main).main
    loose.set_attribute("more", 1)
    assert loose.to_object() == {"more": 1}, "how this one treats undeclared data"


async def test_what_a_write_or_reload_brings_is_not_copied(registry: ModelRegistry) -> None:
    """Embedded instances that an update was given, or a reload found, are those of the record."""
    async with DataSource("memory", registry=registry) as ds:
        rooms = ds.define("Room", ROOM, PLAIN)
        houses = ds.define("House", {"main": rooms, "rooms": [rooms]})
        house = await houses.create()
        main, room = rooms(name="a"), rooms(name="b")
        await house.update_attributes({"main": main, "rooms": [room]})
        assert house.main is main
        assert house.rooms[0] is room
        assert owner_of(main) is owner_of(room) is house
        await house.reload()
        assert not house.main.is_new_record()
        assert not house.rooms[0].is_new_record()
        assert owner_of(house.main) is owner_of(house.rooms[0]) is house


def test_within_one_owner_nothing_is_copied(registry: ModelRegistry) -> None:
    """An instance that is assigned within its owner, or has none, stays the same object."""
    rooms = registry.define("Room", ROOM, PLAIN)  # MOD-91, MOD-09
    house = registry.define("House", {"main": rooms, "rooms": [rooms]}, PLAIN)(main={"name": "a"})
    main, free = house.main, rooms(name="b")
    house.rooms = [main, free]
    assert house.rooms[0] is main
    assert house.rooms[1] is free
    house.main = house.rooms[1]
    assert house.main is free
    rest = house.rooms
    house.rooms = rest
    assert house.rooms is rest
    assert house.rooms.push(main) is main


def test_what_an_owner_left_behind_is_free(registry: ModelRegistry) -> None:
    """An instance whose owner is gone belongs to the next one."""
    rooms = registry.define("Room", ROOM, PLAIN)
    houses = registry.define("House", {"main": rooms}, PLAIN)
    room = houses(main={"name": "a"}).main
    gc.collect()
    assert houses(main=room).main is room


@pytest.mark.parametrize("make", [Part, Part.load])
def test_circles_of_references(registry: ModelRegistry, make: Any) -> None:
    """An instance in itself, at any depth, is a copy: plain data of it always ends."""  # MOD-92
    part = make({"label": "a", "secret": "s", "parts": []})
    part.parts = [part]
    part.parts[0].parts = [part, part.parts[0]]
    deep = part.parts[0].parts[0]
    deep.parts.append(part)
    assert part.to_json()["parts"][0]["label"] == "a"
    assert part.parts[0] is not part
    assert deep.parent is part.parts[0]
    assert owner_of(part) is None
    node = registry.define("Node", {"child": "Node"}, REFER)
    for root in (node(), node.load({"child": None})):
        root.child = root
        root.child.child = root
        assert root.to_dict()["child"]["child"] is not None
        assert root.child.child.parent is root.child
    loaded = node.load({"child": {"child": None}})
    loaded.child.child = loaded
    assert loaded.child.child is not loaded
    tree = Part.load(
        {"label": "a", "secret": None, "parts": [dict(label="b", secret=None, parts=[])]}
    )
    tree.parts[0].parts.push(tree)
    assert tree.parts[0].parts[0] is not tree
    assert tree.to_dict()["parts"][0]["parts"][0]["label"] == "a"


@pytest.mark.parametrize("name", ["parts", "part", "tags"])
def test_circles_of_plain_data(registry: ModelRegistry, name: str) -> None:
    """Data that contains itself is refused, at construction and on assignment."""  # MOD-65b
    part: dict[str, Any] = {"label": "a"}
    part["parts"] = [part]
    tags: list[Any] = []
    tags.append(tags)
    value = {"parts": [part], "part": part, "tags": tags}[name]
    things = registry.define("Thing", {"part": Part, "parts": [Part], "tags": [[[str]]]}, PLAIN)
    with pytest.raises(InvalidValueError) as caught:
        things({name: value})
    assert caught.value.property == name
    thing = things()
    with pytest.raises(InvalidValueError):
        setattr(thing, name, value)
    assert thing.changed() == []


def test_parents_are_seen_nowhere() -> None:
    """No output, comparison, copy or pickle has anything of a parent."""  # MOD-90
    whole = Whole(part={"label": "a", "secret": "s"}, parts=[{"label": "b"}])
    alone = Part(label="b")
    assert whole.parts[0] == alone
    assert whole.parts[0].to_dict() == whole.parts[0].to_object() == alone.to_dict()
    assert whole.parts[0].to_json() == alone.to_json()
    assert repr(whole.parts[0]) == repr(alone)
    assert whole.parts[0].is_valid_sync()
    for twin in (copy.copy(whole.part), copy.deepcopy(whole.part)):
        assert twin == whole.part
        assert twin.parent is None
    read = pickle.loads(pickle.dumps(whole))
    assert read == whole
    assert read.part.parent is read.parts[0].parent is read.parts.parent is read
    assert read.part.secret == "s"
    assert pickle.loads(pickle.dumps(whole.part)).parent is None
    read.parts.append({"label": "c"})
    assert read.changed() == ["parts"]


def test_a_property_of_that_name_wins(registry: ModelRegistry) -> None:
    """A property called ``parent`` is the value, on run-time and declared models."""

    class Node(Model, parent_ref=True, **PLAIN):
        parent: str | None = None

    nodes = registry.define("Node", {"parent": "string"}, REFER)
    for model in (Node, nodes):
        node = model(parent="root")
        assert node.parent == "root"
        tree = registry.define("Tree", {"node": model}, PLAIN)(node={"parent": "root"})
        assert tree.node.parent == "root"
        assert owner_of(tree.node) is tree


async def test_rules_and_hooks_reach_the_owner(registry: ModelRegistry) -> None:
    """A rule of an embedded model asks its owner, also while changes are only tried."""
    lines = registry.define("Line", {"count": int}, {"parent_ref": True, **PLAIN})

    def in_stock(line: Any, err: Any) -> None:
        if line.parent is None or line.count > line.parent.stock:
            err()

    lines.validate("count", in_stock)
    async with DataSource("memory", registry=registry) as ds:
        orders = ds.define("Order", {"stock": int, "lines": [lines]})
        order = await orders.create(stock=2, lines=[{"count": 1}])
        assert await order.is_valid()
        assert not await order.is_valid({"stock": 0})
        assert order.stock == 2
        with pytest.raises(ValidationError):
            await order.update_attributes({"stock": 0})
        assert order.lines[0].parent is order
        order.lines.push({"count": 3})
        assert not await order.is_valid()
        assert order.errors.codes == {"lines.1.count": ["custom"]}
        order.lines.pop()
        await order.update_attributes({"lines": [{"count": 2}]})
        assert order.lines[0].parent is order
        found = await orders.find_by_id(order.id)
        assert found.lines[0].parent is found
        seen: list[Any] = []
        orders.observe("before save", lambda context: seen.append(context.instance.lines[0].parent))
        await found.save()
        assert seen == [found]
        await found.reload()
        assert found.lines.parent is found
        assert found.lines[0].parent is found
        found.lines.push({"count": 1})
        assert found.changed() == ["lines"]


async def test_sources_change_nothing_about_parents(registry: ModelRegistry) -> None:
    """A model that moves from source to source keeps its references, and so do its instances."""
    houses = registry.define("House", HOUSE, REFER)  # MOD-92
    house = houses(DATA)
    for name in ("one", "two"):
        async with DataSource(name, connector="memory", registry=registry) as ds:
            ds.attach(houses)
            assert [parent is house for parent in parents(house)] == [True] * 5
            stored = await houses.create(DATA)
            assert [parent is stored for parent in parents(stored)] == [True] * 5
            for found in await houses.find():
                assert [parent is found for parent in parents(found)] == [True] * 5


def test_a_builders_switch_counts_at_every_level() -> None:
    """With `parent_ref` of the builder structures without a name know their owner too."""
    # MOD-90, MOD-93
    builder = ModelBuilder(ModelRegistry(), {"parent_ref": True})
    made = builder.define("Box", {"e": {"q": {"z": "number"}, "l": [{"z": "number"}]}})
    box = made(e={"q": {"z": 1}, "l": [{"z": 2}]})
    assert box.e.parent is box
    assert box.e.q.parent is box.e.l[0].parent is box.e
    silent = made.extend("Silent", {}, {"parent_ref": False})(e={"q": {}})
    assert silent.e.parent is silent.e.q.parent is None
