"""Events: told after the change, to whoever listens, without a lock."""

import asyncio
import threading
from typing import Any

import pytest

from juggler.context import tenant
from juggler.registry.records import EVENTS, RegistryEvent
from juggler.registry.registry import ModelRegistry
from tests.patience import PATIENCE
from tests.registry.helpers import Store, check


def names(events: list[RegistryEvent]) -> list[tuple[str, str | None]]:
    """Return event and model of each record."""
    return [(each.event, each.model) for each in events]


def test_every_change_is_told(registry: ModelRegistry, store: Store, other: Store) -> None:
    """Registering, moving, replacing and disposing are told, in their order."""
    # REG-60
    told: list[RegistryEvent] = []
    stop = registry.on("*", told.append)
    model = store.define("A", {"x": int})
    other.attach(model)
    other.define("A", {"x": str})
    registry.define("T", tenant="acme")
    registry.cleanup_tenant("acme")
    stop()
    store.define("B")
    assert names(told) == [
        ("model_registered", "A"), ("model_moved", "A"), ("model_registered", "A"),
        ("model_replaced", "A"),
        ("model_disposed", "A"), ("tenant_created", None), ("model_registered", "T"),
        ("tenant_cleaning", None), ("model_disposed", "T"),
        ("tenant_cleaned", None),
    ]  # fmt: skip
    assert told[-1].result is not None
    assert told[-1].result.cleaned_models == ("T",)
    assert {each.tenant for each in told[-4:]} == {"acme"}
    with pytest.raises(AttributeError):
        told[0].event = "x"  # type: ignore[misc]  # that is the test


def test_handlers_may_use_the_registry(registry: ModelRegistry, store: Store) -> None:
    """A handler sees the whole change and may change the registry itself, from any thread."""
    # REG-60, REG-74
    seen: list[Any] = []

    def handler(event: RegistryEvent) -> None:
        check(registry)
        seen.append(store.models.get(event.model or ""))
        if event.model == "A":
            thread = threading.Thread(target=lambda: store.define("B"))
            thread.start()
            thread.join(PATIENCE)
            assert not thread.is_alive(), "no lock is held"

    registry.on("model_registered", handler)
    model = store.define("A")
    assert seen == [model, store.models["B"]]


def test_failing_handlers(registry: ModelRegistry, store: Store) -> None:
    """A handler that fails breaks nothing and no other handler."""
    # REG-60
    told: list[RegistryEvent] = []

    def failing(event: RegistryEvent) -> None:
        raise ZeroDivisionError

    registry.on("model_registered", failing)
    registry.on("model_registered", told.append)
    assert store.define("A") is store.models["A"]
    assert len(told) == 1


def test_failing_handlers_are_told(registry: ModelRegistry, store: Store) -> None:
    """Whose handler failed, at which event and by what error, is an event itself."""
    # REG-60
    told: list[RegistryEvent] = []

    def failing(event: RegistryEvent) -> None:
        raise ZeroDivisionError

    registry.on("model_registered", failing)
    registry.on("handler_failed", told.append)
    store.define("A")
    (event,) = told
    assert isinstance(event.error, ZeroDivisionError)
    assert event.details["event"] == "model_registered"
    assert "failing" in event.details["handler"]


def test_a_failing_handler_of_failures(registry: ModelRegistry, store: Store) -> None:
    """When the handler that is told of failures fails itself, that is the end of it."""
    # REG-60
    called: list[str] = []

    def failing(event: RegistryEvent) -> None:
        called.append(event.event)
        raise ZeroDivisionError

    registry.on("*", failing)
    registry.on("handler_failed", failing)
    assert store.define("A") is store.models["A"]
    assert called == ["model_registered", "handler_failed", "handler_failed"]


async def test_failing_async_handlers_are_told(registry: ModelRegistry, store: Store) -> None:
    """An async handler that fails later is told of as well."""
    # REG-60
    told: asyncio.Queue[RegistryEvent] = asyncio.Queue()

    async def failing(event: RegistryEvent) -> None:
        await asyncio.sleep(0)
        raise ZeroDivisionError

    registry.on("model_registered", failing)
    registry.on("handler_failed", told.put_nowait)
    store.define("A")
    assert isinstance((await told.get()).error, ZeroDivisionError)


def test_unknown_events(registry: ModelRegistry) -> None:
    """There is no waiting for an event that never comes: unknown names are refused."""
    # REG-60
    with pytest.raises(ValueError, match="tenant_cleaning, tenant_cleaned"):
        registry.on("tenant_cleaned_up", print)
    for event in (*EVENTS, "*"):
        registry.on(event, print)()


def test_a_veto(registry: ModelRegistry) -> None:
    """A handler of `tenant_cleaning` that returns False keeps the tenant whole, forced or not."""
    # REG-60
    told: list[RegistryEvent] = []
    model = registry.define("A", tenant="acme")
    registry.on("tenant_cleaning", told.append)
    registry.on("tenant_cleaned", told.append)
    stop = registry.on("tenant_cleaning", lambda event: event.tenant != "acme")
    for force in (False, True):
        result = registry.cleanup_tenant("acme", force=force, reason="left")
        assert (result.error or "").startswith("vetoed by a handler")
        assert (result.models_removed, result.reason) == (0, "left")
    assert registry.tenant("acme").models["A"] is model
    assert [dict(each.details) for each in told] == [
        {"reason": "left", "force": False}, {"reason": "left", "force": True},
    ]  # fmt: skip
    assert registry.cleanup_tenant("bolt").error is None
    stop()
    assert registry.cleanup_tenant("acme").models_removed == 1
    assert told[-1].event == "tenant_cleaned"
    check(registry)


@pytest.mark.parametrize("answer", [None, 0, "", True])
def test_only_false_is_a_veto(registry: ModelRegistry, answer: Any) -> None:
    """Whatever else a handler returns, a failing one and one of all events are no vetoes."""
    # REG-60
    registry.define("A", tenant="acme")
    registry.on("tenant_cleaning", lambda _: answer)
    registry.on("tenant_cleaning", lambda _: 1 / 0)
    registry.on("*", lambda _: False)
    assert registry.cleanup_tenant("acme").models_removed == 1


async def test_async_vetoes(registry: ModelRegistry) -> None:
    """An async handler may veto the async clean-up, which waits for it; not the sync one."""
    # REG-60
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def against(event: RegistryEvent) -> bool:
        await asyncio.sleep(0)
        heard.put_nowait(event.event)
        return False

    registry.define("A", tenant="acme")
    registry.on("tenant_cleaning", against)
    result = await registry.cleanup_tenant_async("acme", force=True)
    assert (result.error or "").startswith("vetoed by a handler")
    assert "A" in registry.tenant("acme").models
    assert registry.cleanup_tenant("acme").models_removed == 1
    assert [await heard.get() for _ in range(2)] == ["tenant_cleaning"] * 2


async def test_async_handlers(registry: ModelRegistry, store: Store) -> None:
    """An async handler runs as a task of the running loop."""
    # REG-60
    done: asyncio.Queue[str | None] = asyncio.Queue()

    async def handler(event: RegistryEvent) -> None:
        await done.put(event.model)

    registry.on("model_registered", handler)
    store.define("A")
    assert await done.get() == "A"


def test_last_calls(registry: ModelRegistry) -> None:
    """What a model wants done at its end is done once, in reverse order, whatever fails."""
    # REG-46
    done: list[str] = []
    told: list[RegistryEvent] = []
    registry.on("handler_failed", told.append)
    with tenant("acme"):
        model = registry.define("A", {"x": int})

    def second() -> None:
        done.append("second")
        raise ZeroDivisionError

    assert model.on_dispose(first := lambda: done.append("first")) is first
    model.on_dispose(second)
    model.on_dispose(lambda: done.append("third"))
    registry.cleanup_tenant("acme")
    registry.remove(model)
    assert done == ["third", "second", "first"]
    assert [(each.model, type(each.error)) for each in told] == [("A", ZeroDivisionError)]
    assert told[0].details["event"] == "model_disposed"


async def test_async_last_calls(registry: ModelRegistry) -> None:
    """The last call of a model may be async."""
    # REG-46
    done = asyncio.Event()

    async def close() -> None:
        done.set()

    model = registry.define("A")
    model.on_dispose(close)
    registry.remove(model)
    await done.wait()


def test_a_method_called_cleanup_is_the_users(registry: ModelRegistry) -> None:
    """A user's own attribute or property that is called `cleanup` is never called."""
    # REG-46, fault 19
    called: list[int] = []
    model = registry.define(
        "A", {"cleanup": "any", "aclose": "any", "dispose": "any"}, tenant="acme"
    )
    instance = model(cleanup=lambda: called.append(1))
    instance.cleanup = "mine"
    registry.cleanup_tenant("acme")
    assert called == []
    assert instance.cleanup == "mine"


def test_a_source_that_cannot_forget(registry: ModelRegistry, store: Store) -> None:
    """A connector's fault keeps no model from going."""

    # REG-46
    class Broken(Store):
        """Cannot forget."""

        def forget(self, model: Any) -> None:
            raise ZeroDivisionError

    broken = Broken(registry)
    models = [broken.define(name) for name in ("A", "B")]
    broken.models.clear()
    assert all(model.is_disposed for model in models)
    check(registry)
