"""Views of some properties: the others are not there, and leak by no clause."""

from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import (
    JugglerError,
    PermissionDeniedError,
    ValidationError,
)
from juggler.facade.default import ModelRegistry
from juggler.query.nodes import Filter
from tests.registry.sharing.views import WRITES, given


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


# REG-73, MOD-87
@pytest.mark.parametrize("hidden", ["secret", ["secret"], {"secret": True, "title": False}])
def test_hidden_names_of_some_properties(registry: ModelRegistry, hidden: Any) -> None:
    """What the owner's model hides, however that was said, a view of few properties hides too."""
    registry.define("Ticket", {"title": str, "secret": str}, tenant="acme", hidden=hidden)
    view = given(registry, fields=["title", "secret"])
    assert view(title="one", secret="s1").to_json() == {"title": "one"}


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
