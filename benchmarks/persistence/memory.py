"""What the memory connector costs, and what the layer costs above it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from benchmarks.persistence.original import Original, original
from benchmarks.timing import AsyncWork, Row, compare_async
from juggler import DataSource, ModelRegistry
from juggler.query.nodes import Condition, Filter

ROWS = 10_000
LAYER_BAR = 15e-6
"""Seconds that the layer may add to a call of the connector, without hooks."""

WORDS = {
    "by_id": "find_by_id",
    "by_email": "find, indexed equality",
    "scan": "find, scan with 10 % hits",
    "ordered": "find, order and limit 10",
    "count": "count, scan",
    "update_all": "update_all, 10 % of the rows",
    "load": "find 1,000 rows",
    "create": "create",
}


def rows(count: int = ROWS) -> Iterator[Row]:
    """Yield the rows of this part, measured with *count* records."""
    return iter(asyncio.run(_all(count)))


async def _all(count: int) -> list[Row]:
    found = []
    async with _ours(count) as model, original(count) as reference:
        works = _works(model, count)
        for name, work in works.items():
            found += await _beside(name, work, reference, count)
        found += await _layer(model, count)
    return found


@asynccontextmanager
async def _ours(count: int) -> AsyncIterator[Any]:
    """Open a memory source with *count* records and yield the model."""
    source = DataSource("bench", connector="memory", registry=ModelRegistry())
    model = source.define(
        "Item",
        {
            "name": "string",
            "group": "number",
            "email": {"type": "string", "index": True},
            "price": "number",
        },
    )
    async with source:
        for at in range(1, count + 1):
            await model.create(record(at))
        yield model
    await source.close()


def record(at: int) -> dict[str, Any]:
    """Return the data of one record."""
    return {
        "name": f"name {at}",
        "group": at % 10,
        "email": f"e{at}@example.org",
        "price": at * 7919 % 10007,
    }


def _works(model: Any, count: int) -> dict[str, AsyncWork]:
    """Return what is measured, by name; the original does the same under the same name."""
    made = iter(range(count + 1, 100_000_000))

    def looped(one: Any) -> AsyncWork:
        async def work(times: int) -> None:
            for at in range(times):
                await one(at)

        return work

    one = {
        "by_id": lambda at: model.find_by_id(1 + at * 37 % count),
        "by_email": lambda at: model.find(where={"email": f"e{1 + at * 37 % count}@example.org"}),
        "scan": lambda at: model.find(where={"group": at % 10}),
        "ordered": lambda _: model.find(order="price DESC", limit=10),
        "count": lambda at: model.count({"group": at % 10}),
        "update_all": lambda at: model.update_all({"group": at % 10}, {"name": f"new {at}"}),
        "load": lambda _: model.find(limit=1000),
        "create": lambda _: model.create(record(next(made))),
    }
    return {name: looped(each) for name, each in one.items()}


async def _beside(name: str, work: AsyncWork, reference: Original | None, count: int) -> list[Row]:
    """Return the row of one operation beside the original's."""
    if reference is None:
        (ours,) = await compare_async(work)
        return [Row(WORDS[name], ours * 1e6, 0, "not measured", "us")]
    ours, theirs = await compare_async(work, partial(reference, name), rounds=5)
    return [Row(WORDS[name], ours * 1e6, theirs * 1e6, f"the original, {count:,} rows", "us", 1)]


async def _layer(model: Any, count: int) -> list[Row]:
    """Return the rows about what the layer adds to a bare call of the connector."""
    connector, info = model.get_connector(), model.info
    query = [Filter(where=Condition(("id",), "eq", 1 + at), limit=1) for at in range(count)]

    async def layered(times: int) -> None:
        for at in range(times):
            await model.find_by_id(1 + at % count)

    async def bare(times: int) -> None:
        for at in range(times):
            await connector.all(info, query[at % count], {})

    ours, theirs = await compare_async(layered, bare)
    bar = (theirs + LAYER_BAR) / theirs
    return [
        Row("find_by_id, layer and connector", ours * 1e6, theirs * 1e6, "the connector", "us", bar)
    ]
