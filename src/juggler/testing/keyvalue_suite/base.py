"""What the cases share: a model on the source under test, and time that can be made to pass."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import pytest_asyncio

from juggler.testing.flags import OnSource

FLAGS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "can_expire": True,
        "can_query_ttl": True,
        "can_iterate_keys": True,
        "can_iterate_large_key_sets": True,
        "can_delete_all": True,
        "can_set_conditionally": True,
        "can_increment": True,
        "ttl_precision": 10,
    }
)
"""All flags and what they are unless said otherwise; ``ttl_precision`` is in milliseconds."""

Advance = Callable[[Any, float], Awaitable[None]]


async def wait(_: Any, milliseconds: float) -> None:
    """Let time pass by waiting."""
    await asyncio.sleep(milliseconds / 1_000)


class Suite(OnSource):
    """Base of all groups of cases.

    Attributes:
        advance: Lets time pass on the store's clock: a function of the source and milliseconds.
    """

    advance: Advance = staticmethod(wait)
    flags: Mapping[str, Any] = FLAGS

    @pytest_asyncio.fixture
    async def shelf(self, source: Any) -> Any:
        """Give a case its model."""
        return source.define("Shelf")

    async def later(self, source: Any, periods: float) -> None:
        """Let some times of the store's precision pass."""
        await type(self).advance(source, periods * self.flags["ttl_precision"])

    def life(self, periods: float) -> float:
        """Return a time to live of some times of the store's precision."""
        found: float = periods * self.flags["ttl_precision"]
        return found
