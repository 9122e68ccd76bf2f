"""The manager: passes at an interval, nothing by itself."""

import asyncio
import threading
from typing import Any

import pytest

from juggler.registry.manager import RegistryManager
from juggler.registry.registry import ModelRegistry
from tests.registry.helpers import Clock


class Passing(ModelRegistry):
    """Tells when a pass was made."""

    def __init__(self) -> None:
        super().__init__()
        self.idle: list[float] = []
        self.passed = threading.Event()
        self.fails = False

    def cleanup_inactive_tenants(self, max_idle_time: float) -> list[Any]:
        """Note the pass; fail if told to."""
        self.idle.append(max_idle_time)
        if len(self.idle) >= 3:
            self.passed.set()
        if self.fails:
            raise ZeroDivisionError
        return []


def test_nothing_starts_by_itself(registry: ModelRegistry) -> None:
    """Making a manager starts no thread and no task."""
    # REG-56, fault 13
    before = threading.active_count()
    manager = RegistryManager(registry, cleanup_interval=0, max_idle_time=0)
    assert threading.active_count() == before
    assert (manager.cleanup_interval, manager.max_idle_time, manager.is_active) == (0, 0, False)


def test_forced_passes(registry: ModelRegistry, clock: Clock) -> None:
    """A forced pass takes all tenants that are not in use, and is counted."""
    # REG-57
    manager = RegistryManager(registry)
    registry.define("A", tenant="acme")
    assert [each.tenant for each in manager.force_cleanup()] == ["acme"]
    stats = manager.get_stats()
    assert (stats.passes, stats.last_run, stats.is_active) == (1, 100.0, False)
    assert stats.registry_stats.total_models == 0
    manager.reset()
    assert manager.get_stats().passes == 0


def test_passes_in_a_thread() -> None:
    """Without a loop a daemon thread makes the passes; a failing one does not end them."""
    # REG-56
    registry = Passing()
    registry.fails = True
    manager = RegistryManager(registry, cleanup_interval=0.001, max_idle_time=7)
    before = threading.active_count()
    manager.start_periodic_cleanup()
    manager.start_periodic_cleanup()
    assert threading.active_count() == before + 1
    assert all(each.daemon for each in threading.enumerate() if each is not threading.main_thread())
    assert registry.passed.wait(10)
    assert manager.is_active
    manager.stop_periodic_cleanup()
    manager.stop_periodic_cleanup()
    assert not manager.is_active
    assert set(registry.idle) == {7}


async def test_passes_in_a_loop() -> None:
    """In a loop one task makes the passes, and the block ends it."""
    # REG-56
    registry = Passing()
    tasks = len(asyncio.all_tasks())
    async with RegistryManager(registry, cleanup_interval=0, max_idle_time=5) as manager:
        manager.start_periodic_cleanup()
        assert len(asyncio.all_tasks()) == tasks + 1
        async with asyncio.timeout(10):
            await asyncio.to_thread(registry.passed.wait, 10)
        assert manager.is_active
    assert not manager.is_active
    assert len(asyncio.all_tasks()) == tasks
    assert set(registry.idle) == {5}


@pytest.mark.parametrize("idle", [0, 0.0])
def test_zero_is_honoured(registry: ModelRegistry, idle: float) -> None:
    """An idle time of 0 means all that are not in use, not the default."""
    # REG-56, fault 13
    registry.define("A", tenant="acme")
    manager = RegistryManager(registry, max_idle_time=idle)
    assert manager._pass(manager.max_idle_time)[0].tenant == "acme"
