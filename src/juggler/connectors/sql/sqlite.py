"""The connector for SQLite."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from juggler.connectors.contract import Host
from juggler.connectors.sql.connector import SqlConnector
from juggler.connectors.sql.dialects.sqlite import SqliteDialect
from juggler.connectors.sql.drivers.sqlite import SqliteDriver
from juggler.connectors.sql.drivers.sqlite_settings import SqliteSettings


class SqliteConnector(SqlConnector):
    """A SQLite database, in a file or in memory; belongs to one data source.

    Settings: ``url`` (``sqlite:///relative.db``) or ``file``, by default ``:memory:``, and those of
    `SqliteSettings`.  Nothing is opened before `connect`.

    Raises:
        DefinitionError: A setting has a value that it cannot have.
    """

    name: ClassVar[str] = "sqlite"
    types: ClassVar[tuple[str, ...]] = ("db", "rdbms", "sql", "sqlite")
    capabilities: frozenset[str] = SqlConnector.capabilities | {
        "transactions",
        "savepoints",
        "atomic",
        "bulk_upsert",
    }

    def __init__(self, settings: Mapping[str, Any], host: Host) -> None:
        super().__init__(
            settings,
            host,
            dialect=SqliteDialect(),
            driver=SqliteDriver(SqliteSettings.read(settings)),
        )
