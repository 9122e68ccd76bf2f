"""Watching over a registry: its manager, its health, what is measured, its plug-ins."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import Any

from msgspec.structs import replace

from juggler.registry.managing.manager import RegistryManager
from juggler.registry.managing.plugins import PLUGINS, call_plugin
from juggler.registry.managing.policy import seconds
from juggler.registry.managing.survey import finished, other_bytes
from juggler.registry.records import RegistryEvent
from juggler.registry.reports import Reports
from juggler.registry.strategies.view import Bounded
from juggler.registry.watching.health import (
    WINDOW,
    Bounds,
    Health,
    judged,
    memory_in_use,
    refused_lately,
    watched,
)
from juggler.registry.watching.measuring import LABELLED, Telling, samples
from juggler.telemetry import Recorder, Sample


class Watching(Reports):
    """The part of a registry that is looked after."""

    _manager: RegistryManager | None = None

    @property
    def manager(self) -> RegistryManager:
        """Return the registry's own manager, made with the first question and never started by it.

        Another may be set, with an interval, an idle time or a strategy of its own; the one before
        is stopped.
        """
        with self._lock:
            if self._manager is None:
                whole: Any = self
                self._manager = RegistryManager(whole)
            return self._manager

    @manager.setter
    def manager(self, manager: RegistryManager) -> None:
        before, self._manager = self._manager, manager
        if before is not None and before is not manager:
            before.stop_periodic_cleanup()

    def load_plugin(self, name: str, **options: Any) -> Any:
        """Hand the registry to an installed plug-in and return what it returns.

        Args:
            name: Name of an entry point in ``juggler.registry_plugins``.
            **options: What else it is given.

        Raises:
            PluginError: There is none of that name, the message lists those that there are; or it
                failed, the cause says why.
        """
        return call_plugin(PLUGINS, name, (self,), options)

    # health -----------------------------------------------------------------------------------

    def health(self) -> Health:
        """Return how the registry is: ``ok``, ``degraded`` or ``critical``, and why.

        It looks at tenants, not at models; the limits are those of the registry and of
        its manager's strategy.  A failure counts for five minutes.
        """
        now, stats, manager = time.time(), self.get_stats(brief=True), self._manager
        whole: Any = self
        tenants = list(self._tenants.values())
        size = sum(each.owner.bytes for each in tenants) + finished(other_bytes(whole))
        health = Health(
            at=now,
            tenants=len(tenants),
            cold=len(self._cold),
            models=stats.total_models,
            bytes=size,
            memory=memory_in_use(),
            failed_cleanups=refused_lately(tuple(self._history), now),
            handler_failures=sum(at >= now - WINDOW for at in tuple(self._news.failed_at)),
            failed_passes=0 if manager is None else manager.failing,
            disposed_alive=len(self._placement.departed),
        )
        status, reasons = judged(health, self._bounds())
        return replace(health, status=status, reasons=reasons)

    def watch(self, interval: float = 5.0) -> AsyncGenerator[Health, None]:
        """Return an async iterator of the registry's health: of now, and of each *interval*.

        A consumer that is slow misses moments; they do not queue.  It ends with the task that
        iterates, or with ``aclose``.

        Raises:
            InvalidValueError: *interval* is no number of seconds.
        """
        return watched(self.health, seconds("interval", interval))

    def _bounds(self) -> Bounds:
        """Return what the registry is held to."""
        strategy: object = None if self._manager is None else self._manager.strategy
        running = self._manager is not None and self._manager.is_active
        resident = strategy.max_tenants if running and isinstance(strategy, Bounded) else None
        return Bounds(self.limits.max_tenants, resident, self.limits.max_bytes)

    # figures ----------------------------------------------------------------------------------

    def samples(self, labelled: int = LABELLED) -> Iterable[Sample]:
        """Return the figures of this moment for telemetry.

        Args:
            labelled: So many tenants with the most models, and so many with the most bytes, have a
                label of their own; all others are one.
        """
        whole: Any = self
        return samples(whole, labelled)

    def measure(self, recorder: Recorder) -> Callable[[], None]:
        """Tell *recorder* what happens from now on: events, and how long clean-ups took.

        Returns:
            A function that ends it.
        """
        whole: Any = self
        return Telling(recorder).start(whole)

    def _tell(self, record: RegistryEvent) -> None:
        """Hand *record* to whoever listens."""
        if self._news.listeners:
            self._locked(self._news.add, record)
