"""One file on disk, written so that it is whole at every moment."""

from __future__ import annotations

import errno
import os
import secrets
import stat
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Final

from juggler.connectors.memory.document import (
    Held,
    Parsed,
    head_of,
    read_file,
    write_head,
    write_whole,
)

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # on Windows: two processes that write in one instant are not kept apart
    fcntl = None

SMALL: Final = 65_536
"""Bytes up to which the whole is written at each change, so that one file says everything."""

OWNER_ONLY: Final = 0o600
_HEAD: Final = 64
_BUFFER: Final = 1 << 20


class ChangedError(OSError):
    """Raised when somebody else has written the file since it was read."""


class System:
    """What is asked of the operating system; tests put a failing one in its place."""

    def open(self, path: Path, flags: int, mode: int = OWNER_ONLY) -> int:
        """Open a file and return its descriptor."""
        return os.open(path, flags | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0), mode)

    def write(self, handle: int, content: bytes) -> int:
        """Write as much as there is room for; return how much that is."""
        return os.write(handle, content)

    def sync(self, handle: int) -> None:
        """Bring what was written to the disk itself."""
        os.fsync(handle)

    def replace(self, source: Path, target: Path) -> None:
        """Give *source* the name of *target* in one step."""
        source.replace(target)


class Disk:
    """The file of one store and the changes beside it; belongs to one `StoreFile`.

    A small store is written whole: into a file beside it, which then takes the name.  Of a larger
    one only the changes are written, as lines at the end of a second file, until they are as long
    as the whole.  The second file names the writing of the first that it belongs to.

    All methods block and are called in threads.  No two of them run at once, nor do two processes
    that share the file.  Nothing is open between calls.

    Args:
        path: Path of the file.
        is_synced: Bring everything to the disk itself, not only to the operating system.

    Attributes:
        system: What is asked of the operating system.
        small: Bytes up to which the whole is written each time.
        is_behind: The file may not say what the store was told it does; the whole must be written.
        is_renamed: So it must because rows have other names now than in the file.
    """

    def __init__(self, path: Path, *, is_synced: bool) -> None:
        self.path = path
        self.system = System()
        self.small = SMALL
        self.is_behind = True
        self.is_renamed = False
        self._is_synced = is_synced
        self._turn = threading.Lock()
        self._mark: str | None = None
        self._size = 0
        self._changes = 0  # bytes that are valid, of those that are there
        self._there = 0

    @property
    def changes(self) -> Path:
        """Return the path of the file of changes."""
        return self.path.with_name(f"{self.path.name}.changes")

    def wants_whole(self, more: int) -> bool:
        """Tell whether the whole is to be written, where *more* bytes of changes are at hand."""
        if self.is_behind or self.is_renamed or self._size <= self.small:
            return True
        return self._changes + more > self._size

    @property
    def has_changes(self) -> bool:
        """Tell whether a part of what was written stands beside the file."""
        return self._changes > 0

    def read(self) -> dict[str, Held]:
        """Return the collections that the file holds, none where there is no file.

        Raises:
            OSError: It cannot be read, or its folder is missing.
            ValueError: It is not understood.
        """
        self.path = Path(os.path.realpath(self.path))  # else a link would be replaced, not its file
        with self._turn, self._alone():
            whole, changes = _content(self.path), _content(self.changes) or b""
            found = Parsed("", {}, 0) if whole is None else read_file(whole, changes)
            self._mark = None if whole is None else found.mark
            self._size = len(whole or b"")
            self._changes = found.valid
            self._there = len(changes) if found.valid else 0
            self.is_behind, self.is_renamed = not self._mark, False
            return found.held

    def replace(self, collections: Mapping[str, Held]) -> None:
        """Write the whole.

        Raises:
            OSError: That failed; `is_behind` tells whether the file is another than before.
        """
        with self._turn, self._alone() as folder:
            self._check()
            mark, draft = secrets.token_hex(8), self.path.with_name(f"{self.path.name}.draft")
            try:
                size = self._write_draft(draft, write_whole(mark, collections))
                self.system.replace(draft, self.path)
            except BaseException:
                with suppress(OSError):
                    draft.unlink()
                raise
            self._mark, self._size, self._changes, self._there = mark, size, 0, 0
            self.is_behind = True
            if self._is_synced and folder is not None:
                self.system.sync(folder)
            self.is_behind = self.is_renamed = False
            with suppress(OSError):  # what belongs to another writing is not read
                self.changes.unlink()

    def append(self, line: bytes) -> None:
        """Write a line of changes.

        Raises:
            OSError: That failed; `is_behind` tells whether the line may be there all the same.
        """
        with self._turn, self._alone() as folder:
            self._check()
            if self._mark is None:
                raise FileNotFoundError(errno.ENOENT, "it was deleted")
            is_first = not self._changes
            content = write_head(self._mark) + line if is_first else line
            flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if is_first else 0)
            handle = self.system.open(self.changes, flags)
            try:
                self._add(handle, content)
            finally:
                os.close(handle)
            if is_first and self._is_synced and folder is not None:
                self.is_behind = True
                self.system.sync(folder)
                self.is_behind = False

    # inside -----------------------------------------------------------------------------------

    def _add(self, handle: int, content: bytes) -> None:
        """Write at the end of what is valid; take that back where it fails."""
        try:
            os.ftruncate(handle, self._changes)
            os.lseek(handle, 0, os.SEEK_END)
            self._write(handle, content)
            if self._is_synced:
                self.system.sync(handle)
        except OSError:
            self.is_behind = True
            os.ftruncate(handle, self._changes)
            self._there = self._changes
            self.is_behind = False
            raise
        self._changes = self._there = self._changes + len(content)

    def _write_draft(self, path: Path, pieces: Iterable[bytes]) -> int:
        """Write a file of its own; return how long it is."""
        mode = OWNER_ONLY
        with suppress(FileNotFoundError):
            mode = self.path.stat().st_mode & 0o777
        path.unlink(missing_ok=True)  # a process that was killed has left it
        handle = self.system.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        try:
            size = 0
            for content in _buffered(pieces):
                self._write(handle, content)
                size += len(content)
            if self._is_synced:
                self.system.sync(handle)
        finally:
            os.close(handle)
        return size

    def _write(self, handle: int, content: bytes) -> None:
        view = memoryview(content)
        while view:
            view = view[self.system.write(handle, bytes(view)) :]

    def _check(self) -> None:
        """Raise if the file is not the one that was read or written last; a missing one is made."""
        head = _content(self.path, _HEAD)
        if head is None:
            self.is_behind = True
            self._mark, self._changes, self._there = None, 0, 0
            return
        if head_of(head) != self._mark or not (self.is_behind or self._are_changes_ours()):
            raise ChangedError(errno.ESTALE, "somebody else has written it")

    def _are_changes_ours(self) -> bool:
        """Tell whether the changes are as long as they were; those of another writing are none."""
        head = write_head(self._mark or "")
        found = _content(self.changes, len(head))
        return self._there == (self.changes.stat().st_size if found == head else 0)

    @contextmanager
    def _alone(self) -> Iterator[int | None]:
        """Keep other processes away for the block; yield the folder, where it can be opened.

        A folder on a file system without locks is used without one.
        """
        if fcntl is None:
            yield None
            return
        handle = os.open(self.path.parent, os.O_RDONLY | os.O_CLOEXEC)
        try:
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        finally:
            os.close(handle)


def _content(path: Path, most: int = -1) -> bytes | None:
    """Return what is in a file, *most* bytes at most; None where there is none."""
    try:
        _check_kind(path)
        with path.open("rb") as file:
            return file.read(most)
    except FileNotFoundError:
        return None


def _check_kind(path: Path) -> None:
    """Raise OSError for a device or a pipe, whose content may have no end."""
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV), str(path))


def _buffered(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in larger pieces."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _BUFFER:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)
