"""Which data source a model goes to."""

import asyncio
from typing import Any

import pytest

from juggler.errors import ConnectorDetachedError, RoutingError
from juggler.facade.default import ModelRegistry
from juggler.facade.model import Model
from juggler.models.routing import default_source


class Source:
    """Something that looks like a data source."""

    def opened(self, info: Any) -> None:
        """Never open."""


def test_a_model_without_source_says_so(registry: ModelRegistry) -> None:
    """A model that was never attached has no data source."""  # REG-71
    things = registry.define("Thing", {"a": int})
    with pytest.raises(ConnectorDetachedError, match="attached to no data source"):
        _ = things.data_source
    with pytest.raises(ConnectorDetachedError):
        things.get_data_source()


def test_assigning_changes_the_default(registry: ModelRegistry) -> None:
    """What is assigned is what `get_data_source` returns from then on."""  # REG-72
    things = registry.define("Thing", {"a": int})
    one, two = Source(), Source()
    things.data_source = one
    assert things.data_source is things.get_data_source() is one
    things.data_source = two
    assert things.data_source is two
    things.data_source = None
    with pytest.raises(ConnectorDetachedError):
        _ = things.data_source


@pytest.mark.parametrize("wrong", [5, "memory", {}, object])
def test_only_data_sources_are_assigned(registry: ModelRegistry, wrong: Any) -> None:
    """Something else is refused and changes nothing."""
    things = registry.define("Thing", {"a": int})
    things.data_source = source = Source()
    with pytest.raises(RoutingError):
        things.data_source = wrong
    assert things.data_source is source


def test_the_setting_routes(registry: ModelRegistry) -> None:
    """A function in the settings is asked at every access, with the model."""  # REG-70, REG-71
    asked, sources = [], [Source(), Source()]

    def route(model: Any) -> Any:
        asked.append(model)
        return sources[len(asked) % 2]

    things = registry.define("Thing", {"a": int}, {"get_data_source": route})
    assert things.data_source is sources[1]
    assert things.data_source is sources[0]
    assert asked == [things, things]


def test_a_class_routes_itself() -> None:
    """A declared model may override `get_data_source`, and ask for the original in it."""
    source: Any = Source()  # REG-71
    other = Source()

    class Routed(Model, registry=ModelRegistry()):
        @classmethod
        def get_data_source(cls) -> Any:
            assert cls.data_source is source
            return other

    class Static(Model, registry=ModelRegistry()):
        @staticmethod
        def get_data_source() -> Any:
            return other

    Routed.data_source = source
    assert Routed.data_source is other
    assert Static.data_source is other
    assert default_source(Routed) is source


@pytest.mark.parametrize("answer", [None, 5, "memory", object()])
def test_any_other_answer_is_an_error(registry: ModelRegistry, answer: Any) -> None:
    """Routing that answers no data source never falls back to another."""  # REG-71, DS-62
    things = registry.define("Thing", {"a": int}, {"get_data_source": lambda _: answer})
    things.data_source = Source()
    with pytest.raises(RoutingError, match="which is no data source") as caught:
        _ = things.data_source
    assert (caught.value.model, caught.value.value) == ("Thing", answer)


def test_a_coroutine_is_an_error(registry: ModelRegistry) -> None:
    """Routing is synchronous; a coroutine is refused, and closed."""  # REG-71

    async def route(model: Any) -> Any:
        return Source()

    things = registry.define("Thing", {"a": int}, {"get_data_source": route})
    with pytest.raises(RoutingError, match="synchronous"):
        _ = things.data_source


def test_an_error_in_routing_is_raised(registry: ModelRegistry) -> None:
    """What routing raises reaches the caller; nothing else is tried."""  # DS-62

    def route(model: Any) -> Any:
        raise LookupError("no such tenant")

    things = registry.define("Thing", {"a": int}, {"get_data_source": route})
    things.data_source = Source()
    for _ in range(2):
        with pytest.raises(LookupError, match="no such tenant"):
            _ = things.data_source


async def test_recursion_is_known_per_task(registry: ModelRegistry) -> None:
    """That one task is routing is nothing to another."""  # REG-71, DS-63
    original, routed = Source(), Source()
    inner = []

    def route(model: Any) -> Any:
        inner.append(model.data_source)
        return routed

    things = registry.define("Thing", {"a": int}, {"get_data_source": route})
    things.data_source = original

    async def ask() -> Any:
        await asyncio.sleep(0)
        return things.data_source

    assert await asyncio.gather(*(ask() for _ in range(5))) == [routed] * 5
    assert inner == [original] * 5


def test_routing_may_ask_another_model(registry: ModelRegistry) -> None:
    """The original source is for the model that routes, not for others that it asks."""
    one, two = Source(), Source()
    first = registry.define("First", {}, {"get_data_source": lambda _: one})
    second = registry.define("Second", {}, {"get_data_source": lambda _: first.data_source})
    second.data_source = two
    assert second.data_source is one
