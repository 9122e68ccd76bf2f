"""What is measured of a registry: every figure, few labels, and nothing unless asked."""

from __future__ import annotations

import sys

import pytest
from msgspec.structs import fields

from juggler.registry.managing.manager import RegistryManager
from juggler.registry.records import RegistryStats, TenantStats
from juggler.registry.registry import ModelRegistry
from juggler.registry.watching.measuring import ACTIVATION, CLEANUP, EACH, METRICS, PASSES, WHOLE
from juggler.telemetry import Totals
from tests.registry.helpers import Clock


def figures(registry: ModelRegistry, labelled: int = 20) -> dict[tuple[str, str], float]:
    """Return the samples of a registry by metric and tenant."""
    return {
        (metric.name, labels.get("tenant", "")): value
        for metric, value, labels in registry.samples(labelled)
    }


# REG-68, REG-63, REG-64
def test_every_figure_is_measured(registry: ModelRegistry, clock: Clock) -> None:
    """All numbers of the statistics, of the whole and of each tenant, are there."""
    clock.now = 500.0
    registry.define("A", {"x": int}, tenant="acme")
    clock.now = 530.0
    stats, seen = registry.get_stats(), figures(registry)
    known = {each.name for each in fields(RegistryStats)} - {"tenant_stats"}
    assert known == set(WHOLE)
    for name, metric in WHOLE.items():
        assert seen[metric.name, ""] == getattr(stats, name)
    (own,) = stats.tenant_stats
    assert {each.name for each in fields(TenantStats)} - set(EACH) == {"tenant_code", "cold"}
    for name, metric in EACH.items():
        assert seen[metric.name, "acme"] == getattr(own, name)
    assert seen["juggler_tenant_idle_seconds", "acme"] == 30.0
    assert {metric.name for metric in METRICS} == {name for name, _ in seen}


# REG-68
def test_labels_are_few(registry: ModelRegistry) -> None:
    """However many tenants there are, the largest have a label and all others share one."""
    for at in range(50):
        for number in range(at % 7 + 1):
            registry.define(f"M{number}", {"x": int}, tenant=f"t{at}")
    seen = figures(registry, labelled=3)
    tenants = {tenant for name, tenant in seen if name == "juggler_tenant_models"}
    assert len(tenants - {"other"}) <= 6
    assert "other" in tenants
    models = sum(value for (name, _), value in seen.items() if name == "juggler_tenant_models")
    assert models == registry.get_stats().total_tenant_models
    assert {tenant for _, tenant in figures(registry, labelled=0)} == {"", "other"}


# REG-68
def test_a_recorder_is_told_what_happens(registry: ModelRegistry, clock: Clock) -> None:
    """Clean-ups, passes and activations are timed and counted until it is ended."""
    totals = Totals()
    stop = registry.measure(totals)
    registry.define("A", {"x": int}, tenant="acme")
    registry.evict("acme")
    registry.tenant("acme")
    registry.cleanup_tenant("acme")
    RegistryManager(registry).run_pass()
    for event, metric in (
        ("tenant_activated", ACTIVATION),
        ("tenant_cleaned", CLEANUP),
        ("cleanup_pass", PASSES),
    ):
        assert totals.counted("juggler_registry_events", event) == 1
        spread = totals.spread(metric.name)
        assert spread.count == 1
        assert 0 < spread.sum < 5
    stop()
    stop()
    registry.tenant("acme")
    assert totals.counted("juggler_registry_events", "tenant_created") == 1


# REG-68
def test_nothing_is_measured_when_nobody_asked(
    registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a recorder and listeners no record is made and no clock is read for one."""
    registry.define("A", {"x": int}, tenant="acme")
    registry.measure(Totals())()

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    for name in ("core", "news"):
        monkeypatch.setattr(sys.modules[f"juggler.registry.{name}"], "RegistryEvent", refuse)
    registry.evict("acme")
    registry.tenant("acme").models["A"]
    registry.define("B", {"x": int}, tenant="acme")
    assert not registry._news.listeners
