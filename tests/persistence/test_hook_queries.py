"""What observers may make of conditions: queries of reads and writes that they edit or replace."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec import UNSET

from juggler.errors import InvalidQueryError
from tests.persistence.shelf import BOTH, rows_of
from tests.persistence.test_hook_changes import define

READS: dict[str, Callable[[Any], Awaitable[Any]]] = {
    "find": lambda model: model.find({"where": {"id": 1}}),
    "find_one": lambda model: model.find_one({"where": {"id": 1}}),
    "find_by_id": lambda model: model.find_by_id(1),
    "find_by_ids": lambda model: model.find_by_ids([1]),
    "find_page": lambda model: model.find_page({"where": {"id": 1}}),
    "iterate": lambda model: anext(model.iterate({"where": {"id": 1}})),
    "find_or_create": lambda model: model.find_or_create({"where": {"id": 3}}, {"id": 3}),
    "count": lambda model: model.count({"id": 1}),
    "exists": lambda model: model.exists(1),
}


async def test_access_may_edit_or_replace_the_query() -> None:
    """What "access" observers leave in `query` is what is read, coerced anew."""
    # DAO-175, DAO-208, DAO-215
    model = define()
    await model.create([{"id": n, "age": n} for n in range(1, 6)])
    shown: list[Any] = []

    def narrow(context: Any) -> None:
        shown.append(context.query)
        context.query = {**context.query, "where": {"age": {"gt": "2"}}}

    model.observe("access", narrow)
    found = await model.find(where={"age": {"lt": "9"}}, limit="3", order="id DESC", skip=1)
    assert [record.id for record in found] == [4, 3]
    assert shown == [
        {
            "where": {"age": {"lt": 9}},
            "order": ["id DESC"],
            "limit": 3,
            "offset": 1,
            "skip": 1,
        }
    ]
    assert await model.count() == 3
    assert await model.destroy_all({}) == {"count": 3}


@pytest.mark.parametrize(
    ("change", "expected"),
    [({"skip": 2}, [3, 4]), ({"offset": 2}, [3, 4]), ({"limit": 1}, [2]), ({}, [2, 3])],
)
async def test_access_may_change_paging_under_either_name(
    change: dict[str, int], expected: list[int]
) -> None:
    """`skip` and `offset` are one: whichever an observer changes counts."""
    # DAO-141, DAO-208
    model = define()
    await model.create([{"id": n} for n in range(1, 6)])
    model.observe("access", lambda context: context.query.update(change))
    assert [record.id for record in await model.find(limit=2, skip=1)] == expected


async def test_access_that_removes_the_condition_of_a_write_is_an_error() -> None:
    """An observer that drops `where` from a write stops it; it never becomes a write to all."""
    # DAO-130
    model = define()
    record = await model.create(id=1)
    for left in ({}, {"where": None}, None, {"where": {}, "limit": 1}, {"limit": 1}):

        def leave(context: Any, left: Any = left) -> None:
            context.query = left

        model.observe("access", leave)
        with pytest.raises(InvalidQueryError):
            await model.destroy_all({"id": 7})
        with pytest.raises(InvalidQueryError):
            await record.destroy()
        with pytest.raises(InvalidQueryError):
            await model.update_all({"id": 7}, {"age": 1})
        model.clear_observers("access")
    assert len(rows_of(model)) == 1


@pytest.mark.parametrize("left", [None, UNSET, {"where": None}, {"where": UNSET}], ids=repr)
@pytest.mark.parametrize("name", READS)
async def test_access_that_removes_the_condition_of_a_read_is_an_error(
    name: str, left: Any
) -> None:
    """None in the place of a query or condition, as a slip leaves it, never finds all records."""
    # DAO-215
    model = define()
    await model.create([{"id": 1}, {"id": 2}])
    model.observe("access", lambda context: setattr(context, "query", left))
    with pytest.raises(InvalidQueryError) as caught:
        await READS[name](model)
    assert caught.value.status_code == 400
    assert len(rows_of(model)) == 2
    model.clear_observers("access")
    model.observe("access", lambda context: setattr(context, "query", {}))
    assert len(await model.find({"where": {"id": 1}})) == 2


async def test_access_may_not_ask_for_nonsense() -> None:
    """What observers leave is parsed like any other query."""
    model = define()
    model.observe("access", lambda context: context.query.update(where={"age": {"near": 1}}))
    with pytest.raises(InvalidQueryError):
        await model.find()


@BOTH
async def test_a_changed_query_turns_an_upsert_into_one_by_query(
    capabilities: frozenset[str],
) -> None:
    """Where "access" replaced the id, the record that its query finds is written instead."""
    # DAO-053, DAO-064, DAO-215
    model = define(capabilities)
    await model.create([{"id": 1, "name": "Ada"}, {"id": 2, "name": "Bea"}])

    def to_ada(context: Any) -> None:
        context.query = {"where": {"name": "Ada"}}

    model.observe("access", to_ada)
    fired: list[str] = []
    for hook in ("access", "before save", "persist", "loaded", "after save"):
        model.observe(hook, lambda _, hook=hook: fired.append(hook))
    found = await model.update_or_create({"id": 2, "age": 5})
    assert (found.id, found.age) == (1, 5)
    assert fired == ["access", "before save", "persist", "loaded", "after save"]
    found = await model.replace_or_create({"id": 2, "name": "Ada", "age": 6})
    assert (found.id, found.age) == (1, 6)
    assert [row.get("age") for row in rows_of(model)] == [6, None]


async def test_a_changed_query_deletes_what_it_finds() -> None:
    """`destroy` and `destroy_by_id` delete what "access" and "before delete" leave in place."""
    # DAO-127, DAO-215, DAO-217
    model = define()
    await model.create([{"id": n} for n in range(1, 5)])
    record = await model.find_by_id(1)
    model.observe("access", lambda context: setattr(context, "query", {"where": {"id": 2}}))
    assert await record.destroy() == {"count": 1}
    model.clear_observers("access")
    model.observe("before delete", lambda context: setattr(context, "where", {"id": "3"}))
    assert await model.destroy_by_id(1) == {"count": 1}
    assert [row["id"] for row in rows_of(model)] == [1, 4]
