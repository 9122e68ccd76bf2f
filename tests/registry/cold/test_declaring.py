"""Declaring: models that are listed at once and built when somebody reads them."""

import copy
import gc
from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import DefinitionError, InvalidTenantError, ModelDisposedError
from juggler.registry.records import RegistryEvent
from juggler.registry.registry import ModelRegistry
from tests.registry.helpers import Store, check, shapes_in_use

PLACE = {"lat": float, "lng": float}
CRM: dict[str, Any] = {
    "Person": {"name": str, "where": PLACE},
    "Customer": ({"since": "date"}, {"base": "Person", "plural": "clients"}),
    "Note": {"text": str},
}


def test_bundles_are_interned(registry: ModelRegistry) -> None:
    """Equal definitions are one bundle, in any spelling; others are not, nor in another order."""
    # REG-76
    bundle = registry.bundle(CRM)
    assert registry.bundle(copy.deepcopy(CRM)) is bundle
    assert registry.bundle(bundle) is bundle
    parsed = registry.parse("Note", {"text": "String"})
    assert registry.bundle({**CRM, "Note": parsed}) is bundle
    assert registry.bundle(dict(reversed(CRM.items()))) is not bundle
    assert registry.bundle({**CRM, "Note": {"text": int}}) is not bundle
    assert (list(bundle), len(bundle), "Note" in bundle) == (list(CRM), 3, True)
    assert bundle["Customer"].shape.names == ("since", "id", "name", "where")
    assert bundle["Customer"].settings["plural"] == "clients"
    with pytest.raises(AttributeError, match="frozen"):
        bundle.entries = {}
    assert "Note" in repr(bundle)


def test_bundles_go_with_their_last_user(registry: ModelRegistry) -> None:
    """A bundle that nobody has any more is gone, with the shapes that only it stood on."""
    # REG-30, REG-76
    registry.declare("acme", CRM)
    assert len(registry._room.bundles) == 1
    assert shapes_in_use(registry) == registry.shapes.fingerprints()
    registry.cleanup_tenant("acme")
    gc.collect()
    assert len(registry._room.bundles) == 0
    assert registry.shapes.fingerprints() == set()


@pytest.mark.parametrize(
    ("definitions", "match"),
    [
        ({"A": 5}, "not int"),
        ({"A": ({}, {}, {})}, "pair"),
        ({"": {}}, "needs a name"),
        ({5: {}}, "needs a name"),
        ({"string": {}}, "name of a type"),
        ({"A": {"x": "Nothing"}}, "Nothing"),
        ({"A": ({}, {"base": "Nothing"})}, "Base model is not found"),
        ({"A": ({}, {"base": "B"}), "B": ({}, {"base": "A"})}, "A -> B -> A"),
        ([("A", {})], "not list"),
    ],
)
def test_what_is_not_understood(registry: ModelRegistry, definitions: Any, match: str) -> None:
    """Nothing is declared of a bundle with a fault in it."""
    # REG-76
    with pytest.raises(DefinitionError, match=match):
        registry.bundle(definitions)
    with pytest.raises(DefinitionError, match=match):
        registry.declare("acme", definitions)
    assert registry.tenant_codes() == []


def test_declaring_makes_no_tenant(registry: ModelRegistry) -> None:
    """A declared tenant is a record and a pointer, which the collector never looks at."""
    # REG-76
    bundle = registry.bundle(CRM)
    told: list[RegistryEvent] = []
    registry.on("*", told.append)
    assert registry.declare("acme", bundle) is bundle
    registry.declare("bolt", CRM)
    assert registry._room.bundles_of["bolt"] is bundle
    assert registry.tenants() == []
    assert registry.tenant_codes() == ["acme", "bolt"]
    assert not gc.is_tracked(registry._cold["acme"])
    assert [(each.event, each.model) for each in told[:4]] == [
        ("tenant_created", None), ("model_registered", "Person"),
        ("model_registered", "Customer"), ("model_registered", "Note"),
    ]  # fmt: skip
    stats = registry.get_stats()
    assert (stats.total_models, stats.unique_models, stats.cold_tenants) == (6, 0, 2)
    assert registry.tenants() == [], "statistics wake nobody"
    check(registry)


def test_what_cannot_be_declared_for(registry: ModelRegistry, store: Store) -> None:
    """Codes are checked, bundles of another registry and models of another tenant are refused."""
    # REG-35, REG-76
    for code in ("", " ", "global", "trap"):
        with pytest.raises(InvalidTenantError):
            registry.declare(code, CRM)
    with pytest.raises(DefinitionError, match="another registry"):
        registry.declare("acme", ModelRegistry().bundle(CRM))
    theirs = registry.define("Theirs", {"x": int}, tenant="bolt")
    with tenant("bolt"):
        parsed = registry.parse("A", {"one": theirs})
    with pytest.raises(DefinitionError, match="belongs to a tenant"):
        registry.bundle({"A": parsed})
    bundle = registry.declare("bolt", {"A": parsed})
    assert registry.declare("bolt", bundle) is bundle
    for code in ("acme", "core"):
        with pytest.raises(DefinitionError, match="belongs to a tenant"):
            registry.declare(code, bundle)
        registry.tenant("core")
    assert registry.tenant_codes() == ["bolt", "core"]
    handle = registry.tenant("bolt")
    registry.cleanup_tenant("bolt")
    with pytest.raises(ModelDisposedError):
        handle.declare(CRM)
    check(registry)


def test_a_declared_namespace(registry: ModelRegistry) -> None:
    """Declared names are listed, counted and described like others; reading builds one model."""
    # REG-19, REG-76
    models = registry.tenant("acme").models
    registry.tenant("acme").declare(CRM)
    assert (list(models), len(models), "Note" in models, "X" in models) == ([*CRM], 3, True, False)
    assert [*reversed(models)] == [*reversed(CRM)]
    assert list(models.keys()) == list(CRM)
    assert {"Note", "get_model"} <= set(dir(models))
    assert models.has_model("Note")
    assert models.describe("Note").shape.names == ("id", "text")
    assert registry.tenant("acme").definition("Customer").settings["plural"] == "clients"
    assert registry.get_stats().unique_models == 0
    note = models["Note"]
    assert note is models.Note is models.get("Note") is models.get_model("Note")
    assert (note.owner, note.owner_kind) == ("acme", "tenant")
    assert note(text="hello").text == "hello"
    assert registry.get_stats().unique_models == 1
    assert models.get("X") is None
    assert models.get("X", 1) == 1
    with pytest.raises(KeyError):
        models["X"]
    with pytest.raises(KeyError):
        models.describe("X")
    with pytest.raises(AttributeError):
        models.X  # noqa: B018
    customer = models["Customer"]
    assert customer.base is models["Person"]
    assert list(models) == [*CRM, "AnonymousModel_0"]
    check(registry)


def test_views_build_what_they_show(registry: ModelRegistry) -> None:
    """Going through values, items or copies builds models; the anonymous ones come on the way."""
    # REG-76
    declared = registry.declare("acme", CRM)
    models = registry.tenant("acme").models
    found = list(models.values())
    assert [each.model_name for each in found] == list(declared)
    assert dict(list(models.items())[:3]) == dict(zip(declared, found, strict=True))
    whole = models.copy()
    assert dict(models) == whole == {**models} == models
    assert models == whole
    assert models != {}
    assert not models != whole  # noqa: SIM202  both operators
    assert list(whole) == [*declared, "AnonymousModel_0"]
    assert len(models.values()) == len(models.items()) == 4
    assert registry.tenant("acme").get_all_models() == list(whole.values())
    registry.declare("bolt", CRM)
    assert registry.tenant("bolt").models != models
    match registry.tenant("bolt").models:
        case {"Note": note}:
            assert note.owner == "bolt"
    check(registry)


def test_changing_while_iterating(registry: ModelRegistry) -> None:
    """Building while iterating is no change; defining, declaring and deleting are."""
    # REG-23, REG-76
    registry.declare("acme", CRM)
    models = registry.tenant("acme").models
    assert [models[name].model_name for name in models] == list(CRM)
    for view in (models, models.values(), models.items(), models.keys()):
        for change in (
            lambda: registry.define("New", {"x": int}, tenant="acme"),
            lambda: models.pop("New"),
            lambda: registry.declare("acme", {"Later": {}}),
            lambda: models.pop("Later"),
        ):
            with pytest.raises(RuntimeError, match="changed size"):  # noqa: PT012
                for _ in view:
                    change()
    check(registry)


def test_looking_up(registry: ModelRegistry) -> None:
    """Every way to look a declared model up finds one and the same."""
    # REG-11, REG-14, REG-76
    registry.define("Global", {"x": int})
    registry.declare("acme", CRM)
    with tenant("acme"):
        assert registry.find_model_by_name("Nothing") is None
        assert registry.find_model_by_name("Global") is not None
        assert registry.find_model_by_structure({"other": int}) is None
        assert registry.get_model_names_for_owner_with_type("acme", "tenant") == list(CRM)
        assert registry.has_model_for_owner_with_type("acme", "Note", "tenant")
        assert not registry.has_model_for_owner_with_type("acme", "X", "tenant")
    registry.declare("bolt", {"Note": {"text": str}})
    with tenant("bolt"):
        assert registry.find_model_by_structure({"other": int}) is None
        assert "bolt" in registry._cold, "nothing of it was needed"
        note = registry.find_model_by_name("Note")
        assert note.owner == "bolt"
        assert registry.get_model_for_owner_with_type("bolt", "Note", "tenant") is note
        assert registry.get_models_for_owner_with_type("bolt", "tenant") == [note]
        assert registry.tenant("bolt").find_model_by_name("Note") is note
    assert registry.find_model_by_name("Note") is None
    check(registry)


def test_looking_up_a_structure(registry: ModelRegistry) -> None:
    """A structure is found where it is embedded in a model that nobody has read yet."""
    # REG-12, REG-76
    registry.declare("acme", CRM)
    assert registry.find_model_by_structure(PLACE) is None
    with tenant("acme"):
        place = registry.find_model_by_structure(PLACE)
        assert place is registry.tenant("acme").models["Person"].nested["where"]
        assert registry.find_equivalent_anonymous_model(None, place) is None
    check(registry)


def test_unknown_codes_create_nothing(registry: ModelRegistry) -> None:
    """Look-ups under codes that nobody declared leave everything as it was."""
    # REG-18
    for code in ("bolt", "core"):
        with tenant(code):
            assert registry.find_model_by_name("Note") is None
            assert registry.find_model_by_structure(PLACE) is None
        assert registry.get_models_for_owner_with_type(code, "tenant") == []
        assert registry.tenant(code, create=False) is None
    assert registry.tenant_codes() == []


def test_all_models_are_listed(registry: ModelRegistry) -> None:
    """The list of all models has the declared ones; they are built when their record is asked."""
    # REG-16, REG-76
    registry.declare("acme", {"A": {}, "B": {}})
    registry.declare("bolt", {"A": {}})
    registry.tenant("bolt")
    records = registry.get_all_models()
    assert [(each.name, each.tenant, each.owner_kind) for each in records] == [
        ("A", "bolt", "tenant"), ("A", "acme", "tenant"), ("B", "acme", "tenant"),
    ]  # fmt: skip
    assert registry.get_stats().unique_models == 0
    assert registry.get_all_models() == records
    assert len({*records}) == 3
    assert "acme" in repr(records[1])
    first = records[0].model
    assert first is registry.tenant("bolt").models["A"]
    assert first._since == records[0].registered_at > 0
    registry.cleanup_tenant("bolt")
    assert records[0].model is None
    assert "acme" in registry._cold


@pytest.mark.parametrize("resident", [True, False])
def test_declaring_again(registry: ModelRegistry, resident: bool) -> None:
    """What is declared as it is stays; what is declared anew replaces, as a definition does."""
    # REG-09, REG-76
    bundle = registry.declare("acme", CRM)
    if resident:
        registry.tenant("acme")
    before = registry.get_stats()
    registry.declare("acme", bundle)
    assert registry.get_stats() == before
    other = registry.bundle({"Note": {"text": int}, "More": {"x": int}})
    registry.declare("acme", other)
    assert ("acme" in registry._cold) is not resident
    stats = registry.get_stats()
    assert (stats.total_models, stats.registered_total, stats.disposed_total) == (4, 5, 1)
    models = registry.tenant("acme").models
    assert list(models) == ["Person", "Customer", "Note", "More"]
    assert models["Note"].properties["text"].type.name == "integer"
    check(registry)


def test_built_models_are_replaced(registry: ModelRegistry) -> None:
    """Declaring another definition disposes the built model; the same one leaves it alone."""
    # REG-09, REG-76
    registry.declare("acme", CRM)
    models = registry.tenant("acme").models
    note, person = models["Note"], models["Person"]
    registry.declare("acme", CRM)
    assert models["Note"] is note
    with pytest.raises(DefinitionError, match="structure of a property"):
        registry.declare("acme", {"Note": {"x": int}, "AnonymousModel_0": {"y": int}})
    assert models["Note"] is note, "all or nothing"
    told: list[RegistryEvent] = []
    registry.on("*", told.append)
    registry.declare("acme", {"Note": {"text": int}, "Person": {"name": int}})
    assert [(each.event, each.model) for each in told] == [
        ("model_registered", "Note"), ("model_replaced", "Note"), ("model_disposed", "Note"),
        ("model_registered", "Person"), ("model_replaced", "Person"),
        ("model_disposed", "Person"), ("model_disposed", "AnonymousModel_0"),
    ]  # fmt: skip
    assert note.is_disposed
    assert person.is_disposed
    assert models["Note"] is not note
    check(registry)


def test_defining_over_what_is_declared(registry: ModelRegistry) -> None:
    """A definition, a registration and an extension take the place of a declaration."""
    # REG-09, REG-40
    registry.declare("acme", CRM)
    with tenant("acme"):
        note = registry.define("Note", {"text": int})
        models = registry.tenant("acme").models
        assert models["Note"] is note
        assert list(models) == list(CRM)
        person = registry.extend("Person", {"age": int})
        assert person.base is None
        assert person.shape.names == ("age", "id", "name", "where")
    check(registry)
    del models["Customer"]
    assert "Customer" not in models
    models.clear()
    assert list(models) == []
    check(registry)


def test_a_base_of_all_tenants(registry: ModelRegistry, store: Store) -> None:
    """What tenants declare may extend a global model; a name in it may be one of the tenant."""
    # REG-40, REG-76
    customer = registry.define("Customer", {"name": str})
    bundle = registry.bundle({"Customer": ({"tier": int}, {"base": "Customer"})})
    for code in ("acme", "bolt"):
        registry.declare(code, bundle)
        with tenant(code):
            mine = registry.find_model_by_name("Customer")
        assert mine.base is customer
        assert mine.shape.names == ("tier", "id", "name")
    registry.define("Address", {"city": str}, tenant="acme")
    with pytest.raises(DefinitionError, match="Address"):
        registry.bundle({"Order": {"to": "Address"}})
    registry.declare("acme", {"Order": {"to": "Address"}, "Home": ({}, {"base": "Address"})})
    models = registry.tenant("acme").models
    assert models["Order"].nested["to"] is models["Address"] is models["Home"].base
    check(registry)


def test_cleaning_up(registry: ModelRegistry) -> None:
    """Declared names count as removed; the tenant is gone, whether it was resident or cold."""
    # REG-44, REG-45, REG-76
    for wake in (False, True):
        registry.declare("acme", CRM)
        if wake:
            registry.tenant("acme").models["Note"]
        told: list[RegistryEvent] = []
        stop = registry.on("*", told.append)
        result = registry.cleanup_tenant("acme")
        stop()
        assert (result.models_removed, result.cleaned_models) == (3, tuple(CRM))
        assert "tenant_activated" not in {each.event for each in told}
        assert registry.tenant_codes() == []
        stats = registry.get_stats()
        assert (stats.total_models, stats.unique_models, stats.bytes_estimate) == (0, 0, 0)
        check(registry)
    registry.declare("acme", CRM)
    registry.declare("bolt", CRM)
    held = registry.tenant("bolt").models
    registry.clear()
    assert (registry.tenant_codes(), list(held)) == ([], [])
    registry.declare("bolt", CRM)
    assert list(held) == list(CRM), "the namespace of a tenant that returns is the one it had"
    check(registry)
