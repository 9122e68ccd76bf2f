"""A clean-up that is forced while calls are at work: they fail, and write and return nothing."""

import asyncio
from typing import Any

import pytest

from juggler import tenant
from juggler.errors import ModelDisposedError, TenantContextError
from juggler.facade.default import ModelRegistry
from juggler.testing.gate import Gate
from tests.patience import PATIENCE
from tests.persistence.shelf import BOTH, NONE, make_source, moved, shelf_of
from tests.persistence.test_road import CALLS, EVERY

THING = {"id": {"type": int, "id": True}, "name": str}
OF_A_TENANT = pytest.mark.parametrize("own", [True, False], ids=["its own model", "a global one"])


async def stocked(own: bool, **settings: Any) -> tuple[ModelRegistry, Any, Any]:
    """Return a registry, a model that works for the tenant acme there, and a record of it."""
    registry = ModelRegistry()
    source = make_source(registry, **settings)
    registry.define("Own", tenant="acme")
    code = "acme" if own else None
    model = registry.define("Thing", THING, tenant=code, data_source=source)
    with tenant("acme"):
        return registry, model, await model.create(id=1, name="a")


async def begun(name: str, model: Any, record: Any) -> asyncio.Task[Any]:
    """Return a call that was begun for the tenant."""

    async def call() -> Any:
        return await CALLS[name](model, record)

    with tenant("acme"):
        return asyncio.create_task(call())


@EVERY
@OF_A_TENANT
@BOTH
@pytest.mark.parametrize("returns", [True, False])
async def test_in_the_store(
    name: str, own: bool, capabilities: frozenset[str], returns: bool
) -> None:
    """At whatever call of the store it is, the next step raises; nothing further is asked of it."""
    # REG-43, REG-47, REG-55
    step = 0
    while True:
        registry, model, record = await stocked(own, capabilities=capabilities)
        source = model._source
        shelf, gate = shelf_of(source), Gate()
        shelf.gate = gate
        step += 1
        task = await begun(name, model, record)
        await gate.wait_for(1)
        for _ in range(step - 1):
            before = gate.arrived
            gate.open()
            gate.close()
            await moved(gate, before, task)
        if task.done():
            await task
            return
        worker = registry.tenant("acme").owner
        assert registry.cleanup_tenant("acme").error == "in use"
        assert registry.cleanup_tenant("acme", force=True).models_removed == 1 + own
        if returns:
            registry.define("Own", tenant="acme")
        asked = len(shelf.asked)
        gate.open()
        with pytest.raises(ModelDisposedError) as caught:
            await task
        assert caught.value.tenant == "acme"
        assert len(shelf.asked) == asked, "nothing is asked of the store any more"
        assert (source.in_flight, worker.in_flight) == (0, 0)


@OF_A_TENANT
async def test_late_hooks(own: bool) -> None:
    """An observer that comes back after the clean-up is the last one; nothing is stored."""
    # REG-43
    registry, model, _ = await stocked(own)
    shelf, gate, ran = shelf_of(model._source), Gate(), list[str]()

    async def slow(context: Any) -> None:
        ran.append("slow")
        await gate.hold()

    model.observe("before save", slow)
    model.observe("before save", lambda _: ran.append("late"))
    with tenant("acme"):
        task = asyncio.create_task(model.create(id=2))
    await gate.wait_for(1)
    asked = list(shelf.asked)
    registry.cleanup_tenant("acme", force=True)
    gate.open()
    with pytest.raises(ModelDisposedError):
        await task
    assert (ran, shelf.asked) == (["slow"], asked)


@OF_A_TENANT
@pytest.mark.parametrize("hook", ["after save", "loaded"])
async def test_the_last_hooks(own: bool, hook: str) -> None:
    """Also a call whose last observer comes back too late returns nothing."""
    # REG-43
    registry, model, _ = await stocked(own)
    gate = Gate()

    async def slow(context: Any) -> None:
        await gate.hold()

    model.observe(hook, slow)
    with tenant("acme"):
        task = asyncio.create_task(model.create(id=2))
    await gate.wait_for(1)
    registry.cleanup_tenant("acme", force=True)
    gate.open()
    with pytest.raises(ModelDisposedError):
        await task


@OF_A_TENANT
async def test_lists_stop(own: bool) -> None:
    """Of a list that is stored one by one, no item is stored after the clean-up."""
    # REG-43
    registry, model, _ = await stocked(own, capabilities=NONE)
    shelf, gate = shelf_of(model._source), Gate()
    shelf.gate = gate
    with tenant("acme"):
        task = asyncio.create_task(model.create([{"id": 5}, {"id": 6}, {"id": 7}]))
    await gate.wait_for(1)
    registry.cleanup_tenant("acme", force=True)
    gate.open()
    with pytest.raises(ModelDisposedError):
        await task
    assert [row["id"] for row in shelf.table("Thing")] == [1, 5]


async def test_work_with_global_models_is_the_tenants() -> None:
    """A call on a global model in a tenant's block keeps the tenant in use and touches it."""
    # REG-41, REG-43
    registry, model, _ = await stocked(False)
    gate = shelf_of(model._source).gate = Gate()
    owner = registry.tenant("acme").owner
    accesses = owner.accesses
    with tenant("acme"):
        task = asyncio.create_task(model.find())
    await gate.wait_for(1)
    assert (owner.in_flight, owner.accesses) == (1, accesses + 1)
    assert registry.cleanup_tenant("acme").error == "in use"
    waiting = asyncio.create_task(registry.cleanup_tenant_async("acme", grace=PATIENCE))
    gate.open()
    await task
    assert (await waiting).models_removed == 1
    assert owner.in_flight == 0


async def test_a_call_from_an_old_block() -> None:
    """A block of the former life cannot begin a call either, on whatever model that is left."""
    # REG-55
    registry, model, record = await stocked(False)

    async def clean() -> None:
        registry.cleanup_tenant("acme")
        registry.define("Own", tenant="acme")

    with tenant("acme"):
        await asyncio.create_task(clean())
        for name in CALLS:
            with pytest.raises(ModelDisposedError):
                await CALLS[name](model, record)
        with tenant("bolt"):
            assert len(await model.find()) == 1
    with tenant("acme"):
        assert len(await model.find()) == 1


async def test_work_of_a_provided_tenant() -> None:
    """Where a provider says who the tenant is, calls work for that tenant, or not at all."""
    # REG-37, REG-43
    registry, model, _ = await stocked(False)
    gate = shelf_of(model._source).gate = Gate()
    registry.tenant_provider = lambda: "acme"
    task = asyncio.create_task(model.find())
    await gate.wait_for(1)
    assert registry.cleanup_tenant("acme").error == "in use"
    gate.open()
    await task
    registry.tenant_provider = lambda: 1 / 0
    with pytest.raises(TenantContextError):
        await model.find()
    registry.tenant_provider = lambda: "global"
    assert len(await model.find()) == 1
