"""What belongs to relations, which are not there yet, is refused and never taken for less."""

from collections.abc import Callable
from typing import Any

import pytest

from juggler.errors import OperationNotSupportedError
from tests.persistence.shelf import drained
from tests.persistence.writes.stores import on_every_store, open_source

RELATIONS = {"owner": {"type": "belongsTo", "model": "Owner", "foreignKey": "owner_id"}}
WHERES: list[dict[str, Any]] = [
    {"owner.name": "Ada"},
    {"owner.name": {"neq": "Ada"}},
    {"owner": 1},
    {"or": [{"name": "Rex"}, {"not": {"owner.name": "Ada"}}]},
    {"nor": [{"owner.name": "Ada"}]},
]
CALLS: list[Callable[[Any, dict[str, Any]], Any]] = [
    lambda model, where: model.find({"where": where}),
    lambda model, where: model.find_by_id(1, {"where": where}),
    lambda model, where: model.find_page({"where": where}),
    lambda model, where: model.count(where),
    lambda model, where: model.aggregate(count=True, where=where),
    lambda model, where: model.update_all(where, {"name": "x"}),
    lambda model, where: model.destroy_all(where),
    lambda model, where: model.upsert_with_where(where, {"name": "x"}),
    lambda model, where: model.find_or_create({"where": where}, {"name": "x"}),
    lambda model, where: drained(model.iterate({"where": where})),
]


async def define(source: Any, **settings: Any) -> Any:
    """Return a model with a relation and one record."""
    source.define("Owner", {"name": str})
    model = source.define(
        "Pet", {"name": str, "owner_id": "number"}, {"relations": RELATIONS, **settings}
    )
    await source.autoupdate()
    await model.unscoped().create(name="Rex", owner_id=1)
    return model


@on_every_store
@pytest.mark.parametrize("where", WHERES, ids=str)
@pytest.mark.parametrize("call", CALLS)
async def test_conditions_on_related_records_are_refused(
    store: str, where: dict[str, Any], call: Callable[[Any, dict[str, Any]], Any]
) -> None:
    """A condition that leads through a relation is refused: nothing is found or changed."""
    # DAO-130, DAO-318
    async with open_source(store) as source:
        model = await define(source)
        with pytest.raises(OperationNotSupportedError, match="relation 'owner' of Pet") as caught:
            await call(model, where)
        assert (caught.value.status_code, caught.value.property) == (501, "owner")
        assert [each.name for each in await model.find()] == ["Rex"]


@on_every_store
async def test_an_order_by_related_records_is_refused(store: str) -> None:
    """So is an order by what related records have."""
    # DAO-318
    async with open_source(store) as source:
        model = await define(source)
        with pytest.raises(OperationNotSupportedError, match="relation 'owner'"):
            await model.find(order="name, owner.name DESC")


@on_every_store
@pytest.mark.parametrize("hook", ["access", "before save", "persist"])
async def test_observers_cannot_ask_for_related_records_either(store: str, hook: str) -> None:
    """What observers put in the place of a condition is looked at as well."""
    # DAO-175, DAO-318
    async with open_source(store) as source:
        model = await define(source)

        def widen(context: Any) -> None:
            where = {"owner.name": {"neq": "Ada"}}
            if hook == "access":
                context.query = {"where": where}
            else:
                context.where = where

        model.observe(hook, widen)
        with pytest.raises(OperationNotSupportedError, match="relation 'owner'"):
            await model.update_all({"name": "nobody"}, {"name": "x"})
        model.clear_observers(hook)
        assert await model.count({"name": "Rex"}) == 1


@on_every_store
async def test_scopes_cannot_either(store: str) -> None:
    """A default scope that leads through a relation is refused on reads and writes."""
    # DAO-195
    async with open_source(store) as source:
        model = await define(source, scope={"where": {"owner.name": {"neq": "Ada"}}})
        for call in (model.find(), model.count(), model.destroy_all({})):
            with pytest.raises(OperationNotSupportedError, match="relation 'owner'"):
                await call


@on_every_store
@pytest.mark.parametrize("name", ["scope", "include", "belongs_to", "has_many", "embeds_one"])
async def test_models_do_not_pretend_to_have_them(store: str, name: str) -> None:
    """Methods of relations and named scopes are missing, rather than there and without effect."""
    # DAO-003, DAO-195
    async with open_source(store) as source:
        model = await define(source)
        with pytest.raises(AttributeError, match=f"Pet has no attribute '{name}'"):
            getattr(model, name)
