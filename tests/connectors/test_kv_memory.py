"""Keys and values in memory: time that is commanded, the sweep, and what is let go."""

import asyncio
import gc
import subprocess
import sys
import weakref
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from juggler.connectors.keyvalue import Keyspace
from juggler.connectors.keyvalue_memory.connector import KeyValueMemoryConnector
from juggler.connectors.keyvalue_memory.store import MOST_PER_SWEEP
from juggler.datasource.datasource import DataSource
from juggler.testing.connector_suite.base import NO_OPTIONS, Suite
from juggler.testing.connector_suite.models import model
from tests.patience import PATIENCE

INFO = model("Shelf", {})
SPACE = Keyspace(INFO)


class Timers:
    """Time that passes when it is told to, and timers on it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.set: list[Timer] = []

    def clock(self) -> float:
        """Return the seconds."""
        return self.now

    def later(self, delay: float, callback: Callable[[], None]) -> "Timer":
        """Set a timer."""
        self.set.append(Timer(self, self.now + delay, callback))
        return self.set[-1]

    def pass_(self, seconds: float) -> None:
        """Let time pass and run what is due."""
        self.now += seconds
        while due := [timer for timer in self.set if timer.at <= self.now]:
            self.set.remove(due[0])
            due[0].callback()


class Timer:
    """A timer that is set."""

    def __init__(self, timers: Timers, at: float, callback: Callable[[], None]) -> None:
        self.timers, self.at, self.callback = timers, at, callback

    def cancel(self) -> None:
        """Take it back."""
        self.timers.set.remove(self)


def make(timers: Timers) -> KeyValueMemoryConnector:
    """Return a connector on commanded time."""
    return KeyValueMemoryConnector({}, Suite.host, clock=timers.clock, later=timers.later)


async def put(connector: KeyValueMemoryConnector, key: str, ttl: float | None = None) -> None:
    """Set a key."""
    await connector.set(SPACE, key, key, ttl, None, NO_OPTIONS)


# DAO-281, DAO-282
async def test_the_sweep_goes_on() -> None:
    """What ended is freed a second later at most, again and again, though nobody asks for it."""
    timers = Timers()
    connector = make(timers)
    await connector.connect()
    for _ in range(3):
        await put(connector, "short", 500)
        await put(connector, "long", 2_500)
        await put(connector, "ever")
        assert len(connector.store) == 3
        timers.pass_(1)
        assert len(connector.store) == 2
        timers.pass_(2)
        assert len(connector.store) == 1
    await connector.disconnect()


# DAO-281
async def test_no_timer_without_need() -> None:
    """There is a timer only while it is connected and something can end."""
    timers = Timers()
    connector = make(timers)
    await put(connector, "early", 5_000)
    assert timers.set == []
    await connector.connect()
    assert len(timers.set) == 1
    timers.pass_(6)
    assert (timers.set, len(connector.store)) == ([], 0)
    await put(connector, "ever")
    assert timers.set == []
    await put(connector, "later", 5_000)
    await put(connector, "more", 5_000)
    assert len(timers.set) == 1
    await connector.disconnect()
    await connector.disconnect()
    assert timers.set == []
    assert len(connector.store) == 3
    await connector.connect()
    timers.pass_(10)
    assert len(connector.store) == 1


# DAO-282
async def test_one_sweep_does_so_much_and_no_more() -> None:
    """Many that end at once are freed in portions, others having their turn between them."""
    timers = Timers()
    connector = make(timers)
    await connector.connect()
    for number in range(2 * MOST_PER_SWEEP + 1):
        await put(connector, str(number), 1)
    timers.now += 2
    seen = []
    while timers.set:
        timer = timers.set.pop()
        timer.callback()
        seen.append(len(connector.store))
    assert seen[:3] == [MOST_PER_SWEEP + 1, 1, 0]
    assert all(before - after <= MOST_PER_SWEEP for before, after in pairwise(seen))


# DAO-281
async def test_notes_about_former_values_do_not_grow() -> None:
    """A key that is written over for ever costs what one key costs."""
    connector = make(Timers())
    for _ in range(10_000):
        await put(connector, "key", 1_000_000)
    assert connector.store.noted < 100
    await connector.delete(SPACE, "key", NO_OPTIONS)
    await put(connector, "other", 1)
    assert connector.store.noted < 100


# DAO-281
async def test_a_source_that_nobody_has_is_let_go() -> None:
    """The timer keeps no connector, no data source and none of its values."""
    timers = Timers()
    connector = make(timers)
    source = DataSource("kv", connector)
    shelf = source.define("Shelf")
    await shelf.set("key", 1, ttl=5_000)
    assert len(timers.set) == 1
    gone = [weakref.ref(each) for each in (connector.store, connector, source, shelf)]
    del connector, source, shelf
    gc.collect()
    assert [each() for each in gone] == [None] * 4
    timers.pass_(10)
    assert timers.set == []


# DAO-281
def test_the_timer_keeps_no_process_alive() -> None:
    """A program that ends while the timer is set ends."""
    program = """
import asyncio, juggler
async def main():
    source = juggler.DataSource("kv-memory")
    await source.connect()
    await source.define("Shelf").set("key", 1, ttl=3_600_000)
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, "")


# DAO-281
def test_event_loops_may_use_it_one_after_the_other() -> None:
    """The keys stay, and so does the sweep."""
    timers = Timers()
    source = DataSource("kv", make(timers))
    shelf = source.define("Shelf")

    async def use() -> Any:
        await shelf.set("key", 1, ttl=5_000)
        return await shelf.increment("count")

    assert [asyncio.run(use()) for _ in range(2)] == [1, 2]
    assert len(timers.set) == 1


# DAO-275, DAO-281
async def test_automigrate_empties() -> None:
    """All keys of the models go, those of tenants too; other models keep theirs."""
    connector = make(Timers())
    await put(connector, "key", 5)
    await connector.set(Keyspace(INFO, "acme"), "key", 1, None, None, NO_OPTIONS)
    other = Keyspace(model("Other", {}))
    await connector.set(other, "key", 1, None, None, NO_OPTIONS)
    await connector.automigrate([INFO])
    assert len(connector.store) == 1
    assert await connector.get(other, "key", NO_OPTIONS) == 1


KEYS = st.sampled_from("abcd")
LIVES = st.none() | st.integers(1, 5).map(float)


class Against(RuleBasedStateMachine):
    """The connector against dicts that are looked through each time."""

    def __init__(self) -> None:
        super().__init__()
        self.timers = Timers()
        self.connector = make(self.timers)
        self.spaces = {part: Keyspace(INFO, part) for part in ("", "x")}
        self.wanted: dict[tuple[str, str], tuple[Any, float | None]] = {}
        self.run(self.connector.connect())

    def run(self, work: Any) -> Any:
        """Return what comes of a method; none of those here waits."""
        try:
            work.send(None)
        except StopIteration as done:
            return done.value
        raise AssertionError("It waited.")

    def due(self, ttl: float | None) -> float | None:
        """Return when a time to live is over."""
        return None if ttl is None else self.timers.now * 1_000 + ttl

    @rule(part=st.sampled_from(["", "x"]), key=KEYS, value=st.integers(), ttl=LIVES)
    def set(self, part: str, key: str, value: int, ttl: float | None) -> None:
        """Set a key."""
        assert self.run(self.connector.set(self.spaces[part], key, value, ttl, None, NO_OPTIONS))
        self.wanted[part, key] = (value, self.due(ttl))

    @rule(part=st.sampled_from(["", "x"]), key=KEYS, only_if=st.sampled_from(["absent", "present"]))
    def set_if(self, part: str, key: str, only_if: str) -> None:
        """Set a key if it is absent or present."""
        done = self.run(self.connector.set(self.spaces[part], key, 0, None, only_if, NO_OPTIONS))
        assert done == (((part, key) in self.wanted) == (only_if == "present"))
        if done:
            self.wanted[part, key] = (0, None)

    @rule(part=st.sampled_from(["", "x"]), key=KEYS, ttl=LIVES)
    def increment(self, part: str, key: str, ttl: float | None) -> None:
        """Add to a key."""
        value, due = self.wanted.get((part, key), (0, self.due(ttl)))
        found = self.run(self.connector.increment(self.spaces[part], key, 3, ttl, NO_OPTIONS))
        assert found == value + 3
        self.wanted[part, key] = (found, due)

    @rule(part=st.sampled_from(["", "x"]), key=KEYS, ttl=st.integers(1, 5))
    def expire(self, part: str, key: str, ttl: float) -> None:
        """Give a key another time."""
        found = self.run(self.connector.expire(self.spaces[part], key, ttl, NO_OPTIONS))
        assert found == ((part, key) in self.wanted)
        if found:
            self.wanted[part, key] = (self.wanted[part, key][0], self.due(ttl))

    @rule(part=st.sampled_from(["", "x"]), key=KEYS)
    def delete(self, part: str, key: str) -> None:
        """Delete a key."""
        self.run(self.connector.delete(self.spaces[part], key, NO_OPTIONS))
        self.wanted.pop((part, key), None)

    @rule(part=st.sampled_from(["", "x"]))
    def delete_all(self, part: str) -> None:
        """Delete the keys of one part."""
        self.run(self.connector.delete_all(self.spaces[part], NO_OPTIONS))
        self.wanted = {place: each for place, each in self.wanted.items() if place[0] != part}

    @rule(milliseconds=st.sampled_from([1, 2, 1_000]), swept=st.booleans())
    def wait(self, milliseconds: int, swept: bool) -> None:
        """Let time pass, with and without a sweep."""
        if swept:
            self.timers.pass_(milliseconds / 1_000)
        else:
            self.timers.now += milliseconds / 1_000
        now = self.timers.now * 1_000
        self.wanted = {
            place: (value, due)
            for place, (value, due) in self.wanted.items()
            if due is None or due > now
        }

    @invariant()
    def both_agree(self) -> None:
        """The same keys have the same values and the same time."""
        for part, space in self.spaces.items():
            wanted = {key: each for (at, key), each in self.wanted.items() if at == part}
            keys, cursor = self.run(self.connector.scan(space, None, None, NO_OPTIONS))
            assert (sorted(keys), cursor) == (sorted(wanted), None)
            found = self.run(self.connector.get_many(space, "abcd", NO_OPTIONS))
            assert found == {key: value for key, (value, _) in sorted(wanted.items())}
            for key, (_, due) in wanted.items():
                left = self.run(self.connector.ttl(space, key, NO_OPTIONS))
                assert left == (None if due is None else due - self.timers.now * 1_000)


# DAO-273, DAO-276, DAO-277, DAO-281
TestAgainst = Against.TestCase
