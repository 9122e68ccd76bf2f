"""Rows that models with accessors have."""

import pytest

from juggler import DataSource
from juggler.facade.default import ModelRegistry


@pytest.fixture
def source(registry: ModelRegistry) -> DataSource:
    """Rows in memory."""
    return DataSource("memory", registry=registry)
