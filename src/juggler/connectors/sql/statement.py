"""Compiled statements: SQL text, and how the values of a query become the values it is run with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.sql import ClauseElement

Encode = Callable[[Any], Any]
Source = tuple[int, Any]
"""Where a bound value comes from: the place of a query's value and its encoder (or None), or
`CONSTANT` and the value itself."""

CONSTANT: Final = -1


class Statement:
    """SQL text of one form of a query; immutable.

    Attributes:
        sql: The text, with one mark for each value.
        columns: The properties that its rows hold, in order; empty for a statement without rows.
    """

    __slots__ = ("_is_straight", "_sources", "columns", "load", "sql")

    def __init__(
        self, sql: str, sources: Sequence[Source], load: Callable[[list[Any]], list[Any]]
    ) -> None:
        self.sql = sql
        self.load = load
        self._sources = tuple(sources)
        straight = [(place, None) for place in range(len(self._sources))]
        self._is_straight = list(self._sources) == straight

    def bind(self, values: Sequence[Any]) -> Sequence[Any]:
        """Return the values to run with for the *values* of a query, in the order of its form."""
        if self._is_straight and len(values) == len(self._sources):
            return values
        return [
            what if place < 0 else values[place] if what is None else what(values[place])
            for place, what in self._sources
        ]


class Binds:
    """Collects the bound values of one statement while it is built."""

    def __init__(self) -> None:
        self._sources: list[Source] = []
        self.taken = 0

    def take(self) -> int:
        """Return the place of the next value of the query."""
        self.taken += 1
        return self.taken - 1

    def value(self, place: int, encode: Encode | None = None) -> sa.BindParameter[Any]:
        """Return a bound value that comes from the query's value at *place*."""
        return self._add((place, encode))

    def constant(self, value: Any) -> sa.BindParameter[Any]:
        """Return a bound value that is the same for every query of the form."""
        return self._add((CONSTANT, value))

    def _add(self, source: Source) -> sa.BindParameter[Any]:
        self._sources.append(source)
        return sa.bindparam(f"={len(self._sources) - 1}", required=False, value=None)

    def compile(
        self,
        clause: ClauseElement,
        dialect: Dialect,
        load: Callable[[list[Any]], list[Any]] = list,
    ) -> Statement:
        """Return the statement for *clause*, in which each value of these stands."""
        compiled: Any = clause.compile(dialect=dialect)
        names: list[str] = compiled.positiontup or []
        sources = [
            self._sources[int(name[1:])]
            if name[0] == "="
            else (CONSTANT, compiled.params[name])  # values that SQLAlchemy adds by itself
            for name in names
        ]
        return Statement(compiled.string, sources, load)
