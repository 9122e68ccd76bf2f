"""What every call has in common: capture, counters, cancellation, disposal, options."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from juggler import tenant
from juggler.errors import (
    BulkOperationError,
    ConnectorDetachedError,
    ModelDisposedError,
    OperationNotSupportedError,
    StoreError,
)
from juggler.facade.default import ModelRegistry
from juggler.persistence.road import begin
from juggler.testing.gate import Gate
from tests.persistence.shelf import BOTH, make_source, moved, shelf_of
from tests.registry.helpers import calls

Call = Callable[[Any, Any], Awaitable[Any]]

CALLS: dict[str, Call] = {
    "find": lambda m, _: m.find(),
    "find_one": lambda m, _: m.find_one(),
    "find_by_id": lambda m, _: m.find_by_id(1),
    "find_by_ids": lambda m, _: m.find_by_ids([1]),
    "exists": lambda m, _: m.exists(1),
    "count": lambda m, _: m.count(),
    "create": lambda m, _: m.create(id=5),
    "create list": lambda m, _: m.create([{"id": 5}]),
    "create_all": lambda m, _: m.create_all([{"id": 5}]),
    "update_or_create": lambda m, _: m.update_or_create({"id": 1, "name": "x"}),
    "upsert_with_where": lambda m, _: m.upsert_with_where({"id": 1}, {"name": "x"}),
    "replace_or_create": lambda m, _: m.replace_or_create({"id": 1}),
    "replace_by_id": lambda m, _: m.replace_by_id(1, {}),
    "find_or_create": lambda m, _: m.find_or_create({"id": 7}),
    "update_all": lambda m, _: m.update_all({}, {"name": "x"}),
    "destroy_all": lambda m, _: m.destroy_all({}),
    "destroy_by_id": lambda m, _: m.destroy_by_id(1),
    "save": lambda _, r: r.save(),
    "update_attributes": lambda _, r: r.update_attributes({"name": "x"}),
    "replace_attributes": lambda _, r: r.replace_attributes({"name": "x"}),
    "destroy": lambda _, r: r.destroy(),
    "reload": lambda _, r: r.reload(),
}
EVERY = pytest.mark.parametrize("name", list(CALLS))
WRITES = {"create", "create_all", "update", "replace", "destroy_all", "update_or_create"}


async def stocked(**settings: Any) -> tuple[Any, Any]:
    """Return a model with one record, and that record."""
    source = make_source(**settings)
    model = source.define("Thing", {"id": {"type": int, "id": True}, "name": str})
    return model, await model.create(id=1, name="a")


@EVERY
async def test_a_call_is_in_flight_while_it_runs(name: str) -> None:
    """Source and owner count a call from its begin to its end, and are touched by it."""
    model, record = await stocked()
    source = model.data_source
    owner, gate = model._owner, Gate()
    shelf_of(source).gate = gate
    accesses = owner.accesses
    task = asyncio.ensure_future(CALLS[name](model, record))
    await gate.wait_for(1)
    assert (source.in_flight, owner.in_flight) == (1, 1)
    assert owner.accesses > accesses
    gate.open()
    await task
    assert (source.in_flight, owner.in_flight) == (0, 0)


@EVERY
@BOTH
async def test_cancellation_leaves_everything_as_it_was(
    name: str, capabilities: frozenset[str]
) -> None:
    """A call that is cancelled while the store works changes no figure and no instance."""
    model, record = await stocked(capabilities=capabilities)
    shelf = shelf_of(model.data_source)
    record.name = "mine"
    step = 0
    while True:
        gate = shelf.gate = Gate()
        step += 1
        task = asyncio.ensure_future(CALLS[name](model, record))
        await gate.wait_for(1)
        for _ in range(step - 1):  # let some calls of the store pass, then cancel
            before = gate.arrived
            gate.open()
            gate.close()
            await moved(gate, before, task)
        if task.done():
            break
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert (model.data_source.in_flight, model._owner.in_flight) == (0, 0)
        assert record.to_dict() == {"id": 1, "name": "mine"}
        assert record.changed() == ["name"]
        assert not record.is_destroyed()
        shelf.gate = None
    await task
    assert (model.data_source.in_flight, model._owner.in_flight) == (0, 0)


@EVERY
async def test_an_error_of_the_store_leaves_everything_as_it_was(name: str) -> None:
    """A store that fails changes no figure and no instance."""
    # DAO-037
    model, record = await stocked()
    record.name = "mine"

    def fail(method: str) -> None:
        raise StoreError("The disk is full.")

    shelf_of(model.data_source).before = fail
    with pytest.raises(Exception, match="disk is full"):
        await CALLS[name](model, record)
    assert (model.data_source.in_flight, model._owner.in_flight) == (0, 0)
    assert record.to_dict() == {"id": 1, "name": "mine"}
    assert record.changed() == ["name"]
    assert not record.is_destroyed()


@EVERY
async def test_a_disposed_model_raises(name: str) -> None:
    """A model that was deleted does nothing any more, nor do its instances."""
    # REG-47
    model, record = await stocked()
    source = model.data_source
    source.delete_model_by_name("Thing")
    with pytest.raises(ModelDisposedError):
        await CALLS[name](model, record)
    assert shelf_of(source).asked == ["create"]


@EVERY
async def test_a_model_disposed_meanwhile_writes_nothing(name: str) -> None:
    """A tenant cleaned up by force while a call waits: the call raises and writes nothing more."""
    # REG-43
    registry = ModelRegistry()
    source = make_source(registry)
    with tenant("acme"):
        model = registry.define("Thing", {"id": {"type": int, "id": True}, "name": str})
        model.data_source = source
        record = await model.create(id=1, name="a")
        shelf = shelf_of(source)
        before = [dict(row) for row in shelf.table("Thing")]

        async def leave(context: Any) -> None:
            registry.cleanup_tenant("acme", force=True)

        for hook in ("access", "before save", "before delete"):
            model.observe(hook, leave)
        with pytest.raises((ModelDisposedError, BulkOperationError)) as caught:
            await CALLS[name](model, record)
        assert caught.value.status_code == 410
        assert shelf.table("Thing") == before


@EVERY
@BOTH
async def test_a_model_disposed_while_the_store_works(
    name: str, capabilities: frozenset[str]
) -> None:
    """A model that goes while the store is at work ends the call; the instance stays as it was."""
    # REG-43, REG-47
    model, record = await stocked(capabilities=capabilities)
    source = model.data_source
    gate = shelf_of(source).gate = Gate()
    record.name = "mine"
    task = asyncio.ensure_future(CALLS[name](model, record))
    await gate.wait_for(1)
    source.delete_model_by_name("Thing")
    gate.open()
    if name in {"count", "exists", "update_all", "destroy_all", "destroy_by_id", "destroy"}:
        await asyncio.gather(task, return_exceptions=True)
    else:
        with pytest.raises((ModelDisposedError, BulkOperationError)) as caught:
            await task
        assert caught.value.status_code == 410
    assert record.to_dict() == {"id": 1, "name": "mine"}
    assert source.in_flight == 0


@EVERY
async def test_a_closed_source_raises(name: str) -> None:
    """Without its data source a model names method and model in its error."""
    # DAO-010
    model, record = await stocked()
    await model.data_source.close()
    with pytest.raises(ConnectorDetachedError):
        await CALLS[name](model, record)


async def test_a_model_without_source_names_method_and_model() -> None:
    """A model that is attached to nothing says which method of which model needs a store."""
    # DAO-010
    model = ModelRegistry().define("Lost", {"name": str})
    with pytest.raises(ConnectorDetachedError, match=r"find_one.*Lost"):
        await model.find_one()
    with pytest.raises(ConnectorDetachedError):
        model.get_connector()


async def test_get_connector_gives_the_connector() -> None:
    """`get_connector` answers the connector the model's records are on."""
    model, _ = await stocked()
    assert model.get_connector() is shelf_of(model.data_source)


@EVERY
@BOTH
async def test_a_call_asks_for_its_source_once(name: str, capabilities: frozenset[str]) -> None:
    """Routing is asked once per call, when it begins."""
    # DAO-004
    model, record = await stocked(capabilities=capabilities)
    source, asked = model.data_source, []
    model.data_source = None
    home = model._owner

    def route(owner: Any, found: Any) -> Any:
        asked.append(found)
        return source

    home.registry._route = route
    await CALLS[name](model, record)
    assert asked == [model]


@EVERY
async def test_options_that_are_no_mapping_are_a_mistake(name: str) -> None:
    """`options` is a mapping or nothing."""
    # DAO-002
    model, record = await stocked()
    method = name.split(maxsplit=1)[0]
    target = record if hasattr(type(record), method) else model
    arguments = {
        "find_by_id": (1,),
        "find_by_ids": ([1],),
        "exists": (1,),
        "update_or_create": ({},),
        "create_all": ([],),
        "upsert_with_where": ({}, {}),
        "replace_or_create": ({},),
        "replace_by_id": (1, {}),
        "find_or_create": ({},),
        "update_all": ({}, {}),
        "destroy_by_id": (1,),
        "update_attributes": ({},),
        "replace_attributes": ({},),
    }.get(method, ())
    with pytest.raises(TypeError, match="options"):
        await getattr(target, method)(*arguments, options=[1])


async def test_a_transaction_is_refused_not_ignored() -> None:
    """On a store without transactions, naming one is an error, not a write outside of it."""
    model, _ = await stocked()
    with pytest.raises(TypeError):
        await model.create({"id": 2}, {"transaction": object()})
    with pytest.raises(OperationNotSupportedError):
        await model.begin_transaction()
    await model.create({"id": 2}, {"transaction": None})


async def test_the_first_call_connects() -> None:
    """A call on a source that is not connected connects it, once however many ask."""
    # DAO-009
    source = make_source()
    model = source.define("Thing", {"name": str})
    assert not source.connected
    await asyncio.gather(*(model.count() for _ in range(10)))
    assert source.connected


async def test_a_call_that_is_cancelled_while_connecting_is_not_in_flight() -> None:
    """Waiting for the connection counts as being in flight, and ends with the call."""
    source = make_source()
    model = source.define("Thing", {"name": str})
    gate = Gate()

    async def connect() -> None:
        await gate.hold()

    shelf: Any = shelf_of(source)
    shelf.connect = connect
    task = asyncio.ensure_future(model.count())
    await gate.wait_for(1)
    assert (source.in_flight, model._owner.in_flight) == (1, 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (source.in_flight, model._owner.in_flight) == (0, 0)
    gate.open()
    assert await model.count() == 0


async def test_a_source_closed_meanwhile_writes_nothing() -> None:
    """Closing the source while a call waits in a hook ends the call before it writes."""
    # DAO-010
    model, record = await stocked()
    source = model.data_source
    shelf = shelf_of(source)

    async def close(context: Any) -> None:
        await source.close()

    model.observe("before save", close)
    with pytest.raises(ConnectorDetachedError):
        await record.update_attributes({"name": "x"})
    assert shelf.asked == ["create"]
    assert record.name == "a"


async def test_a_source_that_went_away_names_method_and_model() -> None:
    """A source that was closed under a model that is still there says who misses it."""
    # DAO-010
    model, _ = await stocked()
    source = model.data_source
    source.connector = None
    with pytest.raises(ConnectorDetachedError, match=r"count.*Thing"):
        await model.count()
    await source.disconnect()
    with pytest.raises(ConnectorDetachedError, match=r"count.*Thing"):
        await model.count()
    with pytest.raises(ConnectorDetachedError, match=r"get_connector.*Thing"):
        model.get_connector()
    free = ModelRegistry().define("Free", {"name": str})
    for call in (free.get_connector, free.begin_transaction):
        with pytest.raises(ConnectorDetachedError, match=rf"{call.__name__}.*Free"):
            call()


async def test_an_instance_may_have_a_source_of_its_own() -> None:
    """An instance made with a data source is stored there; the model's own stays empty."""
    # DAO-004
    model, _ = await stocked()
    other = make_source()
    record = await model({"id": 7}, data_source=other).save()
    await record.update_attributes({"name": "x"})
    assert shelf_of(other).table("Thing") == [{"id": 7, "name": "x"}]
    assert [row["id"] for row in shelf_of(model.data_source).table("Thing")] == [1]
    assert (await record.reload()).name == "x"
    fresh = await record.replace_attributes({"name": "y"})
    fresh.name = "z"
    await fresh.save()
    assert shelf_of(other).table("Thing") == [{"id": 7, "name": "z"}]
    assert await model.count() == 1
    assert await record.destroy() == {"count": 1}
    assert shelf_of(other).table("Thing") == []


async def test_a_model_without_owner_works_with_a_source() -> None:
    """A model that is registered nowhere can be given a source and used."""
    model, _ = await stocked()
    model._owner = None
    assert await model.count() == 1


async def test_what_every_call_does_first_and_last_takes_few_steps() -> None:
    """Beginning, entering and leaving a call that nobody observes is a fixed, small amount."""
    model, _ = await stocked()

    async def nothing() -> None:
        async with begin(model, "find"):
            pass

    def whole() -> None:
        with pytest.raises(StopIteration):
            nothing().send(None)

    def bare() -> None:
        async def none() -> None:
            """Do nothing."""

        with pytest.raises(StopIteration):
            none().send(None)

    assert calls(whole) - calls(bare) <= 32
