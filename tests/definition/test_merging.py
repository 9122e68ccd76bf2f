"""Settings of a model over those of its base."""

import copy
from typing import Any

import pytest

from juggler import Model, ModelRegistry
from juggler.definition.frozen import Ranked, thawed
from juggler.definition.merging import DEFAULT, RECOMMENDED, deep_merge, merged_settings
from juggler.errors import DefinitionError

BASE: dict[str, Any] = {
    "description": "base", "hidden": ["a"], "acls": [{"p": 1}], "options": {"x": {"y": 1, "z": 1}},
    "mixins": {"A": {"m": 1}}, "scope": {"where": {"a": 1}}, "limits": [1, 2],
    "own": "theirs",
    "plural": "bases", "http": {"path": "b"}, "base": "Other",
}  # fmt: skip
CHILD: dict[str, Any] = {
    "hidden": "b", "acls": [{"p": 2}], "options": {"x": {"y": 2}, "n": 1},
    "mixins": {"A": {"n": 1}},
    "scope": {"order": "a"}, "limits": [2, 3], "own": None,
}  # fmt: skip


# MOD-61, MOD-62
def test_the_default_policy() -> None:
    """Mappings merge at every depth, lists unite, ACLs are ranked, None stays None."""
    before = copy.deepcopy([BASE, CHILD])
    assert merged_settings(BASE, CHILD, DEFAULT, 1) == {
        "description": "base", "hidden": ["a", "b"], "acls": [{"p": 1}, {"p": 2}],
        "options": {"x": {"y": 2, "z": 1}, "n": 1}, "mixins": {"A": {"m": 1, "n": 1}},
        "scope": {"where": {"a": 1}, "order": "a"}, "limits": [1, 2, 3], "own": None,
    }  # fmt: skip
    assert before == [BASE, CHILD], "nothing of the caller's changes"


# MOD-61, MOD-62
def test_the_recommended_policy() -> None:
    """What the model says replaces, some keys entry by entry, and None deletes."""
    assert merged_settings(BASE, CHILD, RECOMMENDED, 1) == {
        "description": "base", "hidden": ["a", "b"], "acls": [{"p": 1}, {"p": 2}],
        "options": {"x": {"y": 2}, "n": 1}, "mixins": {"A": {"n": 1}}, "scope": {"order": "a"},
        "limits": [2, 3],
    }  # fmt: skip


# MOD-61
@pytest.mark.parametrize(
    ("rule", "merged"),
    [
        ({"replace": True}, {"a": {"y": 1}}), ({"patch": True}, {"a": {"y": 1}, "b": 1}),
        ({"replace": False}, {"a": {"x": 1, "y": 1}, "b": 1}),
        ({}, {"a": {"x": 1, "y": 1}, "b": 1}),
    ],
)  # fmt: skip
def test_each_policy(rule: Any, merged: Any) -> None:
    """A policy for a key, or the default one for all, decides what becomes of it."""
    theirs, own = {"k": {"a": {"x": 1}, "b": 1}}, {"k": {"a": {"y": 1}}}
    assert merged_settings(theirs, own, {"k": rule}, 1) == {"k": merged}
    assert merged_settings(theirs, own, {"__default": rule}, 1) == {"k": merged}
    assert merged_settings(theirs, {"k": "gone"}, {"__delete": "gone"}, 1) == {}
    assert merged_settings({}, own, {"k": rule}, 1) == own


# MOD-61
def test_ranks() -> None:
    """Each entry knows the depth of the model it comes from, once and for all."""
    registry = ModelRegistry()
    registry.define("A", {}, acls=[{"n": 1}])
    registry.define("B", {}, base="A", acls=[{"n": 2}])
    registry.define("C", {}, base="B")
    last = registry.define("D", {}, base="C", acls=[{"n": 4}])
    assert [(acl["n"], acl.rank) for acl in last.settings["acls"]] == [(1, 1), (2, 2), (4, 4)]
    assert thawed(last.settings["acls"]) == [{"n": 1}, {"n": 2}, {"n": 4}], "ranks do not show"
    with pytest.raises((AttributeError, TypeError)):
        last.settings["acls"][0]["n"] = 5
    assert repr(Ranked({"a": 1}, 2)) == "{'a': 1}"


# MOD-61
def test_models_of_other_depth_are_others() -> None:
    """Two models that differ in nothing but ranks do not share their settings."""
    registry = ModelRegistry()
    registry.define("A", {})
    registry.define("B", {}, base="A")
    one = registry.define("X", {}, base="A", acls=[{"n": 1}])
    two = registry.define("Y", {}, base="B", acls=[{"n": 1}])
    assert [each.settings["acls"][0].rank for each in (one, two)] == [2, 3]


# MOD-62
def test_choosing_a_policy() -> None:
    """`configure_model_merge` and `get_merge_policy` choose, the latter for all that extend."""
    registry = ModelRegistry()
    registry.define("A", {}, options={"x": {"y": 1}})

    def merged(**settings: Any) -> Any:
        return thawed(
            registry.define("T", {}, {"options": {"x": {"z": 1}}, **settings}).settings["options"]
        )

    assert merged(base="A") == {"x": {"y": 1, "z": 1}}
    assert merged(base="A", configureModelMerge=True) == {"x": {"z": 1}}
    assert merged(base="A", configure_model_merge={"options": {"replace": True}}) == {"x": {"z": 1}}
    registry.define("B", {}, base="A", get_merge_policy=lambda _: {"__default": {"replace": True}})
    registry.define("C", {}, base="B")
    for base in ("B", "C"):
        assert merged(base=base) == {"x": {"z": 1}}
    with pytest.raises(DefinitionError, match="configure_model_merge"):
        merged(base="A", configureModelMerge="yes")
    registry.define("Bad", {}, get_merge_policy=lambda _: 5)
    with pytest.raises(DefinitionError, match="not a policy"):
        merged(base="Bad")


# MOD-62
def test_a_class_may_choose() -> None:
    """A declared class overrides `get_merge_policy`; what extends it inherits that."""

    class Base(Model, registry=ModelRegistry(), options={"x": 1}):
        """A base."""

        @classmethod
        def get_merge_policy(cls, child_settings: Any) -> Any:
            return {"__default": {"replace": bool(child_settings)}}

    class Child(Base, registry=ModelRegistry(), options={"y": 1}):
        """A child."""

    class Grandchild(Child, registry=ModelRegistry(), options={"z": 1}):
        """A grandchild."""

    assert Child.settings["options"] == {"y": 1}
    assert Grandchild.settings["options"] == {"z": 1}


def test_deep_merge() -> None:
    """Values of different kinds are not mixed; equal ones of different types are two."""
    assert deep_merge({"a": [1]}, {"a": {"b": 1}}) == {"a": {"b": 1}}
    assert deep_merge([1, True], [1.0, 1]) == [1, True, 1.0]


# MOD-57, MOD-58
def test_extend_is_define_with_a_base() -> None:
    """`Base.extend` makes what `define` with a base does, for the owner that fits."""
    from juggler import DataSource, tenant

    registry = ModelRegistry()
    source = DataSource("memory", registry=registry)
    base = source.define("Base", {"a": str}, hidden=["a"])
    child = base.extend("Child", {"b": int}, {"plural": "kids"}, strict=True)
    other = source.define("Other", {"b": int}, base=base, plural="kids", strict=True)
    assert child is source.models["Child"]
    assert (child.shape, child.settings, child.base) == (other.shape, other.settings, base)
    top = registry.define("Top", {"a": str})
    with tenant("acme"):
        mine = top.extend("Mine")
    assert (mine.owner, mine.base) == ("acme", top)
    assert "base" not in child.settings


# MOD-53
@pytest.mark.parametrize(
    "settings",
    [
        {"idInjection": "no"}, {"forceId": "yes"}, {"validateUpsert": 1}, {"plural": 5},
        {"mixins": 5}, {"scope": 5}, {"properties": True}, {"maxDepthOfQuery": 0}, {"models": []},
        {"max_depth_of_data": "5"}, {"normalizeUndefinedInQuery": "drop"}, {"acls": "x"},
        {"strict": 1}, {"strict": "yes"}, {"base": "A", "super": "B"}, {"http": "x"},
        {"http": {"path": 5}}, {"idInjection": True, "id_injection": False}, {"indexes": 5},
        {"parentRef": "x"},
    ],
)  # fmt: skip
def test_settings_that_cannot_be(settings: dict[str, Any]) -> None:
    """A setting of the wrong kind, or two spellings that disagree, fail at definition."""
    registry = ModelRegistry()
    with pytest.raises(DefinitionError):
        registry.define("Thing", {}, settings)
    assert not registry.global_models


# MOD-53
def test_settings_that_can_be() -> None:
    """Each setting takes what it says, in either spelling; None means not set."""
    settings: dict[str, Any] = {
        "idInjection": False, "forceId": "auto", "validateUpsert": None, "scope": {"limit": 1},
        "maxDepthOfQuery": 5, "normalizeUndefinedInQuery": "ignore", "methods": [], "acls": [],
        "attributes": False, "properties": dict, "super": None, "mixins": {}, "myOwn": 5,
    }  # fmt: skip
    found = ModelRegistry().define("Thing", {}, settings).settings
    assert found["max_depth_of_query"] == 5
    assert found["myOwn"] == 5
