"""The memory connector passes the cases that every connector has to."""

from pathlib import Path

from juggler.connectors.contract import Connector
from juggler.connectors.memory.connector import MemoryConnector
from juggler.testing.connector_suite import ConnectorSuite


class TestMemory(ConnectorSuite):
    """Rows in memory."""

    def make(self, folder: Path) -> Connector:
        """Return a connector with nothing in it."""
        return MemoryConnector({}, self.host)
