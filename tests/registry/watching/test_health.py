"""Health: well, degraded or critical, why, and watched."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.errors import InvalidValueError
from juggler.registry.managing.manager import RegistryManager
from juggler.registry.records import CleanupResult
from juggler.registry.registry import ModelRegistry
from juggler.registry.strategies.lru import LeastRecentlyUsed
from juggler.registry.strategies.view import RegistryView
from juggler.registry.watching import health as module
from juggler.registry.watching.health import Bounds, Health, judged, next_look, refused_lately
from tests.registry.helpers import Clock


# REG-67
def test_a_quiet_registry_is_well(registry: ModelRegistry) -> None:
    """Without limits and failures there is nothing to complain of, and looking creates nothing."""
    registry.define("A", {"x": int}, tenant="acme")
    found = registry.health()
    assert (found.status, found.reasons) == ("ok", ())
    assert (found.tenants, found.cold, found.models) == (1, 0, 1)
    assert found.bytes == registry.get_stats().bytes_estimate > 0
    assert found.memory is not None
    assert found.memory > 2**20
    assert registry._manager is None


# REG-67, REG-69
@pytest.mark.parametrize(
    ("figures", "bounds", "status", "reason"),
    [
        ({"tenants": 3, "cold": 8}, Bounds(tenants=10), "degraded", "11 tenants; the limit is 10"),
        ({"tenants": 13}, Bounds(tenants=10), "critical", "13 tenants; the limit is 10"),
        ({"tenants": 10}, Bounds(tenants=10), "ok", None),
        ({"tenants": 11}, Bounds(resident=10), "degraded", "11 resident tenants"),
        ({"bytes": 1_100}, Bounds(bytes=1_000), "degraded", "1,100 bytes; the limit is 1,000"),
        ({"bytes": 1_251}, Bounds(bytes=1_000), "critical", "1,251 bytes"),
        ({"failed_cleanups": 1}, Bounds(), "degraded", "1 clean-up was refused"),
        ({"failed_cleanups": 10}, Bounds(), "critical", "10 clean-ups were refused"),
        ({"handler_failures": 100}, Bounds(), "degraded", "100 handlers failed"),
        ({"failed_passes": 1}, Bounds(), "degraded", "1 clean-up pass failed"),
        ({"failed_passes": 3}, Bounds(), "critical", "3 clean-up passes failed"),
        ({"disposed_alive": 1}, Bounds(), "degraded", "1 disposed model is still held"),
        ({"disposed_alive": 1_000}, Bounds(), "critical", "1,000 disposed models are still held"),
    ],
)
def test_figures_are_judged(
    figures: dict[str, int], bounds: Bounds, status: str, reason: str | None
) -> None:
    """What is wrong is said with its number, and how bad it is."""
    found, reasons = judged(Health(**figures), bounds)  # type: ignore[arg-type]  # numbers alone
    assert found == status
    assert ([reason in each for each in reasons] == [True]) if reason else reasons == ()


# REG-67
@given(st.builds(Health, tenants=st.integers(0, 30), failed_passes=st.integers(0, 5)))
def test_more_wrong_is_never_better(health: Health) -> None:
    """The worst of the reasons is the status, and without a reason it is ok."""
    status, reasons = judged(health, Bounds(tenants=10, resident=20))
    assert (status == "ok") == (not reasons)
    worse, more = judged(health, Bounds(tenants=5, resident=10))
    order = ("ok", "degraded", "critical")
    assert order.index(worse) >= order.index(status)
    assert len(more) >= len(reasons)


# REG-67, REG-43
def test_refused_cleanups_degrade(registry: ModelRegistry) -> None:
    """A tenant that could not be cleaned up is told until it is, or for five minutes."""
    registry.define("A", tenant="acme")
    with registry.tenant("acme").lease():
        registry.cleanup_tenant("acme")
        registry.cleanup_tenant("acme")
        found = registry.health()
        assert (found.status, found.failed_cleanups) == ("degraded", 1)
        later = time.time() + module.WINDOW + 1
        assert refused_lately(registry.cleanup_history(), later) == 0
    registry.cleanup_tenant("acme")
    assert registry.health().status == "ok"
    assert refused_lately([CleanupResult("a", error="x")], 0.0) == 0


# REG-67, REG-60
def test_failing_handlers_degrade(registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler that failed is told for five minutes, whether somebody listens for that or not."""

    def failing(event: Any) -> None:
        raise ZeroDivisionError

    registry.on("tenant_created", failing)
    registry.tenant("acme")
    found = registry.health()
    assert (found.status, found.handler_failures) == ("degraded", 1)
    later = time.time() + module.WINDOW + 1
    monkeypatch.setattr(time, "time", lambda: later)
    assert registry.health().status == "ok"


# REG-67, REG-48
def test_models_that_are_still_held_degrade(registry: ModelRegistry) -> None:
    """A model that was disposed and is held by somebody is counted until it is let go."""
    held = registry.define("A", {"x": int}, tenant="acme")
    registry.cleanup_tenant("acme")
    assert registry.health().disposed_alive == 1
    del held
    assert registry.health().status == "ok"


# REG-67, REG-56
def test_failing_passes_degrade(registry: ModelRegistry) -> None:
    """Passes that fail are told until one is made."""
    broken = [True]

    def strategy(view: RegistryView) -> Iterable[str]:
        if broken:
            raise ZeroDivisionError
        return ()

    registry.manager = RegistryManager(registry, strategy=strategy)
    registry.manager.once()
    assert registry.health().failed_passes == 1
    broken.clear()
    registry.manager.once()
    assert registry.health().status == "ok"


# REG-67, REG-69
def test_limits_and_bounds_count(clock: Clock) -> None:
    """The registry's own limits count, and the bound of a manager that runs."""
    registry = ModelRegistry(clock=clock, max_tenants=2)
    for code in ("a", "b"):
        registry.define("A", tenant=code)
    assert registry.health().status == "ok"
    registry.manager = RegistryManager(registry, strategy=LeastRecentlyUsed(1))
    assert registry._bounds() == Bounds(2, None, None)
    registry.manager.start_periodic_cleanup()
    assert registry._bounds() == Bounds(2, 1, None)
    registry.manager.stop_periodic_cleanup()


# --- watching ------------------------------------------------------------------------------------


# REG-67
async def test_health_is_watched(registry: ModelRegistry) -> None:
    """Each snapshot is of its moment."""
    seen = []
    watching = registry.watch(0)
    async for found in watching:
        seen.append(found.models)
        if len(seen) == 3:
            break
        registry.define(f"M{len(seen)}")
    await watching.aclose()
    assert seen == [0, 1, 2]


# REG-67
async def test_watching_ends_with_its_task(registry: ModelRegistry) -> None:
    """A task that is cancelled while it waits for the next snapshot leaves nothing behind."""
    first = asyncio.Event()

    async def work() -> None:
        async for _ in registry.watch(3_600):
            first.set()

    task = asyncio.create_task(work())
    await first.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert len(asyncio.all_tasks()) == 1


# REG-67
@given(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 1e4))
def test_a_slow_consumer_misses_moments(due: float, now: float, interval: float) -> None:
    """The next look is never in the past, so that none wait for a consumer that was slow."""
    following = next_look(due, now, interval)
    assert following >= now
    assert following in (due + interval, now)


# REG-67
@pytest.mark.parametrize("interval", [-1, float("nan"), "1"])
def test_an_interval_of_no_use_is_refused(registry: ModelRegistry, interval: Any) -> None:
    """It is refused at once, not when the first snapshot is asked for."""
    with pytest.raises(InvalidValueError, match="interval"):
        registry.watch(interval)
