"""Memory connectors on files."""

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from juggler import DataSource, ModelRegistry
from juggler.connectors.contract import ModelInfo
from juggler.connectors.memory.connector import MemoryConnector
from juggler.connectors.memory.disk import System
from juggler.connectors.memory.file import StoreFile
from juggler.testing.connector_suite.models import model, query

KEY = {"type": "number", "id": True, "generated": True}
NOTE = model("Note", {"id": KEY, "text": "string"})
ANY = model("Any", {"id": {"type": "any", "id": True}, "value": "any"})
HOST = SimpleNamespace(name="test", settings={})


def source(path: Path, **settings: Any) -> DataSource:
    """Return a data source of its own on a file."""
    return DataSource("memory", registry=ModelRegistry(), file=str(path), **settings)


def connector(path: Path, *, small: int | None = None, **settings: Any) -> MemoryConnector:
    """Return a connector on a file; *small* is the size up to which the whole is written."""
    made = MemoryConnector({"file": path, **settings}, HOST)
    if small is not None:
        kept_by(made)._disk.small = small
    return made


def kept_by(made: MemoryConnector) -> StoreFile:
    """Return what keeps the rows of a connector."""
    assert made._file is not None
    return made._file


async def rows_of(path: Path, info: ModelInfo = NOTE) -> list[dict[str, Any]]:
    """Return the rows that somebody finds who reads the file now."""
    made = connector(path)
    await made.connect()
    return await made.all(info, query(info), {})


class Slow(System):
    """A system whose writes wait until they are let go.

    Attributes:
        writes: How many began.
        begun: Set when one has begun.
        go: Lets all of them go.
    """

    def __init__(self) -> None:
        self.writes = 0
        self.begun = threading.Event()
        self.go = threading.Event()

    def write(self, handle: int, content: bytes) -> int:
        """Write when that is allowed."""
        self.writes += 1
        self.begun.set()
        self.go.wait()
        return super().write(handle, content)
