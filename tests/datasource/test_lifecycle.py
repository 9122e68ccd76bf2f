"""The life of a source: blocks, first use, its events, its end."""

import asyncio
import gc
import weakref
from typing import Any

import pytest

from juggler.connectors.contract import Connector
from juggler.errors import (
    ConnectorDetachedError,
    StoreError,
)
from juggler.facade.default import ModelRegistry
from tests.datasource.stores import flags, make_source, store_of
from tests.turns import turns

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
