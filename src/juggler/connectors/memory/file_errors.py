"""What goes wrong with a file: each is given a code and a remedy, once."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from juggler.errors import StoreError

_FULL: Final = ("DISK_FULL", 507, "there is no room left")
_DENIED: Final = ("STORE_READ_ONLY", 500, "it cannot be written; allow it for file and folder")

# Number of the system -> code, status and what helps.
_SYSTEM: Final[Mapping[int, tuple[str, int, str]]] = MappingProxyType(
    {
        errno.ENOENT: ("FOLDER_NOT_FOUND", 500, "its folder does not exist; create it first"),
        errno.ENOTDIR: ("FOLDER_NOT_FOUND", 500, "part of its path is no folder"),
        errno.ENODEV: ("STORE_NOT_OPENED", 500, "it is a device or a pipe; name a regular file"),
        errno.EISDIR: ("STORE_NOT_OPENED", 500, "it is a folder; name a file in it"),
        errno.ESTALE: (
            "STORE_CHANGED", 503, "somebody else has written it; connect again to read it",
        ),
        errno.ENOSPC: _FULL,
        errno.EDQUOT: _FULL,
        errno.EFBIG: _FULL,
        errno.EACCES: _DENIED,
        errno.EPERM: _DENIED,
        errno.EROFS: _DENIED,
    }
)  # fmt: skip


def not_written(error: Exception, path: object) -> StoreError:
    """Return the error for changes that could not be written and were taken back."""
    code, status, why = _reason(error)
    text = f"{path}: {why}. What was changed has been taken back."
    return StoreError(text, code=code, status_code=status, path=str(path))


def not_read(error: Exception, path: object) -> StoreError:
    """Return the error for a file that cannot be read, or is not understood."""
    if isinstance(error, OSError):
        code, status, why = _reason(error)
        return StoreError(f"{path}: {why}.", code=code, status_code=status, path=str(path))
    return StoreError(
        f"{path} is not understood: {error}. Restore it from a backup, or move it away to begin "
        "with an empty store.",
        code="STORE_CORRUPT",
        path=str(path),
    )


def not_connected(path: object) -> StoreError:
    """Return the error for a change that was made before the file was read."""
    text = f"{path} was not read yet; connect first. What was changed has been taken back."
    return StoreError(text, code="NOT_CONNECTED", path=str(path))


def _reason(error: Exception) -> tuple[str, int, str]:
    if not isinstance(error, OSError):
        return "STORE_IO", 500, f"it could not be written ({error!r})"
    found = _SYSTEM.get(error.errno or 0)
    return found or ("STORE_IO", 500, os.strerror(error.errno or errno.EIO))
