"""Periodic passes over the tenants of a registry: idle ones are cleaned up, or some evicted."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import MappingProxyType, TracebackType
from typing import Any, Final, Protocol, Self

from msgspec import Struct

from juggler.errors import InvalidValueError
from juggler.events import Handler
from juggler.registry.managing.bound import Bound
from juggler.registry.managing.passing import Managed, Pass, Report, evict, may_go
from juggler.registry.managing.periodic import Periodic
from juggler.registry.managing.policy import seconds
from juggler.registry.managing.survey import Survey
from juggler.registry.records import CleanupResult, RegistryEvent, RegistryStats
from juggler.registry.strategies.budget import to_free
from juggler.registry.strategies.view import (
    Bounded,
    CleanupStrategy,
    Observing,
    RegistryView,
    Timed,
)

log = logging.getLogger("juggler.registry")

_SPARE: Final = 20
"""When room is made for bytes, so much of the limit is made free beyond them: one in twenty."""

_ARRIVALS: Final = ("tenant_created", "tenant_activated")


class Registry(Managed, Protocol):
    """A registry, as its manager sees it."""

    make_room: Callable[[int], None] | None
    limits: Any

    def current_tenant(self) -> str | None:
        """Return the current tenant."""

    def get_stats(self, *, brief: bool = False) -> RegistryStats:
        """Return the figures of the registry."""

    def on(self, event: str, handler: Handler) -> Callable[[], None]:
        """Subscribe to an event."""


class ManagerStats(Struct, frozen=True):
    """Settings and figures of a manager at one moment; times in seconds on the registry's clock.

    Attributes:
        cleanup_interval: Seconds between passes, as it was set.
        max_idle_time: Seconds a tenant may be idle, as it was set.
        is_active: Whether periodic passes are on.
        last_run: When the last pass ended; None before the first.
        passes: Passes that were made, failed ones not counted.
        registry_stats: Figures of the registry.
        interval: Seconds between passes now: the strategy may want another interval.
        strategy: Name of the strategy; None without one.
        cleaned: Tenants that passes cleaned up.
        evicted: Tenants that were evicted, by passes and between them.
        failed_passes: Passes that failed.
    """

    cleanup_interval: float
    max_idle_time: float
    is_active: bool
    last_run: float | None
    passes: int
    registry_stats: RegistryStats
    interval: float = 0.0
    strategy: str | None = None
    cleaned: int = 0
    evicted: int = 0
    failed_passes: int = 0


class RegistryManager:
    """Looks after the tenants of a registry at an interval; starts nothing by itself.

    In a running event loop the passes are a task of it and leave it free every few milliseconds,
    elsewhere they are made in a daemon thread; neither keeps the process alive.  ``async with
    manager:`` starts and stops.  All methods may be called from any thread.

    Without a strategy a pass cleans up resident tenants that were idle for *max_idle_time*: their
    models are disposed.  With a strategy nobody is cleaned up and *max_idle_time* does not count:
    the tenants that the strategy names are evicted, which disposes nothing, and so are those that
    were idle for longer than their own policy allows.  A strategy with a bound on resident tenants
    holds it between passes too, for as long as the manager runs, and in a registry that has reached
    its ``max_bytes`` tenants are evicted before anybody is refused.  Tenants in use and pinned ones
    are left alone in any case; a tenant's own policy goes before *max_idle_time*.

    Args:
        registry: The registry to look after.
        cleanup_interval: Seconds between passes.
        max_idle_time: Seconds a tenant may be idle; 0 means all that are not in use.
        strategy: Names the tenants to evict.
        survey: Looks at the tenants and at the memory of the process.

    Attributes:
        interval: Seconds between passes now: the strategy may want another interval.
        last_run: When the last pass ended, on the registry's clock; None before the first.
        failing: Passes that failed since one was made.

    Raises:
        InvalidValueError: A number of seconds is negative or none, or the strategy cannot be
            called.

    >>> manager = RegistryManager(registry, max_idle_time=600)
    >>> manager.get_stats().is_active
    False
    """

    def __init__(
        self,
        registry: Registry,
        cleanup_interval: float = 300.0,
        max_idle_time: float = 1800.0,
        strategy: CleanupStrategy | None = None,
        *,
        survey: Survey | None = None,
    ) -> None:
        if strategy is not None and not callable(strategy):
            raise InvalidValueError(f"A strategy can be called; {strategy!r} cannot.")
        self.registry = registry
        self.cleanup_interval = seconds("cleanup_interval", cleanup_interval)
        self.max_idle_time = seconds("max_idle_time", max_idle_time)
        self._strategy = strategy
        self._survey = survey or Survey(registry)
        self._bound = self._new_bound()
        self._switching = threading.Lock()
        self._deciding = threading.RLock()
        self._catching_up = False
        self._arrived: deque[str] = deque()
        self._running: Periodic | None = None
        self._forget()

    def _forget(self) -> None:
        self.interval = self.cleanup_interval
        self.last_run: float | None = None
        self._passes = self._failed = self._cleaned = self._evicted = 0
        self.failing = 0
        self._survey.forget()

    # what is set ----------------------------------------------------------------------------

    @property
    def strategy(self) -> CleanupStrategy | None:
        """Return the strategy; None without one."""
        return self._strategy

    @property
    def is_active(self) -> bool:
        """Tell whether periodic passes are on."""
        running = self._running
        return running is not None and running.is_going()

    def get_stats(self) -> ManagerStats:
        """Return settings and figures."""
        return ManagerStats(
            self.cleanup_interval,
            self.max_idle_time,
            self.is_active,
            self.last_run,
            self._passes,
            self.registry.get_stats(),
            self.interval,
            strategy_name(self._strategy),
            self._cleaned,
            self._evicted,
            self._failed,
        )

    # on and off -----------------------------------------------------------------------------

    def start_periodic_cleanup(self) -> None:
        """Begin periodic passes; harmless when they are on."""
        with self._switching:
            if self.is_active:
                return
            self._end()
            running = self._running = Periodic(self)
            if isinstance(self._strategy, Bounded | Observing):
                on = self.registry.on
                running.stops = [on(event, self._on_arrival) for event in _ARRIVALS]
            if self._strategy is not None:
                running.stops.append(self._offer_room())
            running.start()

    def stop_periodic_cleanup(self) -> None:
        """End periodic passes; harmless when they are off."""
        with self._switching:
            self._end()

    def reset(self) -> None:
        """Stop and forget the figures."""
        self.stop_periodic_cleanup()
        self._forget()

    def _end(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.stop()

    async def __aenter__(self) -> Self:
        self.start_periodic_cleanup()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        running = self._running
        self.stop_periodic_cleanup()
        if running is not None and running.task is not None:
            await asyncio.gather(running.task, return_exceptions=True)

    # passes ---------------------------------------------------------------------------------

    def force_cleanup(self) -> list[CleanupResult]:
        """Clean up all resident tenants that are neither in use nor pinned, idle or not.

        So it is with a strategy too: nobody is evicted instead.
        """
        return self._pass(0.0, forced=True)

    def run_pass(self) -> list[CleanupResult]:
        """Make one pass now, as the periodic ones are made, and return its clean-ups."""
        return self._pass(self.max_idle_time)

    def wait(self) -> float:
        """Return the seconds until the next periodic pass: none where a bound is exceeded."""
        begun = self.last_run is not None or self._failed
        return self.interval if begun or self._excess() <= 0 else 0.0

    def once(self) -> None:
        """Make one periodic pass in this thread; a failing one is told, the next is made."""
        with self._told():
            self.run_pass()

    async def once_async(self) -> None:
        """Make one periodic pass in slices; a failing one is told, the next is made."""
        report = Report()
        with self._told():
            await self._new_pass(self.max_idle_time).run_async(report)
            self._done(report)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell of what goes wrong in one periodic pass."""
        try:
            yield
        except Exception as error:  # whatever fails in one pass must not end the passes
            log.exception("A clean-up pass failed.")
            self._report(error)

    def _pass(self, idle: float, *, forced: bool = False) -> list[CleanupResult]:
        """Make one pass in this thread."""
        report = Report()
        self._new_pass(idle, forced=forced).run(report)
        self._done(report)
        return report.cleaned

    def _new_pass(self, idle: float, *, forced: bool = False) -> Pass:
        strategy = None if self._strategy is None else self._ask
        return Pass(self.registry, self._survey, idle, strategy, forced)

    def _done(self, report: Report) -> None:
        """Note what a pass did, tell of it, and see when the next is due."""
        if isinstance(self._strategy, Timed) and report.view is not None:
            self.interval = seconds(
                "interval", self._strategy.interval(report.view, self.cleanup_interval)
            )
        self.last_run = self.registry.clock()
        self._passes += 1
        self.failing = 0
        self._cleaned += sum(each.error is None for each in report.cleaned)
        self._evicted += len(report.evicted)
        self.registry._tell(report.event(strategy_name(self._strategy)))

    def _report(self, error: Exception) -> None:
        self._failed += 1
        self.failing += 1
        details = MappingProxyType({"event": "cleanup_pass", "handler": type(self).__name__})
        self.registry._tell(RegistryEvent("handler_failed", error=error, details=details))

    # deciding -------------------------------------------------------------------------------

    def _ask(self, view: RegistryView, /) -> list[str]:
        """Return whom the strategy names; it is asked by one at a time."""
        if self._strategy is None:
            return []
        with self._deciding:
            named = list(self._strategy(view))
        self._catch_up()
        return named

    def _excess(self) -> int:
        """Return how many tenants are resident beyond the strategy's bound."""
        strategy: object = self._strategy
        bound = strategy.max_tenants if isinstance(strategy, Bounded) else None
        return 0 if bound is None else len(self.registry._tenants) - bound

    def _on_arrival(self, event: RegistryEvent) -> None:
        """Let the strategy know of a tenant that is resident from now on, and hold its bound."""
        if event.tenant is not None:
            self._arrived.append(event.tenant)
            self._catch_up()

    def _catch_up(self) -> None:
        """Deal with those who arrived, unless somebody is at it, who then goes on until the end."""
        while self._arrived and self._deciding.acquire(blocking=False):
            try:
                if self._catching_up:  # by a handler of what is being evicted in this very thread
                    return
                self._catching_up = True
                try:
                    self._take_in(self._arrived.popleft())
                finally:
                    self._catching_up = False
            finally:
                self._deciding.release()

    def _take_in(self, code: str) -> None:
        """Deal with one who arrived."""
        if isinstance(self._strategy, Observing):
            self._strategy.observe(code, self.registry.clock())
        if self._bound is not None and self._excess() > 0:
            keep = {code, *self._arrived}
            self._evicted += len(self._bound.hold(len(self.registry._tenants), keep))

    def _offer_room(self) -> Callable[[], None]:
        """Make room in the registry when it is full; return what ends that."""
        registry, mine = self.registry, self._make_room
        if registry.make_room is None:
            registry.make_room = mine

        def stop() -> None:
            if registry.make_room == mine:
                registry.make_room = None

        return stop

    def _make_room(self, wanted: int) -> None:
        """Evict tenants that take *wanted* bytes and some more, in the order of the strategy."""
        strategy: object = self._strategy
        wanted += (self.registry.limits.max_bytes or 0) // _SPARE
        with self._deciding:
            view = self._survey.now().without(filter(None, [self.registry.current_tenant()]))
            order = (
                strategy.ranked(view, len(view.tenants)) if isinstance(strategy, Bounded) else []
            )
        for code in to_free(view, wanted, order):
            self._evicted += evict(self.registry, code)
        self._catch_up()

    def _new_bound(self) -> Bound | None:
        if not isinstance(self._strategy, Bounded):
            return None
        registry = self.registry
        return Bound(
            self._strategy,
            view=self._survey.now,
            last_accessed=lambda code: may_go(registry, code),
            evict=lambda code: evict(registry, code),
        )


def strategy_name(strategy: object) -> str | None:
    """Return what a strategy is called in figures and events; None for none."""
    if strategy is None:
        return None
    return getattr(strategy, "__name__", None) or type(strategy).__name__
