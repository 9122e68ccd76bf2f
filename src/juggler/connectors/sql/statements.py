"""The statements of one model: compiled when a form of query is first seen, then kept."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from msgspec.structs import replace

from juggler.connectors.sql import aggregate
from juggler.connectors.sql.conditions import Conditions
from juggler.connectors.sql.dialects.base import Dialect
from juggler.connectors.sql.driver import Step
from juggler.connectors.sql.mapping import Column, TableMap
from juggler.connectors.sql.operands import settle_lists
from juggler.connectors.sql.rows import Load, Writer, loader
from juggler.connectors.sql.statement import Binds, Statement
from juggler.errors import InvalidQueryError
from juggler.query.aggregate import Aggregation
from juggler.query.form import form, values
from juggler.query.nodes import EVERYTHING, And, Condition, Filter, Where

MAX_FORMS: Final = 256

Names = tuple[str, ...]
T = TypeVar("T")


class Statements:
    """The statements of one model on one kind of database.

    It is kept with the `ModelInfo`, so all data sources of a kind that serve models of equal
    structure share it.  At most `MAX_FORMS` are kept, the oldest goes first.

    Args:
        table: How the model lies in the database.
        dialect: The database's ways.
    """

    def __init__(self, table: TableMap, dialect: Dialect) -> None:
        self.table = table
        self.dialect = dialect
        self.compiled = 0
        self._kept: dict[Hashable, Any] = {}
        self._writers: dict[Names, Writer] = {}
        self.all_names: Names = tuple(table.columns)

    def __len__(self) -> int:
        """Return the number of statements that are kept."""
        return len(self._kept)

    # reading ----------------------------------------------------------------------------------

    def find(self, query: Filter) -> tuple[Statement, Sequence[Any]]:
        """Return the statement that reads the rows of *query*, and its values."""
        query = _settled(query)
        statement = self._keep(("find", form(query)), lambda: self._find(query))
        return statement, statement.bind(values(query))

    def _find(self, query: Filter) -> Statement:
        columns = self._columns(query.fields)
        source, binds = self._source(), Binds()
        conditions = Conditions(self.table, source, self.dialect, binds)
        found = sa.select(*(source.c[column.name] for column in columns))
        if query.where != EVERYTHING:
            found = found.where(conditions.where(query.where))
        if not self.is_pinned(query.where):
            found = found.order_by(*conditions.order(query.order))
        if query.limit is not None:
            found = found.limit(binds.value(binds.take()))
        if query.offset:
            found = found.offset(binds.value(binds.take()))
        return binds.compile(found, self.dialect.sa, self.load(columns))

    def count(self, where: Where) -> tuple[Statement, Sequence[Any]]:
        """Return the statement that counts the rows that match, and its values."""
        where = settle_lists(where)
        statement = self._keep(("count", form(where)), lambda: self._count(where))
        return statement, statement.bind(values(where))

    def _count(self, where: Where) -> Statement:
        source, binds = self._source(), Binds()
        found = sa.select(sa.func.count()).select_from(source)
        return binds.compile(found.where(*self._where(where, source, binds)), self.dialect.sa)

    def aggregate(self, asked: Aggregation) -> tuple[Statement, Sequence[Any]]:
        """Return the statement that makes the results of *asked*, and its values."""
        asked = aggregate.settled(asked)
        statement = self._keep(
            ("aggregate", asked.form()),
            lambda: aggregate.build(self.table, self._source(), self.dialect, asked),
        )
        return statement, statement.bind(asked.values())

    # changing ---------------------------------------------------------------------------------

    def update(
        self,
        data: Mapping[str, Any],
        where: Where,
        *,
        returning: bool = False,
        first: bool = False,
    ) -> tuple[Statement, Sequence[Any]]:
        """Return the statement that writes *data* to the rows that match, and its values.

        With *returning* it gives the whole rows back, with *first* it writes to no more than the
        first row by primary key.
        """
        where, names = settle_lists(where), tuple(data)
        first = first and not self.is_pinned(where)
        statement = self._keep(
            ("update", names, returning, first, form(where)),
            lambda: self._update(names, where, returning=returning, first=first),
        )
        return statement, statement.bind([*self.writer(names).encode(data), *values(where)])

    def _update(self, names: Names, where: Where, *, returning: bool, first: bool) -> Statement:
        source, binds = self._source(), Binds()
        columns = self.writer(names).columns
        changes: Any = {column.name: binds.value(binds.take()) for column in columns}
        wanted = self._first(where, source, binds) if first else self._where(where, source, binds)
        found = sa.update(source).values(changes).where(*wanted)
        if not returning:
            return binds.compile(found, self.dialect.sa)
        whole = self._columns(None)
        found_rows = found.returning(*(source.c[column.name] for column in whole))
        return binds.compile(found_rows, self.dialect.sa, self.load(whole))

    def delete(self, where: Where) -> tuple[Statement, Sequence[Any]]:
        """Return the statement that deletes the rows that match, and its values."""
        where = settle_lists(where)
        statement = self._keep(("delete", form(where)), lambda: self._delete(where))
        return statement, statement.bind(values(where))

    def _delete(self, where: Where) -> Statement:
        source, binds = self._source(), Binds()
        found = sa.delete(source).where(*self._where(where, source, binds))
        return binds.compile(found, self.dialect.sa)

    def insert(self, names: Names, *, rows: int = 1, returning: Names = ()) -> Statement:
        """Return the statement that inserts *rows* rows with the properties *names*.

        With *returning* it gives these properties of the new rows back.
        """
        return self._keep(
            ("insert", names, rows, returning), lambda: self._insert(names, rows, returning)
        )

    def _insert(self, names: Names, rows: int, returning: Names) -> Statement:
        source, binds = self._source(), Binds()
        columns = self.writer(names).columns
        entries: Any = [
            {column.name: binds.value(binds.take()) for column in columns} for _ in range(rows)
        ]
        found = sa.insert(source).values(entries if rows > 1 else entries[0])
        if not returning:
            return binds.compile(found, self.dialect.sa)
        wanted = self._columns(returning)
        found_rows = found.returning(*(source.c[column.name] for column in wanted))
        return binds.compile(found_rows, self.dialect.sa, self.load(wanted))

    def writer(self, names: Names) -> Writer:
        """Return what encodes rows with the properties *names*."""
        found = self._writers.get(names)
        if found is None:
            found = Writer(self.table, names)
            _bound(self._writers)
            self._writers[names] = found
        return found

    def step(self, found: tuple[Statement, Sequence[Any]]) -> Step:
        """Return a bound statement as a step of a script."""
        statement, bound = found
        return Step(statement.sql, bound)

    # shared -----------------------------------------------------------------------------------

    def is_pinned(self, where: Where) -> bool:
        """Tell whether *where* names the whole primary key, so that at most one row matches."""
        items = where.children if isinstance(where, And) else (where,)
        named = {
            item.path[0]
            for item in items
            if isinstance(item, Condition) and item.operator == "eq" and len(item.path) == 1
        }
        ids = {column.property.name for column in self.table.ids}
        return bool(ids) and ids <= named

    def load(self, columns: Sequence[Column]) -> Load:
        """Return what makes rows of records with *columns*."""
        names = tuple(column.property.name for column in columns)
        return self._keep(("load", names), lambda: loader(columns, self.table.model))

    def _columns(self, fields: Iterable[str] | None) -> list[Column]:
        """Return the columns of *fields* in order of definition; all for None."""
        if fields is None:
            return list(self.table.columns.values())
        wanted = set(fields)
        found = [column for name, column in self.table.columns.items() if name in wanted]
        if not found:
            raise InvalidQueryError(
                f"{self.table.model} has none of the fields {', '.join(sorted(wanted))}.",
                code="UNKNOWN_PROPERTY",
                model=self.table.model,
                path="fields",
            )
        return found

    def _where(self, where: Where, source: sa.TableClause, binds: Binds) -> list[Any]:
        """Return the WHERE of a statement, empty where everything matches."""
        if where == EVERYTHING:
            return []
        return [Conditions(self.table, source, self.dialect, binds).where(where)]

    def _first(self, where: Where, source: sa.TableClause, binds: Binds) -> list[Any]:
        """Return the WHERE that the first of the rows that match fulfils alone."""
        rows: Any = source.alias("candidates")
        conditions = Conditions(self.table, rows, self.dialect, binds)
        names = [column.name for column in self.table.ids]
        found = sa.select(*(rows.c[name] for name in names)).where(conditions.where(where))
        found = found.order_by(*conditions.order(())).limit(1)
        return [sa.tuple_(*(source.c[name] for name in names)).in_(found)]

    def _source(self) -> sa.TableClause:
        """Return the table as SQLAlchemy compiles it; light, and made anew for every statement."""
        columns = self.table.columns.values()
        return sa.table(self.table.table, *(sa.column(column.name) for column in columns))

    def _keep(self, key: Hashable, build: Callable[[], T]) -> T:
        """Return what is kept under *key*, built on a miss."""
        found: T | None = self._kept.get(key)
        if found is None:
            found = build()
            self.compiled += 1
            _bound(self._kept)
            self._kept[key] = found
        return found


def _bound(kept: dict[Any, Any]) -> None:
    """Make room for one more."""
    while len(kept) >= MAX_FORMS:
        del kept[next(iter(kept))]


def _settled(query: Filter) -> Filter:
    where = settle_lists(query.where)
    return query if where is query.where else replace(query, where=where)
