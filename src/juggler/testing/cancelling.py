"""Cancel work at each of its awaits in turn, and look at what it leaves behind."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine, Generator
from itertools import count
from types import coroutine
from typing import Any, TypeVar

T = TypeVar("T")

Check = Callable[[], Awaitable[None] | None]


async def cancelled_everywhere(
    work: Callable[[], Coroutine[Any, Any, Any]], check: Check, *, most: int = 1_000
) -> int:
    """Run *work* once for each place where it waits, cancelled there; return how many there are.

    Each place is tried twice: cancelled while it waits, and when what it waits for is there but was
    not handed over yet.  In the end it runs undisturbed.

    Args:
        work: Makes the coroutine; called once for each run.
        check: Called after each run, to look at what it left and to clear it away; it may be async.
        most: How many places there are at most.

    Raises:
        AssertionError: A run went on though it was cancelled, or there are more places than *most*.

    >>> async def work() -> None:
    ...     await asyncio.sleep(0)
    ...     await asyncio.sleep(0)
    >>> asyncio.run(cancelled_everywhere(work, lambda: None))
    2
    """
    places = 0
    for is_late in (False, True):
        for place in count(1):
            assert place <= most, f"there are more than {most} places where it waits"
            was_there = await _run(work(), place, is_late=is_late)
            outcome = check()
            if inspect.isawaitable(outcome):
                await outcome
            if not was_there:
                break
            places = max(places, place)
    return places


async def _run(work: Coroutine[Any, Any, Any], place: int, *, is_late: bool) -> bool:
    """Run *work*, cancelled where it waits for the *place*-th time; tell whether it did."""
    reached = asyncio.Event()
    task = asyncio.ensure_future(_cancelling(work, place, reached, is_late=is_late))
    await asyncio.wait((task,))
    if reached.is_set():
        assert task.cancelled(), f"it went on though it was cancelled: {task!r}"
        return True
    task.result()
    return False


@coroutine
def _cancelling(
    work: Coroutine[Any, Any, T], place: int, reached: asyncio.Event, *, is_late: bool
) -> Generator[Any, Any, T]:
    """Pass on what *work* waits for, and cancel the running task the *place*-th time."""
    task = asyncio.current_task()
    assert task is not None
    error: BaseException | None = None
    for turn in count(1):
        try:
            waits_for = work.send(None) if error is None else work.throw(error)
        except StopIteration as end:
            result: T = end.value
            return result
        if turn == place:
            reached.set()
            if is_late and asyncio.isfuture(waits_for):
                waits_for.add_done_callback(lambda _: task.cancel())
            else:
                asyncio.get_running_loop().call_soon(task.cancel)
        error = None
        try:
            yield waits_for
        except BaseException as thrown:  # noqa: BLE001  handed to the work, whatever it is
            error = thrown
    raise AssertionError
