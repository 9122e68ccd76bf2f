"""Connecting and disconnecting: one at a time, whoever is cancelled, and within limits."""

import asyncio
from typing import Any

import pytest

from juggler.errors import (
    ConnectionTimeoutError,
    JugglerError,
    StoreError,
)
from juggler.testing.gate import Gate
from tests.datasource.stores import flags, make_source, store_of
from tests.turns import turns

# one at a time --------------------------------------------------------------------------------


def test_making_a_source_does_nothing() -> None:
    """Construction opens nothing and needs no event loop."""  # DS-12, DS-22
    source = make_source()
    assert flags(source) == (True, False, False)
    assert store_of(source).asked == []


async def test_connect_and_disconnect() -> None:
    """Both do their work once; the flags tell."""  # DS-21, DS-23, DS-29
    source = make_source()
    await source.connect()
    await source.connect()
    assert flags(source) == (True, False, True)
    await source.disconnect()
    await source.disconnect()
    assert flags(source) == (True, False, False)
    assert store_of(source).asked == ["connect", "disconnect"]


async def test_a_hundred_callers_connect_once() -> None:
    """However many ask at the same time, the connector is opened once."""  # DS-23
    source, gate = make_source(), Gate()
    store_of(source).gates["connect"] = gate
    model = source.define("Thing", {})
    asked: list[Any] = [asyncio.create_task(source.connect()) for _ in range(90)]
    asked += [asyncio.create_task(source.ready(model.info)) for _ in range(10)]
    await gate.wait_for(1)
    await turns()
    assert flags(source) == (True, True, False)
    assert source.opened(model.info) is None
    gate.open()
    await asyncio.gather(*asked, return_exceptions=True)
    assert store_of(source).asked == ["connect"]
    assert source.opened(model.info) is source.connector


async def test_a_failure_reaches_every_waiter_and_the_next_call_tries_again() -> None:
    """All who wait get the same error; the one after them connects."""  # DS-23, DS-25, DS-26
    source, gate, error = make_source(), Gate(), StoreError("no such host")
    store = store_of(source)
    store.gates["connect"], store.errors["connect"] = gate, [error]
    model = source.define("Thing", {})
    asked: list[Any] = [asyncio.create_task(source.connect()) for _ in range(5)]
    asked += [asyncio.create_task(model.count()) for _ in range(5)]
    await gate.wait_for(1)
    await turns()
    gate.open()
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert all(each is error for each in found)
    assert flags(source) == (True, False, False)
    assert await model.count() == 0
    assert store.asked == ["connect", "connect", "count Thing"]


async def test_who_is_cancelled_stops_nobody_else() -> None:
    """One waiter that leaves does not end the attempt; the last one does."""
    source, gate = make_source(), Gate()
    store_of(source).gates["connect"] = gate
    asked = [asyncio.create_task(source.connect()) for _ in range(3)]
    await gate.wait_for(1)
    asked[0].cancel()
    await turns()
    assert (gate.held, source.connecting) == (1, True)
    asked[1].cancel()
    asked[2].cancel()
    await turns()
    assert (gate.held, source.connecting, source.connected) == (0, False, False)
    gate.open()
    await source.connect()
    assert source.connected


async def test_an_attempt_that_is_cancelled_leaves_nothing_open() -> None:
    """What was opened for nobody is closed, and nobody is told that it was ever open."""
    source, gate, told = make_source(), Gate(), list[str]()
    source.on("connected", lambda _: told.append("connected"))
    source.on("disconnected", lambda _: told.append("disconnected"))
    store_of(source).gates["connect"] = gate
    asked = asyncio.create_task(source.connect())
    await gate.wait_for(1)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    await turns()
    assert store_of(source).asked == ["connect", "disconnect"]
    assert (source.connected, told) == (False, [])


async def test_a_cancelled_disconnect_is_done_as_a_whole() -> None:
    """Whoever is cancelled while it closes is told when that is done."""
    source, gate = make_source(), Gate()
    await source.connect()
    store_of(source).gates["disconnect"] = gate
    closing = asyncio.create_task(source.close())
    await gate.wait_for(1)
    closing.cancel()
    await turns()
    assert (gate.held, closing.done()) == (1, False)
    gate.open()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert flags(source) == (False, False, False)


async def test_closing_waits_for_opening() -> None:
    """A disconnect during an attempt comes after it: nothing stays open."""
    source, gate = make_source(), Gate()
    store_of(source).gates["connect"] = gate
    opening = asyncio.create_task(source.connect())
    await gate.wait_for(1)
    closing = asyncio.create_task(source.disconnect())
    await turns()
    assert not closing.done()
    gate.open()
    await asyncio.gather(opening, closing)
    assert store_of(source).asked == ["connect", "disconnect"]
    assert not source.connected


async def test_opening_waits_for_closing() -> None:
    """A connect during a disconnect comes after it: the two never overlap."""
    source, gate = make_source(), Gate()
    await source.connect()
    store_of(source).gates["disconnect"] = gate
    closing = asyncio.create_task(source.disconnect())
    await gate.wait_for(1)
    assert not source.connected
    opening = asyncio.create_task(source.connect())
    await turns()
    assert store_of(source).asked == ["connect", "disconnect"]
    gate.open()
    await asyncio.gather(opening, closing)
    assert store_of(source).asked == ["connect", "disconnect", "connect"]
    assert source.connected


async def test_a_failing_disconnect_is_raised_and_over() -> None:
    """The error reaches the caller; the source counts as closed and connects again."""
    source = make_source()
    await source.connect()
    store_of(source).errors["disconnect"] = [StoreError("gone already")]
    with pytest.raises(StoreError):
        await source.disconnect()
    assert not source.connected
    await source.connect()
    assert source.connected


# limits ---------------------------------------------------------------------------------------


async def test_connecting_takes_no_longer_than_it_may() -> None:
    """A caller waits for `connection_timeout`; the next call tries again."""  # DS-27, DAO-009
    source, gate = make_source(connection_timeout=1), Gate()
    store_of(source).gates["connect"] = gate
    model = source.define("Thing", {})
    for call in (source.connect, model.count):
        with pytest.raises(ConnectionTimeoutError, match="after 1 ms") as caught:
            await call()
        assert (caught.value.code, caught.value.status_code) == ("CONNECTION_TIMEOUT", 503)
        await turns()
        assert (source.connecting, gate.held) == (False, 0)
    source._life._timeout = 0  # what is not held may take longer, too
    gate.open()
    await source.connect()
    assert source.connected


async def test_no_limit() -> None:
    """With 0 a caller waits as long as it takes."""
    source, gate = make_source(connection_timeout=0), Gate()
    store_of(source).gates["connect"] = gate
    task = asyncio.create_task(source.connect())
    await gate.wait_for(1)
    gate.open()
    await task
    assert source.connected


async def test_a_timeout_of_the_store_is_its_own() -> None:
    """A TimeoutError that the connector raises is not taken for ours."""
    source, error = make_source(), TimeoutError("the store's own")
    store_of(source).errors["connect"] = [error]
    with pytest.raises(TimeoutError) as caught:
        await source.connect()
    assert caught.value is error


async def test_only_so_many_operations_wait() -> None:
    """16 may wait, the 17th is refused at once; whoever leaves gives its place back."""
    source, gate = make_source(), Gate()  # DS-28, DS-33
    store_of(source).gates["connect"] = gate
    model = source.define("Thing", {})
    waiting = [asyncio.create_task(model.count()) for _ in range(16)]
    await gate.wait_for(1)
    await turns()
    with pytest.raises(JugglerError, match="max_offline_requests") as caught:
        await model.count()
    assert (caught.value.code, caught.value.status_code) == ("OFFLINE_QUEUE_FULL", 503)
    waiting[0].cancel()
    await turns()
    waiting.append(asyncio.create_task(model.count()))
    await turns()
    assert not waiting[-1].done()
    gate.open()
    assert await asyncio.gather(*waiting[1:]) == [0] * 16


async def test_a_timeout_gives_the_place_back() -> None:
    """Those who waited in vain are not counted any more."""  # DS-33
    source, gate = make_source(connection_timeout=1, max_offline_requests=2), Gate()
    store_of(source).gates["connect"] = gate
    model = source.define("Thing", {})
    for _ in range(3):
        found = await asyncio.gather(model.count(), model.count(), return_exceptions=True)
        assert [type(each) for each in found] == [ConnectionTimeoutError] * 2
    assert source.in_flight == 0
