"""Reading: find, find_one, find_by_id(s), exists, count, reload."""

import datetime as dt
from typing import Any

import pytest

from juggler import UNSET
from juggler.errors import InvalidQueryError, NotFoundError
from juggler.query.parse import parse_filter
from tests.persistence.shelf import make_source, shelf_of

PROPERTIES = {
    "id": {"type": int, "id": True},
    "name": str,
    "age": {"type": int, "default": 18},
    "born": "date",
    "home": {"city": str},
}


@pytest.fixture
def person() -> Any:
    """A model with four records."""
    model = make_source().define("Person", PROPERTIES)
    shelf_of(model.data_source).rows["Person"] = {
        n: {"id": n, "name": name, "age": 10 * n, "home": {"city": "Rome"}}
        for n, name in enumerate(["Ada", "Bea", "Cleo", "Dora"], start=1)
    }
    return model


async def test_find_gives_loaded_instances(person: Any) -> None:
    """Found records are instances that are neither new nor changed, embedded ones included."""
    # DAO-021, DAO-082
    (ada, *rest) = await person.find()
    assert isinstance(ada, person)
    assert not ada.is_new_record()
    assert ada.changed() == []
    assert ada.home.city == "Rome"
    assert [each.id for each in rest] == [2, 3, 4]


async def test_defaults_are_not_filled_in_by_reads(person: Any) -> None:
    """A value that the store lacks stays missing, though the model has a default by now."""
    # DAO-082
    shelf_of(person.data_source).rows["Person"] = {1: {"id": 1, "name": "Ada"}}
    found = await person.find_by_id(1)
    assert found.age is None
    assert not found.is_set("age")


async def test_filters_are_mappings_keywords_or_nodes(person: Any) -> None:
    """A filter is a mapping or keywords or both, keywords winning; or parsed before."""
    # DAO-007, DAO-138
    assert len(await person.find()) == 4
    assert len(await person.find(None)) == 4
    assert [each.id for each in await person.find({"limit": 2, "order": "id DESC"})] == [4, 3]
    assert [each.id for each in await person.find({"limit": 2, "skip": 2}, limit=1)] == [3]
    assert [each.id for each in await person.find(where={"age": {"gt": "20"}})] == [3, 4]
    parsed = parse_filter({"where": {"name": {"like": "_ea"}}})
    assert [each.id for each in await person.find(parsed)] == [2]
    assert [each.id for each in await person.all(where={"id": {"inq": ["1", 3]}})] == [1, 3]


@pytest.mark.parametrize("bad", ["x", [1], 5, True, {1}, UNSET], ids=repr)
async def test_a_filter_that_is_no_mapping_is_a_mistake(person: Any, bad: Any) -> None:
    """Filters and conditions that are no mappings raise TypeError and name the argument."""
    # DAO-002, DAO-138
    for call in (person.find(bad), person.find_one(bad), person.find_by_id(1, bad)):
        with pytest.raises(TypeError, match="filter"):
            await call
    for call in (person.count(bad), person.destroy_all(bad), person.update_all(bad, {})):
        if bad is UNSET:
            call.close()
            continue
        with pytest.raises(TypeError, match="where"):
            await call


@pytest.mark.parametrize(
    ("clauses", "path"),
    [
        ({"wher": {}}, "wher"),
        ({"limits": 1}, "limits"),
        ({"filter": {}}, "filter"),
        ({"where": "x"}, "where"),
        ({"where": {"age": {"above": 1}}}, "where.age"),
        ({"order": 5}, "order"),
        ({"limit": -1}, "limit"),
        ({"where": {"born": "no date"}}, "where.born"),
    ],
    ids=repr,
)
async def test_what_is_not_understood_is_named(person: Any, clauses: Any, path: str) -> None:
    """A clause that is not understood is an error that names it."""
    # DAO-138
    with pytest.raises(InvalidQueryError) as caught:
        await person.find(**clauses)
    assert caught.value.status_code == 400
    assert str(caught.value.path).startswith(path)


async def test_find_one_gives_the_first_or_none(person: Any) -> None:
    """`find_one` answers the first record of the query."""
    # DAO-085
    assert (await person.find_one(order="age DESC")).id == 4
    assert (await person.find_one({"limit": 3, "skip": 1})).id == 2
    assert await person.find_one(where={"name": "Zoe"}) is None
    assert [limit for _, query in shelf_of(person.data_source).seen for limit in [query.limit]] == [
        1,
        1,
        1,
    ]


async def test_find_by_id_takes_fields_and_where(person: Any) -> None:
    """Beside the id, `fields` and `where` count; paging and order would mean nothing."""
    # DAO-086, DAO-095
    assert (await person.find_by_id(1)).name == "Ada"
    assert await person.find_by_id(9) is None
    found = await person.find_by_id(1, {"fields": ["name"]})
    assert found.to_dict() == {"name": "Ada"}
    assert await person.find_by_id(1, {"where": {"age": {"gt": 50}}}) is None
    assert (await person.find_by_id(1, where={"age": 10})).id == 1
    for clauses in ({"limit": 1}, {"skip": 1}, {"order": "id"}, {"offset": 2}):
        with pytest.raises(InvalidQueryError):
            await person.find_by_id(1, clauses)


async def test_find_by_id_asks_the_store_once_and_for_one(person: Any) -> None:
    """A look-up by id is one call of the connector, limited to one row."""
    await person.find_by_id("2")
    ((method, query),) = shelf_of(person.data_source).seen
    assert method == "all"
    assert (query.limit, query.where.value) == (1, 2)


@pytest.mark.parametrize(
    ("ids", "filter", "expected"),
    [
        ([3, 1], None, [3, 1]),
        ([], None, []),
        ([3, "1", 3, 1.0, 99], None, [3, 1]),
        ([4, 3, 2, 1], {"where": {"age": {"lt": 35}}}, [3, 2, 1]),
        ([4, 3, 2, 1], {"limit": 2}, [4, 3]),
        ([4, 3, 2, 1], {"limit": 2, "skip": 1}, [3, 2]),
        ([99, 4, 1], {"limit": 1}, [4]),
        ([3, 1, 2], {"order": "id ASC"}, [1, 2, 3]),
        ([3, 1, 2], {"order": "id DESC", "limit": 2}, [3, 2]),
        ([2], {"limit": 0}, []),
        (("2",), {}, [2]),
    ],
)
async def test_find_by_ids_follows_the_ids(
    person: Any, ids: Any, filter: Any, expected: list[int]
) -> None:
    """Without an order results follow the ids, each once; paging counts in that order."""
    # DAO-087, DAO-096
    assert [each.id for each in await person.find_by_ids(ids, filter)] == expected


async def test_find_by_ids_with_fields_needs_no_id(person: Any) -> None:
    """The order of the ids is kept though the id is not among the fields."""
    # DAO-087
    found = await person.find_by_ids([3, 1], fields=["name"])
    assert [each.to_dict() for each in found] == [{"name": "Cleo"}, {"name": "Ada"}]


async def test_find_by_ids_without_ids_asks_nobody(person: Any) -> None:
    """An empty list is answered without the store; what is no list is a mistake."""
    # DAO-087
    assert await person.find_by_ids([]) == []
    assert shelf_of(person.data_source).asked == []
    for bad in (None, 1, "1", {1}, {"0": 1}):
        with pytest.raises(TypeError, match="ids"):
            await person.find_by_ids(bad)


async def test_fields_choose_what_is_loaded(person: Any) -> None:
    """Properties that were not asked for read as missing."""
    # DAO-145, DAO-146
    found = await person.find_one(fields={"name": True, "id": True})
    assert found.to_dict() == {"id": 1, "name": "Ada"}
    assert found.age is None
    found = await person.find_one(fields={"home": False, "born": False})
    assert found.to_dict() == {"id": 1, "name": "Ada", "age": 10}


async def test_exists_and_count(person: Any) -> None:
    """`exists` tells of one id, `count` how many match."""
    # DAO-088, DAO-089
    assert await person.exists(1) is True
    assert await person.exists("9") is False
    assert await person.count() == 4
    assert await person.count({"age": {"between": ["20", 30]}}) == 2
    assert await person.count({}) == 4


async def test_reload_refreshes_the_instance(person: Any) -> None:
    """`reload` reads the record into the instance itself; unsaved changes are lost."""
    # DAO-090, DAO-098
    ada = await person.find_by_id(1)
    await person.update_all({"id": 1}, {"name": "Ann", "home": {"city": "Oslo"}})
    ada.name, ada.age = "mine", None
    assert await ada.reload() is ada
    assert (ada.name, ada.age, ada.home.city) == ("Ann", 10, "Oslo")
    assert ada.changed() == []
    partial = await person.find_by_id(1, {"fields": ["id"]})
    assert (await partial.reload()).name == "Ann"
    partial.name = "Amy"
    await partial.save()
    assert shelf_of(person.data_source).rows["Person"][1]["age"] == 10


async def test_reloading_what_is_gone(person: Any) -> None:
    """A record that is gone is an error, or None where that is said to be all right."""
    # DAO-098
    ada = await person.find_by_id(1)
    await person.destroy_by_id(1)
    with pytest.raises(NotFoundError) as caught:
        await ada.reload()
    assert (caught.value.code, caught.value.status_code) == ("NOT_FOUND", 404)
    assert await ada.reload(missing_ok=True) is None
    assert ada.name == "Ada"


async def test_an_error_while_building_an_instance_rejects_the_find(person: Any) -> None:
    """A "loaded" observer that makes a row impossible ends the whole find."""
    # DAO-094
    person.observe("loaded", lambda context: context.data.update(home=5, born=object()))
    person.observe("loaded", lambda context: 1 / 0 if context.data["id"] == 3 else None)
    with pytest.raises(ZeroDivisionError):
        await person.find()


async def test_dates_are_coerced_in_conditions(person: Any) -> None:
    """A condition on a date takes text; what is no date is an error with its code."""
    # DAO-115, DAO-175
    await person.create(id=7, born="2020-02-03")
    found = await person.find(where={"born": {"gte": "2020-02-03T00:00:00Z"}})
    assert [each.born for each in found] == [dt.datetime(2020, 2, 3, tzinfo=dt.UTC)]
