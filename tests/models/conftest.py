"""A registry of its own for each test."""

import pytest

from juggler.facade.default import ModelRegistry


@pytest.fixture
def registry() -> ModelRegistry:
    """An empty registry."""
    return ModelRegistry()
