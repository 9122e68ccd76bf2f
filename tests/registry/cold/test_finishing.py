"""Models that were only declared are finished when they are built: set up, with their mixins."""

from typing import Any

import pytest

from juggler import Model
from juggler.errors import DefinitionError
from juggler.facade.default import ModelRegistry

SEEN: list[str] = []


class Base(Model):
    """A declared model whose `setup` says what extends it."""

    @classmethod
    def setup(cls) -> None:
        """Note the model."""
        SEEN.append(cls.model_name)


@pytest.fixture
def whole() -> ModelRegistry:
    """A registry whose models have methods on a store."""
    return ModelRegistry()


# MOD-60
def test_setup_of_models_that_were_only_declared(whole: ModelRegistry) -> None:
    """It runs when the model is built at its first read, once; again when it is built again."""
    SEEN.clear()
    bundle = whole.bundle({"Child": ({"x": "number"}, {"base": Base})})
    whole.declare("acme", bundle)
    assert SEEN == []
    models = whole.tenant("acme").models
    assert models["Child"] is models["Child"]
    assert SEEN == ["Child"]
    whole.evict("acme")
    assert whole.tenant("acme").models["Child"](x=1).x == 1
    assert SEEN == ["Child", "Child"]


# MOD-95, MOD-96
def test_mixins_of_models_that_were_only_declared(whole: ModelRegistry) -> None:
    """A model that is built at its first read has its mixins before anybody sees it."""
    calls: list[Any] = []

    def mixin(model: Any, options: dict[str, Any]) -> None:
        calls.append((model.model_name, options))
        model.define_property("mixed", "number")

    whole.builder.mixins.define("Mixed", mixin)
    bundle = whole.bundle({"Thing": ({"x": "number"}, {"mixins": {"Mixed": {"a": 1}}})})
    whole.declare("acme", bundle)
    assert calls == []
    assert whole.tenant("acme").models["Thing"](mixed="5").mixed == 5
    assert calls == [("Thing", {"a": 1})]


def test_a_mixin_that_fails_when_the_model_is_read(whole: ModelRegistry) -> None:
    """The reader gets the error and the model stays declared: the next read tries again."""
    fails = [True]

    def mixin(model: Any, options: dict[str, Any]) -> None:
        if fails:
            raise DefinitionError("not today")

    whole.builder.mixins.define("Mixed", mixin)
    whole.declare("acme", whole.bundle({"Thing": ({}, {"mixins": {"Mixed": True}})}))
    models = whole.tenant("acme").models
    with pytest.raises(DefinitionError, match="not today"):
        models["Thing"]
    assert list(models) == ["Thing"]
    fails.clear()
    assert models["Thing"].model_name == "Thing"


# MOD-96
def test_a_model_as_mixin_is_found_from_outside(whole: ModelRegistry) -> None:
    """A tenant's model has another one of that tenant mixed in, whoever reads it first."""
    whole.define("Stamp", {"made": "string"}, tenant="acme")
    whole.declare("acme", {"Thing": ({"x": "number"}, {"mixins": {"Stamp": True}})})
    assert list(whole.tenant("acme").models["Thing"].properties) == ["id", "x", "made"]
