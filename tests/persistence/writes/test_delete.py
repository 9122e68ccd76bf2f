"""Deleting records."""

from typing import Any

import pytest

from juggler.errors import NotFoundError
from tests.persistence.shelf import make_source, shelf_of


async def define(**settings: Any) -> Any:
    """Return a model with three records."""
    model = make_source().define(
        "Person", {"id": {"type": int, "id": True}, "name": str, "gone": "date"}, settings
    )
    await model.create([{"id": n, "name": f"n{n % 2}"} for n in (1, 2, 3)])
    return model


def ids_of(model: Any) -> list[int]:
    """Return the ids of what is stored."""
    return [row["id"] for row in shelf_of(model.data_source).table("Person")]


async def test_destroy_all_deletes_what_matches() -> None:
    """The condition is coerced; the answer is how many there were."""
    # DAO-124
    model = await define()
    assert await model.destroy_all({"id": {"gt": "2"}}) == {"count": 1}
    assert ids_of(model) == [1, 2]
    assert await model.remove({"name": "nobody"}) == {"count": 0}
    assert await model.delete_all({"name": "n0"}) == {"count": 1}
    assert await model.destroy_all({}) == {"count": 1}
    assert ids_of(model) == []


async def test_destroy_by_id_deletes_one() -> None:
    """One record goes; none is no error."""
    # DAO-126
    model = await define()
    assert await model.destroy_by_id("2") == {"count": 1}
    assert await model.delete_by_id(2) == {"count": 0}
    assert await model.remove_by_id(1) == {"count": 1}
    assert ids_of(model) == [3]


async def test_an_instance_survives_its_record() -> None:
    """After `destroy` the instance is marked, keeps its id, and may be destroyed again."""
    # DAO-127, DAO-128, DAO-133
    model = await define()
    record = await model.find_by_id(1)
    assert await record.destroy() == {"count": 1}
    assert (record.id, record.is_destroyed(), record.is_new_record()) == (1, True, False)
    assert await record.destroy() == {"count": 0}
    other = await model.find_by_id(2)
    assert await other.delete() == {"count": 1}
    assert await (await model.find_by_id(3)).remove() == {"count": 1}
    assert ids_of(model) == []


async def test_what_was_not_deleted_is_not_marked() -> None:
    """An instance whose record was gone already is not marked by the attempt."""
    model = await define()
    record = await model.find_by_id(1)
    await model.destroy_by_id(1)
    assert await record.destroy() == {"count": 0}
    assert not record.is_destroyed()


async def test_strict_delete_minds_what_is_missing() -> None:
    """With `strict_delete` a missing record is a 404 that names id and model."""
    # DAO-126, DAO-127
    model = await define(strict_delete=True)
    record = await model.find_by_id(1)
    assert await model.destroy_by_id(1) == {"count": 1}
    for call in (model.destroy_by_id(1), record.destroy()):
        with pytest.raises(NotFoundError, match=r"Person.*1") as caught:
            await call
        assert (caught.value.code, caught.value.status_code) == ("NOT_FOUND", 404)
    assert await model.destroy_all({"id": 1}) == {"count": 0}


async def test_delete_hooks_show_the_condition_and_the_outcome() -> None:
    """Without conditions hooks show an empty mapping; after the delete the count."""
    # DAO-124, DAO-208
    model = await define()
    seen: list[Any] = []
    model.observe("access", lambda context: seen.append(context.query))
    model.observe("before delete", lambda context: seen.append(context.where))
    model.observe("after delete", lambda context: seen.append((context.where, context.info)))
    await model.destroy_all({})
    assert seen == [{"where": {}}, {}, ({}, {"count": 3})]
    seen.clear()
    await model.destroy_by_id("7")
    assert seen == [{"where": {"id": 7}}, {"id": 7}, ({"id": 7}, {"count": 0})]


@pytest.mark.parametrize("settings", [{}, {"soft_delete": "gone"}], ids=["delete", "mark"])
@pytest.mark.parametrize("hook", ["access", "before delete"])
async def test_only_who_was_deleted_is_marked(hook: str, settings: dict[str, Any]) -> None:
    """Where an observer has other records deleted the instance is not marked; narrowed, it is."""
    # DAO-127, DAO-133
    model = await define(**settings)
    record = await model.find_by_id(1)
    conditions: list[dict[str, Any]] = [{"id": {"neq": 1}}, {"id": 1, "name": "n1"}]

    def change(context: Any) -> None:
        if hook == "access":
            context.query = {"where": conditions[0]}
        else:
            context.where = conditions[0]

    model.observe(hook, change)
    assert await record.destroy() == {"count": 2}
    assert (record.is_destroyed(), record.get("gone")) == (False, None)
    conditions.pop(0)
    assert await record.destroy() == {"count": 1}
    assert record.is_destroyed()
    assert (record.get("gone") is not None) is bool(settings)
