"""Counts, gauges and histograms for whoever wants them; nothing is measured until somebody does.

A `Recorder` is told what happens; `Samples` are read when they are asked for.  `Totals` keeps what
it is told, `OpenTelemetry` hands it to a meter, and the app's ``/metrics`` does so for Prometheus.
"""

from __future__ import annotations

import heapq
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from msgspec import Struct, field

COUNTER: Final = "counter"
GAUGE: Final = "gauge"
HISTOGRAM: Final = "histogram"

OTHER: Final = "other"
"""The label of all that is not among the first few."""

SECONDS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5)
"""Upper bounds of the buckets of durations."""

_NONE: Final[Mapping[str, str]] = MappingProxyType({})

T = TypeVar("T")


class Metric(Struct, frozen=True):
    """A thing that is measured.

    Attributes:
        name: Its name, in the style of Prometheus; a counter's without ``_total``.
        kind: ``counter``, ``gauge`` or ``histogram``.
        help: One sentence for people.
        labels: Names of its labels.
        unit: ``s``, ``By`` or empty, as OpenTelemetry writes units.
    """

    name: str
    kind: str
    help: str
    labels: tuple[str, ...] = ()
    unit: str = ""


class Sample(NamedTuple):
    """The value of a metric at one moment, for one set of labels; a counter's is the whole sum."""

    metric: Metric
    value: float
    labels: Mapping[str, str] = _NONE


Samples = Callable[[], Iterable[Sample]]


class Recorder(Protocol):
    """Is told what happens, from whatever thread; must not raise."""

    def count(self, metric: Metric, value: float = 1.0, labels: Mapping[str, str] = _NONE) -> None:
        """Add *value* to a counter."""

    def observe(self, metric: Metric, value: float, labels: Mapping[str, str] = _NONE) -> None:
        """Add one *value* to a histogram."""


class Spread(Struct):
    """The values a histogram was told.

    Attributes:
        count: How many.
        sum: Their sum.
        buckets: For each bound of `SECONDS`, and beyond the last, how many fell there.
    """

    count: int = 0
    sum: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(SECONDS) + 1))

    def add(self, value: float) -> None:
        """Add one value."""
        self.count += 1
        self.sum += value
        self.buckets[bisect_left(SECONDS, value)] += 1


class Totals:
    """Keeps what it is told in memory; safe from any thread.

    >>> from juggler.telemetry import COUNTER, Metric, Totals
    >>> totals, requests = Totals(), Metric("requests", COUNTER, "Requests.", ("verb",))
    >>> totals.count(requests, labels={"verb": "GET"})
    >>> totals.counted("requests", "GET")
    1.0
    """

    __slots__ = ("_counts", "_lock", "_spreads")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, ...], float] = {}
        self._spreads: dict[tuple[str, ...], Spread] = {}

    def count(self, metric: Metric, value: float = 1.0, labels: Mapping[str, str] = _NONE) -> None:
        """Add *value* to a counter."""
        key = (metric.name, *labels.values())
        with self._lock:
            self._counts[key] = self._counts.get(key, 0.0) + value

    def observe(self, metric: Metric, value: float, labels: Mapping[str, str] = _NONE) -> None:
        """Add one *value* to a histogram."""
        key = (metric.name, *labels.values())
        with self._lock:
            self._spreads.setdefault(key, Spread()).add(value)

    def counted(self, name: str, *labels: str) -> float:
        """Return the sum of a counter."""
        return self._counts.get((name, *labels), 0.0)

    def spread(self, name: str, *labels: str) -> Spread:
        """Return the values of a histogram."""
        return self._spreads.get((name, *labels)) or Spread()


class OpenTelemetry:
    """Hands what it is told to an OpenTelemetry meter; instruments are made with their first use.

    Args:
        meter: From ``opentelemetry.metrics.get_meter("juggler")``.
    """

    __slots__ = ("_instruments", "_lock", "_meter")

    def __init__(self, meter: Any) -> None:
        self._meter = meter
        self._instruments: dict[str, Any] = {}
        self._lock = threading.Lock()

    def count(self, metric: Metric, value: float = 1.0, labels: Mapping[str, str] = _NONE) -> None:
        """Add *value* to a counter."""
        self._instrument(metric, self._meter.create_counter).add(value, dict(labels))

    def observe(self, metric: Metric, value: float, labels: Mapping[str, str] = _NONE) -> None:
        """Add one *value* to a histogram."""
        self._instrument(metric, self._meter.create_histogram).record(value, dict(labels))

    def offer(self, metrics: Iterable[Metric], samples: Samples) -> None:
        """Let the meter ask for the *samples* of *metrics* whenever it collects.

        Raises:
            ModuleNotFoundError: The package opentelemetry-api is not installed.
        """
        from opentelemetry.metrics import Observation  # noqa: PLC0415  an optional package

        for metric in metrics:
            counter, gauge = (
                self._meter.create_observable_counter,
                self._meter.create_observable_gauge,
            )

            def ask(_: object, metric: Metric = metric) -> Iterator[Any]:
                return (
                    Observation(each.value, dict(each.labels))
                    for each in samples()
                    if each.metric is metric
                )

            create = counter if metric.kind == COUNTER else gauge
            self._instrument(metric, create, callbacks=[ask])

    def _instrument(self, metric: Metric, create: Callable[..., Any], **more: Any) -> Any:
        found = self._instruments.get(metric.name)
        if found is None:
            with self._lock:
                found = self._instruments.get(metric.name)
                if found is None:
                    found = create(metric.name, unit=metric.unit, description=metric.help, **more)
                    self._instruments[metric.name] = found
        return found


def first_few(things: Iterable[T], most: int, *sizes: Callable[[T], float]) -> list[T]:
    """Return the *most* largest of *things* by each of *sizes*, each of them once.

    >>> from juggler.telemetry import first_few
    >>> first_few(["a", "bbb", "cc"], 1, len)
    ['bbb']
    """
    everything = list(things)
    found: dict[int, T] = {}
    for size in sizes:
        found |= {id(each): each for each in heapq.nlargest(most, everything, key=size)}
    return list(found.values())
