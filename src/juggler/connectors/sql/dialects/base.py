"""What differs from one database to another in the SQL that is compiled for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import Dialect as SaDialect
from sqlalchemy.sql.selectable import FromClause, Select
from sqlalchemy.types import TypeEngine

from juggler.connectors.sql.codecs import Codec, family_of
from juggler.connectors.sql.mapping import Column
from juggler.connectors.sql.statement import Binds
from juggler.types.base import ValueType

Expression = sa.ColumnElement[Any]


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a row that a condition looks at.

    Attributes:
        expression: The value in SQL; for a list or object inside JSON its text.
        type: Its declared type, None where nothing is declared.
        json_kind: Inside JSON, the name of its JSON type in SQL (`JSON_KINDS`).
    """

    expression: Expression
    type: ValueType | None = None
    json_kind: Expression | None = None

    @property
    def family(self) -> str:
        """Return what it can be compared with; see `juggler.connectors.sql.codecs.Codec`."""
        return "json" if self.type is None else family_of(self.type)


@dataclass(frozen=True, slots=True)
class Elements:
    """The elements of a list: each as a value, and the FROM element that has a row for each."""

    value: Value
    source: FromClause


@dataclass(frozen=True, slots=True)
class Reach:
    """What a path leads to, inside JSON once per element of the lists on its way.

    Attributes:
        value: The value at the end; a list there is one value.
        elements: The elements of that list, where there may be one.
        sources: FROM elements of the lists on the way; `value` depends on them.
    """

    value: Value
    elements: Elements | None = None
    sources: Sequence[FromClause] = ()


class Dialect:
    """How one database writes what SQLAlchemy does not write the same for all; stateless.

    Attributes:
        name: Canonical connector name.
        blocks: Names of the settings blocks it reads, the specific one first.
        naming: Rule that makes names of tables and columns; see `mapping.NAMINGS`.
        reserved: What names of the database's own tables begin with; empty for nothing.
        counts_keys: Whether the keys that it makes for the rows of one transaction are numbers in
            a row, and each statement tells the last one.
        nulls_are_least: Whether nulls come first in ascending order unless told otherwise.
        sa: SQLAlchemy's dialect, which compiles.
    """

    name: ClassVar[str]
    blocks: ClassVar[tuple[str, ...]]
    naming: ClassVar[str] = "lower"
    counts_keys: ClassVar[bool] = False
    nulls_are_least: ClassVar[bool] = True
    reserved: ClassVar[str] = ""
    sa: SaDialect

    def codec(self, kind: ValueType) -> Codec:
        """Return how values of *kind* are kept in a column."""
        raise NotImplementedError

    def column_type(self, column: Column) -> TypeEngine[Any]:
        """Return the type that *column* is created with."""
        raise NotImplementedError

    def decimal(self, expression: Expression) -> Expression:
        """Return *expression*, a stored decimal, so that it compares and sorts by its value."""
        raise NotImplementedError

    def fold(self, expression: Expression) -> Expression:
        """Return *expression* in lower case, as NOCASE sorts."""
        raise NotImplementedError

    def like(self, text: Expression, binds: Binds, place: int, *, ignore_case: bool) -> Expression:
        """Return the test of *text* against the ``like`` pattern at *place*."""
        raise NotImplementedError

    def regexp(self, text: Expression, binds: Binds, place: int, flags: int) -> Expression:
        """Return the test of *text* against the regular expression at *place*."""
        raise NotImplementedError

    def items(self, binds: Binds, place: int) -> Select[Any]:
        """Return the values of the `Many` at *place* as a query of one column."""
        raise NotImplementedError

    def angle(self, point: Expression, binds: Binds, place: int) -> Expression:
        """Return the smallest angle between *point* and the `Near` at *place*, or null.

        *point* is the JSON text of a point or of a list of them.
        """
        raise NotImplementedError

    def change(self, verb: str, column: Column, stored: Expression, operand: Any) -> Expression:
        """Return what a `juggler.query.changes.Change` makes of *stored*, the value of *column*."""
        raise NotImplementedError

    def upsert(
        self,
        source: Any,
        entry: Mapping[str, Any],
        keys: Sequence[str],
        changed: Sequence[str],
    ) -> Any:
        """Return the INSERT of *entry* that writes the columns *changed* where *keys* are taken."""
        raise NotImplementedError

    def row_place(self, source: Any, taken: Collection[str]) -> Expression | None:
        """Return what tells rows apart that have no primary key, in the order they were stored.

        *taken* are the names of the table's own columns.  None where the database has no such.
        """
        return None

    def least(self, numbers: Sequence[Expression]) -> Expression:
        """Return the least of several numbers, none of which is null."""
        return sa.func.least(*numbers)

    def total(self, numbers: Expression, kind: ValueType) -> Expression:
        """Return the sum of *numbers*, values of *kind*, as `juggler.query.totals` makes it."""
        return sa.func.sum(numbers)

    def mean(self, numbers: Expression, kind: ValueType) -> Expression:
        """Return the mean of *numbers*, values of *kind*, as `juggler.query.totals` makes it."""
        return sa.func.avg(numbers)

    def reach(self, column: Value, path: tuple[str, ...], binds: Binds) -> Reach:
        """Return what *path* leads to inside *column*, which holds JSON or a point."""
        raise NotImplementedError

    def pick(self, column: Value, path: tuple[str, ...], binds: Binds) -> Value:
        """Return the one value that *path* leads to, null where a list is in the way."""
        raise NotImplementedError

    def json_order(self, value: Value, *, fold: bool) -> list[Expression]:
        """Return the terms that sort by *value*, of which nothing is declared: kind, then value."""
        raise NotImplementedError
