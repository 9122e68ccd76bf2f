"""What the tests of cold tenants share."""

import pytest

from juggler.registry.registry import ModelRegistry
from tests.registry.helpers import Clock, Store


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def registry(clock: Clock) -> ModelRegistry:
    """A registry of its own."""
    return ModelRegistry(clock=clock)


@pytest.fixture
def store(registry: ModelRegistry) -> Store:
    """A data source of that registry."""
    return Store(registry, "one")
