"""How a transaction is wanted: its isolation and its time, read from what callers give."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any, Final

from msgspec import Struct

from juggler.errors import InvalidValueError

READ_UNCOMMITTED: Final = "READ UNCOMMITTED"
READ_COMMITTED: Final = "READ COMMITTED"
REPEATABLE_READ: Final = "REPEATABLE READ"
SERIALIZABLE: Final = "SERIALIZABLE"
LEVELS: Final = (READ_UNCOMMITTED, READ_COMMITTED, REPEATABLE_READ, SERIALIZABLE)

SAVEPOINT: Final = "savepoint"
JOIN: Final = "join"
ERROR: Final = "error"
NESTING: Final = (SAVEPOINT, JOIN, ERROR)

_NAMES: Final = {"isolation_level": "level", "isolationLevel": "level", "timeout": "timeout"}


class Wanted(Struct, frozen=True):
    """What somebody wants of a transaction.

    Attributes:
        level: Its isolation level.
        timeout: Milliseconds after which it is rolled back; None for never.
        nested: What to do where one is open: ``savepoint``, ``join`` or ``error``.
    """

    level: str = READ_COMMITTED
    timeout: float | None = None
    nested: str = SAVEPOINT


def read_wanted(
    options: Any = None,
    isolation_level: str | None = None,
    timeout: float | None = None,
    nested: str = SAVEPOINT,
) -> Wanted:
    """Return what *options*, a level or a mapping, and the keywords say; keywords win.

    Raises:
        InvalidValueError: There is no such level, option or time.
    """
    given = _given(options)
    level = given.get("level") if isolation_level is None else isolation_level
    timeout = given.get("timeout") if timeout is None else timeout
    return _checked(Wanted(READ_COMMITTED if level is None else level, timeout, nested))


def _checked(wanted: Wanted) -> Wanted:
    """Return *wanted*, if all of it can be had."""
    if wanted.level not in LEVELS:
        raise _bad("isolation_level", ", ".join(LEVELS), wanted.level)
    if wanted.timeout is not None and not _is_time(wanted.timeout):
        raise _bad("timeout", "milliseconds, more than 0", wanted.timeout)
    if wanted.nested not in NESTING:
        raise _bad("nested", ", ".join(NESTING), wanted.nested)
    return wanted


def _given(options: Any) -> dict[str, Any]:
    """Return what *options* say of level and timeout."""
    if options is None:
        return {}
    if isinstance(options, str):
        return {"level": options}
    if not isinstance(options, Mapping):
        raise _bad("options of a transaction", "a level or a mapping", options)
    for name in options:
        if name not in _NAMES:
            raise _bad("options of a transaction", "isolation_level and timeout", name)
    return {_NAMES[name]: value for name, value in options.items()}


def _is_time(value: Any) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    try:
        return 0 < float(value) < inf
    except OverflowError:  # an int without end
        return False


def _bad(what: str, wanted: str, given: Any) -> InvalidValueError:
    return InvalidValueError(f"{what}: {wanted}; not {given!r}.", path=what, value=given)
