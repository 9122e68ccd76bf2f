"""Run-time models: objects that feel like classes."""

import copy
import sys
from typing import Any

import pytest

from juggler.facade.default import ModelRegistry, registry
from juggler.facade.model import Model
from juggler.models.api import ALIVE
from juggler.models.instances.instance import Instance
from juggler.models.runtime import RuntimeModel

PLAIN = {"id_injection": False}


@pytest.fixture
def own() -> ModelRegistry:
    """An empty registry."""
    return ModelRegistry()


def test_a_model_is_an_object(own: ModelRegistry) -> None:
    """A model is no class: it is small, slotted, and makes instances when called."""
    things = own.define("Thing", {"a": int})
    assert not isinstance(things, type)
    assert not hasattr(things, "__dict__")
    assert sys.getsizeof(things) <= 144
    assert isinstance(things(a=1), Instance)
    assert things(a=1).model is things


def test_isinstance_follows_the_bases(own: ModelRegistry) -> None:
    """An instance is one of its model and of all that the model extends."""
    base = own.define("Base", {"a": int})
    middle = own.define("Middle", {"b": int}, base=base)
    child_model = own.define("Child", {"c": int}, base="Middle")
    child = child_model(a=1)
    assert [isinstance(child, each) for each in (base, middle, child_model)] == [True] * 3
    assert [isinstance(base(), each) for each in (base, middle, child_model)] == [
        True,
        False,
        False,
    ]
    assert issubclass(child_model, base)
    assert not issubclass(base, child_model)
    others: list[Any] = [None, 5, {}, child_model, own]
    for other in others:
        assert not isinstance(other, child_model)


def test_a_namesake_is_another_model(own: ModelRegistry) -> None:
    """Models of two owners are two models, however alike."""
    one = own.define("Thing", {"a": int}, tenant="acme")
    two = own.define("Thing", {"a": int}, tenant="bolt")
    assert not isinstance(one(), two)
    assert one() != two()


def test_a_class_may_extend_a_run_time_model() -> None:
    """`class Sub(model)` is a declared model with the properties of both."""
    tickets = registry.define("RuntimeTicket", {"title": {"type": str, "length": 5}})

    class Incident(tickets):  # type: ignore[valid-type, misc]  # a model stands for a class
        severity: int = 1

        def is_bad(self) -> bool:
            return self.severity > 2

    try:
        assert isinstance(Incident, type)
        incident = Incident(title="Fire", severity="3")
        assert incident.to_dict() == {"title": "Fire", "severity": 3}
        assert incident.is_bad()
        assert isinstance(incident, tickets)
        assert isinstance(incident, Model)
        assert issubclass(Incident, tickets)
        assert Incident.base is tickets
        assert list(Incident.properties) == ["severity", "id", "title"]
        assert tickets.shape.names == ("id", "title")
    finally:
        registry.remove(tickets)


def test_a_bare_model_cannot_be_a_base() -> None:
    """Without a root for declared models `class Sub(model)` says so."""
    blueprint: Any = None
    bare = RuntimeModel("Bare", blueprint)
    with pytest.raises(TypeError, match="Bare cannot be subclassed"):

        class Sub(bare):  # type: ignore[misc, valid-type]
            pass


# frozen, shared classes -----------------------------------------------------------------------


def test_models_of_one_shape_share_a_class(own: ModelRegistry) -> None:
    """Equal structure is one class; the instances know whose they are."""
    one = own.define("One", {"a": int}, tenant="acme")
    two = own.define("Two", {"a": "integer"}, tenant="bolt")
    three = own.define("Three", {"a": "string"})
    assert type(one()) is type(two())
    assert type(one()) is not type(three())
    assert (one().model, two().model) == (one, two)
    assert (repr(one()), repr(two())) == ("One()", "Two()")


@pytest.mark.parametrize("name", ["a", "new", "save", "__setattr__", "_load", "_shape", "__doc__"])
def test_the_class_of_a_shape_is_frozen(own: ModelRegistry, name: str) -> None:
    """Nobody writes on what tenants share."""  # REG-31, REG-32
    cls: Any = type(own.define("Thing", {"a": int})())
    before = dict(vars(cls))
    with pytest.raises(AttributeError, match="shared and frozen"):
        setattr(cls, name, None)
    with pytest.raises(AttributeError):
        delattr(cls, name)
    assert dict(vars(cls)) == before


def test_nothing_added_to_one_model_reaches_another(own: ModelRegistry) -> None:
    """Hooks, rules and sources of one model are not those of its twin."""  # REG-32
    one, two = (own.define("Thing", {"a": int}, tenant=code) for code in ("acme", "bolt"))
    one.observe("access", print)
    one.validates_presence_of("a")
    assert len(one.observers_of("access")) == 1
    assert two.observers_of("access") == ()
    assert two._behaviour is None
    assert two._source is None


def test_a_model_without_properties(own: ModelRegistry) -> None:
    """A model may have no property at all."""
    things = own.define("Thing", {}, PLAIN)
    assert things().to_dict() == {}
    assert things.load({}).to_dict() == {}
    assert things(a=1).to_dict() == {"a": 1}
    assert things.load({"a": 1}).to_dict() == {"a": 1}


# copies ---------------------------------------------------------------------------------------


def test_instances_can_be_copied(own: ModelRegistry) -> None:
    """A copy has the values and knows the changes; a deep one shares nothing."""
    things = own.define("Thing", {"a": int, "tags": ["string"], "home": {"city": str}})
    thing = things.load({"id": 1, "a": 1, "tags": ["x"], "home": {"city": "R"}, "free": [1]})
    thing.a = "bad"
    shallow, deep = copy.copy(thing), copy.deepcopy(thing)
    for twin in (shallow, deep):
        assert twin == thing
        assert twin.model is things
        assert not twin.is_new_record()
        assert twin.changes() == {"a": (1, "bad")}
        assert twin._state.bad == {"a"}
    assert shallow.tags is not thing.tags
    deep.a = 5
    shallow.a = 6
    assert thing._state.bad == {"a"}
    deep.tags.append("y")
    deep.home.city = "O"
    deep["free"].append(2)
    assert thing.to_dict() == {
        "id": 1,
        "a": "bad",
        "tags": ["x"],
        "home": {"city": "R"},
        "free": [1],
    }


def test_a_strict_instance_is_copied_whole(own: ModelRegistry) -> None:
    """What was put on a strict instance by key is in its copy too."""
    thing = own.define("Thing", {"a": int}, {"strict": True, **PLAIN})(a=1)
    thing["b"] = 2
    assert copy.copy(thing).to_dict() == {"a": 1, "b": 2}
    assert copy.copy(thing).to_object() == {"a": 1}


def test_a_model_is_never_copied(own: ModelRegistry) -> None:
    """A copy of a model is the model."""
    things = own.define("Thing", {"a": int})
    assert copy.copy(things) is copy.deepcopy(things) is things


# the API --------------------------------------------------------------------------------------


def test_what_a_model_says_of_itself(own: ModelRegistry) -> None:
    """Name, plural, path, structure and settings."""  # MOD-42, MOD-43, MOD-44
    things = own.define("Category", {"a": int}, {"http": {"path": "cats/"}, "idInjection": False})
    assert (things.model_name, things.plural_model_name) == ("Category", "Categories")
    assert things.definition.properties is things.properties
    assert things.http == {"path": "/cats"}
    assert own.define("Person", {}).http == {"path": "/People"}
    assert list(things.properties) == ["a"]
    assert things.settings["id_injection"] is False
    assert things.definition.shape is things.shape
    assert (things.base, things.app) == (None, None)
    assert (repr(things), str(things)) == ("[Model Category]", "[Model Category]")
    assert not things.is_disposed
    assert things._status == ALIVE


def test_nothing_of_it_can_be_changed(own: ModelRegistry) -> None:
    """Structure and settings are read-only."""  # REG-32
    things = own.define("Thing", {"a": int}, {"plural": "Things"})
    with pytest.raises(TypeError):
        things.settings["plural"] = "x"
    with pytest.raises(TypeError):
        things.properties["b"] = None
    with pytest.raises(AttributeError):
        things.shape.strict = True
    with pytest.raises(AttributeError):
        things.nothing = 5


def test_observers_run_those_of_bases_first(own: ModelRegistry) -> None:
    """A model's observers are those of its bases and its own, in order of registration."""
    base: RuntimeModel = own.define("Base", {"a": int})
    child_model: RuntimeModel = own.define("Child", {"b": int}, base=base)

    def one(ctx: Any) -> None: ...

    @base.observe("access")
    def two(ctx: Any) -> None: ...

    child_model.observe("access", one)
    base.observe("access", one)
    assert child_model.observers_of("access") == (two, one, one)
    assert base.observers_of("access") == (two, one)
    assert child_model.observers_of("loaded") == ()
    child_model.remove_observer("access", one)
    child_model.remove_observer("access", two)
    child_model.remove_observer("never", two)
    assert child_model.observers_of("access") == (two, one)
    base.clear_observers("access")
    child_model.clear_observers("access")
    assert child_model.observers_of("access") == ()
    assert two is not None
