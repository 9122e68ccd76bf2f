"""Figures: exact after anything that can happen."""

import gc
from typing import Any

import pytest

from juggler.context import tenant
from juggler.registry.registry import ModelRegistry
from juggler.registry.sizes import RUNTIME, extra_bytes
from tests.registry.helpers import Application, Clock, Store, check
from tests.registry.test_owners import Root

PLACE = {"lat": float, "lng": float}


def test_figures_of_a_registry(registry: ModelRegistry, store: Store) -> None:
    """Every figure is what one would count by hand."""
    # REG-63, fault 11
    registry.define("G", {"x": int})
    with tenant("acme"):
        registry.define("A", {"where": PLACE})
        registry.define("B", {"where": PLACE})
        registry.define("A", {"where": PLACE, "x": int})
    registry.define("A", {"x": int}, tenant="bolt")
    store.define("S", {"x": int})
    app = Application()
    registry.register_model_for_app(app, store.define("T", {"y": int}))
    gc.collect()
    stats = registry.get_stats()
    assert stats.total_models == stats.unique_models == 7
    assert stats.registered_total == 8
    assert stats.disposed_total == 1
    assert stats.reuse_count == 2
    assert stats.shapes == 5  # x; the place; a place; a place and x; y
    assert stats.tenant_registries == 2
    assert stats.total_tenant_models == 4
    assert stats.global_models == 1
    assert stats.owners == 4
    assert [each.tenant_code for each in stats.tenant_stats] == ["acme", "bolt"]
    brief = registry.get_stats(brief=True)
    assert (brief.total_models, brief.tenant_stats, brief.total_tenant_models) == (7, (), 4)
    with pytest.raises(AttributeError):
        stats.total_models = 0  # type: ignore[misc]  # that is the test
    check(registry)


def test_figures_of_a_tenant(registry: ModelRegistry, clock: Clock) -> None:
    """A tenant's figures are exact too."""
    # REG-64
    with tenant("acme"):
        registry.define("A", {"where": PLACE})
        registry.define("B")
        clock.now = 130.0
        registry.find_model_by_name("A")
        registry.find_model_by_name("B")
    clock.now = 150.0
    stats = registry.tenant("acme").get_stats()
    assert stats.tenant_code == "acme"
    assert (stats.model_count, stats.anonymous_count) == (3, 1)
    assert (stats.creation_time, stats.last_accessed, stats.idle_time) == (100.0, 130.0, 20.0)
    assert (stats.accesses, stats.in_use) == (2, False)
    models = registry.tenant("acme").get_all_models()
    assert stats.bytes_estimate > 3 * RUNTIME + sum(map(extra_bytes, models))


def test_who_is_there(registry: ModelRegistry, store: Store, other: Store) -> None:
    """The information names the tenants, with their figures and models, sources and apps."""
    # REG-65
    registry.define("G")
    app = Application()
    registry.register_model_for_app(app, store.define("A"))
    with tenant("acme"):
        registry.define("T", {"where": PLACE})
    info = registry.get_tenant_registry_info()
    assert (info.active_tenants, info.active_data_sources, info.active_apps) == (1, 2, 1)
    assert info.global_models == 1
    assert info.tenants["acme"]["models"] == ["AnonymousModel_0", "T"]
    assert info.tenants["acme"]["model_count"] == 2
    with pytest.raises(TypeError):
        info.tenants["acme"]["model_count"] = 5  # type: ignore[index]  # that is the test
    del app
    gc.collect()
    assert registry.get_tenant_registry_info().active_apps == 0


def test_registering_twice_counts_once(registry: ModelRegistry, store: Store) -> None:
    """Registering again, moving and looking up change no total."""
    # REG-63, fault 11
    model = store.define("A", {"x": int})
    before = registry.get_stats()
    for _ in range(5):
        registry.register_model(model)
        registry.register_model(model, owner=store)
        store.attach(model)
    after = registry.get_stats()
    assert (after.registered_total, after.total_models) == (before.registered_total, 1)
    registry.register_model_for_app(Application, model)
    assert registry.get_stats().registered_total == 1
    assert registry.get_stats().disposed_total == 0
    registry.remove(model)
    registry.remove(model)
    assert registry.get_stats().disposed_total == 1
    check(registry)


def test_models_that_were_never_registered(registry: ModelRegistry, store: Store) -> None:
    """What never was registered is not counted when it goes."""

    # REG-63
    class Order(Root, registry=registry):
        """A declared model with an anonymous structure, that belongs to nobody yet."""

        where: dict[str, Any]

    class Nested(Root, registry=registry):
        """Another one."""

    registry.remove(Order)
    assert Order.is_disposed
    assert registry.get_stats().disposed_total == 0
    store.attach(Nested)
    assert registry.get_stats().registered_total == 1
    assert registry.get_stats().bytes_estimate > 5_000, "a class is large"
    store.close()
    assert registry.get_stats().bytes_estimate == 0
    check(registry)


def test_dropped_owners(registry: ModelRegistry) -> None:
    """Models that went with their owner are counted as gone."""
    # REG-63, REG-04
    for at in range(10):
        Store(registry, f"s{at}").define("A", {"where": PLACE})
    gc.collect()
    stats = registry.get_stats()
    assert (stats.total_models, stats.registered_total, stats.disposed_total) == (0, 20, 20)
    assert stats.owners == 0
    check(registry)
