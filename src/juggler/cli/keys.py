"""Keys that are pressed while something is shown."""

from __future__ import annotations

import os
import select
import sys
import threading
from types import TracebackType
from typing import Any, Protocol, Self


class Keys(Protocol):
    """Waits for keys; entered before and left after."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""

    def wait(self, seconds: float) -> str:
        """Return the key that is pressed within *seconds*, else an empty text."""


class NoKeys:
    """Where there is no keyboard: waits."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing behind."""

    def wait(self, seconds: float) -> str:
        """Wait and return an empty text."""
        threading.Event().wait(seconds)
        return ""


class Terminal:
    """The keyboard of a terminal, key by key; the terminal is as it was afterwards.

    Args:
        number: Its file descriptor.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self._before: list[Any] = []

    def __enter__(self) -> Self:
        import termios  # noqa: PLC0415  only where there are terminals of this kind
        import tty  # noqa: PLC0415  as above

        self._before = termios.tcgetattr(self._number)
        tty.setcbreak(self._number)
        return self

    def __exit__(self, *_: object) -> None:
        import termios  # noqa: PLC0415  as above

        termios.tcsetattr(self._number, termios.TCSADRAIN, self._before)

    def wait(self, seconds: float) -> str:
        """Return the key that is pressed within *seconds*, else an empty text."""
        ready, _, _ = select.select([self._number], [], [], seconds)
        return os.read(self._number, 1).decode(errors="replace") if ready else ""


def keyboard() -> Keys:
    """Return what waits for keys: the terminal, where there is one of a kind that is known."""
    try:
        import termios  # noqa: PLC0415, F401  missing on some systems

        number = sys.stdin.fileno()
        return Terminal(number) if os.isatty(number) else NoKeys()
    except (ImportError, OSError, ValueError):
        return NoKeys()
