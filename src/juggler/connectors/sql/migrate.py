"""Bring tables to their models: what is missing is found and made by Alembic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations

from juggler.connectors.contract import ModelInfo
from juggler.connectors.sql.dialects.base import Dialect
from juggler.connectors.sql.mapping import TableMap
from juggler.connectors.sql.schema import build_table, fill_value


@dataclass(frozen=True, slots=True)
class Wanted:
    """One model to migrate: its table as it lies, and as it should be made."""

    map: TableMap
    table: sa.Table


@dataclass(frozen=True, slots=True)
class Missing:
    """What a table lacks; nothing is ever taken away."""

    table: bool = False
    columns: tuple[sa.Column[Any], ...] = ()
    indexes: tuple[sa.Index, ...] = ()
    rebuilt: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.table or self.columns or self.indexes)


def wanted(infos: Sequence[tuple[ModelInfo, TableMap]], dialect: Dialect) -> list[Wanted]:
    """Return what *infos* want; each has a collection of tables of its own.

    Raises:
        DefinitionError: A model cannot have a table.
    """
    return [Wanted(table, build_table(info, table, dialect)) for info, table in infos]


def recreate(connection: sa.Connection, items: Sequence[Wanted]) -> None:
    """Drop and create the tables: their rows are gone."""
    for item in reversed(items):
        item.table.metadata.drop_all(connection)
    for item in items:
        item.table.metadata.create_all(connection)


def create_missing(connection: sa.Connection, items: Sequence[Wanted]) -> None:
    """Create the tables, columns and indexes that are missing; one after the other."""
    for item in items:
        context = _context(connection, item)
        missing = _missing(context, item)
        if missing:
            _create(Operations(context), connection, item, missing)


def is_complete(connection: sa.Connection, items: Sequence[Wanted]) -> bool:
    """Tell whether nothing is missing; never writes."""
    return not any(_missing(_context(connection, item), item) for item in items)


def _context(connection: sa.Connection, item: Wanted) -> MigrationContext:
    def is_ours(name: str | None, kind: str, _: Any) -> bool:
        return kind != "table" or name == item.table.name

    return MigrationContext.configure(
        connection,
        opts={"compare_type": False, "compare_server_default": False, "include_name": is_ours},
    )


def _missing(context: MigrationContext, item: Wanted) -> Missing:
    """Return what Alembic finds missing.  Other differences are left: they would change data."""
    found: dict[str, list[Any]] = {"add_table": [], "add_column": [], "add_index": []}
    removed: set[str] = set()
    for change in compare_metadata(context, item.table.metadata):
        if not isinstance(change, tuple):  # a list of changes of one column
            continue
        if change[0] in found:
            found[change[0]].append(change[-1])
        elif change[0] == "remove_index":
            removed.add(change[1].name)
    names = {index.name for index in found["add_index"]}
    return Missing(
        bool(found["add_table"]),
        tuple(found["add_column"]),
        tuple(found["add_index"]),
        frozenset(removed & names),
    )


def _create(
    operations: Operations, connection: sa.Connection, item: Wanted, missing: Missing
) -> None:
    if missing.table:
        item.table.metadata.create_all(connection)
        return
    for column in missing.columns:
        operations.add_column(item.table.name, _addable(column, item))
    for index in missing.indexes:
        if index.name in missing.rebuilt:
            operations.drop_index(str(index.name), item.table.name)
        index.create(connection)


def _addable(column: sa.Column[Any], item: Wanted) -> sa.Column[Any]:
    """Return *column* as it can be added to rows: filled with its default, or empty."""
    default = column.server_default
    if default is None and not column.nullable:
        default = fill_value(item.map.by_column[column.name.lower()])
    return sa.Column(
        column.name,
        column.type,
        nullable=column.nullable or default is None,
        server_default=default,
    )
