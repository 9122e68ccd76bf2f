"""Who owns which model, how models move, and that owners are held weakly."""

import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import ConnectorDetachedError, DefinitionError, ModelDisposedError
from juggler.models.declared import ModelMeta
from juggler.models.instances.instance import Instance
from juggler.registry.registry import ModelRegistry
from tests.names import name_of
from tests.registry.helpers import Application, NoReferences, Odd, Store, check


def application() -> None:
    """Stand for an ASGI application that is a function."""


class Root(Instance, metaclass=ModelMeta):
    """The root of declared models, as the facade has one."""


def test_the_same_name_for_two_owners(registry: ModelRegistry, store: Store, other: Store) -> None:
    """Two data sources with equal settings are two owners, each with its own models."""
    # REG-01, REG-03, REG-54
    one, two = store.define("User", {"name": str}), other.define("User", {"email": str})
    assert store.models["User"] is one
    assert other.models["User"] is two
    assert one.owner is store
    assert two.owner is other
    store.close()
    assert other.models["User"] is two
    assert not two.is_disposed
    check(registry)


def test_effective_owners(registry: ModelRegistry, store: Store) -> None:
    """App, data source, current tenant, else global: the first that applies owns a model."""
    # REG-02
    app = Application()
    attached = store.define("A")
    registry.register_model_for_app(app, attached)
    assert (attached.owner_kind, attached.app, attached.data_source) == ("app", app, store)
    with tenant("acme"):
        assert store.define("B").owner_kind == "data_source"
        assert registry.define("C").owner == "acme"
        assert registry.register_model(attached).owner is app
    assert registry.define("D").owner_kind == "global"
    assert registry.define("D").owner is None
    check(registry)


@pytest.mark.parametrize("app", [Application(), application, Odd(), Application], ids=name_of)
def test_anything_may_be_an_app(registry: ModelRegistry, store: Store, app: Any) -> None:
    """An app is any object that can be weakly referenced, known by identity."""
    # REG-03
    before = dict(vars(app))
    model = registry.register_model_for_app(app, store.define("A"))
    assert model.app is app
    assert registry.get_models_for_owner(app) == [model]
    assert registry.get_model_for_owner(Odd(), "A") is None
    assert dict(vars(app)) == before, "nothing is written on an owner"
    assert registry.owner_kind(app) == "app"


def test_owners_that_cannot_be_referenced(registry: ModelRegistry, store: Store) -> None:
    """An owner that cannot be weakly referenced is refused with the remedy, and nothing changes."""
    # REG-03
    model = store.define("A")
    for owner in (NoReferences(), "text", 5):
        with pytest.raises(TypeError, match="__weakref__"):
            registry.register_model_for_app(owner, model)
    assert store.models["A"] is model
    assert model.owner is store
    check(registry)


def test_a_dropped_source_takes_its_models(registry: ModelRegistry) -> None:
    """A data source that nobody refers to goes with its models, without any call."""
    # REG-04, fault 29
    store = Store(registry)
    model = weakref.ref(store.define("A", {"where": {"lat": float}}))
    source, shape = weakref.ref(store), weakref.ref(store.models["A"].shape)
    assert registry.get_stats().total_models == 2
    del store
    gc.collect()
    assert source() is None
    assert model() is None
    assert shape() is None
    assert registry.get_stats().total_models == 0
    assert registry.get_stats().disposed_total == 2
    assert registry.get_stats().owners == 0
    check(registry)


def test_a_kept_model_keeps_its_source(registry: ModelRegistry) -> None:
    """A model that somebody holds goes on working, and so does its data source."""
    # REG-04
    model = Store(registry).define("A", {"x": int})
    gc.collect()
    assert model.data_source.models["A"] is model
    assert model.owner is model.data_source
    assert not model.is_disposed
    check(registry)


def test_a_dropped_app_takes_its_models(registry: ModelRegistry, store: Store) -> None:
    """An app of somebody else goes when it is dropped, and its models with it."""
    # REG-04
    app = Application()
    model = weakref.ref(registry.register_model_for_app(app, store.define("A")))
    reference = weakref.ref(app)
    del app
    gc.collect()
    assert reference() is None
    assert model() is None
    assert registry.get_tenant_registry_info().active_apps == 0
    check(registry)


def test_a_kept_model_of_a_dropped_app(registry: ModelRegistry, store: Store) -> None:
    """A model whose app is gone still works on its data source, and can be registered anew."""
    # REG-04
    app = Application()
    model = registry.register_model_for_app(app, store.define("A"))
    del app
    gc.collect()
    assert model.app is None
    assert model.data_source is store
    assert registry.register_model(model).owner is store
    check(registry)


def test_new_owners_never_get_old_models(registry: ModelRegistry, store: Store) -> None:
    """An owner at the address of a dead one is another owner."""
    # REG-03
    for _ in range(50):
        app = Application()
        assert registry.get_models_for_owner(app) == []
        registry.register_model_for_app(app, store.define("A"))
        del app
    gc.collect()
    check(registry)


@pytest.mark.parametrize("owner", [None, 5, "acme", "store", [], object(), Odd(), Application()])
def test_kinds_of_strangers(registry: ModelRegistry, owner: Any) -> None:
    """Text, None and objects the registry does not know have no kind and no models."""
    # REG-05, REG-14, fault 9
    registry.define("A", tenant="acme")
    before = registry.get_stats()
    assert registry.owner_kind(owner) is None
    assert registry.get_models_for_owner(owner) == []
    assert registry.get_model_names_for_owner(owner) == []
    assert registry.has_model_for_owner(owner, "A") is False
    assert registry.get_model_for_owner(owner, "A") is None
    assert registry.get_stats() == before


def test_kinds_are_never_guessed(registry: ModelRegistry) -> None:
    """An object that looks like a data source or an app is neither."""

    # REG-05
    class Likeness:
        """Has every attribute that one could guess by."""

        models: dict[str, Any] = {}
        connector = settings = name = kind = data_source = "memory"

    assert registry.owner_kind(Likeness()) is None


def test_kinds(registry: ModelRegistry, store: Store) -> None:
    """Data sources, apps and tenants say what they are; a tenant's code is only text."""
    # REG-05, REG-15
    app = Application()
    registry.register_model_for_app(app, store.define("A"))
    acme = registry.tenant("acme")
    registry.define("T", tenant="acme")
    assert [registry.owner_kind(each) for each in (store, app, acme, "acme")] == [
        "data_source", "app", "tenant", None,
    ]  # fmt: skip
    assert registry.get_model_names_for_owner_with_type("acme", "tenant") == ["T"]
    assert registry.get_models_for_owner_with_type("acme", "app") == []
    assert registry.get_models_for_owner_with_type(acme, "tenant") == [acme.models["T"]]
    assert registry.has_model_for_owner_with_type(app, "A", "app") is True
    assert registry.has_model_for_owner_with_type(app, "A", "data_source") is False
    assert registry.get_model_for_owner_with_type(app, "A", "app") is not None
    assert registry.get_model_for_owner_with_type(app, "A", "tenant") is None
    assert registry.get_model_for_owner_with_type("nobody", "T", "tenant") is None
    assert registry.get_model_names_for_owner_with_type(store, "nonsense") == []


def test_registering(registry: ModelRegistry, store: Store) -> None:
    """None and the nameless root come back, other things are refused, twice is once."""
    # REG-06
    model = store.define("A", {"x": int})
    before = registry.get_stats()
    assert registry.register_model(None) is None
    assert registry.register_model(Root) is Root
    assert registry.register_model(model) is model
    assert registry.register_model(model, {"x": int}, owner=store) is model
    thing: Any
    for thing in (5, "A", {}, object, Store):
        with pytest.raises(TypeError, match="no model"):
            registry.register_model(thing)
        with pytest.raises(TypeError, match="no model"):
            registry.register_model_for_app(Application(), thing)
    assert registry.get_stats().total_models == before.total_models
    assert registry.get_stats().registered_total == before.registered_total
    check(registry)


def test_registering_for_an_app(registry: ModelRegistry, store: Store) -> None:
    """A model that is registered for an app leaves its source's namespace, not its source."""
    # REG-07, REG-14
    app, model = Application(), store.define("A")
    assert registry.register_model_for_app(None, model) is model
    assert model.owner is store
    assert registry.register_model_for_app(app, model) is model
    assert "A" not in store.models
    assert registry.get_models_for_owner(store) == []
    assert model.data_source is store
    store.close()
    assert not model.is_disposed, "the app owns it"
    check(registry)


def test_moving(registry: ModelRegistry, store: Store, other: Store) -> None:
    """Attaching a model elsewhere moves it; its former owner has nothing to do with it any more."""
    # REG-08, fault 16
    model = store.define("A", {"where": {"lat": float}})
    inner = model.nested["where"]
    other.attach(model)
    assert list(store.models) == []
    assert other.models["A"] is model
    assert inner.is_disposed, "nobody needs the former owner's anonymous model"
    assert model.nested["where"].owner is other
    assert model.nested["where"].shape is inner.shape
    store.close()
    assert not model.is_disposed
    assert registry.get_stats().registered_total == 3, "moving registers no new model"
    check(registry)


def test_moving_between_tenants_and_sources(registry: ModelRegistry, store: Store) -> None:
    """A model can become a tenant's, a source's, an app's; it is always in one place."""
    # REG-08
    app, model = Application(), registry.define("A", {"where": {"lat": float}})
    acme = registry.tenant("acme")
    move: Callable[[], Any]
    for move in (
        lambda: acme.register_model(model),
        lambda: store.attach(model),
        lambda: registry.register_model(model, owner=acme),
        lambda: registry.register_model(model, owner=app),
        lambda: registry.register_model(model, owner=store),
    ):
        move()
        check(registry)
        places = [space for space in registry.spaces() if "A" in space]
        assert len(places) == 1
    assert model.owner is store


def test_replacing(registry: ModelRegistry, store: Store) -> None:
    """Defining a name again replaces the model: the old one is released, nothing refers to it."""
    # REG-09, fault 3
    old = store.define("A", {"x": int})
    instance = old(x=1)
    new = store.define("A", {"x": int})
    assert store.models["A"] is new
    assert old.is_disposed
    assert store.forgotten == ["A"]
    with pytest.raises(ModelDisposedError) as error:
        old.check_alive("find")
    assert (error.value.model, error.value.code) == ("A", "MODEL_DISPOSED")
    with pytest.raises(ModelDisposedError):
        store.attach(old)
    assert instance.x == 1
    reference = weakref.ref(old)
    del old, instance, error
    gc.collect()
    assert reference() is None
    check(registry)


def test_a_hundred_redefinitions_keep_one_model(registry: ModelRegistry, store: Store) -> None:
    """However often a name is defined anew, one model is alive."""
    # REG-09, fault 3
    alive = weakref.WeakSet[Any]()
    for at in range(100):
        alive.add(store.define("A", {f"x{at}": int, "where": {f"y{at}": int}}))
    gc.collect()
    assert len(alive) == 1
    assert len(registry.shapes) == 2
    check(registry)


def test_models_of_closed_sources(registry: ModelRegistry, store: Store) -> None:
    """A model whose source was closed says so; a tenant's deleted one is disposed."""
    # REG-47
    model = store.define("A")
    store.close()
    with pytest.raises(ConnectorDetachedError) as error:
        model.check_alive("find")
    assert error.value.code == "CONNECTOR_DETACHED"
    store.close()
    check(registry)


def test_models_of_other_registries(registry: ModelRegistry, store: Store) -> None:
    """A model that stands in one registry cannot be put into another as well."""
    # REG-01
    foreign = Store(ModelRegistry()).define("A")
    with pytest.raises(ValueError, match="another registry"):
        store.models["A"] = foreign
    assert foreign.owner is not store
    check(registry)


def test_other_tenants_models_are_no_bases(registry: ModelRegistry) -> None:
    """A definition cannot refer to a model of another tenant, by name, as base or as type."""
    # REG-12, fault 4
    theirs = registry.define("Theirs", {"x": int}, tenant="bolt")
    with tenant("acme"):
        for properties, base in (({}, theirs), ({"a": theirs}, None), ({"a": [theirs]}, None)):
            with pytest.raises(DefinitionError, match="belongs to a tenant"):
                registry.define("Mine", properties, base=base)
        with pytest.raises(DefinitionError):
            registry.define("Mine", {}, base="Theirs")
        assert registry.tenant("acme", create=False) is None
        mine = registry.define("Mine", {"a": "Theirs"})
        assert mine.nested["a"] is not theirs, "that name is one of acme's own, still undefined"
        with pytest.raises(DefinitionError, match="Theirs is not defined"):
            mine(a={"x": 1})
    with pytest.raises(DefinitionError, match="belongs to a tenant"):
        registry.define("Mine", {"a": theirs})
    check(registry)
