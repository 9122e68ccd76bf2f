"""Shapes: one for all tenants, weak, compiled once, and nothing in them can change."""

import gc
import threading
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import juggler.models.blueprint as blueprints
from juggler.errors import ModelDisposedError
from juggler.registry.registry import ModelRegistry
from tests.registry.helpers import Store, check, shapes_in_use

TICKET: dict[str, Any] = {
    "title": {"type": "string", "required": {"message": "m"}, "default": "x", "foo": {"a": [1]}},
    "tags": {"type": ["string"], "default": ["a"]},
    "where": {"lat": float, "lng": float},
    "log": [{"text": str, "at": "date"}],
}
SETTINGS: dict[str, Any] = {"hidden": ["title"], "acls": [{"deny": ["*"]}], "http": {"path": "t"}}


def test_one_shape_for_all(registry: ModelRegistry, store: Store) -> None:
    """Equal structures are one shape and one class, whoever defines them."""
    # REG-30, REG-31
    models = [registry.define("A", TICKET, tenant=f"t{at}") for at in range(3)]
    models += [store.define("B", dict(reversed(TICKET.items()))), registry.define("C", TICKET)]
    assert len({id(model.shape) for model in models}) == 1
    assert len({type(model()) for model in models}) == 1
    assert len({id(model.nested["where"].shape) for model in models}) == 1
    assert set(registry.shapes.fingerprints()) == shapes_in_use(registry)
    assert all(isinstance(model(), model) for model in models)
    assert not isinstance(models[0](), models[1])


def test_a_shape_goes_with_its_last_model(registry: ModelRegistry, store: Store) -> None:
    """A shape, its class and all that was compiled go with the last model that stands on them."""
    # REG-30, REG-48
    store.define("A", TICKET)
    registry.define("A", TICKET, tenant="acme")
    shape = weakref.ref(store.models["A"].shape)
    cls = weakref.ref(type(store.models["A"]()))
    inner = weakref.ref(store.models["A"].nested["where"].shape)
    registry.cleanup_tenant("acme")
    gc.collect()
    assert shape() is not None
    del store.models["A"]
    gc.collect()
    assert shape() is cls() is inner() is None
    assert len(registry.shapes) == 0


def test_an_instance_keeps_its_shape(registry: ModelRegistry) -> None:
    """An instance that somebody holds keeps what it needs to be read."""
    # REG-47
    instance = registry.define("A", TICKET, tenant="acme")(title="y", where={"lat": 1})
    registry.cleanup_tenant("acme")
    gc.collect()
    assert instance.title == "y"
    assert instance.where.lat == 1
    assert instance.to_dict()["tags"] == ["a"]
    with pytest.raises(ModelDisposedError):
        instance.model.check_alive("save")


def test_a_new_shape_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many threads define a new structure at a time, its class is compiled once."""
    # REG-30, REG-74
    registry = ModelRegistry()
    compiled: list[str] = []
    genuine: Callable[..., Any] = getattr(blueprints, "compile_shape")  # noqa: B009  it is not exported

    def counting(shape: Any, *rest: Any) -> Any:
        compiled.append(shape.fingerprint)
        return genuine(shape, *rest)

    monkeypatch.setattr(blueprints, "compile_shape", counting)
    threads = 8
    barrier = threading.Barrier(threads)
    made: list[Any] = []

    def define(at: int) -> None:
        for turn in range(30):
            barrier.wait()
            model = registry.define("A", {f"x{turn}": "string"}, tenant=f"t{at}")
            made.append(type(model()))

    workers = [threading.Thread(target=define, args=(at,)) for at in range(threads)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert len(made) == 30 * threads
    assert len(set(made)) == 30
    assert len(compiled) == len(set(compiled)) == 30
    check(registry)


def test_classes_are_frozen(registry: ModelRegistry) -> None:
    """Nobody can write on the class of a shape, through an instance or a model."""
    # REG-31, REG-32
    model = registry.define("A", TICKET)
    cls = type(model())
    for name in ("title", "save", "__init__", "anything", "_plans", "_model"):
        with pytest.raises(AttributeError):
            setattr(cls, name, 1)
        with pytest.raises((AttributeError, TypeError)):
            delattr(cls, name)
    with pytest.raises(AttributeError):
        cls.__bases__ = (object,)


def test_a_known_shape_makes_no_class(registry: ModelRegistry) -> None:
    """Defining a known structure makes one small object and no class."""
    # REG-31, REG-40
    parsed = registry.parse("A", TICKET)
    registry.define("A", parsed)()
    registry.define("B", TICKET, base="A")(where={}, log=[{}])
    gc.collect()
    before = len(type.__subclasses__(registry.instance_type))
    for at in range(100):
        registry.define("A", parsed, tenant=f"p{at}")(where={})
        registry.define("A", TICKET, tenant=f"r{at}")(where={}, log=[{}])
        registry.define("A", TICKET, tenant=f"e{at}", base="A")()
    assert len(type.__subclasses__(registry.instance_type)) == before


PUBLIC = (
    "definition", "shape", "settings", "properties", "info", "http", "nested", "plural_model_name",
)  # fmt: skip


def reachable(value: Any, depth: int = 6) -> list[Any]:
    """Return everything that can be reached from *value* by public names and items."""
    found, queue = {id(value): value}, [(value, depth)]
    while queue:
        each, left = queue.pop()
        if not left or isinstance(each, str | int | float | bytes | type):
            continue
        parts: list[Any] = []
        if isinstance(each, Mapping):
            parts = [*each.keys(), *each.values()]
        elif isinstance(each, tuple | list | set | frozenset):
            parts = list(each)
        else:
            names = [name for name in dir(each) if not name.startswith("_")]
            parts = [getattr(each, name, None) for name in names]
        for part in parts:
            if id(part) not in found and not callable(part):
                found[id(part)] = part
                queue.append((part, left - 1))
    return list(found.values())


def attack(target: Any) -> None:
    """Try to change *target* in every way there is; whether it works is not said."""
    tries: list[Callable[[], Any]] = [
        target.clear if hasattr(target, "clear") else int,
        lambda: target.append("evil"),
        lambda: target.update({"evil": 1}),
        lambda: target.add("evil"),
        lambda: target.__setitem__(next(iter(target)), "evil"),
        lambda: target.__delitem__(next(iter(target))),
        *(
            lambda name=name: setattr(target, name, "evil")
            for name in ("evil", *(name for name in dir(target) if not name.startswith("__")))
        ),
        *(
            lambda name=name: delattr(target, name)
            for name in dir(target)
            if not name.startswith("__")
        ),
    ]
    for each in tries:
        try:
            each()
        except (AttributeError, TypeError, ValueError, KeyError, StopIteration, IndexError):
            continue


def picture(model: Any) -> Any:
    """Return what one can see of a model, as plain data."""
    made = model(where={"lat": 1}, log=[{"text": "x"}])
    return (
        repr(dict(model.properties)), repr(dict(model.settings)), model.definition.hidden,
        model.shape.names, model.shape.ids, model.shape.strict, dict(model.http), model.model_name,
        model.plural_model_name, made.to_dict(), made.to_json(), sorted(model.nested),
        model.observers_of("before save"), len(model._blueprint.rules), repr(model.info.settings),
        [item.default for item in model.shape], model.owner, model.is_disposed,
    )  # fmt: skip


def test_nothing_mutable_is_shared(registry: ModelRegistry) -> None:
    """Two tenants stand on one shape; whatever one of them changes, the other sees nothing."""
    # REG-32, fault 5
    mine = registry.define("Ticket", TICKET, SETTINGS, tenant="acme")
    theirs = registry.define("Ticket", TICKET, SETTINGS, tenant="bolt")
    assert mine.shape is theirs.shape
    before = picture(theirs)
    mine.observe("before save", print)
    mine.validates_length_of("title", max=1)
    mine.validate("title", lambda _, err: err())
    mine.on_dispose(print)
    made = mine(title="a", tags=["b"], where={"lat": 5}, log=[{"text": "x"}])
    made.tags.append("c")
    made.where.lat = 6
    made.log.append("d")
    mine(title=None).tags.append("evil")
    for name in PUBLIC:
        for each in reachable(getattr(mine, name)):
            if each not in (mine, registry) and not isinstance(each, ModelRegistry):
                attack_safely(each, mine)
    assert picture(theirs) == before
    assert theirs.observers_of("before save") == ()
    assert picture(registry.define("Ticket", TICKET, SETTINGS, tenant="new"))[:-2] == before[:-2]
    registry.cleanup_tenant("acme")
    assert picture(theirs) == before


def attack_safely(target: Any, mine: Any) -> None:
    """Attack what is not the model's own."""
    if target is mine.nested or target in mine.nested.values():
        return
    attack(target)


@given(
    st.lists(
        st.sampled_from(["observe", "rule", "custom", "dispose", "clear", "source", "replace"]),
        max_size=8,
    )
)
def test_behaviour_is_private(steps: list[str]) -> None:
    """Hooks, rules and last calls belong to one model; no order of changes is seen elsewhere."""
    # REG-32
    registry = ModelRegistry()
    theirs = registry.define("A", TICKET, tenant="bolt")
    mine = registry.define("A", TICKET, tenant="acme")
    before = picture(theirs)
    for step in steps:
        match step:
            case "observe":
                mine.observe("before save", print)
            case "rule":
                mine.validates_presence_of("tags")
            case "custom":
                mine.validate("title", lambda _, err: err())
            case "dispose":
                mine.on_dispose(len)
            case "clear":
                mine.clear_observers("before save")
            case "source":
                mine.data_source = None
            case _:
                mine = registry.define("A", TICKET, tenant="acme")
        assert picture(theirs) == before
    registry.cleanup_tenant("acme")
    assert picture(theirs) == before
    check(registry)
