"""Upserts of the same record by many tasks at once, held at the point where all have looked."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from juggler.errors import DuplicateEntryError, NotFoundError, PKMissingError
from juggler.query.changes import inc
from juggler.testing.gate import Gate
from tests.persistence.shelf import shelf_of
from tests.persistence.writes.stores import on_all, open_source

PROPERTIES = {
    "id": {"type": int, "id": True},
    "name": str,
    "age": {"type": int, "default": 18},
    "city": {"type": str, "immutable": True},
}


def scrambled(instance: Any, value: str) -> None:
    """Store a name in a way of its own."""
    instance.set_raw("name", value[::-1])


async def define(source: Any, *, has_setter: bool = False, **settings: Any) -> Any:
    """Return a model, ready for use."""
    model = source.define("Person", PROPERTIES, settings)
    if has_setter:
        model.setter("name")(scrambled)
    await source.autoupdate()
    return model


async def at_once(model: Any, call: Callable[[int], Awaitable[Any]], tasks: int = 5) -> list[Any]:
    """Return what *call* gives to tasks that have all looked before one of them writes."""
    gate = Gate()
    handle = model.observe("before save", lambda _: gate.hold())
    try:
        running = [asyncio.ensure_future(call(number)) for number in range(tasks)]
        await gate.wait_for(tasks)
        gate.open()
        return await asyncio.gather(*running)
    finally:
        handle.remove()


@on_all
@pytest.mark.parametrize("has_setter", [False, True], ids=["plain", "setter"])
async def test_upserts_of_one_id_make_one_record(store: str, has_setter: bool) -> None:
    """However an upsert is carried out, what another task has created meanwhile is changed."""
    # DAO-053, DAO-078
    async with open_source(store) as source:
        model = await define(source, has_setter=has_setter)
        made = await at_once(model, lambda n: model.upsert({"id": 1, "name": "ab", "age": n}))
        (row,) = await model.find()
        assert row.raw("name") == ("ba" if has_setter else "ab")
        assert row.age in range(5)
        assert {(each.id, each.is_new_record()) for each in made} == {(1, False)}


@on_all
async def test_upserts_with_immutable_values_make_one_record(store: str) -> None:
    """The value that the first has given stands; those that give the same change the rest."""
    # DAO-078
    async with open_source(store) as source:
        model = await define(source)
        await at_once(model, lambda n: model.upsert({"id": 1, "city": "Rome", "age": n}))
        (row,) = await model.find()
        assert row.city == "Rome"


@on_all
async def test_upserts_by_a_condition_on_a_key_make_one_record(store: str) -> None:
    """On stores that cannot find or create, the key tells who was faster."""
    # DAO-060, DAO-078
    async with open_source(store) as source:
        model = await define(source)
        made = await at_once(
            model, lambda n: model.upsert_with_where({"id": 1}, {"id": 1, "age": n})
        )
        assert await model.count() == 1
        assert {each.id for each in made} == {1}


@on_all
async def test_find_or_create_by_a_key_makes_one_record(store: str) -> None:
    """Where the key is taken meanwhile, theirs is found."""
    # DAO-073, DAO-078
    async with open_source(store) as source:
        model = await define(source)
        made = await at_once(
            model, lambda n: model.find_or_create({"where": {"id": 1}}, {"id": 1, "age": n})
        )
        assert [is_new for _, is_new in made].count(True) == 1
        ages = {record.age for record, _ in made}
        assert ages == {(await model.find_by_id(1)).age}


@on_all
@pytest.mark.parametrize("has_setter", [False, True], ids=["plain", "setter"])
async def test_a_taken_key_of_somebody_else_stays_an_error(store: str, has_setter: bool) -> None:
    """A duplicate that an observer raises after the record is stored is the caller's to see."""
    # DAO-206
    async with open_source(store) as source:
        model = await define(source, has_setter=has_setter)

        told: set[int] = set()

        def fail_once(context: Any) -> None:
            if context.instance.id not in told:
                told.add(context.instance.id)
                raise DuplicateEntryError("Another one is taken.")

        model.observe("after save", fail_once)
        for call in (
            model.upsert({"id": 1, "name": "a"}),
            model.upsert_with_where({"id": 2}, {"id": 2, "name": "a"}),
            model.find_or_create({"where": {"id": 3}}, {"id": 3, "name": "a"}),
        ):
            with pytest.raises(DuplicateEntryError, match="Another"):
                await call
        assert [each.raw("name") for each in await model.find()] == ["a"] * 3


async def test_an_upsert_that_no_setter_concerns_is_one_call() -> None:
    """A model with setters is asked about first only where one of them has something to do."""
    # DAO-052, DAO-122
    async with open_source("shelf") as source:
        model = await define(source, has_setter=True)
        await model.upsert({"id": 1, "age": 3})
        assert shelf_of(source).asked == ["update_or_create"]
        await model.upsert({"id": 1, "name": "ab"})
        assert shelf_of(source).asked == ["update_or_create", "all", "update"]
        assert (await model.find_by_id(1)).raw("name") == "ba"


# without a primary key ------------------------------------------------------------------------


async def keyless(source: Any) -> Any:
    """Return a model without primary key, and some records."""
    properties = {"name": str, "age": int, "born": "date", "tags": [str], "home": {"city": str}}
    model = source.define("Visit", properties, {"id_injection": False, "strict": True})
    await source.autoupdate()
    await model.create({"name": "Ada", "age": 3, "born": "2020-01-01", "tags": ["a"]})
    await model.create({"name": "Bea", "home": {"city": "Rome"}})
    return model


@on_all
async def test_a_record_without_key_is_found_by_its_condition(store: str) -> None:
    """What matches is patched, what does not exist created, and nothing else is touched."""
    # DAO-011, DAO-056
    async with open_source(store) as source:
        model = await keyless(source)
        found = await model.upsert_with_where({"name": "Ada"}, {"age": 4, "name": "Ann"})
        assert (found.name, found.age, found.tags) == ("Ann", 4, ["a"])
        made = await model.upsert_with_where({"name": "Ada"}, {"name": "Ada", "age": 5})
        assert made.name == "Ada"
        rows = {each.name: each.age for each in await model.find()}
        assert rows == {"Ann": 4, "Bea": None, "Ada": 5}
        with pytest.raises(PKMissingError):
            await model.upsert_with_where({"name": "Ada"}, {"age": inc(1)})


@on_all
async def test_a_record_without_key_that_changed_meanwhile_is_left_alone(store: str) -> None:
    """All its values are its address: another record that comes to match is not changed."""
    # DAO-056
    async with open_source(store) as source:
        model = await keyless(source)

        async def disturb(context: Any) -> None:
            await model.create({"name": "Ada", "age": 7}, {"notify": False})

        model.observe("before save", disturb)
        await model.upsert_with_where({"name": "Ada"}, {"age": 4})
        ages = [each.age for each in await model.find({"where": {"name": "Ada"}})]
        assert sorted(ages) == [4, 7]
        model.clear_observers("before save")

        async def change(context: Any) -> None:
            await model.update_all({"name": "Bea"}, {"age": 9}, {"notify": False})

        model.observe("before save", change)
        with pytest.raises(NotFoundError):
            await model.upsert_with_where({"name": "Bea"}, {"age": 4})
        assert (await model.find_one({"where": {"name": "Bea"}})).age == 9
