"""Letting other tasks go on, without waiting for any time."""

import asyncio


async def turns(count: int = 8) -> None:
    """Let other tasks go on."""
    for _ in range(count):
        await asyncio.sleep(0)
