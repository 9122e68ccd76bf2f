"""Cases about enumerations: members are asked for, and lie, as their values do."""

from __future__ import annotations

from enum import Enum
from typing import Any

import pytest

from juggler.testing.connector_suite.base import Store, Suite
from juggler.testing.connector_suite.models import model


class Size(Enum):
    """Names and values lie in different orders."""

    SMALL = "b"
    LARGE = "c"
    HUGE = "a"


class Rank(Enum):
    """A choice among numbers."""

    FIRST = 20
    LAST = 3


SHIRT = model(
    "Shirt", {"id": {"type": "integer", "id": True, "generated": True}, "size": Size, "rank": Rank}
)
ROWS: list[dict[str, Any]] = [
    {"size": Size.SMALL, "rank": Rank.FIRST},
    {"size": Size.LARGE, "rank": Rank.LAST},
    {"size": Size.HUGE},
]

CASES: list[tuple[dict[str, Any], list[int]]] = [
    ({"order": "size"}, [3, 1, 2]),
    ({"order": "rank DESC"}, [1, 2, 3]),
    ({"where": {"size": "b"}}, [1]),
    ({"where": {"size": {"gt": "a"}}}, [1, 2]),
    ({"where": {"rank": {"lte": 3}}}, [2]),
    ({"where": {"rank": {"between": [3, 20]}}}, [1, 2]),
    ({"where": {"size": {"inq": ["a", Size.LARGE]}}}, [2, 3]),
    ({"where": {"size": {"like": "%b%"}}}, [1]),
    ({"where": {"rank": None}}, [3]),
]


class ChoiceCases(Suite):
    """Members of an enumeration in conditions and orders."""

    @pytest.mark.parametrize(("clauses", "ids"), CASES, ids=str)
    async def test_members(self, store: Store, clauses: dict[str, Any], ids: list[int]) -> None:
        """Values stand for their members in conditions; the order is that of the values."""
        await store.prepare(SHIRT, rows=ROWS)
        assert await store.values(SHIRT, "id", **clauses) == ids
