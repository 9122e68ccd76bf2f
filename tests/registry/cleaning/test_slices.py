"""The async clean-up: whole or gone for everybody, in slices that keep the event loop free."""

import asyncio
import gc
from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import InvalidValueError, ModelDisposedError
from juggler.registry.cleaning.slices import SLICE
from juggler.registry.records import CleanupResult, RegistryEvent
from juggler.registry.registry import ModelRegistry
from tests.patience import PATIENCE
from tests.registry.helpers import Clock, check
from tests.turns import turns


def fill(registry: ModelRegistry, count: int) -> list[Any]:
    """Define *count* models of one tenant and return them."""
    parsed = registry.parse("A", {"x": int})
    return [registry.define(f"M{at}", parsed, tenant="acme") for at in range(count)]


async def turns_of(task: asyncio.Task[Any]) -> int:
    """Return how many turns the event loop has until *task* is done."""
    turns = 0
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    return turns


async def test_the_result_is_the_same(registry: ModelRegistry) -> None:
    """It answers what the sync form answers, for whatever a caller can send."""
    # REG-50, REG-44
    for clean in (False, True):
        registry.define("A", {"where": {"lat": float}}, tenant="acme")
        if clean:
            result = await registry.cleanup_tenant_async("acme", reason="left")
        else:
            result = registry.cleanup_tenant("acme", reason="left")
        assert result == CleanupResult(
            "acme",
            models_removed=2,
            mappings_removed=3,
            cleaned_models=("AnonymousModel_0", "A"),
            duration=result.duration,
            bytes_released=result.bytes_released,
            reason="left",
        )
    wrong: Any
    for wrong in ("global", "", None, 5, [], "nobody"):
        assert await registry.cleanup_tenant_async(wrong) == registry.cleanup_tenant(wrong)
    with pytest.raises(InvalidValueError):
        await registry.cleanup_tenant_async("acme", batch=0)


async def test_whole_or_gone(registry: ModelRegistry) -> None:
    """From the first slice on no look-up finds a model, and each of them is disposed at once."""
    # REG-50, REG-47
    models = fill(registry, 1_000)
    instance = models[-1](x=1)
    handle, space = registry.tenant("acme"), registry.tenant("acme").models
    cleaning = asyncio.create_task(registry.cleanup_tenant_async("acme", batch=10))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not cleaning.done()
    assert any(model._status == "" for model in models), "it is at work"
    assert all(model.is_disposed for model in models)
    for model in models:
        with pytest.raises(ModelDisposedError):
            model.check_alive("find")
    assert (len(space), handle.get_all_models(), instance.x) == (0, [], 1)
    assert registry.tenant("acme", create=False) is None
    assert registry.get_all_models() == []
    assert registry.get_stats().total_models == 0
    check(registry)
    fresh = registry.define("M1", tenant="acme")
    registry.remove(models[0])
    assert (await cleaning).models_removed == 1_000
    assert not fresh.is_disposed, "the tenant that returned meanwhile is another one"
    assert all(model._status for model in models)
    check(registry)


async def test_slices_are_bounded_by_count(registry: ModelRegistry) -> None:
    """After at most *batch* models the event loop has its turn."""
    # REG-50
    registry._ticks = Clock()  # time stands still
    fill(registry, 1_000)
    task = asyncio.create_task(registry.cleanup_tenant_async("acme", batch=100))
    assert 10 <= await turns_of(task) <= 15
    fill(registry, 1_000)
    task = asyncio.create_task(registry.cleanup_tenant_async("acme"))
    assert await turns_of(task) < 6


async def test_slices_are_bounded_by_time(registry: ModelRegistry) -> None:
    """A slice ends when its time is up, however few models it was."""
    # REG-50
    clock = Clock()
    registry._ticks = clock
    for model in fill(registry, 160):
        model.on_dispose(lambda: setattr(clock, "now", clock.now + SLICE))
    task = asyncio.create_task(registry.cleanup_tenant_async("acme"))
    assert 10 <= await turns_of(task) <= 15


async def test_a_caller_that_is_cancelled(registry: ModelRegistry) -> None:
    """Whoever waits may go: the rest is done all the same, and told."""
    # REG-50
    told: list[RegistryEvent] = []
    registry.on("tenant_cleaned", told.append)
    models = fill(registry, 1_000)
    task = asyncio.create_task(registry.cleanup_tenant_async("acme", batch=10))
    await turns(3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert told == []
    (rest,) = registry._work._running
    await rest
    assert [each.result.models_removed for each in told if each.result] == [1_000]
    assert all(model._status for model in models)
    assert registry.cleanup_history()[-1].models_removed == 1_000


def test_a_loop_that_ends(registry: ModelRegistry) -> None:
    """Where the loop ends before the rest is done, it is done at once."""
    # REG-50
    models = fill(registry, 1_000)

    async def leave(count: int) -> None:
        work = registry.cleanup_tenant_async("acme", batch=10)
        _ = asyncio.create_task(work)  # noqa: RUF006  the loop keeps it as long as it lives
        await turns(count)

    for count in (1, 5):
        asyncio.run(leave(count))
        assert all(model._status for model in models)
        assert registry.cleanup_history()[-1].models_removed == 1_000
        models = fill(registry, 1_000)


async def test_cancelled_while_it_waits(registry: ModelRegistry) -> None:
    """A caller that is cancelled while the tenant is still at work has changed nothing."""
    # REG-43, REG-50
    registry.define("A", tenant="acme")
    with registry.tenant("acme").lease():
        task = asyncio.create_task(registry.cleanup_tenant_async("acme", grace=PATIENCE))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert registry.tenant("acme").owner._waiters == ()
    assert "A" in registry.tenant("acme").models


async def test_grace(registry: ModelRegistry) -> None:
    """With grace it waits for the work to end, and goes on in the moment it does."""
    # REG-43
    registry.define("A", tenant="acme")
    with registry.tenant("acme").lease():
        assert (await registry.cleanup_tenant_async("acme")).error == "in use"
        assert (await registry.cleanup_tenant_async("acme", grace=0.01)).error == "in use"
        task = asyncio.create_task(registry.cleanup_tenant_async("acme", grace=PATIENCE))
        await asyncio.sleep(0)
        with registry.tenant("acme").lease():
            await asyncio.sleep(0)
        assert not task.done()
    assert (await task).models_removed == 1
    registry.define("A", tenant="acme")
    with registry.tenant("acme").lease():
        assert (await registry.cleanup_tenant_async("acme", force=True)).models_removed == 1


async def test_two_at_once(registry: ModelRegistry) -> None:
    """Of two clean-ups at a time one does it, and the other has nothing to do."""
    # REG-50, REG-74
    fill(registry, 500)
    results = await asyncio.gather(
        registry.cleanup_tenant_async("acme", batch=10), registry.cleanup_tenant_async("acme")
    )
    assert sorted(each.models_removed for each in results) == [0, 500]
    assert {each.error for each in results} == {None}


async def test_nothing_is_left(registry: ModelRegistry) -> None:
    """When it is done, no model is alive that nobody else holds."""
    # REG-48, REG-50
    with tenant("acme"):
        for model in fill(registry, 200):
            model.on_dispose(lambda: None)
    del model
    await registry.cleanup_tenant_async("acme", batch=50)
    gc.collect()
    assert registry.audit("acme") == []
    assert len(registry._work) == 0
    assert len(registry.shapes) == 0
