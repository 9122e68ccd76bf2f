"""What users of the original asked for, as they would try it."""

from typing import Any

import pytest

from juggler.errors import (
    DuplicateEntryError,
    InvalidQueryError,
    NotFoundError,
    ValidationError,
)
from tests.persistence.writes.stores import on_every_store, open_source

PROPERTIES = {
    "id": {"type": "number", "id": True},
    "name": {"type": "string", "required": True},
    "age": "number",
    "tenant": "string",
}
ROWS = [
    {"id": n, "name": "abcde"[n - 1], "age": n * 10, "tenant": "xy"[n % 2]} for n in range(1, 6)
]


async def stocked(source: Any, **settings: Any) -> Any:
    """Return a model with five records."""
    model = source.define("Person", PROPERTIES, settings)
    await source.autoupdate()
    await model.create_all([{**row} for row in ROWS], options={"validate": False})
    return model


@on_every_store
@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ({"age": {"gt": 10, "lt": 50}}, [2, 3, 4]),
        ({"age": {"gte": 10, "lte": 50, "neq": 30}}, [1, 2, 4, 5]),
        ({"age": {"gt": 10, "inq": [10, 20, 30], "nin": [20]}}, [3]),
        ({"name": {"like": "%", "nlike": "a", "regexp": "^[a-c]$"}}, [2, 3]),
        ({"age": {"exists": True, "between": [20, 40], "gt": 30}}, [4]),
        ({"or": [{"age": {"gt": 10, "lt": 30}}, {"age": {"gt": 40, "lt": 60}}]}, [2, 5]),
        ({"not": {"age": {"gt": 10, "lt": 50}}}, [1, 5]),
        ({"age": {"gt": 50, "lt": 10}}, []),
    ],
    ids=str,
)
async def test_operators_on_one_property_all_apply(
    store: str, where: dict[str, Any], ids: list[int]
) -> None:
    """Several operators on one property must all hold: for what is read, changed and deleted."""
    # DAO-151, DAO-173, DAO-313
    async with open_source(store) as source:
        model = await stocked(source)
        assert [each.id for each in await model.find(where=where)] == ids
        assert await model.count(where) == len(ids)
        assert await model.update_all(where, {"tenant": "hit"}) == {"count": len(ids)}
        assert [each.id for each in await model.find(where={"tenant": "hit"})] == ids
        assert await model.destroy_all(where) == {"count": len(ids)}
        assert [each.id for each in await model.find()] == [n for n in range(1, 6) if n not in ids]


@on_every_store
async def test_find_by_id_keeps_to_a_condition(store: str) -> None:
    """`find_by_id` with `where` finds the record if it is the caller's, and else nothing."""
    # DAO-095, DAO-319
    async with open_source(store) as source:
        model = await stocked(source)
        mine, theirs = {"where": {"tenant": "y"}}, {"where": {"tenant": "x"}}
        assert (await model.find_by_id(1, mine)).id == 1
        assert await model.find_by_id(1, theirs) is None
        assert await model.find_by_id(1, {"where": {"or": [{"id": 2}, {"id": 3}]}}) is None
        found = await model.find_by_id(1, {**mine, "fields": ["name"]})
        assert found.to_json() == {"name": "a"}
        assert [each.id for each in await model.find_by_ids([1, 2, 3], mine)] == [1, 3]
        for clause in ({"order": "id"}, {"limit": 1}, {"skip": 1}):
            with pytest.raises(InvalidQueryError) as caught:
                await model.find_by_id(1, clause)
            assert caught.value.status_code == 400


@on_every_store
async def test_upserts_validate_what_will_be_stored(store: str) -> None:
    """An upsert is refused if the record would be wrong, and takes a patch that leaves it right."""
    # DAO-077, DAO-322
    async with open_source(store) as source:
        model = await stocked(source)
        patched = await model.update_or_create({"id": 1, "age": 11})
        assert (patched.name, patched.age) == ("a", 11)
        assert (await model.upsert_with_where({"id": 1}, {"age": 12})).name == "a"
        assert [each.age for each in await model.bulk_upsert([{"id": 1, "age": 13}])] == [13]
        for call in (
            model.update_or_create({"id": 1, "name": ""}),
            model.update_or_create({"id": 9, "age": 1}),
            model.upsert_with_where({"id": 1}, {"name": None}),
            model.upsert_with_where({"id": 9}, {"age": 1}),
            model.replace_or_create({"id": 1, "age": 1}),
        ):
            with pytest.raises(ValidationError) as caught:
                await call
            assert caught.value.details["codes"] == {"name": ["presence"]}
        assert (await model.find_by_id(1)).to_json() == {**ROWS[0], "age": 13}
        assert await model.count() == len(ROWS)
        skipped = await model.update_or_create({"id": 1, "name": ""}, {"validate": False})
        assert skipped.name == ""


@on_every_store
async def test_upserts_work_with_forced_ids(store: str) -> None:
    """Where clients must not choose ids, upserts change what is there and create without an id."""
    # DAO-024, DAO-051, DAO-063, DAO-322
    async with open_source(store) as source:
        model = await stocked(source, force_id=True)
        assert (await model.update_or_create({"id": 1, "age": 11})).age == 11
        assert (await model.replace_or_create({"id": 1, "name": "z"})).name == "z"
        made = await model.update_or_create({"name": "new"})
        assert made.id not in range(1, 6)
        for call in (
            model.update_or_create({"id": 99, "name": "q"}),
            model.replace_or_create({"id": 99, "name": "q"}),
        ):
            with pytest.raises(NotFoundError, match="99"):
                await call
        assert await model.count() == len(ROWS) + 1


@on_every_store
async def test_a_refused_call_is_an_exception_that_has_the_instance(store: str) -> None:
    """What went wrong is raised where it is awaited; of an invalid record it has the instance."""
    # DAO-006, DAO-036, DAO-135
    async with open_source(store) as source:
        model = await stocked(source)
        with pytest.raises(ValidationError) as caught:
            await model.create(age=3)
        assert caught.value.instance.age == 3
        assert caught.value.instance.is_new_record()
        record = await model.find_by_id(1)
        with pytest.raises(ValidationError) as caught:
            await record.update_attributes({"name": ""})
        assert caught.value.instance is record
        assert record.name == "a"
        with pytest.raises(DuplicateEntryError):
            await model.create(id=1, name="a")


@on_every_store
async def test_arguments_have_names_and_no_order_to_guess(store: str) -> None:
    """Filters, values and options are told apart by name; what is no argument is refused."""
    # DAO-006, DAO-007
    async with open_source(store) as source:
        model = await stocked(source)
        options: dict[str, Any] = {}
        assert (await model.find_by_id(1, options=options)).id == 1
        assert (await model.find_by_id(id=1, filter=None)).id == 1
        assert [each.id for each in await model.find(limit=1, options=options)] == [1]
        assert options == {}
        with pytest.raises(TypeError):
            await model.find_by_id(1, print)
        with pytest.raises(TypeError):
            await model.find(print)
        with pytest.raises(TypeError):
            await model.count({}, {}, {})


@on_every_store
async def test_embedded_values_of_loaded_records_know_their_owner(store: str) -> None:
    """With `parent_ref`, what is embedded in a record that was read leads back to that record."""
    # DAO-093
    async with open_source(store) as source:
        part = {"label": "string"}
        model = source.define(
            "House",
            {"main": part, "rooms": [part]},
            {"parent_ref": True, "strict": True},
        )
        await source.autoupdate()
        await model.create_all(
            [{"main": {"label": "m"}, "rooms": [{"label": "r"}]}, {"main": {"label": "n"}}]
        )
        first, second = await model.find()
        assert first.main.parent is first
        assert first.rooms.parent is first
        assert first.rooms[0].parent is first
        second.main = first.main
        assert second.main is not first.main
        assert (first.main.parent, second.main.parent) == (first, second)
        await second.save()
        assert [each.main.label for each in await model.find()] == ["m", "m"]
        fresh = await first.reload()
        assert fresh.main.parent is first
        changed = await first.update_attributes({"rooms": [{"label": "s"}]})
        assert changed.rooms[0].parent is first
