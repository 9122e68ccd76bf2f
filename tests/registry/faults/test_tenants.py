"""Faults about tenants: who is looked into, what counts as access, and what may be a code."""

from typing import Any

import pytest

from juggler.context import tenant
from juggler.datasource.datasource import DataSource
from juggler.errors import InvalidTenantError
from juggler.facade.default import ModelRegistry
from tests.registry.helpers import Clock, check


# REG-F6, REG-11, REG-12
def test_look_ups_never_walk_tenants(registry: ModelRegistry) -> None:
    """Without a tenant, or in another one, a tenant's models are not found by name or structure."""
    with tenant("acme"):
        secret = registry.define("Secret", {"inner": {"pin": str}})
    others: list[Any] = [registry.find_model_by_name("Secret")]
    others.append(registry.find_model_by_structure({"pin": str}))
    with tenant("globex"):
        others.append(registry.find_model_by_name("Secret"))
        others.append(registry.find_model_by_structure({"pin": str}))
    assert others == [None] * 4
    with tenant("acme"):
        assert registry.find_model_by_name("Secret") is secret
        assert registry.find_model_by_structure({"pin": str}) is secret.nested["inner"]


# REG-F10, REG-41, REG-43
async def test_work_counts_and_look_ups_of_others_do_not(
    registry: ModelRegistry, clock: Clock
) -> None:
    """A tenant is idle although others look around, and is not while it works."""
    codes = [f"t{number}" for number in range(5)]
    models = {code: registry.define("Note", {"text": str}, tenant=code) for code in codes}
    busy = models["t0"]
    clock.now += 60
    registry.find_model_by_name("Note")
    registry.find_model_by_structure({"text": str})
    registry.get_all_models()
    registry.get_stats()
    registry.get_tenant_registry_info()
    assert [registry.tenant(code).get_stats().idle_time for code in codes] == [60.0] * 5
    busy.data_source = _memory(registry)
    with tenant("t0"):
        await busy.create(text="at work")
    idle = [result.tenant for result in registry.cleanup_inactive_tenants(30)]
    assert idle == codes[1:]
    clock.now += 60
    with tenant("t0"), registry.tenant("t0").lease():
        assert registry.cleanup_inactive_tenants(0) == []
        assert await busy.count() == 1
    assert not busy.is_disposed


def _memory(registry: ModelRegistry) -> Any:
    """Return a data source in memory."""
    return DataSource("memory", registry=registry)


# REG-F12, REG-18, REG-69
def test_look_ups_make_no_tenants(registry: ModelRegistry) -> None:
    """Ten thousand look-ups under invented codes leave the registry as it was."""
    registry.define("Shared", {"name": str})
    before = registry.get_stats()
    for number in range(10_000):
        with tenant(f"invented{number}"):
            registry.find_model_by_name("Nothing")
            registry.get_models_for_owner(f"invented{number}")
        if number % 100 == 0:
            with tenant(f"invented{number}"):
                registry.find_model_by_structure({"a": str})
            assert registry.tenant(f"invented{number}", create=False) is None
    assert registry.get_stats() == before
    assert registry.tenants() == []


# REG-F18, REG-36
@pytest.mark.parametrize("code", ["trap", "global"])
def test_reserved_codes_own_nothing(registry: ModelRegistry, code: str) -> None:
    """No model gets under a reserved code; where it means nobody, its models can be released."""
    with pytest.raises(InvalidTenantError):
        registry.define("Stuck", {"a": str}, tenant=code)
    with pytest.raises(InvalidTenantError):
        registry.tenant(code)
    assert registry.cleanup_tenant(code).models_removed == 0
    registry.tenant_provider = lambda: code
    model = registry.define("Stuck", {"a": str})
    assert model.owner_kind == "global"
    del registry.global_models["Stuck"]
    assert model.is_disposed
    assert registry.get_stats().total_models == 0


# REG-F27, REG-35
@pytest.mark.parametrize("code", [7, True, 1.5, {}, [], None, b"acme", "", " ", object()])
def test_only_text_is_a_tenant(registry: ModelRegistry, code: Any) -> None:
    """Numbers, flags and objects get in nowhere, and what tells of tenants goes on working."""
    with pytest.raises(InvalidTenantError):
        tenant(code)
    with pytest.raises(InvalidTenantError):
        registry.tenant(code)
    if code is not None:
        with pytest.raises(InvalidTenantError):
            registry.define("Note", {"text": str}, tenant=code)
    if code is not None and code != "":
        registry.tenant_provider = lambda: code
        with pytest.raises(InvalidTenantError):
            registry.define("Note", {"text": str})
        registry.tenant_provider = None
    assert registry.cleanup_tenant(code).error is not None
    registry.define("Note", {"text": str}, tenant="7")
    assert list(registry.get_tenant_registry_info().tenants) == ["7"]
    assert [each.tenant_code for each in registry.get_stats().tenant_stats] == ["7"]
    check(registry)
