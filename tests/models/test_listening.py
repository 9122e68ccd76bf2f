"""Events of models and builders."""

import gc
import weakref
from typing import Any

import pytest

from juggler import DataSource
from juggler.errors import DefinitionError
from juggler.facade.default import ModelRegistry
from juggler.models.listening import EventMethods


@pytest.fixture(params=["model", "builder"])
def emitter(request: pytest.FixtureRequest, registry: ModelRegistry) -> EventMethods:
    """Whatever has events."""
    found: EventMethods = (
        registry.define("A", {"x": "number"}) if request.param == "model" else registry.builder
    )
    return found


# MOD-44
def test_listeners_are_called_in_order(emitter: EventMethods) -> None:
    """`on`, `once`, `off` and `emit` do what their names say."""
    seen: list[Any] = []
    assert emitter.emit("x", 1) is False
    first = emitter.on("x", lambda *args: seen.append(("first", args)))

    @emitter.on("x")
    def second(*args: Any) -> None:
        seen.append(("second", args))

    emitter.once("x", lambda *args: seen.append(("once", args)))
    assert emitter.emit("x", 1, 2) is True
    assert seen == [("first", (1, 2)), ("second", (1, 2)), ("once", (1, 2))]
    seen.clear()
    emitter.off("x", first)
    emitter.off("x", first)
    emitter.emit("x")
    assert seen == [("second", ())]
    assert emitter.listeners("x") == [second]
    emitter.on("y", second)
    emitter.remove_all_listeners("x")
    assert (emitter.listener_count("x"), emitter.listener_count("y")) == (0, 1)
    emitter.remove_all_listeners()
    assert emitter.emit("y") is False


# MOD-44
def test_there_may_be_many_listeners(emitter: EventMethods) -> None:
    """A hundred listeners are as good as one, and each counts as often as it was added."""
    seen: list[int] = []
    for number in range(100):
        emitter.on("x", lambda number=number: seen.append(number))
    emitter.emit("x")
    assert seen == list(range(100))
    same = emitter.on("z", seen.clear)
    emitter.on("z", same)
    emitter.off("z", same)
    assert emitter.listener_count("z") == 1


def test_errors_are_the_emitters(emitter: EventMethods) -> None:
    """What a listener raises ends the round and comes out of `emit`."""
    seen: list[str] = []
    emitter.on("x", lambda: seen.append("a"))
    emitter.on("x", lambda: seen[5])
    emitter.on("x", lambda: seen.append("b"))
    with pytest.raises(IndexError):
        emitter.emit("x")
    assert seen == ["a"]


def test_listeners_cannot_wait(emitter: EventMethods) -> None:
    """An async listener, or one that cannot be called, is refused at once."""

    async def slow() -> None:
        """Never run."""

    for listener in (slow, 5):
        for add in (emitter.on, emitter.once):
            with pytest.raises(DefinitionError):
                add("x", listener)  # type: ignore[call-overload]
    assert emitter.listener_count("x") == 0


def test_a_listener_that_leaves_while_it_is_called(emitter: EventMethods) -> None:
    """Who is called is decided when the event is emitted."""
    seen: list[str] = []

    def leave() -> None:
        seen.append("leave")
        emitter.off("x", leave)
        emitter.on("x", lambda: seen.append("late"))

    emitter.on("x", leave)
    emitter.emit("x")
    assert seen == ["leave"]
    emitter.emit("x")
    assert seen == ["leave", "late"]


# MOD-74, MOD-80
def test_set_is_emitted(registry: ModelRegistry) -> None:
    """`set_attributes` tells of the instance; other writes do not, nor does what is no mapping."""
    model = registry.define("A", {"x": "number", "y": "number"}, scope={"where": {"y": 5}})
    seen: list[Any] = []
    model.on("set", seen.append)
    made = model(x=1)
    made.x = 2
    made.from_object({"y": 1})
    assert (seen, made.y) == ([], 1)
    made.set_attributes({"x": 3})
    assert ([each is made for each in seen], made.x, made.y) == ([True], 3, 5)
    made.set_attributes(None)
    made.set_attributes(["x"])
    assert len(seen) == 1


# MOD-51
def test_attachment_is_emitted(registry: ModelRegistry) -> None:
    """A model tells when it is attached, and not when it is there already."""
    source = DataSource("memory", registry=registry)
    model = registry.define("A", {"x": "number"})
    seen: list[Any] = []
    for event in ("data_source_attached", "data_access_configured"):
        model.on(event, lambda found, event=event: seen.append((event, found is model)))
    source.attach(model)
    source.attach(model)
    assert seen == [("data_access_configured", True), ("data_source_attached", True)]


# MOD-41
def test_builders_tell_of_models(registry: ModelRegistry) -> None:
    """Each model that is defined through a builder is told of once it is complete."""
    seen: list[Any] = []
    registry.builder.on(
        "define", lambda model: seen.append((model.model_name, list(model.shape.names)))
    )
    registry.define("A", {"x": "number"})
    DataSource("memory", registry=registry).define("B", {}, base="A")
    assert seen == [("A", ["id", "x"]), ("B", ["id", "x"])]


def test_listeners_go_with_their_model(registry: ModelRegistry) -> None:
    """A listener that refers to its model does not keep it."""
    model = registry.define("A", {})

    def listener(found: Any = model) -> Any:
        return found

    model.on("x", listener)
    gone = weakref.ref(model), weakref.ref(listener)
    gc.disable()
    try:
        registry.remove(model)
        del model, listener
        assert [each() for each in gone] == [None, None]
    finally:
        gc.enable()
