"""Figures for Prometheus: kept by the app, with labels of which there are only a few."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily

from juggler.registry.registry import ModelRegistry
from juggler.tenancy.route import TenantRouter

_VERBS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Counts the requests of one app and reads the figures of its registry and router when asked.

    Nothing is registered with the process's own collector.  Labels are verbs, actions and classes
    of status; never tenants, models or paths, of which there may be any number.
    """

    def __init__(self, registry: ModelRegistry, router: Any) -> None:
        self._collector = CollectorRegistry()
        self._requests = Counter(
            "juggler_requests",
            "Requests by verb, action and class of status.",
            ["verb", "action", "status"],
            registry=self._collector,
        )
        self._seconds = Histogram(
            "juggler_request_seconds",
            "Time to an answer, by action.",
            ["action"],
            buckets=_SECONDS,
            registry=self._collector,
        )
        self._collector.register(_State(registry, router))
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def observe(self, verb: str, action: str, status: int, seconds: float) -> None:
        """Count one request."""
        key = (verb if verb in _VERBS else "other", action, status // 100)
        found = self._children.get(key)
        if found is None:  # looking one up by its labels costs more than counting
            labelled = self._requests.labels(key[0], action, f"{key[2]}xx")
            found = self._children[key] = labelled, self._seconds.labels(action)
        counter, histogram = found
        counter.inc()
        histogram.observe(seconds)

    def text(self) -> bytes:
        """Return all figures in Prometheus' text format."""
        return generate_latest(self._collector)


@dataclass(frozen=True, slots=True)
class _State:
    """Figures that are read when they are asked for."""

    registry: ModelRegistry
    router: Any

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the figures of this moment; none takes a look at all models."""
        stats = self.registry.get_stats(brief=True)
        for name, help_, value in (
            ("models", "Registered models.", stats.total_models),
            ("shapes", "Compiled structures.", stats.shapes),
            ("tenants", "Tenants that have models of their own.", stats.tenant_registries),
        ):
            yield GaugeMetricFamily(f"juggler_{name}", help_, value=value)
        if isinstance(self.router, TenantRouter):
            pool = self.router.stats()
            for name, value in (
                ("open", pool.open),
                ("in_use", pool.in_use),
                ("waiting", pool.waiting),
            ):
                text = f"Data sources of tenants: {name.replace('_', ' ')}."
                yield GaugeMetricFamily(f"juggler_sources_{name}", text, value=value)
