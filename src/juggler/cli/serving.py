"""Serve an app with uvicorn: bound before anything is told, ended by a signal with exit code 0."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from types import FrameType
from typing import Any, Final

import uvicorn
from uvicorn.server import HANDLED_SIGNALS

from juggler.app.asgi import App
from juggler.cli.client import ServiceError

DRAIN_SECONDS: Final = 5
"""How long requests at work may go on once the server is told to end."""


def bind(host: str, port: int) -> socket.socket:
    """Return a socket bound to *host* and *port*; 0 takes a free port.

    Raises:
        ServiceError: The address is taken or not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
    except (OSError, OverflowError) as error:
        bound.close()
        reason = error.strerror if isinstance(error, OSError) else "no such port"
        raise ServiceError(
            f"Cannot listen at {host}:{port}: {reason}; try another --port (0 takes a free one).",
            code="ADDRESS",
        ) from error
    return bound


def address_of(bound: socket.socket) -> str:
    """Return the address under which this machine reaches a bound socket."""
    host, port = bound.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104  read, not bound: every address of this machine
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(uvicorn.Server):
    """A server that a signal ends as `stop` does: what runs is finished, and nothing is raised.

    Attributes:
        ready: Set once requests are answered.
        ended: Set once none are any more.
        interrupted: A signal ended it.
    """

    def __init__(self, app: App, *, access_log: bool = False) -> None:
        config = uvicorn.Config(
            app,
            log_config=None,
            log_level=logging.INFO if access_log else logging.WARNING,
            access_log=access_log,
            lifespan="off",
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
        super().__init__(config)
        self._app = app
        self.ready = asyncio.Event()
        self.ended = asyncio.Event()
        self.interrupted = False

    async def serve_until_ended(self, bound: socket.socket) -> None:
        """Serve at *bound* until `stop` is called or a signal comes."""
        try:
            await self.serve(sockets=[bound])
        finally:
            self.ready.set()
            self.ended.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the app's streams first: they would keep their connections open."""
        self._app.stop()
        await super().shutdown(sockets)

    def stop(self) -> None:
        """Take no more requests, finish those at work and let `serve` return."""
        self.should_exit = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End on a signal; unlike the original, the signal is not raised again afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield  # signals come to the main thread only
            return
        former = {number: signal.signal(number, self._on_signal) for number in HANDLED_SIGNALS}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.interrupted = True
        self.handle_exit(number, frame)


@contextlib.asynccontextmanager
async def serving(app: App, bound: socket.socket, **options: Any) -> AsyncIterator[Server]:
    """Serve *app* at *bound* while the block runs; everything is closed when it is left.

    The block is entered once requests are answered; a signal ends them and sets `Server.ended`.
    """
    server = Server(app, **options)
    async with app.running():
        served = asyncio.create_task(server.serve_until_ended(bound))
        try:
            await server.ready.wait()
            yield server
        finally:
            server.stop()
            await served


async def serve_until_signal(
    app: App, bound: socket.socket, ready: Callable[[], None], **options: Any
) -> None:
    """Serve *app* at *bound* until a signal comes; *ready* is called once requests are answered."""
    async with serving(app, bound, **options) as server:
        ready()
        await server.ended.wait()
