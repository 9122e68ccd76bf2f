"""A directory in a file."""

from __future__ import annotations

import asyncio
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Final

from juggler.concurrency import Once
from juggler.errors import StoreError
from juggler.tenancy.directory import MemoryDirectory
from juggler.tenancy.document import read_tenants, write_tenants
from juggler.tenancy.tenant import Tenant

OWNER_ONLY: Final = 0o600


class FileDirectory:
    """A directory kept in one JSON file, which only its owner may read.

    The file is read when the directory is first asked, and written anew as a whole at each change:
    a crash leaves the former or the new file, never half of one.  A missing file is an empty
    directory.  One process may write; `reload` shows what another has written.

    Args:
        path: Path of the file.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._memory: MemoryDirectory | None = None
        self._load = Once(self._read)
        self._writing = asyncio.Lock()

    async def reload(self) -> None:
        """Read the file again; if that fails, what was known stays.

        Raises:
            StoreError: The file cannot be read.
            DefinitionError: It is not understood.
        """
        self._memory = await self._load()

    async def get(self, code: str) -> Tenant | None:
        """Return the record of the tenant *code*, or None."""
        return await (self._memory or await self._known()).get(code)

    async def find_by(self, kind: str, value: str) -> Tenant | None:
        """Return the tenant with that identifier, or None."""
        return await (self._memory or await self._known()).find_by(kind, value)

    async def list(self, *, after: str = "", limit: int | None = None) -> list[Tenant]:
        """Return the tenants with codes after *after*, in order of code, *limit* at most."""
        return await (self._memory or await self._known()).list(after=after, limit=limit)

    async def put(self, record: Tenant, *, expected_version: int | None = None) -> Tenant:
        """Store *record* and return it with its new version; see `TenantDirectory.put`.

        Raises:
            StoreError: The file could not be written; nothing was changed.
        """
        async with self._writing:
            changed = await self._copy()
            stored = await changed.put(record, expected_version=expected_version)
            await self._write(changed)
        return stored

    async def delete(self, code: str) -> bool:
        """Remove the record of *code*; tell whether there was one."""
        async with self._writing:
            changed = await self._copy()
            found = await changed.delete(code)
            if found:
                await self._write(changed)
        return found

    async def _known(self) -> MemoryDirectory:
        if self._memory is None:
            self._memory = await self._load()
        return self._memory

    async def _copy(self) -> MemoryDirectory:
        return MemoryDirectory(await (await self._known()).list())

    async def _read(self) -> MemoryDirectory:
        try:
            raw = await asyncio.to_thread(self.path.read_bytes)
        except FileNotFoundError:
            return MemoryDirectory()
        except OSError as error:
            raise self._failed("read", error) from error
        return MemoryDirectory(read_tenants(raw, self.path.name))

    async def _write(self, changed: MemoryDirectory) -> None:
        raw = write_tenants(await changed.list())
        try:
            await asyncio.to_thread(replace_file, self.path, raw)
        except OSError as error:
            raise self._failed("written", error) from error
        self._memory = changed

    def _failed(self, what: str, error: OSError) -> StoreError:
        return StoreError(f"The directory {self.path} cannot be {what}: {error.strerror}.")


def replace_file(path: Path, content: bytes) -> None:
    """Put a file with *content*, which only its owner may read, in the place of *path*.

    Raises:
        OSError: That failed; the former file is still there.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Bring the new name to disk too, where folders can be told to."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
