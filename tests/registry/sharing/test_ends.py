"""How grants end: at once, whatever is at work, and leaving nothing behind."""

import asyncio
import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from juggler.connectors.contract import ModelInfo, Options, Row
from juggler.connectors.memory.connector import MemoryConnector
from juggler.context import tenant
from juggler.datasource.datasource import DataSource
from juggler.errors import JugglerError, ModelDisposedError, PermissionDeniedError
from juggler.facade.default import ModelRegistry
from juggler.query.nodes import Filter
from juggler.registry.records import RegistryEvent
from juggler.testing.gate import Gate
from tests.registry.helpers import Clock, check


def given(registry: ModelRegistry, code: str = "globex", **how: Any) -> Any:
    """Share acme's Ticket with a tenant and return its view."""
    registry.share("Ticket", "acme", [code], **how)
    with tenant(code):
        return registry.find_model_by_name("Ticket")


# REG-73
async def test_revoking_bites_at_once(registry: ModelRegistry, rows: list[Any]) -> None:
    """View and instances do no I/O any more; what they have in memory can still be read."""
    view = given(registry, access="write")
    with tenant("globex"):
        one = await view.find_by_id(1)
        (grant,) = registry.grants()
    registry.revoke(grant)
    with tenant("globex"):
        assert registry.find_model_by_name("Ticket") is None
        for act in (
            view.find,
            view.count,
            one.save,
            one.reload,
            one.destroy,
            lambda: view.create(title="new"),
            lambda: one.update_attributes({"title": "new"}),
        ):
            with pytest.raises(PermissionDeniedError, match=r"any more \(revoked"):
                await act()
        with pytest.raises(PermissionDeniedError):
            _ = view.data_source
    assert (one.title, one.secret) == ("one", "s1")
    assert one.to_json()["title"] == "one"
    assert view.is_disposed
    assert isinstance(one, view)


class Held(MemoryConnector):
    """A store whose answers wait at a gate."""

    gate: Gate | None = None

    async def all(self, info: ModelInfo, query: Filter, options: Options) -> list[Row]:
        """Return rows, after the gate."""
        found = await super().all(info, query, options)
        if self.gate is not None:
            await self.gate.hold()
        return found


# REG-73
@pytest.mark.parametrize("fields", [None, ["id", "title"]])
async def test_revoking_in_the_middle(registry: ModelRegistry, fields: list[str] | None) -> None:
    """An operation that is at work does not get what the store answers after the end."""
    source = DataSource("held", Held, registry=registry)
    model = registry.define("Ticket", {"title": str}, tenant="acme", data_source=source)
    with tenant("acme"):
        await model.create(title="one")
    store: Any = source.connector
    view = given(registry, fields=fields)
    (grant,) = registry.grants()
    store.gate = Gate()
    with tenant("globex"):
        task = asyncio.create_task(view.find())
    await store.gate.wait_for(1)
    assert registry.tenant("acme").owner.in_use
    registry.revoke(grant)
    store.gate.open()
    with pytest.raises(PermissionDeniedError):
        await task
    assert not registry.tenant("acme").owner.in_use
    assert source.in_flight == 0


def clean(registry: ModelRegistry, source: DataSource) -> None:
    """Clean the owner up."""
    assert registry.cleanup_tenant("acme").error is None


def delete(registry: ModelRegistry, source: DataSource) -> None:
    """Delete the model."""
    del registry.tenant("acme").models["Ticket"]


def replace(registry: ModelRegistry, source: DataSource) -> None:
    """Define the model anew, just as it was."""
    registry.define("Ticket", {"title": str}, tenant="acme", data_source=source)


def move(registry: ModelRegistry, source: DataSource) -> None:
    """Attach the model to a source, which owns it then."""
    source.attach(registry.tenant("acme").models["Ticket"])


def clear(registry: ModelRegistry, source: DataSource) -> None:
    """Empty the registry."""
    registry.clear()


ENDS = [clean, delete, replace, move, clear]


# REG-73
@pytest.mark.parametrize("end", ENDS)
async def test_what_ends_a_grant(
    registry: ModelRegistry,
    source: DataSource,
    rows: list[Any],
    end: Callable[[ModelRegistry, DataSource], None],
) -> None:
    """A grant ends with its owner and with the model that was shared; it is told once."""
    told: list[RegistryEvent] = []
    registry.on("share_revoked", told.append)
    view = given(registry)
    registry.share("Ticket", "acme", "*", fields=["title"])
    with tenant("globex"):
        one = await view.find_by_id(1)
    end(registry, source)
    assert registry.grants() == []
    assert len(told) == 2
    assert all(event.details["reason"] for event in told)
    with tenant("globex"):
        assert registry.find_model_by_name("Ticket") is None
        with pytest.raises(PermissionDeniedError):
            await view.find()
        with pytest.raises(PermissionDeniedError):
            await one.reload()
    assert registry._placement.left is None
    check(registry)


# REG-55, REG-73
async def test_a_grantee_that_returns(registry: ModelRegistry, rows: list[Any]) -> None:
    """What a grantee was given by name goes with it; the others keep theirs."""
    registry.define("Own", {"a": str}, tenant="globex")
    registry.share("Ticket", "acme", ["globex", "initech"])
    with tenant("globex"):
        view = registry.find_model_by_name("Ticket")
        one = await view.find_by_id(1)
    registry.cleanup_tenant("globex")
    assert view.is_disposed
    registry.define("Own", {"a": str}, tenant="globex")
    with tenant("globex"):
        assert registry.find_model_by_name("Ticket") is None
        with pytest.raises(ModelDisposedError):
            await view.find()
        with pytest.raises(ModelDisposedError):
            await one.reload()
    with tenant("initech"):
        assert await registry.find_model_by_name("Ticket").count() == 2
    assert len(registry.grants()) == 1
    assert registry.grants("globex") == []


# REG-73
async def test_the_last_grantee(registry: ModelRegistry, rows: list[Any]) -> None:
    """With its last grantee a grant ends; one to all goes on for a tenant that returns."""
    for code in ("globex", "initech"):
        registry.define("Own", {"a": str}, tenant=code)
    registry.share("Ticket", "acme", ["globex"])
    everyone = registry.share("Ticket", "acme", "*", fields=["title"])
    with tenant("initech"):
        before = registry.find_model_by_name("Ticket")
    registry.cleanup_tenant("globex")
    registry.cleanup_tenant("initech")
    assert registry.grants() == [everyone]
    assert before.is_disposed
    with tenant("initech"):
        after = registry.find_model_by_name("Ticket")
        assert after is not before
        assert await after.count() == 2


# REG-73
async def test_an_end_in_time(registry: ModelRegistry, rows: list[Any], clock: Clock) -> None:
    """At its end a grant is over for instances that were handed out, too."""
    view = given(registry, until=10, access="write")
    with tenant("globex"):
        one = await view.find_by_id(1)
        clock.now += 10
        with pytest.raises(PermissionDeniedError, match="it is over"):
            await one.update_attributes({"title": "late"})
        with pytest.raises(PermissionDeniedError):
            await view.find()
    assert registry.grants() == []


# REG-48, REG-73
@pytest.mark.parametrize("how", ["revoke", "owner", "grantee", "delete", "clear"])
async def test_views_are_freed(registry: ModelRegistry, rows: list[Any], how: str) -> None:
    """Once grant, owner or grantee are gone, nothing of a view that was used is alive."""
    registry.share("Ticket", "acme", ["globex"], access="write")
    registry.share("Ticket", "acme", "*", access="write", fields=["title", "id"])
    alive = []
    for code in ("globex", "other"):
        registry.define("Own", {"a": str}, tenant=code)
        with tenant(code):
            view = registry.find_model_by_name("Ticket")
            view.observe("access", lambda _: None)
            one = await view.find_by_id(1)
            await one.update_attributes({"title": "new"})
        alive += [weakref.ref(view), weakref.ref(view._share)]
        del view, one
    gc.collect()
    assert all(each() is not None for each in alive), "grantees keep their views"
    if how == "revoke":
        for grant in registry.grants():
            registry.revoke(grant)
    elif how == "owner":
        registry.cleanup_tenant("acme")
    elif how == "grantee":
        registry.cleanup_tenant("globex")
        registry.cleanup_tenant("other")
        alive = alive[:3]  # what was given to all is given to others still
    elif how == "delete":
        registry.tenant("acme").models.clear()
    else:
        registry.clear()
    gc.collect()
    assert [each() for each in alive] == [None] * len(alive)


# REG-73, REG-77
async def test_an_owner_at_rest(registry: ModelRegistry) -> None:
    """A grant holds while its owner is evicted: use wakes it, and a changed model ends it."""
    source = DataSource("memory", registry=registry)
    registry.router = Everywhere(source)
    bundle = {"Ticket": {"title": str}}
    registry.declare("acme", bundle)
    view = given(registry)
    with tenant("globex"):
        await view.find()
    for _ in range(2):
        assert registry.evict("acme")
        gc.collect()
        assert "acme" not in registry._tenants
        with tenant("globex"):
            assert registry.find_model_by_name("Ticket") is view
            assert "acme" not in registry._tenants, "looking up wakes nobody"
            assert await view.count() == 0
        assert "acme" in registry._tenants
    assert registry.evict("acme")
    gc.collect()
    registry.declare("acme", {"Ticket": {"other": str}})
    with tenant("globex"), pytest.raises(PermissionDeniedError):
        await view.find()
    assert registry.grants() == []


# REG-73, REG-77
async def test_a_grantee_at_rest(registry: ModelRegistry, rows: list[Any]) -> None:
    """An evicted grantee keeps its grants; its view is let go with its models, and made anew."""
    registry.declare("globex", {"Own": {"a": str}})
    assert registry.tenant("globex").models["Own"] is not None
    view = weakref.ref(given(registry))
    assert view() is not None
    assert registry.evict("globex")
    gc.collect()
    assert view() is None
    with tenant("globex"):
        assert await registry.find_model_by_name("Ticket").count() == 2
    registry.cleanup_tenant("globex")
    assert registry.grants() == []


class Everywhere:
    """A router with one source for all tenants."""

    def __init__(self, source: DataSource) -> None:
        self.source = source
        self.traits = source.traits

    def route(self, code: str, model: Any) -> DataSource:
        """Return the source."""
        return self.source


# REG-43, REG-73
async def test_work_through_a_view_is_work_of_the_grantee(
    registry: ModelRegistry, clock: Clock, rows: list[Any]
) -> None:
    """It counts as access of the grantee alone, though both are in use while it lasts."""
    registry.define("Own", {"a": str}, tenant="globex")
    view = given(registry)
    in_use: list[tuple[bool, bool]] = []
    owner, grantee = registry.tenant("acme").owner, registry.tenant("globex").owner
    view.observe("access", lambda _: in_use.append((owner.in_use, grantee.in_use)))
    clock.now += 50
    before = owner.accesses
    with tenant("globex"):
        await view.find()
    assert in_use == [(True, True)]
    assert (owner.in_flight, grantee.in_flight) == (0, 0)
    assert owner.accesses == before
    assert owner.idle_time == 50
    assert grantee.idle_time == 0


# REG-43, REG-73
async def test_cleaning_up_below_a_view(registry: ModelRegistry) -> None:
    """While a grantee works the owner is in use; a forced clean-up ends the work with an error."""
    source = DataSource("held", Held, registry=registry)
    registry.define("Ticket", {"title": str}, tenant="acme", data_source=source)
    view = given(registry)
    await source.connect()
    store: Any = source.connector
    store.gate = Gate()
    with tenant("globex"):
        task = asyncio.create_task(view.find())
    await store.gate.wait_for(1)
    assert registry.cleanup_tenant("acme").error == "in use"
    assert registry.cleanup_tenant("acme", force=True).models_removed == 1
    store.gate.open()
    with pytest.raises(JugglerError):
        await task


# REG-73, REG-77
async def test_an_owner_that_leaves_at_rest(registry: ModelRegistry) -> None:
    """An evicted owner that is cleaned up takes its grants along, though no model was built."""
    registry.router = Everywhere(DataSource("memory", registry=registry))
    registry.declare("acme", {"Ticket": {"title": str}})
    view = given(registry)
    assert registry.evict("acme")
    gc.collect()
    registry.cleanup_tenant("acme")
    assert registry.grants() == []
    registry.declare("acme", {"Ticket": {"title": str}})
    with tenant("globex"), pytest.raises(PermissionDeniedError):
        await view.find()


# REG-50, REG-73
async def test_an_owner_that_leaves_in_slices(registry: ModelRegistry, rows: list[Any]) -> None:
    """A clean-up in slices ends the grants with its first step."""
    for number in range(20):
        registry.define(f"Model{number}", {"a": str}, tenant="acme")
    view = given(registry)
    seen: list[bool] = []
    registry.on("model_disposed", lambda _: seen.append(view.is_disposed))
    await registry.cleanup_tenant_async("acme", batch=1)
    assert seen == [True] * 21
    assert registry.grants() == []


# REG-55, REG-73
async def test_a_task_of_a_former_life(registry: ModelRegistry, rows: list[Any]) -> None:
    """A block that was entered before its tenant was cleaned up finds nothing shared any more."""
    registry.share("Ticket", "acme", "*")
    before = given(registry, fields=["title"])
    registry.define("Own", {"a": str}, tenant="globex")
    entered, cleaned = asyncio.Event(), asyncio.Event()

    async def work() -> Any:
        with tenant("globex"):
            assert registry.find_model_by_name("Ticket") is before
            entered.set()
            await cleaned.wait()
            return registry.find_model_by_name("Ticket")

    task = asyncio.create_task(work())
    await entered.wait()
    registry.cleanup_tenant("globex")
    cleaned.set()
    assert await task is None
    assert before.is_disposed, "it was found before the tenant had anything of its own"
    with tenant("globex"):
        assert await registry.find_model_by_name("Ticket").count() == 2
