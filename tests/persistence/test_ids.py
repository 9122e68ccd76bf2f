"""Which values are ids, and what happens with those that are not."""

import datetime as dt
import decimal
import math
import re
import uuid
from typing import Any

import pytest
from msgspec import UNSET

from juggler.definition.property import Property
from juggler.definition.shape import Shape
from juggler.errors import InvalidQueryError, InvalidValueError, JugglerError, PKMissingError
from juggler.persistence.ids import by_id
from juggler.query.nodes import EVERYTHING, Condition, Filter
from juggler.types.base import ValueType
from tests.names import name_of
from tests.persistence.shelf import make_source, shelf_of

HOSTILE = [
    {"neq": 1},
    {"inq": [1, 2]},
    {"gt": 0},
    {"id": 1},
    {},
    [],
    [1],
    (1, 2),
    {1},
    range(3),
    re.compile("1"),
    EVERYTHING,
    Condition(("id",), "neq", 1),
    Filter(),
    print,
    int,
    math.nan,
    math.inf,
    "\ud800",
    iter([1]).__next__,
]
MISSING = [None, UNSET, ""]


def define(id_type: Any = int, **more: Any) -> Any:
    """Return a model with two records."""
    source = make_source()
    return source.define(
        "Thing", {"id": {"type": id_type, "id": True}, "name": str, **more}, strict=True
    )


@pytest.mark.parametrize("value", [*HOSTILE, *MISSING], ids=name_of)
@pytest.mark.parametrize("id_type", [int, str, "any"])
async def test_what_is_no_id_is_refused_everywhere(value: Any, id_type: Any) -> None:
    """An id is one value: operators, lists, nodes and nothing at all raise, and nothing happens."""
    # DAO-012, DAO-020
    model = define(id_type)
    await model.create([{"id": 1, "name": "a"}, {"id": 2, "name": "b"}])
    shelf = shelf_of(model.data_source)
    before = shelf.table("Thing")
    for call in (
        model.find_by_id(value),
        model.exists(value),
        model.destroy_by_id(value),
        model.delete_by_id(value),
        model.replace_by_id(value, {"name": "x"}),
        model.find_by_ids([1, value]),
    ):
        with pytest.raises(InvalidQueryError) as caught:
            await call
        assert caught.value.code == "INVALID_ID"
        assert caught.value.status_code == 400
    assert shelf.table("Thing") == before


@pytest.mark.parametrize("value", [{"neq": 1}, {"inq": [1]}, [1], {"id": 1}], ids=name_of)
async def test_what_is_no_id_is_refused_inside_data(value: Any) -> None:
    """Upserts take no operator for an id either."""
    # DAO-020
    model = define()
    await model.create([{"id": 1}, {"id": 2}])
    for call in (model.update_or_create, model.replace_or_create):
        with pytest.raises(InvalidQueryError) as caught:
            await call({"id": value, "name": "x"})
        assert caught.value.code == "INVALID_ID"
    assert all("name" not in row for row in shelf_of(model.data_source).table("Thing"))


async def test_zero_is_an_id() -> None:
    """0 is an id like any other."""
    # DAO-012, DAO-031
    model = define()
    record = await model.create(id=0, name="zero")
    assert record.id == 0
    assert (await model.find_by_id(0)).name == "zero"
    assert await model.exists(0)
    assert (await model.update_or_create({"id": 0, "name": "nil"})).name == "nil"
    assert await model.destroy_by_id(0) == {"count": 1}


@pytest.mark.parametrize(
    ("id_type", "stored", "asked"),
    [
        (int, 1, "1"),
        (int, 1, 1.0),
        (int, 1, decimal.Decimal(1)),
        (str, "1", 1),
        ("number", 1, "1"),
        ("date", "2020-01-02", dt.datetime(2020, 1, 2, tzinfo=dt.UTC)),
        ("any", "a b", "a b"),
        (str, "é", "é"),
        (str, "a'; drop table x", "a'; drop table x"),
    ],
)
async def test_ids_are_coerced_to_their_type(id_type: Any, stored: Any, asked: Any) -> None:
    """An id is found in whatever form the caller has it."""
    # DAO-028
    model = define(id_type)
    await model.create(id=stored, name="x")
    for found in (await model.find_by_id(asked), (await model.find_by_ids([asked]))[0]):
        assert found.name == "x"
    assert await model.exists(asked)
    assert await model.destroy_by_id(asked) == {"count": 1}


async def test_an_id_of_another_kind_finds_nothing() -> None:
    """An id that the type cannot even read is an answer or an error, never another record."""
    model = define()
    await model.create(id=1)
    for odd in ("xyz", 1.5, True, "1 or 1=1", str(uuid.uuid4()), b"1"):
        try:
            assert await model.find_by_id(odd) is None
            assert await model.destroy_by_id(odd) == {"count": 0}
        except InvalidQueryError as error:
            assert error.code == "INVALID_ID"  # noqa: PT017  both outcomes are right
    assert await model.count() == 1


class Vague(ValueType):
    """A type that can make nothing of any condition."""

    name = "vague"

    def condition(self, operand: Any) -> Any:
        """Return None for whatever is asked."""


def test_an_id_that_its_type_makes_nothing_of_is_refused() -> None:
    """A condition for null would find every record without id, so it is never made."""
    # DAO-130
    shape = Shape("f", [Property("id", Vague(), id=1)])
    with pytest.raises(InvalidQueryError) as caught:
        by_id(shape, "x", "Thing")
    assert caught.value.code == "INVALID_ID"


async def test_composite_ids_are_addressed_by_all_their_parts() -> None:
    """A composite id is a mapping of exactly its parts, each of which is one value."""
    # DAO-020, DAO-032
    source = make_source()
    model = source.define(
        "Seat",
        {"row": {"type": int, "id": 1}, "number": {"type": int, "id": 2}, "who": str},
    )
    await model.create([{"row": 1, "number": n, "who": str(n)} for n in (1, 2, 3)])
    assert (await model.find_by_id({"row": "1", "number": 2})).who == "2"
    keys = [{"row": 1, "number": 3}, {"row": 1, "number": 1}, {"row": 9, "number": 9}]
    assert [seat.who for seat in await model.find_by_ids(keys)] == ["3", "1"]
    for bad in (
        1,
        {"row": 1},
        {"row": 1, "number": None},
        {"row": 1, "number": {"gt": 0}},
        {"row": 1, "number": 2, "who": "2"},
        {"and": [], "row": 1},
    ):
        with pytest.raises(InvalidQueryError) as caught:
            await model.destroy_by_id(bad)
        assert caught.value.code == "INVALID_ID"
    seat = await model.find_by_id({"row": 1, "number": 2})
    assert await seat.destroy() == {"count": 1}
    assert [row["number"] for row in shelf_of(source).table("Seat")] == [1, 3]
    seat = await model.update_or_create({"row": 1, "number": 3, "who": "x"})
    assert (await seat.update_attributes({"who": "y", "row": 1})).who == "y"
    with pytest.raises(InvalidValueError):
        await seat.update_attributes({"number": 4})
    assert (await model.replace_by_id({"row": 1, "number": 3}, {"who": "z"})).number == 3


async def test_models_without_a_key_say_so() -> None:
    """What needs a primary key raises without one; everything else works."""
    # DAO-011
    source = make_source()
    model = source.define("Log", {"text": str}, id_injection=False)
    record = await model.create(text="a")
    for call in (
        model.find_by_id(1),
        model.find_by_ids([1]),
        model.find_by_ids([]),
        model.exists(1),
        model.destroy_by_id(1),
        model.replace_by_id(1, {}),
        record.save(),
        record.destroy(),
        record.update_attributes({"text": "b"}),
        record.update_attribute("text", "b"),
        record.replace_attributes({"text": "b"}),
        record.reload(),
    ):
        with pytest.raises(PKMissingError, match="Log"):
            await call
    await model.update_or_create({"text": "b"})
    assert (await model.find_or_create({"text": "c"}))[1]
    assert await model.update_all({"text": "a"}, {"text": "d"}) == {"count": 1}
    assert sorted(each.text for each in await model.find()) == ["b", "c", "d"]
    assert await model.find_one({"where": {"text": "d"}})
    assert await model.count() == 3
    assert await model.destroy_all({"text": "d"}) == {"count": 1}


async def test_an_instance_without_id_reaches_no_record() -> None:
    """An instance that has no id is never written or deleted by a null key."""
    # DAO-020, DAO-108
    model = define()
    await model.create(id=1)
    record = model(name="x")
    for call in (
        record.destroy(),
        record.update_attributes({"name": "y"}),
        record.replace_attributes({"name": "y"}),
        record.reload(),
    ):
        with pytest.raises(InvalidQueryError) as caught:
            await call
        assert caught.value.code == "INVALID_ID"
    assert await model.count() == 1


async def test_an_instance_loaded_without_its_id_says_so() -> None:
    """An instance whose `fields` left the id out cannot be written, deleted or reloaded."""
    # DAO-097
    model = define()
    await model.create(id=1, name="x")
    record = await model.find_one(fields=["name"])
    for call in (
        record.save(),
        record.destroy(),
        record.update_attributes({"name": "y"}),
        record.replace_attributes({"name": "y"}),
        record.reload(),
    ):
        with pytest.raises(JugglerError) as caught:
            await call
        assert caught.value.code == "PARTIAL_INSTANCE"


async def test_the_id_of_a_stored_record_stays() -> None:
    """A stored record's id takes the same value only, also in another form."""
    # DAO-025, DAO-029, DAO-106
    model = define()
    record = await model.create(id=1)
    record.id = "1"
    with pytest.raises(AttributeError):
        record.id = 2
    assert (await record.update_attributes({"id": "1", "name": "x"})).id == 1
    with pytest.raises(InvalidValueError, match="1 to 2") as caught:
        await record.update_attributes({"id": 2})
    assert caught.value.status_code == 400
