"""Default scopes, and values that are forced on records, that functions work out."""

from typing import Any

import pytest

from juggler.errors import BulkOperationError, DuplicateEntryError
from juggler.facade.model import Model
from juggler.models.declared import prop
from juggler.query.parse import parse_filter
from tests.persistence.shelf import BOTH, make_source, shelf_of
from tests.persistence.test_scope import OTHER, PROPERTIES, scoped


async def test_scope_functions_are_asked_once_per_call() -> None:
    """A scope function gets query or data and the instance, once per operation."""
    # DAO-189, DAO-199
    calls: list[tuple[Any, Any]] = []

    def scope(target: Any, instance: Any) -> Any:
        calls.append((target, instance))
        return {"where": {"kind": "cat"}}

    model, _ = await scoped(scope=scope)
    await model.find({"where": {"age": 3}})
    await model.find_by_id(1)
    await model.update_or_create({"id": 1, "age": 4})
    await model.create({"id": 5})
    await model.count({"age": 3})
    assert calls == [
        ({"where": {"age": 3}}, None),
        ({"where": {"id": 1}}, None),
        ({"id": 1, "age": 4}, None),
        ({"id": 5}, None),
        ({"where": {"age": 3}}, None),
    ]
    calls.clear()
    record = await model.find_by_id(1)
    calls.clear()
    await record.save()
    await record.update_attributes({"age": 5})
    assert [instance is record for _, instance in calls] == [True, True]


async def test_scope_functions_see_clauses_that_are_keywords() -> None:
    """They are part of the query that the function is told of, however the query was given."""
    # DAO-007, DAO-189
    told: list[Any] = []
    model, _ = await scoped(scope=lambda target, _: told.append(target))
    asked, query = {"where": {"age": 3}}, parse_filter({"where": {"age": 3}})
    await model.find(asked, limit=2)
    await model.find(query, limit=2)
    await model.find_one(where={"age": 3}, limit=2)
    await model.find_by_ids([1], asked, limit=2)
    await model.find_page(asked, limit=2)
    _ = [each async for each in model.iterate(asked, limit=2)]
    assert told == [{**asked, "limit": 2}] * 6
    with pytest.raises(TypeError, match="filter is a mapping"):
        await model.find("age")


@BOTH
async def test_what_functions_force_is_worked_out_for_each_of_a_list(
    capabilities: frozenset[str],
) -> None:
    """Each record of a list is one of its own for the functions that say what is forced."""
    # DAO-041, DAO-191, DAO-199
    told: list[Any] = []

    def forced(data: Any, _: Any) -> dict[str, Any]:
        told.append(data)
        return {"kind": f"of {data['name']}"}

    source = make_source(capabilities=capabilities)
    model = source.define("Animal", PROPERTIES, {"properties": forced})
    made = await model.create([{"id": 1, "name": "a"}, {"id": 2, "name": "b", "kind": "cat"}])
    assert [each.kind for each in made] == ["of a", "of b"]
    assert [data["name"] for data in told] == ["a", "b"]
    own = model.load({"name": "d"})
    made = await model.create_all([{"id": 3, "name": "c"}, own])
    assert [each.kind for each in made] == ["of c", "of d"]
    assert own is made[1]
    found = await model.bulk_upsert([{"id": 1, "name": "e"}, {"id": 6, "name": "f"}])
    assert [each.kind for each in found] == ["of e", "of f"]
    found = await model.bulk_update([{"id": 1, "name": "g", "kind": "cat"}])
    assert [each.kind for each in found] == ["of g"]
    free = await model.create([{"id": 5, "kind": "dog"}], {"unscoped": True})
    assert free[0].kind == "dog"


async def test_default_scope_can_be_overridden() -> None:
    """A declared model may say its scope in a method."""
    # DAO-189
    source = make_source()

    class Cat(Model, data_source=source):
        id: int = prop(id=True)
        kind: str | None = None

        @classmethod
        def default_scope(cls, *_: Any) -> Any:
            return {"where": {"kind": "cat"}}

    shelf_of(source).rows["Cat"] = {1: {"id": 1, "kind": "cat"}, 2: {"id": 2, "kind": "dog"}}
    assert [cat.id for cat in await Cat.find()] == [1]
    assert Cat(id=3).kind == "cat"
    with pytest.raises(DuplicateEntryError):
        await Cat.create(id=2)


@BOTH
async def test_scope_functions_bind_lists(capabilities: frozenset[str]) -> None:
    """The scope that a function says holds for the records of a list, too."""
    # DAO-075, DAO-191
    model, shelf = await scoped(capabilities, scope=lambda *_: {"where": {"kind": "cat"}})
    made = await model.create([{"id": 3, "kind": "dog"}])
    assert made[0].kind == "cat"
    with pytest.raises(BulkOperationError):
        await model.bulk_upsert([{"id": 2, "name": "x"}])
    with pytest.raises(BulkOperationError):
        await model.bulk_update([{"id": 2, "name": "x"}])
    assert shelf.table("Animal")[1] == OTHER


async def test_an_item_that_a_function_cannot_take_fails_alone() -> None:
    """What a function raises for one record of a list is the error of that record."""
    # DAO-046
    source = make_source()
    settings = {"properties": lambda data, _: {"kind": data["name"]}}
    model = source.define("Animal", PROPERTIES, settings)
    with pytest.raises(BulkOperationError) as caught:
        await model.create([{"id": 1, "name": "a"}, {"id": 2}])
    assert {index: type(error) for index, error in caught.value.errors.items()} == {1: KeyError}
    assert [row["kind"] for row in shelf_of(source).table("Animal")] == ["a"]
