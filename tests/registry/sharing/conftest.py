"""A registry with a tenant that has rows to share."""

from typing import Any

import pytest

from juggler.context import tenant
from juggler.datasource.datasource import DataSource
from juggler.facade.default import ModelRegistry
from tests.registry.helpers import Clock


@pytest.fixture
def registry(clock: Clock) -> ModelRegistry:
    """A registry whose models have stores."""
    return ModelRegistry(clock=clock)


@pytest.fixture
def source(registry: ModelRegistry) -> DataSource:
    """Where the rows of acme are."""
    return DataSource("memory", registry=registry)


@pytest.fixture
def ticket(registry: ModelRegistry, source: DataSource) -> Any:
    """A model of acme."""
    return registry.define(
        "Ticket",
        {"title": {"type": str, "required": True}, "price": float, "secret": str},
        tenant="acme",
        data_source=source,
    )


@pytest.fixture
async def rows(ticket: Any) -> list[Any]:
    """Two rows of acme."""
    with tenant("acme"):
        made: list[Any] = await ticket.create(
            [
                {"title": "one", "price": 1, "secret": "s1"},
                {"title": "two", "price": 2, "secret": "s2"},
            ]
        )
    return made
