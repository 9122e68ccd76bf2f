"""Opening and closing what an app works with."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from juggler.datasource.datasource import DataSource

log = logging.getLogger("juggler.app")

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Close = Callable[[], Awaitable[None]]


@asynccontextmanager
async def opened(
    sources: Iterable[DataSource], *, tenants: Close, streams: Close
) -> AsyncIterator[None]:
    """Open the sources that are not lazy for the block, and close everything in reverse after it.

    Sources that opened with their first use are closed too.  One that fails to close does not keep
    the others open; the first failure is raised in the end.

    Args:
        sources: In the order of opening.
        tenants: Closes the data sources of tenants, before all others.
        streams: Ends what would go on for ever, before everything else.
    """
    async with AsyncExitStack() as stack:
        for source in sources:
            stack.push_async_callback(source.disconnect)
            if not source.settings.get("lazy_connect"):
                await source.connect()
        stack.push_async_callback(tenants)
        stack.push_async_callback(streams)
        yield


async def serve_lifespan(
    receive: Receive, send: Send, running: Callable[[], AbstractAsyncContextManager[None]]
) -> None:
    """Answer a server's lifespan messages: *running* is entered at startup, left at shutdown."""
    await receive()
    phase = "startup"
    try:
        async with running():
            await send({"type": "lifespan.startup.complete"})
            phase = "shutdown"
            await receive()
    except Exception as error:  # the server has to be told, whatever went wrong
        log.exception("The %s failed.", phase)
        await send({"type": f"lifespan.{phase}.failed", "message": str(error)})
        return
    await send({"type": "lifespan.shutdown.complete"})
