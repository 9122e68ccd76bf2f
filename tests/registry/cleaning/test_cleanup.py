"""Cleaning tenants up: exact results, every path empty, kept handles that raise."""

import asyncio
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import ConnectorDetachedError, ModelDisposedError
from juggler.registry.cleaning import cleanup
from juggler.registry.records import CleanupResult
from juggler.registry.registry import ModelRegistry
from juggler.registry.sizes import RUNTIME
from tests.patience import PATIENCE
from tests.registry.helpers import Clock, Store, calls, check

PLACE = {"lat": float, "lng": float}


def test_the_example_of_the_spec(registry: ModelRegistry) -> None:
    """A tenant's model and its anonymous one are gone after the clean-up."""
    # REG-44
    with tenant("acme"):
        ticket = registry.define("Ticket", {"title": str, "where": PLACE})
        assert registry.find_model_by_name("Ticket") is ticket
    assert registry.find_model_by_name("Ticket") is None
    result = registry.cleanup_tenant("acme")
    assert (result.tenant, result.models_removed, result.error) == ("acme", 2, None)


def test_the_result_is_exact(registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    """The result says what was removed, how long it took and why; it is frozen."""
    # REG-44
    with tenant("acme"):
        registry.define("A", {"where": PLACE})
        registry.define("B", {"where": PLACE, "x": int})
        registry.define("B", {"x": int})
    seconds = iter([10.0, 10.25, 11.0, 12.0])
    monkeypatch.setattr(cleanup, "time", SimpleNamespace(perf_counter=lambda: next(seconds)))
    result = registry.cleanup_tenant("acme", reason="left")
    assert result == CleanupResult(
        "acme",
        models_removed=3,
        mappings_removed=4,
        cleaned_models=("AnonymousModel_0", "A", "B"),
        duration=250,
        error=None,
        bytes_released=result.bytes_released,
        reason="left",
    )
    assert 3 * RUNTIME <= result.bytes_released < 3 * RUNTIME + 2_000
    with pytest.raises(AttributeError):
        result.error = "x"  # type: ignore[misc]  # that is the test
    assert registry.cleanup_tenant("acme") == CleanupResult("acme")
    assert registry.cleanup_tenant("nobody", reason="r") == CleanupResult("nobody", reason="r")


def test_gone_from_every_path(registry: ModelRegistry, store: Store) -> None:
    """After the clean-up no look-up finds a model of the tenant, by whatever way."""
    # REG-45, faults 14, 15, 17
    with tenant("acme"):
        model = registry.define("A", {"where": PLACE}, data_source=store)
        store.define("Bound")
        acme = registry.tenant("acme")
        space = acme.models
        registry.cleanup_tenant("acme")
        assert registry.find_model_by_name("A") is None
        assert registry.find_model_by_structure(PLACE) is None
        assert registry.look_up("A", store.models) is None
        assert registry.builder.get_model("A") is None
        assert dict(registry.builder.models) == {}
    assert "A" not in store.models
    assert store.forgotten == ["A"], "the connector forgets it too"
    assert space == {}
    assert acme.get_all_models() == []
    assert acme.find_model_by_structure(PLACE) is None
    assert registry.get_models_for_owner_with_type("acme", "tenant") == []
    assert registry.tenant("acme", create=False) is None
    assert [each.name for each in registry.get_all_models()] == ["Bound"]
    assert registry.get_tenant_registry_info().tenants == {}
    assert registry.find_equivalent_anonymous_model(None, model.nested["where"]) is None
    assert model not in registry.get_models_for_owner(store)
    assert not store.models["Bound"].is_disposed, "it is the source's, not the tenant's"
    check(registry)


def test_a_kept_model(registry: ModelRegistry, store: Store) -> None:
    """A kept model raises for what does I/O; its instances can still be read, and made."""
    # REG-47
    with tenant("acme"):
        model = registry.define("A", {"x": int, "where": PLACE}, data_source=store)
    instance = model(x=1, where={"lat": 2})
    registry.cleanup_tenant("acme")
    with pytest.raises(ModelDisposedError) as error:
        model.check_alive("find")
    found = error.value
    assert (found.code, found.model, found.tenant, found.status_code) == (
        "MODEL_DISPOSED", "A", "acme", 410,
    )  # fmt: skip
    assert "find" in str(found)
    assert (instance.x, instance.where.lat, instance["x"]) == (1, 2, 1)
    assert instance.to_dict()["x"] == 1
    assert isinstance(instance, model)
    instance.x = 5
    assert instance.changed() == ["x"]
    assert model(where={"lat": 3}).where.lat == 3
    assert (model.model_name, model.owner, model.is_disposed) == ("A", "acme", True)
    use: Callable[[], Any]
    for use in (
        lambda: registry.register_model(model),
        lambda: store.attach(model),
        lambda: registry.define("B", {"a": model}, tenant="acme"),
        lambda: registry.define("B", {}, base=model, tenant="acme"),
    ):
        with pytest.raises(ModelDisposedError):
            use()
    check(registry)


def test_behaviour_is_dropped(registry: ModelRegistry) -> None:
    """Hooks and rules of a cleaned model are gone."""
    # REG-46
    with tenant("acme"):
        model = registry.define("A", {"x": int})
    model.observe("before save", print)
    model.validates_presence_of("x")
    registry.cleanup_tenant("acme")
    assert model.observers_of("before save") == ()
    assert model._behaviour is None
    registry.cleanup_tenant("acme")


def test_a_tenant_in_use(registry: ModelRegistry) -> None:
    """A tenant at work is left alone, unless force is used; nothing was changed by the attempt."""
    # REG-43, REG-44
    registry.define("A", tenant="acme")
    acme = registry.tenant("acme")
    model = acme.models["A"]
    acme.owner.enter()
    refused = registry.cleanup_tenant("acme", reason="r")
    assert (refused.error, refused.models_removed, refused.reason) == ("in use", 0, "r")
    assert acme.models["A"] is model
    assert not model.is_disposed
    forced = registry.cleanup_tenant("acme", force=True)
    assert (forced.error, forced.models_removed) == (None, 1)
    with pytest.raises(ModelDisposedError):
        model.check_alive("save")
    check(registry)


def test_waiting_for_work_to_end(registry: ModelRegistry) -> None:
    """With grace the clean-up waits for the work to end, in a thread without a loop."""
    # REG-43
    registry.define("A", tenant="acme")
    owner = registry.tenant("acme").owner
    owner.enter()
    begun, ended = threading.Event(), threading.Event()

    results: list[CleanupResult] = []

    def clean() -> None:
        begun.set()
        results.append(registry.cleanup_tenant("acme", grace=PATIENCE))
        ended.set()

    thread = threading.Thread(target=clean)
    thread.start()
    begun.wait()
    owner.leave()
    assert ended.wait(PATIENCE)
    thread.join()
    assert (results[0].error, results[0].models_removed) == (None, 1)
    registry.define("A", tenant="acme")
    with registry.tenant("acme").lease():
        assert registry.cleanup_tenant("acme", grace=0.02).error == "in use"


async def test_no_waiting_in_a_loop(
    registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a running loop the clean-up does not wait: the work could never end."""
    # REG-43
    waited: list[float] = []
    monkeypatch.setattr(cleanup, "wait_until_free", lambda _, grace: waited.append(grace))
    registry.define("A", tenant="acme")
    with registry.tenant("acme").lease():
        assert registry.cleanup_tenant("acme", grace=10).error == "in use"
        assert waited == []
        await asyncio.to_thread(registry.cleanup_tenant, "acme", grace=10)
        assert waited == [10]


def test_a_tenant_that_returns(registry: ModelRegistry, clock: Clock) -> None:
    """A tenant that comes back starts afresh; what was kept does not come back with it."""
    # REG-55
    with tenant("acme"):
        old = registry.define("A", {"where": PLACE})
        registry.find_model_by_name("A")
        registry.cleanup_tenant("acme")
        clock.now = 500.0
        new = registry.define("A", {"where": PLACE})
    acme = registry.tenant("acme")
    assert new is not old
    assert new.nested["where"] is not old.nested["where"]
    assert new.nested["where"].model_name == "AnonymousModel_0"
    assert (acme.created_at, acme.get_stats().accesses) == (500.0, 0)
    assert old.is_disposed
    assert not new.is_disposed
    check(registry)


def test_shared_shapes_survive(registry: ModelRegistry, store: Store, other: Store) -> None:
    """Cleaning one owner changes nothing for another on the same shapes or an equal source."""
    # REG-54, fault 7
    models = [
        registry.define("A", {"where": PLACE}, tenant="acme"),
        registry.define("A", {"where": PLACE}, tenant="bolt"),
        store.define("A", {"where": PLACE}), other.define("A", {"where": PLACE}),
    ]  # fmt: skip
    registry.cleanup_tenant("acme")
    store.close()
    assert [model.is_disposed for model in models] == [True, False, True, False]
    for model in (models[1], models[3]):
        assert model(where={"lat": "1"}).where.lat == 1
        assert not model.nested["where"].is_disposed
    with pytest.raises(ConnectorDetachedError):
        models[2].check_alive("find")
    with pytest.raises(ConnectorDetachedError):
        models[2].nested["where"].check_alive("find")
    check(registry)


def test_embedded_structures_pin_nothing(registry: ModelRegistry) -> None:
    """A tenant with structures in structures, and models that embed one another, goes whole."""
    # REG-45, REG-48, fault 17
    with tenant("acme"):
        registry.define("Address", {"geo": {"point": PLACE}, "lines": [str]})
        registry.define(
            "Person", {"home": "Address", "others": ["Address"], "geo": {"point": PLACE}}
        )
        registry.define(
            "Company", {"boss": "Person", "sites": [{"address": "Address", "at": PLACE}]}
        )
        registry.define("Sub", {"x": {"y": PLACE}}, base="Company")
    count = len(registry.tenant("acme").models)
    result = registry.cleanup_tenant("acme")
    assert result.models_removed == count > 6
    assert registry.get_stats().total_models == 0
    check(registry)


def test_idle_tenants(registry: ModelRegistry, clock: Clock) -> None:
    """Tenants that are idle long enough go; those in use or pinned stay."""
    # REG-51, REG-41
    for code in ("old", "new", "busy", "pinned"):
        registry.define("A", tenant=code)
    registry.tenant("pinned").pinned = True
    clock.now = 200.0
    with tenant("new"):
        registry.find_model_by_name("A")
    with registry.tenant("busy").lease():
        results = registry.cleanup_inactive_tenants(50)
        assert [(each.tenant, each.reason) for each in results] == [("old", "idle")]
        assert [each.tenant for each in registry.cleanup_inactive_tenants(0)] == ["new"]
    assert [each.code for each in registry.tenants()] == ["busy", "pinned"]
    check(registry)


def test_clearing(registry: ModelRegistry, store: Store) -> None:
    """Clearing empties all owners and figures; namespaces that are held stay usable."""
    # REG-53
    registry.define("G", {"where": PLACE})
    registry.define("A", tenant="acme")
    store.define("A", {"where": PLACE})
    proxies = [store.models, registry.global_models, registry.tenant("acme").models]
    handle = registry.tenant("acme")
    registry.clear()
    assert [len(each) for each in proxies] == [0, 0, 0]
    stats = registry.get_stats()
    assert (stats.total_models, stats.registered_total, stats.disposed_total) == (0, 0, 0)
    assert (stats.reuse_count, stats.tenant_registries, stats.global_models) == (0, 0, 0)
    check(registry)
    assert store.define("A") is proxies[0]["A"]
    assert registry.define("G") is proxies[1]["G"]
    assert registry.define("A", tenant="acme") is proxies[2]["A"]
    assert registry.tenant("acme").models is proxies[2]
    assert handle.get_all_models() == [proxies[2]["A"]]
    assert registry.owner_kind(handle) == "tenant"
    check(registry)


def test_cost_follows_the_tenant(registry: ModelRegistry) -> None:
    """Cleaning a hundred models is the same work, whatever else is alive."""
    # REG-49, fault 28
    parsed = registry.parse("A", {f"p{at}": str for at in range(10)})

    def fill(code: str) -> None:
        for at in range(100):
            registry.define(f"M{at}", parsed, tenant=code)

    def cleaning() -> int:
        fill("acme")
        return calls(lambda: registry.cleanup_tenant("acme"))

    alone = cleaning()
    for at in range(200):
        fill(f"other{at}")
    assert cleaning() == alone, "no walk over anybody else's"
    registry.clear()


@pytest.mark.parametrize("code", ["global", "trap", "", " ", None, 5, {}, [], "x" * 200], ids=repr)
def test_codes_that_are_not_allowed(registry: ModelRegistry, code: Any) -> None:
    """The global area and what is no code at all cannot be cleaned up."""
    # REG-44, fault 18
    registry.define("G")
    result = registry.cleanup_tenant(code, force=True, grace=5, reason="r")
    assert result == CleanupResult(
        code, error="Invalid tenant or global tenant cleanup not allowed", reason="r"
    )
    assert registry.find_model_by_name("G") is not None
