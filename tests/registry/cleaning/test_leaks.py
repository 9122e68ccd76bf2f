"""What was let go is gone: weak references die, and many cycles end where few did."""

import gc
import linecache
import weakref
from typing import Any

import pytest

from juggler.connectors.contract import ModelInfo
from juggler.context import tenant
from juggler.definition.model import Definition
from juggler.definition.property import Property
from juggler.definition.shape import Shape
from juggler.models.behaviour import Behaviour
from juggler.models.blueprint import Blueprint
from juggler.models.instances.instance import Instance
from juggler.models.instances.state import State
from juggler.models.runtime import RuntimeModel
from juggler.registry.anonymous import Anonymous
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.owners import Owner
from juggler.registry.parsed import ParsedDefinition
from juggler.registry.registry import ModelRegistry
from juggler.registry.scope import Scope
from juggler.registry.tenant import TenantRegistry
from tests.memory import again, traced
from tests.registry.helpers import Store, check, counted
from tests.registry.test_owners import Root

OURS = (
    RuntimeModel, Blueprint, Shape, Definition, Property, Behaviour, State, Owner,
    ModelRegistryProxy,
    TenantRegistry, Anonymous, ParsedDefinition, Scope, ModelInfo, weakref.ReferenceType,
)  # fmt: skip
TICKET: dict[str, Any] = {
    "title": {"type": str, "required": True, "default": "x"}, "tags": [str],
    "where": {"lat": float, "at": {"time": "date"}}, "log": [{"text": str}],
}  # fmt: skip


def references(registry: ModelRegistry, store: Store | None = None) -> dict[str, weakref.ref[Any]]:
    """Define, use and furnish a tenant's models; return weak references to all that is made."""
    with tenant("acme"):
        base = registry.define("Base", {"x": int}, data_source=store)
        model = registry.define(
            "Ticket", TICKET, {"acls": [{"a": 1}]}, base=base, data_source=store
        )
    base.observe("before save", lambda _: base)
    model.observe("before save", lambda _: model)
    model.validate("title", lambda _, err: model and err())
    model.on_dispose(lambda: model)
    instance = model(title="a", where={"lat": 1, "at": {"time": "2020-01-01"}}, log=[{"text": "x"}])
    instance.title = "b"
    acme = registry.tenant("acme")
    found = {
        "base": base, "model": model, "inner": model.nested["where"], "behaviour": model._behaviour,
        "innermost": model.nested["where"].nested["at"], "shape": model.shape,
        "class": type(instance),
        "inner shape": model.nested["where"].shape, "inner class": type(instance.where),
        "instance": instance,
        "blueprint": model._blueprint, "info": model.info, "tenant": acme, "namespace": acme.models,
        "owner": acme.owner, "definition": model._blueprint,
    }  # fmt: skip
    found.pop("behaviour")  # cannot be weakly referenced; counted below
    return {name: weakref.ref(each) for name, each in found.items()}


def alive(found: dict[str, weakref.ref[Any]]) -> list[str]:
    """Return what is still alive."""
    return [name for name, reference in found.items() if reference() is not None]


def test_everything_of_a_tenant_dies(registry: ModelRegistry, store: Store) -> None:
    """After clean-up and a collection no model, class, shape or instance of a tenant is alive."""
    # REG-48
    found = references(registry, store)
    registry.cleanup_tenant("acme")
    assert not {"base", "model", "inner", "innermost", "instance", "tenant"} & set(alive(found)), (
        "what is in no cycle goes at once"
    )
    gc.collect()
    assert alive(found) == []
    assert registry.audit("acme") == []
    assert len(registry.shapes) == 0
    check(registry)


def let_go(registry: ModelRegistry, store: Store, way: str) -> None:
    """Let the tenant's models go in one of the ways there are."""
    space = registry.tenant("acme").models
    names = ("Ticket", "Base")
    match way:
        case "namespace":
            space.clear()
        case "clear":
            registry.clear()
        case "each":
            for name in names:
                del space[name]
        case "replace":
            for name in names:
                registry.define(name, {}, tenant="acme")
        case _:
            for name in names:
                store.attach(space[name])
            store.close()


@pytest.mark.parametrize("way", ["namespace", "each", "clear", "replace", "close"])
def test_every_way_out(registry: ModelRegistry, store: Store, way: str) -> None:
    """Deleting, clearing, replacing and closing let go as wholly as a clean-up does."""
    # REG-09, REG-48, REG-52
    found = references(registry, store)
    let_go(registry, store, way)
    gc.collect()
    assert set(alive(found)) <= {"tenant", "namespace", "owner"}
    check(registry)


def test_what_is_kept_is_named(registry: ModelRegistry) -> None:
    """The audit says which models somebody still holds, and by what."""
    # REG-48
    with tenant("acme"):
        kept = [registry.define("A", {"x": int})]
        registry.define("B", {"x": int})
    registry.cleanup_tenant("acme")
    (remnant,) = registry.audit("acme")
    assert (remnant.model, remnant.tenant) == ("A", "acme")
    assert "list" in remnant.held_by
    holder = {"instance": kept.pop()(x=1)}
    model, instance = registry.audit("acme")
    assert (model.kind, model.held_by) == ("model", ("instance of A",))
    assert (instance.kind, instance.model) == ("instance", "A")
    assert instance.held_by == ("dict, under 'instance'",)
    assert registry.audit("bolt") == []
    del holder["instance"]
    assert registry.audit("acme") == []


def test_declared_classes_die(registry: ModelRegistry, store: Store) -> None:
    """A declared model that nobody refers to goes after it is let go, with all it needed."""

    # REG-48
    def declare() -> weakref.ref[Any]:
        class Order(Root, data_source=None, registry=registry):
            """A declared model."""

            title: str
            where: dict[str, float]

        store.attach(Order)
        with tenant("acme"):
            registry.register_model(Order, owner=registry.tenant("acme"))
        return weakref.ref(Order)

    order = declare()
    check(registry)
    registry.cleanup_tenant("acme")
    gc.collect()
    assert order() is None
    assert registry.audit("acme") == []


def cycle(registry: ModelRegistry, turn: int) -> None:
    """Define, use and clean up a tenant, under names and structures that were never there."""
    code = f"tenant{turn}"
    with tenant(code):
        model = registry.define(f"Model{turn}", {**TICKET, f"own{turn}": str})
        registry.define(f"Other{turn}", TICKET)
        registry.define(
            "Same", registry.parse("Same", {"other": f"Other{turn}", "x": [{"y": int}]})
        )
        registry.extend("Global", {f"more{turn}": int})
        registry.find_model_by_structure({"lat": float})
        registry.find_model_by_name("Same").info.cache["x"] = turn
    model.observe("access", lambda _: model)
    model(title="a", where={"lat": 1})
    registry.cleanup_tenant(code)


def test_many_cycles_end_where_few_did(registry: ModelRegistry) -> None:
    """A thousand cycles of define, use and clean-up leave what a hundred left: nothing."""
    # REG-48, REG-80, faults 3, 17
    registry.define("Global", {"x": int})
    lines = len(linecache.cache)
    for turn in range(100):
        cycle(registry, turn)
    few, classes = counted(*OURS), len(registry.instance_type.__subclasses__())
    for turn in range(100, 1_000):
        cycle(registry, turn)
    assert counted(*OURS) == few
    assert len(registry.instance_type.__subclasses__()) == classes
    assert len(registry.shapes) == 1
    assert len(linecache.cache) == lines
    assert registry.get_stats().registered_total == registry.get_stats().disposed_total + 1
    check(registry)


def test_many_sources_end_where_few_did(registry: ModelRegistry) -> None:
    """Data sources and apps that come and go leave nothing behind."""

    # REG-04
    def turn(at: int) -> None:
        source = Store(registry, f"s{at}")
        source.define("A", {**TICKET, f"own{at}": str})
        registry.register_model_for_app(lambda: None, source.define("B", TICKET))

    def run(turns: range) -> dict[str, int]:
        for at in turns:
            turn(at)
        gc.collect()
        assert registry.get_stats().owners == 0
        return counted(*OURS)

    few = run(range(20))
    assert run(range(20, 200)) == few
    check(registry)


@again
def test_memory_is_given_back() -> None:
    """After the clean-up at most a hundredth of what the models took is left."""
    registry = ModelRegistry()

    # REG-48
    def fill() -> None:
        for at in range(4_000):
            registry.define(f"M{at}", {f"p{at % 20}": str, "where": {"lat": float}}, tenant="acme")

    fill()
    registry.cleanup_tenant("acme")
    with traced() as grown:
        fill()
        taken = grown()
        registry.cleanup_tenant("acme")
        left = grown()
    assert taken > 100_000
    assert left <= taken / 100


@again
def test_a_model_on_a_known_shape_is_small() -> None:
    """A model on a known shape takes at most 300 bytes."""
    # REG-31
    registry = ModelRegistry()
    parsed = registry.parse("A", {f"p{at}": str for at in range(10)})
    names = [f"M{at}" for at in range(10_000)]
    registry.define("A", parsed, tenant="acme")
    with traced() as grown:
        for name in names:
            registry.define(name, parsed, tenant="acme")
        taken = grown()
    assert taken / len(names) <= 300
    estimate = registry.tenant("acme").get_stats().bytes_estimate
    assert 0.6 * taken <= estimate <= 1.4 * taken


def test_instances_die_with_their_users(registry: ModelRegistry) -> None:
    """An instance is freed at once when nobody holds it; no registry knows of it."""
    # REG-48
    model = registry.define("A", TICKET)
    instance = weakref.ref(model(title="a", where={"lat": 1}))
    assert instance() is None
    assert issubclass(type(model()), Instance)
