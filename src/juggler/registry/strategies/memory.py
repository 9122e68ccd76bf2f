"""How much memory the process takes, and how much it may take."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from juggler.errors import OperationNotSupportedError

_STATM: Final = Path("/proc/self/statm")
_LIMITS: Final = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)

Read = Callable[[], int]


def resident_bytes() -> int:
    """Return the bytes of memory that the process has in use now.

    Raises:
        OperationNotSupportedError: The system does not tell and psutil is not installed.
    """
    try:
        return int(_STATM.read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        found: int = _psutil().Process().memory_info().rss
        return found


def available_bytes() -> int:
    """Return the bytes that the process may have: its container's limit, else the machine's memory.

    Raises:
        OperationNotSupportedError: The system does not tell and psutil is not installed.
    """
    machine = _physical()
    limits = [each for each in map(_limit, _LIMITS) if each is not None]
    return min(machine, *limits) if limits else machine


def _physical() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        found: int = _psutil().virtual_memory().total
        return found


def _limit(path: Path) -> int | None:
    """Return the number in a file of limits; None where there is no file or no limit."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _psutil() -> Any:
    """Return psutil.

    Raises:
        OperationNotSupportedError: It is not installed.
    """
    try:
        import psutil  # noqa: PLC0415  an optional package, wanted on few systems only
    except ImportError as error:
        raise OperationNotSupportedError(
            "The memory of the process cannot be read on this system; install psutil, or use a "
            "strategy that does not look at it."
        ) from error
    return psutil
