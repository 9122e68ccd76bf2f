"""Views: what grantees can do with another tenant's model, and what they cannot."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from juggler.context import tenant
from juggler.datasource.datasource import DataSource
from juggler.errors import (
    JugglerError,
    PermissionDeniedError,
    TenantContextError,
)
from juggler.facade.default import ModelRegistry
from juggler.query.nodes import Filter
from tests.registry.helpers import check
from tests.registry.sharing.views import WRITES, given


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


def test_no_write_is_forgotten() -> None:
    """Every method on the store is known here, as one that reads or one that writes."""
    from juggler.facade.reads import Reads
    from juggler.facade.record import Record
    from juggler.facade.writes import Writes

    reads = {name for name in vars(Reads) if not name.startswith("_")} | {"reload", "is_valid"}
    writes = {name for cls in (Writes, Record) for name in vars(cls) if not name.startswith("_")}
    known = set(WRITES) | {"set_attributes", "is_valid_sync", "get_distance"}
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
