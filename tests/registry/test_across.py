"""Searching all owners: for operators, audited, closed while a tenant is current."""

import asyncio
import logging
from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import InvalidValueError, TenantContextError
from juggler.registry.records import RegistryEvent
from juggler.registry.registry import ModelRegistry
from tests.registry.helpers import Application, Store, check


def test_every_owner_is_searched(registry: ModelRegistry, store: Store) -> None:
    """Each model of the name is found, whoever owns it, with whose it is."""
    # REG-17
    app = Application()
    found = [
        registry.define("A"), store.define("A"),
        registry.register_model_for_app(app, registry.define("A", tenant="gone")),
        registry.define("A", tenant="acme"), registry.define("A", tenant="bolt"),
    ]  # fmt: skip
    registry.define("B", tenant="acme")
    records = registry.search("A")
    assert {id(each.model) for each in records} == {id(each) for each in found}
    assert {(each.owner_kind, each.tenant) for each in records} == {
        ("global", None), ("data_source", None), ("app", None), ("tenant", "acme"),
        ("tenant", "bolt"),
    }  # fmt: skip
    assert registry.search("Nowhere") == []


def test_cold_tenants_are_searched_asleep(registry: ModelRegistry) -> None:
    """A name that a tenant only declares is found without waking the tenant."""
    # REG-17, REG-76
    registry.declare("acme", {"A": {"x": int}, "B": {}})
    registry.define("A", tenant="bolt")
    registry.evict("bolt")
    woken: list[RegistryEvent] = []
    registry.on("tenant_activated", woken.append)
    records = registry.search("A")
    assert [(each.name, each.tenant) for each in records] == [("A", "acme"), ("A", "bolt")]
    assert woken == []
    assert records[0].model.owner == "acme", "built when it is read"
    assert [each.tenant for each in woken] == ["acme"]
    assert len(registry.search("A")) == 2


def test_work_for_a_tenant_does_not_search(registry: ModelRegistry) -> None:
    """While a tenant is current a search is refused, unless somebody said why."""
    # REG-17
    other = registry.define("A", tenant="bolt")
    with tenant("acme"):
        with pytest.raises(TenantContextError) as caught:
            registry.search("A")
        assert caught.value.tenant == "acme"
        assert "across_tenants" in str(caught.value)
        with registry.across_tenants(reason="ticket 5"):
            assert [each.model for each in registry.search("A")] == [other]
            with ModelRegistry().across_tenants(reason="elsewhere"):
                assert registry.search("A")
        with pytest.raises(TenantContextError):
            registry.search("A")
        with ModelRegistry().across_tenants(reason="elsewhere"), pytest.raises(TenantContextError):
            registry.search("A")


def test_a_provided_tenant_counts(registry: ModelRegistry) -> None:
    """A tenant that a provider tells is current as well."""
    # REG-17, REG-37
    registry.tenant_provider = lambda: "acme"
    with pytest.raises(TenantContextError):
        registry.search("A")


@pytest.mark.parametrize("reason", ["", "  ", None, 5])
def test_a_reason_is_needed(registry: ModelRegistry, reason: Any) -> None:
    """Nobody looks across tenants for no reason."""
    # REG-17
    with pytest.raises(InvalidValueError), registry.across_tenants(reason=reason):
        pass


async def test_sibling_tasks_have_no_leave(registry: ModelRegistry) -> None:
    """Leave is for the task that has it, and those it starts."""
    # REG-17
    go = asyncio.Event()

    async def search() -> int:
        await go.wait()
        with tenant("acme"):
            return len(registry.search("A"))

    sibling = asyncio.create_task(search())
    with registry.across_tenants(reason="a look"):
        child = asyncio.create_task(search())
        go.set()
        assert await child == 0
        with pytest.raises(TenantContextError):
            await sibling


def test_searches_are_audited(registry: ModelRegistry, caplog: pytest.LogCaptureFixture) -> None:
    """Who searched, for what, why and what was found is told and logged."""
    # REG-17
    told: list[RegistryEvent] = []
    registry.on("cross_tenant_lookup", told.append)
    registry.define("A", tenant="bolt")
    with caplog.at_level(logging.INFO, "juggler.registry"):
        registry.search("A")
        with tenant("acme"), registry.across_tenants(reason="ticket 5"):
            registry.search("B")
    assert [(each.tenant, dict(each.details)) for each in told] == [
        (None, {"name": "A", "reason": None, "found": 1}),
        ("acme", {"name": "B", "reason": "ticket 5", "found": 0}),
    ]
    assert [vars(each)["search"]["name"] for each in caplog.records] == ["A", "B"]
    check(registry)
