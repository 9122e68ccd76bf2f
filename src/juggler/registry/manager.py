"""Periodic clean-up of idle tenants."""

from __future__ import annotations

import asyncio
import logging
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from juggler.registry.records import CleanupResult, RegistryStats
from juggler.registry.registry import ModelRegistry

log = logging.getLogger("juggler.registry")


@dataclass(frozen=True, slots=True)
class ManagerStats:
    """Figures of a manager at one moment; times in seconds on the registry's clock."""

    cleanup_interval: float
    max_idle_time: float
    is_active: bool
    last_run: float | None
    passes: int
    registry_stats: RegistryStats


class RegistryManager:
    """Cleans idle tenants up at an interval; starts nothing by itself.

    In a running event loop the passes are a task of it, elsewhere a daemon thread; neither keeps
    the process alive.  ``async with manager:`` starts and stops.

    Args:
        registry: The registry to look after.
        cleanup_interval: Seconds between passes.
        max_idle_time: Seconds a tenant may be idle; 0 means all that are not in use.

    >>> manager = RegistryManager(registry, max_idle_time=600)
    >>> manager.get_stats().is_active
    False
    """

    def __init__(
        self,
        registry: ModelRegistry,
        cleanup_interval: float = 300.0,
        max_idle_time: float = 1800.0,
    ) -> None:
        self.registry = registry
        self.cleanup_interval = cleanup_interval
        self.max_idle_time = max_idle_time
        self._task: asyncio.Task[None] | None = None
        self._stop: threading.Event | None = None
        self._last_run: float | None = None
        self._passes = 0

    @property
    def is_active(self) -> bool:
        """Tell whether periodic passes are on."""
        return self._stop is not None or (self._task is not None and not self._task.done())

    def start_periodic_cleanup(self) -> None:
        """Begin periodic passes; harmless when they are on."""
        if self.is_active:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._stop = threading.Event()
            threading.Thread(target=self._in_thread, args=(self._stop,), daemon=True).start()
        else:
            self._task = loop.create_task(self._in_loop())

    def stop_periodic_cleanup(self) -> None:
        """End periodic passes; harmless when they are off."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._stop is not None:
            self._stop.set()
            self._stop = None

    def force_cleanup(self) -> list[CleanupResult]:
        """Clean up all tenants that are not in use, idle or not."""
        return self._pass(0.0)

    def get_stats(self) -> ManagerStats:
        """Return settings and figures."""
        return ManagerStats(
            self.cleanup_interval,
            self.max_idle_time,
            self.is_active,
            self._last_run,
            self._passes,
            self.registry.get_stats(),
        )

    def reset(self) -> None:
        """Stop and forget the figures."""
        self.stop_periodic_cleanup()
        self._last_run = None
        self._passes = 0

    async def __aenter__(self) -> Self:
        self.start_periodic_cleanup()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        task = self._task
        self.stop_periodic_cleanup()
        if task is not None:
            await asyncio.gather(task, return_exceptions=True)

    def _pass(self, idle: float) -> list[CleanupResult]:
        """Run one pass."""
        results = self.registry.cleanup_inactive_tenants(idle)
        self._last_run = self.registry.clock()
        self._passes += 1
        return results

    def _guarded_pass(self) -> None:
        """Run one pass; a failing one is logged and the next runs all the same."""
        try:
            self._pass(self.max_idle_time)
        except Exception:  # one failing pass must not end the passes
            log.exception("A clean-up pass failed.")

    async def _in_loop(self) -> None:
        while True:
            await asyncio.sleep(self.cleanup_interval)
            self._guarded_pass()

    def _in_thread(self, stop: threading.Event) -> None:
        while not stop.wait(self.cleanup_interval):
            self._guarded_pass()
