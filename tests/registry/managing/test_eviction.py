"""The manager with a strategy: who is evicted, and bounds that hold between passes."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable
from typing import Any

import pytest

from juggler.errors import QuotaExceededError, StoreError
from juggler.registry.managing.manager import RegistryManager
from juggler.registry.managing.policy import Policy
from juggler.registry.managing.survey import SLICE, Survey
from juggler.registry.records import RegistryEvent
from juggler.registry.registry import ModelRegistry
from juggler.registry.strategies.adaptive import Adaptive
from juggler.registry.strategies.budget import MemoryBudget
from juggler.registry.strategies.idle import IdleStrategy
from juggler.registry.strategies.lru import LeastRecentlyUsed
from juggler.registry.strategies.predictive import Predictive
from juggler.registry.strategies.view import CleanupStrategy, RegistryView
from tests.patience import PATIENCE
from tests.registry.helpers import Clock
from tests.registry.managing.passes import Passes, check_awake, cold, define, residents
from tests.registry.threads import in_threads


# REG-58, REG-77
def test_a_strategy_evicts_and_disposes_nothing(registry: ModelRegistry, clock: Clock) -> None:
    """With a strategy nobody is cleaned up, however idle; who is evicted comes back as it was."""
    define(registry, "a", "b")
    model = registry.tenant("a").models["A"]
    manager = RegistryManager(registry, max_idle_time=1, strategy=IdleStrategy(100))
    heard = Passes(registry)
    clock.now += 50
    assert manager.run_pass() == []
    assert residents(registry) == ["a", "b"]
    registry.tenant("b").owner.touch()
    clock.now += 50
    manager.run_pass()
    assert (residents(registry), cold(registry)) == (["b"], {"a"})
    assert not model.is_disposed
    assert registry.tenant("a").models["A"] is model
    assert [each.details["evicted"] for each in heard.told] == [0, 1]
    assert heard.told[1].details["strategy"] == "IdleStrategy"
    assert manager.get_stats().evicted == 1
    check_awake(registry)


# REG-59, REG-58
def test_own_idle_times_evict_under_a_strategy(registry: ModelRegistry, clock: Clock) -> None:
    """A tenant that was idle for longer than its own policy allows goes, whatever the strategy."""
    define(registry, "a", "b")
    registry.tenant("b").policy = Policy(max_idle=10)
    clock.now += 10
    RegistryManager(registry, strategy=LeastRecentlyUsed(5)).run_pass()
    assert (residents(registry), cold(registry)) == (["a"], {"b"})


# REG-58
def test_nobody_goes_whom_a_careless_strategy_names(registry: ModelRegistry) -> None:
    """Names of pinned tenants, of those in use, and of nobody are passed over."""
    define(registry, "a", "busy", "kept")
    registry.tenant("kept").pinned = True

    def careless(view: RegistryView) -> Iterable[str]:
        return ["kept", "nobody", "busy", "a", "a"]

    manager = RegistryManager(registry, strategy=careless)
    with registry.tenant("busy").lease():
        manager.run_pass()
    assert residents(registry) == ["busy", "kept"]
    assert manager.get_stats().strategy == "careless"


# REG-58, REG-79
@pytest.mark.parametrize("kind", [LeastRecentlyUsed, Predictive])
def test_a_bound_holds_between_passes(registry: ModelRegistry, clock: Clock, kind: Any) -> None:
    """While the manager runs, at most so many tenants are resident, whoever comes or comes back."""
    manager = RegistryManager(registry, strategy=kind(4))
    manager.start_periodic_cleanup()
    try:
        for at in range(60):
            clock.now += 1
            code = f"t{at % 15}"
            define(registry, code)
            assert len(registry._tenants) <= 4
            assert code in registry._tenants, "who has just come stays"
    finally:
        manager.stop_periodic_cleanup()
    assert len(cold(registry)) == 11
    assert manager.get_stats().evicted > 40
    check_awake(registry)


# REG-58
def test_only_who_must_stay_exceeds_a_bound(registry: ModelRegistry, clock: Clock) -> None:
    """Tenants in use and pinned ones stay beyond the bound; all others go at once."""
    manager = RegistryManager(registry, strategy=LeastRecentlyUsed(2))
    manager.start_periodic_cleanup()
    try:
        for at in range(5):
            define(registry, f"pinned{at}")
            registry.tenant(f"pinned{at}").pinned = True
        for at in range(20):
            clock.now += 1
            define(registry, f"t{at}")
            assert len(registry._tenants) <= 6
    finally:
        manager.stop_periodic_cleanup()


# REG-58
def test_a_bound_that_is_exceeded_at_the_start_is_met_soon(registry: ModelRegistry) -> None:
    """The first pass does not wait for the interval when too many are resident."""
    define(registry, *(f"t{at}" for at in range(50)))
    heard = Passes(registry)
    manager = RegistryManager(registry, strategy=LeastRecentlyUsed(5))
    manager.start_periodic_cleanup()
    assert heard.enough.wait(PATIENCE)
    manager.stop_periodic_cleanup()
    assert len(registry._tenants) == 5


# REG-58
def test_budgets_bring_the_bytes_down(registry: ModelRegistry, clock: Clock) -> None:
    """After some passes the models take no more than the budget, and the last users stay."""
    for at in range(20):
        clock.now += 1
        for number in range(20):
            registry.define(f"M{number}", {"x": int}, tenant=f"t{at}")
    budget = registry.get_stats().bytes_estimate // 2
    manager = RegistryManager(registry, strategy=MemoryBudget(budget))
    manager.run_pass()
    first = manager.get_stats().evicted
    assert 8 <= first < 15
    for _ in range(5):
        manager.run_pass()
    assert registry.get_stats().bytes_estimate <= budget
    assert "t19" in registry._tenants
    assert "t0" not in registry._tenants


# REG-69, REG-58
def test_room_is_made_before_anybody_is_refused(clock: Clock) -> None:
    """In a full registry the tenants that were idle longest are evicted for the next model."""
    registry = ModelRegistry(clock=clock, max_bytes=200_000)
    manager = RegistryManager(registry, strategy=MemoryBudget(10**9))

    def fill() -> None:
        for at in range(60):
            clock.now += 1
            for number in range(20):
                registry.define(f"M{number}", {"x": int}, tenant=f"t{at}")

    with pytest.raises(QuotaExceededError):
        fill()
    registry.clear()
    manager.start_periodic_cleanup()
    try:
        fill()
    finally:
        manager.stop_periodic_cleanup()
    assert registry.get_stats().bytes_estimate <= 200_000
    assert "t59" in registry._tenants
    assert "t0" in cold(registry)
    assert registry.make_room is None


# REG-58
def test_adaptive_sets_the_interval(registry: ModelRegistry, clock: Clock) -> None:
    """The manager waits as long as the strategy says for the memory that is in use."""
    memory = [10]
    survey = Survey(registry, lambda: memory[0], lambda: 100)
    strategy = Adaptive({0.5: (60, 600), 0.9: (5, 30)})
    manager = RegistryManager(registry, strategy=strategy, survey=survey)
    define(registry, "a")
    clock.now += 30
    for used, wait in ((10, 300), (50, 60), (95, 5), (10, 300)):
        memory[0] = used
        manager.run_pass()
        assert manager.interval == manager.wait() == wait
    assert residents(registry) == []
    assert manager.get_stats().interval == 300
    assert manager.get_stats().cleanup_interval == 300


# REG-58
def test_access_rates_follow_the_accesses(registry: ModelRegistry, clock: Clock) -> None:
    """A tenant's rate is near its accesses per second after a while, and falls when it stops."""
    views: list[RegistryView] = []

    def look(view: RegistryView) -> Iterable[str]:
        views.append(view)
        return ()

    define(registry, "busy", "calm")
    manager = RegistryManager(registry, strategy=look)
    owner = registry.tenant("busy").owner
    for _ in range(100):
        clock.now += 60
        for _ in range(120):
            owner.touch()
        manager.run_pass()
    rates = {each.code: each.access_rate for each in views[-1].tenants}
    assert rates["busy"] == pytest.approx(2.0, rel=0.01)
    assert rates["calm"] == 0
    clock.now += 300
    manager.run_pass()
    assert views[-1].tenants[0].access_rate == pytest.approx(2.0 / math.e, rel=0.01)
    assert views[-1].models == registry.get_stats().total_models
    assert views[-1].bytes == registry.get_stats().bytes_estimate


# REG-50, REG-58
async def test_a_pass_over_many_leaves_the_loop_free(registry: ModelRegistry, clock: Clock) -> None:
    """A pass over thousands of tenants lets other tasks run again and again, and does it all."""
    count = 3_000
    parsed = registry.parse("A", {"x": int})
    for at in range(count):
        registry.define("A", parsed, tenant=f"t{at}")
    clock.now += 60
    turns = 0
    done = asyncio.Event()

    async def other() -> None:
        nonlocal turns
        while not done.is_set():
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    manager = RegistryManager(registry, strategy=IdleStrategy(30))
    await manager.once_async()
    done.set()
    await task
    assert residents(registry) == []
    assert len(cold(registry)) == count
    assert turns > count / SLICE / 10


# REG-74, REG-58
def test_bounds_hold_under_threads(clock: Clock) -> None:
    """Threads that bring tenants in at the same time are each answered, and the bound is met."""
    registry = ModelRegistry(clock=clock)
    strategy: CleanupStrategy = LeastRecentlyUsed(10)
    manager = RegistryManager(registry, strategy=strategy)
    manager.start_periodic_cleanup()

    def work(number: int) -> None:
        for at in range(100):
            define(registry, f"t{(at * 7 + number * 13) % 40}")

    assert in_threads(work, 4) == []
    manager.stop_periodic_cleanup()
    assert len(registry._tenants) <= 10
    assert not manager._arrived
    check_awake(registry)


# REG-60, REG-58
def test_handlers_may_use_the_manager(registry: ModelRegistry, clock: Clock) -> None:
    """A handler of an eviction may bring tenants in and make a pass; the bound still holds."""
    manager = RegistryManager(registry, strategy=LeastRecentlyUsed(3))
    brought: list[str] = []

    def handler(event: RegistryEvent) -> None:
        if len(brought) < 5:
            brought.append(f"extra{len(brought)}")
            define(registry, brought[-1])
            manager.run_pass()

    registry.on("tenant_evicted", handler)
    manager.start_periodic_cleanup()
    try:
        for at in range(10):
            clock.now += 1
            define(registry, f"t{at}")
    finally:
        manager.stop_periodic_cleanup()
    assert len(brought) == 5
    assert len(registry._tenants) <= 3
    check_awake(registry)


# REG-58, REG-78
def test_an_eviction_that_fails_is_told_and_the_others_go_on(
    registry: ModelRegistry, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that cannot take one tenant's definitions keeps nobody else resident."""
    define(registry, "a", "b", "c")
    evict = registry.evict

    def failing(code: str) -> bool:
        if code == "b":
            raise StoreError("The disk is full.")
        return evict(code)

    monkeypatch.setattr(registry, "evict", failing)
    heard = Passes(registry)
    clock.now += 60
    RegistryManager(registry, strategy=IdleStrategy(1)).run_pass()
    assert residents(registry) == ["b"]
    assert [(each.tenant, str(each.error)) for each in heard.failed] == [("b", "The disk is full.")]
    assert heard.told[0].details["evicted"] == 2
