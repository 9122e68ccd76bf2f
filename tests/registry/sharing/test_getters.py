"""What grantees see of a model whose properties have getters and setters."""

from typing import Any

import pytest

from juggler.context import current_tenant, tenant
from juggler.facade.default import ModelRegistry
from tests.registry.sharing.views import given


# MOD-73, REG-73
@pytest.mark.parametrize("fields", [None, ["id", "title"]])
async def test_accessors_of_a_shared_model_hold(
    registry: ModelRegistry, ticket: Any, fields: list[str] | None
) -> None:
    """A grantee reads and writes as the owner's functions say, which run as the owner."""
    who: list[Any] = []

    @ticket.getter("title")
    def masked(each: Any) -> str:
        who.append(current_tenant())
        return each.raw("title")[:3] + "***"

    @ticket.setter("title")
    def upper(each: Any, value: str) -> None:
        who.append(current_tenant())
        each.set_raw("title", value.upper())

    ticket.add_method(lambda _: "acme's own", "method")
    view = given(registry, access="write", **({} if fields is None else {"fields": fields}))
    with tenant("acme"):
        await ticket.create(title="secret")
    with tenant("globex"):
        found = await view.find_one()
        assert (found.title, found.to_dict()["title"]) == ("SEC***", "SEC***")
        assert not hasattr(found, "method")
        await found.update_attributes({"title": "other"})
    with tenant("acme"):
        assert (await ticket.find_one()).raw("title") == "OTHER"
    assert set(who) == {"acme"}
    del ticket.getter["title"]
    with tenant("globex"):
        assert (await view.find_one()).title == "OTHER"
