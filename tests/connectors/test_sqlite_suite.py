"""The SQLite connector passes the cases that every connector has to, in a file and in memory."""

from pathlib import Path

from juggler.connectors.contract import Connector
from juggler.connectors.sql.sqlite import SqliteConnector
from juggler.testing.connector_suite import ConnectorSuite


class TestInMemory(ConnectorSuite):
    """A database that is gone when it is closed."""

    def make(self, folder: Path) -> Connector:
        """Return a connector to a new database in memory."""
        return SqliteConnector({}, self.host)


class TestInFile(ConnectorSuite):
    """A database in a file."""

    examples = 25

    def make(self, folder: Path) -> Connector:
        """Return a connector to a new file."""
        return SqliteConnector({"file": folder / "store.db"}, self.host)
