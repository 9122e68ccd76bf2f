"""kv-memory passes the cases that every connector of keys and values has to, and the least too."""

from collections.abc import Collection
from typing import Any

import pytest

from juggler.connectors.keyvalue import WHOLE
from juggler.connectors.keyvalue_memory.connector import KeyValueMemoryConnector
from juggler.datasource.datasource import DataSource
from juggler.testing.keyvalue_suite import run_kv_suite


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


def commanded(without: Collection[str] = ()) -> DataSource:
    """Return a source whose clock stands, and whose connector lacks some capabilities."""
    clock = Clock()

    def make(settings: Any, host: Any) -> KeyValueMemoryConnector:
        found = KeyValueMemoryConnector(settings, host, clock=clock)
        found.capabilities = WHOLE - set(without)
        return found

    source = DataSource("kv", make)
    source.clock = clock  # type: ignore[attr-defined]
    return source


async def advance(source: Any, milliseconds: float) -> None:
    """Let time pass."""
    source.clock.now += milliseconds / 1_000


# DAO-273, DAO-274, DAO-275, DAO-276, DAO-277, DAO-278, DAO-279, DAO-280, DAO-283, DAO-284, DAO-285
# DAO-310, DAO-311
TestAll = run_kv_suite(commanded, advance=advance)

# DAO-275
TestWithoutOptionalMethods = run_kv_suite(
    lambda: commanded({"many", "delete_all"}), {"can_delete_all": False}, advance=advance
)
TestLeast = run_kv_suite(
    lambda: commanded({"many", "delete_all", "expire", "ttl", "only_if", "increment"}),
    {
        "can_expire": False,
        "can_query_ttl": False,
        "can_delete_all": False,
        "can_set_conditionally": False,
        "can_increment": False,
    },
    advance=advance,
)


def test_unknown_flags_are_refused() -> None:
    """A flag that is spelled wrongly skips nothing by mistake."""
    with pytest.raises(ValueError, match=r"can_fly.*can_expire"):
        run_kv_suite(commanded, {"can_fly": False})
