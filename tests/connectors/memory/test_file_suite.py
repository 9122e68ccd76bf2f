"""The memory connector passes the cases of all connectors with its rows in a file, too."""

from pathlib import Path

from juggler.connectors.contract import Connector
from juggler.datasource.datasource import DataSource
from juggler.facade.default import ModelRegistry
from juggler.testing.connector_suite import ConnectorSuite
from juggler.testing.persistence_suite import run_persistence_suite
from tests.connectors.memory.files import connector


class TestMemoryInAFile(ConnectorSuite):
    """Rows in memory and in a file, which is written whole."""

    def make(self, folder: Path) -> Connector:
        """Return a connector with nothing in it."""
        return connector(folder / "store.json")


class TestMemoryWithChanges(ConnectorSuite):
    """Rows in memory and in a file, beside which changes are written."""

    def make(self, folder: Path) -> Connector:
        """Return a connector with nothing in it."""
        return connector(folder / "store.json", small=0)


def in_a_file(folder: Path) -> DataSource:
    """Return a source in memory and in a file."""
    return DataSource("memory", registry=ModelRegistry(), file=str(folder / "store.json"))


# DAO-253: the same cases as without a file, optional methods among them
TestRecordsInAFile = run_persistence_suite(in_a_file)
