"""Models that are named before they are defined."""

import gc
import weakref

import pytest

from juggler.context import tenant
from juggler.errors import DefinitionError, ModelDisposedError
from juggler.registry.registry import ModelRegistry
from tests.registry.helpers import Store, check

PLAIN = {"id_injection": False}


# MOD-07
def test_named_then_defined(registry: ModelRegistry, store: Store) -> None:
    """What was named stays the same object when it is defined, and references go on working."""
    order = store.define("Order", {"customer": "Customer", "all": ["Customer"]}, PLAIN)
    waiting = order.nested["customer"]
    assert waiting.settings["unresolved"] is True
    assert "Customer" not in store.models
    assert order(customer=None).customer is None
    for make in (waiting, lambda: order(customer={"name": "x"}), lambda: order(all=[{}])):
        with pytest.raises(DefinitionError, match="The model Customer is not defined"):
            make()
    customer = store.define("Customer", {"name": {"type": str, "default": "?"}, "n": int}, PLAIN)
    assert customer is waiting is store.models["Customer"] is order.nested["all"]
    assert "unresolved" not in customer.settings
    made = order(customer={"n": "5"}, all=[{}])
    assert (made.customer.n, made.customer.name, made.all[0].name) == (5, "?", "?")
    assert isinstance(made.customer, customer)
    assert order.shape.resolve(("customer", "n")) is customer.properties["n"].type
    check(registry)


# MOD-07
def test_a_model_may_contain_itself(registry: ModelRegistry) -> None:
    """A tree names itself; so may two models name each other."""
    tree = registry.define("Tree", {"name": str, "kids": ["Tree"]}, PLAIN)
    assert tree.nested["kids"] is tree
    made = tree(name="a", kids=[{"name": "b", "kids": [{"name": "c"}]}])
    assert made.kids[0].kids[0].name == "c"
    one = registry.define("One", {"other": "Two"}, PLAIN)
    two = registry.define("Two", {"back": "One", "x": int}, PLAIN)
    assert (one.nested["other"], two.nested["back"]) == (two, one)
    assert one(other={"back": {"other": {"x": "7"}}}).other.back.other.x == 7
    check(registry)


# MOD-07
def test_defining_a_tree_anew(registry: ModelRegistry) -> None:
    """Its name means the new model, not the one that it replaces."""
    old = registry.define("Tree", {"kids": ["Tree"]}, PLAIN)
    new = registry.define("Tree", {"kids": ["Tree"], "x": int}, PLAIN)
    assert old.is_disposed
    assert new.nested["kids"] is new
    check(registry)


# MOD-07, Do better (embedded)
def test_names_stay_within_the_tenant(registry: ModelRegistry) -> None:
    """A name that a tenant uses is filled in by that tenant's model alone."""
    with tenant("acme"):
        mine = registry.define("Order", {"customer": "Customer"}, PLAIN)
    with tenant("bolt"):
        theirs = registry.define("Order", {"customer": "Customer"}, PLAIN)
        registry.define("Customer", {"secret": str}, PLAIN)
    assert mine.nested["customer"] is not theirs.nested["customer"]
    with pytest.raises(DefinitionError, match="not defined"):
        mine(customer={"secret": "x"})
    assert theirs(customer={"secret": "x"}).customer.secret == "x"
    assert "Customer" not in registry.global_models
    check(registry)


# MOD-07
def test_nothing_is_left(registry: ModelRegistry) -> None:
    """Names that were never defined, and models that contain themselves, go with the tenant."""
    gc.disable()
    try:
        with tenant("acme"):
            tree = registry.define("Tree", {"kids": ["Tree"], "no": "Never"}, PLAIN)
            other = registry.define("Other", {"tree": "Tree"}, PLAIN)
        watches = [weakref.ref(each) for each in (tree, other, tree.nested["no"])]
        registry.cleanup_tenant("acme")
        with pytest.raises(ModelDisposedError):
            tree.check_alive()
        del tree, other
        assert [watch() for watch in watches] == [None, None, None], "freed by reference count"
    finally:
        gc.enable()


# MOD-07, MOD-46
def test_asking_for_a_model_that_is_not_there(registry: ModelRegistry) -> None:
    """`get_model(name, True)` gives what becomes the model; without, None."""
    builder = registry.builder
    assert builder.get_model("Later") is None
    later = builder.get_model("Later", True)
    assert builder.get_model("Later", force_create=True) is later
    with pytest.raises(DefinitionError, match="not defined"):
        later()
    with pytest.raises(DefinitionError, match="Base model is not found"):
        registry.define("Sub", {}, base=later)
    assert builder.define("Later", {"x": int}, PLAIN) is later
    assert later(x="1").x == 1
    assert builder.get_model("Later", True) is later
    with pytest.raises(DefinitionError, match="name of a type"):
        builder.get_model("text", True)


# MOD-07
def test_a_definition_that_fails_leaves_the_name_waiting(
    registry: ModelRegistry, store: Store
) -> None:
    """After a failed definition the name still waits, for the next one."""
    order = store.define("Order", {"customer": "Customer"}, PLAIN)
    waiting = order.nested["customer"]
    with pytest.raises(DefinitionError):
        store.define("Customer", {"x": "no type"})
    with pytest.raises(DefinitionError, match="not defined"):
        waiting()
    assert store.define("Customer", {"x": int}) is waiting


# MOD-07
@pytest.mark.parametrize("name", ["strng", "booleen", "", "a b", "[x]", "1x", "String "])
def test_slips_are_told(registry: ModelRegistry, name: str) -> None:
    """What is no name of a model, or nearly that of a type, is an error at once."""
    with pytest.raises(DefinitionError, match="is no type"):
        registry.define("A", {"a": name})


# MOD-07
def test_what_is_parsed_knows_no_names_to_come(registry: ModelRegistry) -> None:
    """A parsed definition is for any owner, so it names only what is defined."""
    with pytest.raises(DefinitionError, match="is no type"):
        registry.parse("A", {"a": "Later"})


# MOD-07a
def test_types_win_over_models(registry: ModelRegistry) -> None:
    """A model cannot bear the name of a type, built in or registered."""
    registry.define_value_type(complex, ("Wave",))
    for name in ("text", "String", "complex", "wave"):
        with pytest.raises(DefinitionError, match="name of a type"):
            registry.define(name, {})


# MOD-52
def test_models_by_setting(registry: ModelRegistry, store: Store) -> None:
    """The setting `models` puts models on a model, by name also ones that are still to come."""
    address = store.define("Address", {"x": int}, PLAIN)
    model = store.define(
        "Order", {}, {"models": {"Address": address, "Line": "Line", "Where": "Address"}}
    )
    assert model.Address is model.Where is address
    line = model.Line
    with pytest.raises(DefinitionError, match="not defined"):
        line()
    assert store.define("Line", {"x": int}) is line is model.Line
    with pytest.raises(AttributeError, match="Order has no attribute 'Nothing'"):
        _ = model.Nothing
    assert not hasattr(model._blueprint.cls, "Line")
