"""Limits: who asks for too much is refused, before anything is changed, and nobody else."""

import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import InvalidValueError, QuotaExceededError
from juggler.registry.limits import Limits
from juggler.registry.managing.policy import Policy
from juggler.registry.records import RegistryEvent
from juggler.registry.registry import ModelRegistry
from tests.registry.helpers import Store, check

PLACE = {"lat": float, "lng": float}


def figures(registry: ModelRegistry) -> tuple[Any, ...]:
    """Return what would differ if anything had been registered."""
    stats = registry.get_stats(brief=True)
    names = [each.name for each in registry.get_all_models()]
    return names, stats.registered_total, stats.total_models, stats.tenant_registries


def refused(registry: ModelRegistry, limit: str, work: Callable[[], Any]) -> QuotaExceededError:
    """Check that *work* is refused for *limit*, told of, and changes nothing; return the error."""
    told: list[RegistryEvent] = []
    stop = registry.on("*", told.append)
    before = figures(registry)
    with pytest.raises(QuotaExceededError) as caught:
        work()
    stop()
    assert figures(registry) == before
    assert [each.event for each in told] == ["quota_exceeded"]
    assert told[0].details["limit"] == limit
    error = caught.value
    assert (error.status_code, error.tenant) == (429, told[0].tenant)
    assert error.details["asked"] > error.details["most"]
    assert limit in str(error)
    check(registry)
    return error


def test_tenants() -> None:
    """Beyond the limit no tenant comes, whichever way; those that are there work on."""
    # REG-69
    registry = ModelRegistry(max_tenants=2)
    registry.define("A", tenant="acme")
    registry.declare("bolt", {"A": {"x": int}})
    ways: list[Callable[[], Any]] = [
        lambda: registry.define("A", tenant="core"),
        lambda: registry.tenant("core"),
        lambda: registry.declare("core", {"A": {"y": int}}),
    ]
    for way in ways:
        with pytest.raises(QuotaExceededError) as caught:
            way()
        assert caught.value.tenant == "core"
    assert registry.tenant("core", create=False) is None
    registry.define("B", tenant="acme")
    assert registry.tenant("bolt").models["A"].owner == "bolt"
    refused(registry, "max_tenants", lambda: registry.define("A", tenant="core"))
    registry.cleanup_tenant("acme")
    assert registry.define("A", tenant="core").owner == "core"
    check(registry)


def test_look_ups_need_no_room() -> None:
    """However many codes clients invent, looking up for them makes no tenant."""
    # REG-18, REG-69
    registry = ModelRegistry(max_tenants=0)
    for at in range(1_000):
        with tenant(f"t{at}"):
            assert registry.find_model_by_name("A") is None
            assert registry.find_model_by_structure(PLACE) is None
            with contextlib.suppress(QuotaExceededError):
                registry.define("A")
    assert registry.tenants() == []


WAYS: dict[str, Callable[[ModelRegistry, Any], Any]] = {
    "define": lambda registry, _: registry.define("C"),
    "nested": lambda registry, _: registry.define("B", {"where": PLACE}),
    "extend": lambda registry, _: registry.extend("Common", {"y": int}),
    "register": lambda registry, model: registry.register_model(
        model, owner=registry.tenant("acme")
    ),
    "namespace": lambda registry, model: registry.tenant("acme").models.set_model("M", model),
    "declare": lambda registry, _: registry.declare("acme", {"C": {"y": int}}),
    "parsed": lambda registry, _: registry.define("C", registry.parse("C", {})),
}


@pytest.mark.parametrize("policy", [True, False])
@pytest.mark.parametrize("way", WAYS)
def test_models_of_a_tenant(way: str, policy: bool) -> None:
    """A tenant has as many models as it may, anonymous ones included; others are not touched."""
    # REG-69, REG-59
    registry = ModelRegistry(max_models_per_tenant=9 if policy else 2)
    model = Store(registry).define("M")
    registry.define("Common", {"x": int})
    with tenant("acme"):
        registry.define("A", {"x": int})
        if policy:
            registry.tenant("acme").policy = Policy(max_models=2)
        registry.define("B", {"x": int})
        error = refused(registry, "max_models_per_tenant", lambda: WAYS[way](registry, model))
        assert error.tenant == "acme"
        registry.define("B", {"y": int})
        registry.define("B", {"x": int})
    for at in range(2):
        registry.define(f"M{at}", tenant="bolt")
    for at in range(9):
        registry.define(f"M{at}")
    with tenant("acme"):
        del registry.tenant("acme").models["B"]
        if way != "nested":
            WAYS[way](registry, model)
            assert len(registry.tenant("acme").models) == 2


def test_a_first_model_that_is_too_much() -> None:
    """A tenant whose first model is refused is not there afterwards."""
    # REG-69
    registry = ModelRegistry(max_models_per_tenant=2)
    deep = {"where": PLACE, "more": [{"x": int}], "again": PLACE}
    refused(registry, "max_models_per_tenant", lambda: registry.define("A", deep, tenant="acme"))
    model = registry.define("A", deep)
    with tenant("acme"), pytest.raises(QuotaExceededError):
        registry.register_model(registry.builder.registry.model_type("A", model._blueprint))
    assert registry.tenants() == []
    assert registry.define("A", {"where": PLACE, "again": PLACE}, tenant="acme").owner == "acme"


def test_models_of_tenants_at_rest() -> None:
    """What is declared counts as what is defined, also for a tenant nobody has woken."""
    # REG-69, REG-76
    registry = ModelRegistry(max_models_per_tenant=2)
    with pytest.raises(QuotaExceededError):
        registry.declare("acme", {"A": {}, "B": {}, "C": {}})
    assert registry.tenant("acme", create=False) is None
    registry.declare("acme", {"A": {}, "B": {}})
    with pytest.raises(QuotaExceededError):
        registry.declare("acme", {"C": {}})
    assert list(registry.tenant("acme").models) == ["A", "B"]


def filled(**limits: Any) -> ModelRegistry:
    """Return a registry with two tenants that take all the bytes there are."""
    registry = ModelRegistry(max_bytes=100_000, **limits)
    fill(registry, "t0", "t1")
    return registry


def fill(registry: ModelRegistry, *codes: str) -> None:
    """Define models for tenants in turn until there is no room."""
    parsed = registry.parse("M", {"x": int})
    with contextlib.suppress(QuotaExceededError):
        for at in range(1_000):
            registry.define(f"M{at}", parsed, tenant=codes[at % len(codes)])


def test_bytes() -> None:
    """The models take no more bytes than they may; who would go beyond is refused."""
    # REG-69
    registry = filled()
    stats = registry.get_stats()
    assert 85_000 < stats.bytes_estimate <= 102_000
    assert stats.total_models > 300
    for code in ("t0", "new", None):
        refused(registry, "max_bytes", partial(registry.define, "N", tenant=code))
    refused(registry, "max_bytes", lambda: Store(registry).define("N"))
    assert registry.tenant("new", create=False) is None
    registry.cleanup_tenant("t0")
    for at in range(100):
        registry.define(f"N{at}", {"x": int}, tenant="new")
    assert registry.get_stats().bytes_estimate <= 102_000


def test_room_is_made() -> None:
    """Whoever can make room is asked for it first, with what is wanted."""
    # REG-69
    registry = filled()
    wanted: list[int] = []

    def make_room(count: int) -> None:
        wanted.append(count)
        registry.cleanup_tenant("t0")

    registry.make_room = make_room
    registry.define("N", {"x": int}, tenant="new")
    assert len(wanted) == 1
    assert 0 < wanted[0] < 10_000
    registry.make_room = lambda _: None
    fill(registry, "new")
    refused(registry, "max_bytes", lambda: registry.define("N9", tenant="t1"))


def test_properties() -> None:
    """A structure has as many properties as it may, at each level, inherited ones included."""
    # REG-69
    registry = ModelRegistry(max_properties=3)
    base = registry.define("Base", {"a": int, "b": int}, id_injection=False)
    many = {f"p{at}": int for at in range(4)}
    ways: list[Callable[[], Any]] = [
        lambda: registry.define("A", many, id_injection=False),
        lambda: registry.define("A", {"where": many}, id_injection=False),
        lambda: registry.define("A", {"c": int, "d": int}, base=base, id_injection=False),
        lambda: registry.declare("acme", {"A": many}),
        lambda: Store(registry).define("A", many),
    ]
    for way in ways:
        with pytest.raises(QuotaExceededError) as caught:
            way()
        assert (caught.value.details["limit"], caught.value.details["most"]) == (
            "max_properties", 3,
        )  # fmt: skip
    assert [each.name for each in registry.get_all_models()] == ["Base"]
    with tenant("acme"):
        error = refused(
            registry, "max_properties", lambda: registry.define("A", many, id_injection=False)
        )
    assert error.tenant == "acme"
    assert registry.define("A", {"c": int}, base=base, id_injection=False).owner is None


def test_depth() -> None:
    """A structure is as deep as it may be, counted as `structure_depth` does."""
    # REG-69
    registry = ModelRegistry(max_depth=3)
    for good in ({"a": int}, {"a": {"b": {"c": int}}}, {"a": [[int]]}, {"a": [{"b": int}]}):
        assert registry.structure_depth(good) <= 3
        registry.define("A", good)
    for bad in ({"a": {"b": {"c": {"d": int}}}}, {"a": [{"b": [int]}]}, {"a": [[[int]]]}):
        assert registry.structure_depth(bad) == 4
        refused(registry, "max_depth", partial(registry.define, "B", bad))


@pytest.mark.parametrize("value", [-1, 1.5, "5", True])
@pytest.mark.parametrize("name", Limits.__slots__)
def test_what_is_no_limit(name: str, value: Any) -> None:
    """A limit is a whole number from 0 on."""
    # REG-69
    with pytest.raises(InvalidValueError, match=name):
        ModelRegistry(**{name: value})
