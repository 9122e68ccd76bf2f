"""Estimates of bytes follow what is traced, within a fifth, whatever the models are."""

from typing import Any

import pytest

from juggler.registry.registry import ModelRegistry
from tests.memory import again, traced
from tests.registry.helpers import Clock, Store
from tests.registry.test_owners import Root

PLACE = {"lat": float, "lng": float}
WIDE: dict[str, Any] = {f"p{at}": str for at in range(10)}


def close(estimate: int, real: int) -> bool:
    """Tell whether an estimate is within a fifth of what is real, and say so if it is not."""
    print(f"{estimate} estimated, {real} traced: {estimate / real:.2f}")  # noqa: T201  shown on failure
    return 0.8 * real <= estimate <= 1.2 * real


def estimated(registry: ModelRegistry) -> int:
    """Return what the registry says it takes."""
    return registry.get_stats().bytes_estimate


@pytest.mark.parametrize("properties", [WIDE, {"x": int, "where": PLACE}, {"in": [{"at": PLACE}]}])
@pytest.mark.parametrize(("tenants", "models"), [(1, 1_000), (10, 100), (50, 20), (500, 1)])
@again
def test_models_of_tenants(tenants: int, models: int, properties: Any) -> None:
    """Plain and nested models of few and of many tenants, with what a tenant itself takes."""
    # REG-66
    registry = ModelRegistry(clock=Clock())
    parsed = registry.parse("A", properties)
    registry.define("A", parsed, tenant="first")
    before = estimated(registry)
    with traced() as grown:
        for code in range(tenants):
            for at in range(models):
                registry.define(f"Model{at}", parsed, tenant=f"tenant-{code}")
        real = grown()
    assert close(estimated(registry) - before, real)
    before = estimated(registry)
    assert sum(each.bytes_estimate for each in registry.get_stats().tenant_stats) <= before
    for code in range(tenants):
        registry.cleanup_tenant(f"tenant-{code}")
    registry.cleanup_tenant("first")
    assert estimated(registry) == 0


@again
def test_models_of_a_data_source() -> None:
    """Models of a data source, each of a structure of its own."""
    # REG-66
    registry = ModelRegistry(clock=Clock())
    store = Store(registry)
    with traced() as grown:
        for at in range(200):
            store.define(f"Model{at}", {f"p{at}x{each}": str for each in range(10)})
        real = grown()
    assert close(estimated(registry), real)
    store.close()
    assert estimated(registry) == 0


@pytest.mark.parametrize("count", [1, 10, 30])
@again
def test_declared_models(count: int) -> None:
    """Declared classes, narrow and wide."""
    # REG-66
    registry = ModelRegistry(clock=Clock())
    meta: Any = type(Root)

    def declared(at: int) -> Any:
        hints = {f"p{at}x{each}": str for each in range(count)}
        body = {"__annotations__": hints, "__module__": __name__}
        return meta(f"Model{at}", (Root,), body, registry=registry)

    registry.register_model(declared(99), owner=registry.tenant("acme"))
    before = estimated(registry)
    with traced() as grown:
        for at in range(20):
            registry.register_model(declared(at), owner=registry.tenant("acme"))
        real = grown()
    assert close(estimated(registry) - before, real)


@again
def test_cold_tenants() -> None:
    """Cold tenants, whether they were declared or evicted, and those that woke with all models."""
    # REG-66, REG-79
    registry = ModelRegistry(clock=Clock())
    bundle = registry.bundle({f"Model{at}": {**WIDE, "where": PLACE} for at in range(20)})
    registry.declare("first", bundle)
    registry.tenant("first").models._all()
    before = estimated(registry)
    with traced() as grown:
        for code in range(500):
            registry.declare(f"tenant-{code}", bundle)
        assert close(estimated(registry) - before, grown())
        assert grown() / 500 <= 1_024
        for code in range(500):
            registry.tenant(f"tenant-{code}").models._all()
        assert close(estimated(registry) - before, grown())
        for code in range(500):
            assert registry.evict(f"tenant-{code}")
        assert close(estimated(registry) - before, grown())
        assert grown() / 500 <= 1_024


@again
def test_bundles() -> None:
    """Bundles of structures that are known."""
    # REG-66
    registry = ModelRegistry(clock=Clock())
    parsed = registry.parse("A", WIDE)
    registry.define("A", parsed)
    before = estimated(registry)
    with traced() as grown:
        for code in range(100):
            bundle = registry.bundle({f"Model{code}x{at}": parsed for at in range(20)})
            registry.declare(f"tenant-{code}", bundle)
        del bundle
        real = grown()
    assert close(estimated(registry) - before, real)
