"""The two built-in stores, and a table whose rows have all sorts of values, nulls and ties."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from hypothesis import strategies as st

from juggler import DataSource, ModelRegistry

URLS = ("memory", "sqlite://")

PROPERTIES = {
    "id": {"type": int, "id": True},
    "name": str,
    "n": "number",
    "price": "decimal",
    "born": "date",
    "day": "datestring",
    "ok": "boolean",
    "home": {"city": str, "size": "integer"},
}

ROWS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "name": st.none() | st.sampled_from(["a", "b", "B", "é"]),
            "n": st.none() | st.sampled_from([0, 1, -1, 0.5, 0.1, 2.25, 10**15]),
            "price": st.none() | st.sampled_from(["1.10", "1.1", "20", "0.003"]),
            "born": st.none() | st.sampled_from(["2020-01-01", "2021-02-03T04:05:06.789Z"]),
            "day": st.none() | st.sampled_from(["2020-01-01", "2019-12-31"]),
            "ok": st.none() | st.booleans(),
            "home": st.none()
            | st.fixed_dictionaries(
                {}, optional={"city": st.sampled_from(["x", "y"]), "size": st.integers(0, 3)}
            ),
        },
    ),
    max_size=14,
)

TERMS = st.tuples(
    st.sampled_from(["name", "n", "price", "born", "day", "ok", "id"]),
    st.sampled_from(["", " ASC", " DESC"]),
    st.sampled_from(["", " NULLS FIRST", " NULLS LAST"]),
).map("".join)

WHERES = st.sampled_from(
    [{}, {"n": {"gte": 0}}, {"name": {"neq": "a"}}, {"ok": None}, {"id": {"gt": 2}}]
)


@asynccontextmanager
async def table(url: str, rows: list[dict[str, Any]], **settings: Any) -> AsyncIterator[Any]:
    """Give a model of these *rows* on a fresh store."""
    source = DataSource(url, registry=ModelRegistry())
    model = source.define("Thing", PROPERTIES, {"strict": True, **settings})
    async with source:
        await source.autoupdate()
        await model.create([{"id": place, **row} for place, row in enumerate(rows, 1)])
        yield model
