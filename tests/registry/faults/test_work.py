"""Faults about what is done, when, and at what cost."""

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from juggler.context import tenant
from juggler.datasource.datasource import DataSource
from juggler.errors import RoutingError, TenantContextError
from juggler.facade.default import ModelRegistry
from juggler.facade.model import Model
from juggler.registry import placing
from juggler.registry.managing.manager import RegistryManager
from tests.patience import PATIENCE
from tests.registry.helpers import calls, check


# REG-F11, REG-63
def test_figures_follow(registry: ModelRegistry) -> None:
    """Totals go down, registering again counts nothing, equal structures count as two models."""
    first = registry.define("One", {"a": str}, tenant="acme")
    registry.define("Two", {"a": str}, tenant="acme")
    registry.define("One", {"a": str}, tenant="globex")
    for _ in range(10):
        registry.register_model(first)
    stats = registry.get_stats()
    assert (stats.total_models, stats.unique_models, stats.registered_total) == (3, 3, 3)
    assert [each.model_count for each in stats.tenant_stats] == [2, 1]
    registry.cleanup_tenant("acme")
    stats = registry.get_stats()
    assert (stats.total_models, stats.unique_models, stats.total_tenant_models) == (1, 1, 1)
    assert (stats.registered_total, stats.disposed_total) == (3, 2)
    check(registry)


# REG-F13, REG-56
def test_importing_starts_nothing(registry: ModelRegistry) -> None:
    """A process that imports everything ends by itself, without a thread; zeros are honoured."""
    program = (
        "import threading, juggler; "
        "juggler.RegistryManager(juggler.registry); "
        "assert threading.active_count() == 1, threading.enumerate()"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=PATIENCE)
    manager = RegistryManager(registry, cleanup_interval=0, max_idle_time=0)
    stats = manager.get_stats()
    assert (stats.cleanup_interval, stats.max_idle_time, stats.is_active) == (0, 0, False)


# REG-F19, REG-46
def test_a_users_cleanup_is_never_called(registry: ModelRegistry) -> None:
    """A method that happens to be called cleanup, or destroy, is nobody's but the user's."""
    called: list[str] = []

    class Careful(Model, registry=registry):
        """Has methods that sound like the registry's."""

        name: str

        @staticmethod
        def cleanup() -> None:
            """Note the call."""
            called.append("cleanup")

        @classmethod
        def dispose(cls) -> None:
            """Note the call."""
            called.append("dispose")

    registry.tenant("acme").models["Careful"] = Careful
    result = registry.cleanup_tenant("acme")
    assert result.cleaned_models == ("Careful",)
    assert called == []
    Careful.cleanup()
    assert called == ["cleanup"]


# REG-F21, REG-10, REG-19, REG-24
def test_every_name_is_reached(registry: ModelRegistry) -> None:
    """Models called like methods are there by name, classes may be assigned, listing is flat."""
    source = DataSource("memory", registry=registry)
    names = ["keys", "values", "items", "map", "length", "constructor", "get", "__class__", "a b"]
    models = [source.define(name, {"a": str}) for name in names]
    assert list(source.models) == names
    assert [source.models[name] for name in names] == models
    assert source.models.length is models[4]
    assert list(source.models.keys()) == names

    class Declared(Model, registry=registry):
        """A declared model."""

        a: str

    source.models["Declared"] = Declared
    assert source.models.Declared is Declared
    few = calls(lambda: (list(source.models), source.models.get_model_names()))
    for number in range(2_000):
        source.define(f"Model{number}", {"a": str})
    assert calls(lambda: (list(source.models), source.models.get_model_names())) == few


# REG-F22, REG-71
async def test_failed_routing_writes_nowhere(registry: ModelRegistry) -> None:
    """Whatever goes wrong in routing ends the operation; the base source gets no row."""
    base = DataSource("memory", registry=registry)
    answers: list[Any] = [LookupError("no such tenant"), None, base]

    def route(model: Any) -> Any:
        answer = answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    model = base.define("Order", {"total": float}, {"get_data_source": route})
    with pytest.raises(LookupError, match="no such tenant"):
        await model.create(total=1)
    answers.pop(0)
    with pytest.raises(RoutingError):
        await model.create(total=1)
    answers.pop(0)
    assert await model.count() == 0
    registry.tenant_provider = lambda: 1 / 0
    with pytest.raises(TenantContextError):
        registry.define("Lost", {"a": str})
    assert registry.global_models.get("Lost") is None


# REG-F23, REG-71
async def test_an_async_route_is_refused(registry: ModelRegistry) -> None:
    """Routing that answers a coroutine raises; no caller is ever handed one."""
    base = DataSource("memory", registry=registry)

    async def route(model: Any) -> Any:
        return base

    model = base.define("Order", {"total": float}, {"get_data_source": route})
    with pytest.raises(RoutingError, match="must be synchronous"):
        _ = model.data_source
    with pytest.raises(RoutingError, match="must be synchronous"):
        await model.find()
    with pytest.raises(RoutingError, match="must be synchronous"):
        await model.create(total=1)


# REG-F26, REG-16
def test_all_models_are_listed(registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch) -> None:
    """One record for each registration, global ones too, each with its own date."""
    times = iter([100.0, 200.0, 300.0])
    monkeypatch.setattr(placing, "time", SimpleNamespace(time=lambda: next(times)))
    models = [registry.define("User", {"a": str}, tenant=code) for code in ("acme", "globex")]
    models.append(registry.define("User", {"a": str}))
    found = {id(each.model): each for each in registry.get_all_models()}
    records = [found[id(model)] for model in models]
    assert [each.name for each in records] == ["User"] * 3
    assert [each.tenant for each in records] == ["acme", "globex", None]
    assert [each.owner_kind for each in records] == ["tenant", "tenant", "global"]
    assert [each.registered_at for each in records] == [100.0, 200.0, 300.0]


def crowded(tenants: int) -> ModelRegistry:
    """Return a registry with that many tenants, each with a few models, and one more: acme."""
    made = ModelRegistry()
    for number in range(tenants):
        made.define("Other", {"inner": {f"a{number % 7}": str}}, tenant=f"t{number}")
    for number in range(20):
        made.define(f"Model{number}", {"a": str, "inner": {"b": str}}, tenant="acme")
    return made


# REG-F28, REG-11, REG-24, REG-49
def test_costs_stay_flat() -> None:
    """Look-ups, reads and a clean-up take as many steps among 500 tenants as among 1."""
    steps: list[tuple[int, ...]] = []
    for registry in (crowded(1), crowded(500)):
        models = registry.tenant("acme").models
        with tenant("acme"):
            steps.append(
                (
                    calls(lambda found=registry: found.find_model_by_name("Model7")),  # type: ignore[misc]  # a default binds the loop's value
                    calls(lambda found=registry: found.find_model_by_structure({"b": str})),  # type: ignore[misc]  # as above
                    calls(lambda found=models: found["Model7"]),  # type: ignore[misc]  # as above
                )
            )
        cleaning = calls(lambda found=registry: found.cleanup_tenant("acme"))  # type: ignore[misc]  # as above
        assert registry.tenant("acme", create=False) is None
        steps.append((cleaning,))
    assert steps[:2] == steps[2:]
