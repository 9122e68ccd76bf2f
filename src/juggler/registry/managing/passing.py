"""One clean-up pass: what is to be done, step by step, in a thread or in an event loop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Generator, Iterable
from types import MappingProxyType
from typing import Any, Final, Protocol

from msgspec import Struct, field

from juggler.errors import JugglerError
from juggler.registry.managing.survey import Survey, Surveyed, seen
from juggler.registry.records import CleanupResult, RegistryEvent
from juggler.registry.strategies.idle import idle_longer
from juggler.registry.strategies.view import CleanupStrategy, RegistryView

log = logging.getLogger("juggler.registry")

BREATH: Final = 0.002
"""Seconds of work in an event loop until others have their turn."""

LARGE: Final = 1_000
"""From so many resident tenants on, a strategy decides in a worker thread while a loop runs."""

_NAMED: Final = 100
"""Tenants whose codes an event lists."""


class Managed(Surveyed, Protocol):
    """A registry, as a pass sees it."""

    def cleanup_tenant(self, code: Any, *, reason: str | None = None) -> CleanupResult:
        """Remove everything of a tenant."""

    def cleanup_tenant_async(
        self, code: Any, *, reason: str | None = None
    ) -> Awaitable[CleanupResult]:
        """Remove everything of a tenant in slices."""

    def evict(self, code: str) -> bool:
        """Take a resident tenant back to cold and tell whether that was done."""

    def _tell(self, record: RegistryEvent) -> None:
        """Hand a record to whoever listens."""


class Report(Struct):
    """What a pass did, while it is at work.

    Attributes:
        cleaned: Results of its clean-ups, of those that failed too.
        evicted: Codes of the tenants it evicted.
        view: What it saw.
        began: When, on a clock of its own.
    """

    cleaned: list[CleanupResult] = field(default_factory=list)
    evicted: list[str] = field(default_factory=list)
    view: RegistryView | None = None
    began: float = field(default_factory=time.perf_counter)

    def event(self, strategy: str | None) -> RegistryEvent:
        """Return the record that tells of the pass."""
        done = [each for each in self.cleaned if each.error is None]
        codes = [*(str(each.tenant) for each in done), *self.evicted]
        details = {
            "strategy": strategy,
            "cleaned": len(done),
            "failed": len(self.cleaned) - len(done),
            "evicted": len(self.evicted),
            "tenants": tuple(codes[:_NAMED]),
            "resident": 0 if self.view is None else len(self.view.tenants) - len(codes),
            "bytes_released": sum(each.bytes_released for each in done),
            "duration": (time.perf_counter() - self.began) * 1_000,
        }
        return RegistryEvent("cleanup_pass", details=MappingProxyType(details))


class Clean(Struct, frozen=True):
    """A step: clean a tenant up."""

    code: str


class Ask(Struct, frozen=True):
    """A step: let the strategy decide about many tenants."""

    decide: Callable[[], list[str]]


Steps = Generator[Clean | Ask | None, Any, None]


class Pass(Struct, frozen=True):
    """One pass over the resident tenants of a registry.

    Without a strategy tenants that were idle for too long are cleaned up.  With one, nobody is
    cleaned up: those it names are evicted, after those that were idle for longer than their own
    policy allows.

    Args:
        registry: Whose tenants.
        survey: Looks at them.
        max_idle: Seconds a tenant may be idle without a strategy.
        strategy: Who is evicted.
        forced: Clean up whoever is neither in use nor pinned, strategy or not.
    """

    registry: Managed
    survey: Survey
    max_idle: float
    strategy: CleanupStrategy | None = None
    forced: bool = False

    def run(self, report: Report) -> None:
        """Do all of it now."""
        answer: Any = None
        steps = self._steps(report)
        while True:
            try:
                step = steps.send(answer)
            except StopIteration:
                return
            answer = None
            if isinstance(step, Clean):
                answer = self.registry.cleanup_tenant(step.code, reason="idle")
            elif step is not None:
                answer = step.decide()

    async def run_async(self, report: Report) -> None:
        """Do all of it in slices that leave the event loop free."""
        answer: Any = None
        steps = self._steps(report)
        until = time.perf_counter() + BREATH
        while True:
            try:
                step = steps.send(answer)
            except StopIteration:
                return
            answer = None
            if isinstance(step, Clean):
                answer = await self.registry.cleanup_tenant_async(step.code, reason="idle")
            elif step is not None:
                answer = await asyncio.to_thread(step.decide)
            if time.perf_counter() >= until:
                await asyncio.sleep(0)
                until = time.perf_counter() + BREATH

    def _steps(self, report: Report) -> Steps:
        view = report.view = yield from self.survey.steps()
        strategy = self.strategy
        if self.forced or strategy is None:
            large = len(view.tenants) >= LARGE
            due = (yield Ask(self._due(view))) if large else self._due(view)()
            yield from self._clean(due, report)
            return

        def decide() -> list[str]:
            own = idle_longer(view, float("inf"))
            return list(dict.fromkeys((*own, *strategy(view.without(own)))))

        named = (yield Ask(decide)) if len(view.tenants) >= LARGE else decide()
        yield from self._evict(named, report)

    def _due(self, view: RegistryView) -> Callable[[], list[str]]:
        """Return what tells who is cleaned up."""
        if self.forced:
            return lambda: [each.code for each in view.evictable]
        return lambda: idle_longer(view, self.max_idle)

    def _clean(self, codes: Iterable[str], report: Report) -> Steps:
        before = _times(report.view)
        for code in codes:
            if is_as_seen(self.registry, code, before.get(code)):
                result = yield Clean(code)
                report.cleaned.append(result)

    def _evict(self, codes: Iterable[str], report: Report) -> Steps:
        before = _times(report.view)
        for code in codes:
            if is_as_seen(self.registry, code, before.get(code)) and evict(self.registry, code):
                report.evicted.append(code)
            yield None


def _times(view: RegistryView | None) -> dict[str, float]:
    """Return when each tenant of a view was last at work."""
    return {} if view is None else {each.code: each.last_accessed for each in view.tenants}


def may_go(registry: Surveyed, code: str) -> float | None:
    """Return when a tenant was last at work; None unless it is resident and may be evicted."""
    tenant = registry._tenants.get(code)
    if tenant is None:
        return None
    now = seen(code, tenant, 0.0)
    return now.last_accessed if now.evictable else None


def is_as_seen(registry: Surveyed, code: str, at: float | None) -> bool:
    """Tell whether a tenant may go and was not at work since *at*."""
    return at is not None and may_go(registry, code) == at


def evict(registry: Managed, code: str) -> bool:
    """Evict a tenant and tell whether that was done; a store that fails is told, and it stays."""
    try:
        return bool(registry.evict(code))
    except JugglerError as error:
        log.exception("The tenant %s could not be evicted.", code)
        details = MappingProxyType({"event": "tenant_evicted", "handler": "evict"})
        registry._tell(RegistryEvent("handler_failed", tenant=code, error=error, details=details))
        return False
