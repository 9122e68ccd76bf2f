"""Views: what grantees can do with another tenant's model, and what they cannot."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from juggler.context import tenant
from juggler.datasource.datasource import DataSource
from juggler.errors import (
    ConnectorDetachedError,
    JugglerError,
    PermissionDeniedError,
    TenantContextError,
    ValidationError,
)
from juggler.facade.default import ModelRegistry
from juggler.facade.model import Model
from juggler.query.nodes import Filter
from tests.registry.helpers import check


def given(registry: ModelRegistry, **how: Any) -> Any:
    """Share acme's Ticket with globex and return globex's view."""
    registry.share("Ticket", "acme", ["globex"], **how)
    with tenant("globex"):
        return registry.find_model_by_name("Ticket")


# REG-73
def test_what_a_view_is(registry: ModelRegistry, ticket: Any) -> None:
    """A model of the grantee on the same shape, that stands in no namespace and counts nowhere."""
    before = registry.get_stats()
    view = given(registry)
    assert view.shape is ticket.shape
    assert (view.model_name, view.owner, view.owner_kind) == ("Ticket", "globex", "tenant")
    assert view.base is None
    assert view.app is None
    assert registry.tenant("globex", create=False) is None
    assert registry.get_models_for_owner_with_type("globex", "tenant") == []
    assert view not in [record.model for record in registry.get_all_models()]
    assert registry.get_stats() == before
    assert copy.deepcopy(view) is view
    assert repr(view) == "[View of acme's Ticket]"
    check(registry)


# REG-73
async def test_reading(registry: ModelRegistry, rows: list[Any]) -> None:
    """Every way of reading works, on the owner's rows; instances are of the view."""
    view = given(registry)
    with tenant("globex"):
        one = await view.find_by_id(1)
        assert [each.title for each in await view.find(order="title DESC")] == ["two", "one"]
        assert (await view.find_one(where={"secret": "s2"})).title == "two"
        assert len(await view.find_by_ids([2, 1])) == 2
        assert await view.exists(1)
        assert await view.count({"price": {"gt": 1}}) == 1
        assert (await one.reload()).secret == "s1"
        await view.get_connector().ping()
    assert one.model is view
    assert isinstance(one, view)
    assert not isinstance(rows[0], view)


WRITES: dict[str, Callable[[Any, Any], Any]] = {
    "create": lambda view, _one: view.create(title="new"),
    "create a list": lambda view, _one: view.create([{"title": "new"}]),
    "create_all": lambda view, _one: view.create_all([{"title": "new"}]),
    "update_or_create": lambda view, _one: view.update_or_create({"id": 1, "title": "new"}),
    "upsert": lambda view, _one: view.upsert({"id": 1, "title": "new"}),
    "upsert_with_where": lambda view, _one: view.upsert_with_where({"id": 1}, {"title": "new"}),
    "find_or_create": lambda view, _one: view.find_or_create(
        {"where": {"title": "new"}}, {"title": "new"}
    ),
    "replace_by_id": lambda view, _one: view.replace_by_id(1, {"title": "new"}),
    "replace_or_create": lambda view, _one: view.replace_or_create({"id": 1, "title": "new"}),
    "update_all": lambda view, _one: view.update_all({}, {"title": "new"}),
    "destroy_all": lambda view, _one: view.destroy_all(all=True),
    "destroy_by_id": lambda view, _one: view.destroy_by_id(1),
    "save": lambda _view, one: one.save(),
    "save a new one": lambda view, _one: view(title="new").save(),
    "update_attribute": lambda _view, one: one.update_attribute("title", "new"),
    "update_attributes": lambda _view, one: one.update_attributes({"title": "new"}),
    "replace_attributes": lambda _view, one: one.replace_attributes({"title": "new"}),
    "destroy": lambda _view, one: one.destroy(),
}


def test_no_write_is_forgotten() -> None:
    """Every method on the store is known here, as one that reads or one that writes."""
    from juggler.facade.reads import Reads
    from juggler.facade.record import Record
    from juggler.facade.writes import Writes

    reads = {name for name in vars(Reads) if not name.startswith("_")} | {"reload", "is_valid"}
    writes = {name for cls in (Writes, Record) for name in vars(cls) if not name.startswith("_")}
    known = set(WRITES) | {"set_attributes", "is_valid_sync"}
    second = set("patch_or_create patch_or_create_with_where update delete_all remove".split())
    second |= set("delete_by_id remove_by_id patch_attributes delete".split())
    assert writes - known - second == {"reload", "is_valid"}
    assert reads & known == set()


# REG-73
@pytest.mark.parametrize("name", WRITES)
async def test_reading_is_not_writing(
    registry: ModelRegistry, ticket: Any, rows: list[Any], name: str
) -> None:
    """A grant to read lets no method of model or instance write; the rows stay as they are."""
    view = given(registry)
    with tenant("globex"):
        one = await view.find_by_id(1)
        one.title = "changed here"
        with pytest.raises(PermissionDeniedError, match="shared for reading") as caught:
            await WRITES[name](view, one)
    assert caught.value.status_code == 403
    assert (caught.value.model, caught.value.tenant) == ("Ticket", "globex")
    with tenant("acme"):
        assert [each.title for each in await ticket.find()] == ["one", "two"]


# REG-73
@pytest.mark.parametrize("name", WRITES)
async def test_writing(registry: ModelRegistry, ticket: Any, rows: list[Any], name: str) -> None:
    """A grant to write lets every method write, into the owner's store."""
    view = given(registry, access="write")
    with tenant("globex"):
        one = await view.find_by_id(1)
        one.title = "new"
        await WRITES[name](view, one)
    with tenant("acme"):
        titles = [each.title for each in await ticket.find()]
        assert titles != ["one", "two"]
        assert set(titles) <= {"one", "two", "new"}


# REG-73
async def test_the_wrong_tenant(registry: ModelRegistry, rows: list[Any]) -> None:
    """A view works for its grantee alone: not for another one, nor without a tenant."""
    view = given(registry)
    registry.share("Ticket", "acme", ["initech"])
    for code in ("initech", "acme"):
        with tenant(code), pytest.raises(TenantContextError, match="not the current one"):
            await view.find()
        with tenant(code), pytest.raises(TenantContextError):
            _ = view.data_source
    with pytest.raises(TenantContextError):
        await view.count()


# REG-73
def test_what_only_an_owner_does(registry: ModelRegistry, source: DataSource, ticket: Any) -> None:
    """A view is registered, attached, extended, embedded and deleted nowhere; its source stays."""
    view = given(registry, access="write")
    other = DataSource("memory", registry=registry)
    with tenant("globex"):
        space = registry.tenant("globex").models
        acts: list[Callable[[], Any]] = [
            lambda: registry.register_model(view),
            lambda: space.__setitem__("Ticket", view),
            lambda: registry.register_model_for_app(object.__new__(Outside), view),
            lambda: other.attach(view),
            lambda: registry.extend(view, {"more": str}),
            lambda: registry.define("Mine", {"a": str}, base=view),
            lambda: registry.define("Mine", {"inner": view}),
            lambda: setattr(view, "data_source", other),
            lambda: registry.remove(view),
        ]
        for act in acts:
            with pytest.raises(PermissionDeniedError):
                act()
        assert dict(space) == {}
        assert registry.find_model_by_name("Ticket") is view
    assert not ticket.is_disposed
    check(registry)


class Outside:
    """Somebody's app."""


# REG-73
async def test_the_way_to_the_store_is_guarded(
    registry: ModelRegistry, ticket: Any, rows: list[Any]
) -> None:
    """Source and connector of a view do what the grant allows and nothing else."""
    registry.define("Other", {"a": str}, tenant="acme", data_source=ticket._source)
    view = given(registry)
    with tenant("globex"):
        shared = view.data_source
        assert not hasattr(shared, "models")
        assert not hasattr(shared, "execute")
        assert "file" not in shared.settings
        store = view.get_connector()
        assert len(await store.all(view.info, Filter(), {})) == 2
        with pytest.raises(PermissionDeniedError, match="does not reach the model Other"):
            await store.all(registry.tenant("acme").models["Other"].info, Filter(), {})
        with pytest.raises(PermissionDeniedError):
            await store.create(view.info, {"title": "new"}, {})
        with pytest.raises(PermissionDeniedError):
            await store.destroy_all(view.info, Filter().where, {})
        with pytest.raises(JugglerError, match="does not support"):
            await store.execute("anything")
        with pytest.raises(PermissionDeniedError, match="clauses of the store"):
            await store.all(view.info, Filter(extras={"hint": 1}), {})


# some properties ----------------------------------------------------------------------------------


# REG-73
async def test_some_properties(registry: ModelRegistry, ticket: Any, rows: list[Any]) -> None:
    """Names that are not shared are not there: in the model, in instances, in output, in data."""
    view = given(registry, fields=["title", "id"])
    assert list(view.properties) == ["id", "title"]
    assert list(view.definition.shape.names) == ["id", "title"]
    with tenant("globex"):
        found = await view.find()
        assert [each.to_json() for each in found] == [
            {"id": 1, "title": "one"},
            {"id": 2, "title": "two"},
        ]
        one = await view.find_by_id(1)
        with pytest.raises(AttributeError):
            _ = one.secret
        with pytest.raises(KeyError):
            _ = one["secret"]
        assert "secret" not in one.to_dict()
        assert "s1" not in repr(one)
        assert list(await view.get_connector().all(view.info, Filter(), {})) == [
            {"id": 1, "title": "one"},
            {"id": 2, "title": "two"},
        ]
    assert ticket.shape is not view.shape
    assert "secret" in ticket.properties


# REG-73
@pytest.mark.parametrize(
    "query",
    [
        {"where": {"secret": "s1"}},
        {"where": {"secret": {"like": "s%"}}},
        {"where": {"or": [{"title": "one"}, {"secret": "s1"}]}},
        {"where": {"not": {"secret": "s1"}}},
        {"where": {"nor": [{"secret.deep": "s1"}]}},
        {"where": {"secret": {"exists": True}}},
        {"order": "secret"},
        {"order": ["title", "secret DESC"]},
        {"fields": ["secret"]},
        {"fields": {"secret": True}},
        {"include": "secret"},
    ],
)
async def test_hidden_names_leak_by_no_clause(
    registry: ModelRegistry, rows: list[Any], query: dict[str, Any]
) -> None:
    """No clause of a query tells anything about a property that is not shared."""
    view = given(registry, fields=["title", "id"], access="write")
    with tenant("globex"):
        with pytest.raises(JugglerError):
            await view.find(query)
        with pytest.raises(JugglerError):
            await view.find_one(query)
        if "where" in query:
            with pytest.raises(JugglerError):
                await view.count(query["where"])
            with pytest.raises(JugglerError):
                await view.update_all(query["where"], {"title": "new"})
        widened = await view.find({"where": {"title": "one"}, "fields": ["title", "secret"]})
        assert [each.to_dict() for each in widened] == [{"title": "one"}]


# REG-73
async def test_observers_do_not_widen(registry: ModelRegistry, rows: list[Any]) -> None:
    """What a grantee's own observers make of query and data stays within the grant."""
    view = given(registry, fields=["title", "id"], access="write")
    left: dict[str, Any] = {}

    def act(context: Any) -> None:
        for name, value in left.items():
            setattr(context, name, value)

    for hook in ("access", "persist"):
        view.observe(hook, act)
    with tenant("globex"):
        for query in ({"where": {"secret": "s1"}}, {"order": ["secret"]}, {"fields": ["secret"]}):
            left = {"query": query}
            with pytest.raises(JugglerError):
                await view.find()
        left = {}
        one = await view.find_by_id(1)
        left = {"data": {"title": "new", "secret": "mine"}}
        with pytest.raises(PermissionDeniedError, match="'secret' is not shared"):
            await one.update_attributes({"title": "new"})


# REG-73
@pytest.mark.parametrize("name", WRITES)
async def test_changing_some_properties(
    registry: ModelRegistry, ticket: Any, rows: list[Any], name: str
) -> None:
    """With some properties and write, these are changed; no record comes, goes or is replaced."""
    view = given(registry, fields=["title", "id"], access="write")
    allowed = {"save", "update_all", "update_attribute", "update_attributes"}
    with tenant("globex"):
        one = await view.find_by_id(1)
        one.title = "new"
        if name in allowed:
            await WRITES[name](view, one)
        else:
            with pytest.raises(PermissionDeniedError, match="only some properties"):
                await WRITES[name](view, one)
    with tenant("acme"):
        now = await ticket.find()
    assert [each.secret for each in now] == ["s1", "s2"]
    assert (now[0].title == "new") == (name in allowed)


# REG-73
async def test_writing_what_is_not_shared(
    registry: ModelRegistry, ticket: Any, rows: list[Any]
) -> None:
    """Names that are not shared are refused in data; a record that is gone is not made anew."""
    view = given(registry, fields=["title", "id"], access="write")
    with tenant("globex"):
        one = await view.find_by_id(1)
        with pytest.raises(AttributeError):
            one.secret = "mine"
        with pytest.raises(ValidationError):
            await one.update_attributes({"secret": "mine"})
        with pytest.raises(ValidationError):
            await view.update_all({}, {"secret": "mine"})
        with pytest.raises(ValidationError):
            view(secret="mine")
    with tenant("acme"):
        await ticket.destroy_by_id(1)
    with tenant("globex"):
        one.title = "back again"
        with pytest.raises(PermissionDeniedError):
            await one.save()
    with tenant("acme"):
        assert [each.id for each in await ticket.find()] == [2]


# REG-73
async def test_without_the_id(registry: ModelRegistry, rows: list[Any]) -> None:
    """The id is shared if it is named; without it records are found but not by id."""
    view = given(registry, fields=["title"])
    with tenant("globex"):
        assert [each.to_json() for each in await view.find()] == [
            {"title": "one"},
            {"title": "two"},
        ]
        with pytest.raises(JugglerError, match="primary key"):
            await view.find_by_id(1)


# what stays the owner's ---------------------------------------------------------------------------


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
