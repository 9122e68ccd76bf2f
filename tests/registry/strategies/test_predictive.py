"""Predicting who returns: learnt from views and comings alone, in bounded memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.strategies import Mix, Trace, batches, optimum, polls, simulate, trace_of, zipf
from juggler.registry.strategies.gaps import no_gaps
from juggler.registry.strategies.lru import LeastRecentlyUsed
from juggler.registry.strategies.predictive import Predictive
from juggler.registry.strategies.view import RegistryView, TenantView

SMALL = Mix(days=15, popular=60, visits=120, daily=20, weekly=20, polled=6, burst=3)
PERIODIC = trace_of(SMALL, batches, polls)
MIXED = trace_of(SMALL, zipf, batches, polls)


# REG-58
@pytest.mark.parametrize("trace", [PERIODIC, MIXED], ids=["periodic", "mixed"])
@pytest.mark.parametrize("most", [6, 10, 15])
def test_predicting_beats_going_by_the_last_access(trace: Trace, most: int) -> None:
    """Where tenants come back by their habits more of them are resident than under LRU."""
    best = optimum(trace, most)
    predicted, recent = (
        simulate(trace, strategy) for strategy in (Predictive(most), LeastRecentlyUsed(most))
    )
    assert recent.hits <= predicted.hits <= best.hits
    assert predicted.peak <= most
    if trace is MIXED:
        assert predicted.rate > recent.rate + 0.02


def view_at(now: float, *tenants: tuple[str, float, int]) -> RegistryView:
    """Return a view of tenants: code, last access, accesses."""
    return RegistryView(
        tuple(TenantView(code, at, now - at, 1, 1, n) for code, at, n in tenants), now
    )


# REG-58
def test_a_batch_that_is_over_goes_first() -> None:
    """A tenant that comes at the same time each day goes when it is done, before older ones."""
    strategy = Predictive(1)
    for day in range(8):
        strategy.observe("nightly", day * 86_400.0)
        strategy.observe("nightly", day * 86_400.0 + 10)
    now = 7 * 86_400.0 + 900
    for minute in range(30):
        strategy.observe("steady", now - 1_800 + minute * 60)
    view = view_at(now, ("steady", now - 60 * 12, 30), ("nightly", now - 890, 16))
    assert list(strategy(view)) == ["nightly"]
    # shortly before it is due again, the same tenant is the one to keep
    due = 8 * 86_400.0 - 30
    view = view_at(due, ("steady", due - 7_200, 30), ("nightly", now - 890, 16))
    assert list(strategy(view)) == ["steady"]


# REG-58
def test_strangers_go_by_their_last_access() -> None:
    """Of tenants that were seen once, the one that has been away longest goes first."""
    strategy = Predictive(1)
    view = view_at(100.0, ("b", 20.0, 1), ("a", 10.0, 1), ("c", 30.0, 1))
    assert list(strategy(view)) == ["a", "b"]


# REG-58
def test_accesses_between_two_views_are_learnt_from() -> None:
    """What happened between two views counts as one long gap and several short ones."""
    strategy = Predictive(1)
    list(strategy(view_at(0.0, ("a", 0.0, 1))))
    list(strategy(view_at(10_000.0, ("a", 0.0, 1))))
    list(strategy(view_at(10_300.0, ("a", 10_100.0, 11))))
    known = strategy._known["a"]
    lengths = [
        (count, together / count)
        for count, together in zip(known.counts, known.sums, strict=True)
        if count
    ]
    assert lengths == [(8.0, pytest.approx(10.0)), (1.0, pytest.approx(10_010.0))]


# REG-58
@given(st.lists(st.tuples(st.integers(0, 30), st.floats(0, 1_000)), max_size=80))
def test_memory_is_bounded(comings: list[tuple[int, float]]) -> None:
    """However many tenants come and go, as many are remembered as was said, the latest."""
    strategy, now, seen = Predictive(2, remember=5), 0.0, dict[str, None]()
    for number, wait in comings:
        now += wait
        seen.pop(f"t{number}", None)
        seen[f"t{number}"] = None
        strategy.observe(f"t{number}", now)
        assert len(strategy) <= 5
    assert list(strategy._known) == list(seen)[-5:]


# REG-58
@given(
    st.lists(st.tuples(st.floats(0, 1e8), st.floats(0.1, 60)), max_size=60),
    st.floats(0, 1e9),
    st.floats(0, 5),
)
def test_chances_are_sound(gaps: list[tuple[float, float]], elapsed: float, doubt: float) -> None:
    """Whatever was learnt, the chance is a number from 0 on, and old habits fade."""
    known = no_gaps(0.0, 1)
    for gap, times in gaps:
        known.learn(gap, times)
    assert 0 <= known.chance(elapsed, doubt, 60.0) < float("inf")
    assert known.total <= 110


# REG-58
def test_habits_that_change_are_noticed() -> None:
    """A tenant that came every minute and now comes daily is expected daily."""
    known = no_gaps(0.0, 1)
    for _ in range(200):
        known.learn(60.0)
    before = known.chance(10.0, 1.0, 60.0)
    for _ in range(300):
        known.learn(86_400.0)
    assert known.chance(10.0, 1.0, 60.0) < before / 10
