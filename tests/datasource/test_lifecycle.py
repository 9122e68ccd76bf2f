"""Connecting and disconnecting."""

import asyncio
import gc
import weakref
from typing import Any

import pytest

from juggler.connectors.contract import Connector
from juggler.datasource.datasource import DataSource
from juggler.errors import (
    ConnectionTimeoutError,
    ConnectorDetachedError,
    JugglerError,
    StoreError,
)
from juggler.facade.default import ModelRegistry
from juggler.testing.gate import Gate
from tests.datasource.stores import Store, make_source, store_of


async def turns(count: int = 8) -> None:
    """Let other tasks go on."""
    for _ in range(count):
        await asyncio.sleep(0)


def flags(source: DataSource) -> tuple[bool, bool, bool]:
    """Return whether a source is initialized, connecting, connected."""
    return source.initialized, source.connecting, source.connected


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


# blocks ---------------------------------------------------------------------------------------


async def test_a_block_connects_and_disconnects() -> None:
    """`async with` opens the source and closes it; a second block works."""  # DS-29, REG-52
    source = make_source()
    model = source.define("Thing", {})
    for _ in range(2):
        async with source as entered:
            assert entered is source
            assert source.connected
            assert await model.count() == 0
        assert not source.connected
    assert source.models["Thing"] is model
    assert store_of(source).asked == ["connect", "count Thing", "disconnect"] * 2


async def test_a_block_may_leave_it_to_the_first_use() -> None:
    """With `lazy_connect` the first operation connects."""  # DS-22
    source = make_source(lazy_connect=True)
    model = source.define("Thing", {})
    async with source:
        assert not source.connected
        await model.count()
        assert source.connected
    assert store_of(source).asked == ["connect", "count Thing", "disconnect"]


async def test_a_block_ends_on_errors() -> None:
    """Whatever happens inside, the source is closed."""
    source = make_source()
    with pytest.raises(LookupError):
        async with source:
            raise LookupError
    assert not source.connected


async def test_the_first_use_connects() -> None:
    """Without a block an operation connects by itself."""  # DAO-009
    source = make_source()
    assert await source.define("Thing", {}).count() == 0
    await source.ping()
    assert await source.execute("go", [1], x=2) == ("go", [1], {"x": 2})
    assert store_of(source).asked == ["connect", "count Thing", "ping", "execute"]
    assert source.in_flight == 0


async def test_ping_raises_what_the_store_says() -> None:
    """The connector's error reaches the caller unchanged."""  # DS-30
    source, error = make_source(), StoreError("no answer")
    store_of(source).errors["ping"] = [error]
    with pytest.raises(StoreError) as caught:
        await source.ping()
    assert caught.value is error


# closed ---------------------------------------------------------------------------------------


async def test_closing_lets_the_models_go() -> None:
    """After `close` models and source raise; closing again is harmless."""  # REG-52, DS-57, DS-58
    source = make_source()
    model = source.define("Thing", {})
    store = store_of(source)
    async with source:
        await source.close()
    await source.aclose()
    assert store.asked == ["connect", "disconnect"]
    assert flags(source) == (False, False, False)
    assert source.connector is None
    assert list(source.models) == []
    assert store.defined == []
    assert model.is_disposed
    for call in (model.count, source.connect, source.ping, source.autoupdate):
        with pytest.raises(ConnectorDetachedError):
            await call()
    with pytest.raises(ConnectorDetachedError):
        source.define("Other", {})
    with pytest.raises(ConnectorDetachedError):
        source.attach(model)
    assert "closed" not in repr(source)


async def test_closing_goes_on_past_a_failing_disconnect() -> None:
    """The models go even where the store cannot be closed."""  # DS-57
    source = make_source()
    model = source.define("Thing", {})
    await source.connect()
    store_of(source).errors["disconnect"] = [StoreError("stuck")]
    with pytest.raises(StoreError):
        await source.close()
    assert model.is_disposed
    assert source.connector is None


async def test_closing_one_changes_nothing_for_the_other() -> None:
    """Two sources with equal settings are two owners."""  # REG-54
    registry = ModelRegistry()
    one, two = make_source(registry=registry), make_source(registry=registry)
    models = [source.define("Thing", {"a": int}) for source in (one, two)]
    await one.close()
    assert [model.is_disposed for model in models] == [True, False]
    assert await models[1].count() == 0
    await two.close()


# event loops ----------------------------------------------------------------------------------


class Bound(Store):
    """A store that works in the event loop alone that it was opened in."""

    def __init__(self, settings: Any, host: Any) -> None:
        super().__init__(settings, host)
        self.loop: Any = None

    async def connect(self) -> None:
        """Open."""
        await super().connect()
        self.loop = asyncio.get_running_loop()

    async def count(self, info: Any, where: Any, options: Any) -> int:
        """Fail in another loop."""
        assert self.loop is asyncio.get_running_loop()
        return await super().count(info, where, options)


class Free(Store):
    """A store that works in any event loop."""

    loop_bound = False


def test_one_loop_after_the_other_with_blocks() -> None:
    """A source of a module works in the `async with` of each `asyncio.run`."""
    source = make_source(Bound)
    model = source.define("Thing", {})

    async def main() -> int:
        async with source:
            found: list[int] = await asyncio.gather(*(model.count() for _ in range(20)))
            return sum(found)

    assert [asyncio.run(main()) for _ in range(3)] == [0, 0, 0]


def test_one_loop_after_the_other_without_blocks() -> None:
    """What a closed loop left open is opened anew, however many ask first."""
    source = make_source(Bound, auto_update=True)
    model = source.define("Thing", {})

    async def main() -> None:
        await asyncio.gather(*(model.count() for _ in range(16)))

    asyncio.run(main())
    store_of(source).errors["disconnect"] = [RuntimeError("Event loop is closed")]
    asyncio.run(main())
    asked = [each for each in store_of(source).asked if not each.startswith("count")]
    assert asked == ["connect", "autoupdate Thing", "disconnect", "connect"]


def test_what_is_bound_to_no_loop_stays_open() -> None:
    """A connector that works in every loop is not opened again."""
    source = make_source(Free)
    model = source.define("Thing", {})
    for _ in range(2):
        asyncio.run(model.count())
    assert store_of(source).asked == ["connect", "count Thing", "count Thing"]


def test_a_loop_that_died_while_it_connected() -> None:
    """An attempt that ended with its loop holds up nobody."""
    source, gate = make_source(Bound), Gate()
    store_of(source).gates["connect"] = gate

    async def begin() -> None:
        asking = asyncio.create_task(source.connect())
        await gate.wait_for(1)
        assert not asking.done()

    asyncio.run(begin())  # which cancels what still runs
    del store_of(source).gates["connect"]
    asyncio.run(source.connect())
    assert source.connected


# events ---------------------------------------------------------------------------------------


async def test_events_are_told() -> None:
    """`connected` and `disconnected` come with the source, `error` with what went wrong."""
    source, heard = make_source(), list[Any]()  # DS-24
    error = StoreError("no")
    for name in ("connected", "disconnected", "error"):
        source.on(name, lambda record, name=name: heard.append((name, record)))  # type: ignore[misc]
    store_of(source).errors["connect"] = [error]
    with pytest.raises(StoreError):
        await source.connect()
    await source.connect()
    await source.disconnect()
    assert heard == [("error", error), ("connected", source), ("disconnected", source)]


async def test_a_failing_listener_breaks_nothing() -> None:
    """Neither sync nor async listeners disturb what they listen to."""  # DS-24, DS-35
    source, heard = make_source(), list[Any]()

    def fail(_: Any) -> None:
        raise LookupError("listener")

    async def fail_later(_: Any) -> None:
        raise LookupError("async listener")

    source.on("connected", fail)
    source.on("connected", fail_later)
    source.once("connected", heard.append)
    source.on("connected", heard.append)
    await source.connect()
    await turns()
    assert source.connected
    assert heard == [source, source]
    source.off("connected", heard.append)
    await source.disconnect()
    await source.connect()
    assert len(heard) == 2


# garbage --------------------------------------------------------------------------------------


def test_a_dropped_source_takes_its_models_along() -> None:
    """Without a call, source, models, connector and namespace are freed together."""  # REG-04
    registry = ModelRegistry()
    source = make_source(registry=registry)
    model = source.define("Thing", {"home": {"a": "string"}})
    traces = [weakref.ref(each) for each in (source, model, source.connector, source.models)]
    del model, source
    gc.collect()
    assert [trace() for trace in traces] == [None] * 4
    assert registry.get_all_models() == []


def test_a_model_keeps_its_source() -> None:
    """Who holds a model alone can go on using it."""  # REG-04
    model = make_source().define("Thing", {})
    gc.collect()
    assert isinstance(model.data_source.connector, Connector)
    assert asyncio.run(model.count()) == 0
