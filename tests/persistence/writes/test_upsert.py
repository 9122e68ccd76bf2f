"""Upserts, replacements and find_or_create."""

import asyncio
from typing import Any

import pytest

from juggler.errors import (
    DuplicateEntryError,
    InvalidQueryError,
    InvalidValueError,
    NotFoundError,
    ValidationError,
)
from tests.persistence.shelf import ALL, BOTH, make_source, rows_of, shelf_of


def define(capabilities: frozenset[str] = ALL, *, generated: bool = False, **settings: Any) -> Any:
    """Return a model with one record."""
    properties = {
        "id": {"type": int, "id": True, "generated": generated},
        "name": {"type": str, "required": True},
        "age": {"type": int, "default": 18},
        "note": str,
    }
    model = make_source(capabilities=capabilities).define("Person", properties, settings)
    shelf_of(model.data_source).rows["Person"] = {1: {"id": 1, "name": "Ada", "note": "n"}}
    return model


# update_or_create -----------------------------------------------------------------------------


@BOTH
async def test_an_upsert_patches_what_is_there(capabilities: frozenset[str]) -> None:
    """The record keeps what was not given, and gets no defaults; the result shows all of it."""
    # DAO-052, DAO-054, DAO-076
    model = define(capabilities)
    found = await model.update_or_create({"id": "1", "name": "Ann"})
    assert found.to_dict() == {"id": 1, "name": "Ann", "note": "n"}
    assert not found.is_new_record()
    assert rows_of(model) == [{"id": 1, "name": "Ann", "note": "n"}]
    found.note = "m"
    await found.save()
    assert rows_of(model)[0]["note"] == "m"


@BOTH
async def test_an_upsert_creates_what_is_not(capabilities: frozenset[str]) -> None:
    """A new record gets defaults and the values that are for new records only."""
    # DAO-052, DAO-053, DAO-076
    model = define(capabilities)
    options = {"set_on_insert": {"note": "new", "name": "unused"}}
    found = await model.upsert({"id": 5, "name": "Eve"}, options)
    assert found.to_dict() == {"id": 5, "name": "Eve", "age": 18, "note": "new"}
    assert rows_of(model)[1] == {"id": 5, "name": "Eve", "age": 18, "note": "new"}
    found = await model.patch_or_create({"id": 1, "age": 3}, options)
    assert found.to_dict() == {"id": 1, "name": "Ada", "age": 3, "note": "n"}


@BOTH
@pytest.mark.parametrize("where", [{"id": 1}, {"id": 9}])
async def test_values_for_a_new_record_are_a_mapping(
    capabilities: frozenset[str], where: dict[str, int]
) -> None:
    """Whether there is going to be a new record or not, what is no mapping is refused."""
    # DAO-076, DAO-002
    model = define(capabilities)
    options = {"set_on_insert": [("age", 5)]}
    calls: list[Any] = [
        lambda: model.update_or_create({**where, "name": "Eve"}, options),
        lambda: model.upsert_with_where(where, {"name": "Eve"}, options),
    ]
    for call in calls:
        with pytest.raises(TypeError, match="set_on_insert is a mapping of values, not list"):
            await call()
    assert [row["name"] for row in rows_of(model)] == ["Ada"]


@BOTH
async def test_an_upsert_is_validated_as_what_is_stored(capabilities: frozenset[str]) -> None:
    """A patch need not repeat what is required; a new record must have it."""
    # DAO-077
    model = define(capabilities)
    assert (await model.update_or_create({"id": 1, "age": 5})).age == 5
    with pytest.raises(ValidationError):
        await model.update_or_create({"id": 1, "name": ""})
    with pytest.raises(ValidationError):
        await model.update_or_create({"id": 9, "age": 5})
    await model.update_or_create({"id": 9, "age": 5}, {"validate": False})
    assert [row["id"] for row in rows_of(model)] == [1, 9]
    assert rows_of(model)[0]["name"] == "Ada"


@pytest.mark.parametrize(
    ("settings", "options", "is_checked"),
    [
        ({}, {}, True),
        ({"validate_upsert": False}, {}, False),
        ({"validate_upsert": False}, {"validate": True}, True),
        ({"validate_upsert": True, "automatic_validation": False}, {}, True),
        ({"automatic_validation": False}, {}, False),
    ],
)
@BOTH
async def test_validation_of_upserts_has_a_switch_of_its_own(
    settings: Any, options: Any, is_checked: bool, capabilities: frozenset[str]
) -> None:
    """Option, `validate_upsert`, `automatic_validation`: the first that is set counts."""
    # DAO-134
    model = define(capabilities, **settings)
    if is_checked:
        with pytest.raises(ValidationError):
            await model.update_or_create({"id": 1, "name": ""}, options)
    else:
        await model.update_or_create({"id": 1, "name": ""}, options)


@BOTH
async def test_an_upsert_without_id_creates(capabilities: frozenset[str]) -> None:
    """Without id, or with None, an upsert is a create; a list is refused."""
    # DAO-049, DAO-050
    model = define(capabilities)
    assert (await model.update_or_create({"name": "b"})).id == 2
    assert (await model.update_or_create({"id": None, "name": "c"})).id == 3
    assert (await model.replace_or_create({"name": "d"})).id == 4
    with pytest.raises(TypeError, match="bulk"):
        await model.update_or_create([{"name": "x"}])


@BOTH
async def test_with_force_id_an_upsert_never_inserts(capabilities: frozenset[str]) -> None:
    """Where the store makes the ids, an unknown id is a 404; a known one is patched."""
    # DAO-024, DAO-051, DAO-063
    model = define(capabilities, generated=True)
    assert (await model.update_or_create({"id": 1, "note": "x"})).note == "x"
    assert (await model.replace_or_create({"id": 1, "name": "y"})).note is None
    for call in (model.update_or_create, model.replace_or_create):
        with pytest.raises(NotFoundError, match="7"):
            await call({"id": 7, "name": "x"})
    assert len(rows_of(model)) == 1


async def test_an_instance_can_be_upserted() -> None:
    """An instance gives its values."""
    # DAO-002
    model = define()
    assert (await model.update_or_create(model(id=1, name="Ann"))).note == "n"


# upsert_with_where ------------------------------------------------------------------------------


@BOTH
async def test_upsert_with_where_writes_one_record(capabilities: frozenset[str]) -> None:
    """None matches: created; one: patched; more: an error and nothing is changed."""
    # DAO-056, DAO-057, DAO-058, DAO-060
    model = define(capabilities)
    made = await model.upsert_with_where({"name": "Bea"}, {"id": 2, "name": "Bob"})
    assert made.to_dict() == {"id": 2, "name": "Bob", "age": 18}
    found = await model.patch_or_create_with_where({"name": "Bob"}, {"note": "x"})
    assert (found.id, found.note, found.name) == (2, "x", "Bob")
    before = [dict(row) for row in rows_of(model)]
    with pytest.raises(InvalidQueryError) as caught:
        await model.upsert_with_where({"id": {"gt": 0}}, {"note": "y"})
    assert caught.value.status_code == 400
    empties: list[Any] = [{}, None]
    for empty in empties:
        with pytest.raises((InvalidValueError, TypeError)):
            await model.upsert_with_where({"id": 1}, empty)
    with pytest.raises(InvalidValueError):
        await model.upsert_with_where({"id": 1}, {"id": 2})
    assert rows_of(model) == before


# replace ------------------------------------------------------------------------------------


@BOTH
async def test_replacing_leaves_nothing_of_the_old(capabilities: frozenset[str]) -> None:
    """What is not given is missing or has its default, in the store and on the result."""
    # DAO-062, DAO-065
    model = define(capabilities)
    for call in (
        model.replace_by_id("1", {"name": "Ann"}),
        model.replace_or_create({"id": 1, "name": "Ann"}),
    ):
        shelf_of(model.data_source).rows["Person"][1]["note"] = "old"
        found = await call
        assert found.to_dict() == {"id": 1, "name": "Ann", "age": 18}
        assert not found.is_new_record()
        assert rows_of(model) == [{"id": 1, "name": "Ann", "age": 18}]


@BOTH
async def test_replace_or_create_creates(capabilities: frozenset[str]) -> None:
    """An id that is free is taken."""
    # DAO-062, DAO-064
    model = define(capabilities)
    made = await model.replace_or_create({"id": 5, "name": "Eve"})
    assert made.to_dict() == {"id": 5, "name": "Eve", "age": 18}
    assert len(rows_of(model)) == 2


@BOTH
async def test_a_replacement_that_an_observer_narrowed_creates_nothing(
    capabilities: frozenset[str],
) -> None:
    """What is not replaced because an observer asks for more than its id is not made anew."""
    # DAO-064, DAO-223
    model = define(capabilities)

    def narrow(context: Any) -> None:
        context.where = {"id": context.where["id"], "note": "other"}

    model.observe("persist", narrow)
    for id_ in (1, 2):
        with pytest.raises(NotFoundError):
            await model.replace_or_create({"id": id_, "name": "Eve"})
    assert rows_of(model) == [{"id": 1, "name": "Ada", "note": "n"}]


async def test_replace_by_id_needs_the_record_and_its_id() -> None:
    """No record is a 404; another id in the data a 400; the same id in another form is fine."""
    # DAO-065, DAO-066
    model = define()
    with pytest.raises(NotFoundError, match="9"):
        await model.replace_by_id(9, {"name": "x"})
    with pytest.raises(InvalidValueError, match="1 to 2") as caught:
        await model.replace_by_id(1, {"id": 2, "name": "x"})
    assert caught.value.status_code == 400
    assert (await model.replace_by_id(1, {"id": "1", "name": "x"})).id == 1
    with pytest.raises(ValidationError):
        await model.replace_by_id(1, {"note": "x"})
    assert rows_of(model)[0]["name"] == "x"


async def test_replace_attributes_gives_a_new_instance() -> None:
    """The instance it is called on stays as it is."""
    # DAO-069
    model = define()
    ada = await model.find_by_id(1)
    other = await ada.replace_attributes({"name": "Ann"})
    assert other is not ada
    assert (ada.name, ada.note) == ("Ada", "n")
    assert other.to_dict() == {"id": 1, "name": "Ann", "age": 18}


# find_or_create -------------------------------------------------------------------------------


@BOTH
async def test_find_or_create_finds(capabilities: frozenset[str]) -> None:
    """What is there is returned untouched, with the clauses of the filter."""
    # DAO-070, DAO-071, DAO-080
    model = define(capabilities)
    found, is_new = await model.find_or_create({"where": {"name": "Ada"}}, {"age": 1})
    assert (found.to_dict(), is_new) == ({"id": 1, "name": "Ada", "note": "n"}, False)
    found, _ = await model.find_or_create({"where": {"id": "1"}, "fields": ["name"]}, {})
    assert found.to_dict() == {"name": "Ada"}
    assert (await model.find_or_create({"name": "Ada"}))[1] is False
    await model.create(id=2, name="Bea")
    found, _ = await model.find_or_create({"order": "id DESC", "limit": 5}, {})
    assert found.id == 2
    assert len(rows_of(model)) == 2


@BOTH
async def test_find_or_create_creates(capabilities: frozenset[str]) -> None:
    """What is not there is validated and created, defaults and all."""
    # DAO-072, DAO-073
    model = define(capabilities)
    made, is_new = await model.find_or_create({"where": {"name": "Eve"}}, {"name": "Eve"})
    assert (made.to_dict(), is_new) == ({"id": 2, "name": "Eve", "age": 18}, True)
    assert not made.is_new_record()
    with pytest.raises(ValidationError):
        await model.find_or_create({"where": {"name": "Fay"}}, {"age": 3})
    made, is_new = await model.find_or_create({"name": "Gil", "age": "4"})
    assert (made.age, is_new) == (4, True)
    made, _ = await model.find_or_create(
        {"where": {"name": "Hal"}, "fields": ["name"]}, {"name": "Hal"}
    )
    assert made.id == 4


async def test_find_or_create_makes_one_however_many_ask() -> None:
    """100 calls at once for the same record create it once."""
    # DAO-074, DAO-078
    model = define()
    await model.data_source.connect()
    done = await asyncio.gather(
        *(model.find_or_create({"where": {"name": "Eve"}}, {"name": "Eve"}) for _ in range(100))
    )
    assert len({each.id for each, _ in done}) == 1
    assert [is_new for _, is_new in done].count(True) == 1
    assert len(rows_of(model)) == 2


async def test_an_upsert_makes_one_however_many_ask() -> None:
    """100 upserts at once of the same id create it once and lose nothing."""
    # DAO-078
    model = define()
    await model.data_source.connect()
    await asyncio.gather(
        *(model.update_or_create({"id": 5, "name": "Eve", f"k{n}": n}) for n in range(100))
    )
    assert len(rows_of(model)) == 2
    assert len(rows_of(model)[1]) == 3 + 100


@BOTH
async def test_every_path_passes_the_callers_options(capabilities: frozenset[str]) -> None:
    """Fallbacks hand on the very options object they were given."""
    # DAO-079
    model = define(capabilities)
    options = {"mine": 1}
    await model.update_or_create({"id": 1, "age": 2}, options)
    await model.update_or_create({"id": 5, "name": "x"}, options)
    await model.upsert_with_where({"id": 5}, {"age": 2}, options)
    await model.replace_or_create({"id": 5, "name": "y"}, options)
    await model.replace_or_create({"id": 6, "name": "y"}, options)
    await model.find_or_create({"where": {"id": 7}}, {"id": 7, "name": "z"}, options)
    assert all(each is options for each in shelf_of(model.data_source).options)


async def test_a_duplicate_is_not_stolen() -> None:
    """An id that belongs to somebody else is an error, not a merge."""
    # DAO-075
    model = define(scope={"where": {"note": "mine"}})
    with pytest.raises(DuplicateEntryError):
        await model.update_or_create({"id": 1, "name": "x"})
    assert rows_of(model) == [{"id": 1, "name": "Ada", "note": "n"}]
