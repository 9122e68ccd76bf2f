"""A registry of its own for each fault."""

import pytest

from juggler.facade.default import ModelRegistry
from tests.registry.helpers import Clock


@pytest.fixture
def registry(clock: Clock) -> ModelRegistry:
    """A registry whose models have stores."""
    return ModelRegistry(clock=clock)
