"""Tasks and locks."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from juggler.concurrency import KeyedLock, Once, Tasks, finish, unless
from juggler.context import current_tenant, tenant
from juggler.testing.gate import Gate
from tests.turns import turns


class Run:
    """Something that takes a while and counts how often it runs, and how often at a time."""

    def __init__(self, gate: Gate | None = None, error: Exception | None = None) -> None:
        self.gate = gate
        self.error = error
        self.begun = self.ended = self.at_once = self.most = 0
        self.lingers: asyncio.Event | None = None

    async def __call__(self) -> int:
        """Return how many runs there were."""
        self.begun += 1
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            if self.gate is not None:
                await self.gate.hold()
            if self.error is not None:
                raise self.error
        except asyncio.CancelledError:
            if self.lingers is not None:
                await self.lingers.wait()
            raise
        finally:
            self.at_once -= 1
            self.ended += 1
        return self.begun


# Once -----------------------------------------------------------------------------------------


async def test_all_who_ask_share_one_run() -> None:
    """However many ask while it runs, it runs once and all get what came of it."""
    gate = Gate()
    run = Run(gate)
    once = Once(run)
    asked = [asyncio.create_task(once()) for _ in range(100)]
    await gate.wait_for(1)
    await turns()
    assert once.waiting == 100
    gate.open()
    assert await asyncio.gather(*asked) == [1] * 100
    assert (run.begun, once.waiting) == (1, 0)
    assert await once() == 2


async def test_a_failure_reaches_all_and_is_forgotten() -> None:
    """Everybody who waits gets the error; the next one starts anew."""
    gate = Gate()
    run = Run(gate, LookupError("broken"))
    once = Once(run)
    asked = [asyncio.create_task(once()) for _ in range(10)]
    await gate.wait_for(1)
    await turns()
    gate.open()
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(each) for each in found} == {LookupError}
    run.error = None
    assert await once() == 2


async def test_who_is_cancelled_stops_nobody_else() -> None:
    """The run goes on for the others when one leaves, be it the one who began it."""
    gate = Gate()
    once = Once(Run(gate))
    asked = [asyncio.create_task(once()) for _ in range(3)]
    await gate.wait_for(1)
    asked[0].cancel()
    await turns()
    assert asked[0].cancelled()
    assert once.waiting == 2
    gate.open()
    assert await asyncio.gather(*asked[1:]) == [1, 1]


async def test_the_run_ends_with_its_last_waiter() -> None:
    """When all have left, the run is cancelled."""
    gate = Gate()
    run = Run(gate)
    once = Once(run)
    asked = [asyncio.create_task(once()) for _ in range(3)]
    await gate.wait_for(1)
    for task in asked:
        task.cancel()
    await turns()
    assert [task.cancelled() for task in asked] == [True] * 3
    assert (run.ended, once.waiting, gate.held) == (1, 0, 0)


async def test_nobody_joins_a_run_that_is_dying() -> None:
    """Who comes while a cancelled run still ends waits for that and gets a run of its own."""
    gate = Gate()
    run = Run(gate)
    run.lingers = asyncio.Event()
    once = Once(run)
    first = asyncio.create_task(once())
    await gate.wait_for(1)
    first.cancel()
    await turns()
    assert first.cancelled()
    assert run.at_once == 1  # it lingers
    second = asyncio.create_task(once())
    await turns()
    third = asyncio.create_task(once())
    await turns()
    assert (run.begun, once.waiting) == (1, 2)
    second.cancel()
    third.cancel()
    await turns()
    fourth = asyncio.create_task(once())
    await turns()
    assert run.begun == 1
    run.lingers.set()
    gate.open()
    assert await fourth == 2
    assert run.most == 1


async def test_an_error_that_nobody_waits_for_is_no_noise() -> None:
    """A run that fails after all have left is not reported as forgotten."""
    gate, noise = Gate(), list[Any]()
    asyncio.get_running_loop().set_exception_handler(lambda _, context: noise.append(context))

    async def run() -> None:
        try:
            await gate.hold()
        finally:
            raise LookupError("while it was cleaning up")

    once = Once(run)
    task = asyncio.create_task(once())
    await gate.wait_for(1)
    task.cancel()
    await turns()
    assert task.cancelled()
    del task, once
    gc.collect()
    assert noise == []


async def test_the_run_works_for_nobody_in_particular() -> None:
    """What is shared by all sees no tenant of whoever came first."""

    async def run() -> str | None:
        return current_tenant()

    with tenant("acme"):
        assert await Once(run)() is None
        assert current_tenant() == "acme"


def test_loops_may_use_it_one_after_the_other() -> None:
    """A `Once` that lives longer than an event loop works in the next one."""
    once = Once(Run())
    assert [asyncio.run(once()) for _ in range(3)] == [1, 2, 3]


def test_a_loop_that_died_leaves_nothing() -> None:
    """A run whose loop was closed in the middle of it holds up nobody."""
    gate = Gate()
    run = Run(gate)
    once = Once(run)

    async def begin() -> asyncio.Task[int]:
        task = asyncio.create_task(once())
        await gate.wait_for(1)
        return task

    loop = asyncio.new_event_loop()
    left = loop.run_until_complete(begin())
    loop.close()  # with a task in it that never ends
    run.gate = None
    assert asyncio.run(once()) == 2
    assert not left.done()
    left._log_destroy_pending = False  # type: ignore[attr-defined]  # that it is pending is the test
    for each in asyncio.all_tasks(loop):
        each._log_destroy_pending = False  # type: ignore[attr-defined]


async def test_what_came_of_it_is_let_go() -> None:
    """The result lives as long as those who got it."""

    class Result:
        """Something that can be traced."""

    async def run() -> Result:
        return Result()

    once = Once(run)
    trace = weakref.ref(await once())
    await turns()
    gc.collect()
    assert trace() is None


# KeyedLock ------------------------------------------------------------------------------------


async def test_one_at_a_time_for_each_key() -> None:
    """Holders of one key wait for each other, holders of different keys do not."""
    locks, order = KeyedLock(), list[str]()
    go = asyncio.Event()

    async def hold(key: str, name: str) -> None:
        async with locks.hold(key):
            order.append(f"{name} in")
            await go.wait()
            order.append(f"{name} out")

    tasks = [asyncio.create_task(hold("a", "1")), asyncio.create_task(hold("a", "2"))]
    tasks.append(asyncio.create_task(hold("b", "3")))
    await turns()
    assert order == ["1 in", "3 in"]
    go.set()
    await asyncio.gather(*tasks)
    assert order.index("1 out") < order.index("2 in")
    assert not locks._locks


@asynccontextmanager
async def failing(locks: KeyedLock) -> AsyncIterator[None]:
    """Hold a key until an error comes."""
    async with locks.hold("a"):
        yield
        raise LookupError


async def test_keys_that_nobody_wants_take_no_memory() -> None:
    """Errors and cancelled waiters leave no key behind."""
    locks = KeyedLock()
    async with locks.hold("a"):
        waiting = asyncio.create_task(failing(locks).__aenter__())
        await turns()
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting
        assert list(locks._locks) == ["a"]
    with pytest.raises(LookupError):
        async with failing(locks):
            pass
    assert not locks._locks


def test_locks_may_be_used_in_one_loop_after_the_other() -> None:
    """Nothing of a loop stays in it."""
    locks = KeyedLock()

    async def contend() -> int:
        count = 0

        async def hold() -> None:
            nonlocal count
            async with locks.hold("a"):
                await turns()
                count += 1

        await asyncio.gather(*(hold() for _ in range(5)))
        return count

    assert [asyncio.run(contend()) for _ in range(2)] == [5, 5]


# Tasks and unless -----------------------------------------------------------------------------


async def test_tasks_are_kept_until_they_are_done() -> None:
    """Work that nobody waits for is not collected, and let go at its end."""
    tasks, gate = Tasks(), Gate()
    started = weakref.ref(tasks.start(gate.hold()))
    await gate.wait_for(1)
    gc.collect()
    assert started() is not None
    assert len(tasks) == 1
    gate.open()
    await turns()
    assert len(tasks) == 0


async def test_work_goes_on_while_somebody_waits() -> None:
    """Work that ends in time gives its result, and nothing is left running."""
    gate = Gate()
    before = asyncio.all_tasks()

    async def work() -> int:
        await asyncio.sleep(0)
        return 5

    assert await unless(gate.hold, work(), after=0) == 5
    assert await unless(gate.hold, work(), after=60) == 5
    await turns()
    assert asyncio.all_tasks() == before


async def test_work_ends_when_nobody_waits() -> None:
    """When the one who waits is gone the work is cancelled and says so."""
    gate, run = Gate(), Run(Gate())

    async def gone() -> None:
        await gate.hold()

    task = asyncio.create_task(unless(gone, run(), after=0))
    await gate.wait_for(1)
    gate.open()
    with pytest.raises(ConnectionAbortedError):
        await task
    assert run.ended == 1


async def test_cancelling_the_caller_is_no_abort() -> None:
    """A caller that is cancelled for another reason stays cancelled."""
    gate, run = Gate(), Run(Gate())
    task = asyncio.create_task(unless(gate.hold, run(), after=0))
    await gate.wait_for(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert run.ended == 1


# to the end -------------------------------------------------------------------------------------


async def test_what_must_end_ends_though_the_caller_is_cancelled() -> None:
    """Work goes on to its end, however often the caller is cancelled; then that is raised."""
    gate, done = Gate(), list[str]()

    async def work() -> str:
        await gate.hold()
        done.append("done")
        return "result"

    task = asyncio.create_task(finish(work()))
    await gate.wait_for(1)
    for _ in range(2):
        task.cancel()
        await turns()
    assert not task.done()
    gate.open()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done == ["done"]
    assert await finish(work()) == "result"


async def test_what_went_wrong_at_the_end_is_told() -> None:
    """Its error is raised, or is the context of the cancellation that came meanwhile."""
    gate = Gate()

    async def work() -> None:
        await gate.hold()
        raise ZeroDivisionError

    task = asyncio.create_task(finish(work()))
    await gate.wait_for(1)
    task.cancel()
    await turns()
    gate.open()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert isinstance(caught.value.__context__, ZeroDivisionError)
    with pytest.raises(ZeroDivisionError):
        await finish(work())
