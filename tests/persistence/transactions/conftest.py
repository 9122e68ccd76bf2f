"""A source of each kind that has transactions."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.persistence.transactions.stores import KINDS, shop


@pytest_asyncio.fixture(params=KINDS)
async def source(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Any]:
    """Give a connected source; in the end nothing of it is left open."""
    async with shop(request.param, tmp_path) as found:
        yield found


@pytest_asyncio.fixture
async def memory(tmp_path: Path) -> AsyncIterator[Any]:
    """Give a source in memory."""
    async with shop("memory", tmp_path) as found:
        yield found
