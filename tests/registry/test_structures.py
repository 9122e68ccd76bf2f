"""Comparing structures through a registry."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.context import tenant
from juggler.errors import DefinitionError
from juggler.registry.registry import ModelRegistry
from tests.definition.helpers import nested
from tests.definition.test_fingerprint import OPTIONS, STRUCTURES, TYPES

REGISTRY = ModelRegistry()


@given(STRUCTURES, STRUCTURES)
def test_equivalence_agrees_with_fingerprints(one: Any, other: Any) -> None:
    """Two structures are equivalent exactly when their fingerprints are equal."""
    # REG-28
    prints = [REGISTRY.generate_fingerprint(each) for each in (one, other)]
    assert REGISTRY.are_properties_equivalent(one, other) == (prints[0] == prints[1])
    assert REGISTRY.are_properties_equivalent(one, one)
    assert REGISTRY.are_properties_equivalent(one, dict(one))


@given(STRUCTURES)
def test_normal_forms(structure: Any) -> None:
    """The normal form is the same structure, and its own normal form."""
    # REG-29
    normal = REGISTRY.normalize_properties(structure)
    assert REGISTRY.are_properties_equivalent(structure, normal)
    assert REGISTRY.normalize_properties(normal) == normal
    assert list(normal) == sorted(structure)


@pytest.mark.parametrize("kind", TYPES)
def test_normal_forms_of_types(kind: str) -> None:
    """Every spelling of a type has the same normal form."""
    # REG-29
    forms = [REGISTRY.normalize_properties({"a": spelled}) for spelled in TYPES[kind]]
    assert all(form == forms[0] for form in forms)
    assert REGISTRY.are_properties_equivalent(forms[0], {"a": TYPES[kind][0]})


def test_normal_forms_of_options() -> None:
    """Options come through the normal form with their values and types."""
    # REG-29
    for option, values in OPTIONS.items():
        for value in values:
            given = {"a": {"type": "any", option: value}}
            assert REGISTRY.are_properties_equivalent(given, REGISTRY.normalize_properties(given))


def test_unequal_forms_of_one_value() -> None:
    """A comma is no second property; types of default values count."""
    # REG-25, fault 2
    equal = REGISTRY.are_properties_equivalent
    assert not equal({"a,b": str}, {"a": str, "b": str})
    assert not equal({"v": float}, {"v": str})
    assert not equal({"v": {"type": float, "default": 1}}, {"v": {"type": float, "default": True}})
    assert equal({"a": str, "b": int}, {"b": "Integer", "a": {"type": "String"}})


def test_models_in_structures(registry: ModelRegistry) -> None:
    """A named model counts as that very model; names mean what the tenant can see."""
    # REG-26
    one = registry.define("Place", {"x": int})
    two = registry.define("Place", {"x": int}, tenant="acme")
    assert registry.generate_fingerprint({"a": one}) == registry.generate_fingerprint(
        {"a": "Place"}
    )
    with tenant("acme"):
        assert registry.generate_fingerprint({"a": two}) == registry.generate_fingerprint(
            {"a": "Place"}
        )
        assert registry.generate_fingerprint({"a": one}) != registry.generate_fingerprint(
            {"a": two}
        )


@pytest.mark.parametrize(
    ("structure", "kind", "depth"),
    [
        ({}, "simple", 1), ({"a": str}, "simple", 1), ([], "array", 1), ([str], "array", 1),
        ([[str]], "array", 2),
        ({"a": [str]}, "complex", 2), ({"a": {"b": str}}, "complex", 2),
        ({"a": {"type": str}}, "simple", 1),
        ({"a": {"type": [str]}}, "complex", 2), ({"a": {"b": {"c": [str]}}}, "complex", 4),
        (None, "invalid", 0),
        (5, "invalid", 0), ("a", "invalid", 0), (nested(1_000, str), "array", 1_000),
        (nested(1_000, str, "a"), "complex", 1_000), ([{"a": str}], "array", 2),
    ],
    ids=lambda value: None if isinstance(value, dict | list) else str(value),
)  # fmt: skip
def test_kinds_and_depths(structure: Any, kind: str, depth: int) -> None:
    """Kinds and depths of structures, also of very deep ones."""
    assert REGISTRY.structure_kind(structure) == kind
    assert REGISTRY.structure_depth(structure) == depth


def test_circular_structures() -> None:
    """A structure that contains itself raises ValueError; the message names the path."""
    # REG-27, fault 3
    node: dict[str, Any] = {"name": str}
    node["child"] = {"inner": node}
    ask: Any
    for ask in (
        REGISTRY.generate_fingerprint,
        REGISTRY.normalize_properties,
        REGISTRY.find_model_by_structure,
        lambda given: REGISTRY.are_properties_equivalent({}, given),
        lambda given: REGISTRY.define("Node", given),
        lambda given: REGISTRY.parse("Node", given),
    ):
        with pytest.raises(ValueError, match=r"contains itself at child\.inner\.child"):
            ask(node)
    with pytest.raises(DefinitionError, match="itself"):
        REGISTRY.structure_depth(node)
    shared: list[Any] = [str]
    for _ in range(40):
        shared = [shared, shared]
    assert REGISTRY.structure_depth(shared) == 41


@pytest.mark.parametrize("key", [None, "a"])
def test_deep_structures(key: str | None) -> None:
    """Structures a thousand levels deep are a typed error, whoever asks."""
    deep = {"x": nested(1_000, str, key)}
    ask: Any
    for ask in (
        REGISTRY.generate_fingerprint,
        REGISTRY.normalize_properties,
        REGISTRY.find_model_by_structure,
        lambda given: REGISTRY.define("Deep", given),
        lambda given: REGISTRY.define("Deep", {}, {"x": given}),
    ):
        with pytest.raises(DefinitionError, match="deeper"):
            ask(deep)


@given(st.text())
def test_fingerprints_are_stable(text: str) -> None:
    """A fingerprint does not depend on the registry, the tenant or the order of calls."""
    # REG-25
    definition = {"a": {"type": "string", "doc": text}}
    with tenant("acme"):
        one = REGISTRY.generate_fingerprint(definition)
    assert ModelRegistry().generate_fingerprint(definition) == one
