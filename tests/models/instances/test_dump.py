"""Instances as plain data."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from juggler.facade.default import ModelRegistry
from juggler.models.instances import dump
from juggler.types.geo import GeoPoint

PLAIN = {"id_injection": False}
HOME = {"city": "string", "door": {"type": "string", "hidden": True}}


class Role:
    """A class that a user makes a type of."""

    def __init__(self, name: Any) -> None:
        self.name = name


def test_to_dict_gives_python_values(registry: ModelRegistry) -> None:
    """`to_dict` has all values, hidden ones too, embedded instances as dicts."""  # MOD-76
    properties = {"at": "date", "price": "decimal", "secret": "string", "home": HOME}
    things = registry.define("Thing", properties, {"hidden": ["secret"], **PLAIN})
    moment = datetime(2020, 1, 2, tzinfo=UTC)
    data = {"at": moment, "price": Decimal(1), "secret": "x", "home": {"city": "R", "door": "1"}}
    assert things(data, free=1).to_dict() == {**data, "free": 1}


def test_to_json_gives_json(registry: ModelRegistry) -> None:
    """Every value comes as JSON has it, undeclared ones too."""  # MOD-77
    properties = {
        "at": "date",
        "ats": ["date"],
        "price": "decimal",
        "day": "date_string",
        "blob": "buffer",
        "point": "geopoint",
        "points": [["geopoint"]],
        "any": "any",
        "home": HOME,
        "homes": [HOME],
        "bad": "number",
    }
    moment = datetime(2020, 1, 2, 3, 4, 5, 678_900, tzinfo=UTC)
    free = {"at": moment, "id": UUID(int=5), 5: [Decimal(2), {moment.date()}]}
    thing = registry.define("Thing", properties, PLAIN)(
        at=moment,
        ats=[moment, None],
        price="1.50",
        day="2020-01-02",
        blob=b"\x01",
        point=[1, 2],
        points=[[[1, 2]]],
        any={"at": moment},
        home={"city": "R", "at": moment},
        homes=[{"city": "O"}, None],
        bad=moment.date(),
        free=free,
    )
    text = "2020-01-02T03:04:05.678Z"
    found = thing.to_json()
    assert found == {
        "at": text,
        "ats": [text, None],
        "price": "1.50",
        "day": "2020-01-02",
        "blob": {"type": "Buffer", "data": [1]},
        "point": {"lat": 1, "lng": 2},
        "points": [[{"lat": 1, "lng": 2}]],
        "any": {"at": text},
        "home": {"city": "R", "at": text},
        "homes": [{"city": "O"}, None],
        "bad": "2020-01-02",
        "free": {"at": text, "id": str(UUID(int=5)), "5": ["2", ["2020-01-02"]]},
    }
    assert json.loads(json.dumps(found)) == found


def test_hidden_properties_stay_inside(registry: ModelRegistry) -> None:
    """Hidden names are in no JSON at any depth; code reads, and the store gets, them."""
    settings = {"hidden": ["secret", "free"], **PLAIN}  # MOD-87, MOD-88
    things = registry.define("Thing", {"secret": str, "home": HOME, "homes": [HOME]}, settings)
    data = {
        "secret": "s",
        "home": {"city": "R", "door": "1"},
        "homes": [{"city": "O", "door": "2"}],
        "free": "f",
    }
    thing = things(data)
    assert thing.to_json() == {"home": {"city": "R"}, "homes": [{"city": "O"}]}
    assert (thing.secret, thing["free"], thing.home.door) == ("s", "f", "1")
    assert dump.for_store(thing) == thing.to_dict() == data
    assert [things.is_hidden_property(name) for name in ("secret", "free", "home")] == [
        True,
        True,
        False,
    ]
    thing.secret = "t"
    assert thing.secret == "t"


@pytest.mark.parametrize(
    "settings",
    [
        {"hidden": ["a"]},
        {"hidden": "a"},
        {"hidden": {"a": True, "b": False}},
        {"hiddenProperties": ["a"], "hidden": ["b"]},
    ],
)
def test_what_is_hidden_is_said_in_many_ways(
    registry: ModelRegistry, settings: dict[str, Any]
) -> None:
    """A list, one name, a mapping, and the long name, which wins."""  # MOD-87
    things = registry.define("Thing", {"a": int, "b": int}, {**settings, **PLAIN})
    assert things(a=1, b=2).to_json() == {"b": 2}


def test_protected_properties_are_shown_on_top_only(registry: ModelRegistry) -> None:
    """A protected property is in its own record's JSON, not in that of an owner."""  # MOD-87
    houses = registry.define("Home", {"city": str, "code": str}, {"protected": ["code"], **PLAIN})
    things = registry.define("Thing", {"home": "Home", "homes": ["Home"], "any": "any"}, PLAIN)
    home = houses(city="R", code="1")
    assert home.to_json() == {"city": "R", "code": "1"}
    assert houses.is_protected_property("code")
    assert not houses.is_protected_property("city")
    thing = things(home=home, homes=[home], any={"deep": [home]})
    bare = {"city": "R"}
    assert thing.to_json() == {"home": bare, "homes": [bare], "any": {"deep": [bare]}}
    assert dump.for_store(thing)["home"] == {"city": "R", "code": "1"}  # MOD-81


def test_to_object_takes_options(registry: ModelRegistry) -> None:
    """What is hidden or protected can be left out, at every depth."""  # MOD-76
    houses = registry.define(
        "Home", {"a": int, "b": int}, {"hidden": "a", "protected": "b", **PLAIN}
    )
    settings = {"hidden": "x", "protected": "y", **PLAIN}
    things = registry.define("Thing", {"x": int, "y": int, "home": houses}, settings)
    thing = things(x=1, y=2, home={"a": 3, "b": 4})
    whole = {"x": 1, "y": 2, "home": {"a": 3, "b": 4}}
    assert thing.to_object() == whole
    assert thing.to_object(remove_hidden=True) == {"y": 2, "home": {}}
    assert thing.to_object(remove_protected=True) == {"x": 1, "home": {"a": 3}}
    assert thing.to_object(True, True, True) == {"home": {}}


def test_plain_data_is_a_copy(registry: ModelRegistry) -> None:
    """What is given out is not the instance's own."""  # MOD-84
    properties = {"tags": ["string"], "meta": "object", "home": HOME}
    thing = registry.define("Thing", properties, PLAIN)(
        tags=["a"], meta={"deep": [1]}, home={"city": "R"}, free=[1]
    )
    before = repr(thing)
    for found in (thing.to_dict(), thing.to_object(), thing.to_json(), dump.for_store(thing)):
        found["tags"].append("b")
        found["meta"]["deep"].append(2)
        found["home"]["city"] = "O"
        found["free"].append(2)
        found["more"] = 1
    assert repr(thing) == before


def test_values_of_a_class_go_untouched(registry: ModelRegistry) -> None:
    """Instances of a user's class are built once and survive plain data."""  # MOD-08
    things = registry.define("Thing", {"role": Role, "roles": [Role]}, PLAIN)
    thing = things(role="admin", roles=["a", Role("b")])
    assert isinstance(thing.role, Role)
    assert [role.name for role in thing.roles] == ["a", "b"]
    assert thing.to_dict()["role"] is thing.role
    assert dump.for_store(thing)["roles"][0] is thing.roles[0]


def test_repr_shows_data_but_nothing_hidden(registry: ModelRegistry) -> None:
    """The text of an instance has its model's name and what was given, without secrets."""
    settings = {"hidden": ["secret", "free"], **PLAIN}  # MOD-78
    things = registry.define("Thing", {"a": str, "b": int, "secret": str}, settings)
    thing = things(a="x", secret="s", free="f", color="red")
    assert repr(thing) == "Thing(a='x', color='red')"
    assert str(things) == "[Model Thing]"


def test_instances_are_equal_by_value(registry: ModelRegistry) -> None:
    """Equal data of one model is equal; another model's is not, nor is anything else."""
    things = registry.define("Thing", {"a": int, "home": HOME}, PLAIN)
    others = registry.define("Other", {"a": int, "home": HOME}, PLAIN)
    thing = things(a=1, home={"city": "R"})
    assert thing == things(a="1", home={"city": "R"})
    assert thing != things(a=1)
    assert thing != others(a=1, home={"city": "R"})
    assert thing != thing.to_dict()
    with pytest.raises(TypeError):
        hash(thing)


def test_points_stay_points(registry: ModelRegistry) -> None:
    """What a store gets has values of the types, not JSON."""
    thing = registry.define("Thing", {"at": "geopoint"}, PLAIN)(at="1,2")
    assert dump.for_store(thing) == {"at": GeoPoint(1, 2)}
