"""Looking models up: one order, no other tenant's, and nothing is created."""

import gc
import time
from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import DefinitionError
from juggler.registry.builder import ModelBuilder
from juggler.registry.registry import ModelRegistry
from tests.registry.helpers import Application, Store, check

PLACE = {"lat": float, "lng": float}


def test_order_by_name(registry: ModelRegistry, store: Store) -> None:
    """The current tenant's model, then the asking owner's, then the global one."""
    # REG-11, REG-40, fault 6
    glob = registry.define("A")
    own = registry.define("A", tenant="acme")
    bound = store.define("A")
    registry.define("B", tenant="bolt")
    assert registry.find_model_by_name("A") is glob
    assert registry.look_up("A", store.models) is bound
    with tenant("acme"):
        assert registry.find_model_by_name("A") is own
        assert registry.look_up("A", store.models) is own
        assert registry.find_model_by_name("B") is None
    with tenant("bolt"):
        assert registry.find_model_by_name("A") is glob
        assert registry.look_up("A", store.models) is bound
    with tenant("stranger"):
        assert registry.find_model_by_name("A") is glob
        assert registry.find_model_by_name("B") is None
    assert registry.find_model_by_name("B") is None


def test_sources_and_apps_are_not_searched(registry: ModelRegistry, store: Store) -> None:
    """A look-up by name finds nothing that belongs to a data source or an app."""
    # REG-11
    store.define("A")
    registry.register_model_for_app(Application(), store.define("B"))
    assert registry.find_model_by_name("A") is None
    assert registry.find_model_by_name("B") is None


@pytest.mark.parametrize("name", ["", "A" * 10_000, "keys", "__class__", "\x00"])
def test_unknown_names(registry: ModelRegistry, name: str) -> None:
    """An unknown name finds None, also one that every mapping has as a method."""
    # REG-11
    registry.define("A")
    with tenant("acme"):
        assert registry.find_model_by_name(name) is None


def test_structures_by_tenant(registry: ModelRegistry, store: Store) -> None:
    """A structure finds the anonymous model of the current tenant, of no other and no source."""
    # REG-12, faults 4 to 6
    glob = registry.define("A", {"where": PLACE}).nested["where"]
    own = registry.define("A", {"where": PLACE}, tenant="acme").nested["where"]
    bound = store.define("A", {"where": PLACE}).nested["where"]
    assert len({id(glob), id(own), id(bound)}) == 3
    assert glob.shape is own.shape is bound.shape
    assert registry.find_model_by_structure(PLACE) is glob
    with tenant("acme"):
        assert registry.find_model_by_structure({"lng": "number", "lat": "Number"}) is own
        assert registry.find_model_by_structure({"lat": float}) is None
    with tenant("bolt"):
        assert registry.find_model_by_structure(PLACE) is None
    assert registry.tenant("acme").find_model_by_structure(PLACE) is own
    assert registry.find_model_by_structure(None) is None
    assert registry.tenant("acme").find_model_by_structure(None) is None


def test_named_models_are_no_answer(registry: ModelRegistry) -> None:
    """A named model is never found by structure, however equal."""
    # REG-12
    with tenant("acme"):
        registry.define("Place", PLACE, id_injection=False)
        assert registry.find_model_by_structure(PLACE) is None


def test_strictness(registry: ModelRegistry) -> None:
    """Reuse needs equal strictness of embedded structures, of the builder or of the model."""
    # REG-13, REG-33, fault 25
    strict = ModelBuilder(registry, {"strict_embedded_models": True})
    loose = registry.define("A", {"where": PLACE}).nested["where"]
    tight = strict.define("B", {"where": PLACE}).nested["where"]
    by_setting = registry.define("C", {"where": PLACE}, {"strictEmbeddedModels": True})
    assert tight is not loose
    assert tight.shape.strict is True
    assert by_setting.nested["where"] is tight
    assert registry.find_model_by_structure(PLACE) is loose
    assert registry.find_model_by_structure(PLACE, strict) is tight
    assert registry.find_model_by_structure(PLACE, ModelBuilder(registry)) is loose
    check(registry)


@pytest.mark.parametrize("properties", [5, "A", [], [PLACE], ()])
def test_structures_that_are_none(registry: ModelRegistry, properties: Any) -> None:
    """What is no mapping is refused, by every question about structures."""
    # REG-27
    for ask in (
        registry.find_model_by_structure,
        registry.tenant("acme").find_model_by_structure,
        registry.generate_fingerprint,
        registry.normalize_properties,
        lambda given: registry.are_properties_equivalent(given, {}),
    ):
        with pytest.raises(TypeError, match="mapping"):
            ask(properties)
    for ask in (registry.generate_fingerprint, registry.normalize_properties):
        with pytest.raises(TypeError, match="NoneType"):
            ask(None)
    with pytest.raises(DefinitionError):
        registry.find_model_by_structure({"a": "nonsense"})


def test_owners_models(registry: ModelRegistry, store: Store) -> None:
    """An owner's models come in order of definition, in a fresh list."""
    # REG-14
    models = [store.define(name) for name in ("B", "A", "C")]
    assert registry.get_models_for_owner(store) == models
    assert registry.get_model_names_for_owner(store) == ["B", "A", "C"]
    assert registry.has_model_for_owner(store, "A") is True
    assert registry.has_model_for_owner(store, "X") is False
    assert registry.get_model_for_owner(store, "A") is models[1]
    assert registry.get_model_for_owner(store, "X") is None
    registry.get_models_for_owner(store).clear()
    assert len(registry.get_models_for_owner(store)) == 3


def test_all_models(registry: ModelRegistry, store: Store, other: Store) -> None:
    """Every model of every owner has its record, models of one name and global ones included."""
    # REG-16, fault 26
    before = time.time()
    one, two = store.define("A"), other.define("A")
    glob, own = registry.define("A"), registry.define("A", tenant="acme")
    records = registry.get_all_models()
    assert {(each.model, each.owner_kind, each.owner) for each in records} == {
        (one, "data_source", store), (two, "data_source", other), (glob, "global", None),
        (own, "tenant", "acme"),
    }  # fmt: skip
    assert all(each.name == "A" for each in records)
    assert [each.tenant for each in records if each.model is own] == ["acme"]
    assert all(before <= each.registered_at <= time.time() for each in records)
    moved = next(each.registered_at for each in records if each.model is one)
    other.attach(store.define("B"))
    registry.register_model(one, owner=registry.tenant("acme"))
    again = next(each for each in registry.get_all_models() if each.model is one)
    assert again.registered_at == moved, "moving is no registering"


def test_looking_creates_nothing(registry: ModelRegistry, store: Store) -> None:
    """Ten thousand look-ups under unknown tenants leave the registry as it was."""
    # REG-18, fault 12
    registry.define("A", {"where": PLACE})
    registry.define("Own", {"where": PLACE}, tenant="acme")
    before, info = registry.get_stats(), registry.get_tenant_registry_info()
    for at in range(10_000):
        with tenant(f"t{at}"):
            registry.find_model_by_name("A")
            assert registry.find_model_by_name("Own") is None
            if at % 100 == 0:
                assert registry.find_model_by_structure(PLACE) is None
                assert registry.generate_fingerprint(PLACE)
                assert dict(registry.builder.models) == {}
                assert registry.builder.get_model("A") is not None
        assert registry.tenant(f"t{at}", create=False) is None
        registry.get_models_for_owner_with_type(f"t{at}", "tenant")
        registry.cleanup_tenant(f"t{at}")
    assert registry.get_stats() == before
    assert registry.get_tenant_registry_info() == info
    check(registry)


def test_failing_definitions_create_nothing(registry: ModelRegistry, store: Store) -> None:
    """A definition that is refused leaves no tenant, no model and no shape behind."""
    # REG-18
    before = registry.get_stats()
    inner = {"x": {"y": {"type": "string", "required": {"nonsense": 1}}}}
    for properties in ({"a": "no type"}, {"a": {"b": {"c": "no type"}}}, inner):
        with tenant("acme"), pytest.raises(DefinitionError):
            registry.define("A", properties)
        with pytest.raises(DefinitionError):
            store.define("A", properties)
        with pytest.raises(DefinitionError):
            registry.define("A", properties, tenant="bolt")
    gc.collect()  # classes are freed by the collector only
    assert registry.get_stats() == before
    check(registry)


def test_a_failing_redefinition_keeps_the_old_model(registry: ModelRegistry, store: Store) -> None:
    """When a redefinition is refused, the model that was there stays."""
    # REG-09
    model = store.define("A", {"x": PLACE})
    inner = {"x": {"y": {"type": "string", "required": {"nonsense": 1}}}}
    for properties in ({"a": "no type"}, inner):
        with pytest.raises(DefinitionError):
            store.define("A", properties)
    assert store.models["A"] is model
    assert not model.is_disposed
    check(registry)
