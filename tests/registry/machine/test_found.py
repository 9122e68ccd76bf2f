"""Small cases of what the state machine found once."""

import pytest

from juggler.registry.registry import ModelRegistry
from tests.registry.helpers import Store, check

PLACE = {"lat": float, "lng": float}


def test_bytes_of_anonymous_models(registry: ModelRegistry, store: Store) -> None:
    """What anonymous models take is added when they come and taken off when they go."""
    # REG-66, REG-75
    owner = store.models._owner
    for _ in range(3):
        store.define("A", {"where": PLACE})
        assert owner.extra > 0
        check(registry)
        del store.models["A"]
        assert owner.extra == 0
    with_place = registry.define("A", {"where": PLACE}, tenant="acme")
    before = registry.tenant("acme").owner.extra
    registry.evict("acme")
    assert registry.tenant("acme").models["A"] is with_place
    assert registry.tenant("acme").owner.extra == before


def test_the_first_list_is_whole(registry: ModelRegistry) -> None:
    """A list of a tenant's models has the anonymous ones that are built on the way, too."""
    # REG-14, REG-76
    registry.declare("acme", {"A": {"deep": {"where": PLACE}}})
    there = registry.tenant("acme")
    first = there.get_all_models()
    assert [each.model_name for each in first] == list(there.models)
    assert len(first) == 3
    assert first == there.get_all_models()
    assert first == registry.get_models_for_owner_with_type("acme", "tenant")


@pytest.mark.parametrize("is_declared", [True, False])
def test_the_name_of_an_anonymous_model_is_taken(
    registry: ModelRegistry, is_declared: bool
) -> None:
    """An anonymous model that outlived an eviction goes when its name is given to another one."""
    # REG-09, REG-43, REG-75
    whole = {"where": PLACE}
    held = registry.define("A", whole, tenant="acme").nested["where"]
    registry.define("B", whole, tenant="acme")
    registry.define("A", {"x": int}, tenant="acme")
    registry.evict("acme")
    if is_declared:
        registry.declare("acme", {held.model_name: {"x": int}})
    else:
        registry.define(held.model_name, whole, tenant="acme")
    assert held.is_disposed
    check(registry)
    there = registry.tenant("acme")
    assert [each.model_name for each in there.get_all_models()] == list(there.models)
    assert registry.tenant("acme").models["B"].nested["where"].model_name != held.model_name
    check(registry)
