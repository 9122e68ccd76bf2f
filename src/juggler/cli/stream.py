"""The event stream of a running service, read in a thread of its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, Final, Self

from juggler.cli.admin import admin_call
from juggler.cli.client import Call, ServiceError, open_connection

KEPT: Final = 200
_DATA: Final = b"data: "
_PATIENCE: Final = 2.0
_SILENCE: Final = 60.0
"""Seconds without a sign of life after which the stream is taken for lost."""


_LOST: Final = (ServiceError, OSError, ValueError, http.client.HTTPException)
"""What a stream that is lost raises: whoever watches sees it by the figures, and we ask again."""


class Events:
    """The last events of the service at *url*; entered, a daemon thread reads them.

    When the stream ends or cannot be had it is asked for again after a while, until the block ends.

    Args:
        url: Address of the service.
        token: Its admin token.
    """

    def __init__(self, url: str, token: str) -> None:
        self._url = url
        self._call: Call = admin_call(token, "/events")
        self._ended = threading.Event()
        self._socket: socket.socket | None = None
        self._thread = threading.Thread(target=self._read, name="juggler-top-events", daemon=True)
        self.listening = threading.Event()
        self.last: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it was closed already
                self._socket.shutdown(socket.SHUT_RDWR)

    def _read(self) -> None:
        while not self._ended.is_set():
            with contextlib.suppress(*_LOST):
                self._connect()
            self.listening.clear()
            self._ended.wait(_PATIENCE)

    def _connect(self) -> None:
        connection, path = open_connection(self._url, _SILENCE)
        try:
            connection.connect()
            self._socket = connection.sock
            if self._ended.is_set():  # whoever ended it may have found no socket to shut down
                return
            connection.request("GET", path + self._call.path, headers=dict(self._call.headers))
            answer = connection.getresponse()
            if answer.status != http.client.OK:
                return
            self.listening.set()
            for event in events_in(answer):
                self.last.append(event)
                if self._ended.is_set():
                    return
        finally:
            connection.close()


def events_in(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Yield the events of a stream of server-sent events.

    >>> list(events_in([b": alive", b"event: x", b'data: {"event":"x"}', b""]))
    [{'event': 'x'}]
    """
    for line in lines:
        if line.startswith(_DATA):
            found = json.loads(line.removeprefix(_DATA))
            if isinstance(found, dict):
                yield found
