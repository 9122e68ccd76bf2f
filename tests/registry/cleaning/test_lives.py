"""Generations: what began before a clean-up has no part in the tenant that returns."""

import asyncio
import contextvars
import gc
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from juggler.context import _lives, tenant
from juggler.errors import ModelDisposedError
from juggler.registry.registry import ModelRegistry
from tests.patience import PATIENCE
from tests.registry.helpers import Store, check

PLACE = {"lat": float, "lng": float}


def elsewhere(work: Callable[[], Any]) -> Any:
    """Do *work* in a thread without any tenant; return what it does."""
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join(PATIENCE)
    return found[0]


def renew(registry: ModelRegistry) -> Any:
    """Clean the tenant up and bring it back, in another thread; return its new model."""

    def work() -> Any:
        registry.cleanup_tenant("acme")
        return registry.define("New", {"where": PLACE}, tenant="acme")

    return elsewhere(work)


WRITES: dict[str, Callable[[ModelRegistry], Any]] = {
    "define": lambda registry: registry.define("A", {"x": int}),
    "define nested": lambda registry: registry.define("A", {"where": PLACE}),
    "define for the code": lambda registry: registry.define("A", tenant="acme"),
    "builder": lambda registry: registry.builder.define("A", {}),
    "extend": lambda registry: registry.extend("Global", {"y": int}),
    "register": lambda registry: registry.register_model(
        registry.builder.registry.model_type("A", registry.global_models["Global"]._blueprint)
    ),
    "declare": lambda registry: registry.declare("acme", {"A": {"x": int}}),
    "tenant": lambda registry: registry.tenant("acme"),
}


@pytest.mark.parametrize("returns", [True, False])
@pytest.mark.parametrize("way", WRITES)
def test_an_old_block_registers_nothing(registry: ModelRegistry, way: str, returns: bool) -> None:
    """A block that was entered before the clean-up can bring nothing into the new life."""
    # REG-55
    registry.define("Global", {"x": int})
    registry.define("Old", tenant="acme")
    with tenant("acme"):
        if returns:
            renew(registry)
        else:
            elsewhere(lambda: registry.cleanup_tenant("acme"))
        before = registry.get_stats()
        with pytest.raises(ModelDisposedError) as caught:
            WRITES[way](registry)
        assert caught.value.tenant == "acme"
        assert "enter the tenant anew" in str(caught.value)
        assert registry.get_stats() == before, "nothing was changed"
    with tenant("acme"):
        WRITES[way](registry)
        registry.tenant("acme").get_all_models()
    check(registry)


def test_an_old_block_sees_nothing_of_the_new_life(registry: ModelRegistry) -> None:
    """No read in an old block leads to a model of the life that it is no part of."""
    # REG-55
    common = registry.define("Common", {"x": int})
    with tenant("acme"):
        registry.define("Old")
        renew(registry)
        assert registry.find_model_by_name("Old") is None
        assert registry.find_model_by_name("New") is None
        assert registry.find_model_by_structure(PLACE) is None
        assert registry.tenant("acme", create=False) is None
        assert registry.get_model_for_owner_with_type("acme", "New", "tenant") is None
        assert dict(registry.builder.models) == {}
        assert registry.find_model_by_name("Common") is common, "global ones are still everybody's"
        with tenant("acme"):
            assert registry.find_model_by_name("New") is not None, "entered anew"
        assert registry.find_model_by_name("New") is None


def test_kept_handles(registry: ModelRegistry, store: Store) -> None:
    """A tenant's handle or namespace that was kept over a clean-up registers nothing."""
    # REG-55
    registry.define("Old", tenant="acme")
    handle = registry.tenant("acme")
    space = handle.models
    new = renew(registry)
    model = store.define("B")
    write: Callable[[], Any]
    for write in (
        lambda: handle.register_model(model),
        lambda: space.set_model("B", model),
        lambda: registry.register_model(model, owner=handle),
    ):
        with pytest.raises(ModelDisposedError) as caught:
            write()
        assert caught.value.tenant == "acme"
    assert (len(space), handle.get_all_models()) == (0, [])
    assert list(registry.tenant("acme").models.values()) == [new, new.nested["where"]][::-1]
    assert handle.cleanup().models_removed == 0
    assert not new.is_disposed
    check(registry)


def test_who_cleans_up_goes_on(registry: ModelRegistry) -> None:
    """The task that called the clean-up itself works on in the new life, in all its blocks."""
    # REG-55
    with tenant("acme"), tenant("bolt"), tenant("acme"):
        registry.define("A")
        registry.cleanup_tenant("acme")
        first = registry.define("A")
        assert registry.find_model_by_name("A") is first
    with tenant("acme"):
        with tenant("bolt"):
            registry.cleanup_tenant("acme")
        registry.define("A")
    check(registry)


async def test_tasks_of_before_do_not(registry: ModelRegistry) -> None:
    """A task that was started before belongs to the former life, one started after to the new."""
    # REG-55
    go = asyncio.Event()

    async def late() -> Any:
        await go.wait()
        return registry.define("Late")

    with tenant("acme"):
        registry.define("A")
        before = asyncio.create_task(late())
        await asyncio.sleep(0)
        await registry.cleanup_tenant_async("acme")
        after = asyncio.create_task(late())
        go.set()
        assert (await after).owner == "acme"
        with pytest.raises(ModelDisposedError):
            await before


def test_registries_do_not_disturb_each_other(registry: ModelRegistry) -> None:
    """A clean-up in one registry ends nothing for the same code in another."""
    # REG-55
    other = ModelRegistry()
    with tenant("acme"):
        for each in (registry, other):
            each.define("A")
        renew(registry)
        assert other.define("B").owner == "acme"
        renew(other)
        for each in (registry, other):
            with pytest.raises(ModelDisposedError):
                each.define("C")


def test_an_unknown_tenant_is_not_brought_back(registry: ModelRegistry) -> None:
    """A clean-up counts for open blocks of a tenant that has nothing yet, too."""
    # REG-55
    with tenant("acme"):
        elsewhere(lambda: registry.cleanup_tenant("acme"))
        with pytest.raises(ModelDisposedError):
            registry.define("A")
    assert registry.tenants() == []


def test_many_clean_ups_leave_nothing(registry: ModelRegistry) -> None:
    """Lives are forgotten with their blocks: no trace is left of who was cleaned up."""
    # REG-55, REG-80
    with tenant("host"):
        for at in range(3_000):
            with tenant(f"guest{at}"):
                registry.cleanup_tenant(f"guest{at}")
            with tenant("host"):
                elsewhere_ended = registry.cleanup_tenant("host")
            assert elsewhere_ended.error is None
        assert len(_lives) < 1_500
        assert len(_lives["host"].ends or ()) == 1
    for at in range(3_000):
        with tenant(f"passer{at}"):
            pass
    assert len(_lives) <= 1_100
    kept = contextvars.copy_context()
    with tenant("kept"):
        kept = contextvars.copy_context()
    for at in range(3_000):
        with tenant(f"passer{at}"):
            pass
    registry.cleanup_tenant("kept")
    with pytest.raises(ModelDisposedError):
        kept.run(registry.define, "A")


def test_a_registry_is_not_kept(registry: ModelRegistry) -> None:
    """A registry that ended a life goes when nobody has it, blocks or no blocks."""
    # REG-55, REG-80
    with tenant("acme"):
        elsewhere(partial(ModelRegistry.cleanup_tenant, passing := ModelRegistry(), "acme"))
        assert len(_lives["acme"].ends or ()) == 1
        del passing
        gc.collect()
        assert len(_lives["acme"].ends or ()) == 0
