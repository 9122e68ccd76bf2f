"""Streams, pages and figures of a view: within what is shared, as any other read."""

import pytest

from juggler.context import tenant
from juggler.errors import InvalidQueryError, PermissionDeniedError, TenantContextError
from juggler.facade.default import ModelRegistry
from tests.registry.sharing.views import given


# REG-73, DAO-317, DAO-327
@pytest.mark.usefixtures("rows")
async def test_a_view_is_gone_through_as_its_model(registry: ModelRegistry) -> None:
    """The grantee gets the owner's rows one by one, page by page, and as figures."""
    view = given(registry)
    with tenant("globex"):
        assert [each.title async for each in view.iterate(batch_size=1)] == ["one", "two"]
        page = await view.find_page(limit=1, order="price DESC", total=True)
        assert ([each.title for each in page.items], page.total) == (["two"], 2)
        page = await view.find_page(limit=1, order="price DESC", cursor=page.next_cursor)
        assert [each.title for each in page.items] == ["one"]
        assert await view.aggregate(sum="price", max="secret") == [
            {"sum_price": 3, "max_secret": "s2"}
        ]
        assert await view.distinct("title") == ["one", "two"]


# REG-73, DAO-317, DAO-327
@pytest.mark.usefixtures("rows")
async def test_what_is_not_shared_is_not_counted(registry: ModelRegistry) -> None:
    """A view of some properties has no figures of others, and its pages do not go by them."""
    view = given(registry, fields=["title", "price"])
    with tenant("globex"):
        assert await view.aggregate(group_by="title", sum="price") == [
            {"title": "one", "sum_price": 1},
            {"title": "two", "sum_price": 2},
        ]
        for call in (
            view.aggregate(max="secret"),
            view.distinct("secret"),
            view.aggregate(count=True, where={"secret": "s1"}),
            view.find_page(order="secret"),
            anext(view.iterate(order="secret")),
        ):
            with pytest.raises((PermissionDeniedError, InvalidQueryError)):
                await call
        found = [each.to_dict() async for each in view.iterate(batch_size=1, order="price DESC")]
        assert [set(each) for each in found] == [{"title", "price"}] * 2


# REG-73, DAO-197
@pytest.mark.usefixtures("rows")
async def test_the_owner_s_scope_holds_for_views(registry: ModelRegistry) -> None:
    """Nobody but the owner does without the owner's scope."""
    view = given(registry)
    with tenant("globex"):
        for call in (view.unscoped().count(), view.unscoped().aggregate(count=True)):
            with pytest.raises(PermissionDeniedError):
                await call


# REG-73, DAO-327
@pytest.mark.usefixtures("rows")
async def test_a_stream_ends_with_its_grant(registry: ModelRegistry) -> None:
    """After the grant is revoked no further record comes."""
    view = given(registry)
    with tenant("globex"):
        stream = view.iterate(batch_size=1)
        assert (await anext(stream)).title == "one"
        with tenant("acme"):
            registry.revoke(view.grant)
        with pytest.raises((PermissionDeniedError, TenantContextError)):
            await anext(stream)
