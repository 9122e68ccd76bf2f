"""Tenants: the context, the codes, a provider, and each tenant's part of the registry."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.context import current_tenant, require_tenant, tenant, tenant_context
from juggler.errors import (
    InvalidTenantError,
    InvalidValueError,
    ModelDisposedError,
    TenantContextError,
    TenantRequiredError,
)
from juggler.registry.registry import ModelRegistry
from juggler.registry.tenant import TenantRegistry
from tests.names import name_of
from tests.registry.helpers import Application, Clock, Store, check

BAD_CODES: list[Any] = [
    "", " ", "\t", " acme", "acme ", "a\nb", "a\x00", "a\u200b\x7f", "x" * 129, "x" * 200,
    "global", "trap",
    None, 0, 1, 7, 1.5, True, False, b"acme", {}, [], ("acme",), object(), tenant, str,
]  # fmt: skip
GOOD_CODES = [
    "acme", "a", "x" * 128, "../x", "a/b", "ä", "a b", "Global", "TRAP", "1", "None",
    "data_source", "app",
    "tenant", "__class__", "keys", "a.b", "a:b", "A",
]  # fmt: skip


def fail_for(code: str) -> None:
    """Raise if *code* is the current tenant."""
    assert current_tenant() == code
    raise ZeroDivisionError


# context ----------------------------------------------------------------------------------


def test_blocks_nest() -> None:
    """A block sets the tenant and restores the former one, also after an error."""
    # REG-34
    assert current_tenant() is None
    with tenant("acme"):
        assert current_tenant() == require_tenant() == "acme"
        with pytest.raises(ZeroDivisionError), tenant("bolt"):
            fail_for("bolt")
        assert current_tenant() == "acme"
    assert current_tenant() is None
    with pytest.raises(TenantRequiredError, match="with tenant"):
        require_tenant()


async def test_tasks_inherit_and_do_not_leak() -> None:
    """A task has the tenant it was started in; what it enters is seen by no other task."""
    # REG-34
    seen: dict[str, str | None] = {}
    entered, left = asyncio.Event(), asyncio.Event()

    async def child() -> None:
        seen["child"] = current_tenant()
        async with tenant("bolt"):
            entered.set()
            await left.wait()
            seen["inside"] = current_tenant()
        seen["after"] = current_tenant()

    async with tenant("acme"):
        task = asyncio.create_task(child())
    await entered.wait()
    seen["sibling"] = current_tenant()
    left.set()
    await task
    assert seen == {"child": "acme", "inside": "bolt", "after": "acme", "sibling": None}


def test_threads_begin_without_a_tenant() -> None:
    """A thread has no tenant unless it enters one."""
    # REG-34
    seen: list[str | None] = []
    with tenant("acme"):
        thread = threading.Thread(target=lambda: seen.append(current_tenant()))
        thread.start()
        thread.join()
    assert seen == [None]


async def test_functions_for_a_tenant() -> None:
    """A decorated function, sync or async, runs for its tenant, also when it calls itself."""

    # REG-34
    @tenant("acme")
    def plain(depth: int) -> list[str | None]:
        return [current_tenant(), *(plain(depth - 1) if depth else [])]

    @tenant("bolt")
    async def awaited(depth: int) -> list[str | None]:
        return [current_tenant(), *(await awaited(depth - 1) if depth else [])]

    assert plain(2) == ["acme"] * 3
    assert await awaited(2) == ["bolt"] * 3
    assert current_tenant() is None
    assert plain.__name__ == "plain"


def test_who_and_what_for() -> None:
    """A block may say who acts and for which request."""
    # REG-34
    with tenant("acme", principal="ann", request_id="r1") as context:
        assert tenant_context() is context
        assert (context.code, context.principal, context.request_id) == ("acme", "ann", "r1")
        with pytest.raises(AttributeError):
            context.code = "bolt"  # type: ignore[misc]  # that is the test
    assert tenant_context() is None


def test_a_block_is_left_where_it_was_entered() -> None:
    """A block that is left in another context says so instead of setting somebody's tenant."""
    # REG-34
    import contextvars

    block = tenant("acme")
    contextvars.copy_context().run(block.__enter__)
    with pytest.raises(TenantContextError, match="another task"):
        block.__exit__(None, None, None)


# codes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", BAD_CODES, ids=name_of)
def test_codes_that_cannot_be(registry: ModelRegistry, code: Any) -> None:
    """What cannot be a tenant's code is refused wherever one is given, and nothing is created."""
    # REG-35, REG-36, faults 8, 18, 27
    before = registry.get_stats()
    uses: list[Callable[[], Any]] = [lambda: tenant(code), lambda: registry.tenant(code)]
    uses.append(lambda: registry.tenant(code, create=False))
    if code is not None:
        uses.append(lambda: registry.define("A", {"x": int}, tenant=code))
    for use in uses:
        with pytest.raises(InvalidTenantError) as error:
            use()
        assert error.value.code == "INVALID_TENANT"
        assert isinstance(error.value, ValueError)
    result = registry.cleanup_tenant(code)
    assert result.error == "Invalid tenant or global tenant cleanup not allowed"
    assert (result.models_removed, result.mappings_removed, result.cleaned_models) == (0, 0, ())
    assert registry.get_models_for_owner_with_type(code, "tenant") == []
    assert registry.get_stats() == before
    check(registry)


@pytest.mark.parametrize("code", GOOD_CODES)
def test_codes_are_opaque(registry: ModelRegistry, store: Store, code: str) -> None:
    """Any other text is a code, and reaches that tenant's models and nothing else."""
    # REG-35, REG-36, fault 8
    store.define("Secret")
    registry.register_model_for_app(Application(), Store(registry).define("Secret"))
    glob = registry.define("Global")
    with tenant(code):
        own = registry.define("A", {"x": int})
        assert registry.find_model_by_name("A") is own
        assert registry.find_model_by_name("Secret") is None
        assert registry.find_model_by_name("Global") is glob
    assert registry.tenant(code).get_all_models() == [own]
    assert registry.cleanup_tenant(code).cleaned_models == ("A",)
    check(registry)


@given(st.text())
def test_any_text_is_a_code_or_refused(code: str) -> None:
    """Any text is a code that works everywhere, or refused everywhere."""
    # REG-35
    registry = ModelRegistry()
    is_good = 0 < len(code) <= 128 and code == code.strip() and code.isprintable()
    if is_good and code not in {"global", "trap"}:
        registry.define("A", tenant=code)
        assert registry.cleanup_tenant(code).models_removed == 1
    else:
        with pytest.raises(InvalidTenantError):
            registry.define("A", tenant=code)
        assert registry.tenants() == []


def test_numbers_and_texts_are_not_mixed(registry: ModelRegistry) -> None:
    """The code `1` is refused and never means the text of it."""
    # REG-35
    registry.define("A", tenant="1")
    assert registry.cleanup_tenant(1).error is not None
    assert registry.tenant("1").models.has_model("A")


# provider ---------------------------------------------------------------------------------


def test_a_provider(registry: ModelRegistry) -> None:
    """A framework with a context of its own says who is the tenant."""
    # REG-37
    answers: list[Any] = ["acme"]
    registry.tenant_provider = lambda: answers[-1]
    own = registry.define("A", {"x": int})
    assert own.owner == "acme"
    assert registry.find_model_by_name("A") is own
    with tenant("bolt"):
        assert registry.find_model_by_name("A") is own, "the provider is asked, nobody else"
    answer: Any
    for answer in (None, "", "trap", "global"):
        answers.append(answer)
        assert registry.current_tenant() is None
        assert registry.find_model_by_name("A") is None
    for answer in (5, " ", {}, [], "x" * 129, True):
        answers.append(answer)
        with pytest.raises(InvalidTenantError):
            registry.find_model_by_name("A")
        with pytest.raises(InvalidTenantError):
            registry.define("B")
    assert len(registry.global_models) == 0


def test_a_failing_provider(registry: ModelRegistry, store: Store) -> None:
    """A provider that fails is an error where a tenant is needed, never 'no tenant'."""
    # REG-37
    registry.define("A")

    def provider() -> str:
        raise KeyError("session")

    registry.tenant_provider = provider
    for use in (
        lambda: registry.find_model_by_name("A"),
        lambda: registry.find_model_by_structure({}),
        lambda: registry.define("B"),
        lambda: registry.builder.models,
        lambda: registry.register_model(store.define("C")) and registry.current_space(),
    ):
        with pytest.raises(TenantContextError) as error:
            use()
        assert isinstance(error.value.__cause__, KeyError)
    assert "B" not in registry.global_models


# a tenant's part --------------------------------------------------------------------------


def test_a_tenants_part(registry: ModelRegistry, clock: Clock) -> None:
    """Each tenant has its namespace, its look-ups and its figures; unknown ones are None."""
    # REG-38
    assert registry.tenant("acme", create=False) is None
    acme = registry.tenant("acme")
    assert isinstance(acme, TenantRegistry)
    assert registry.tenant("acme") is registry.tenant("acme", create=False) is acme
    assert (acme.code, acme.created_at, acme.pinned) == ("acme", 100.0, False)
    model = acme.register_model(registry.define("A", {"where": {"lat": float}}))
    assert model.owner == "acme"
    assert acme.find_model_by_name("A") is acme.models["A"] is model
    assert acme.find_model_by_structure({"lat": float}) is model.nested["where"]
    assert acme.find_model_by_name("B") is None
    assert set(acme.get_all_models()) == {model, model.nested["where"]}
    assert repr(acme) == "<TenantRegistry acme: 2 models>"
    clock.now = 110.0
    with tenant("acme"):
        registry.find_model_by_name("A")
    assert acme.last_accessed == 110.0
    for thing in (None, 5, "A"):
        with pytest.raises(TypeError):
            acme.register_model(thing)
    check(registry)


def test_definitions_of_a_tenant(registry: ModelRegistry) -> None:
    """A definition belongs to the given tenant, else to the current one, else to all."""
    # REG-39
    with tenant("acme"):
        assert registry.define("A").owner == "acme"
        assert registry.define("A", tenant="bolt").owner == "bolt"
        assert registry.builder.define("B").owner == "acme"
        assert list(registry.builder.models) == ["A", "B"]
    assert registry.define("A").owner_kind == "global"
    assert list(registry.builder.models) == ["A"]


def test_another_tenant_is_defined_for(registry: ModelRegistry) -> None:
    """A definition for a given tenant means that tenant's models, whoever is current."""
    # REG-11, REG-39
    mine = registry.define("Place", {"x": int}, tenant="acme")
    registry.define("Place", {"y": int}, tenant="bolt")
    with tenant("bolt"):
        model = registry.define("A", {"p": "Place"}, tenant="acme")
    assert model.nested["p"] is mine


def test_accesses(registry: ModelRegistry, store: Store, clock: Clock) -> None:
    """A tenant is accessed by its own work, not by looking at it, statistics or others' work."""
    # REG-41, REG-42, fault 10
    registry.define("A", tenant="acme")
    registry.define("A", tenant="bolt")
    registry.define("G")
    clock.now = 200.0
    registry.get_stats()
    registry.get_tenant_registry_info()
    registry.get_all_models()
    registry.tenant("acme").get_stats()
    registry.find_model_by_name("A")
    registry.cleanup_inactive_tenants(1_000)
    with tenant("bolt"):
        registry.find_model_by_name("A")
    with tenant("acme"):
        registry.find_model_by_name("G")
        registry.find_model_by_name("unknown")
    assert registry.tenant("acme").get_stats().idle_time == 100.0
    assert registry.tenant("acme").get_stats().accesses == 0
    assert registry.tenant("bolt").get_stats().idle_time == 0.0
    assert registry.tenant("bolt").get_stats().accesses == 1
    registry.define("B", tenant="acme")
    assert registry.tenant("acme").get_stats().idle_time == 100.0, "somebody else defined for it"
    with tenant("acme"):
        registry.define("C")
        assert registry.tenant("acme").get_stats().idle_time == 0.0
        clock.now = 300.0
        assert "A" in registry.builder.models
    assert registry.tenant("acme").get_stats().idle_time == 0.0


def test_leases(registry: ModelRegistry, clock: Clock) -> None:
    """A lease keeps a tenant in use: never idle, never cleaned up without force."""
    # REG-38, REG-43
    registry.define("A", tenant="acme")
    acme = registry.tenant("acme")
    with acme.lease() as leased, pytest.raises(ZeroDivisionError):  # noqa: PT012
        assert leased is acme
        clock.now += 1_000
        assert (acme.get_stats().in_use, acme.get_stats().idle_time) == (True, 0.0)
        assert registry.cleanup_tenant("acme").error == "in use"
        assert registry.cleanup_inactive_tenants(0) == []
        raise ZeroDivisionError
    assert acme.get_stats().in_use is False
    assert registry.cleanup_tenant("acme").error is None


def test_a_part_that_was_cleaned_up(registry: ModelRegistry) -> None:
    """A handle to a tenant that is gone is empty, and nothing can be registered through it."""
    # REG-38, REG-55
    registry.define("A", tenant="acme")
    acme = registry.tenant("acme")
    space = acme.models
    acme.cleanup()
    model = registry.define("B")
    use: Callable[[], Any]
    for use in (
        lambda: acme.register_model(model),
        lambda: space.set_model("B", model),
        lambda: registry.register_model(model, owner=acme),
    ):
        with pytest.raises(ModelDisposedError) as error:
            use()
        assert error.value.tenant == "acme"
    assert dict(space) == {}
    assert registry.owner_kind(acme) is None
    assert registry.get_models_for_owner(acme) == []
    registry.define("A", tenant="acme")
    assert acme.cleanup().models_removed == 0, "it is another tenant's now"
    assert registry.tenant("acme").models.has_model("A")
    check(registry)


# REG-59
@pytest.mark.parametrize("policy", [5, "pinned", {"pinned": True}])
def test_a_policy_is_one(registry: ModelRegistry, policy: Any) -> None:
    """Only a policy, or none, can be set as the policy of a tenant."""
    handle = registry.tenant("acme")
    with pytest.raises(InvalidValueError, match="policy"):
        handle.policy = policy
    assert handle.policy is None
    registry.define("A", {}, tenant="acme")
