"""Embedded models: instances in properties and in lists."""

import copy
from typing import Any

import pytest
from msgspec import UNSET

from juggler import DataSource
from juggler.errors import InvalidValueError, ModelDisposedError
from juggler.facade.default import ModelRegistry
from juggler.models.instances import dump
from juggler.models.runtime import NO_NESTED

PLAIN = {"id_injection": False}
HOME = {"city": "string", "rooms": {"type": "integer", "default": 1}}


def test_dicts_become_instances(registry: ModelRegistry) -> None:
    """A dict becomes an instance of the embedded model, with coercion and defaults."""  # MOD-64
    things = registry.define("Thing", {"home": HOME, "homes": [HOME], "grid": [[HOME]]}, PLAIN)
    thing = things(home={"city": 5}, homes=[{"city": "R"}, None], grid=[[{"rooms": "2"}], []])
    assert (thing.home.city, thing.home.rooms) == ("5", 1)
    assert thing.homes[0].rooms == 1
    assert thing.homes[1] is None
    assert thing.grid[0][0].rooms == 2
    assert thing.grid[1] == []
    assert thing.home.is_new_record()


def test_instances_are_kept(registry: ModelRegistry) -> None:
    """An instance of the embedded model stays the same object."""  # MOD-09, MOD-64
    houses = registry.define("Home", HOME, PLAIN)
    things = registry.define("Thing", {"home": "Home", "homes": [houses]}, PLAIN)
    home = houses(city="R")
    thing = things(home=home, homes=[home])
    assert thing.home is home
    assert thing.homes[0] is home
    assert isinstance(thing.home, houses)
    other = houses()
    thing.home = other
    assert thing.home is other


def test_an_instance_of_another_model_is_copied(registry: ModelRegistry) -> None:
    """An instance that is no instance of the embedded model gives its data."""
    houses = registry.define("Home", HOME, PLAIN)
    others = registry.define("Other", HOME, PLAIN)
    thing = registry.define("Thing", {"home": houses}, PLAIN)(home=others(city="R", rooms=3))
    assert isinstance(thing.home, houses)
    assert thing.home.to_dict() == {"city": "R", "rooms": 3}


def test_assignment_builds_instances_too(registry: ModelRegistry) -> None:
    """What is assigned is treated as what a constructor gets."""  # MOD-64
    thing = registry.define("Thing", {"home": HOME, "homes": [HOME]}, PLAIN)()
    thing.home = {"city": "R"}
    thing.homes = ({"city": "O"},)
    assert thing.to_dict() == {
        "home": {"city": "R", "rooms": 1},
        "homes": [{"city": "O", "rooms": 1}],
    }
    thing.home = None
    assert thing.home is None


@pytest.mark.parametrize("value", [5, "text", True, [], [{}], 1.5, object()])
def test_anything_else_is_bad(registry: ModelRegistry, value: Any) -> None:
    """What is no object stays as it is and is noted."""  # MOD-11
    thing = registry.define("Thing", {"home": HOME}, PLAIN)(home=value)
    assert thing.home == value
    assert thing._state.bad == {"home"}


def test_a_bad_item_makes_a_bad_list(registry: ModelRegistry) -> None:
    """Something in a list that is no object stays as it is, and makes the list bad."""
    thing = registry.define("Thing", {"homes": [HOME]}, PLAIN)(homes=[{"city": "R"}, 5])
    assert thing.homes.to_object() == [{"city": "R", "rooms": 1}, 5]
    assert thing._state.bad == {"homes"}
    assert not thing.is_valid_sync()
    assert thing.errors.codes == {"homes.1": ["type.model"]}


@pytest.mark.parametrize("value", [5, {}, "text", True])
def test_no_list_where_one_is_needed(registry: ModelRegistry, value: Any) -> None:
    """What is no list is refused at once."""  # MOD-66
    things = registry.define("Thing", {"homes": [HOME]}, PLAIN)
    with pytest.raises(InvalidValueError) as caught:
        things(homes=value)
    assert (caught.value.property, caught.value.status_code) == ("homes", 400)


def test_json_text_of_a_list(registry: ModelRegistry) -> None:
    """The JSON text of a list will do for a list."""  # MOD-66
    thing = registry.define("Thing", {"homes": [HOME]}, PLAIN)(homes='[{"city": "R"}]')
    assert thing.homes[0].city == "R"


def test_named_models_keep_their_settings(registry: ModelRegistry) -> None:
    """A named embedded model brings its strictness and its hidden names."""  # MOD-65
    registry.define("Home", HOME, {"strict": "filter", "hidden": ["rooms"], **PLAIN})
    thing = registry.define("Thing", {"home": "Home"}, PLAIN)(home={"city": "R", "more": 1})
    assert thing.to_json() == {"home": {"city": "R"}}
    assert thing.to_dict() == {"home": {"city": "R", "rooms": 1}}


def test_embedded_records_get_no_id(registry: ModelRegistry) -> None:
    """A model with an id embedded in another shows no id that nobody gave it."""
    houses = registry.define("Home", {"city": str})
    thing = registry.define("Thing", {"home": houses}, PLAIN)(home={"city": "R"})
    assert thing.to_json() == {"home": {"city": "R"}}
    assert thing.home.raw("id") is UNSET


def test_anonymous_models_are_open_unless_told(registry: ModelRegistry) -> None:
    """A nested structure keeps unknown keys, or not where the model says so."""  # MOD-65
    opened = registry.define("Open", {"home": HOME}, PLAIN)
    assert opened(home={"x": 1}).to_dict() == {"home": {"x": 1, "rooms": 1}}
    shut = registry.define("Closed", {"home": HOME}, {"strictEmbeddedModels": True, **PLAIN})
    closed = shut(home={"x": 1})
    assert closed.to_dict() == {"home": {"rooms": 1}}
    assert closed.home._state.unknown == {"x": 1}


def test_stored_data_gets_no_defaults(registry: ModelRegistry) -> None:
    """What comes from a store is trusted, embedded instances are stored records."""  # MOD-28
    things = registry.define("Thing", {"home": HOME, "homes": [HOME]}, PLAIN)
    thing = things.load({"home": {"city": "R"}, "homes": [{"city": "O", "x": 1}]})
    assert thing.to_dict() == {"home": {"city": "R"}, "homes": [{"city": "O", "x": 1}]}
    assert not thing.home.is_new_record()


def test_stored_json_text_is_parsed(registry: ModelRegistry) -> None:
    """A store that keeps embedded data as JSON text may give the text."""  # MOD-10
    things = registry.define("Thing", {"home": HOME, "homes": [HOME]}, PLAIN)
    thing = things.load({"home": b'{"city": "R"}', "homes": '[{"city": "O"}, null]'})
    assert thing.home.city == "R"
    assert thing.homes[0].city == "O"
    assert thing.homes[1] is None


@pytest.mark.parametrize("value", ["no json", 5, [1], None, "[1]"])
def test_stored_data_that_does_not_fit_stays(registry: ModelRegistry, value: Any) -> None:
    """Loading never fails: what is no object stays as the store gave it."""
    thing = registry.define("Thing", {"home": HOME}, PLAIN).load({"home": value})
    assert thing.home == ([1] if value == "[1]" else value)


def test_a_disposed_model_embeds_nothing_new(registry: ModelRegistry) -> None:
    """An instance of a model that let go of everything reads; what it cannot do it says."""
    things = registry.define("Thing", {"home": HOME}, PLAIN)  # REG-47
    thing = things(home={"city": "R"})
    registry.remove(things)
    things._nested = NO_NESTED
    assert thing.home.city == "R"
    assert thing.to_dict() == {"home": {"city": "R", "rooms": 1}}
    with pytest.raises(ModelDisposedError):
        thing.home = {"city": "O"}


def test_deep_nesting(registry: ModelRegistry) -> None:
    """Structures nest to any depth that a definition may have."""  # MOD-64
    shape: Any = {"leaf": "integer"}
    data: Any = {"leaf": "5"}
    for _ in range(20):
        shape, data = {"inner": shape}, {"inner": data}
    thing = registry.define("Thing", shape, PLAIN)(data)
    for _ in range(20):
        thing = thing.inner
    assert thing.leaf == 5


def test_equal_structures_share_a_model_and_no_instance(registry: ModelRegistry) -> None:
    """One anonymous model serves equal structures; a default of it is made for each instance."""
    home = {"type": HOME, "default": {"city": "R"}}  # MOD-65b
    things = registry.define("Thing", {"home": home, "other": home}, PLAIN)
    others = registry.define("Other", {"home": HOME}, PLAIN)
    assert things.nested["home"] is things.nested["other"] is others.nested["home"]
    one, two = things(), things()
    found = [one.home, one.other, two.home, two.other]
    assert len(set(map(id, found))) == 4
    one.home.city = "O"
    assert [each.city for each in found] == ["O", "R", "R", "R"]
    other = others(home=one.home)
    other.home.city = "X"
    assert one.home.city == "O"


def test_protected_and_hidden_parts_are_stored(registry: ModelRegistry) -> None:
    """What output leaves out of embedded values reaches the store all the same."""
    settings = {"protected": ["code"], "hidden": ["key"], **PLAIN}  # MOD-81
    home = registry.define("Home", {"city": str, "code": str, "key": str}, settings)
    data = {"city": "R", "code": "1", "key": "k"}
    thing = registry.define("Thing", {"home": home, "homes": [home]}, PLAIN)(
        home=data, homes=[data]
    )
    assert dump.for_store(thing) == {"home": data, "homes": [data]}
    assert thing.to_object() == {"home": data, "homes": [data]}
    assert thing.to_json() == {"home": {"city": "R"}, "homes": [{"city": "R"}]}


def test_data_of_callers_stays_theirs(registry: ModelRegistry) -> None:
    """What was given is neither kept nor changed, and what is given out is not the instance's."""
    things = registry.define("Thing", {"homes": [HOME], "tags": ["array"], "any": []}, PLAIN)
    data: dict[str, Any] = {"homes": [{"city": "R"}], "tags": [["a"]], "any": [{"x": [1]}]}
    former = copy.deepcopy(data)  # MOD-84
    thing = things(data)
    thing.homes.append({})
    thing.tags[0].append("b")
    thing.any[0]["x"].append(2)
    assert data == former
    for out in (thing.to_object(), thing.to_json(), thing.to_dict()):
        out["homes"].append(1)
        out["tags"][0].append("c")
        out["any"][0]["x"].append(3)
    assert thing.to_dict()["tags"] == [["a", "b"]]
    assert thing.any == [{"x": [1, 2]}]
    assert len(thing.homes) == 2


@pytest.mark.parametrize("url", ["memory", "sqlite:///:memory:"])
async def test_embedded_records_keep_their_keys(registry: ModelRegistry, url: str) -> None:
    """No id that nobody gave comes to an embedded value, in the store, by a default or as null."""
    async with DataSource("store", connector=url.partition(":")[0], registry=registry) as ds:
        homes = ds.define(
            "Home",
            {"city": str, "rooms": {"type": int, "default": 1}},
            persist_undefined_as_null=True,
        )
        things = ds.define("Thing", {"home": homes, "homes": [homes]}, strict=True)
        await ds.automigrate()
        made = await things.create(home={"city": "R"}, homes=[{}, {"id": 5}])
        expected = {
            "home": {"city": "R", "rooms": 1},
            "homes": [{"city": None, "rooms": 1}, {"city": None, "rooms": 1, "id": 5}],
        }
        for found in (made, await things.find_by_id(made.id)):
            data = found.to_json()
            del data["id"]
            assert data == expected
            assert found.home.raw("id") is UNSET
            assert found.to_object()["homes"] == expected["homes"]


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"homes": [{"at": [1, 2]}, {"at": "x"}]}, "homes.1.at"),
        ({"homes": ({"at": [1, 2]}, {"at": "x"})}, "homes.1.at"),
        ({"grid": [[{}], [{}, {"at": "x"}]]}, "grid.1.1.at"),
        ({"grid": [[], 5]}, "grid.1"),
    ],
)
def test_errors_tell_the_place(registry: ModelRegistry, data: dict[str, Any], path: str) -> None:
    """A value that is refused at once is told by its path, at construction and by assignment."""
    home = {"at": "geopoint"}  # MOD-13
    things = registry.define("Thing", {"homes": [home], "grid": [[home]]}, PLAIN)
    ((name, value),) = data.items()
    for attempt in (lambda: things(data), lambda: things().set_attribute(name, value)):
        with pytest.raises(InvalidValueError) as caught:
            attempt()
        assert (caught.value.path, caught.value.property) == (path, name)
