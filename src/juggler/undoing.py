"""Taking back what was begun and cannot be finished."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType


class OnFailure:
    """Calls *undo* if its block ends with an exception, that of a cancelled task too.

    The exception is raised on; where *undo* fails, its error is, with the first one as context.

    >>> taken = []
    >>> with OnFailure(lambda: taken.remove("seat")):
    ...     taken.append("seat")
    ...     raise LookupError("no ticket")
    Traceback (most recent call last):
    LookupError: no ticket
    >>> taken
    []
    """

    __slots__ = ("_undo",)

    def __init__(self, undo: Callable[[], object]) -> None:
        self._undo = undo

    def __enter__(self) -> None:
        return

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self._undo()
