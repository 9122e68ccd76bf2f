"""Object ids on stores that know them: where they are, which values are some, and when it counts.

There is no such connector yet; one that only bears its name stands for it.
"""

from typing import Any, ClassVar

import pytest

from juggler.connectors.memory.connector import MemoryConnector
from juggler.datasource.datasource import DataSource
from juggler.errors import BulkOperationError, ValidationError
from juggler.facade.default import ModelRegistry

HEX = "5f3a1b2c3d4e5f6a7b8c9d0e"
STORED = {"mongodb": {"dataType": "ObjectID"}}


class Documents(MemoryConnector):
    """Bears the name of a store that knows object ids, and counts what it is asked."""

    name: ClassVar[str] = "mongodb"

    def __init__(self, settings: Any, host: Any) -> None:
        super().__init__(settings, host)
        self.asked: list[Any] = []

    async def create(self, info: Any, data: Any, options: Any) -> Any:
        """Store a row."""
        self.asked.append(data)
        return await super().create(info, data, options)


class ObjectId:
    """An object id as a driver has it."""

    def __init__(self, text: Any) -> None:
        if not isinstance(text, str) or len(text) != 24:
            raise ValueError(text)
        self.text = text


class Other:
    """An object id of another library."""

    def to_hex_string(self) -> str:
        """Return its digits."""
        return HEX


PROPERTIES = {
    "owner": {"type": "string", **STORED},
    "friends": {"type": ["string"], **STORED},
    "any": {"type": "any", "mongodb": {"data_type": "objectid"}},
    "typed": ObjectId,
    "place": {"place_id": {"type": "string", **STORED}, "name": "string"},
    "places": [{"inner": [{"place_id": {"type": "string", **STORED}}]}],
    "named": "objectid",
}
PATHS = [
    "owner",
    "friends",
    "any",
    "typed",
    "place.place_id",
    "places.inner.place_id",
    "named",
]


def define(connector: Any = Documents, **settings: Any) -> Any:
    """Return a model with object ids in it."""
    source = DataSource("db", connector, registry=ModelRegistry())
    return source.define("Thing", PROPERTIES, {"validations": [], **settings})


# MOD-118, DAO-292
def test_paths_of_object_ids() -> None:
    """They are found by their connector's block and by their type, inside embedded models too."""
    assert define().object_id_paths == PATHS
    assert define("memory").object_id_paths == PATHS
    assert ModelRegistry().define("Plain", {"a": "string"}).object_id_paths == []


# MOD-119, MOD-120, DAO-293, DAO-294, DAO-296
@pytest.mark.parametrize(
    ("data", "fields"),
    [
        ({}, []),
        ({"owner": HEX, "friends": [HEX, HEX.upper()], "typed": HEX, "named": HEX}, []),
        ({"any": ObjectId(HEX), "typed": ObjectId(HEX)}, []),
        ({"any": [Other(), HEX]}, []),
        ({"owner": None, "friends": [None], "place": {"place_id": None}, "place2": None}, []),
        ({"place": {"name": "x"}, "places": [{"inner": [{}]}]}, []),
        ({"owner": ""}, ["owner"]),
        ({"owner": "{{x}}"}, ["owner"]),
        ({"owner": "undefined"}, ["owner"]),
        ({"owner": "null"}, ["owner"]),
        ({"owner": HEX[:-1]}, ["owner"]),
        ({"owner": HEX + "0"}, ["owner"]),
        ({"owner": HEX + "\n"}, ["owner"]),
        ({"owner": "x" * 24}, ["owner"]),
        ({"named": "x"}, ["named"]),
        ({"any": 5}, ["any"]),
        ({"any": {"a": 1}}, ["any"]),
        ({"friends": [HEX, "x", "y"]}, ["friends.1", "friends.2"]),
        ({"typed": "x"}, ["typed"]),
        ({"place": {"place_id": "x"}}, ["place.place_id"]),
        (
            {"places": [{"inner": [{"place_id": HEX}]}, {"inner": [{}, {"place_id": ""}]}]},
            ["places.1.inner.1.place_id"],
        ),
    ],
)
async def test_values(data: dict[str, Any], fields: list[str]) -> None:
    """What is none is told under its full path, and the store is not asked."""
    things = define()
    if not fields:
        assert await things(data).is_valid()
        assert things(data).is_valid_sync()
        return
    with pytest.raises(ValidationError) as caught:
        await things.create(data)
    assert caught.value.details["codes"] == {field: ["objectid"] for field in fields}
    texts = caught.value.details["messages"]
    assert texts == {field: ["is not a valid ObjectId"] for field in fields}
    assert things.data_source.connector.asked == []


# MOD-120, DAO-296
async def test_a_required_object_id_may_not_be_null() -> None:
    """None is told by the rule of presence, and only where a value is required."""
    source = DataSource("db", Documents, registry=ModelRegistry())
    things = source.define("Thing", {"a": {"type": "string", "required": True, **STORED}})
    thing = things(a=None)
    assert not await thing.is_valid()
    assert thing.errors.codes == {"a": ["presence"]}


# MOD-118, MOD-120, DAO-292, DAO-295
async def test_where_the_rule_counts() -> None:
    """It counts by the connector's name or the configured one, unless it is switched off."""
    bad = {"owner": "x"}
    assert not await define()(bad).is_valid()
    assert await define("memory")(bad).is_valid()
    assert await define(validate_object_ids=False)(bad).is_valid()
    assert await define(validateObjectIds=False)(bad).is_valid()
    off = DataSource("db", Documents, registry=ModelRegistry(), validate_object_ids=False)
    assert await off.define("Thing", PROPERTIES)(bad).is_valid()
    assert not await off.define("On", PROPERTIES, {"validate_object_ids": True})(bad).is_valid()
    things = define()
    assert await things.create(bad, options={"validate": False})
    assert await ModelRegistry().define("Loose", PROPERTIES)(bad).is_valid()


# MOD-119, DAO-294
async def test_all_writes_are_checked() -> None:
    """Lists, updates and saves are refused alike; `update_all` where it validates."""
    things = define()
    with pytest.raises(BulkOperationError) as caught:
        await things.create([{"owner": HEX}, {"owner": "x"}])
    assert list(caught.value.errors) == [1]
    one = await things.find_one()
    for work in (
        lambda: one.update_attributes({"owner": "x"}),
        lambda: things.update_all({}, {"owner": "x"}, {"validate": True}),
        lambda: things.upsert_with_where({"owner": HEX}, {"friends": ["x"]}),
    ):
        with pytest.raises(ValidationError):
            await work()
    assert (await things.find_one()).owner == HEX


# MOD-119, DAO-294
async def test_what_was_never_given_is_not_written() -> None:
    """Missing values are left out of the write, nested ones too."""
    things = define()
    await things.create(place={"name": "x"})
    (row,) = things.data_source.connector.asked
    assert row == {"place": {"name": "x"}}


# MOD-118, DAO-292
async def test_models_that_embed_themselves_or_come_later() -> None:
    """One that contains itself is checked at every depth, and one may be defined later."""
    source = DataSource("db", Documents, registry=ModelRegistry())
    owners = source.define("Owner", {"pet": "Pet"})
    assert await owners().is_valid()
    assert owners.object_id_paths == []
    source.define("Pet", {"chip": "objectid", "friends": ["Pet"]}, {"id_injection": False})
    assert owners.object_id_paths == ["pet.chip"]
    inner = {"chip": HEX, "friends": [{"chip": "y", "friends": [{"chip": "z"}]}]}
    owner = owners(pet={"chip": "x", "friends": [inner]})
    for is_valid in (owner.is_valid_sync(), await owner.is_valid()):
        assert not is_valid
        assert owner.errors.codes == {
            "pet.chip": ["objectid"],
            "pet.friends.0.friends.0.chip": ["objectid"],
            "pet.friends.0.friends.0.friends.0.chip": ["objectid"],
        }


# MOD-119
async def test_an_embedded_value_that_its_class_refuses() -> None:
    """It is told as an object id that is none, once."""
    source = DataSource("db", Documents, registry=ModelRegistry())
    things = source.define("Thing", {"place": {"id2": ObjectId}})
    thing = things(place={"id2": "x"})
    assert not await thing.is_valid()
    assert thing.errors.codes == {"place.id2": ["objectid"]}


# DAO-296
async def test_other_stores_may_know_object_ids() -> None:
    """A connector of any name has the rules if it declares that its store knows object ids."""

    class Store(MemoryConnector):
        capabilities = MemoryConnector.capabilities | {"object_ids"}

    things = define(Store)
    with pytest.raises(ValidationError, match="ObjectId"):
        await things.create(owner="x")
    assert (await things.create(owner=HEX)).owner == HEX
