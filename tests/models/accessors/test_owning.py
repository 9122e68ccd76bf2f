"""Whose accessors are: one model's and its children's, as long as it lives."""

import gc
import weakref
from typing import Any

import pytest

from juggler import tenant
from juggler.errors import DefinitionError
from juggler.facade.default import ModelRegistry
from tests.models.accessors.users import USER, hashing


# MOD-73, MOD-45
def test_other_models_notice_nothing(registry: ModelRegistry) -> None:
    """Models of one structure have classes apart from those with accessors, which share one."""
    with tenant("a"):
        mine = registry.define("User", USER)
    with tenant("b"):
        other = registry.define("User", USER)
        third = registry.define("Third", USER)
    before = mine(name="x", password="p")
    mine.getter["name"] = lambda _: "mine"
    hashing(mine)
    assert (other(name="x", password="p").name, other(password="p").password) == ("x", "p")
    assert (mine().name, before.name) == ("mine", "x")
    assert mine.shape is other.shape is third.shape
    assert type(mine()) is not type(other())
    assert mine.info is not None
    third.getter["name"] = lambda _: "third"
    third.setter["password"] = lambda *_: None
    assert type(third()) is type(mine()), "the class knows names alone"
    assert (third().name, mine().name) == ("third", "mine")
    assert isinstance(mine(), mine)
    assert not isinstance(mine(), third)


# Do better (inheritance): getters and setters are inherited
def test_children_have_them(registry: ModelRegistry) -> None:
    """Models that extend one have its accessors, later ones too, and may have others."""
    base = registry.define("User", USER)
    early = base.extend("Early", {"more": "string"})
    calls = hashing(base)
    late = early.extend("Late")
    assert early(password="a").password == "<a>"
    assert late(password="b").password == "<b>"
    assert calls == ["a", "b"]
    late.setter["password"] = lambda user, _: user.set_raw("password", "own")
    assert (late(password="c").password, early(password="d").password) == ("own", "<d>")
    assert dict(early.setter) == dict(base.setter)
    assert list(late.setter) == ["password"]
    assert len(base.getter) == 0
    del late.setter["password"]
    assert late(password="e").password == "<e>"
    with pytest.raises(KeyError):
        del late.setter["password"]
    del base.setter["password"]
    assert (base(password="f").password, late(password="g").password) == ("f", "g")
    narrow = base.extend("Narrow", {"password": None})
    base.setter["password"] = lambda *_: None
    assert narrow(name="x").name == "x"


def test_accessors_stay_when_properties_come(registry: ModelRegistry) -> None:
    """A model that gets another property keeps its accessors."""  # MOD-45
    model = registry.define("User", USER)
    hashing(model)
    model.define_property("more", "number")
    assert model(password="x", more="5").to_dict() == {"password": "<x>", "salt": "s", "more": 5}
    model.define_property("password", {"type": "string", "trim": True})
    assert model(password="x").password == "<x>"


@pytest.mark.parametrize(
    ("kind", "name", "function", "words"),
    [
        ("getter", "nothing", len, "is no property"),
        ("setter", "nothing", len, "is no property"),
        ("getter", "id", len, "primary key"),
        ("getter", "full", len, "computed"),
        ("setter", "name", 5, "cannot be called"),
    ],
)
def test_accessors_that_cannot_be(
    registry: ModelRegistry, kind: str, name: str, function: Any, words: str
) -> None:
    """One that could not do what it says is refused, and nothing changes."""
    model = registry.define("A", {"name": "string", "full": {"type": "any", "computed": len}})
    with pytest.raises(DefinitionError, match=words):
        getattr(model, kind)[name] = function
    assert (dict(model.getter), dict(model.setter)) == ({}, {})

    async def slow(instance: Any, value: Any = None) -> None:
        """Wait for nothing."""

    with pytest.raises(DefinitionError, match="async"):
        getattr(model, kind)["name"] = slow


def test_nothing_is_left_of_accessors(registry: ModelRegistry) -> None:
    """A model whose accessors refer to it goes as soon as it is removed."""
    model = registry.define("User", USER)
    model.getter["name"] = lambda _, model=model: model.model_name
    assert model().name == "User"
    kind, gone = weakref.ref(type(model())), weakref.ref(model)
    gc.disable()
    try:
        registry.remove(model)
        del model
        assert gone() is None
    finally:
        gc.enable()
    gc.collect()
    assert kind() is None
