"""Strategies: whom they name, in which order, and whom never."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.errors import InvalidValueError
from juggler.registry.managing.policy import Policy
from juggler.registry.strategies.adaptive import Adaptive
from juggler.registry.strategies.budget import MemoryBudget
from juggler.registry.strategies.combine import any_of
from juggler.registry.strategies.idle import IdleStrategy
from juggler.registry.strategies.lru import LeastRecentlyUsed
from juggler.registry.strategies.predictive import Predictive
from juggler.registry.strategies.view import Bounded, CleanupStrategy, RegistryView, Timed
from tests.registry.strategies.views import resident, view_of, views

numbers = st.integers(1, 25)
idles = st.floats(0, 1_000)
plain: st.SearchStrategy[CleanupStrategy] = st.one_of(
    st.builds(IdleStrategy, idles),
    st.builds(LeastRecentlyUsed, numbers),
    st.builds(MemoryBudget, st.integers(0, 5_000)),
    st.builds(lambda idle: Adaptive({0.3: (10, idle), 800: (1, 0)}), idles),
    st.builds(Predictive, numbers),
)
any_strategy = plain | st.lists(plain, min_size=1, max_size=3).map(lambda some: any_of(*some))


# REG-58, REG-43
@given(views(), any_strategy)
def test_nobody_goes_who_must_stay(view: RegistryView, strategy: CleanupStrategy) -> None:
    """Whatever the strategy, it names resident tenants, once each, none pinned and none in use."""
    named = list(strategy(view))
    assert len(named) == len(set(named))
    assert set(named) <= {each.code for each in view.evictable}


# REG-58
@given(views(), st.integers(1, 25), st.sampled_from([LeastRecentlyUsed, Predictive]))
def test_bounds_on_tenants_hold(view: RegistryView, most: int, kind: type) -> None:
    """No more stay than the bound says, unless they must; and no more go than is needed."""
    named = list(kind(most)(view))
    must_stay = len(view.tenants) - len(view.evictable)
    assert len(view.tenants) - len(named) <= max(most, must_stay)
    assert len(named) <= max(len(view.tenants) - most, 0)


# REG-58
@given(views(), st.integers(1, 25))
def test_the_least_recently_used_go(view: RegistryView, most: int) -> None:
    """Who goes was at work no later than whoever stays, and the oldest goes first."""
    named = list(LeastRecentlyUsed(most)(view))
    at = {each.code: each.last_accessed for each in view.evictable}
    times = [at[code] for code in named]
    assert times == sorted(times)
    assert all(time <= left for code, left in at.items() if code not in named for time in times)


# REG-58
@given(views(), st.integers(0, 5_000))
def test_budgets_hold(view: RegistryView, most: int) -> None:
    """What stays is within the budget, or nothing more could go; the last one to go was needed."""
    named = list(MemoryBudget(most)(view))
    left = view.without(named)
    assert left.bytes <= most or not any(each.bytes for each in left.evictable)
    if named:
        assert view.without(named[:-1]).bytes > most


# REG-58, REG-59
@given(views(), idles)
def test_the_idle_go(view: RegistryView, limit: float) -> None:
    """Exactly those go who were idle for so long, or for as long as their own policy says."""
    expected = {
        each.code
        for each in view.evictable
        if each.idle_time
        >= (limit if each.policy is None or each.policy.max_idle is None else each.policy.max_idle)
    }
    named = list(IdleStrategy(limit)(view))
    assert set(named) == expected
    idle = {each.code: each.idle_time for each in view.tenants}
    assert [idle[code] for code in named] == sorted((idle[code] for code in named), reverse=True)


# REG-58
def test_adaptive_follows_the_memory_in_use() -> None:
    """The more memory is in use, the sooner the next pass and the less idle those who go."""
    strategy = Adaptive({0.5: (60, 600), 0.8: (10, 60), 950: (1, 0)})
    tenants = [resident("a", 700), resident("b", 100), resident("c", 1)]

    def at(memory: int) -> tuple[float, list[str]]:
        view = view_of(*tenants, memory=memory, available=1_000)
        return strategy.interval(view, 300.0), list(strategy(view))

    assert at(499) == (300.0, [])
    assert at(500) == (60, ["a"])
    assert at(800) == (10, ["a", "b"])
    assert at(950) == (1, ["a", "b", "c"])
    assert strategy.interval(view_of(memory=600), 5.0) == 5.0


# REG-58
@given(views(), st.lists(st.tuples(st.floats(0.1, 1), idles), min_size=1, max_size=4))
def test_adaptive_never_relaxes(view: RegistryView, steps: list[tuple[float, float]]) -> None:
    """With thresholds that tighten, more memory in use never lets more tenants stay."""
    levels = sorted({level for level, _ in steps})
    limits = sorted((limit for _, limit in steps), reverse=True)
    strategy = Adaptive({level: (limits[at], limits[at]) for at, level in enumerate(levels)})
    named: set[str] = set()
    interval = 1_000.0
    for memory in range(0, 1_001, 100):
        now = view_of(*view.tenants, memory=memory)
        assert named <= set(strategy(now))
        assert strategy.interval(now, 1_000.0) <= interval
        named, interval = set(strategy(now)), strategy.interval(now, 1_000.0)


# REG-58
def test_memory_is_read_when_asked_for_and_once() -> None:
    """A view reads the memory of the process for a strategy that looks at it, and once."""
    asked: list[int] = []

    def memory() -> int:
        asked.append(1)
        return 7

    view = RegistryView((), read_memory=memory, read_available=lambda: 10)
    assert list(LeastRecentlyUsed(1)(view)) == []
    assert asked == []
    left = view.without(["nobody"])
    assert (left.memory, left.memory, view.memory, len(asked)) == (7, 7, 7, 1)


# REG-58
def test_any_of_asks_each_about_what_is_left() -> None:
    """Two bounds together evict no more than the stricter needs; the shortest interval counts."""
    tenants = [resident(f"t{at}", 100 - at) for at in range(10)]
    both = any_of(LeastRecentlyUsed(6), MemoryBudget(500))
    assert list(both(view_of(*tenants))) == ["t0", "t1", "t2", "t3", "t4"]
    assert both.max_tenants == 6
    assert isinstance(both, Bounded)
    timed = any_of(Adaptive({0.1: (7, 900)}), Adaptive({0.1: (5, 900)}), both)
    assert isinstance(timed, Timed)
    assert timed.interval(view_of(memory=500), 60) == 5
    assert any_of(IdleStrategy(1)).max_tenants is None
    assert any_of(IdleStrategy(1)).ranked(view_of(*tenants), 3) == []


# REG-58
def test_views_and_strategies_are_frozen() -> None:
    """Nothing of a view or of a setting can be changed."""
    view = view_of(resident("a"))
    for thing, name in (
        (view, "tenants"),
        (view.tenants[0], "models"),
        (IdleStrategy(1), "max_idle"),
    ):
        with pytest.raises(AttributeError):
            setattr(thing, name, 1)
    with pytest.raises(TypeError):
        Adaptive().thresholds[0.1] = (1, 1)  # type: ignore[index]  # that is the test


# REG-56, REG-59
@pytest.mark.parametrize("value", [-1, float("nan"), "1", None, True])
def test_settings_of_no_use_are_refused(value: object) -> None:
    """Negative numbers, NaN and what is no number raise an error that names the setting."""
    wrong: list[object] = [
        lambda: IdleStrategy(value),  # type: ignore[arg-type]
        lambda: LeastRecentlyUsed(value),  # type: ignore[arg-type]
        lambda: MemoryBudget(value),  # type: ignore[arg-type]
        lambda: Predictive(value),  # type: ignore[arg-type]
        lambda: Predictive(1, doubt=value),  # type: ignore[arg-type]
        lambda: Adaptive({value: (1, 1)}),  # type: ignore[dict-item]
        lambda: Adaptive({0.5: (1, value)}),  # type: ignore[dict-item]
    ]
    if value is not None:
        wrong.append(lambda: Policy(max_idle=value))  # type: ignore[arg-type]
        wrong.append(lambda: Policy(max_models=value))  # type: ignore[arg-type]
    for make in wrong:
        with pytest.raises(InvalidValueError):
            make()  # type: ignore[operator]
    for make in (any_of, lambda: any_of(3), lambda: Adaptive({}), lambda: Adaptive({0.5: 1})):  # type: ignore[list-item, arg-type, dict-item]
        with pytest.raises(InvalidValueError):
            make()
    with pytest.raises(InvalidValueError):
        Policy(pinned=1)  # type: ignore[arg-type]
