"""Hit rates of the strategies, side by side with the best that could be done knowing the future.

``python -m benchmarks.strategies`` prints them.  An access to a tenant whose models are built is a
hit; any other builds them anew.
"""

from __future__ import annotations

import heapq
import random
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from juggler.registry.managing.bound import Bound
from juggler.registry.strategies.adaptive import Adaptive
from juggler.registry.strategies.budget import MemoryBudget
from juggler.registry.strategies.idle import IdleStrategy
from juggler.registry.strategies.lru import LeastRecentlyUsed
from juggler.registry.strategies.predictive import Predictive
from juggler.registry.strategies.view import (
    Bounded,
    CleanupStrategy,
    Observing,
    RegistryView,
    TenantView,
    Timed,
)

DAY = 86_400.0
WEEK = 7 * DAY
PASS = 300.0
BYTES = 1_000

Access = tuple[float, str]
Trace = list[Access]


# traces -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mix:
    """What a trace is made of; the same seed gives the same trace.

    Attributes:
        days: How long it is.
        popular: Tenants that people use at any time, the first far more than the last (Zipf).
        visits: Accesses to all of them a day.
        daily: Tenants whose batch runs at its own time each day.
        weekly: Tenants whose batch runs at its own time each week.
        polled: Tenants that something asks about at an interval of its own.
        burst: Accesses of one batch, some seconds apart.
        once: Tenants a day that come once and never again.
        seed: Of chance.
    """

    days: int = 21
    popular: int = 2_000
    visits: int = 4_000
    daily: int = 300
    weekly: int = 300
    polled: int = 60
    burst: int = 5
    once: int = 50
    seed: int = 7


def zipf(mix: Mix, chance: random.Random) -> Iterator[Access]:
    """Yield accesses at any time to tenants of which a few are popular."""
    weights = list(accumulate(1 / (rank + 1) for rank in range(mix.popular)))
    for _ in range(mix.visits * mix.days):
        rank = bisect_right(weights, chance.random() * weights[-1])
        yield chance.random() * mix.days * DAY, f"popular{rank}"


def batches(mix: Mix, chance: random.Random) -> Iterator[Access]:
    """Yield the accesses of batches that run each day or each week, some minutes off."""
    for kind, tenants, period in (("daily", mix.daily, DAY), ("weekly", mix.weekly, WEEK)):
        for at in range(tenants):
            due = chance.random() * period
            while due < mix.days * DAY:
                moment = due + chance.gauss(0, 120)
                for _ in range(mix.burst):
                    moment += chance.expovariate(1 / 20)
                    yield moment, f"{kind}{at}"
                due += period


def polls(mix: Mix, chance: random.Random) -> Iterator[Access]:
    """Yield the accesses of what asks every quarter of an hour to every two hours."""
    for at in range(mix.polled):
        period = chance.choice((900.0, 1_800.0, 3_600.0, 7_200.0))
        due = chance.random() * period
        while due < mix.days * DAY:
            yield due + chance.gauss(0, 10), f"polled{at}"
            due += period


def passers(mix: Mix, chance: random.Random) -> Iterator[Access]:
    """Yield accesses of tenants that come once."""
    for at in range(mix.once * mix.days):
        yield chance.random() * mix.days * DAY, f"once{at}"


def trace_of(mix: Mix, *kinds: Callable[[Mix, random.Random], Iterator[Access]]) -> Trace:
    """Return the accesses of *kinds*, in order of time."""
    chance = random.Random(mix.seed)
    return sorted(access for kind in kinds for access in kind(mix, chance))


# the simulator ------------------------------------------------------------------------------


@dataclass
class Outcome:
    """What came of one run; only what happens after the warm-up counts."""

    hits: int = 0
    misses: int = 0
    peak: int = 0
    held: float = 0.0
    span: float = 0.0

    @property
    def rate(self) -> float:
        """Return the share of accesses that were hits."""
        return self.hits / max(self.hits + self.misses, 1)

    @property
    def mean(self) -> float:
        """Return how many tenants were resident on average."""
        return self.held / self.span if self.span else 0.0

    def count(self, *, hit: bool, resident: int, passed: float) -> None:
        """Count one access."""
        self.hits += hit
        self.misses += not hit
        self.peak = max(self.peak, resident)
        self.held += resident * passed
        self.span += passed


@dataclass
class Simulation:
    """A registry as a manager sees it, without models: tenants come, are evicted, come back."""

    strategy: CleanupStrategy
    now: float = 0.0
    resident: dict[str, float] = field(default_factory=dict)
    accesses: dict[str, int] = field(default_factory=dict)
    bound: Bound | None = None

    def __post_init__(self) -> None:
        if isinstance(self.strategy, Bounded):
            self.bound = Bound(
                self.strategy,
                view=self.view,
                last_accessed=self.resident.get,
                evict=lambda code: self.resident.pop(code, None) is not None,
            )

    def view(self) -> RegistryView:
        """Return what the strategy sees; the process takes what the models take."""
        tenants = tuple(
            TenantView(code, at, self.now - at, 1, BYTES, self.accesses[code])
            for code, at in self.resident.items()
        )
        size = len(tenants) * BYTES
        return RegistryView(tenants, self.now, len(tenants), size, lambda: size, lambda: 10 * BYTES)

    def access(self, code: str) -> bool:
        """Use a tenant and tell whether it was resident."""
        hit = code in self.resident
        self.resident[code] = self.now
        self.accesses[code] = self.accesses.get(code, 0) + 1
        if not hit:
            if isinstance(self.strategy, Observing):
                self.strategy.observe(code, self.now)
            if self.bound is not None:
                self.bound.hold(len(self.resident), (code,))
        return hit

    def make_pass(self, general: float) -> float:
        """Make a pass and return when the next is due."""
        view = self.view()
        for code in self.strategy(view):
            self.resident.pop(code, None)
        wait = (
            self.strategy.interval(view, general) if isinstance(self.strategy, Timed) else general
        )
        return self.now + wait


def simulate(trace: Trace, strategy: CleanupStrategy, *, every: float = PASS) -> Outcome:
    """Return what comes of *trace* under *strategy*; the first third warms up."""
    here, outcome = Simulation(strategy), Outcome()
    due, warm = trace[0][0] + every, trace[len(trace) // 3][0]
    for at, code in trace:
        while due <= at:
            here.now = due
            due = here.make_pass(every)
        passed, here.now = at - here.now, at
        hit = here.access(code)
        if at >= warm:
            outcome.count(hit=hit, resident=len(here.resident), passed=passed)
    return outcome


def optimum(trace: Trace, most: int) -> Outcome:
    """Return what comes of evicting whoever is needed last (Belady); nobody can do better."""
    nexts: list[float] = [0.0] * len(trace)
    coming: dict[str, float] = {}
    for at in range(len(trace) - 1, -1, -1):
        time, code = trace[at]
        nexts[at] = coming.get(code, float("inf"))
        coming[code] = time
    resident: dict[str, float] = {}
    queue: list[tuple[float, str]] = []
    outcome, warm = Outcome(), trace[len(trace) // 3][0]
    before = trace[0][0]
    for (time, code), following in zip(trace, nexts, strict=True):
        hit = code in resident
        resident[code] = following
        heapq.heappush(queue, (-following, code))
        while len(resident) > most:
            farthest, candidate = heapq.heappop(queue)
            if resident.get(candidate) == -farthest:
                del resident[candidate]
        if time >= warm:
            outcome.count(hit=hit, resident=len(resident), passed=time - before)
        before = time
    return outcome


# the table ----------------------------------------------------------------------------------


def strategies(most: int) -> Sequence[tuple[str, CleanupStrategy, float]]:
    """Return name, strategy and seconds between passes of what is compared."""
    levels: dict[float, tuple[float, float]] = {
        most * BYTES // 2: (PASS, 1_800.0),
        most * BYTES * 3 // 4: (60.0, 600.0),
        most * BYTES: (10.0, 60.0),
    }
    return (
        ("IdleStrategy(1800)", IdleStrategy(1_800.0), PASS),
        (f"Adaptive(... {most * BYTES:,} B)", Adaptive(levels), PASS),
        (f"MemoryBudget({most * BYTES:,})", MemoryBudget(most * BYTES), PASS),
        (f"LeastRecentlyUsed({most})", LeastRecentlyUsed(most), PASS),
        (f"Predictive({most})", Predictive(most), PASS),
    )


TRACES: dict[str, Sequence[Callable[[Mix, random.Random], Iterator[Access]]]] = {
    "people only (Zipf)": (zipf,),
    "batches and polls only": (batches, polls),
    "all together, with passers-by": (zipf, batches, polls, passers),
}


def main(most: int = 100, mix: Mix | None = None) -> None:
    """Print the hit rates for each trace."""
    mix = mix or Mix()
    for name, kinds in TRACES.items():
        trace = trace_of(mix, *kinds)
        tenants = len({code for _, code in trace})
        print(f"\n{name}: {len(trace):,} accesses, {tenants:,} tenants, {mix.days} days")
        print(f"{'strategy':34}{'hit rate':>10}{'resident, mean':>16}{'peak':>7}")
        rows = [(text, simulate(trace, each, every=gap)) for text, each, gap in strategies(most)]
        for text, found in (*rows, (f"the optimum, {most}", optimum(trace, most))):
            print(f"{text:34}{found.rate:>10.1%}{found.mean:>16.1f}{found.peak:>7}")


if __name__ == "__main__":
    main()
