"""Health and figures."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from juggler.app import observe
from juggler.app.asgi import App
from juggler.datasource.datasource import DataSource
from juggler.facade.default import ModelRegistry
from tests.app.service import client_of, service


def figures(text: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Return the samples in Prometheus' text format."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


# APP-20
async def test_health_tells_whether_stores_answer() -> None:
    """The process is live in any case; it is ready while its sources answer."""
    registry = ModelRegistry()
    source = DataSource("db", connector="sqlite", file="/nowhere/x.db", registry=registry)
    lazy = DataSource(
        "y", connector="sqlite", file="/no/y.db", lazy_connect=True, registry=registry
    )
    async with client_of(App(registry, data_sources=[lazy])) as client:
        for path in ("/health", "/health/", "/health/live", "/health/ready"):
            assert (await client.get(path)).json() == {"status": "ok"}
        assert (await client.head("/health")).status_code == 200
        assert (await client.get("/health/x")).status_code == 404
        assert (await client.post("/health")).status_code == 405
    async with client_of(App(registry, data_sources=[source])) as client:
        assert (await client.get("/health/live")).status_code == 200
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()) == (503, {"status": "unavailable"})


async def test_requests_are_counted(tmp_path: Path) -> None:
    """Requests are counted by verb, action and class of status, and timed."""
    async with service(tmp_path) as here, here.acme as client:
        await client.post("/api/Cities", json={"name": "Rome"})
        await client.get("/api/Cities")
        await client.get("/api/Cities/9")
        await client.request("BREW", "/api/Cities")
        answer = await client.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        seen = figures(answer.text)

        def count(verb: str, action: str, status: str) -> float | None:
            labels = {"verb": verb, "action": action, "status": status}
            return seen.get(("juggler_requests_total", frozenset(labels.items())))

        assert count("POST", "create", "2xx") == 1
        assert count("GET", "find", "2xx") == 1
        assert count("GET", "error", "4xx") == 1
        assert count("other", "error", "4xx") == 1
        assert seen["juggler_models", frozenset()] >= 1
        assert seen["juggler_sources_open", frozenset()] == 1
        labels = frozenset({("action", "find")})
        assert seen["juggler_request_seconds_count", labels] == 1


async def test_labels_are_few(tmp_path: Path) -> None:
    """However many tenants, models, paths and verbs there are, the figures do not grow."""
    async with service("memory") as here, client_of(here.app) as client:
        for number in range(5):
            await client.get("/api/Cities", headers={"x-tenant": f"t{number}"})
            await client.request(f"VERB{number}", "/api/Cities", headers={"x-tenant": "a"})
            await client.get(f"/api/Path{number}/x", headers={"x-tenant": "a"})
        await client.get("/metrics")
        before = len(figures((await client.get("/metrics")).text))
        for number in range(50):
            await client.get("/api/Cities", headers={"x-tenant": f"u{number}"})
            await client.request(f"OTHER{number}", "/api/Cities", headers={"x-tenant": "a"})
            await client.get(f"/api/Other{number}/x", headers={"x-tenant": "a"})
        after = (await client.get("/metrics")).text
        assert len(figures(after)) == before
        assert "u49" not in after
        assert "Other49" not in after


async def test_two_apps_count_for_themselves() -> None:
    """Nothing is registered for the whole process, so two apps do not meet."""
    one, other = App(ModelRegistry()), App(ModelRegistry())
    async with client_of(one) as client:
        await client.get("/nowhere")
    async with client_of(other) as client:
        assert 'action="error"' not in (await client.get("/metrics")).text


async def test_without_the_package_the_service_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where prometheus-client is missing, /metrics says what to install, and all else works."""
    monkeypatch.setattr(observe, "find_spec", lambda _: None)
    async with client_of(App(ModelRegistry())) as client:
        answer = await client.get("/metrics")
        assert answer.status_code == 501
        assert "juggler[metrics]" in answer.json()["error"]["message"]
        assert (await client.get("/health")).status_code == 200


# REG-68, REG-63
async def test_the_registry_is_in_the_figures(tmp_path: Path) -> None:
    """All figures of the registry are there; what happens in it counts from the first look on."""
    async with service(tmp_path) as here, client_of(here.app) as client:
        assert "cleanup_pass" not in here.registry._emitter._handlers
        await client.get("/metrics")
        here.registry.define("Own", {"x": int}, tenant="acme")
        here.registry.evict("acme")
        here.registry.tenant("acme")
        here.registry.define("Own", {"x": int}, tenant="gone")
        here.registry.cleanup_tenant("gone")
        seen = figures((await client.get("/metrics")).text)
        stats = here.registry.get_stats()
        for name, value in (
            ("models", stats.total_models),
            ("models_registered_total", stats.registered_total),
            ("models_disposed_total", stats.disposed_total),
            ("models_reused_total", stats.reuse_count),
            ("unique_models", stats.unique_models),
            ("shapes", stats.shapes),
            ("tenants", stats.tenant_registries),
            ("tenants_resident", 1),
            ("tenants_cold", 0),
            ("models_of_tenants", stats.total_tenant_models),
            ("global_models", stats.global_models),
            ("owners", stats.owners),
            ("bytes", stats.bytes_estimate),
        ):
            assert seen[f"juggler_{name}", frozenset()] == value, name
        assert seen["juggler_cleanup_seconds_count", frozenset()] == 1
        assert seen["juggler_activation_seconds_count", frozenset()] == 1
        happened = frozenset({("event", "tenant_cleaned")})
        assert seen["juggler_registry_events_total", happened] == 1


# REG-68, REG-64
async def test_only_the_operator_sees_who_the_tenants_are(tmp_path: Path) -> None:
    """With the admin token the largest tenants have labels; for all others they are one."""
    async with service(tmp_path) as here:
        for at in range(50):
            for number in range(at + 1):
                here.registry.define(f"M{number}", {"x": int}, tenant=f"t{at}")
        async with here.operator as operator, client_of(here.app) as stranger:
            known = figures((await operator.get("/metrics")).text)
            other = figures((await stranger.get("/metrics")).text)
        labels = frozenset({("tenant", "t49")})
        for name in ("models", "anonymous_models", "accesses", "bytes", "in_use"):
            assert (f"juggler_tenant_{name}", labels) in known
        assert known["juggler_tenant_models", labels] == 50
        tenants = {label for name, label in known if name == "juggler_tenant_models"}
        assert 20 < len(tenants) <= 41
        shown = {label for name, label in other if name.startswith("juggler_tenant_")}
        assert shown == {frozenset({("tenant", "other")})}


# REG-68
async def test_an_app_that_is_gone_measures_nothing() -> None:
    """The registry outlives an app; what counted for that app is let go with it."""
    registry = ModelRegistry()
    app = App(registry)
    async with client_of(app) as client:
        await client.get("/metrics")
    assert "cleanup_pass" in registry._emitter._handlers
    del app, client
    gc.collect()
    assert "cleanup_pass" not in registry._emitter._handlers
