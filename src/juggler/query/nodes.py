"""Frozen nodes of a parsed filter.

A ``Where`` is a tree of `And`, `Or`, `Not` and `Condition`.  What LoopBack writes in other ways is
brought to these four when it is parsed: ``nor`` is ``Not(Or(...))``, several operators on one
property are an `And`, a plain value is ``eq``, ``neq``/``nin``/``nlike``/``nilike`` stay operators
of their own (they match null and missing values too).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct, field


class Condition(Struct, frozen=True):
    """One operator on one property: ``path`` are the segments of a dotted name.

    ``operator`` is a name of `juggler.query.operators`; ``value`` its operand, already coerced once
    the filter is normalised (a tuple for ``inq``, ``nin``, ``between``; a compiled `re.Pattern`
    for ``regexp``; a `Near` for ``near``; a bool for ``exists``; for ``$`` what was written in the
    store's own language).
    """

    path: tuple[str, ...]
    operator: str
    value: Any

    @property
    def name(self) -> str:
        """Return the dotted name, as the caller wrote it."""
        return ".".join(self.path)


class And(Struct, frozen=True):
    """All children hold; without children everything matches."""

    children: tuple[Where, ...] = ()


class Or(Struct, frozen=True):
    """At least one child holds; without children nothing matches."""

    children: tuple[Where, ...] = ()


class Not(Struct, frozen=True):
    """The child does not hold."""

    child: Where


Where = And | Or | Not | Condition

EVERYTHING: Final = And()
NOTHING: Final = Or()


class Bare(Struct, frozen=True):
    """Operand of an ``eq`` that was written as a mapping without any operator.

    Whether that means a whole embedded value or is a mistake depends on the property, so it is
    settled when the filter is normalised; normalised conditions hold the plain dict.
    """

    value: Mapping[str, Any]


class Near(Struct, frozen=True):
    """Operand of ``near``: a point and bounds (inclusive, in *unit*; None = unbounded)."""

    point: Any
    max_distance: float | None = None
    min_distance: float | None = None
    unit: str = "miles"


class OrderBy(Struct, frozen=True):
    """One term of ``order``.

    ``nulls_first`` is None for the documented rule: first on ASC, last on DESC, on every store.
    """

    path: tuple[str, ...]
    descending: bool = False
    nulls_first: bool | None = None
    ignore_case: bool = False

    @property
    def name(self) -> str:
        """Return the dotted name, as the caller wrote it."""
        return ".".join(self.path)


class Filter(Struct, frozen=True):
    """A whole query, frozen; tasks share it freely.

    ``limit`` None means all; ``fields`` None means all properties.  ``exclude`` are the properties
    to leave out; once the filter is normalised they are resolved into ``fields``.  ``include`` is
    kept as given for the relations layer, ``extras`` are a connector's own clauses.  ``from_start``
    tells that an offset of 0 was asked for, which that of a default scope does not replace.
    """

    where: Where = EVERYTHING
    order: tuple[OrderBy, ...] = ()
    limit: int | None = None
    offset: int = 0
    fields: tuple[str, ...] | None = None
    include: Any = None
    extras: Mapping[str, Any] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    from_start: bool = False
