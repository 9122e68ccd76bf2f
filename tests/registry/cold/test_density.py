"""Density: many declared tenants, few bundles, and nothing for the collector to look at."""

import gc

from juggler.context import tenant
from juggler.registry.cold.bundle import Bundle
from juggler.registry.cold.record import ColdTenant
from juggler.registry.registry import ModelRegistry
from tests.memory import again, traced
from tests.registry.helpers import check, counted

TENANTS, BUNDLES, MODELS = 5_000, 50, 20


def bundles(registry: ModelRegistry) -> list[Bundle]:
    """Return bundles of models that share some of their structures."""
    return [
        registry.bundle(
            {
                f"Model{at}": {f"p{(at + number) % 40}x{each}": str for each in range(10)}
                for at in range(MODELS)
            }
        )
        for number in range(BUNDLES)
    ]


@again
def test_cold_tenants_are_small() -> None:
    """A cold tenant takes a kibibyte at most, and no object of it is tracked by the collector."""
    # REG-79
    registry = ModelRegistry()
    shared = bundles(registry)
    gc.collect()
    tracked = len(gc.get_objects())
    with traced() as grown:
        for at in range(TENANTS):
            registry.declare(f"tenant-{at}", shared[at % BUNDLES])
        assert grown() / TENANTS <= 1_024
    assert len(gc.get_objects()) - tracked < 500
    assert not any(map(gc.is_tracked, registry._cold.values()))
    assert registry.tenants() == []
    stats = registry.get_stats()
    assert (stats.total_models, stats.unique_models) == (TENANTS * MODELS, 0)
    assert (stats.cold_tenants, stats.tenant_registries) == (TENANTS, TENANTS)


def test_few_are_resident(registry: ModelRegistry) -> None:
    """Tenants that are touched and evicted end as they began: as a pointer to a shared bundle."""
    # REG-77, REG-79
    shared = bundles(registry)[:5]
    for at in range(500):
        registry.declare(f"tenant-{at}", shared[at % 5])
    before = counted(type(registry.global_models), registry.model_type, ColdTenant)
    for at in range(500):
        with tenant(f"tenant-{at}"):
            model = registry.find_model_by_name(f"Model{at % MODELS}")
            assert model.owner == f"tenant-{at}"
        if at >= 20:
            assert registry.evict(f"tenant-{at - 20}")
    del model
    check(registry)
    for at in range(480, 500):
        registry.evict(f"tenant-{at}")
    assert counted(type(registry.global_models), registry.model_type, ColdTenant) == before
    assert {id(each) for each in registry._room.bundles_of.values()} == set(map(id, shared))
    assert len(registry._room.bundles) == 5
    assert len(registry._room.owners) == 0
    check(registry)


def test_cycles_leave_nothing(registry: ModelRegistry) -> None:
    """Two thousand cycles of declare, touch and evict end where a hundred did."""
    # REG-80
    bundle = bundles(registry)[0]

    def cycles(count: int) -> dict[str, int]:
        for at in range(count):
            code = f"tenant-{at % 3}"
            registry.declare(code, bundle)
            registry.tenant(code).models["Model3"](p3x1="x")
            registry.evict(code)
            if not at % 5:
                registry.cleanup_tenant(code)
        registry.clear()
        gc.collect()
        found = counted(ColdTenant)
        found["all"] = len(gc.get_objects())
        return found

    before = cycles(100)
    after = cycles(2_000)
    assert after["all"] - before["all"] < 400
    assert after["Plan"] == before["Plan"]
    assert registry.get_stats().bytes_estimate == 0
