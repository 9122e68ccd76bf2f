"""Generated cases: whatever the filter, the store and memory give the same rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from juggler.connectors.contract import ModelInfo, Row
from juggler.connectors.memory.connector import MemoryConnector
from juggler.testing import filters
from juggler.testing.connector_suite.base import NO_OPTIONS, Store, Suite, plain
from juggler.testing.connector_suite.models import model, query, where

KEY = {"type": "integer", "id": True, "generated": True}
OPEN = model("Open", {"id": KEY, "any": "any", "open": "object"})
THING = model("Thing", {**filters.COLUMNS, "id": KEY})

Strategy = st.SearchStrategy[Any]
Agree = Callable[["Both", Any], Coroutine[Any, Any, None]]

_KEYS = ("a", "b", "0", "1", "A-b")

SETTINGS: Mapping[str, Any] = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}


class AgreementCases(Suite):
    """The same rows and filters on the store and on memory."""

    examples = 100
    """Generated filters per case."""

    def test_one_property_at_a_time(self, tmp_path: Path) -> None:
        """Rows and a condition about one property: both stores find the same."""

        async def agree(both: Both, case: tuple[list[Row], Mapping[str, Any]]) -> None:
            rows, conditions = case
            await both.fill(rows)
            await both.compare_rows({"where": conditions})

        self._compare(tmp_path, filters.cases(nested=self._is_nested(tmp_path)), agree)

    def test_whole_filters(self, tmp_path: Path) -> None:
        """Combined conditions, order and pages: both stores give the same rows in one order."""

        async def agree(both: Both, rows_and_filter: tuple[list[Row], dict[str, Any]]) -> None:
            rows, clauses = rows_and_filter
            await both.fill(rows)
            await both.compare_rows(clauses)

        self._compare(
            tmp_path, _with_rows(filters.filters(nested=self._is_nested(tmp_path))), agree
        )

    def test_changes(self, tmp_path: Path) -> None:
        """Counts, updates and deletions touch the same rows on both stores."""

        async def agree(both: Both, rows_and_where: tuple[list[Row], dict[str, Any]]) -> None:
            rows, conditions = rows_and_where
            await both.fill(rows)
            await both.compare_changes(conditions)

        self._compare(tmp_path, _with_rows(filters.wheres(nested=self._is_nested(tmp_path))), agree)

    def test_open_values(self, tmp_path: Path) -> None:
        """Values of which nothing is declared compare and sort alike on both stores."""
        if not self._is_nested(tmp_path):
            pytest.skip("the connector has no nested")

        async def agree(both: Both, rows_and_filter: tuple[list[Row], dict[str, Any]]) -> None:
            rows, clauses = rows_and_filter
            await both.fill(rows, OPEN)
            await both.compare_rows(clauses, OPEN)

        self._compare(tmp_path, _open_cases(), agree)

    def _is_nested(self, folder: Path) -> bool:
        return "nested" in self.make(folder).capabilities

    def _compare(self, folder: Path, strategy: Any, agree: Agree) -> None:
        """Run *agree* with two stores and many generated cases."""
        with asyncio.Runner() as runner:
            connector = self.make(folder)
            memory = MemoryConnector({}, self.host)
            both = Both([Store(connector), Store(memory)])
            runner.run(connector.connect())
            try:

                @settings(max_examples=self.examples, **SETTINGS)
                @given(strategy)
                def check(case: Any) -> None:
                    runner.run(agree(both, case))

                check()
            finally:
                runner.run(connector.disconnect())


class Both:
    """The store under test and memory, treated alike."""

    def __init__(self, stores: Sequence[Store]) -> None:
        self.stores = stores
        self.is_ready = False

    async def fill(self, rows: list[Row], info: ModelInfo = THING) -> None:
        """Put nothing but *rows* into both."""
        for store in self.stores:
            if not self.is_ready:
                await store.prepare(info)
            await store.destroy(info)
            for row in rows:
                await store.create(info, **row)
        self.is_ready = True

    async def compare_rows(self, clauses: Mapping[str, Any], info: ModelInfo = THING) -> None:
        """Check that both give the same rows."""
        asked = query(info, **clauses)
        found, wanted = [
            [plain(info, row) for row in await store.connector.all(info, asked, NO_OPTIONS)]
            for store in self.stores
        ]
        assert found == wanted

    async def compare_changes(self, conditions: Mapping[str, Any]) -> None:
        """Check that both count, change and delete the same rows."""
        asked = where(THING, **conditions)
        changes: list[Callable[[Store], Coroutine[Any, Any, int]]] = [
            lambda store: store.connector.count(THING, asked, NO_OPTIONS),
            lambda store: store.update(THING, {"score": 77, "tags": ["z"]}, **conditions),
            lambda store: store.destroy(THING, **conditions),
        ]
        for change in changes:
            found, wanted = [await change(store) for store in self.stores]
            assert found == wanted
            await self.compare_rows({})


def _with_rows(strategy: Strategy) -> Strategy:
    return st.tuples(filters.rows(), strategy)


_JSON: Strategy = st.recursive(
    st.sampled_from((None, True, False, 0, 1, -1, 0.5, 2**53, "", "a", "B", "1", "é")),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(_KEYS), inner, max_size=3)
    ),
    max_leaves=8,
)
"""Any JSON value, from small pools so that conditions meet rows."""


def _open_cases() -> Strategy:
    """Return rows with open properties together with a filter about them."""
    row = st.fixed_dictionaries({}, optional=dict.fromkeys(("any", "open"), _JSON))
    path = st.lists(st.sampled_from(_KEYS), max_size=3).flatmap(
        lambda keys: st.sampled_from(("any", "open")).map(lambda name: ".".join((name, *keys)))
    )
    simple = _JSON.filter(lambda value: not isinstance(value, list | dict))
    operation = st.one_of(
        st.tuples(st.sampled_from(("eq", "neq")), _JSON.filter(lambda value: value != {})),
        st.tuples(st.sampled_from(("gt", "gte", "lt", "lte")), simple),
        st.tuples(st.sampled_from(("inq", "nin")), st.lists(_JSON, max_size=3)),
        st.tuples(st.just("between"), st.tuples(simple, simple).map(list)),
        st.tuples(st.just("exists"), st.booleans()),
        st.tuples(st.sampled_from(("like", "nilike", "regexp")), st.sampled_from(("a", "b", "%"))),
    )
    conditions = st.dictionaries(path, operation.map(lambda pair: dict([pair])), max_size=2)
    order = st.lists(st.tuples(path, st.sampled_from(("", " DESC", " NOCASE"))).map("".join))
    clauses = st.fixed_dictionaries({"where": conditions, "order": order})
    return st.tuples(st.lists(row, min_size=2, max_size=6), clauses)
