"""Models that extend others: what they take over, and a tenant's own variants."""

from typing import Any

import pytest

from juggler.context import tenant
from juggler.datasource.datasource import DataSource
from juggler.errors import DefinitionError, TenantRequiredError
from juggler.registry.registry import ModelRegistry
from tests.registry.helpers import Store, check

BASE: dict[str, Any] = {
    "key": {"type": str, "id": True}, "name": {"type": str, "required": True}, "age": int,
}  # fmt: skip


def test_three_ways_to_extend(registry: ModelRegistry) -> None:
    """A base may be a model, its name, or a setting; all are one."""
    # MOD-57
    base = registry.define("Base", BASE)
    models = [
        registry.define("A", {"x": int}, base=base), registry.define("B", {"x": int}, base="Base"),
        registry.define("C", {"x": int}, {"base": "Base"}),
        registry.define("D", {"x": int}, {"base": base}),
        registry.builder.define("E", {"x": int}, None, base),
        registry.define("F", {"x": int}, {"super": "Base"}),
        registry.define("G", {"x": int}, parent=base),
        DataSource("memory", registry=registry).define("H", {"x": int}, parent=base),
    ]  # fmt: skip
    for model in models:
        assert model.base is base
        assert list(model.properties) == ["x", "key", "name", "age"]
        assert isinstance(model(), base)
        assert "base" not in model.settings
    assert len({model.shape for model in models}) == 1


@pytest.mark.parametrize("base", ["Nobody", 5, object, "", {}, [], str, ModelRegistry])
def test_unknown_bases(registry: ModelRegistry, base: Any) -> None:
    """A base that is no model is an error that names it."""
    # MOD-57
    for use in (
        lambda: registry.define("A", {}, base=base),
        lambda: registry.define("A", {}, {"base": base}),
        lambda: registry.define("A", {}, {"Base": base}),
        lambda: registry.parse("A", {}, base=base),
    ):
        with pytest.raises(DefinitionError, match="Base model is not found"):
            use()


@pytest.mark.parametrize("policy", [None, True, {"hidden": {"replace": False}}])
def test_what_is_hidden_stays_so(registry: ModelRegistry, policy: Any) -> None:
    """A child hides more than its base, also in the long spelling; its base knows nothing of it."""
    # MOD-61, MOD-62, Do better (inheritance)
    base = registry.define("Base", {"a": int, "b": int, "c": int}, hiddenProperties=["a"])
    assert base(a=1, b=2, c=3).to_json() == {"b": 2, "c": 3}
    asked = {"configureModelMerge": policy, "hiddenProperties": ["b"]}
    assert registry.define("Child", {}, asked, parent=base)(a=1, b=2, c=3).to_json() == {"c": 3}
    assert base(a=1, b=2, c=3).to_json() == {"b": 2, "c": 3}


def test_properties_that_are_taken_over(registry: ModelRegistry) -> None:
    """Own ones come first and replace; None and exclusion remove; an own id drops the base's."""
    # MOD-59
    registry.define("Base", BASE)
    removed = registry.define("A", {"age": None, "name": False, "x": str}, base="Base")
    assert list(removed.properties) == ["x", "key"]
    replaced = registry.define("B", {"name": int}, base="Base")
    assert replaced.properties["name"].required is False
    own = registry.define("C", {"no": {"type": int, "id": True}}, base="Base")
    assert own.shape.ids == ("no",)
    assert "key" not in own.properties
    for names in (["age", "key"], ("age", "key"), {"age": True, "key": True, "name": False}):
        excluded = registry.define("D", {}, {"excludeBaseProperties": names}, base="Base")
        assert list(excluded.properties) == ["id", "name"]
    assert list(registry.define("E", {}, exclude_base_properties="age",
    base="Base").properties) == [
        "key", "name",
    ]  # fmt: skip
    assert list(registry.find_model_by_name("Base").properties) == ["key", "name", "age"]


def test_settings_that_are_taken_over(registry: ModelRegistry) -> None:
    """Mappings merge, hidden and protected unite, what is a model's own does not go on."""
    # MOD-62, MOD-58
    registry.define(
        "Base", BASE, hidden=["age"], protected={"name": True}, plural="bases", description="d",
        strict="filter", mysql={"table": "t", "schema": "s"}, limits=[1],
    )  # fmt: skip
    model = registry.define("A", {}, base="Base", hidden="name", mysql={"table": "u"}, limits=[2])
    assert model.definition.hidden == {"age", "name"}
    assert model.definition.protected == {"name"}
    assert model.shape.strict == "filter"
    assert model.settings["mysql"] == {"table": "u", "schema": "s"}
    assert model.settings["limits"] == (1, 2)
    assert model.plural_model_name == "As"
    assert model.settings["description"] == "d"


def test_hooks_of_a_base(registry: ModelRegistry) -> None:
    """Hooks of the base count for those that extend it, later ones too; not the other way round."""
    # MOD-58
    base = registry.define("Base", BASE)
    child = registry.define("Child", {}, base=base)
    grandchild = registry.define("Grandchild", {}, base=child)
    base.observe("before save", print)
    child.observe("before save", len)
    grandchild.observe("before save", repr)
    assert grandchild.observers_of("before save") == (print, len, repr)
    assert base.observers_of("before save") == (print,)


def test_hooks_of_a_base_that_is_replaced(registry: ModelRegistry, store: Store) -> None:
    """Who extends a model that is defined anew, or whose source closes, keeps what it inherited."""
    # REG-40, MOD-58
    base = registry.define("Base", BASE)
    base.observe("before save", print)
    base.validates_length_of("name", max=5)
    with tenant("acme"):
        mine = registry.extend("Base", {"x": int})
    bound = store.define("Bound", BASE)
    bound.observe("before save", len)
    with tenant("acme"):
        other = registry.extend(bound, {"x": int}, data_source=store)
    registry.define("Base", {})
    store.close()
    assert base.is_disposed
    assert mine.observers_of("before save") == (print,)
    assert isinstance(mine(), base)
    assert other.observers_of("before save") == (len,)
    lonely = registry.define("Lonely", {})
    lonely.observe("before save", print)
    registry.remove(lonely)
    assert lonely.observers_of("before save") == ()
    registry.cleanup_tenant("acme")
    assert mine.observers_of("before save") == ()


def test_a_tenants_variant(registry: ModelRegistry) -> None:
    """A tenant extends a global model for itself alone; the global one stays as it is."""
    # REG-40
    base = registry.define("Customer", BASE)
    shape = base.shape
    with tenant("acme"):
        assert registry.find_model_by_name("Customer") is base
        mine = registry.extend("Customer", {"level": int})
        assert registry.find_model_by_name("Customer") is mine
    assert (mine.base, mine.owner, mine.model_name) == (base, "acme", "Customer")
    assert list(mine.properties) == ["level", "key", "name", "age"]
    assert base.shape is shape
    with tenant("bolt"):
        assert registry.find_model_by_name("Customer") is base
    assert registry.find_model_by_name("Customer") is base
    registry.cleanup_tenant("acme")
    assert not base.is_disposed
    with tenant("acme"):
        assert registry.find_model_by_name("Customer") is base
    check(registry)


def test_extending_again(registry: ModelRegistry) -> None:
    """A new variant begins with the global model anew; the former one is replaced."""
    # REG-40, REG-09
    base = registry.define("Customer", BASE)
    with tenant("acme"):
        first = registry.extend("Customer", {"level": int})
        second = registry.extend("Customer", {"colour": str})
    assert first.is_disposed
    assert second.base is base
    assert list(second.properties) == ["colour", "key", "name", "age"]
    check(registry)


def test_extending_ones_own(registry: ModelRegistry) -> None:
    """A model that only the tenant has is replaced by one with more properties."""
    # REG-40
    with tenant("acme"):
        base = registry.define("Base", {"a": int})
        own = registry.define("Ticket", {"x": int}, base=base)
        more = registry.extend("Ticket", {"y": int})
    assert own.is_disposed
    assert {"x", "y", "a"} <= set(more.properties)
    assert more.base is base, "never the one it replaced"
    check(registry)


def test_a_model_that_extends_what_it_replaces(registry: ModelRegistry, store: Store) -> None:
    """Defining a name anew with the old model as base never leaves a disposed base."""
    # REG-09, REG-75
    store.define("A", {"x": int})
    model = registry.builder.make("A", {"y": int}, {"base": store.models["A"]}, store.models)
    assert {"x", "y"} <= set(model.properties)
    assert model.base is None
    check(registry)


def test_extending_other_models(registry: ModelRegistry, store: Store) -> None:
    """A model of a data source or app is extended by itself, or by name with its source."""
    # REG-40
    base = store.define("Customer", BASE)
    with tenant("acme"):
        mine = registry.extend(base, {"x": int}, data_source=store)
        assert (mine.base, mine.data_source, mine.owner) == (base, store, "acme")
        by_name = registry.extend("Customer", {"x": int}, data_source=store)
        assert by_name.base is base
        assert by_name.shape is mine.shape
        for unknown in ("Nobody", 5, None):
            with pytest.raises(DefinitionError, match="not found"):
                registry.extend(unknown, {"x": int})
    with pytest.raises(TenantRequiredError):
        registry.extend(base, {"x": int})
    other = registry.define("Secret", tenant="bolt")
    with tenant("acme"), pytest.raises(DefinitionError, match="belongs to a tenant"):
        registry.extend(other)
    check(registry)
