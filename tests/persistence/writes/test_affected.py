"""Observers of bulk writes that want to know which records are touched."""

from typing import Any

import pytest

from juggler.errors import InvalidValueError
from tests.persistence.shelf import make_source, shelf_of
from tests.persistence.writes.stores import on_all, open_source

WRITES: list[tuple[str, tuple[str, str], Any]] = [
    ("destroy_all", ("before delete", "after delete"), lambda m, o: m.destroy_all(WHERE, o)),
    ("update_all", ("before save", "after save"), lambda m, o: m.update_all(WHERE, {"age": 5}, o)),
]
KEYED = {
    "shop": {"type": str, "id": 1},
    "sku": {"type": "number", "id": 2},
    "left": "number",
}
WHERE = {"age": {"gt": 1}}


async def define(source: Any, **settings: Any) -> Any:
    """Return a model with three records."""
    model = source.define("Person", {"name": str, "age": "number"}, settings)
    await source.autoupdate()
    await model.create([{"name": n, "age": age} for age, n in enumerate("abc", 1)])
    return model


@on_all
@pytest.mark.parametrize(("name", "hooks", "write"), WRITES)
async def test_ids_and_records_are_told(store: str, name: str, hooks: Any, write: Any) -> None:
    """`load_affected` gives observers before and after the ids, or the records as they were."""
    # DAO-132, DAO-315
    async with open_source(store) as source:
        model = await define(source)
        seen: list[Any] = []
        for hook in hooks:
            model.observe(hook, seen.append)
        answer = await write(model, {"load_affected": "instances"})
        assert answer == {"count": 2}
        for context in seen:
            assert context.ids == [2, 3]
            assert [(each.id, each.age) for each in context.instances] == [(2, 2), (3, 3)]
        assert seen[1].info == {"count": 2, "ids": [2, 3]}


@pytest.mark.parametrize("setting", [True, "ids"])
async def test_the_model_may_ask_for_ids(setting: Any) -> None:
    """As a setting of the model it holds for every call; a call may say otherwise."""
    # DAO-008, DAO-315
    model = await define(make_source(), load_affected=setting)
    seen: list[Any] = []
    model.observe("after delete", seen.append)
    await model.destroy_by_id(2)
    await model.destroy_all({"id": 3}, {"load_affected": False})
    record = await model.find_one()
    await record.destroy()
    assert [context.ids for context in seen] == [[2], None, [1]]
    assert seen[0].instances is None
    with pytest.raises(InvalidValueError, match="load_affected"):
        await model.destroy_all({}, {"load_affected": "rows"})


async def test_what_observers_narrow_is_loaded_again() -> None:
    """The ids after the write are those of the condition that observers left."""
    # DAO-217, DAO-315
    model = await define(make_source(), load_affected=True)
    seen: list[Any] = []
    model.observe("before delete", seen.append)
    model.observe("before delete", lambda context: setattr(context, "where", {"id": 3}))
    model.observe("after delete", seen.append)
    assert await model.destroy_all(WHERE) == {"count": 1}
    assert [context.ids for context in seen] == [[2, 3], [3]]


async def test_what_comes_meanwhile_is_left_alone() -> None:
    """Only what was loaded is deleted, so the ids that observers get are all there were."""
    # DAO-315
    source = make_source()
    model = await define(source, load_affected=True)
    shelf = shelf_of(source)

    def intrude(method: str) -> None:
        if method == "destroy_all":
            shelf.rows["Person"][9] = {"id": 9, "name": "new", "age": 9}

    shelf.before = intrude
    model.observe("after delete", lambda _: None)
    assert await model.destroy_all(WHERE) == {"count": 2}
    assert [row["id"] for row in shelf.table("Person")] == [1, 9]


@on_all
@pytest.mark.parametrize("size", [0, 3, 1_100])
async def test_keys_of_several_parts_are_left_alone_too(store: str, size: int) -> None:
    """However many were loaded, those that come meanwhile are not deleted."""
    # DAO-132, DAO-315
    async with open_source(store) as source:
        model = source.define("Stock", KEYED, {"load_affected": True})
        await source.autoupdate()
        await model.create_all([{"shop": "a", "sku": n, "left": 0} for n in range(size)])
        seen: list[Any] = []

        async def intrude(context: Any) -> None:
            await model.create({"shop": "b", "sku": 1, "left": 0})

        model.observe("before delete", intrude)
        model.observe("after delete", seen.append)
        assert await model.destroy_all({"left": 0}) == {"count": size}
        assert seen[0].info == {
            "count": size,
            "ids": [{"shop": "a", "sku": n} for n in range(size)],
        }
        assert await model.count() == 1


async def test_nothing_is_loaded_for_nobody() -> None:
    """Without observers, or with silenced ones, the store is not read first."""
    # DAO-315
    source = make_source()
    model = await define(source, load_affected=True)
    shelf_of(source).asked.clear()
    await model.destroy_all({"id": 1})
    model.observe("after delete", lambda _: None)
    await model.destroy_all({"id": 2}, {"notify": False})
    assert shelf_of(source).asked == ["destroy_all", "destroy_all"]
