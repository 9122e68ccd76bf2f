"""Telemetry: recorders, OpenTelemetry behind them, and labels of which there are few."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from juggler.telemetry import (
    COUNTER,
    GAUGE,
    HISTOGRAM,
    SECONDS,
    Metric,
    OpenTelemetry,
    Sample,
    Totals,
    first_few,
)

HITS = Metric("hits", COUNTER, "Hits.", ("verb",))
TIMES = Metric("times", HISTOGRAM, "Times.", unit="s")
SIZE = Metric("size", GAUGE, "Size.", ("tenant",), "By")


# REG-68
def test_totals_add_up_under_threads() -> None:
    """Whatever threads tell is counted once."""
    totals = Totals()

    def work() -> None:
        for _ in range(1_000):
            totals.count(HITS, labels={"verb": "GET"})
            totals.observe(TIMES, 0.002)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert totals.counted("hits", "GET") == 4_000
    assert totals.counted("hits", "PUT") == 0
    spread = totals.spread("times")
    assert (spread.count, sum(spread.buckets)) == (4_000, 4_000)
    assert spread.buckets[SECONDS.index(0.0025)] == 4_000
    assert totals.spread("nothing").count == 0


class Meter:
    """Notes what an OpenTelemetry meter is asked for."""

    def __init__(self) -> None:
        self.made: list[tuple[str, str]] = []
        self.told: list[tuple[str, float, dict[str, str]]] = []
        self.callbacks: dict[str, Any] = {}

    def __getattr__(self, kind: str) -> Any:
        """Return what makes an instrument of some kind."""

        def create(name: str, *, unit: str, description: str, callbacks: Any = ()) -> Any:
            self.made.append((kind, name))
            if callbacks:
                self.callbacks[name] = callbacks[0]

            class Instrument:
                """Notes what it is told."""

                def add(_, value: float, labels: dict[str, str]) -> None:  # noqa: N805
                    self.told.append((name, value, labels))

                record = add

            return Instrument()

        return create


# REG-68
def test_a_meter_is_handed_everything() -> None:
    """Instruments are made once, of the right kind; figures are asked for by the meter."""
    meter = Meter()
    recorder = OpenTelemetry(meter)
    for _ in range(2):
        recorder.count(HITS, labels={"verb": "GET"})
        recorder.observe(TIMES, 0.5)
    assert meter.made == [("create_counter", "hits"), ("create_histogram", "times")]
    assert meter.told[:2] == [("hits", 1.0, {"verb": "GET"}), ("times", 0.5, {})]
    total = Metric("total", COUNTER, "Total.")
    recorder.offer([SIZE, total], lambda: [Sample(SIZE, 3.0, {"tenant": "a"}), Sample(total, 4.0)])
    assert meter.made[2:] == [
        ("create_observable_gauge", "size"),
        ("create_observable_counter", "total"),
    ]
    found = {name: list(ask(None)) for name, ask in meter.callbacks.items()}
    assert {
        name: [(each.value, each.attributes) for each in seen] for name, seen in found.items()
    } == {
        "size": [(3.0, {"tenant": "a"})],
        "total": [(4.0, {})],
    }


# REG-68
def test_the_real_api_takes_it() -> None:
    """Without a provider the package's own meter does nothing, and takes all of it."""
    from opentelemetry.metrics import get_meter

    recorder = OpenTelemetry(get_meter("juggler"))
    recorder.count(HITS, labels={"verb": "GET"})
    recorder.observe(TIMES, 0.5)
    recorder.offer([SIZE], lambda: [Sample(SIZE, 3.0, {"tenant": "a"})])


# REG-68
@given(st.lists(st.tuples(st.integers(), st.integers()), unique=True), st.integers(0, 5))
def test_the_first_few_are_the_largest(pairs: list[tuple[int, int]], most: int) -> None:
    """As many as were asked for by each size, and whoever is left out is no larger."""
    sizes = (lambda pair: pair[0]), (lambda pair: pair[1])
    found = first_few(pairs, most, *sizes)
    assert len(found) == len(set(found)) <= 2 * most
    left = [each for each in pairs if each not in found]
    for size in sizes:
        chosen = sorted(map(size, found), reverse=True)[:most]
        assert all(size(each) <= min(chosen, default=size(each)) for each in left if chosen)


# REG-68
def test_nothing_is_imported_for_it() -> None:
    """`import juggler` brings in neither Prometheus nor OpenTelemetry, nor psutil."""
    code = (
        "import sys, juggler; print([name for name in sys.modules if name.partition('.')[0] in "
        "('prometheus_client', 'opentelemetry', 'psutil', 'rich')])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
