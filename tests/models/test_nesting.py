"""Embedded models: instances in properties and in lists."""

from typing import Any

import pytest
from msgspec import UNSET

from juggler.errors import InvalidValueError, ModelDisposedError
from juggler.facade.default import ModelRegistry
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
    """A list with something in it that is no object is bad as a whole."""
    thing = registry.define("Thing", {"homes": [HOME]}, PLAIN)(homes=[{"city": "R"}, 5])
    assert thing.homes == [{"city": "R"}, 5]
    assert thing._state.bad == {"homes"}


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
