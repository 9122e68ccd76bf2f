"""What a query may look like: bounds and switches, as one frozen value."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from juggler.errors import InvalidQueryError

DEEPEST: Final = 256
"""No setting allows deeper queries: they are read by functions that call themselves."""

Undefined = Literal["throw", "ignore", "nullify"]


class Limits(Struct, frozen=True):
    """Bounds of one query; share it freely.

    Attributes:
        max_depth: Deepest level, the filter itself being level 0; list indices count.
        max_conditions: Conditions and logical operators in one query.
        max_inq_items: Items of one ``inq`` or ``nin`` list.
        max_values: Values and containers in the whole query, counted as often as they occur.
        max_regexp_length: Characters of one regular expression.
        allow_regexp: Whether ``regexp`` may be used at all.
        undefined: What UNSET in a query does: raise, vanish with its key, or become None.
        max_limit: Most rows that one read returns.
        default_limit: Rows that a read returns that asks for no limit.
        extra_clauses: Clauses beyond the usual ones that the connector knows.
    """

    max_depth: int = 32
    max_conditions: int = 1000
    max_inq_items: int = 10_000
    max_values: int = 100_000
    max_regexp_length: int = 256
    allow_regexp: bool = True
    undefined: Undefined = "throw"
    max_limit: int | None = None
    default_limit: int | None = None
    extra_clauses: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.max_depth > DEEPEST:
            raise ValueError(f"max_depth may be at most {DEEPEST}, not {self.max_depth}.")
        if self.undefined not in {"throw", "ignore", "nullify"}:
            raise ValueError(f"undefined is throw, ignore or nullify, not {self.undefined!r}.")


DEFAULT_LIMITS: Final = Limits()


def too_much(limits: Limits, name: str, path: str) -> InvalidQueryError:
    """Return the error for a query that is over the limit called *name*."""
    maximum = getattr(limits, name)
    return InvalidQueryError(
        f"{path} is over {name}, which is {maximum}.",
        path=path,
        details={"limit": name, "maximum": maximum},
    )
