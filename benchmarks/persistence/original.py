"""The JavaScript original in a process of its own, told what to do line by line."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

PACKAGE = "loopback-datasource-juggler@7"
SCRIPT = Path(__file__).with_name("original.cjs")


class Original(Protocol):
    """Runs operations of the original."""

    async def __call__(self, work: str, count: int) -> None:
        """Do *work* that many times."""


@asynccontextmanager
async def original(rows: int) -> AsyncIterator[Original | None]:
    """Start the original with *rows* records; None where Node or its package is not to be had."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        print("not measured beside the original: there is no node", file=sys.stderr)
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        if not await _installed(npm, folder):
            print(f"not measured beside the original: no {PACKAGE}", file=sys.stderr)
            yield None
            return
        process = await asyncio.create_subprocess_exec(
            node, str(SCRIPT), folder, str(rows),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            await _answer(process, "ready")
            yield _Running(process)
        finally:
            process.kill()
            await process.wait()


async def _installed(npm: str, folder: str) -> bool:
    """Install the original into *folder*; tell whether that went well."""
    process = await asyncio.create_subprocess_exec(
        npm, "install", "--silent", "--no-audit", "--no-fund", PACKAGE,
        cwd=folder, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    return await process.wait() == 0


class _Running:
    """The original at work."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def __call__(self, work: str, count: int) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"work": work, "count": count}).encode() + b"\n")
        await _answer(self._process, "done")


async def _answer(process: asyncio.subprocess.Process, expected: str) -> None:
    """Wait for a line; anything but what is *expected* is an error."""
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode().strip()
    if line != expected:
        raise RuntimeError(f"The original answered {line!r} in the place of {expected!r}.")
