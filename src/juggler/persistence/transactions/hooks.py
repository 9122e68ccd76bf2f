"""What can be observed of a transaction, and who is called when it has ended."""

from __future__ import annotations

import inspect
from asyncio import CancelledError
from collections.abc import Callable, Sequence
from typing import Any, Final

from juggler.connectors.observing import ObserverTable, run
from juggler.errors import InvalidValueError

Call = Callable[[], Any]


class HookTypes:
    """The names of what can be observed of a transaction."""

    BEFORE_COMMIT: Final = "before commit"
    AFTER_COMMIT: Final = "after commit"
    AFTER_COMMIT_ERROR: Final = "after commit error"
    BEFORE_ROLLBACK: Final = "before rollback"
    AFTER_ROLLBACK: Final = "after rollback"
    AFTER_ROLLBACK_ERROR: Final = "after rollback error"
    TIMEOUT: Final = "timeout"


_HOOKS: Final = tuple(value for name, value in vars(HookTypes).items() if name.isupper())


def check_hook(hook: str) -> None:
    """Raise unless *hook* is one of `HookTypes`: who observes another would wait in vain.

    Raises:
        InvalidValueError: It is none of them.
    """
    if hook not in _HOOKS:
        raise InvalidValueError(
            f"observe: a transaction has the hooks {', '.join(_HOOKS)}; not {hook!r}.",
            path="hook",
            value=hook,
        )


class TransactionContext:
    """What an observer of a transaction is called with.

    Attributes:
        transaction: The transaction.
        operation: ``commit``, ``rollback`` or ``timeout``.
        error: What went wrong, for ``after commit error`` and ``after rollback error``.
    """

    __slots__ = ("error", "operation", "transaction")

    def __init__(
        self, transaction: Any, operation: str, error: BaseException | None = None
    ) -> None:
        self.transaction = transaction
        self.operation = operation
        self.error = error


class Observers(ObserverTable):
    """The observers of one transaction, and what is to be called when it has ended."""

    __slots__ = ("on_commit", "on_rollback")

    def __init__(self) -> None:
        super().__init__()
        self.on_commit: list[Call] = []
        self.on_rollback: list[Call] = []

    async def run(self, hook: str, context: TransactionContext) -> None:
        """Call the observers of *hook* in order; the first error ends the run."""
        observers = self.observers_of(hook)
        if observers:
            await run(observers, context, hook)


async def call_all(calls: Sequence[Call], what: str) -> None:
    """Call each of *calls*, sync or async, also where one before it failed or was cancelled.

    Args:
        calls: Functions without arguments.
        what: What has happened, for a note on the error.

    Raises:
        asyncio.CancelledError: One was cancelled; errors of others stand in its notes.
        Exception: The first error; as above.
    """
    errors: list[BaseException] = []
    for call in calls:
        try:
            outcome = call()
            if inspect.isawaitable(outcome):
                await outcome
        except (Exception, CancelledError) as error:  # noqa: BLE001  kept: there are the others
            errors.append(error)
    if errors:
        errors.sort(key=lambda error: not isinstance(error, CancelledError))
        first, *others = errors
        first.add_note(f"Raised by what was to be called afterwards: {what}.")
        for each in others:
            first.add_note(f"Another one raised {each!r}.")
        raise first
