"""Streams: the records of a query one by one, whatever happens meanwhile."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler import ModelRegistry, current_tenant, tenant
from juggler.errors import InvalidQueryError, ModelDisposedError
from juggler.testing.gate import Gate
from tests.persistence.reads.stores import ROWS, TERMS, URLS, WHERES, table
from tests.persistence.shelf import make_source, shelf_of

PEOPLE = {n: {"id": n, "name": f"p{n}", "age": n % 3 or None} for n in range(1, 12)}


def people(**settings: Any) -> Any:
    """Return a model with eleven records on a store that notes what it is asked."""
    model = make_source().define(
        "Person", {"id": {"type": int, "id": True}, "name": str, "age": int}, settings
    )
    shelf_of(model.data_source).rows["Person"] = {n: dict(row) for n, row in PEOPLE.items()}
    return model


@pytest.mark.parametrize("url", URLS)
@settings(max_examples=40)
@given(
    rows=ROWS,
    order=st.lists(TERMS, max_size=3, unique_by=lambda term: term.split()[0]),
    where=WHERES,
    size=st.integers(1, 5),
    page=st.fixed_dictionaries(
        {}, optional={"limit": st.integers(0, 8), "skip": st.integers(0, 4)}
    ),
)
def test_streams_give_what_find_gives(
    url: str, rows: Any, order: Any, where: Any, size: int, page: Any
) -> None:
    """In portions of any size, a stream has the records of `find` in their order."""
    # DAO-327

    async def check() -> None:
        async with table(url, rows) as model:
            query = {"where": where, "order": order, **page}
            found = [each async for each in model.iterate(query, batch_size=size)]
            assert found == await model.find(query)

    asyncio.run(check())


@pytest.mark.parametrize("order", ["name NOCASE", "home.city DESC", "home"])
@pytest.mark.parametrize("url", URLS)
async def test_orders_that_conditions_cannot_tell_are_counted(url: str, order: str) -> None:
    """A stream in an order by folded text, by paths or whole objects is complete, too."""
    # DAO-327
    rows = [{"name": name, "home": {"city": name}} for name in "bBaAcC"] + [{}]
    async with table(url, rows) as model:
        found = [each async for each in model.iterate(order=order, batch_size=2)]
        assert found == await model.find(order=order)


@pytest.mark.parametrize("url", URLS)
async def test_what_is_added_or_deleted_meanwhile_shifts_nothing(url: str) -> None:
    """Records that are there all the time come once each, whatever comes and goes before them."""
    # DAO-327
    rows: list[Any] = [{"n": n} for n in range(10)]
    async with table(url, rows) as model:
        seen = []
        async for each in model.iterate(order="n", batch_size=2):
            seen.append(each.n)
            await model.create(id=100 + len(seen), n=-1)
            await model.destroy_all({"n": each.n})
        assert seen == list(range(10))


async def test_the_next_portion_is_found_by_key() -> None:
    """Portions are asked for by what comes after the last row, with the primary key for ties."""
    # DAO-327
    model = people()
    ids = [each.id async for each in model.iterate(order="age", batch_size=4)]
    assert len(ids) == len(set(ids)) == len(PEOPLE)
    asked = [query for _, query in shelf_of(model.data_source).seen]
    assert [(query.limit, query.offset) for query in asked] == [(4, 0)] * 3
    assert [term.name for term in asked[0].order] == ["age", "id"]


async def test_observers_see_one_query_and_every_record() -> None:
    """`access` runs once for a stream, `loaded` for each of its records."""
    # DAO-327
    model, seen = people(), []
    model.observe("access", lambda context: seen.append(context.query))
    model.observe("access", lambda context: context.query.update(where={"id": {"lt": 8}}))
    model.observe("loaded", lambda context: context.data.update(name="x"))
    found = [each async for each in model.iterate(batch_size=3)]
    assert len(seen) == 1
    assert [(each.id, each.name) for each in found] == [(n, "x") for n in range(1, 8)]


async def test_fields_are_what_was_asked_for() -> None:
    """The key that portions are found by is fetched, and is no part of the instances."""
    # DAO-097, DAO-327
    model = people()
    found = [each.to_dict() async for each in model.iterate(fields=["name"], batch_size=4)]
    assert found == [{"name": row["name"]} for row in PEOPLE.values()]


@pytest.mark.parametrize("is_observed", [False, True])
async def test_bounds_of_one_read_bound_a_portion(is_observed: bool) -> None:
    """`max_limit` and `default_limit` bound what is read at once, not the stream."""
    # DAO-186, DAO-327
    model = people(max_limit=4, default_limit=2)
    if is_observed:
        model.observe("access", lambda _: None)
    assert len([each async for each in model.iterate()]) == 11
    assert len([each async for each in model.iterate(limit=6)]) == 6
    assert {query.limit for _, query in shelf_of(model.data_source).seen} <= {1, 2, 3, 4}


@pytest.mark.parametrize("size", [0, -1, True, 2.5, "3", None])
async def test_a_portion_has_at_least_one_record(size: Any) -> None:
    """`batch_size` is a whole number from 1 on."""
    # DAO-327
    with pytest.raises(InvalidQueryError) as caught:
        people().iterate(batch_size=size)
    assert caught.value.path == "batch_size"


async def test_who_stops_leaves_nothing_at_work() -> None:
    """A stream is at work from its first record to its end, by break, close, block or error."""
    # DAO-327
    model = people()
    source = model.data_source
    stream = model.iterate(batch_size=2)
    assert source.in_flight == 0
    assert (await anext(stream)).id == 1
    assert source.in_flight == 1
    await stream.aclose()
    await stream.aclose()
    assert source.in_flight == 0
    with pytest.raises(StopAsyncIteration):
        await anext(stream)
    async for _ in model.iterate(batch_size=2):
        break
    assert source.in_flight == 0
    async with model.iterate() as stream:
        await anext(stream)
        assert source.in_flight == 1
    assert source.in_flight == 0
    model.observe("loaded", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        await anext(model.iterate())
    assert source.in_flight == 0
    assert [each async for each in model.iterate(limit=0)] == []
    assert source.in_flight == 0


async def held() -> tuple[Any, Any, Gate]:
    """Return a model, a stream of it, and the gate that its store waits at from now on."""
    model = people()
    await model.count()
    shelf_of(model.data_source).gate = gate = Gate()
    return model, model.iterate(), gate


async def test_a_stream_is_for_one_task() -> None:
    """A second task that reads from the same stream is told so."""
    # DAO-327
    _, stream, gate = await held()
    first = asyncio.create_task(anext(stream))
    await gate.wait_for(1)
    with pytest.raises(RuntimeError, match="Another task"):
        await anext(stream)
    gate.open()
    assert (await first).id == 1


async def test_a_cancelled_stream_is_over() -> None:
    """Whoever is cancelled while a portion is read leaves nothing at work."""
    # DAO-327
    model, stream, gate = await held()
    task = asyncio.create_task(anext(stream))
    await gate.wait_for(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert model.data_source.in_flight == 0
    with pytest.raises(StopAsyncIteration):
        await anext(stream)


async def test_a_stream_stays_with_its_tenant() -> None:
    """Its observers work for the tenant that began it, wherever it is read."""
    # DAO-327
    registry, seen = ModelRegistry(), []
    source = make_source(registry)
    with tenant("acme"):
        model = registry.define("Note", {"text": str})
        model.data_source = source
        await model.create([{"text": "a"}, {"text": "b"}, {"text": "c"}])
        model.observe("loaded", lambda _: seen.append(current_tenant()))
        stream = model.iterate(batch_size=1)
    with tenant("other"):
        assert (await anext(stream)).text == "a"
        assert current_tenant() == "other"
    assert [each.text async for each in stream] == ["b", "c"]
    assert seen == ["acme"] * 3


async def test_a_stream_of_a_tenant_that_left_ends() -> None:
    """After a clean-up no further record comes, not even one that was read before."""
    # DAO-327
    registry = ModelRegistry()
    source = make_source(registry)
    with tenant("acme"):
        model = registry.define("Note", {"text": str})
        model.data_source = source
        await model.create([{"text": "a"}, {"text": "b"}])
        stream = model.iterate()
        assert (await anext(stream)).text == "a"
    registry.cleanup_tenant("acme", force=True)
    with pytest.raises(ModelDisposedError):
        await anext(stream)
    assert source.in_flight == 0


async def test_open_models_and_models_without_key_stream() -> None:
    """Without a primary key portions are counted."""
    # DAO-327
    model = make_source().define("Log", {"text": str}, {"id_injection": False})
    await model.create([{"text": str(n)} for n in range(5)])
    found = [each.text async for each in model.iterate(batch_size=2)]
    assert sorted(found) == ["0", "1", "2", "3", "4"]
