"""The data sources of many tenants, of which only so many are open at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from juggler.concurrency import KeyedLock, Tasks
from juggler.datasource.datasource import DataSource
from juggler.errors import ConnectorDetachedError, PoolExhaustedError, RoutingError

log = logging.getLogger("juggler.tenancy")


@dataclass(frozen=True, slots=True)
class PoolStats:
    """Figures of a pool at one moment.

    Attributes:
        open: Sources that are open, opening or kept open.
        in_use: Of these, those with operations at work.
        waiting: Tasks that wait for their turn to open one.
        opened: Admissions so far.
        closed: Closed so far: to make room, when idle, or because their tenant left.
        max_open: Most that may be open at a time.
    """

    open: int
    in_use: int
    waiting: int
    opened: int
    closed: int
    max_open: int


class Ticket:
    """Admission of one data source: tells the pool whose it is.

    Attributes:
        tenant: Code of the tenant.
        used: When an operation last ended, on the pool's clock.
        drained: Set when no operation is at work, once the source is to be closed for good.
    """

    __slots__ = ("_pool", "drained", "tenant", "used")

    def __init__(self, pool: Pool, tenant: str) -> None:
        self._pool = pool
        self.tenant = tenant
        self.used = 0.0
        self.drained: asyncio.Event | None = None

    async def admit(self, source: Any) -> None:
        """Return once *source* may open; see `Pool.admit`."""
        await self._pool.admit(self, source)

    def idle(self, source: Any) -> None:
        """Tell the pool that no operation is at work on *source* any more."""
        self._pool.idle(self, source)


class Pool:
    """Keeps one data source per tenant and closes those that nobody uses.

    A source that is open has a seat, and there are *max_open* seats.  Who needs one while all are
    taken gets that of the source that was used longest ago and has no operation at work; if all
    have, the first that becomes free.  A source whose seat was taken is only disconnected: whoever
    holds it may go on and gets a seat again.  It is the same object as long as anybody holds it,
    so a tenant never has two.  Belongs to one event loop at a time; no lock is shared by tenants.

    Attributes:
        loop: The event loop that sources were last opened in.

    Args:
        max_open: How many sources may be open.
        idle_close: Seconds without use after which a source is closed; None for never.
        acquire_timeout: Seconds to wait for a seat.
        clock: Seconds that never go back.
    """

    def __init__(
        self,
        max_open: int,
        idle_close: float | None,
        acquire_timeout: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_open = max_open
        self._idle_close = idle_close
        self._acquire_timeout = acquire_timeout
        self._clock = clock
        self._known: WeakValueDictionary[str, DataSource] = WeakValueDictionary()
        self._seated: OrderedDict[str, DataSource] = OrderedDict()
        self._closing: dict[str, asyncio.Task[None]] = {}
        self._draining: set[asyncio.Event] = set()
        self._seats = asyncio.Semaphore(max_open)
        self._turns = KeyedLock()
        self._tasks = Tasks()
        self._taken = self._freeing = self._waiting = 0
        self._opened = self._closed = 0
        self._timer: asyncio.TimerHandle | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    # sources --------------------------------------------------------------------------------

    def find(self, tenant: str) -> DataSource | None:
        """Return the tenant's data source, if there is one, and note that it is used."""
        source = self._seated.get(tenant)
        if source is None:
            return self._known.get(tenant)
        self._seated.move_to_end(tenant)
        return source

    def add(self, tenant: str, source: DataSource) -> DataSource:
        """Take a new, unconnected *source* in for *tenant* and return it.

        Raises:
            RoutingError: It is another tenant's.
        """
        if source.admission is not None:
            raise RoutingError(
                "A data source was routed to that belongs to another tenant already; "
                "make one for each tenant.",
                tenant=tenant,
            )
        source.admission = Ticket(self, tenant)
        self._known[tenant] = source
        return source

    def stats(self) -> PoolStats:
        """Return the figures of this moment."""
        return PoolStats(
            open=self._taken,
            in_use=sum(source.in_flight > 0 for source in self._seated.values()),
            waiting=self._waiting,
            opened=self._opened,
            closed=self._closed,
            max_open=self._max_open,
        )

    # seats ----------------------------------------------------------------------------------

    async def admit(self, ticket: Ticket, source: DataSource) -> None:
        """Return once *source* has a seat; at once when it has.

        Raises:
            PoolExhaustedError: None became free in time.
            ConnectorDetachedError: The source was closed for good.
        """
        tenant = ticket.tenant
        if self._seated.get(tenant) is source:
            return
        try:
            async with asyncio.timeout(self._acquire_timeout), self._turns.hold(tenant):
                while tenant in self._closing:
                    self._check(ticket, source)  # else it would wait for what waits for its end
                    await asyncio.wait([self._closing[tenant]])
                if self._seated.get(tenant) is not source:
                    await self._take_seat(ticket, source)
        except TimeoutError as error:
            raise PoolExhaustedError(
                f"All {self._max_open} data sources that may be open are in use; none became free "
                f"in {self._acquire_timeout:g} s.  Try again, or raise max_open.",
                tenant=tenant,
            ) from error
        ticket.used = self._clock()
        self._watch()

    def idle(self, ticket: Ticket, source: DataSource) -> None:
        """Take note that no operation is at work on *source* any more."""
        ticket.used = self._clock()
        if ticket.drained is not None:
            ticket.drained.set()
        elif self._waiting > self._freeing and self._seated.get(ticket.tenant) is source:
            self._retire(ticket.tenant)

    async def _take_seat(self, ticket: Ticket, source: DataSource) -> None:
        """Wait for a seat and take it, unless the source was closed for good meanwhile."""
        self._check(ticket, source)
        self._waiting += 1
        try:
            if self._seats.locked():
                self._make_room()
            await self._seats.acquire()
        finally:
            self._waiting -= 1
        self._taken += 1
        self._opened += 1
        try:
            self._check(ticket, source)
        except ConnectorDetachedError:
            self._give_back()
            raise
        self._seated[ticket.tenant] = source

    def _check(self, ticket: Ticket, source: DataSource) -> None:
        if self._known.get(ticket.tenant) is not source:
            raise ConnectorDetachedError(
                "The data source of the tenant was closed.", tenant=ticket.tenant
            )

    def _give_back(self) -> None:
        """Free a seat for the first who waits."""
        self._taken -= 1
        self._closed += 1
        self._seats.release()

    def _make_room(self) -> None:
        """Retire sources that nobody uses until there is one for each who waits."""
        for tenant in list(self._seated):
            if self._waiting <= self._freeing:
                return
            if _is_free(self._seated[tenant]):
                self._retire(tenant)

    def _retire(self, tenant: str) -> None:
        """Begin to close the source of a tenant, to give its seat away."""
        source = self._seated.pop(tenant)
        self._freeing += 1
        self._closing[tenant] = self._tasks.start(self._disconnect(tenant, source))

    async def _disconnect(self, tenant: str, source: DataSource) -> None:
        """Close a retired source, unless somebody began to use it meanwhile."""
        free = _is_free(source)
        try:
            if free:
                with _logged():
                    await source.disconnect()
        finally:
            self._freeing -= 1
            self._left(tenant)
            if free:
                self._give_back()
            else:
                self._seated[tenant] = source
                self._make_room()

    def _left(self, tenant: str) -> None:
        """Take note that the running task has done with a tenant's source."""
        if self._closing.get(tenant) is asyncio.current_task():
            del self._closing[tenant]

    # leaving --------------------------------------------------------------------------------

    async def close(self, tenant: str) -> None:
        """Close the source of *tenant* for good; see `end`."""
        ending = self.end(tenant)
        if ending is not None:
            await asyncio.wait([ending])

    async def close_all(self, grace: float) -> None:
        """Close all sources for good; operations may go on for *grace* seconds."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        tenants = {*self._known, *self._closing}
        endings = [task for tenant in tenants if (task := self.end(tenant))]
        if endings:
            await asyncio.wait(endings, timeout=grace)
        for drained in self._draining:
            drained.set()
        if endings:
            await asyncio.wait(endings)

    def end(self, tenant: str) -> asyncio.Task[None] | None:
        """Begin to close the source of *tenant* for good and return the task that does.

        From now on nobody is given this source; the tenant's next operation gets a new one, which
        opens when this one is closed.  That waits for the operations at work.
        """
        source, before = self._known.pop(tenant, None), self._closing.get(tenant)
        if source is None:
            return before
        has_seat = self._seated.pop(tenant, None) is not None
        ending = self._tasks.start(self._finish(tenant, source, before, has_seat=has_seat))
        self._closing[tenant] = ending
        return ending

    async def _finish(
        self,
        tenant: str,
        source: DataSource,
        before: asyncio.Task[None] | None,
        *,
        has_seat: bool,
    ) -> None:
        """Close a source for good, after what is being done with it *before*."""
        if before is not None:
            await asyncio.wait([before])
            has_seat = self._seated.pop(tenant, None) is not None
        try:
            with _logged():
                await self._drain(source)
                await source.close()
        finally:
            self._left(tenant)
            if has_seat:
                self._give_back()

    async def _drain(self, source: DataSource) -> None:
        """Wait until no operation is at work on *source*."""
        ticket = source.admission
        if not source.in_flight or not isinstance(ticket, Ticket):
            return
        drained = ticket.drained = asyncio.Event()
        self._draining.add(drained)
        try:
            await drained.wait()
        finally:
            self._draining.discard(drained)

    # idle sources ---------------------------------------------------------------------------

    def _watch(self, delay: float | None = None) -> None:
        """Look for idle sources after *delay* seconds, if they are to be closed at all."""
        loop = asyncio.get_running_loop()
        if self.loop is not loop:  # a former loop took its timers along
            self.loop, self._timer = loop, None
        if self._timer is None and self._idle_close is not None:
            self._timer = loop.call_later(delay or self._idle_close, self._sweep)

    def _sweep(self) -> None:
        """Close the sources that nobody used for `idle_close` seconds."""
        self._timer = None
        longest = wait = self._idle_close or 0.0
        for tenant, source in list(self._seated.items()):
            ticket = source.admission
            if not isinstance(ticket, Ticket) or not _is_free(source):
                continue
            left = ticket.used + longest - self._clock()
            if left <= 0:
                self._retire(tenant)
            else:
                wait = min(wait, left)
        if self._seated:
            self._watch(max(wait, longest / 10))


@contextmanager
def _logged() -> Iterator[None]:
    """Log an error in closing a source instead of raising it."""
    try:
        yield
    except Exception:  # whatever a driver raises, the seat must not be lost with it
        log.exception("The data source of a tenant could not be closed properly.")


def _is_free(source: DataSource) -> bool:
    """Tell whether *source* may be closed now."""
    return not source.in_flight and not source.connecting
