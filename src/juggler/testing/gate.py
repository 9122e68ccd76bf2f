"""A gate that holds calls at a race, so that a test can show it instead of hoping for it."""

from __future__ import annotations

import asyncio


class Gate:
    """Holds every call that comes to it until it is opened; belongs to one test.

    The code under test (a `juggler.testing.recorder.Recorder`, or any fake) awaits `hold`; the test
    awaits `wait_for`, looks at what the others do meanwhile, and calls `open`.

    Args:
        timeout: Seconds that `wait_for` waits at most; many, since a busy machine may need them.

    >>> async def race() -> list[str]:
    ...     gate, order = Gate(), []
    ...
    ...     async def store() -> None:
    ...         await gate.hold()
    ...         order.append("stored")
    ...
    ...     task = asyncio.create_task(store())
    ...     await gate.wait_for(1)
    ...     order.append("held")
    ...     gate.open()
    ...     await task
    ...     return order
    >>> asyncio.run(race())
    ['held', 'stored']
    """

    def __init__(self, *, timeout: float = 300.0) -> None:
        self._timeout = timeout
        self._open = asyncio.Event()
        self._arrivals = asyncio.Condition()
        self.arrived = 0
        self.held = 0

    async def hold(self) -> None:
        """Wait here until the gate is open."""
        async with self._arrivals:
            self.arrived += 1
            self._arrivals.notify_all()
        self.held += 1
        try:
            await self._open.wait()
        finally:
            self.held -= 1

    async def wait_for(self, count: int) -> None:
        """Wait until *count* calls in all have come to the gate.

        Raises:
            TimeoutError: They did not come in time; the message says how many did.
        """
        try:
            async with asyncio.timeout(self._timeout), self._arrivals:
                await self._arrivals.wait_for(lambda: self.arrived >= count)
        except TimeoutError:
            raise TimeoutError(f"{self.arrived} of {count} calls came to the gate.") from None

    def open(self) -> None:
        """Let everybody pass who waits here or comes later."""
        self._open.set()

    def close(self) -> None:
        """Hold again whoever comes from now on."""
        self._open.clear()
