"""Optimistic locking by a property that is marked as the version."""

import asyncio
from typing import Any

import pytest

from juggler.errors import DefinitionError, InvalidValueError, JugglerError, VersionConflictError
from juggler.facade.default import ModelRegistry
from juggler.query.nodes import EVERYTHING
from juggler.testing.gate import Gate
from tests.persistence.shelf import make_source, shelf_of
from tests.persistence.writes.stores import on_every_store, open_source

PROPERTIES = {
    "id": {"type": "number", "id": True},
    "name": str,
    "age": "number",
    "rev": {"type": "integer", "version": True},
}


async def define(source: Any) -> Any:
    """Return a model with one record."""
    model = source.define("Person", PROPERTIES, {"force_id": False})
    await source.autoupdate()
    await model.create(id=1, name="Ada", age=36)
    return model


@on_every_store
async def test_every_write_counts_the_version_up(store: str) -> None:
    """It begins at 1; saves, patches, replacements, upserts and bulk writes add 1 each."""
    # DAO-119
    async with open_source(store) as source:
        model = await define(source)
        ada = await model.find_one()
        assert ada.rev == 1
        ada.name = "Bea"
        await ada.save()
        await ada.update_attributes({"age": 3})
        assert ada.rev == 3
        ada = await ada.replace_attributes({"name": "Cy"})
        assert ada.rev == 4
        await model.replace_by_id(1, {"name": "Di"})
        await model.update_or_create({"id": 1, "age": 4})
        await model.upsert_with_where({"id": 1}, {"age": 5})
        await model.update_all({}, {"age": 6})
        await model.replace_or_create({"id": 1, "name": "Em"})
        assert (await model.bulk_upsert([{"id": 1, "age": 7}, {"id": 2}]))[0].rev == 10
        assert [each.rev for each in await model.find()] == [10, 1]
        assert [each.rev for each in await model.create_all([{"id": 3}, {"id": 4}])] == [1, 1]


@on_every_store
@pytest.mark.parametrize(
    "write",
    [
        lambda stale: stale.save(),
        lambda stale: stale.update_attributes({"age": 9}),
        lambda stale: stale.replace_attributes({"name": "Zoe"}),
        lambda stale: stale.destroy(),
    ],
)
async def test_who_is_late_is_told(store: str, write: Any) -> None:
    """A write through an instance that somebody else has overtaken changes nothing: 409."""
    # DAO-119
    async with open_source(store) as source:
        model = await define(source)
        stale, fresh = await model.find_one(), await model.find_one()
        await fresh.update_attributes({"name": "Bea"})
        with pytest.raises(VersionConflictError) as caught:
            await write(stale)
        error = caught.value
        assert (error.code, error.status_code, error.value) == ("VERSION_CONFLICT", 409, 1)
        assert (error.model, error.property) == ("Person", "rev")
        found = await model.find_one()
        assert (found.name, found.age, found.rev) == ("Bea", 36, 2)
        assert (stale.rev, stale.is_destroyed()) == (1, False)
        await stale.reload()
        await write(stale)


@on_every_store
async def test_a_version_in_the_data_is_what_is_expected(store: str) -> None:
    """Clients that send the version they saw are checked as instances are."""
    # DAO-119
    async with open_source(store) as source:
        model = await define(source)
        ada = await model.find_one()
        await ada.update_attributes({"name": "Bea", "rev": "1"})
        await model.replace_by_id(1, {"name": "Cy", "rev": 2})
        await model.update_or_create({"id": 1, "name": "Di", "rev": 3})
        for call in (
            ada.update_attributes({"name": "x", "rev": 1}),
            model.replace_by_id(1, {"name": "x", "rev": 1}),
            model.update_or_create({"id": 1, "name": "x", "rev": 1}),
        ):
            with pytest.raises(VersionConflictError):
                await call
        with pytest.raises(InvalidValueError, match="version"):
            await ada.update_attributes({"rev": "x"})
        with pytest.raises(InvalidValueError, match="by itself"):
            await model.update_all({}, {"rev": 9})
        assert [(each.name, each.rev) for each in await model.find()] == [("Di", 4)]


@on_every_store
async def test_a_record_that_is_gone_is_not_made_again(store: str) -> None:
    """Where the model has versions, saving what somebody deleted is a conflict."""
    # DAO-101, DAO-119
    async with open_source(store) as source:
        model = await define(source)
        ada = await model.find_one()
        await model.destroy_by_id(1)
        with pytest.raises(VersionConflictError):
            await ada.save()
        assert await model.count() == 0
        assert await ada.destroy() == {"count": 0}


async def test_of_two_at_once_one_wins() -> None:
    """Two tasks that hold one version: both read it, one writes, the other is told."""
    # DAO-119
    source = make_source()
    model = await define(source)
    records = [await model.find_one() for _ in range(2)]
    shelf = shelf_of(source)
    shelf.gate = Gate()
    tasks = [asyncio.ensure_future(each.update_attributes({"name": "b"})) for each in records]
    await shelf.gate.wait_for(2)
    shelf.gate.open()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert sorted(isinstance(each, VersionConflictError) for each in done) == [False, True]
    assert sorted(isinstance(each, model) for each in done) == [False, True]
    assert shelf.table("Person")[0]["rev"] == 2


@on_every_store
async def test_records_without_a_version_get_one(store: str) -> None:
    """A record from before there were versions is expected to have none, and gets the first."""
    # DAO-119
    async with open_source(store) as source:
        model = await define(source)
        await source.connector.update(model.info, EVERYTHING, {"rev": None}, {})
        ada = await model.find_one()
        await ada.update_attributes({"age": 1})
        assert ada.rev == 1


async def test_a_part_of_a_record_has_to_have_the_version() -> None:
    """An instance that was loaded without its version cannot be checked."""
    # DAO-097, DAO-119
    model = await define(make_source())
    part = await model.find_one(fields=["id", "name"])
    with pytest.raises(JugglerError) as caught:
        await part.save()
    assert caught.value.code == "PARTIAL_INSTANCE"
    part = await model.find_one(fields=["id", "rev"])
    await part.update_attributes({"name": "Bea"})
    assert part.rev == 2


async def test_only_one_number_can_be_the_version() -> None:
    """Two versions, an id or text as version are mistakes."""
    # DAO-119
    registry = ModelRegistry()
    for name, extra in (
        ("Two", {"other": {"type": "number", "version": True}, **PROPERTIES}),
        ("Worded", {"rev": {"type": str, "version": True}}),
    ):
        with pytest.raises(DefinitionError, match="version"):
            await make_source(registry).define(name, extra).create()
