"""A service on either store, and a client of a tenant with three cities."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.app.service import Service, service


@pytest.fixture(params=["memory", "sqlite"])
async def here(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Service]:
    """A service on either store."""
    async with service(tmp_path if request.param == "sqlite" else "memory") as running:
        yield running


@pytest.fixture
async def client(here: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a tenant that has three cities."""
    async with here.acme as client:
        rows = [
            {"id": 1, "name": "Rome", "population": 2800, "tags": ["old", "big"]},
            {"id": 2, "name": "Oslo", "population": 700, "founded": "1048-01-01T00:00:00Z"},
            {"id": 3, "name": "Bern", "population": 130, "location": {"lat": 46.9, "lng": 7.4}},
        ]
        answer = await client.post("/api/Cities", json=rows)
        assert answer.status_code == 200, answer.text
        assert [row["id"] for row in answer.json()] == [1, 2, 3]
        yield client
