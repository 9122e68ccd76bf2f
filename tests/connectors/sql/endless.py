"""A write to SQLite that ends only when it is interrupted."""

import asyncio
import threading
from typing import Any

from tests.patience import PATIENCE


class Endless:
    """Inserts rows for ever; for one test.

    Args:
        table: Where; it has a column ``id``.
    """

    def __init__(self, table: str) -> None:
        self.sql = (
            "WITH RECURSIVE c(x) AS (SELECT 3 UNION ALL SELECT x + 1 FROM c) "
            f'INSERT INTO "{table}" (id) SELECT told(x) FROM c'
        )
        self._has_written = threading.Event()

    async def prepare(self, line: Any) -> None:
        """Teach a connection what the write needs."""
        await line.run(lambda raw: raw.create_function("told", 1, self._told))

    async def has_written(self) -> None:
        """Wait until the first row is written."""
        assert await asyncio.to_thread(self._has_written.wait, PATIENCE)

    def _told(self, number: int) -> int:
        if number > 3:
            self._has_written.set()
        return number
