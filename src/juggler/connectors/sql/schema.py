"""A model's table as SQLAlchemy creates it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from msgspec import UNSET

from juggler.connectors.contract import ModelInfo
from juggler.connectors.indexes import Index, indexes_of
from juggler.connectors.sql.dialects.base import Dialect
from juggler.connectors.sql.mapping import Column, TableMap
from juggler.errors import DefinitionError


def build_table(info: ModelInfo, table: TableMap, dialect: Dialect) -> sa.Table:
    """Return the table of a model with its indexes, in a collection of its own.

    Raises:
        DefinitionError: The model has nothing that a table could hold.
    """
    if not table.columns:
        raise DefinitionError(
            f"{info.name} has no properties, so there is no table for it.", model=info.name
        )
    columns = [_column(column, dialect) for column in table.columns.values()]
    key = [sa.PrimaryKeyConstraint(*(column.name for column in table.ids))] if table.ids else []
    made = table.generated_id
    is_counted = made is not None and made.property.generated
    found = sa.Table(table.table, sa.MetaData(), *columns, *key, sqlite_autoincrement=is_counted)
    for index in indexes_of(info):
        _add_index(index, found, table)
    return found


def _column(column: Column, dialect: Dialect) -> sa.Column[Any]:
    default = column.options.get("db_default")
    return sa.Column(
        column.name,
        dialect.column_type(column),
        nullable=column.nullable,
        server_default=None if default is None else sa.text(str(default)),
        autoincrement=column.generated,
    )


def _add_index(index: Index, found: sa.Table, table: TableMap) -> None:
    columns = [(table.columns[name].name, descending) for name, descending in index.keys]
    name = index.name or f"{table.table}_{columns[0][0]}_idx"
    keys = [
        found.c[column].desc() if descending else found.c[column] for column, descending in columns
    ]
    sa.Index(name, *keys, unique=index.unique)


def fill_value(column: Column) -> Any:
    """Return the default that rows get when the column is added to them, None for none."""
    default = column.property.default
    if default is UNSET or default is None or callable(default):
        return None
    stored = column.codec.encode(default)
    if isinstance(stored, bytes):
        return sa.text(f"x'{stored.hex()}'")
    return stored if isinstance(stored, str) else sa.text(repr(stored + 0))  # True is 1
