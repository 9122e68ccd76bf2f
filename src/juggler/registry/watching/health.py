"""How a registry is: well, degraded, or critical, and why."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Final

from msgspec import Struct

from juggler.errors import OperationNotSupportedError
from juggler.registry.records import CleanupResult
from juggler.registry.strategies.memory import resident_bytes

OK: Final = "ok"
DEGRADED: Final = "degraded"
CRITICAL: Final = "critical"

WINDOW: Final = 300.0
"""Seconds for which a failure counts."""

OVER: Final = 1.25
"""A budget that is exceeded by a quarter is critical."""

MANY_CLEANUPS: Final = 10
MANY_REMNANTS: Final = 1_000
MANY_PASSES: Final = 3


class Health(Struct, frozen=True):
    """How a registry is at one moment.

    Attributes:
        status: ``ok``, ``degraded`` or ``critical``.
        reasons: Why it is not ok, one sentence each.
        at: The moment, in seconds since 1970.
        tenants: Resident tenants.
        cold: Tenants whose models are only declared.
        models: Models of all owners.
        bytes: Estimate of the memory that they take.
        memory: Bytes that the process takes; None where the system does not tell.
        failed_cleanups: Tenants whose last clean-up of the last five minutes was refused.
        handler_failures: Handlers that failed in the last five minutes, 100 at most.
        failed_passes: Clean-up passes that failed since one was made.
        disposed_alive: Models of tenants that were let go and that something still holds.
    """

    status: str = OK
    reasons: tuple[str, ...] = ()
    at: float = 0.0
    tenants: int = 0
    cold: int = 0
    models: int = 0
    bytes: int = 0
    memory: int | None = None
    failed_cleanups: int = 0
    handler_failures: int = 0
    failed_passes: int = 0
    disposed_alive: int = 0


class Bounds(Struct, frozen=True):
    """What a registry is held to; None for no bound."""

    tenants: int | None = None
    resident: int | None = None
    bytes: int | None = None


def judged(health: Health, bounds: Bounds) -> tuple[str, tuple[str, ...]]:
    """Return the status of a registry with such figures, and the reasons."""
    found = [
        _above("tenants", health.tenants + health.cold, bounds.tenants),
        _above("resident tenants", health.tenants, bounds.resident),
        _above("bytes", health.bytes, bounds.bytes),
        _some("clean-up", "was refused", health.failed_cleanups, MANY_CLEANUPS),
        _some("handler", "failed", health.handler_failures, None),
        _some("clean-up pass", "failed", health.failed_passes, MANY_PASSES),
        _some("disposed model", "is still held", health.disposed_alive, MANY_REMNANTS),
    ]
    wrong = [each for each in found if each is not None]
    if not wrong:
        return OK, ()
    worst = CRITICAL if any(level == CRITICAL for level, _ in wrong) else DEGRADED
    return worst, tuple(reason for _, reason in wrong)


def _above(what: str, number: int, bound: int | None) -> tuple[str, str] | None:
    """Return what is wrong where a bound is exceeded."""
    if bound is None or number <= bound:
        return None
    level = CRITICAL if number > bound * OVER else DEGRADED
    return level, f"There are {number:,} {what}; the limit is {bound:,}."


def _some(what: str, happened: str, number: int, many: int | None) -> tuple[str, str] | None:
    """Return what is wrong where something went wrong at all."""
    if not number:
        return None
    level = CRITICAL if many is not None and number >= many else DEGRADED
    plural = "" if number == 1 else "es" if what.endswith("s") else "s"
    verb = happened if number == 1 else happened.replace("was", "were").replace("is", "are")
    return level, f"{number:,} {what}{plural} {verb}."


def refused_lately(history: Sequence[CleanupResult], now: float) -> int:
    """Return how many tenants were last to be cleaned up within the window, and were not."""
    last: dict[object, bool] = {}
    for result in reversed(history):
        if result.at is None or result.at < now - WINDOW:
            break
        last.setdefault(result.tenant, result.error is not None)
    return sum(last.values())


def memory_in_use() -> int | None:
    """Return the bytes that the process takes; None where the system does not tell."""
    try:
        return resident_bytes()
    except OperationNotSupportedError:
        return None


def next_look(due: float, now: float, interval: float) -> float:
    """Return when to look next: at the interval, and not for moments that went by."""
    due += interval
    return max(due, now)


async def watched(look: Callable[[], Health], interval: float) -> AsyncGenerator[Health, None]:
    """Yield what *look* returns, now and at each *interval*, to a consumer that may be slow."""
    due = time.monotonic()
    while True:
        yield look()
        due = next_look(due, time.monotonic(), interval)
        await asyncio.sleep(max(due - time.monotonic(), 0.0))
