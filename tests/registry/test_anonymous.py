"""Anonymous models: one for a structure within an owner, gone with the last that embeds it."""

from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import DefinitionError
from juggler.registry.registry import ModelRegistry
from tests.registry.helpers import Store, check

PLACE = {"lat": float, "lng": float}
DEEP = {"a": {"b": {"c": str}}}


def test_one_for_a_structure(registry: ModelRegistry, store: Store) -> None:
    """Within an owner equal structures share a model, between owners they share the shape."""
    # REG-33
    one = store.define("A", {"where": PLACE, "from": {"lng": float, "lat": float}})
    two = store.define("B", {"places": [PLACE]})
    foreign = registry.define("A", {"where": PLACE}, tenant="acme")
    inner = one.nested["where"]
    assert inner is one.nested["from"] is two.nested["places"]
    assert foreign.nested["where"] is not inner
    assert foreign.nested["where"].shape is inner.shape
    assert inner.model_name == "AnonymousModel_0"
    assert inner.settings["anonymous"] is True
    assert inner.owner is store
    assert list(inner.properties) == ["lat", "lng"]
    mine, theirs = one(where={"lat": 1}), foreign(where={"lat": 1})
    assert type(mine.where) is type(theirs.where)
    assert (mine.where.model, theirs.where.model) == (inner, foreign.nested["where"])
    assert registry.get_stats().reuse_count == 2
    check(registry)


def test_it_goes_with_its_last_user(registry: ModelRegistry, store: Store) -> None:
    """An anonymous model stays while one model embeds it, and goes with the last."""
    # REG-33, REG-45
    store.define("A", {"where": PLACE})
    inner = store.define("B", {"where": PLACE}).nested["where"]
    del store.models["A"]
    assert not inner.is_disposed
    store.define("B", {"where": PLACE, "x": int})
    assert not inner.is_disposed, "the new model embeds it too"
    store.define("B", {"x": int})
    assert inner.is_disposed
    assert list(store.models) == ["B"]
    check(registry)


def test_structures_in_structures(registry: ModelRegistry, store: Store) -> None:
    """Every level has its model; all of them come and go together."""
    # REG-33
    model = store.define("A", DEEP)
    assert set(store.models) == {"AnonymousModel_0", "AnonymousModel_1", "A"}
    other = store.define("B", {"b": {"c": str}})
    assert other.nested["b"] is model.nested["a"].nested["b"]
    del store.models["A"]
    assert len(store.models) == 2
    del store.models["B"]
    assert len(store.models) == 0
    check(registry)


def test_what_is_embedded_cannot_be_deleted(registry: ModelRegistry, store: Store) -> None:
    """An anonymous model that others embed cannot be deleted, replaced or moved alone."""
    # REG-75
    model = store.define("A", {"where": PLACE})
    inner = model.nested["where"]
    for change in (
        lambda: store.models.pop("AnonymousModel_0"),
        lambda: registry.remove(inner),
        lambda: (
            registry.define("AnonymousModel_0", {"x": int}, tenant="acme")
            and store.define("AnonymousModel_0", {"x": int})
        ),
        lambda: registry.register_model(inner, owner=registry.tenant("acme")),
    ):
        with pytest.raises(DefinitionError, match="goes with the last"):
            change()
        check(registry)
    assert not inner.is_disposed
    assert model(where={"lat": 1}).where.lat == 1
    store.models.clear()
    assert inner.is_disposed
    check(registry)


def test_names_of_users_are_spared(registry: ModelRegistry, store: Store) -> None:
    """A user's model may have such a name; anonymous ones take others."""
    # REG-10, REG-33
    mine = store.define("AnonymousModel_0", {"x": int})
    model = store.define("A", {"where": PLACE})
    assert store.models["AnonymousModel_0"] is mine
    assert model.nested["where"].model_name == "AnonymousModel_1"
    check(registry)


def test_defined_by_hand(registry: ModelRegistry) -> None:
    """A model that is defined as anonymous serves its structure until it is deleted."""
    # REG-06, REG-12
    with tenant("acme"):
        inner = registry.define("Inner", PLACE, {"anonymous": True, "idInjection": False})
        assert registry.find_model_by_structure(PLACE) is inner
        model = registry.define("A", {"where": PLACE})
        assert model.nested["where"] is inner
        registry.remove(model)
        assert not inner.is_disposed, "somebody asked for it"
        twin = registry.define("Twin", PLACE, {"anonymous": True, "idInjection": False})
        assert registry.find_equivalent_anonymous_model(None, twin) is inner
        assert registry.find_equivalent_anonymous_model(None, inner) is None
        registry.remove(inner)
        assert registry.find_model_by_structure(PLACE) in (None, twin)
    check_but_index(registry)


def check_but_index(registry: ModelRegistry) -> None:
    """Check what can be said when two anonymous models of one structure were defined by hand."""
    assert registry.cleanup_tenant("acme").models_removed == 1
    check(registry)


def test_equivalents(registry: ModelRegistry, store: Store) -> None:
    """The equal of an anonymous model is of its own owner; a named one has none."""
    # MOD-65a
    named = store.define("A", {"where": PLACE})
    registry.define("A", {"where": PLACE})
    assert registry.find_equivalent_anonymous_model(registry.builder, named) is None
    assert registry.find_equivalent_anonymous_model(registry.builder, named.nested["where"]) is None
    assert registry.find_equivalent_anonymous_model(registry.builder, None) is None


def test_overridden_structures(registry: ModelRegistry, store: Store) -> None:
    """A nested structure with a hidden property does not resolve to one that has none."""
    # REG-33
    plain = store.define("A", {"where": PLACE}).nested["where"]
    hidden = store.define("B", {"where": {"lat": float, "lng": {"type": float, "hidden": True}}})
    assert hidden.nested["where"] is not plain
    assert "lng" not in hidden(where={"lat": 1, "lng": 2}).to_json()["where"]
    assert "lng" in store.models["A"](where={"lat": 1, "lng": 2}).to_json()["where"]
    check(registry)


def test_named_models_in_structures(registry: ModelRegistry, store: Store) -> None:
    """A named model that is embedded is that model, and stays when the other one goes."""
    # MOD-04
    address = store.define("Address", {"street": str})
    for kind in ("Address", address, ["Address"]):
        model: Any = store.define("A", {"home": kind})
        assert model.nested["home"] is address
    assert isinstance(model(home=[{"street": "x"}]).home[0], address)
    del store.models["A"]
    assert not address.is_disposed
    check(registry)


def test_an_embedded_model_that_is_replaced(registry: ModelRegistry, store: Store) -> None:
    """Who embeds a model that is defined anew goes on with the structure that was embedded."""
    # REG-09
    store.define("Address", {"street": str, "geo": PLACE})
    person = store.define("Person", {"home": "Address"})
    store.define("Address", {"city": str})
    made = person(home={"street": "x", "geo": {"lat": 1}})
    assert made.home.street == "x"
    assert made.home.geo.lat == 1
    assert person.load({"home": {"street": "y", "geo": {"lat": 2}}}).home.geo.lat == 2
    again = store.define("Person", {"home": "Address"})
    assert again(home={"city": "z"}).home.city == "z"


def test_what_several_share_is_not_changed(registry: ModelRegistry, store: Store) -> None:
    """Rules and hooks are refused for a structure that serves several properties."""
    # MOD-65a
    one = store.define("A", {"where": PLACE})
    store.define("B", {"where": PLACE})
    inner: Any = one.nested["where"]
    for change in (
        lambda: inner.validates_presence_of("lat"),
        lambda: inner.observe("initialize", print),
        lambda: inner.add_method(repr, "one"),
    ):
        with pytest.raises(DefinitionError, match="define a model with a name"):
            change()
    assert inner.validations == {}
    check(registry)


def test_what_one_has_changed_is_its_own(registry: ModelRegistry, store: Store) -> None:
    """A structure with rules of its own serves no look-alike, and its parent keeps it."""
    # MOD-65a, MOD-65
    one = store.define("A", {"where": PLACE})
    inner: Any = one.nested["where"]
    inner.validates_presence_of("lat")
    two = store.define("B", {"where": PLACE})
    three = store.define("C", {"where": PLACE})
    assert two.nested["where"] is three.nested["where"] is not inner
    assert "lat" not in two.nested["where"].validations
    one.define_property("more", "string")
    assert one.nested["where"] is inner
    assert "lat" in inner.validations
    del store.models["A"]
    assert inner.is_disposed
    assert not two.nested["where"].is_disposed
    check(registry)
