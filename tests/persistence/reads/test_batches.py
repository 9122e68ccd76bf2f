"""What connectors bound and tell: long lists of ids, paging, counts, the order of steps."""

from typing import Any

import pytest

from juggler.connectors.contract import Counted
from juggler.errors import InvalidQueryError
from tests.persistence.shelf import make_source, shelf_of


def numbers(**settings: Any) -> Any:
    """Return a model with twenty records on a shelf that takes three values in a list."""
    model = make_source().define(
        "Figure", {"id": {"type": int, "id": True}, "n": "number", "kind": str}, settings
    )
    shelf = shelf_of(model.data_source)
    shelf.max_list = 3  # type: ignore[misc]  # one per test
    shelf.rows["Figure"] = {n: {"id": n, "n": -n % 7, "kind": "a"} for n in range(20)}
    return model


@pytest.mark.parametrize(
    ("clauses", "expected"),
    [
        ({}, [9, 2, 5, 1, 7, 3, 0]),
        ({"limit": 3, "skip": 1}, [2, 5, 1]),
        ({"where": {"id": {"gt": 2}}}, [9, 5, 7, 3]),
        ({"order": "id DESC", "limit": 4}, [9, 7, 5, 3]),
        ({"order": "n,id", "limit": 3, "skip": 1}, [7, 5, 3]),
        ({"order": "n DESC", "fields": ["id"], "limit": 2}, [1, 2]),
    ],
    ids=repr,
)
async def test_many_ids_go_in_batches(clauses: Any, expected: list[int]) -> None:
    """Ids go to the store as many at a time as it takes; order and pages are as if at once."""
    # DAO-096
    model = numbers()
    asked = [9, 2, 5, 99, 1, 7, 2, 3, 0]
    assert [each.id for each in await model.find_by_ids(asked, clauses)] == expected
    assert shelf_of(model.data_source).asked == ["all"] * 3
    shelf_of(model.data_source).max_list = None  # type: ignore[misc]  # one per test
    assert [each.id for each in await model.find_by_ids(asked, clauses)] == expected


async def test_keys_of_several_parts_go_in_batches() -> None:
    """Composite ids are counted one by one as well."""
    # DAO-096
    source = make_source()
    model = source.define(
        "Line", {"a": {"type": int, "id": 1}, "b": {"type": int, "id": 2}, "text": str}
    )
    await model.create([{"a": n, "b": n, "text": str(n)} for n in range(5)])
    shelf = shelf_of(source)
    shelf.max_list = 2  # type: ignore[misc]  # one per test
    shelf.asked.clear()
    found = await model.find_by_ids([{"a": n, "b": n} for n in (4, 0, 2)])
    assert [each.text for each in found] == ["4", "0", "2"]
    assert shelf.asked == ["all", "all"]


async def test_batches_are_one_call_for_observers() -> None:
    """`access` runs once, `loaded` per record, and the scope holds in each batch."""
    # DAO-096
    model = numbers(scope={"where": {"n": {"gt": 0}}})
    seen: list[str] = []
    for hook in ("access", "loaded"):
        model.observe(hook, lambda _, hook=hook: seen.append(hook))
    assert [each.id for each in await model.find_by_ids([7, 1, 0, 2, 14])] == [1, 2]
    assert seen == ["access", "loaded", "loaded"]
    model.observe("access", lambda context: context.query.update(where={"id": {"lt": 2}}))
    assert [each.id for each in await model.find_by_ids([7, 1, 0, 2, 14])] == [1]


async def test_a_count_before_the_limit_is_told() -> None:
    """What a connector says of the number without limit stands on the list that is returned."""
    # DAO-092
    model = numbers()
    shelf = shelf_of(model.data_source)
    plain = shelf.all

    async def counted(info: Any, query: Any, options: Any) -> Any:
        return Counted(await plain(info, query, options), 20)

    assert (await model.find(limit=2)).count_before_limit is None
    shelf.all = counted  # type: ignore[method-assign]  # as a connector that counts would
    found = await model.find(limit=2)
    assert (len(found), found.count_before_limit) == (2, 20)
    assert (await model.find_one()).id == 0


async def test_a_page_is_told_whole() -> None:
    """The connector gets limit and offset as numbers, and a skip without limit has none."""
    # DAO-142
    model = numbers()
    shelf = shelf_of(model.data_source)
    for clauses, expected in (
        ({"limit": "2"}, (2, 0)),
        ({"skip": "3"}, (None, 3)),
        ({"offset": 4, "limit": 1}, (1, 4)),
        ({}, (None, 0)),
    ):
        shelf.seen.clear()
        await model.find(clauses)
        ((_, query),) = shelf.seen
        assert (query.limit, query.offset) == expected


async def test_steps_come_in_order() -> None:
    """A query is read, coerced and scoped before observers see it, and goes to the store after."""
    # DAO-139
    model = numbers(scope={"where": {"kind": "a"}})
    seen: list[Any] = []
    model.observe("access", lambda context: seen.append(context.query))
    shelf_of(model.data_source).before = seen.append
    await model.find(where={"n": "3"}, limit="5", order="n desc")
    assert seen == [
        {
            "where": {"n": 3, "kind": "a"},
            "order": ["n DESC"],
            "limit": 5,
            "offset": 0,
            "skip": 0,
        },
        "all",
    ]
    seen.clear()
    await model.count({"n": "3"})
    assert seen == [{"where": {"n": 3, "kind": "a"}}, "count"]
    with pytest.raises(InvalidQueryError):
        await model.find(where={"n": {"above": 3}})
    assert len(seen) == 2


@pytest.mark.parametrize("exists", [True, False])
async def test_whether_something_is_there(exists: bool) -> None:
    """`exists` tells whether a value is there; null is not."""
    # DAO-324
    model = numbers()
    shelf_of(model.data_source).rows["Figure"] = {
        1: {"id": 1, "kind": "a"},
        2: {"id": 2, "kind": None},
        3: {"id": 3},
    }
    found = await model.find(where={"kind": {"exists": exists}})
    assert [each.id for each in found] == ([1] if exists else [2, 3])


async def test_collecting_relations_is_no_clause() -> None:
    """A clause that nothing here can do is named, not left out."""
    # DAO-138
    with pytest.raises(InvalidQueryError) as caught:
        await numbers().find({"collect": "orders"})
    assert caught.value.path == "collect"
