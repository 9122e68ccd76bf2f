"""Grants of models that are let go at rest: they end with the model all the same."""

import gc
import threading
from collections.abc import Callable
from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import ModelDisposedError
from juggler.facade.default import ModelRegistry
from tests.patience import PATIENCE
from tests.registry.helpers import check


def found(registry: ModelRegistry) -> Any:
    """Return what bolt has under the name."""
    with tenant("bolt"):
        return registry.find_model_by_name("Item")


def delete(registry: ModelRegistry) -> None:
    """Delete the model and define it again."""
    del registry.tenant("acme").models["Item"]
    registry.define("Item", {"x": int}, tenant="acme")


ENDS: dict[str, Callable[[ModelRegistry], Any]] = {
    "deleted": delete,
    "all deleted": lambda registry: (
        registry.tenant("acme").models.clear(),
        registry.define("Item", {"x": int}, tenant="acme"),
    ),
    "defined anew": lambda registry: registry.define("Item", {"x": int}, tenant="acme"),
    "defined anew while awake": lambda registry: (
        registry.tenant("acme"),
        registry.define("Item", {"x": int}, tenant="acme"),
    ),
    "declared anew": lambda registry: registry.declare(
        "acme", registry.bundle({"Item": {"y": int}})
    ),
    "declared anew while awake": lambda registry: (
        registry.tenant("acme"),
        registry.declare("acme", {"Item": {"y": int}}),
    ),
    "declared to and fro": lambda registry: [
        registry.declare("acme", registry.bundle({"Item": {name: int}})) for name in "yx"
    ],
}


@pytest.mark.parametrize("way", ENDS)
def test_a_model_that_is_replaced_unbuilt(registry: ModelRegistry, way: str) -> None:
    """A grant ends when its model is replaced or deleted before it was built again."""
    # REG-73, REG-77
    registry.define("Item", {"x": int}, tenant="acme")
    registry.share("Item", "acme", "bolt")
    assert found(registry) is not None
    registry.evict("acme")
    gc.collect()
    ENDS[way](registry)
    assert registry.grants() == []
    assert found(registry) is None
    check(registry)


def test_a_model_that_only_slept(registry: ModelRegistry) -> None:
    """A grant outlives the eviction of its owner, and a declaration that changes nothing."""
    # REG-73, REG-77
    registry.define("Item", {"x": int}, tenant="acme")
    grant = registry.share("Item", "acme", "bolt")
    registry.evict("acme")
    gc.collect()
    registry.declare("acme", registry.bundle({"Item": {"x": int}, "Other": {"x": int}}))
    assert registry.tenant("acme").models["Item"] is not None
    assert registry.grants() == [grant]
    assert found(registry).grant is grant


def test_a_life_that_is_over_gives_nothing_away(registry: ModelRegistry) -> None:
    """A block that was entered before a clean-up cannot share a model of the tenant's new life."""
    # REG-55, REG-73

    def renew() -> None:
        registry.cleanup_tenant("acme")
        registry.define("Item", {"x": int}, tenant="acme")

    registry.define("Item", {"x": int}, tenant="acme")
    with tenant("acme"):
        thread = threading.Thread(target=renew)
        thread.start()
        thread.join(PATIENCE)
        with pytest.raises(ModelDisposedError) as caught:
            registry.share("Item", "acme", "bolt")
        assert caught.value.tenant == "acme"
    assert registry.grants() == []
    with tenant("acme"):
        assert registry.share("Item", "acme", "bolt").owner_tenant == "acme"
