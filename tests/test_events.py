"""Emitters: listeners and what becomes of their failures."""

import asyncio
import gc
import logging
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from juggler.events import Emitter


def test_listeners_are_called_in_order() -> None:
    """Each listener of the event gets the record, then those of all events."""  # REG-60
    emitter, seen = Emitter(), list[tuple[str, Any]]()
    for event, name in (("*", "all"), ("a", "one"), ("a", "two"), ("b", "other")):
        emitter.on(event, lambda record, name=name: seen.append((name, record)))
    emitter.emit("a", 1)
    assert seen == [("one", 1), ("two", 1), ("all", 1)]
    emitter.emit("c", 2)
    assert seen[3:] == [("all", 2)]


def test_a_subscription_ends() -> None:
    """The function that `on` returned ends that one subscription; once more is harmless."""
    emitter, seen = Emitter(), list[Any]()
    end = emitter.on("a", seen.append)
    emitter.on("a", seen.append)
    end()
    end()
    emitter.emit("a", 1)
    assert seen == [1]
    emitter.off("a", seen.append)
    emitter.off("a", seen.append)
    emitter.off("b", seen.append)
    emitter.emit("a", 2)
    assert seen == [1]
    assert not emitter._handlers


def test_once_is_once() -> None:
    """A listener for one event hears one, or none if it is ended before."""  # DS-24
    emitter, seen = Emitter(), list[Any]()
    emitter.once("a", seen.append)
    end = emitter.once("a", lambda record: seen.append(("never", record)))
    end()
    emitter.emit("a", 1)
    emitter.emit("a", 2)
    assert seen == [1]


def test_listeners_may_change_the_listeners() -> None:
    """What is added or ended while an event is told counts from the next one."""
    emitter, seen = Emitter(), list[str]()

    def first(_: Any) -> None:
        seen.append("first")
        emitter.on("a", lambda _: seen.append("late"))
        end()

    emitter.on("a", first)
    end = emitter.on("a", lambda _: seen.append("second"))
    emitter.emit("a", None)
    assert seen == ["first", "second"]
    emitter.off("a", first)
    emitter.emit("a", None)
    assert seen == ["first", "second", "late"]


def test_a_failing_listener_breaks_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """A failure is logged; the emitter and the other listeners go on."""  # DS-24, REG-60
    emitter, seen = Emitter(), list[Any]()

    def fail(record: Any) -> None:
        raise LookupError("broken")

    emitter.on("a", fail)
    emitter.on("a", seen.append)
    with caplog.at_level(logging.ERROR):
        emitter.emit("a", 1)
    assert seen == [1]
    assert "A listener of a failed." in caplog.text
    assert "broken" in caplog.text


async def test_async_listeners_run_as_tasks(caplog: pytest.LogCaptureFixture) -> None:
    """Async listeners do not hold up who emits; they are kept until they are done."""
    emitter, seen = Emitter(), list[Any]()
    go = asyncio.Event()

    async def slow(record: Any) -> None:
        await go.wait()
        seen.append(record)

    async def fail(record: Any) -> None:
        raise LookupError("broken")

    emitter.on("a", slow)
    emitter.on("a", fail)
    emitter.emit("a", 1)
    gc.collect()
    assert len(emitter._tasks) == 2
    assert seen == []
    go.set()
    with caplog.at_level(logging.ERROR):
        await asyncio.gather(*emitter._tasks)
    assert seen == [1]
    assert "broken" in caplog.text
    await asyncio.sleep(0)
    assert not emitter._tasks


def test_without_a_loop_async_listeners_cannot_run(caplog: pytest.LogCaptureFixture) -> None:
    """That is logged, and the coroutine closed."""
    emitter = Emitter()

    async def listen(record: Any) -> None:
        """Never run."""

    emitter.on("a", listen)
    with caplog.at_level(logging.ERROR):
        emitter.emit("a", 1)
    assert "no event loop is running" in caplog.text


def test_threads_may_subscribe_at_once() -> None:
    """No subscription is lost, however many come at a time."""  # REG-74
    emitter, start = Emitter(), threading.Barrier(8)

    def subscribe(_: int) -> None:
        start.wait()
        for _ in range(100):
            emitter.on("a", print)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(subscribe, range(8)))
    assert len(emitter._handlers["a"]) == 800


def test_an_emitter_keeps_no_listener_alive_but_its_own() -> None:
    """What was ended is let go."""

    class Listener:
        def hear(self, record: Any) -> None:
            """Do nothing."""

    emitter, listener = Emitter(), Listener()
    trace = weakref.ref(listener)
    emitter.on("a", listener.hear)()
    emitter.once("a", listener.hear)
    emitter.emit("a", 1)
    del listener
    assert trace() is None


def test_asking() -> None:
    """Only an answer of False is against; all are told, and the first who is against is known."""
    emitter, told = Emitter(), list[Any]()

    def against(record: Any) -> bool:
        told.append(record)
        return False

    for handler in (told.append, lambda _: 0, lambda _: 1 / 0, against, lambda _: False):
        emitter.on("a", handler)
    emitter.on("*", told.append)
    assert emitter.ask("a", 1) is against
    assert told == [1, 1, 1]
    assert emitter.ask("b", 2) is None
    assert told[3:] == [2]


async def test_asking_async_listeners() -> None:
    """`ask_each` waits for the answers of async listeners; `ask` lets them run."""
    emitter, told = Emitter(), list[Any]()

    async def against(record: Any) -> bool:
        await asyncio.sleep(0)
        told.append(record)
        return False

    async def fail(record: Any) -> None:
        raise LookupError("broken")

    emitter.on("a", fail)
    emitter.on("a", against)
    assert await emitter.ask_each("a", 1) is against
    assert told == [1]
    assert emitter.ask("a", 2) is None
    await asyncio.gather(*emitter._tasks)
    assert told == [1, 2]


def test_failures_are_told() -> None:
    """Whoever wants to know is told of each listener that failed."""
    emitter, failures = Emitter(), list[tuple[str, str]]()
    emitter.failed = lambda event, _, error: failures.append((event, type(error).__name__))

    async def never(record: Any) -> None:
        """Need a loop."""

    emitter.on("a", lambda _: 1 / 0)
    emitter.on("a", never)
    emitter.emit("a", None)
    assert failures == [("a", "ZeroDivisionError"), ("a", "RuntimeError")]
