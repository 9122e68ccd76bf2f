"""Second names of methods, and the two kinds of models side by side."""

from typing import Any

import pytest

from juggler.facade.alias import Alias, Both
from juggler.facade.model import Model
from juggler.models.declared import prop
from tests.persistence.shelf import make_source, shelf_of

CLASS_ALIASES = {
    "upsert": "update_or_create",
    "patch_or_create": "update_or_create",
    "patch_or_create_with_where": "upsert_with_where",
    "all": "find",
    "update": "update_all",
    "delete_all": "destroy_all",
    "remove": "destroy_all",
    "delete_by_id": "destroy_by_id",
    "remove_by_id": "destroy_by_id",
}
INSTANCE_ALIASES = {
    "patch_attributes": "update_attributes",
    "delete": "destroy",
    "remove": "destroy",
}


def both_kinds() -> list[Any]:
    """Return a run-time and a declared model of the same structure."""
    source = make_source()

    class Order(Model, data_source=source):
        id: int = prop(id=True, generated=True)
        total: float = 0

    ticket = source.define(
        "Ticket", {"id": {"type": int, "id": True, "generated": True}, "total": float}
    )
    return [Order, ticket]


@pytest.mark.parametrize(("alias", "name"), CLASS_ALIASES.items())
async def test_a_models_second_names_are_the_same_method(alias: str, name: str) -> None:
    """An alias is the method it stands for, on both kinds of models."""
    # DAO-001
    for model in both_kinds():
        assert getattr(model, alias) == getattr(model, name)


@pytest.mark.parametrize(("alias", "name"), INSTANCE_ALIASES.items())
async def test_an_instances_second_names_are_the_same_method(alias: str, name: str) -> None:
    """An alias on an instance is the method it stands for."""
    # DAO-001
    for model in both_kinds():
        record = model(total=1)
        assert getattr(record, alias) == getattr(record, name)


async def test_overriding_a_method_changes_its_second_names() -> None:
    """Aliases look their method up when they are used, so an override counts for all names."""
    # DAO-019
    source = make_source()

    class Order(Model, data_source=source):
        id: int = prop(id=True, generated=True)

        @classmethod
        async def update_or_create(cls, *_: Any) -> Any:
            return "mine"

        @classmethod
        async def destroy_all(cls, *_: Any) -> Any:
            return "all mine"

        async def destroy(self, *_: Any) -> Any:
            return "one mine"

    model: Any = Order
    assert await model.upsert({}) == await model.patch_or_create({}) == "mine"
    assert await model.remove() == await model.delete_all() == "all mine"
    assert await model().remove() == await model().delete() == "one mine"


async def test_both_kinds_of_models_do_the_same() -> None:
    """Create, read, change and delete through a class or a run-time object."""
    for model in both_kinds():
        shelf = shelf_of(model.data_source)
        made = await model.create(total=3)
        assert isinstance(made, model)
        assert (made.id, made.total) == (1, 3)
        assert (await model.find_by_id(1)).total == 3
        assert [each.total for each in await model.find(where={"total": {"gt": 1}})] == [3]
        made.total = 4
        await made.save()
        await made.update_attributes({"total": 5})
        assert await model.count({"total": 5}) == 1
        assert await model.remove({"total": 5}) == {"count": 1}
        assert shelf.table(model.model_name) == []


def test_aliases_can_be_looked_at_on_their_class() -> None:
    """An alias that is read from the class leads to the class's own attribute."""

    class Shelf:
        def remove(self) -> str:
            return "gone"

        @classmethod
        def remove_all(cls) -> str:
            return "all gone"

        delete = Alias("remove")
        drop = Both("remove", "remove_all")

    assert Shelf().delete() == "gone"
    assert Shelf.delete is Shelf.remove
    assert Shelf().drop() == "gone"
    assert Shelf.drop() == "all gone"
