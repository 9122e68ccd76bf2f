"""Admission: who decides when a data source may be open, where not all may be at once."""

from __future__ import annotations

from typing import Any, Protocol


class Admission(Protocol):
    """Bounds how many data sources are open at a time; one object for all of them."""

    async def admit(self, source: Any) -> None:
        """Return once *source* may open; at once when it is open already.

        Raises:
            PoolExhaustedError: Its turn did not come in time.
        """

    def idle(self, source: Any) -> None:
        """Take note that no operation is at work on *source* any more; never waits."""
