"""What is told of transactions, to be looked at."""

from typing import Any

from juggler.datasource.datasource import DataSource
from juggler.facade.default import ModelRegistry
from juggler.persistence.transactions.transaction import Transaction
from juggler.testing.recorder import Recorder

HOOKS = Transaction.hook_types
ENDINGS = [getattr(HOOKS, name) for name in vars(HOOKS) if name.isupper()]


def note_all(tx: Transaction) -> list[str]:
    """Return a list that is told of everything that can be observed of *tx*."""
    seen: list[str] = []

    def noting(hook: str) -> Any:
        def note(ctx: Any) -> None:
            assert ctx.transaction is tx
            seen.append(f"{hook}: {ctx.operation}")

        return note

    for hook in ENDINGS:
        tx.observe(hook, noting(hook))
    return seen


def recorded(**settings: Any) -> tuple[DataSource, Recorder]:
    """Return a source on a recorder, and the recorder; it has a model orders."""
    recorder = Recorder(**settings)
    source = DataSource("shop", recorder, registry=ModelRegistry())
    source.define("Order", {"total": "number"})
    return source, recorder
