"""Health and figures."""

from __future__ import annotations

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
