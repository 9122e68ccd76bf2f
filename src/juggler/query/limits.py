"""What a query may look like: bounds and switches, as one frozen value."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from juggler.errors import InvalidQueryError
from juggler.messages.text import say

DEEPEST: Final = 256
"""No setting allows deeper queries: they are read by functions that call themselves."""

LARGEST: Final = 2**63 - 1
"""Largest count that every store takes."""

_OPEN: Final = frozenset({"max_limit", "default_limit"})
_COUNTS: Final = (
    *("max_depth", "max_conditions", "max_inq_items", "max_values", "max_regexp_length"),
    *_OPEN,
)

Undefined = Literal["throw", "ignore", "nullify"]
Like = Literal["whole", "contains"]


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
        like: What the pattern of ``like`` and its relatives has to match: the whole text, or
            something in it.
        native: Whether operators of the store's own language (``$regex``) may stand behind a
            property; they reach the store untouched.
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
    like: Like = "whole"
    native: bool = False

    def __post_init__(self) -> None:
        for name in _COUNTS:
            value = getattr(self, name)
            is_bounded = type(value) is int and 0 <= value <= LARGEST
            if not is_bounded and not (value is None and name in _OPEN):
                raise ValueError(f"{name} is a whole number from 0 on, not {value!r}.")
        if self.max_depth > DEEPEST:
            raise ValueError(f"max_depth may be at most {DEEPEST}, not {self.max_depth}.")
        if self.undefined not in {"throw", "ignore", "nullify"}:
            raise ValueError(f"undefined is throw, ignore or nullify, not {self.undefined!r}.")
        if self.like not in {"whole", "contains"}:
            raise ValueError(f"like is whole or contains, not {self.like!r}.")
        if type(self.allow_regexp) is not bool:
            raise ValueError(f"allow_regexp is true or false, not {self.allow_regexp!r}.")


DEFAULT_LIMITS: Final = Limits()


def too_much(limits: Limits, name: str, path: str) -> InvalidQueryError:
    """Return the error for a query that is over the limit called *name*."""
    maximum = getattr(limits, name)
    return InvalidQueryError(
        f"{path} is over {name}, which is {maximum}.",
        path=path,
        details={"limit": name, "maximum": maximum},
    )


def too_deep(limits: Limits, path: str) -> InvalidQueryError:
    """Return the error for a query that has more levels than it may."""
    return InvalidQueryError(
        say("query.too-deep", max=limits.max_depth),
        code="QUERY_OBJECT_TOO_DEEP",
        path=path,
        details={"limit": "max_depth_of_query", "maximum": limits.max_depth},
    )
