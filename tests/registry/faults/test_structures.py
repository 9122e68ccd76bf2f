"""Faults about structures: what is taken for equal, and who is handed the model of whom."""

import gc
import json
import re
import threading
import weakref
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from juggler.context import tenant
from juggler.datasource.datasource import DataSource
from juggler.errors import DefinitionError
from juggler.facade.default import ModelRegistry
from juggler.registry.builder import ModelBuilder

ALIKE = ({"field2775246": {"type": "String"}}, {"field3034780": {"type": "String"}})


def short_fingerprint(properties: Mapping[str, Any]) -> int:
    """Return the 32 bits of FNV-1a over a structure written as JSON."""
    value = 0x811C9DC5
    for byte in json.dumps(properties, separators=(",", ":")).encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


# REG-F1, REG-25
def test_structures_whose_short_hashes_collide(registry: ModelRegistry) -> None:
    """Two structures that 32 bits take for one have fingerprints and models of their own."""
    one, other = ALIKE
    assert short_fingerprint(one) == short_fingerprint(other)
    assert registry.generate_fingerprint(one) != registry.generate_fingerprint(other)
    with tenant("acme"):
        model = registry.define("Box", {"inner": one}).nested["inner"]
        assert registry.find_model_by_structure(one) is model
        assert registry.find_model_by_structure(other) is None
        assert registry.define("Crate", {"inner": other}).nested["inner"] is not model


def named(bases: tuple[type, ...]) -> type:
    """Return a new class; all of them have one name."""
    return type("Same", bases, {})


# REG-F2, REG-25, REG-26
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"v": float}, {"v": str}),
        ({"a,b": str}, {"a": str, "b": str}),
        ({"a:string,b": str}, {"a": str, "b": str}),
        ({"v": named((str,))}, {"v": named((str,))}),
        (
            {"v": {"type": datetime, "default": datetime(2020, 1, 1, tzinfo=UTC)}},
            {"v": {"type": datetime, "default": datetime(2021, 1, 1, tzinfo=UTC)}},
        ),
        (
            {"v": {"type": str, "default": lambda: "a"}},
            {"v": {"type": str, "default": lambda: "b"}},
        ),
        (
            {"v": {"type": str, "pattern": re.compile("a")}},
            {"v": {"type": str, "pattern": re.compile("b")}},
        ),
    ],
)
def test_structures_that_differ(
    registry: ModelRegistry, one: Mapping[str, Any], other: Mapping[str, Any]
) -> None:
    """Types given as classes, odd names, dates, patterns and functions all count."""
    assert registry.generate_fingerprint(one) != registry.generate_fingerprint(other)
    assert not registry.are_properties_equivalent(one, other)
    first, second = (registry.define("V", {"v": given}).nested["v"] for given in (one, other))
    assert first is not second


# REG-F3, REG-09, REG-27
def test_redefinitions_leave_nothing(registry: ModelRegistry) -> None:
    """A circular structure is refused; a hundred redefinitions keep one model alive."""
    circular: dict[str, Any] = {"a": {"type": str}}
    circular["self"] = circular
    for _ in range(100):
        with pytest.raises(ValueError, match="self"):
            registry.define("Ring", {"inner": circular})
        with pytest.raises(DefinitionError):
            registry.generate_fingerprint(circular)
    assert registry.get_stats().total_models == 0
    assert len(registry.shapes) == 0
    made = [
        weakref.ref(registry.define("Again", {"inner": {f"field{number % 2}": str}}))
        for number in range(100)
    ]
    gc.collect()
    assert [each() for each in made if each() is not None] == [registry.global_models["Again"]]
    assert registry.get_stats().total_models == 2


# REG-F4, REG-12, REG-33
async def test_a_nested_structure_never_leads_into_another_source(registry: ModelRegistry) -> None:
    """A tenant's nested structure is its own model, whatever equal model another tenant has."""
    place = {"street": str, "town": str}
    hers, his = (DataSource("memory", name=name, registry=registry) for name in ("hers", "his"))
    with tenant("acme"):
        address = registry.define("Address", place, {"id_injection": False}, data_source=hers)
    with tenant("globex"):
        person = registry.define("Person", {"home": place}, data_source=his)
        inner = person.nested["home"]
        assert inner is not address
        assert inner.owner == "globex"
        assert registry.find_model_by_structure(place) is inner
        ada = await person.create(home={"street": "1st", "town": "London"})
        assert ada.home.model is inner
    assert await address.count() == 0
    assert await person.count() == 1


# REG-F5, REG-12, REG-32
def test_what_was_made_without_a_tenant_stays_there(registry: ModelRegistry) -> None:
    """Hooks on a global anonymous model reach no tenant's model of that structure."""
    place = {"street": str}
    shared = registry.define("Shop", {"place": place}).nested["place"]
    shared.observe("loaded", lambda _: None)
    shared.on_dispose(lambda: None)
    for code in ("acme", "globex"):
        with tenant(code):
            assert registry.find_model_by_structure(place) is None
            own = registry.define("Shop", {"place": place}).nested["place"]
            assert own is not shared
            assert own.shape is shared.shape
            assert own.observers_of("loaded") == ()
            with pytest.raises(AttributeError):
                own.patched = True
            with pytest.raises(AttributeError, match="frozen"):
                type(own(street="1st")).patched = True


# REG-F24, REG-29
def test_the_callers_objects_stay(registry: ModelRegistry) -> None:
    """Properties and settings that are given again for the next tenant are as they were."""
    properties: dict[str, Any] = {
        "name": {"type": str, "required": True},
        "tags": [str],
        "place": {"lat": float, "lng": {"type": float, "default": 0}},
    }
    settings: dict[str, Any] = {"hidden": ["name"], "strict": True, "scope": {"where": {}}}
    before = repr((properties, settings))
    models = []
    for code in ("acme", "globex"):
        with tenant(code):
            models.append(registry.define("City", properties, settings))
            registry.normalize_properties(properties)
            registry.generate_fingerprint(properties)
    assert repr((properties, settings)) == before
    properties["late"] = str
    settings["hidden"].append("tags")
    assert models[0].shape is models[1].shape
    assert "late" not in models[0].properties
    assert models[1].settings["hidden"] == ("name",)


# REG-F25, REG-13
@pytest.mark.parametrize("environment", ["production", "test", "development", ""])
def test_reuse_depends_on_the_structure_alone(
    registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch, environment: str
) -> None:
    """Neither the environment nor who calls decides whether a structure is found again."""
    for variable in ("NODE_ENV", "JUGGLER_ENV", "PYTEST_CURRENT_TEST"):
        monkeypatch.setenv(variable, environment)
    structure = {"lat": float}
    first = registry.define("Spot", {"place": structure}).nested["place"]
    found: list[Any] = []

    def called_deeply(depth: int, act: Callable[[], Any]) -> None:
        found.append(act()) if depth == 0 else called_deeply(depth - 1, act)

    def define_class() -> Any:
        return registry.find_model_by_structure(structure)

    called_deeply(0, define_class)
    called_deeply(40, define_class)
    called_deeply(3, lambda: registry.define("Area", {"corner": structure}).nested["corner"])
    thread = threading.Thread(target=lambda: found.append(define_class()))
    thread.start()
    thread.join()
    assert found == [first] * 4
    strict = ModelBuilder(registry, {"strict_embedded_models": True})
    assert registry.find_model_by_structure(structure, strict) is None
