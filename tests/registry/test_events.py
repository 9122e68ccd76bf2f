"""Events: told after the change, to whoever listens, without a lock."""

import asyncio
import threading
from typing import Any

import pytest

from juggler.context import tenant
from juggler.registry.records import RegistryEvent
from juggler.registry.registry import ModelRegistry
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
        ("model_disposed", "T"),
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
            thread.join(5)
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
