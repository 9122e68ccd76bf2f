"""Models that are named before they are defined, in tenants that come and go."""

import gc
import weakref
from functools import partial
from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import DefinitionError, ModelDisposedError, QuotaExceededError
from juggler.registry.cold.stores.memory import MemoryDefinitions
from juggler.registry.registry import ModelRegistry
from tests.registry.cleaning.test_lives import elsewhere
from tests.registry.helpers import Clock, check

PLAIN = {"id_injection": False}


def models_of(registry: ModelRegistry, code: str = "acme") -> Any:
    """Return the namespace of a tenant, which wakes if it is cold."""
    return registry.tenant(code).models


# MOD-07, REG-77
def test_what_waits_outlives_an_eviction(registry: ModelRegistry) -> None:
    """A model that was never defined is the same object after an eviction, and is filled in."""
    with tenant("acme"):
        registry.define("Order", {"customer": "Customer", "x": int}, PLAIN)
    for _ in range(2):
        waiting = models_of(registry)["Order"].nested["customer"]
        assert registry.evict("acme")
        check(registry)
        order = models_of(registry)["Order"]
        assert order.nested["customer"] is waiting
        with pytest.raises(DefinitionError, match="not defined"):
            order(customer={})
    assert registry.evict("acme")
    with tenant("acme"):
        assert registry.define("Customer", {"n": int}, PLAIN) is waiting
    assert models_of(registry)["Order"](customer={"n": "5"}).customer.n == 5
    check(registry)


# MOD-07, REG-77
def test_what_was_filled_in_comes_back(registry: ModelRegistry) -> None:
    """Models that embed each other or themselves come back as they were, if nobody has them too."""
    with tenant("acme"):
        registry.define("Tree", {"kids": ["Tree"], "x": int}, PLAIN)
        registry.define("One", {"other": "Two"}, PLAIN)
        registry.define("Two", {"back": "One", "x": int}, PLAIN)
        registry.define("Plain", {"one": "One"}, PLAIN)
    keys = {each.model_name: each.definition.key for each in models_of(registry).values()}
    ids = {each.model_name: id(each) for each in models_of(registry).values()}
    for _ in range(2):
        assert registry.evict("acme")
        gc.collect()
        check(registry)
        models = models_of(registry)
        assert {each.model_name: each.definition.key for each in models.values()} == keys
        assert ids["Tree"] == id(models["Tree"])
        assert models["Tree"].nested["kids"] is models["Tree"]
        assert models["One"].nested["other"] is models["Two"]
        assert models["Two"].nested["back"] is models["One"] is models["Plain"].nested["one"]
        made = models["Plain"](one={"other": {"back": {"other": {"x": "7"}}}})
        assert made.one.other.back.other.x == 7
        check(registry)
        del models, made


# MOD-07, REG-30
@pytest.mark.parametrize("is_cold", [False, True])
def test_nothing_is_left_of_a_cold_tenant(registry: ModelRegistry, is_cold: bool) -> None:
    """After the clean-up of a tenant, cold or not, no placeholder and no circle is alive."""
    with tenant("acme"):
        registry.define("Tree", {"kids": ["Tree"], "no": "Never", "in": {"a": int}}, PLAIN)
        registry.define("One", {"other": "Two"}, PLAIN)
        registry.define("Two", {"back": "One"}, PLAIN)
    models = models_of(registry)
    watches = [weakref.ref(each) for each in (*models.values(), models["Tree"].nested["no"])]
    del models
    if is_cold:
        assert registry.evict("acme")
    result = registry.cleanup_tenant("acme")
    assert result.error is None
    gc.collect()
    assert [watch() for watch in watches] == [None] * len(watches)
    assert registry.shapes.fingerprints() == set()
    assert dict(registry.builder.forwards.waiting) == {}
    assert registry.audit("acme") == []
    check(registry)


# MOD-07, REG-76
@pytest.mark.parametrize("is_cold", [False, True])
def test_declaring_fills_in_what_waits(registry: ModelRegistry, is_cold: bool) -> None:
    """A model that is declared under a name that other models use is the one they mean."""
    with tenant("acme"):
        registry.define("Order", {"customer": "Customer"}, PLAIN)
    waiting = models_of(registry)["Order"].nested["customer"]
    if is_cold:
        assert registry.evict("acme")
    bundle = registry.bundle({"Customer": ({"n": int}, PLAIN), "Other": ({"x": int}, PLAIN)})
    registry.declare("acme", bundle)
    check(registry)
    order = models_of(registry)["Order"]
    assert order(customer={"n": "5"}).customer.n == 5
    assert models_of(registry)["Customer"] is waiting is order.nested["customer"]
    assert models_of(registry)._built("Other") is None, "what nobody waits for is not built"
    check(registry)
    registry.declare("bolt", bundle)
    assert models_of(registry, "bolt")["Customer"] is not waiting
    check(registry)


# MOD-07, REG-76
def test_a_bundle_waits_for_nothing(registry: ModelRegistry) -> None:
    """An unknown name in a bundle is an error that names it, whoever it is declared for."""
    definitions: dict[str, Any] = {"A": {"x": "Later"}}
    tree = {"Tree": {"kids": ["Tree"]}}
    registry.define("Here", {"x": int}, tenant="acme")
    for given, name in ((definitions, "Later"), (tree, "Tree"), ({**tree, "Later": {}}, "Tree")):
        with pytest.raises(DefinitionError, match=name):
            registry.bundle(given)
        for code in ("acme", "nobody"):
            with pytest.raises(DefinitionError, match=name):
                registry.declare(code, given)
    assert registry.tenant_codes() == ["acme"]
    assert dict(registry.builder.forwards.waiting) == {}
    registry.declare("acme", {"A": {"x": "Here"}})
    assert models_of(registry)["A"].nested["x"] is models_of(registry)["Here"]
    check(registry)


# MOD-61, REG-76
def test_settings_of_a_sibling(registry: ModelRegistry) -> None:
    """Bases in a bundle lay down settings and validations as defined ones do, line by line."""
    presence = {"property": "x", "rule": "presence"}
    policy = {"__default": {"replace": True}}
    definitions: dict[str, Any] = {
        "C": ({}, {"base": "B", "acls": [{"c": 1}], "odd": {"c": 1}, "hidden": ["z"]}),
        "B": (
            {"y": int},
            {"base": "A", "acls": [{"b": 1}], "odd": {"b": 1}, "configure_model_merge": policy},
        ),
        "A": (
            {"x": int, "z": int},
            {"acls": [{"a": 1}], "odd": {"a": 1}, "validations": [presence], "hidden": "x"},
        ),
    }
    bundle = registry.bundle(definitions)
    for name in ("A", "B", "C"):
        properties, settings = definitions[name]
        made = registry.define(name, properties, settings)
        assert bundle[name].key == made.definition.key, name
    registry.declare("acme", bundle)
    declared = models_of(registry)["C"]
    assert declared.settings["odd"] == registry.global_models["C"].settings["odd"]
    assert "presence" in [rule.kind for rule in declared._blueprint.rules]
    assert declared.base is models_of(registry)["B"]


# MOD-62, REG-76
def test_a_policy_given_by_a_sibling(registry: ModelRegistry) -> None:
    """The setting `get_merge_policy` of a base in the bundle counts for all that extend it."""
    replace = {"__default": {"replace": True}}
    bundle = registry.bundle(
        {
            "A": ({}, {"odd": {"a": 1}, "get_merge_policy": lambda _: replace}),
            "B": ({}, {"base": "A", "odd": {"b": 1}}),
        }
    )
    assert bundle["B"].settings["odd"] == {"b": 1}
    bad = {"A": ({}, {"get_merge_policy": lambda _: 5}), "B": ({}, {"base": "A"})}
    with pytest.raises(DefinitionError, match="get_merge_policy of A answered 5"):
        registry.bundle(bad)


# MOD-07, REG-64
def test_limits_count_what_is_filled_in(clock: Clock) -> None:
    """A name that waits is no model yet; when it is defined it counts, and may be too many."""
    registry = ModelRegistry(clock=clock, max_models_per_tenant=2, max_properties=2)
    with tenant("acme"):
        order = registry.define("Order", {"a": "A", "b": "B"}, PLAIN)
        waiting = order.nested["b"]
        registry.define("Other", {"x": int}, PLAIN)
        with pytest.raises(QuotaExceededError):
            registry.define("B", {"x": int}, PLAIN)
        with pytest.raises(DefinitionError, match="not defined"):
            order(b={})
        registry.remove(models_of(registry)["Other"])
        with pytest.raises(QuotaExceededError):
            registry.define("B", {"x": int, "y": int, "z": int}, PLAIN)
        assert registry.define("B", {"x": int}, PLAIN) is waiting
    check(registry)


# MOD-07, REG-64
def test_limits_never_keep_a_model_from_going(clock: Clock) -> None:
    """Letting a model go that embeds itself succeeds at any limit."""
    registry = ModelRegistry(clock=clock)
    with tenant("acme"):
        tree = registry.define("Tree", {"kids": ["Tree"], "a": int, "b": int}, PLAIN)
    registry.limits = type(registry.limits)(max_properties=1)
    registry.shapes.admit = registry._admit_structure
    assert registry.cleanup_tenant("acme").error is None
    assert tree.is_disposed


def renew(registry: ModelRegistry) -> Any:
    """Clean the tenant up and bring it back; return its new model."""
    registry.cleanup_tenant("acme")
    return registry.define("Order", {"customer": "Customer"}, tenant="acme")


# MOD-07, REG-64
def test_a_definition_that_fails_makes_no_tenant(clock: Clock) -> None:
    """A tenant comes with its first model, also if that names others; not with one that fails."""
    registry = ModelRegistry(clock=clock, max_models_per_tenant=1)
    with pytest.raises(DefinitionError, match="no type"):
        registry.define("A", {"x": "Later", "y": "no type"}, tenant="acme")
    with pytest.raises(QuotaExceededError):
        registry.define("A", {"x": "Later", "in": {"y": int}}, tenant="acme")
    assert registry.tenant_codes() == []
    assert dict(registry.builder.forwards.waiting) == {}
    registry.define("A", {"x": "Later"}, tenant="acme")
    assert registry.tenant_codes() == ["acme"]


# MOD-07, REG-35
def test_a_former_life_waits_for_nothing(registry: ModelRegistry) -> None:
    """A block of a life that is over makes no placeholder in the new one."""
    with tenant("acme"):
        old = registry.define("Order", {"customer": "Customer"}, models={"Nowhere": "Nowhere"})
        new = elsewhere(partial(renew, registry))
        before = dict(registry.builder.forwards.waiting)
        for act in (
            lambda: registry.define("Late", {"x": "Nowhere"}, PLAIN),
            lambda: registry.builder.get_model("Nowhere", True),
            lambda: registry.declare("acme", {"A": {"x": int}}),
            lambda: old.Nowhere,
        ):
            with pytest.raises(ModelDisposedError):
                act()
        assert dict(registry.builder.forwards.waiting) == before
    with tenant("acme"):
        assert registry.define("Customer", {}, PLAIN) is new.nested["customer"]
    assert old._nested == {} or old.nested["customer"] is not new.nested["customer"]
    check(registry)


# MOD-07, REG-35
@pytest.mark.parametrize("way", ["cleanup", "clear"])
def test_lives_do_not_share_what_waits(registry: ModelRegistry, way: str) -> None:
    """What an old model waits for is not filled in after a clean-up, nor after all is cleared."""
    olds = [registry.define("Order", {"of": "Customer"}, tenant=code) for code in (None, "acme")]
    waiting = [each.nested["of"] for each in olds]
    space = models_of(registry)
    if way == "clear":
        registry.clear()
        assert models_of(registry) is space, "a namespace that somebody has serves again"
        new = registry.define("Order", {"of": "Customer"})
        assert new.nested["of"] is not waiting[0]
        assert registry.define("Customer", {"x": int}) is new.nested["of"]
        registry.remove(new)
        registry.remove(registry.global_models["Customer"])
    else:
        registry.cleanup_tenant("acme")
    new = registry.define("Order", {"of": "Customer"}, tenant="acme")
    assert new.nested["of"] is not waiting[1]
    assert registry.define("Customer", {"x": int}, tenant="acme") is new.nested["of"]
    for each in waiting:
        with pytest.raises(DefinitionError, match="not defined"):
            each()
    check(registry)


# MOD-46, REG-64, REG-66
def test_a_changed_structure_is_counted(clock: Clock) -> None:
    """Anonymous models that a new property brings count for limits and bytes, and go with it."""
    registry = ModelRegistry(clock=clock, max_models_per_tenant=2)
    model = registry.define("A", {"x": int}, tenant="acme")
    before = models_of(registry)._owner.extra
    with pytest.raises(QuotaExceededError):
        model.define_property("at", {"a": int, "in": {"b": int}})
    assert list(model.properties) == ["id", "x"]
    model.define_property("at", {"a": int})
    assert (len(models_of(registry)), models_of(registry)._owner.extra > before) == (2, True)
    check(registry)
    registry.builder.extend_model(model, {"at": None})
    assert (len(models_of(registry)), models_of(registry)._owner.extra) == (1, before)
    check(registry)
    registry.cleanup_tenant("acme")
    with pytest.raises(ModelDisposedError):
        model.define_property("at", {"a": int})


# MOD-46, REG-77
@pytest.mark.parametrize("is_held", [False, True])
def test_a_changed_model_comes_back_changed(registry: ModelRegistry, is_held: bool) -> None:
    """Properties that were added to a tenant's model are there after an eviction."""
    registry.declare("acme", {"A": {"x": int}, "B": ({"y": int}, {"base": "A"})})
    model = models_of(registry)["A"]
    model.define_property("more", {"type": str, "trim": True})
    key = model.definition.key
    if not is_held:
        del model
    assert registry.evict("acme")
    assert models_of(registry)["A"].definition.key == key
    assert models_of(registry)["A"](more=" a ").more == "a"
    check(registry)


# MOD-46, REG-77
def test_changing_a_model_of_a_cold_tenant(registry: ModelRegistry) -> None:
    """A model that somebody has of a cold tenant is changed there: its tenant wakes."""
    registry.declare("acme", {"A": {"x": int}, "Place": {"town": str}})
    model = models_of(registry)["A"]
    assert registry.evict("acme")
    model.define_property("at", "Place")
    assert model.nested["at"] is models_of(registry)["Place"]
    assert models_of(registry)["A"] is model
    del model
    assert registry.evict("acme")
    assert list(models_of(registry)["A"].properties) == ["id", "x", "at"]
    check(registry)


# MOD-52, REG-77
def test_messages_of_a_cold_tenant(registry: ModelRegistry) -> None:
    """A model of a cold tenant speaks for its own registry, and finds models there."""
    registry.declare("acme", {"A": ({"x": int}, {"models": {"Place": "Place"}}), "Place": {}})
    model = models_of(registry)["A"]
    assert registry.evict("acme")
    assert model._owner.registry is registry
    with tenant("acme"):
        assert model.Place is models_of(registry)["Place"]


# MOD-03, REG-77
def test_tables_that_change_meanwhile(registry: ModelRegistry) -> None:
    """What was declared stays what it meant then; what is declared later means what is new."""
    registry.define_default_fn("tick", lambda: 1)
    definitions = {"A": {"x": {"type": int, "default_fn": "tick"}}}
    first = registry.bundle(definitions)
    registry.declare("acme", first)
    with tenant("bolt"):
        registry.define("A", definitions["A"])
    registry.define_default_fn("tick", lambda: 2)
    second = registry.bundle(definitions)
    assert second is not first
    registry.declare("core", second)
    for code, value in (("acme", 1), ("bolt", 1), ("core", 2)):
        assert models_of(registry, code)["A"]().x == value
        assert registry.evict(code)
        assert models_of(registry, code)["A"]().x == value

    class Wave:
        """A type that has its name later."""

        def __init__(self, value: Any) -> None:
            self.value = value

    registry.define("Point", {"x": int})
    typed = registry.bundle({"B": {"x": "Point"}})
    registry.define_value_type(Wave, ("Swell",))
    assert registry.bundle({"B": {"x": "Point"}}) is typed
    found: Any = registry.bundle({"B": {"x": "Swell"}})["B"].shape.properties["x"].type
    assert found.cls is Wave
    check(registry)


# MOD-07, REG-78
def test_what_waits_is_not_written(clock: Clock) -> None:
    """Models that embed named ones stay in memory; the others are in the store afterwards."""
    store = MemoryDefinitions()
    registry = ModelRegistry(clock=clock, definitions=store)
    with tenant("acme"):
        registry.define("Order", {"customer": "Customer"}, PLAIN)
        registry.define("Note", {"text": str}, PLAIN)
    assert registry.evict("acme")
    assert set(models_of(registry)) == {"Order", "Note"}
    again = ModelRegistry(clock=clock, definitions=store)
    assert list(models_of(again)) == ["Note"]
