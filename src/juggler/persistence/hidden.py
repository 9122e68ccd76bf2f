"""What this call's queries must not ask for: hidden and protected properties, at any depth."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final, TypeVar

from msgspec import Struct

from juggler.errors import DefinitionError, InvalidQueryError
from juggler.persistence.operation import Operation
from juggler.query.guard import Guard
from juggler.query.nodes import Filter, Where

T = TypeVar("T", Filter, Where, tuple[tuple[str, ...], ...])

log = logging.getLogger("juggler.persistence")

HIDDEN: Final = "prohibit_hidden_properties_in_query"
PROTECTED: Final = "prohibit_protected_properties_in_query"
_MODES: Final = ("raise", "drop")


class Secrets(Struct, frozen=True):
    """The names that a model, and what is embedded in it, keeps out of queries.

    Attributes:
        names: Names that no segment of a path may be.
        nested: Property name -> model that is embedded there.
        hidden: Whether hidden properties are meant.
        protected: Whether protected properties are meant.
    """

    names: frozenset[str]
    nested: Any
    hidden: bool
    protected: bool

    def inside(self, name: str) -> Secrets | None:
        """Return the secrets of what is embedded as *name*; None where there are none."""
        model = self.nested.get(name)
        return None if model is None else secrets_of(model, self.hidden, self.protected)


def secrets_of(model: Any, hidden: bool, protected: bool) -> Secrets | None:
    """Return what *model* keeps out of queries; None where it keeps nothing to itself."""
    names = _names(model, hidden, protected)
    nested = model.nested
    if not names and not (nested and _any_below(model, hidden, protected)):
        return None
    return Secrets(names, nested, hidden, protected)


def _names(model: Any, hidden: bool, protected: bool) -> frozenset[str]:
    definition = model.definition
    names: frozenset[str] = definition.hidden if hidden else frozenset()
    return names | definition.protected if protected and definition.protected else names


def _any_below(model: Any, hidden: bool, protected: bool) -> bool:
    """Tell whether anything that is embedded in *model*, which may embed itself, has secrets."""
    waiting, seen = [*model.nested.values()], {id(model)}
    while waiting:
        inner = waiting.pop()
        if id(inner) in seen:
            continue
        seen.add(id(inner))
        if _names(inner, hidden, protected):
            return True
        waiting += inner.nested.values()
    return False


def guarded(op: Operation, asked: T, look: Callable[[Guard, T], T], *, writes: bool) -> T:
    """Return what the caller *asked* without what must not be asked for.

    Args:
        op: The call.
        asked: Its query, parsed; nothing has been added to it.
        look: Method of a guard that takes it.
        writes: It decides what is written: nothing may be dropped then.

    Raises:
        InvalidQueryError: ``PROPERTY_NOT_QUERYABLE``: it asks, and that is not to be dropped.
        DefinitionError: The setting ``prohibited`` is neither "raise" nor "drop".
    """
    secrets = _secrets(op)
    if secrets is None:
        return asked
    guard = Guard(secrets, drop=not writes and _mode(op) == "drop")
    try:
        found = look(guard, asked)
    except InvalidQueryError as error:
        _warn(op, str(error.property), str(error.path), "was refused")
        raise
    for name, at in guard.found:
        _warn(op, name, at, "was left out")
    return found


def has_secrets(op: Operation) -> bool:
    """Tell whether there is anything that this call must not ask for."""
    return _secrets(op) is not None


def _secrets(op: Operation) -> Secrets | None:
    """Return what must not be asked for in this call; None where everything may be."""
    hidden = bool(op.setting(HIDDEN))
    protected = bool(op.options and op.options.get(PROTECTED))
    return secrets_of(op.model, hidden, protected) if hidden or protected else None


def _mode(op: Operation) -> str:
    mode: str = op.setting("prohibited", "raise")
    if mode not in _MODES:
        raise DefinitionError(
            f"{op.model_name}: prohibited is 'raise' or 'drop', not {mode!r}.", model=op.model_name
        )
    return mode


def _warn(op: Operation, name: str, at: str, what: str) -> None:
    """Log that somebody asked for a secret: its name and the clause, never a value."""
    log.warning(
        "%s on %s, tenant %s: %r in the clause %r %s; it cannot be seen and so not be asked for.",
        op.name,
        op.model_name,
        op.tenant,
        name,
        at,
        what,
    )
