"""What observers may change, and what becomes of it."""

import asyncio
from typing import Any

import pytest

from juggler.errors import (
    DuplicateEntryError,
    InvalidValueError,
    NotFoundError,
    ValidationError,
)
from tests.persistence.shelf import ALL, BOTH, make_source, rows_of


def define(capabilities: frozenset[str] = ALL, **settings: Any) -> Any:
    """Return a model on a store that can do no more than *capabilities*."""
    source = make_source(capabilities=capabilities)
    properties = {
        "id": {"type": int, "id": True},
        "name": str,
        "age": int,
        "born": "date",
        "address": {"city": str},
    }
    return source.define("Person", properties, settings)


@BOTH
async def test_before_save_edits_the_instance_that_is_stored(capabilities: frozenset[str]) -> None:
    """Where the context has `instance`, edits of it are validated, stored and returned."""
    # DAO-216
    model = define(capabilities)
    model.observe("before save", lambda context: setattr(context.instance, "age", "41"))
    record = await model.create(id=1)
    assert record.age == 41
    assert rows_of(model)[0]["age"] == 41
    record.age = 1
    await record.save()
    await model.replace_by_id(1, {"name": "Bea"})
    assert rows_of(model) == [{"id": 1, "name": "Bea", "age": 41}]


@BOTH
async def test_before_save_edits_are_validated(capabilities: frozenset[str]) -> None:
    """An observer that breaks the data is told so before anything is stored."""
    # DAO-216
    model = define(capabilities)
    model.validates_numericality_of("age", int=True, allow_null=True)
    await model.create(id=1, age=3)
    model.observe("before save", spoil)
    with pytest.raises(ValidationError):
        await model.create(id=2)
    with pytest.raises(ValidationError):
        await model.update_or_create({"id": 1, "name": "Bea"})
    assert rows_of(model) == [{"id": 1, "age": 3}]


def spoil(context: Any) -> None:
    """Put a bad age in, wherever the data is."""
    if context.instance is not None:
        context.instance.age = "old"
    else:
        context.data["age"] = "old"


@BOTH
async def test_before_save_edits_or_replaces_the_data_of_patches(
    capabilities: frozenset[str],
) -> None:
    """Where the context has `data`, what is left in it is coerced, stored and returned."""
    # DAO-216, DAO-223
    model = define(capabilities)
    record = await model.create(id=1, name="Ada")
    model.observe("before save", lambda context: setattr(context, "data", {"age": "5"}))
    await record.update_attributes({"name": "Bea"})
    assert (record.name, record.age) == ("Ada", 5)
    assert rows_of(model) == [{"id": 1, "name": "Ada", "age": 5}]
    found = await model.update_or_create({"id": 1, "name": "Cleo"})
    assert (found.name, found.age) == ("Ada", 5)


async def test_before_save_of_update_all_may_replace_condition_and_data() -> None:
    """On `update_all` both `where` and `data` are the observer's to change."""
    # DAO-216
    model = define()
    await model.create([{"id": 1}, {"id": 2}])

    def other(context: Any) -> None:
        context.where = {"id": "2"}
        context.data = {"age": "9"}

    model.observe("before save", other)
    assert await model.update_all({"id": 1}, {"age": 1}) == {"count": 1}
    assert rows_of(model) == [{"id": 1}, {"id": 2, "age": 9}]


@BOTH
async def test_a_patch_keeps_its_record_whatever_observers_do_to_where(
    capabilities: frozenset[str],
) -> None:
    """In writes by id `where` can only be narrowed; another condition finds nothing there."""
    # DAO-223
    model = define(capabilities)
    record = await model.create(id=1, age=1)
    await model.create(id=2, age=1)
    model.observe("persist", lambda context: setattr(context, "where", {"age": {"gt": 5}}))
    for call in (
        record.save(),
        record.update_attributes({"age": 7}),
        model.replace_by_id(1, {"age": 7}),
    ):
        with pytest.raises(NotFoundError, match="there is no Person"):
            await call
    with pytest.raises((NotFoundError, DuplicateEntryError)):
        await model.update_or_create({"id": 1, "age": 7})
    model.clear_observers("persist")
    model.observe("persist", lambda context: setattr(context, "where", {}))
    await record.update_attributes({"age": 7})
    assert [row["age"] for row in rows_of(model)] == [7, 1]


async def test_where_of_update_all_can_only_be_narrowed_at_persist() -> None:
    """At "persist" a wider condition than the one before has no effect."""
    # DAO-223
    model = define()
    await model.create([{"id": 1}, {"id": 2}, {"id": 3}])
    model.observe("persist", lambda context: setattr(context, "where", {"id": {"gt": 1}}))
    assert await model.update_all({"id": {"lt": 3}}, {"age": 9}) == {"count": 1}
    assert [row.get("age") for row in rows_of(model)] == [None, 9, None]


@BOTH
async def test_persist_data_is_what_is_stored_and_shown(capabilities: frozenset[str]) -> None:
    """What "persist" observers leave in `data` is stored, and shows on the instance."""
    # DAO-048, DAO-218, DAO-221, DAO-223
    model = define(capabilities)

    def stamp(context: Any) -> None:
        context.data = {**context.data, "name": "stamped"}

    model.observe("persist", stamp)
    record = await model.create(id=1, name="Ada")
    assert record.name == "stamped"
    record = await model.update_or_create({"id": 1, "name": "Bea"})
    assert record.name == "stamped"
    record = await model.replace_by_id(1, {"name": "Cleo"})
    assert record.name == "stamped"
    await record.update_attributes({"name": "Dora"})
    assert record.name == "stamped"
    record.name = "Eve"
    await record.save()
    assert (record.name, record.changed()) == ("stamped", [])
    made, _ = await model.find_or_create({"id": 2, "name": "Fay"})
    assert made.name == "stamped"
    (made,) = await model.create_all([{"id": 3, "name": "Gil"}])
    assert made.name == "stamped"
    assert {row["name"] for row in rows_of(model)} == {"stamped"}


async def test_persist_may_remove_a_value() -> None:
    """A value that an observer takes out of `data` is not stored and reads as missing."""
    # DAO-218
    model = define()
    model.observe("persist", lambda context: context.data.pop("age"))
    record = await model.create(id=1, age=3)
    assert rows_of(model) == [{"id": 1}]
    assert not record.is_set("age")
    assert record.changed() == []


async def test_update_on_load_false_keeps_the_instance() -> None:
    """With `update_on_load` false, what observers store does not show on the instance."""
    # DAO-221
    model = define(update_on_load=False)
    model.observe("persist", lambda context: context.data.update(name="stamped"))
    record = await model.create(id=1, name="Ada")
    assert (record.name, rows_of(model)[0]["name"]) == ("Ada", "stamped")
    await record.update_attributes({"name": "Bea"})
    assert (record.name, rows_of(model)[0]["name"]) == ("Bea", "stamped")


@BOTH
@pytest.mark.parametrize("hook", ["persist", "loaded"])
async def test_update_on_load_is_about_three_methods(
    capabilities: frozenset[str], hook: str
) -> None:
    """Instances that are made of what is stored show what observers made of it in any case."""
    # DAO-102, DAO-219, DAO-221
    model = define(capabilities, update_on_load=False)
    (ada,) = await model.create_all([{"id": 1, "name": "Ada"}])
    model.observe(hook, lambda context: context.data.update(name="seen"))
    (bea,) = await model.create_all([{"id": 2, "name": "Bea"}])
    assert (bea.name, (await model.create(id=3, name="Cy")).name) == ("Bea", "Cy")
    assert (await ada.update_attributes({"name": "Ann"})).name == "Ann"
    for record in (
        await ada.save(),
        await model.replace_by_id(1, {"name": "Ada"}),
        await ada.replace_attributes({"name": "Ada"}),
        await model.replace_or_create({"id": 1, "name": "Ada"}),
        await model.update_or_create({"id": 1, "name": "Ada"}),
        (await model.find_or_create({"id": 9, "name": "Ivy"}))[0],
    ):
        assert record.name == "seen"
        assert record.changed() == []


async def test_what_is_put_in_after_validation_shows_always() -> None:
    """`update_on_load` is about what comes after: what "after validate" leaves, shows."""
    # DAO-221, DAO-332
    model = define(update_on_load=False)
    record = await model.create(id=1, name="Ada")
    model.observe("after validate", lambda context: context.data.update(name="Bea"))
    await record.update_attributes({"name": "Cy"})
    assert (record.name, record.changed(), rows_of(model)[0]["name"]) == ("Bea", [], "Bea")


@BOTH
async def test_loaded_data_makes_the_instance(capabilities: frozenset[str]) -> None:
    """What "loaded" observers leave is what instances show; the store keeps its own."""
    # DAO-219, DAO-223
    model = define(capabilities)
    await model.create(id=1, name="Ada", age=3, address={"city": "Rome"})

    async def edit(context: Any) -> None:
        await asyncio.sleep(0)
        context.data["age"] = "50"
        context.data["address"] = {"city": "Oslo"}

    model.observe("loaded", edit)
    for record in (
        await model.find_by_id(1),
        (await model.find())[0],
        await model.update_or_create({"id": 1, "name": "Ada"}),
        await model.replace_or_create({"id": 1, "name": "Ada", "age": 3}),
        (await model.find_or_create({"id": 1}))[0],
        await (await model.find_by_id(1)).save(),
    ):
        assert (record.age, record.address.city) == (50, "Oslo")
        assert record.changed() == []
    model.clear_observers("loaded")
    model.observe("loaded", lambda context: setattr(context, "data", {"id": 1, "name": "only"}))
    (record,) = await model.find()
    assert record.to_dict() == {"id": 1, "name": "only"}


async def test_loaded_keeps_the_order_however_slow_it_is() -> None:
    """Results keep the store's order when observers of some rows take longer."""
    # DAO-082
    model = define()
    await model.create([{"id": n} for n in range(1, 5)])

    async def slow(context: Any) -> None:
        for _ in range(5 - context.data["id"]):
            await asyncio.sleep(0)

    model.observe("loaded", slow)
    assert [record.id for record in await model.find()] == [1, 2, 3, 4]


@BOTH
async def test_observers_never_change_a_key(capabilities: frozenset[str]) -> None:
    """A hook that writes another id into data is ignored; on a stored instance it is refused."""
    # DAO-029, DAO-067
    model = define(capabilities)
    await model.create(id=1, name="Ada")
    model.observe("persist", lambda context: context.data.update(id=9))
    model.observe("loaded", lambda context: context.data.update(id=8))
    replaced = await model.replace_by_id(1, {"name": "Bea"})
    patched = await model.update_or_create({"id": 1, "name": "Cleo"})
    saved = await patched.save()
    assert {replaced.id, patched.id, saved.id} == {1}
    assert [row["id"] for row in rows_of(model)] == [1]
    made = await model.replace_or_create({"id": 2, "name": "Dora"})
    assert made.id == 2
    assert [row["id"] for row in rows_of(model)] == [1, 2]
    model.observe("before save", lambda context: setattr(context.instance, "id", 9))
    with pytest.raises(AttributeError, match="cannot change"):
        await model.replace_by_id(1, {"name": "Bea"})
    model.clear_observers("before save")
    model.observe("before save", lambda context: context.data.update(id=9))
    for call in (saved.update_attributes({"age": 1}), model.update_or_create({"id": 1, "age": 1})):
        with pytest.raises(InvalidValueError, match="1 to 9"):
            await call


async def test_update_all_refuses_a_key_from_an_observer() -> None:
    """An observer that slips an id into the data of `update_all` stops it."""
    # DAO-117
    model = define()
    await model.create(id=1)
    for hook in ("before save", "persist"):
        model.observe(hook, lambda context: context.data.update(id=9))
        with pytest.raises(InvalidValueError):
            await model.update_all({}, {"age": 1})
        model.clear_observers(hook)
    assert rows_of(model) == [{"id": 1}]


async def test_data_that_is_no_mapping_is_refused() -> None:
    """An observer that leaves rubbish in `data` stops the operation."""
    model = define()
    for hook in ("persist", "loaded"):
        model.observe(hook, lambda context: setattr(context, "data", None))
        with pytest.raises(TypeError):
            await model.create(id=None)
        model.clear_observers(hook)


async def test_after_save_edits_the_returned_instance_only() -> None:
    """Edits of `instance` in "after save" are not stored."""
    # DAO-220
    model = define()
    model.observe("after save", lambda context: setattr(context.instance, "name", "shown"))
    record = await model.create(id=1, name="Ada")
    assert (record.name, rows_of(model)[0]["name"]) == ("shown", "Ada")
