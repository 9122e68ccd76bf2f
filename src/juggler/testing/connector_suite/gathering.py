"""Cases about figures over rows, and about conditions on the elements of lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import pytest
from msgspec.structs import replace

from juggler.connectors.contract import ModelInfo, Row
from juggler.query.aggregate import normalise_aggregation, read_aggregation
from juggler.testing.connector_suite.base import NO_OPTIONS, Store, Suite
from juggler.testing.connector_suite.models import model, where

SALE: Final = model(
    "Sale",
    {
        "id": {"type": "integer", "id": True},
        "town": "string",
        "total": "number",
        "price": "decimal",
        "at": "date",
        "lines": [{"sku": "string", "qty": "number"}],
        "to": {"zip": "string", "floor": "integer"},
        "grid": [["number"]],
    },
)
FIRST, LAST = datetime(2020, 1, 2, tzinfo=UTC), datetime(2023, 4, 5, tzinfo=UTC)

_LINES: Final[list[Row]] = [{"sku": "a", "qty": 1}, {"sku": "b", "qty": 5}]
ROWS: Final[list[Row]] = [
    {"id": 1, "town": "Oslo", "total": 0.1, "price": Decimal("0.10"), "at": LAST, "lines": _LINES},
    {
        "id": 2,
        "town": "Oslo",
        "total": 0.2,
        "price": Decimal("0.2"),
        "to": {"zip": "7", "floor": 1},
    },
    {"id": 3, "town": "Bonn", "at": FIRST, "lines": [{"sku": "a", "qty": 5}], "to": {"floor": 4}},
    {"id": 4, "total": 3, "grid": [[1, 9], [5]]},
]

RESULTS: Final[list[tuple[dict[str, Any], list[Row]]]] = [
    ({"count": True}, [{"count": 4}]),
    ({"count": ["town", "at"]}, [{"count_town": 3, "count_at": 2}]),
    (
        {"group_by": "town", "count": {"n": True}},
        [{"town": None, "n": 1}, {"town": "Bonn", "n": 1}, {"town": "Oslo", "n": 2}],
    ),
    (
        {
            "group_by": "town",
            "sum": "total",
            "where": {"town": {"neq": None}},
            "order": "town DESC",
        },
        [{"town": "Oslo", "sum_total": 0.30000000000000004}, {"town": "Bonn", "sum_total": None}],
    ),
    (
        {"sum": {"all": "price"}, "avg": {"mean": "price"}},
        [{"all": Decimal("0.30"), "mean": Decimal("0.15")}],
    ),
    ({"min": "at", "max": {"last": "at"}}, [{"min_at": FIRST, "last": LAST}]),
    ({"max": ["town", "price"]}, [{"max_town": "Oslo", "max_price": Decimal("0.2")}]),
    (
        {"group_by": "town", "count": True, "having": {"count": {"gt": 1}}},
        [{"town": "Oslo", "count": 2}],
    ),
    (
        {"group_by": "town", "sum": {"s": "total"}, "order": "s DESC NULLS LAST", "limit": 1},
        [{"town": None, "s": 3}],
    ),
    ({"group_by": "town", "order": "town", "skip": 2}, [{"town": "Oslo"}]),
    ({"group_by": "town", "where": {"id": 99}}, []),
    ({"sum": "total", "where": {"id": 99}}, [{"sum_total": None}]),
]

NESTED: Final[list[tuple[dict[str, Any], list[Row]]]] = [
    ({"sum": {"s": "to.floor"}, "max": {"z": "to.zip"}}, [{"s": 5, "z": "7"}]),
    (
        {"group_by": "to.floor", "count": True},
        [
            {"to.floor": None, "count": 2},
            {"to.floor": 1, "count": 1},
            {"to.floor": 4, "count": 1},
        ],
    ),
]

ELEMENTS: Final[list[tuple[dict[str, Any], list[int]]]] = [
    ({"lines": {"elem_match": {"sku": "a", "qty": 5}}}, [3]),
    ({"lines.sku": "a", "lines.qty": 5}, [1, 3]),
    ({"lines": {"elem_match": {"sku": {"neq": "a"}, "qty": {"gt": 3}}}}, [1]),
    ({"not": {"lines": {"elem_match": {"sku": "a", "qty": 5}}}}, [1, 2, 4]),
    ({"grid": {"elem_match": {"elem_match": {"gt": 1, "lt": 9}}}}, [4]),
    ({"grid": {"elem_match": {"elem_match": {"gt": 5, "lt": 9}}}}, []),
]


class GatheringCases(Suite):
    """Figures over rows, and conditions on one element."""

    @pytest.mark.parametrize(("asked", "expected"), RESULTS, ids=repr)
    async def test_figures(self, store: Store, asked: dict[str, Any], expected: list[Row]) -> None:
        """Groups come in order, figures leave null out, decimals and dates are exact."""
        store.needs("aggregate")
        await store.prepare(SALE, rows=ROWS)
        assert await _results(store, SALE, asked) == expected

    @pytest.mark.parametrize(("asked", "expected"), NESTED, ids=repr)
    async def test_figures_of_embedded_values(
        self, store: Store, asked: dict[str, Any], expected: list[Row]
    ) -> None:
        """Dotted paths lead to what figures and groups are made of."""
        store.needs("aggregate", "nested")
        await store.prepare(SALE, rows=ROWS)
        assert await _results(store, SALE, asked) == expected

    @pytest.mark.parametrize(("conditions", "expected"), ELEMENTS, ids=repr)
    async def test_one_element_fulfils_all(
        self, store: Store, conditions: dict[str, Any], expected: list[int]
    ) -> None:
        """`elem_match` wants one element that fulfils all conditions by itself."""
        store.needs("elem_match", "nested")
        await store.prepare(SALE, rows=ROWS)
        assert await store.values(SALE, "id", where=conditions, order="id") == expected


async def _results(store: Store, info: ModelInfo, asked: Mapping[str, Any]) -> list[Row]:
    """Return the results of an aggregation, given as users write it."""
    found = normalise_aggregation(read_aggregation(asked), info.shape)
    conditions = where(info, **asked.get("where", {}))
    page = {"limit": asked.get("limit"), "offset": asked.get("skip", 0)}
    found = replace(found, where=conditions, **page)
    return await store.connector.aggregate(info, found, NO_OPTIONS)
