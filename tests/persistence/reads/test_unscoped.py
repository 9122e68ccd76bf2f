"""Doing without the default scope: a view for it, an option for it, and what still holds."""

import gc
import weakref
from typing import Any

import pytest

from juggler import DataSource, Model, ModelRegistry, prop, tenant
from juggler.errors import NotFoundError, PermissionDeniedError
from tests.persistence.shelf import make_source, shelf_of

PROPERTIES = {"id": {"type": int, "id": True}, "kind": str, "deleted": bool, "n": int}
SCOPE = {"where": {"deleted": {"neq": True}}}


async def notes(**settings: Any) -> Any:
    """Return a model that does not see what is deleted: of its three records one is."""
    model = make_source().define("Note", PROPERTIES, {"scope": SCOPE, **settings})
    shelf_of(model.data_source).rows["Note"] = {
        n: {"id": n, "kind": "a", "deleted": n == 3, "n": n} for n in range(1, 4)
    }
    return model


async def test_the_view_sees_everything() -> None:
    """All reads of the view, and its bulk writes, do without the scope."""
    # DAO-197, DAO-320
    model = await notes()
    free = model.unscoped()
    assert await model.count() == 2
    assert await free.count() == 3
    assert [each.id for each in await free.find(order="id DESC")] == [3, 2, 1]
    assert (await free.find_one(where={"deleted": True})).id == 3
    assert (await free.find_by_id(3)).id == 3
    assert [each.id for each in await free.find_by_ids([3, 1])] == [3, 1]
    assert await free.exists(3)
    assert [each.id async for each in free.iterate(batch_size=1)] == [1, 2, 3]
    assert (await free.find_page(limit=9, total=True)).total == 3
    assert await free.distinct("n", options={"allow_in_process_aggregate": True}) == [1, 2, 3]
    assert await free.update_all({"id": 3}, {"n": 30}) == {"count": 1}
    assert await free.destroy_all({"id": 3}) == {"count": 1}
    assert await free.count() == 2


async def test_what_the_view_finds_is_free_too() -> None:
    """A record that was found, made or streamed without the scope is saved without it."""
    # DAO-197
    model = await notes()
    free = model.unscoped()
    record = await free.find_by_id(3)
    record.deleted = False
    await record.save()
    assert await model.exists(3)
    record = (await free.find_page(where={"id": 3})).items[0]
    await record.update_attributes({"deleted": True})
    assert (await record.reload()).deleted is True
    await record.update_attributes({"n": 8})
    record = await record.replace_attributes({"id": 3, "deleted": True})
    await record.update_attributes({"n": 7})
    (record,) = [each async for each in free.iterate(where={"id": 3})]
    await record.update_attributes({"n": 9})
    assert await record.destroy() == {"count": 1}
    bound = await model.find(where={"id": 1}, options={"unscoped": True})
    await free.update_all({"id": 1}, {"deleted": True})
    with pytest.raises(NotFoundError):
        await bound[0].update_attributes({"n": 1})


async def test_values_of_the_scope_are_not_forced() -> None:
    """What the view makes and stores keeps its own values."""
    # DAO-197
    model = make_source().define("Cat", PROPERTIES, {"scope": {"where": {"kind": "cat"}}})
    free = model.unscoped()
    assert model(kind="dog").kind == "cat"
    dog = free(id=1, kind="dog")
    assert dog.kind == "dog"
    assert (await dog.save()).kind == "dog"
    assert (await free.create(id=2, kind="dog")).kind == "dog"
    dog.set_attributes({"n": 1, "kind": "hen"})
    assert dog.kind == "hen"
    assert await model.count() == 0
    assert await free.count() == 2


async def test_the_view_has_the_shape_of_its_model() -> None:
    """It is no other model: names, shape and instances are the model's; it is not registered."""
    # DAO-197
    model = await notes()
    free = model.unscoped()
    assert (free.model_name, free.shape, free.settings) == ("Note", model.shape, model.settings)
    record = await free.find_by_id(1)
    assert isinstance(record, free)
    assert isinstance(record, model)
    assert record.model is model
    assert free.unscoped() is free
    assert list(model.data_source.models) == ["Note"]
    assert repr(free) == "<Note without scope>"
    with pytest.raises(AttributeError):
        free.settings = {}
    gone = weakref.ref(model)
    del model, free, record
    gc.collect()
    assert gone() is None


async def test_declared_models_have_the_view() -> None:
    """A declared class does without its scope in the same way."""
    # DAO-197
    source = DataSource("memory", registry=ModelRegistry())

    class Note(Model, data_source=source, scope=SCOPE):
        id: int = prop(id=True, generated=True)
        deleted: bool | None = None

    await Note.unscoped().create([{"deleted": True}, {}])
    assert await Note.count() == 1
    found = await Note.unscoped().find(order="id")
    assert [each.deleted for each in found] == [True, None]
    assert all(isinstance(each, Note) for each in found)


async def test_observers_are_told() -> None:
    """Hooks run as ever and see the option, so that they can tell who may do without the scope."""
    # DAO-197
    model = await notes()
    seen: list[Any] = []

    def check(context: Any) -> None:
        seen.append(context.options.get("unscoped"))
        if context.options.get("unscoped") and context.options.get("user") != "root":
            raise PermissionDeniedError("Only root sees what is deleted.")

    model.observe("access", check)
    await model.find()
    await model.unscoped().find(options={"user": "root"})
    with pytest.raises(PermissionDeniedError):
        await model.unscoped().find()
    with pytest.raises(PermissionDeniedError):
        await model.find(options={"unscoped": True})
    assert seen == [None, True, True, True]


async def test_a_scope_function_is_not_asked() -> None:
    """Without the scope, the function that makes it is not called."""
    # DAO-197
    asked: list[Any] = []
    model = await notes(scope=lambda target, _: asked.append(target))
    await model.unscoped().count()
    assert asked == []
    await model.count()
    assert len(asked) == 1


async def test_tenants_stay_apart() -> None:
    """The view reaches the rows of the current tenant alone, and needs one where its model does."""
    # DAO-197
    registry = ModelRegistry()
    sources = {code: DataSource("memory", registry=registry) for code in ("a", "b")}
    for code, source in sources.items():
        with tenant(code):
            model = registry.define("Note", PROPERTIES, {"scope": SCOPE})
            model.data_source = source
            await model.create(id=1, kind=code, deleted=True)
    with tenant("a"):
        free = registry.find_model_by_name("Note").unscoped()
        assert [each.kind for each in await free.find()] == ["a"]
    registry.cleanup_tenant("a")
    with tenant("b"):
        assert [each.kind for each in await registry.find_model_by_name("Note").unscoped().find()]
        assert await registry.find_model_by_name("Note").find() == []


@pytest.mark.parametrize("enforce", [True, False])
async def test_a_scope_that_is_for_reading_only(enforce: bool) -> None:
    """With `scope_enforce: False` the scope's values are not written back, so records can leave."""
    # DAO-198, DAO-320
    model = make_source().define(
        "Post",
        {"id": {"type": int, "id": True}, "deleted": bool},
        {"scope": {"where": {"deleted": False}}, "scope_enforce": enforce},
    )
    post = await model.unscoped().create(id=1, deleted=False)
    post = await model.find_by_id(1)
    await post.update_attributes({"deleted": True})
    assert await model.count() == int(enforce)
    assert (await model.unscoped().find_by_id(1)).deleted is not enforce
