"""Counting work, and waiting for the end of it."""

import asyncio
import threading

from juggler.registry.usage import Usage, until_free, wait_until_free
from tests.patience import PATIENCE
from tests.registry.threads import in_threads


def test_no_step_is_lost() -> None:
    """However many threads count at a time, the count is right."""
    # REG-43, REG-74
    usage = Usage()

    def work(_at: int) -> None:
        for _ in range(2_000):
            usage.enter()
            usage.enter()
            usage.leave()

    assert in_threads(work, 8) == []
    assert usage.in_flight == 16_000
    assert usage.in_use


def test_who_waits_is_told_once() -> None:
    """Those who wait are called when the last work ends, once, and never when they gave up."""
    # REG-43
    usage, called = Usage(), list[str]()
    usage.when_free(lambda: called.append("at once"))
    usage.enter()
    usage.enter()
    usage.when_free(lambda: called.append("later"))
    gives_up = lambda: called.append("never")  # noqa: E731  it is taken back by identity
    usage.when_free(gives_up)
    usage.no_longer(gives_up)
    usage.leave()
    assert called == ["at once"]
    usage.leave()
    usage.enter()
    usage.leave()
    assert called == ["at once", "later"]
    usage.no_longer(gives_up)


def test_a_thread_waits() -> None:
    """A thread goes on when work ends in another, and gives up when its time is up."""
    # REG-43
    usage = Usage()
    wait_until_free(usage, PATIENCE)
    usage.enter()
    wait_until_free(usage, 0.01)
    assert usage.in_use
    assert usage._waiters == ()
    thread = threading.Thread(target=wait_until_free, args=(usage, PATIENCE))
    thread.start()
    usage.leave()
    thread.join(PATIENCE)
    assert not thread.is_alive()


async def test_a_task_waits() -> None:
    """A task goes on when work ends, in whatever thread that is, or gives up."""
    # REG-43
    usage = Usage()
    await until_free(usage, PATIENCE)
    usage.enter()
    await until_free(usage, 0.01)
    assert usage.in_use
    assert usage._waiters == ()
    waiting = asyncio.create_task(until_free(usage, PATIENCE))
    await asyncio.sleep(0)
    await asyncio.to_thread(usage.leave)
    await waiting
    assert not usage.in_use


def test_nobody_waits_in_vain() -> None:
    """Who begins to wait while another thread ends the last work is told, and once."""
    # REG-43
    usage, told = Usage(), [0] * 8

    def work(at: int) -> None:
        for count in range(1_000):
            free = threading.Event()

            def call(free: threading.Event = free) -> None:
                told[at] += 1
                free.set()

            usage.enter()
            usage.when_free(call)
            usage.leave()
            assert free.wait(PATIENCE), count

    assert in_threads(work, 8) == []
    assert told == [1_000] * 8
    assert usage._waiters == ()
