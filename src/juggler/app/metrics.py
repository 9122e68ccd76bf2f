"""Figures for Prometheus: kept by the app, with labels of which there are only a few."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from juggler.registry.registry import ModelRegistry
from juggler.registry.watching.measuring import ACTIVATION, CLEANUP, HAPPENED, LABELLED, PASSES
from juggler.telemetry import COUNTER, SECONDS, Metric
from juggler.tenancy.route import TenantRouter

_VERBS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


_NONE: Final[Mapping[str, str]] = MappingProxyType({})


class Metrics:
    """Counts the requests of one app and reads the figures of its registry and router when asked.

    Nothing is registered with the process's own collector.  Labels are verbs, actions and classes
    of status, never models or paths, of which there may be any number.  The largest tenants have a
    label each in what the operator is shown; for all others tenants are one, ``other``, as their
    codes are nobody else's business.  What happens in the registry is counted from the first
    question on.
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
        self._state = _State(registry, router)
        self._told = _Told(self._collector)
        self._listening: Callable[[], None] | None = None
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

    def text(self, *, tenants: bool = False) -> bytes:
        """Return all figures in Prometheus' text format.

        Args:
            tenants: Name the largest tenants.
        """
        if self._listening is None:
            self._listening = self._state.registry.measure(self._told)
            weakref.finalize(self, self._listening)
        figures = CollectorRegistry()
        figures.register(_Read(self._state, LABELLED if tenants else 0))
        return generate_latest(self._collector) + generate_latest(figures)


class _Told:
    """Hands what happens in a registry to Prometheus' own counters and histograms."""

    def __init__(self, collector: CollectorRegistry) -> None:
        self._counters = {
            each.name: Counter(each.name, each.help, each.labels, registry=collector)
            for each in (HAPPENED,)
        }
        self._histograms = {
            each.name: Histogram(
                each.name, each.help, each.labels, buckets=SECONDS, registry=collector
            )
            for each in (CLEANUP, PASSES, ACTIVATION)
        }

    def count(self, metric: Metric, value: float = 1.0, labels: Mapping[str, str] = _NONE) -> None:
        """Add *value* to a counter."""
        self._counters[metric.name].labels(**labels).inc(value)

    def observe(self, metric: Metric, value: float, labels: Mapping[str, str] = _NONE) -> None:
        """Add one *value* to a histogram."""
        self._histograms[metric.name].observe(value)


@dataclass(frozen=True, slots=True)
class _State:
    """What figures are read of."""

    registry: ModelRegistry
    router: Any


@dataclass(frozen=True, slots=True)
class _Read:
    """Figures that are read when they are asked for.

    Attributes:
        state: What they are read of.
        labelled: How many tenants are named, by models and by bytes.
    """

    state: _State
    labelled: int

    def collect(self) -> Iterator[GaugeMetricFamily | CounterMetricFamily]:
        """Yield the figures of this moment; none takes a look at all models."""
        families: dict[str, Any] = {}
        for metric, value, labels in self.state.registry.samples(self.labelled):
            family = families.get(metric.name)
            if family is None:
                kind = CounterMetricFamily if metric.kind == COUNTER else GaugeMetricFamily
                family = families[metric.name] = kind(
                    metric.name, metric.help, labels=metric.labels
                )
            family.add_metric([labels[name] for name in metric.labels], value)
        yield from families.values()
        if isinstance(self.state.router, TenantRouter):
            pool = self.state.router.stats()
            for name, value in (
                ("open", pool.open),
                ("in_use", pool.in_use),
                ("waiting", pool.waiting),
            ):
                text = f"Data sources of tenants: {name.replace('_', ' ')}."
                yield GaugeMetricFamily(f"juggler_sources_{name}", text, value=value)
