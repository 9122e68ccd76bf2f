"""Cancelling work at each of its awaits: every place is tried, and what is left is seen."""

import asyncio

import pytest

from juggler.testing.cancelling import cancelled_everywhere
from tests.turns import turns


async def test_each_place_is_tried_twice_and_then_it_runs() -> None:
    """Work that waits three times is cancelled at each of them, in two ways, and done twice."""
    reached: list[int] = []

    async def work() -> None:
        for place in (1, 2, 3):
            future = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_soon(future.set_result, place)
            reached.append(await future)

    ends: list[list[int]] = []

    def check() -> None:
        ends.append(list(reached))
        reached.clear()

    assert await cancelled_everywhere(work, check) == 3
    assert ends[:4] == ends[4:] == [[], [1], [1, 2], [1, 2, 3]]


async def test_what_is_left_is_seen() -> None:
    """A lock that is not released when its holder is cancelled fails the check."""
    lock = asyncio.Lock()

    async def work() -> None:
        await lock.acquire()
        await asyncio.sleep(0)
        lock.release()

    async def check() -> None:
        assert not lock.locked(), "the lock is held"

    with pytest.raises(AssertionError, match="the lock is held"):
        await cancelled_everywhere(work, check)


async def test_to_go_on_is_wrong() -> None:
    """Work that swallows its cancellation is found out."""

    async def work() -> None:
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            return

    with pytest.raises(AssertionError, match="went on"):
        await cancelled_everywhere(work, lambda: None)


async def test_there_is_a_bound() -> None:
    """Work without an end does not keep the test from ending."""

    async def work() -> None:
        await turns(10)

    with pytest.raises(AssertionError, match="more than 5"):
        await cancelled_everywhere(work, lambda: None, most=5)


async def test_its_own_errors_are_raised() -> None:
    """An error of the undisturbed run is raised."""

    async def work() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await cancelled_everywhere(work, lambda: None)
