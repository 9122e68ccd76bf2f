"""Pages: a few records at a time, and cursors that cannot be misused."""

import asyncio
import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler.errors import InvalidQueryError
from juggler.persistence.reads.page import Page
from tests.persistence.reads.stores import ROWS, TERMS, URLS, WHERES, table
from tests.persistence.shelf import make_source, shelf_of


async def all_pages(model: Any, **clauses: Any) -> list[Page[Any]]:
    """Return the pages of a query."""
    found: list[Page[Any]] = [await model.find_page(**clauses)]
    while found[-1].has_more:
        found.append(await model.find_page(cursor=found[-1].next_cursor, **clauses))
    return found


@pytest.mark.parametrize("url", URLS)
@settings(max_examples=40)
@given(
    rows=ROWS,
    order=st.lists(TERMS, max_size=3, unique_by=lambda term: term.split()[0]),
    where=WHERES,
    size=st.integers(1, 5),
    skip=st.integers(0, 3),
)
def test_pages_together_are_what_find_gives(
    url: str, rows: Any, order: Any, where: Any, size: int, skip: int
) -> None:
    """One after the other, the pages of a query have the records of `find`, and say how many."""
    # DAO-327

    async def check() -> None:
        async with table(url, rows) as model:
            query = {"where": where, "order": order, "skip": skip}
            pages = await all_pages(model, **query, limit=size, total=True)
            found = [each for page in pages for each in page.items]
            assert found == await model.find(query)
            assert {page.total for page in pages} == {await model.count(where)}
            assert all(len(page.items) == size for page in pages[:-1])
            assert pages[-1].next_cursor is None

    asyncio.run(check())


@pytest.mark.parametrize("order", ["name NOCASE", "home.city DESC", "home"])
async def test_orders_that_conditions_cannot_tell_are_counted(order: str) -> None:
    """Where no key tells what comes next, the cursor counts records."""
    # DAO-327
    rows: list[Any] = [{"name": name, "home": {"city": name}} for name in "bBaAc"]
    async with table("memory", rows) as model:
        pages = await all_pages(model, order=order, limit=2)
        assert [each for page in pages for each in page.items] == await model.find(order=order)


async def test_what_comes_and_goes_meanwhile_shifts_nothing() -> None:
    """The next page begins after the last record of the one before, wherever that is by now."""
    # DAO-327
    async with table("memory", [{"n": n} for n in range(6)]) as model:
        page = await model.find_page(order="n", limit=2)
        await model.destroy_all({"n": {"lt": 2}})
        await model.create(id=99, n=-1)
        page = await model.find_page(order="n", limit=2, cursor=page.next_cursor)
        assert [each.n for each in page.items] == [2, 3]


async def test_a_page_is_frozen_and_says_what_is_left() -> None:
    """Items, cursor and total cannot be changed; a total is counted when it is asked for."""
    # DAO-327
    async with table("memory", [{}, {}, {}]) as model:
        page = await model.find_page({"limit": 2})
        assert isinstance(page, Page)
        assert (len(page.items), page.total, page.has_more) == (2, None, True)
        with pytest.raises(AttributeError):
            page.total = 5
        last = await model.find_page({"limit": 2}, page.next_cursor, total=True)
        assert (len(last.items), last.total, last.has_more, last.next_cursor) == (1, 3, False, None)


async def test_size_of_a_page() -> None:
    """`limit` is the size, `max_limit` bounds it, and without one it is 50 or the default."""
    # DAO-186, DAO-327
    async with table("memory", [{}] * 60) as model:
        assert len((await model.find_page()).items) == 50
        assert len((await model.find_page(options={"default_limit": 7})).items) == 7
        assert len((await model.find_page(options={"max_limit": 5})).items) == 5
        assert len((await model.find_page(limit=9, options={"max_limit": 5})).items) == 5
        with pytest.raises(InvalidQueryError):
            await model.find_page(limit=0)


async def test_observers_and_scope_hold_on_every_page() -> None:
    """A page is a read as any other: `access` once, `loaded` per record on it, within the scope."""
    # DAO-327
    settings_ = {"scope": {"where": {"n": {"gt": 0}}}}
    async with table("memory", [{"n": n} for n in range(5)], **settings_) as model:
        seen: list[str] = []
        for hook in ("access", "loaded"):
            model.observe(hook, lambda _, hook=hook: seen.append(hook))
        pages = await all_pages(model, limit=3, total=True)
        assert [each.n for page in pages for each in page.items] == [1, 2, 3, 4]
        assert seen == ["access", *["loaded"] * 3, "access", "loaded"]
        assert pages[0].total == 4


def cursor_of(data: Any) -> str:
    """Return a cursor with any content."""
    return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


async def refused(model: Any, cursor: Any, **clauses: Any) -> None:
    """Check that a cursor is refused."""
    with pytest.raises(InvalidQueryError) as caught:
        await model.find_page(cursor=cursor, **clauses)
    assert (caught.value.code, caught.value.status_code) == ("INVALID_CURSOR", 400)


async def test_a_cursor_belongs_to_its_query() -> None:
    """It is of use for the same model, order and form of conditions, with other values too."""
    # DAO-327
    async with table("memory", [{"n": n, "name": "a"} for n in range(5)]) as model:
        query: dict[str, Any] = {"where": {"n": {"gt": 0}}, "order": "n"}
        cursor = (await model.find_page(query, limit=1)).next_cursor
        other = {**query, "where": {"n": {"gt": 2}}}
        assert [each.n for each in (await model.find_page(other, cursor)).items] == [3, 4]
        for changed in (
            {**query, "order": "n DESC"},
            {**query, "order": "n,name"},
            {**query, "where": {"n": {"gte": 0}}},
            {**query, "where": {}},
            {**query, "where": {"n": {"gt": 0}, "name": "a"}},
        ):
            await refused(model, cursor, **changed)


@settings(max_examples=60)
@given(
    st.one_of(
        st.text(max_size=60),
        st.binary(max_size=60).map(lambda data: base64.urlsafe_b64encode(data).decode()),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(st.text(max_size=3), inner, max_size=3)
            ),
        ).map(cursor_of),
        st.integers(),
        st.just("A" * 100_000),
    )
)
def test_made_up_cursors_are_refused(cursor: Any) -> None:
    """Whatever is handed in as a cursor is a 400 and no other error."""
    # DAO-327

    async def check() -> None:
        async with table("memory", [{"n": 1}, {"n": 2}]) as model:
            await refused(model, cursor, order="n")

    asyncio.run(check())


async def outcome(model: Any, query: Any, data: Any) -> tuple[str | None, set[int]]:
    """Return the code of the error that a cursor with *data* gives, or the ids that it finds."""
    try:
        page = await model.find_page(query, cursor_of(data))
    except InvalidQueryError as error:
        return error.code, set()
    return None, {each.id for each in page.items}


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("neq"), inner, max_size=1),
    max_leaves=3,
)


@pytest.mark.parametrize("name", ["n", "name", "born", "price", "day", "ok", "id"])
@settings(max_examples=25)
@given(place=st.one_of(VALUES, st.lists(VALUES, min_size=1, max_size=3)))
def test_a_forged_place_widens_nothing(name: str, place: Any) -> None:
    """With the right mark and any place in it, a cursor is refused or narrows its query."""
    # DAO-327

    async def check() -> None:
        rows = [{"n": n, "name": "a", "ok": True} for n in range(4)]
        async with table("sqlite://", rows) as model:
            query = {"where": {"n": {"lt": 3}}, "order": name, "limit": 1}
            genuine = (await model.find_page(query)).next_cursor
            data = json.loads(base64.urlsafe_b64decode(genuine + "=="))
            allowed = {each.id for each in await model.find(where=query["where"])}
            code, found = await outcome(model, {**query, "limit": 9}, [*data[:2], place])
            assert code in {None, "INVALID_CURSOR"}
            assert found <= allowed

    asyncio.run(check())


async def test_a_cursor_tells_no_secret() -> None:
    """Where a hidden property makes the order, the cursor counts instead of telling its value."""
    # DAO-182, DAO-327
    source = make_source()
    model = source.define(
        "Person",
        {"id": {"type": int, "id": True}, "salary": {"type": "number", "hidden": True}},
        {"scope": {"order": "salary DESC"}},
    )
    shelf_of(source).rows["Person"] = {n: {"id": n, "salary": 7000 + n} for n in range(1, 6)}
    pages = await all_pages(model, limit=2)
    assert [each.id for page in pages for each in page.items] == [5, 4, 3, 2, 1]
    for page in pages[:-1]:
        data = base64.urlsafe_b64decode(str(page.next_cursor) + "==")
        assert b"700" not in data


async def test_values_too_long_for_a_cursor_are_told() -> None:
    """An order by texts of great length is no order for pages."""
    # DAO-327
    async with table("memory", [{"name": "x" * 9_000}, {"name": "y" * 9_000}]) as model:
        with pytest.raises(InvalidQueryError) as caught:
            await model.find_page(order="name", limit=1)
        assert caught.value.code == "ORDER_NOT_PAGEABLE"
