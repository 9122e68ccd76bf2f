"""Namespaces: a mapping of models that registers on write and shows the present."""

from collections.abc import Callable, Mapping, MutableMapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.context import tenant
from juggler.errors import DefinitionError
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.registry import ModelRegistry
from tests.registry.helpers import Application, Store, calls, check

AWKWARD = (
    "keys", "values", "items", "get", "pop", "map", "length", "constructor", "__class__",
    "__proto__", "__init__", "_owner", "_registry", "find", "save", "define", "class", "a b", "a,b",
    "a/b", "ä", "\n", "models", "clear", "None", "1",
)  # fmt: skip


def test_it_is_a_mapping(store: Store) -> None:
    """A namespace answers what a mapping answers, in order of definition."""
    # REG-19
    user, order = store.define("User"), store.define("Order")
    models = store.models
    assert isinstance(models, Mapping | MutableMapping)
    assert models["User"] is user
    assert models.get("User") is user
    assert models.get("X") is None
    assert models.get("X", 1) == 1
    with pytest.raises(KeyError):
        models["X"]
    assert "User" in models
    assert "X" not in models
    assert len(models) == 2
    assert list(models) == list(models.keys()) == ["User", "Order"]
    assert list(models.values()) == [user, order]
    assert list(models.items()) == [("User", user), ("Order", order)]
    assert list(reversed(models)) == ["Order", "User"]
    assert models == {"User": user, "Order": order}
    assert models != {"User": user}
    assert {**models} == models.copy() == dict(models)
    assert type(models.copy()) is dict
    match models:
        case {"User": found}:
            assert found is user


def test_names_are_attributes(store: Store) -> None:
    """Names that are identifiers are attributes, listed by dir; unknown ones raise."""
    # REG-19
    user = store.define("User")
    store.define("a b")
    assert store.models.User is user
    assert {"User", "keys", "get_model"} <= set(dir(store.models))
    assert "a b" not in dir(store.models)
    with pytest.raises(AttributeError, match="X"):
        store.models.X  # noqa: B018
    assert not hasattr(store.models, "X")
    assert "User" in repr(store.models)


@pytest.mark.parametrize("name", AWKWARD)
def test_any_name_works(registry: ModelRegistry, store: Store, name: str) -> None:
    """A model may be called like a method, a keyword or anything else that is text."""
    # REG-10, fault 21
    models = [store.define(name, {"x": int}), registry.define(name, {"x": int}, tenant="acme")]
    app = Application()
    models.append(registry.register_model_for_app(app, Store(registry).define(name)))
    spaces = [
        store.models,
        registry.tenant("acme").models,
        ModelRegistryProxy(app, "app", registry),
    ]
    for model, space in zip(models, spaces, strict=True):
        assert space[name] is space.get(name) is space.get_model(name) is model
        assert list(space) == list(space.keys()) == [name]
        assert dict(space.items()) == {name: model}
        if name.isidentifier() and not hasattr(dict, name) and not hasattr(type(space), name):
            assert getattr(space, name) is model
        assert model.model_name == name
        assert model(x="1").to_dict() in ({"x": 1}, {"x": "1"})
    check(registry)
    del store.models[name]
    assert name not in store.models
    check(registry)


@given(st.text(min_size=1))
def test_any_text_works(name: str) -> None:
    """Every text that is Unicode and names no type can name a model, in a tenant too."""
    # REG-10
    registry = ModelRegistry()
    try:
        model = registry.define(name, {"x": int}, tenant="acme")
    except DefinitionError as error:
        assert name in registry.builder.reader.types or "Unicode" in str(error)  # noqa: PT017
        return
    with tenant("acme"):
        assert registry.find_model_by_name(name) is model
    assert registry.find_model_by_name(name) is None
    assert registry.cleanup_tenant("acme").cleaned_models == (name,)


def test_writing_registers(registry: ModelRegistry, store: Store, other: Store) -> None:
    """Assigning a model registers it, under its own name only."""
    # REG-20
    model = store.define("A")
    with pytest.raises(ValueError, match="called 'A'"):
        other.models["B"] = model
    thing: Any
    for thing in (None, 5, {}, "A"):
        with pytest.raises(TypeError, match="no model"):
            other.models["A"] = thing
    other.models["A"] = model
    assert list(store.models) == []
    assert model.owner is other
    other.models["A"] = model
    store.models.set_model("A", model)
    other.models.update({"A": model})
    assert other.models.setdefault("A") is model
    store.models.setdefault("A", model)
    assert store.models["A"] is model
    check(registry)


def test_merging_is_refused(store: Store) -> None:
    """There is no `|`, and nobody guesses which model popitem takes."""
    # REG-19
    merge: Callable[[], Any]
    for merge in (
        lambda: store.models | {},
        lambda: {} | store.models,
        lambda: store.models.__ior__({}),
        store.models.popitem,
    ):
        with pytest.raises(TypeError):
            merge()


def test_deleting_disposes(registry: ModelRegistry, store: Store) -> None:
    """Deleting, popping and clearing unregister and dispose."""
    # REG-20, fault 15
    models = [store.define(name) for name in ("A", "B", "C", "D")]
    del store.models["A"]
    assert store.models.pop("B") is models[1]
    with pytest.raises(KeyError):
        del store.models["A"]
    with pytest.raises(KeyError):
        store.models.pop("A")
    assert store.models.pop("A", None) is None
    store.models.clear()
    assert all(model.is_disposed for model in models)
    assert store.forgotten == ["A", "B", "C", "D"]
    assert len(store.models) == 0
    check(registry)


def test_the_methods_of_the_original(store: Store) -> None:
    """Who knows the original finds its methods."""
    # REG-22
    model = store.define("A")
    assert store.models.get_model("A") is model
    assert store.models.get_model("B") is None
    assert store.models.has_model("A") is True
    assert store.models.has_model("B") is False
    assert store.models.get_model_names() == ["A"]


def test_the_constructor(registry: ModelRegistry, store: Store) -> None:
    """Building one gives the owner's own namespace; what does not fit is refused by name."""
    # REG-21
    app = Application()
    registry.register_model_for_app(app, store.define("A"))
    assert ModelRegistryProxy(store, "data_source") is store.models
    assert ModelRegistryProxy(app, "app", registry)["A"].app is app
    assert ModelRegistryProxy("acme", "tenant", registry) is registry.tenant("acme").models
    assert ModelRegistryProxy(registry.tenant("acme"), "tenant") is registry.tenant("acme").models
    with pytest.raises(ValueError, match="needs an owner"):
        ModelRegistryProxy(None, "app", registry)
    kind: Any
    for kind in ("model", "", None, "global", []):
        with pytest.raises(ValueError, match="kind is"):
            ModelRegistryProxy(store, kind, registry)
    with pytest.raises(ValueError, match="data_source"):
        ModelRegistryProxy(store, "app", registry)


def test_it_shows_the_present(registry: ModelRegistry, store: Store) -> None:
    """Every change is seen at once, through every reference."""
    # REG-23, fault 14
    one, two = store.models, ModelRegistryProxy(store, "data_source", registry)
    listed = registry.get_models_for_owner(store)
    model = store.define("A")
    assert one["A"] is two["A"] is model
    assert listed == [], "a list that was handed out is nobody's cache"
    registry.get_models_for_owner(store).clear()
    assert "A" in one
    registry.clear()
    assert "A" not in one
    assert "A" not in two
    assert store.define("A") is two["A"]


def test_changing_while_iterating(store: Store) -> None:
    """Defining or deleting while somebody iterates raises, as for a dict."""
    # REG-23
    store.define("A")
    with pytest.raises(RuntimeError):  # noqa: PT012
        for name in store.models:
            store.define(f"{name}x")
    for view in (store.models.values(), store.models.items()):
        with pytest.raises(RuntimeError):  # noqa: PT012
            for _ in view:
                del store.models[next(iter(store.models))]
    for name in list(store.models):
        del store.models[name]


def test_reading_costs_what_a_dict_costs(store: Store) -> None:
    """A name is read by the code of dict itself, whatever the number of models."""
    # REG-24, fault 28
    assert ModelRegistryProxy.__getitem__ is dict.__getitem__
    assert ModelRegistryProxy.get is dict.get
    assert ModelRegistryProxy.__contains__ is dict.__contains__
    assert ModelRegistryProxy.__iter__ is dict.__iter__
    assert type(store.models) is ModelRegistryProxy
    of_tenants: Any = type(ModelRegistryProxy("acme", "tenant", store.registry))
    assert of_tenants.__getitem__ is dict.__getitem__, "declared or not, a built model is read so"


def test_thousands_of_names(registry: ModelRegistry, store: Store) -> None:
    """The twenty thousandth model is defined, and all are listed, with the work of the first."""
    # REG-24, fault 21
    parsed = registry.parse("A", {"x": int})

    def define(at: int) -> int:
        return calls(lambda: registry.builder.make(f"M{at}", parsed, None, store.models))

    def listing() -> int:
        return calls(store.models.get_model_names)

    define(0)
    first, short = define(1), listing()
    for at in range(2, 20_000):
        registry.builder.make(f"M{at}", parsed, None, store.models)
    assert (define(20_000), listing()) == (first, short)
    assert store.models.get_model_names() == [f"M{at}" for at in range(20_001)]
    store.models.clear()
    check(registry)


def test_an_object_is_no_namespace(registry: ModelRegistry) -> None:
    """An owner's attribute that is called `models` or `registry` is not taken for ours."""

    # REG-05
    class App:
        """Somebody's application."""

        models: Any = "a package"
        registry: Any = "a place"

    app = App()
    found = ModelRegistryProxy(app, "app", registry)
    assert found == {}
    assert registry.owner_kind(app) == "app"
