"""The manager: passes at an interval, nothing by itself, and clean-up of who was idle for long."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Iterable
from typing import Any

import pytest

from juggler.errors import InvalidValueError
from juggler.registry.managing.manager import RegistryManager
from juggler.registry.managing.passing import Pass, Report
from juggler.registry.managing.policy import Policy
from juggler.registry.managing.survey import Survey
from juggler.registry.registry import ModelRegistry
from juggler.registry.strategies.lru import LeastRecentlyUsed
from juggler.registry.strategies.view import RegistryView
from tests.patience import PATIENCE
from tests.registry.helpers import Clock
from tests.registry.managing.passes import Passes, check_awake, define, residents
from tests.registry.threads import in_threads

# --- on and off --------------------------------------------------------------------------------


# REG-56, fault 13
def test_nothing_starts_by_itself(registry: ModelRegistry) -> None:
    """Making a manager, or asking the registry for its own, starts no thread and no task."""
    before = set(threading.enumerate())
    manager = RegistryManager(registry, cleanup_interval=0, max_idle_time=0)
    assert registry.manager is registry.manager
    assert set(threading.enumerate()) <= before
    assert (manager.cleanup_interval, manager.max_idle_time, manager.is_active) == (0, 0, False)
    assert not registry.manager.is_active
    assert (registry.manager.cleanup_interval, registry.manager.max_idle_time) == (300, 1800)


# REG-56
def test_the_registry_has_one_manager(registry: ModelRegistry) -> None:
    """Another may be set; the one before is stopped."""
    first = registry.manager
    first.start_periodic_cleanup()
    registry.manager = RegistryManager(registry, strategy=LeastRecentlyUsed(2))
    assert not first.is_active
    assert registry.manager.strategy == LeastRecentlyUsed(2)


# REG-56
@pytest.mark.parametrize("value", [-1, -0.001, math.nan, "1", None])
def test_settings_of_no_use_are_refused(registry: ModelRegistry, value: Any) -> None:
    """Negative numbers, NaN and what is no number raise; so does a strategy that is none."""
    for name in ("cleanup_interval", "max_idle_time"):
        with pytest.raises(InvalidValueError, match=name):
            RegistryManager(registry, **{name: value})
    with pytest.raises(InvalidValueError):
        RegistryManager(registry, strategy="lru")  # type: ignore[arg-type]  # that is the test


# REG-56
def test_passes_in_a_thread(registry: ModelRegistry) -> None:
    """Without a loop one daemon thread makes the passes; a failing one does not end them."""

    class Failing:
        """Fails every time."""

        def __call__(self, view: RegistryView) -> Iterable[str]:
            raise ZeroDivisionError

    heard = Passes(registry, 3)
    manager = RegistryManager(registry, cleanup_interval=0.001, strategy=Failing())
    before = set(threading.enumerate())
    manager.start_periodic_cleanup()
    manager.start_periodic_cleanup()
    started = set(threading.enumerate()) - before
    try:
        assert [each.daemon for each in started] == [True]
        assert heard.enough.wait(PATIENCE)
        assert manager.is_active
    finally:
        manager.stop_periodic_cleanup()
        manager.stop_periodic_cleanup()
        for each in started:
            each.join(PATIENCE)
    assert not manager.is_active
    assert {type(each.error) for each in heard.failed} == {ZeroDivisionError}
    assert heard.told == []
    assert manager.get_stats().failed_passes >= 3


# REG-56
def test_many_threads_start_one(registry: ModelRegistry) -> None:
    """However many threads start a manager at the same moment, one thread makes the passes."""
    before = set(threading.enumerate())  # those of other managers may not have ended yet
    manager = RegistryManager(registry)
    assert in_threads(lambda _: manager.start_periodic_cleanup(), 8) == []
    names = [each.name for each in set(threading.enumerate()) - before]
    assert names == ["juggler-registry-manager"]
    manager.stop_periodic_cleanup()


# REG-56
async def test_passes_in_a_loop(registry: ModelRegistry, clock: Clock) -> None:
    """In a loop one task makes the passes, and the block ends it."""
    define(registry, "acme", "zeta")
    clock.now += 60
    registry.tenant("zeta").owner.touch()
    heard = Passes(registry, 3)
    tasks = len(asyncio.all_tasks())
    async with RegistryManager(registry, cleanup_interval=0, max_idle_time=30) as manager:
        manager.start_periodic_cleanup()
        assert len(asyncio.all_tasks()) == tasks + 1
        assert await asyncio.to_thread(heard.enough.wait, PATIENCE)
        assert manager.is_active
    assert not manager.is_active
    assert len(asyncio.all_tasks()) == tasks
    assert residents(registry) == ["zeta"]
    assert heard.failed == []
    assert heard.told[0].details["cleaned"] == 1
    assert heard.told[0].details["tenants"] == ("acme",)


# REG-56
async def test_a_loop_is_stopped_from_a_thread(registry: ModelRegistry) -> None:
    """Whoever stops a manager may be in another thread than its loop."""
    async with RegistryManager(registry, cleanup_interval=0) as manager:
        running = manager._running
        await asyncio.to_thread(manager.stop_periodic_cleanup)
        assert running is not None
        assert running.task is not None
        await asyncio.wait([running.task])
        assert running.task.cancelled()


# REG-56
def test_a_loop_that_ended_is_no_obstacle(registry: ModelRegistry) -> None:
    """A manager that was left running in a loop which is closed starts again in the next."""
    manager = RegistryManager(registry)
    for _ in range(2):

        async def start() -> None:
            manager.start_periodic_cleanup()
            assert manager.is_active

        asyncio.run(start())
        assert not manager.is_active
    manager.stop_periodic_cleanup()


# --- without a strategy: clean-up ----------------------------------------------------------------


# REG-57
def test_forced_passes(registry: ModelRegistry, clock: Clock) -> None:
    """A forced pass takes all tenants that are not in use, and is counted."""
    manager = RegistryManager(registry)
    define(registry, "acme", "busy", "kept")
    registry.tenant("kept").pinned = True
    with registry.tenant("busy").lease():
        assert [each.tenant for each in manager.force_cleanup()] == ["acme"]
    stats = manager.get_stats()
    assert (stats.passes, stats.last_run, stats.is_active, stats.cleaned) == (1, 100.0, False, 1)
    assert stats.registry_stats.total_models == 2
    manager.reset()
    assert manager.get_stats().passes == 0
    assert manager.get_stats().last_run is None


# REG-56, fault 13
@pytest.mark.parametrize("idle", [0, 0.0])
def test_zero_is_honoured(registry: ModelRegistry, idle: float) -> None:
    """An idle time of 0 means all that are not in use, not the default."""
    define(registry, "acme")
    manager = RegistryManager(registry, max_idle_time=idle)
    assert manager.run_pass()[0].tenant == "acme"


# REG-59
def test_tenants_have_policies_of_their_own(registry: ModelRegistry, clock: Clock) -> None:
    """A tenant's own idle time goes before the manager's, shorter or longer; a pin before both."""
    define(registry, "plain", "short", "long", "pinned")
    registry.tenant("short").policy = Policy(max_idle=10)
    registry.tenant("long").policy = Policy(max_idle=1_000)
    registry.tenant("pinned").policy = Policy(max_idle=1, pinned=True)
    manager = RegistryManager(registry, max_idle_time=100)
    clock.now += 20
    assert [each.tenant for each in manager.run_pass()] == ["short"]
    clock.now += 100
    assert [each.tenant for each in manager.run_pass()] == ["plain"]
    clock.now += 10_000
    assert [each.tenant for each in manager.run_pass()] == ["long"]
    assert residents(registry) == ["pinned"]


# REG-41, REG-58
def test_who_comes_back_in_time_stays(registry: ModelRegistry, clock: Clock) -> None:
    """A tenant that is at work after it was looked at, and before its turn, is left alone."""
    define(registry, "a", "b", "c")
    registry.on("tenant_cleaned", lambda _: registry.tenant("b").owner.touch())
    clock.now += 60
    steps = Pass(registry, Survey(registry), 30)
    clock.now += 1
    report = Report()
    steps.run(report)
    assert [each.tenant for each in report.cleaned] == ["a", "c"]
    check_awake(registry)
