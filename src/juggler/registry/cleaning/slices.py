"""Cleaning a tenant up of any size while the event loop goes on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from juggler.errors import InvalidValueError
from juggler.registry.cleaning.cleanup import Cleaning, Departure, Request
from juggler.registry.records import CleanupResult
from juggler.registry.usage import until_free

SLICE: Final = 0.002
"""Seconds of work after which the event loop has its turn."""
_CHUNK: Final = 16
"""Models that are disposed between two looks at the clock, while the registry's lock is held."""


class Slicing(Cleaning):
    """The part of a registry that lets large tenants go, a little at a time."""

    _ticks: Callable[[], float] = staticmethod(time.perf_counter)

    async def cleanup_tenant_async(
        self,
        code: Any,
        *,
        batch: int = 1_000,
        force: bool = False,
        grace: float = 0.0,
        reason: str | None = None,
    ) -> CleanupResult:
        """Do what `cleanup_tenant` does in slices of about two milliseconds.

        The tenant leaves every look-up path in one step, and from then on all its models, and what
        is at work on them, raise ModelDisposedError; what a slice does is to take them apart and to
        call their last calls.  A caller that is cancelled before that step has changed nothing;
        one that is cancelled later does not stop the rest, which goes on by itself, or at once
        where the event loop ends.

        Async handlers of ``tenant_cleaning`` are waited for and may veto.  The running task goes on
        in the tenant's new life; where this is awaited through a task of its own
        (`asyncio.create_task`; `asyncio.wait_for` before Python 3.12), that task alone does.

        Args:
            code: The tenant's code.
            batch: Most models of one slice.
            force: Go ahead although operations or leases are at work; they fail.
            grace: Seconds to wait for a tenant in use.
            reason: Kept in the result.

        Raises:
            InvalidValueError: *batch* is no positive number.
        """
        if batch < 1:
            raise InvalidValueError(
                f"cleanup_tenant_async: batch is at least 1, not {batch}.", value=batch
            )
        request = Request(code, force, reason, time.perf_counter())
        found = self._found(request)
        if isinstance(found, CleanupResult):
            return found
        if grace and not force:
            await until_free(found.owner, grace)
        refused = self._refused(found, request)
        if refused is None and self._news.listeners:
            against = await self._emitter.ask_each("tenant_cleaning", request.cleaning())
            refused = None if against is None else request.vetoed(against)
        if refused is not None:
            return self._locked(self._audited, refused)
        departure = self._locked(self._depart, found, request)
        del found
        if isinstance(departure, CleanupResult):
            return departure
        task = self._work.start(self._sliced(departure, batch))
        task.add_done_callback(partial(self._finish, departure))
        return await asyncio.shield(task)

    async def _sliced(self, departure: Departure, batch: int) -> CleanupResult:
        """Dispose the models of a tenant that has left, slice by slice."""
        while departure.models:
            self._slice(departure, batch)
            await asyncio.sleep(0)
        return self._locked(self._departed, departure)

    def _finish(self, departure: Departure, task: asyncio.Task[CleanupResult]) -> None:
        """Do what is left at once where the event loop ends and cancels what it has to do."""
        if task.cancelled():
            self._dispose_some(departure, len(departure.models))
            self._locked(self._departed, departure)

    def _slice(self, departure: Departure, batch: int) -> None:
        """Dispose up to *batch* models, as many as there is time for."""
        until = self._ticks() + SLICE
        while batch > 0 and departure.models:
            self._dispose_some(departure, min(batch, _CHUNK))
            batch -= _CHUNK
            if self._ticks() >= until:
                break

    def _dispose_some(self, departure: Departure, count: int) -> None:
        tenant = departure.result.tenant
        self._locked(self._placement.dispose, departure.models, count, tenant)
