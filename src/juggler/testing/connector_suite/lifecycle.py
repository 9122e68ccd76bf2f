"""Cases about connecting and disconnecting."""

from __future__ import annotations

import asyncio
from pathlib import Path

from juggler.testing.connector_suite.base import Store, Suite, opened
from juggler.testing.connector_suite.models import model

NOTE = model("Note", {"id": {"type": "number", "id": True, "generated": True}, "text": "string"})


class LifecycleCases(Suite):
    """Opening, closing, opening again."""

    async def test_connecting_twice_is_harmless(self, store: Store) -> None:
        """Whoever connects what is connected gets no second store."""
        await store.prepare(NOTE, rows=[{"text": "a"}])
        await store.connector.connect()
        assert await store.count(NOTE) == 1

    async def test_many_tasks_may_connect_at_once(self, tmp_path: Path) -> None:
        """However many tasks connect first, all of them end with one store that works."""
        connector = self.make(tmp_path)
        async with asyncio.TaskGroup() as tasks:
            for _ in range(20):
                tasks.create_task(connector.connect())
        async with opened(connector) as store:
            await store.prepare(NOTE, rows=[{"text": "a"}])
            assert await store.count(NOTE) == 1

    async def test_disconnecting_twice_is_harmless(self, store: Store) -> None:
        """Closing what is closed does nothing."""
        await store.connector.disconnect()
        await store.connector.disconnect()

    async def test_it_can_be_connected_again(self, store: Store) -> None:
        """After a disconnect a connect makes the connector work as before."""
        await store.connector.disconnect()
        await store.connector.connect()
        await store.prepare(NOTE, rows=[{"text": "a"}])
        assert await store.values(NOTE, "text") == ["a"]

    async def test_an_open_store_answers(self, store: Store) -> None:
        """`ping` is silent while the store is there."""
        await store.connector.ping()

    async def test_a_model_can_be_forgotten(self, store: Store) -> None:
        """`undefine` is harmless, also for a model that was never defined; rows stay."""
        await store.prepare(NOTE, rows=[{"text": "a"}])
        store.connector.undefine(NOTE)
        store.connector.undefine(NOTE)
        store.connector.define(NOTE)
        assert await store.values(NOTE, "text") == ["a"]
