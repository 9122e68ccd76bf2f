"""Connectors for records pass the cases of the model layer, with optional methods or without."""

from pathlib import Path

import pytest

from juggler.connectors.memory.connector import MemoryConnector
from juggler.connectors.sql.sqlite import SqliteConnector
from juggler.datasource.datasource import DataSource
from juggler.facade.default import ModelRegistry
from juggler.testing.hiding import hiding
from juggler.testing.persistence_suite import run_persistence_suite

OPTIONAL = """
upsert find_or_create multi_insert upsert_with_where aggregate elem_match atomic bulk_upsert
""".split()


def memory() -> DataSource:
    """Return a source in memory."""
    return DataSource("memory", MemoryConnector, registry=ModelRegistry())


def sqlite(folder: Path) -> DataSource:
    """Return a source in a file."""
    file = str(folder / "store.db")
    return DataSource("sqlite", SqliteConnector, registry=ModelRegistry(), file=file)


# DAO-310, DAO-311, DAO-312
TestMemory = run_persistence_suite(memory)

# DAO-233, DAO-311, DAO-312
TestMemoryWithoutOptionalMethods = run_persistence_suite(lambda: hiding(memory(), *OPTIONAL))

# DAO-310
TestSqlite = run_persistence_suite(sqlite, {"atomic_upsert_with_where": False})

# DAO-233
TestSqliteWithoutOptionalMethods = run_persistence_suite(
    lambda folder: hiding(sqlite(folder), *OPTIONAL), {"atomic_upsert_with_where": False}
)


def test_unknown_flags_are_refused() -> None:
    """A flag that is spelled wrongly skips nothing by mistake."""
    with pytest.raises(ValueError, match=r"geopoint.*geo_point"):
        run_persistence_suite(memory, {"geopoint": False})
