"""Eviction: definitions stay, models that somebody holds come back as the same object."""

import gc
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import ModelDisposedError
from juggler.registry.managing.policy import Policy
from juggler.registry.records import RegistryEvent
from juggler.registry.registry import ModelRegistry
from tests.patience import PATIENCE
from tests.registry.helpers import Clock, Store, check
from tests.registry.test_owners import Root
from tests.registry.threads import in_threads, until

PLACE = {"lat": float, "lng": float}
CRM: dict[str, Any] = {
    "Person": {"name": str, "where": PLACE},
    "Customer": ({"since": "date"}, {"base": "Person"}),
    "Note": {"text": str},
}


def test_models_are_held_no_longer(registry: ModelRegistry) -> None:
    """An evicted tenant is its definitions again: the very bundle it was declared with."""
    # REG-77
    bundle = registry.declare("acme", CRM)
    models = registry.tenant("acme").models
    gone = [weakref.ref(model) for model in models.values()]
    told: list[RegistryEvent] = []
    registry.on("*", told.append)
    del models
    assert registry.evict("acme") is True
    assert [each() for each in gone] == [None] * 3
    assert registry._room.bundles_of["acme"] is bundle
    assert [(each.event, each.tenant) for each in told] == [("tenant_evicted", "acme")]
    stats = registry.get_stats()
    assert (stats.total_models, stats.unique_models, stats.disposed_total) == (3, 0, 0)
    check(registry)
    assert list(registry.tenant("acme").models) == list(CRM)
    assert [each.event for each in told] == ["tenant_evicted", "tenant_activated"]
    check(registry)


def test_what_was_defined_is_evicted_too(registry: ModelRegistry, store: Store) -> None:
    """Models that were defined one by one come back with base, source, settings and order."""
    # REG-77
    shared = registry.define("Shared", {"x": int})
    with tenant("acme"):
        registry.define("B", {"where": PLACE}, plural="bees")
        registry.define("A", {"y": int}, base=shared)
        registry.define("C", {"z": int}, base="B", data_source=store)
        keys = {
            model.model_name: model.definition.key
            for model in registry.tenant("acme").models.values()
        }
    assert registry.evict("acme")
    models = registry.tenant("acme").models
    assert list(models) == ["B", "A", "C"]
    assert models["A"].base is shared
    assert models["C"].base is models["B"]
    assert models["C"].data_source is store
    assert {each.model_name: each.definition.key for each in models.values()} == keys
    assert store.forgotten == [], "nothing was disposed"
    check(registry)


def test_equal_tenants_share_a_bundle(registry: ModelRegistry) -> None:
    """Tenants that were defined alike are one bundle once they are evicted."""
    # REG-76, REG-77
    for code in ("acme", "bolt"):
        with tenant(code):
            registry.define("A", {"x": int})
            registry.define("B", {"where": PLACE})
        registry.evict(code)
    assert registry._room.bundles_of["acme"] is registry._room.bundles_of["bolt"]
    check(registry)


def test_held_models_come_back(registry: ModelRegistry) -> None:
    """A model that somebody holds is the one that is read next, whatever else was built anew."""
    # REG-77
    registry.declare("acme", CRM)
    models = registry.tenant("acme").models
    person, where = models["Person"], models["Person"].nested["where"]
    since = person._since
    for _ in range(3):
        assert registry.evict("acme")
        check(registry)
        with tenant("acme"):
            assert registry.find_model_by_name("Person") is person
            assert registry.find_model_by_structure(PLACE) is where
            assert registry.find_model_by_name("Customer").base is person
        assert person._since == since
        assert not person.is_disposed
        check(registry)
    stats = registry.get_stats()
    assert (stats.registered_total, stats.disposed_total) == (4, 0)


def test_an_instance_holds_its_model(registry: ModelRegistry) -> None:
    """Instances keep the model they were made of, which is the one that comes back."""
    # REG-77
    registry.declare("acme", CRM)
    ada = registry.tenant("acme").models["Person"](name="Ada", where={"lat": 1, "lng": 2})
    registry.evict("acme")
    assert ada.where.lat == 1
    assert isinstance(ada, registry.tenant("acme").models["Person"])
    check(registry)


def test_an_anonymous_model_serves_again(registry: ModelRegistry) -> None:
    """An anonymous model that somebody holds serves its structure when it is needed again."""
    # REG-33, REG-77
    registry.declare("acme", CRM)
    where = registry.tenant("acme").models["Person"].nested["where"]
    registry.evict("acme")
    with tenant("acme"):
        registry.define("Other", {"at": {"else": int}})
    models = registry.tenant("acme").models
    assert models["Other"].nested["at"].model_name != where.model_name
    check(registry)
    assert where.model_name not in models
    assert models["Person"].nested["where"] is where is models[where.model_name]
    check(registry)
    registry.evict("acme")
    del models
    assert registry.cleanup_tenant("acme").error is None
    assert where.is_disposed
    check(registry)


def test_handles_go_on(registry: ModelRegistry) -> None:
    """Handles and namespaces show a cold tenant without waking it; reading a model wakes it."""
    # REG-23, REG-77
    registry.declare("acme", CRM)
    handle = registry.tenant("acme")
    models = handle.models
    models["Note"]
    registry.evict("acme")
    assert (list(models), len(models), "Note" in models, bool(models)) == ([*CRM], 3, True, True)
    assert models.describe("Note").shape.names == ("id", "text")
    assert handle.definition("Note") is models.describe("Note")
    assert registry.owner_kind(handle) == "tenant"
    assert registry.get_model_names_for_owner(handle) == list(CRM)
    assert registry.get_tenant_registry_info().tenants["acme"]["models"] == list(CRM)
    assert registry.get_tenant_registry_info().active_tenants == 0
    assert handle.get_stats().model_count == 3
    assert "acme" in registry._cold
    assert models.get("X") is None
    assert "acme" in registry._cold
    note = models["Note"]
    assert registry.tenant("acme").models is models
    assert note is registry.tenant("acme").models.Note
    check(registry)


WRITES: dict[str, Callable[[ModelRegistry, Any], Any]] = {
    "delete": lambda _, models: models.__delitem__("Note"),
    "clear": lambda _, models: models.clear(),
    "remove_all": lambda registry, models: registry.remove_all(models),
    "assign": lambda registry, models: models.__setitem__("G", registry.global_models["G"]),
    "make": lambda registry, models: registry.builder.make("N", {"x": int}, None, models),
    "nested": lambda registry, models: registry.builder.make("N", {"x": PLACE}, None, models),
    "declare": lambda registry, _: registry.declare("acme", {"N": {}}),
    "redeclare": lambda registry, _: registry.tenant("acme").declare({"Note": {"x": int}}),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_writing_to_a_cold_namespace(registry: ModelRegistry, write: Any) -> None:
    """Whoever writes to a namespace that went cold meanwhile writes to the tenant."""
    # REG-74, REG-77
    registry.define("G", {"x": int})
    registry.declare("acme", CRM)
    models = registry.tenant("acme").models
    models["Note"]
    registry.evict("acme")
    write(registry, models)
    check(registry)
    assert registry.tenant("acme").models is models


@pytest.mark.parametrize("way", ["remove", "attach", "register", "app"])
def test_what_is_held_of_a_cold_tenant(registry: ModelRegistry, store: Store, way: str) -> None:
    """A model of a cold tenant can be deleted and moved like any other."""
    # REG-08, REG-77
    registry.declare("acme", CRM)
    note = registry.tenant("acme").models["Note"]
    registry.evict("acme")
    if way == "remove":
        registry.remove(note)
        assert note.is_disposed
    elif way == "attach":
        store.attach(note)
        assert store.models["Note"] is note
    elif way == "register":
        registry.register_model(note)
        assert registry.tenant("acme").models["Note"] is note
    else:
        registry.register_model_for_app(Store, note)
    check(registry)
    assert ("Note" in registry.tenant("acme").models) is (way == "register")
    check(registry)


def test_what_cannot_be_built_again_stays(registry: ModelRegistry) -> None:
    """Classes, models with behaviour of their own and anonymous ones made by hand are kept."""
    # REG-77

    class Order(Root, registry=registry):
        """A declared model with something of its own."""

        where: dict[str, Any]

    with tenant("acme"):
        registry.define("A", {"x": int})
        seen = registry.define("Seen", {"where": PLACE})
        seen.observe("loaded", print)
        ruled = registry.define("Ruled", {"x": int})
        ruled.validates_presence_of("x")
        calls: list[str] = []
        last = registry.define("Last", {"x": int})
        last.on_dispose(lambda: calls.append("last"))
        hand = registry.define("Hand", {"h": int}, {"anonymous": True, "id_injection": False})
        registry.tenant("acme").register_model(Order)
        kept = [weakref.ref(each) for each in (seen, ruled, last, hand)]
    names = list(registry.tenant("acme").models)
    registry.evict("acme")
    del seen, ruled, last, hand
    gc.collect()
    assert registry._cold["acme"].held == 5
    check(registry)
    models = registry.tenant("acme").models
    assert [name for name in models if not name.startswith("Anonymous")] == [
        name for name in names if not name.startswith("Anonymous")
    ]
    assert [models[each().model_name] for each in kept] == [each() for each in kept]  # type: ignore[union-attr]  # they live
    assert models["Seen"].observers_of("loaded") == (print,)
    assert models["Order"] is Order
    with tenant("acme"):
        assert registry.find_model_by_structure({"h": int}) is models["Hand"]
        assert registry.find_model_by_structure(PLACE) is models["Seen"].nested["where"]
    check(registry)
    registry.evict("acme")
    assert calls == []
    registry.cleanup_tenant("acme")
    assert calls == ["last"]
    assert Order.is_disposed
    check(registry)


def test_in_use_stays(registry: ModelRegistry) -> None:
    """A tenant in use is not evicted; unknown, cold and impossible ones neither."""
    # REG-43, REG-77
    registry.declare("acme", CRM)
    code: Any
    for code in ("acme", "bolt", "", None, 5, []):
        assert registry.evict(code) is False
    handle = registry.tenant("acme")
    note = handle.models["Note"]
    with handle.lease():
        assert registry.evict("acme") is False
        note._owner.enter()
        note._owner.leave()
    assert registry.evict("acme") is True
    with handle.lease():
        assert registry.get_stats().tenant_stats[0].in_use
        assert registry.cleanup_tenant("acme").error == "in use"
    assert registry.cleanup_tenant("acme").models_removed == 3
    assert note.is_disposed
    with pytest.raises(ModelDisposedError):
        note.check_alive()
    check(registry)


def test_figures_survive(registry: ModelRegistry, clock: Clock) -> None:
    """Accesses, times, pins and policies outlive eviction, also when they change meanwhile."""
    # REG-41, REG-59, REG-64, REG-77
    registry.declare("acme", CRM)
    handle = registry.tenant("acme")
    clock.now = 110.0
    with tenant("acme"):
        note = registry.find_model_by_name("Note")
    handle.policy = Policy(max_idle=5.0)
    registry.evict("acme")
    clock.now = 120.0
    note._owner.touch()
    handle.pinned = True
    del note, handle
    clock.now = 130.0
    (stats,) = registry.get_stats().tenant_stats
    assert (stats.creation_time, stats.last_accessed, stats.accesses) == (100.0, 120.0, 2)
    assert (stats.idle_time, stats.cold, stats.model_count) == (10.0, True, 3)
    registry.tenant("acme")
    (stats,) = registry.get_stats().tenant_stats
    assert (stats.creation_time, stats.last_accessed, stats.accesses) == (100.0, 120.0, 2)
    assert registry.tenant("acme").pinned is True
    assert registry.tenant("acme").policy == Policy(max_idle=5.0)
    registry.cleanup_tenant("acme")
    registry.declare("acme", CRM)
    assert registry.tenant("acme").pinned is False, "a tenant that returns begins anew"


def test_many_readers_build_one(registry: ModelRegistry) -> None:
    """However many threads ask first, one model is built; the others wait for it."""
    # REG-74, REG-76
    registry.declare("acme", CRM)
    build, entered = registry._placement.build, threading.Event()
    release = threading.Event()

    def slowly(namespace: Any, model: Any) -> None:
        entered.set()
        assert release.wait(PATIENCE)
        build(namespace, model)

    registry._placement.build = slowly  # type: ignore[method-assign]  # a gate at the race
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(lambda: registry.tenant("acme").models["Note"]) for _ in range(8)]
        assert entered.wait(PATIENCE)
        release.set()
        found = {id(each.result()) for each in asked}
    assert len(found) == 1
    check(registry)


def test_threads(registry: ModelRegistry) -> None:
    """Reading, defining, evicting and listing in any order never shows half of a tenant."""
    # REG-74, REG-75
    registry.declare("acme", CRM)
    stop = threading.Event()

    def read() -> None:
        with tenant("acme"):
            for name in CRM:
                assert registry.find_model_by_name(name).model_name == name
        models = registry.tenant("acme").models
        assert set(CRM) <= set(models)
        assert len(models._all()) >= len(CRM)
        assert models["Customer"].base is not None

    def write(at: int) -> None:
        registry.evict("acme")
        registry.define(f"New{at % 3}", {"x": PLACE}, tenant="acme")
        registry.declare("acme", {"Note": {"text": str, "more": {f"p{at % 2}": int}}})
        registry.get_stats()
        registry.get_all_models()

    def work(at: int) -> None:
        if at > 0:
            for _ in until(stop):
                read()
            return
        try:
            for turn in range(300):
                write(turn)
        finally:
            stop.set()

    assert in_threads(work, threads=4) == []
    check(registry)
    registry.evict("acme")
    check(registry)


def test_a_registry_goes_with_its_cold_tenants() -> None:
    """Nothing of a cold tenant keeps a registry alive that nobody has any more."""
    # REG-04
    registry = ModelRegistry()
    base = registry.define("Base", {"x": int})
    registry.declare("acme", {"A": ({}, {"base": "Base"}), "B": {"where": PLACE}})
    with tenant("bolt"):
        registry.define("C", {"x": int}, base=base).observe("loaded", print)
    registry.evict("bolt")
    registry.evict("acme")
    gone = weakref.ref(registry)
    del registry, base
    gc.collect()
    assert gone() is None


def test_a_look_up_between_two_looks(registry: ModelRegistry) -> None:
    """A tenant that wakes after a reader found it not resident is not taken for unknown."""
    # REG-74, REG-76

    class Late(dict[str, Any]):
        """Cold tenants, of whom somebody else wakes the one that is asked for just before."""

        def get(self, code: str, default: Any = None) -> Any:
            registry._cold, waking = cold, registry._cold
            registry.tenant(code)
            registry._cold = waking
            return cold.get(code, default)

        def __contains__(self, code: object) -> bool:
            return self.get(str(code)) is not None

    cold = registry._cold
    for ask in (
        lambda: registry.find_model_by_name("Note"),
        lambda: registry.tenant("acme", create=False).models["Note"],
        lambda: registry.get_model_for_owner_with_type("acme", "Note", "tenant"),
    ):
        registry.declare("acme", CRM)
        registry.evict("acme")
        registry._cold = Late(cold)
        with tenant("acme"):
            assert ask() is not None
        registry._cold = cold
    check(registry)
