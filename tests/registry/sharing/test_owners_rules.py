"""What stays the owner's in a view: scope, rules, observers, routing."""

from typing import Any

import pytest

from juggler.context import tenant
from juggler.datasource.datasource import DataSource
from juggler.errors import (
    ConnectorDetachedError,
    PermissionDeniedError,
    TenantContextError,
    ValidationError,
)
from juggler.facade.default import ModelRegistry
from juggler.facade.model import Model
from juggler.query.nodes import Filter
from tests.registry.sharing.views import given


@pytest.fixture
def scoped(registry: ModelRegistry, source: DataSource) -> Any:
    """A model of acme with a default scope on a property that is not always shared."""
    return registry.define(
        "Ticket",
        {"title": str, "is_public": bool},
        {"scope": {"where": {"is_public": True}}},
        tenant="acme",
        data_source=source,
    )


# REG-73
@pytest.mark.parametrize("fields", [None, ["title", "id"]])
async def test_the_default_scope_holds(
    registry: ModelRegistry, scoped: Any, fields: list[str] | None
) -> None:
    """Rows outside the owner's default scope are not shared, whatever the grantee asks for."""
    with tenant("acme"):
        await scoped.create([{"title": "open"}, {"title": "inside"}])
        await scoped.update_all({"id": 2}, {"is_public": False}, {"unscoped": True})
        assert await scoped.count(options={"unscoped": True}) == 2
    view = given(registry, access="write", fields=fields)
    with tenant("globex"):
        assert [each.title for each in await view.find()] == ["open"]
        assert await view.find_by_id(2) is None
        assert await view.count() == 1
        assert len(await view.get_connector().all(view.info, Filter(), {})) == 1
        assert await view.update_all({}, {"title": "mine"}) == {"count": 1}
        for read in (view.find, view.count):
            with pytest.raises(PermissionDeniedError, match="default scope of the owner"):
                await read(options={"unscoped": True})
        if fields is None:
            assert (await view.create(title="made", is_public=False)).is_public is True
            assert await view.destroy_all(all=True) == {"count": 2}
    with tenant("acme"):
        left = await scoped.find(options={"unscoped": True})
        assert "inside" in [each.title for each in left]


# REG-73
async def test_the_owners_rules_hold(registry: ModelRegistry, ticket: Any, rows: list[Any]) -> None:
    """What the owner demands of records a grantee cannot leave out."""
    ticket.validates_length_of("title", max=5)
    ticket.validates_presence_of("secret")
    seen: list[str | None] = []
    ticket.validate("title", lambda _instance, _err: seen.append(registry.current_tenant()))
    view = given(registry, access="write")
    with tenant("globex"):
        with pytest.raises(ValidationError):
            await view.create(title="much too long", secret="s")
        with pytest.raises(ValidationError):
            await view.create(title="short")
        await view.create(title="short", secret="s")
    assert set(seen) == {"acme"}
    registry.share("Ticket", "acme", ["initech"], access="write", fields=["title", "id"])
    with tenant("initech"):
        part = await registry.find_model_by_name("Ticket").find_by_id(1)
        with pytest.raises(ValidationError):
            await part.update_attributes({"title": "much too long"})
        await part.update_attributes({"title": "fits"})


# REG-73
async def test_the_owners_observers_run_as_the_owner(
    registry: ModelRegistry, source: DataSource, ticket: Any, rows: list[Any]
) -> None:
    """They see each call, work for the owner, and come before those of the grantee."""
    log = registry.define("Log", {"text": str}, tenant="acme", data_source=source)
    seen: list[tuple[str, str | None]] = []

    async def note(context: Any) -> None:
        seen.append(("owner", registry.current_tenant()))
        await log.create(text=context.instance.title)
        assert await context.model.count() == 2, "the view works for who acts on its behalf"

    ticket.observe("before save", note)
    ticket.observe("access", lambda _: seen.append(("read", registry.current_tenant())))
    view = given(registry, access="write")
    view.observe("before save", lambda _: seen.append(("grantee", registry.current_tenant())))
    with tenant("globex"):
        await view.create(title="new")
        assert registry.current_tenant() == "globex"
        await view.find()
    assert seen == [
        ("owner", "acme"),
        ("read", "acme"),
        ("grantee", "globex"),
        ("read", "acme"),
    ]
    assert ticket.observers_of("before save") == (note,)
    with tenant("acme"):
        assert [each.text for each in await log.find()] == ["new"]


# REG-73
async def test_embedded_values_lead_nowhere(registry: ModelRegistry, source: DataSource) -> None:
    """Embedded records of an owner's model are shown, but do not lead to that model's rows."""
    address = registry.define(
        "Address",
        {"town": str, "code": {"type": str, "hidden": True}},
        tenant="acme",
        data_source=source,
    )
    registry.define(
        "Ticket", {"home": address, "spots": [{"lat": float}]}, tenant="acme", data_source=source
    )
    with tenant("acme"):
        await address.create(town="Paris", code="75")
        home = {"town": "Rome", "code": "00", "id": 7}
        await registry.find_model_by_name("Ticket").create(home=home, spots=[{"lat": 1}])
    view = given(registry)
    with tenant("globex"):
        (found,) = await view.find()
        assert (found.home.town, found.spots[0].lat) == ("Rome", 1)
        assert found.to_json()["home"] == {"town": "Rome", "id": 7}
        inner = found.home.model
        assert inner is not address
        assert (inner.owner, inner.owner_kind) == (None, None)
        with pytest.raises(ConnectorDetachedError):
            await inner.find()


# REG-73
async def test_declared_models(registry: ModelRegistry, source: DataSource) -> None:
    """A declared model is shared on its shape; its own scope holds, its methods stay its own."""

    class Ticket(Model, registry=registry):
        """A ticket with a scope of its own."""

        title: str
        level: int = 0

        @classmethod
        def default_scope(cls, target: Any = None, inst: Any = None) -> Any:  # noqa: ARG003  as asked
            """Return what is shown."""
            return {"where": {"level": {"lt": 5}}}

        def shout(self) -> str:
            """Return the title aloud."""
            return self.title.upper()

    registry.tenant("acme").models["Ticket"] = Ticket
    Ticket.data_source = source
    with tenant("acme"):
        await Ticket.create([{"title": "low"}, {"title": "high", "level": 9}])
    for fields in (None, ["title"]):
        grant = registry.share("Ticket", "acme", ["globex"], fields=fields)
        with tenant("globex"):
            view = registry.find_model_by_name("Ticket")
            (found,) = await view.find()
            assert found.title == "low"
            assert not hasattr(found, "shout")
            assert not isinstance(found, Ticket)
        registry.revoke(grant)


# REG-71, REG-73
async def test_routing_is_asked_for_the_owner(registry: ModelRegistry) -> None:
    """However the rows are routed, by model, router or provider, it is for the owner."""
    stores = {
        code: DataSource("memory", name=code, registry=registry) for code in ("acme", "globex")
    }
    asked: list[str] = []

    class Routes:
        """Gives each tenant a store."""

        traits = stores["acme"].traits

        def route(self, code: str, model: Any) -> DataSource:
            """Return the store of a tenant."""
            asked.append(code)
            return stores[code]

    registry.router = Routes()
    registry.define("Ticket", {"title": str}, tenant="acme")
    with tenant("acme"):
        await registry.find_model_by_name("Ticket").create(title="routed")
    view = given(registry)
    with tenant("globex"):
        assert [each.title for each in await view.find()] == ["routed"]
    assert asked == ["acme", "acme"]
    registry.tenant_provider = lambda: "globex"
    assert registry.find_model_by_name("Ticket") is view
    assert await view.count() == 1
    registry.tenant_provider = lambda: "acme"
    with pytest.raises(TenantContextError):
        await view.count()
    assert set(asked) == {"acme"}
