"""What views take over of the owner's model: rules, uniqueness, messages, structure."""

import asyncio
import gc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

from juggler.context import tenant
from juggler.datasource.datasource import DataSource
from juggler.errors import (
    DefinitionError,
    ModelDisposedError,
    PermissionDeniedError,
    ValidationError,
)
from juggler.facade.default import ModelRegistry
from juggler.testing.gate import Gate
from tests.registry.helpers import check
from tests.registry.sharing.views import given


def codes(error: Any) -> Any:
    """Return field -> codes of a validation error."""
    return error.value.details["codes"]


# REG-73, MOD-63
async def test_removed_rules_do_not_count(registry: ModelRegistry, ticket: Any) -> None:
    """A rule that the owner removed does not count for grantees, those in its place do."""
    ticket.remove_validation("title", "presence")
    ticket.validates_length_of("title", max=5, optional=True)
    view = given(registry, access="write")
    assert view.validations == ticket.validations
    with tenant("globex"):
        await view.create(secret="s")
        with pytest.raises(ValidationError) as caught:
            await view.create(title="much too long")
        assert codes(caught) == {"title": ["length.max"]}
        ticket.validations = {}
        await view.create(title="much too long")


# REG-73, MOD-63
async def test_rules_of_the_owner_stay(registry: ModelRegistry, ticket: Any) -> None:
    """A grantee adds rules to its view and removes them, but none that the owner has."""
    view = given(registry, access="write")
    view.validates_length_of("secret", max=2)
    acts: list[Callable[[], Any]] = [
        lambda: view.remove_validation("title"),
        view.validations.clear,
        lambda: view.validations.__delitem__("title"),
        lambda: view.validations.__setitem__("title", []),
        lambda: setattr(view, "validations", {}),
    ]
    for act in acts:
        with pytest.raises(PermissionDeniedError, match="rules always hold"):
            act()
    with tenant("globex"):
        with pytest.raises(ValidationError) as caught:
            await view.create(secret="long")
        assert codes(caught) == {"title": ["presence"], "secret": ["length.max"]}
        view.remove_validation("secret")
        await view.create(title="a", secret="long")
    with tenant("acme"):
        await ticket.create(title="a", secret="long")


# REG-73, MOD-95
@pytest.mark.parametrize("fields", [None, ["title", "id"]])
async def test_rules_by_setting(
    registry: ModelRegistry, source: DataSource, fields: list[str] | None
) -> None:
    """Rules of the setting `validations` hold where only some properties are shared, too."""
    seen: list[str | None] = []
    rules = [
        {"property": "title", "rule": "length", "max": 5},
        {"property": "title", "function": lambda _i, _e: seen.append(registry.current_tenant())},
    ]
    model = registry.define(
        "Ticket", {"title": str}, validations=rules, tenant="acme", data_source=source
    )
    with tenant("acme"):
        await model.create(title="one")
    seen.clear()
    view = given(registry, access="write", fields=fields)
    with tenant("globex"):
        one = await view.find_by_id(1)
        with pytest.raises(ValidationError):
            await one.update_attributes({"title": "much too long"})
        await one.update_attributes({"title": "fits"})
    assert set(seen) == {"acme"}


# REG-73, MOD-109
@pytest.mark.parametrize("fields", [None, ["title", "id"]])
async def test_uniqueness_is_the_owners(
    registry: ModelRegistry, source: DataSource, fields: list[str] | None
) -> None:
    """Values are unique among the owner's rows in its scope, asked on behalf of the owner."""
    seen: list[str | None] = []
    model = registry.define(
        "Ticket",
        {"title": str, "open": {"type": bool, "default": True}},
        {"scope": {"where": {"open": True}}},
        tenant="acme",
        data_source=source,
    )
    model.validates_uniqueness_of("title")
    with tenant("acme"):
        await model.create([{"title": "one"}, {"title": "two"}])
    model.observe("access", lambda _: seen.append(registry.current_tenant()))
    view = given(registry, access="write", fields=fields)
    theirs: list[str | None] = []
    view.observe("access", lambda _: theirs.append(registry.current_tenant()))
    with tenant("globex"):
        one = await view.find_by_id(1)
        theirs.clear()
        with pytest.raises(ValidationError) as caught:
            await one.update_attributes({"title": "two"})
        assert codes(caught) == {"title": ["uniqueness"]}
        one.title = "two"
        assert await one.is_valid() is False
        one.title = "one"
        assert await one.is_valid() is True
        await one.update_attributes({"title": "three"})
        if fields is None:
            with pytest.raises(ValidationError):
                await view.create(title="two")
            await view.create(title="four")
    assert set(seen) == {"acme"}
    with tenant("acme"):
        titles = [each.title for each in await model.find()]
    assert titles == ["three", "two", *(["four"] if fields is None else [])]


# REG-73, MOD-109
async def test_uniqueness_within_what_is_not_shared(
    registry: ModelRegistry, source: DataSource
) -> None:
    """A rule that is scoped to a property which is not shared counts with the record's value."""
    model = registry.define("Ticket", {"title": str, "org": int}, tenant="acme", data_source=source)
    model.validates_uniqueness_of("title", scoped_to=["org"])
    rows = [{"title": "one", "org": 1}, {"title": "two", "org": 1}, {"title": "three", "org": 2}]
    with tenant("acme"):
        await model.create(rows)
    view = given(registry, access="write", fields=["title", "id"])
    with tenant("globex"):
        one = await view.find_by_id(1)
        with pytest.raises(ValidationError) as caught:
            await one.update_attributes({"title": "two"})
        assert codes(caught) == {"title": ["uniqueness"]}
        await one.update_attributes({"title": "three"})
        assert one.to_json() == {"id": 1, "title": "three"}


def checked(registry: ModelRegistry, source: DataSource, gate: Gate) -> Any:
    """Return a model of acme with a unique title, whose checks wait at *gate*."""
    model = registry.define("Ticket", {"title": str}, tenant="acme", data_source=source)
    model.validates_uniqueness_of("title")

    async def hold(_context: Any) -> None:
        await gate.hold()

    model.observe("access", hold)
    return model


# REG-73, MOD-109
@pytest.mark.parametrize("who", ["acme", "globex"])
async def test_a_check_in_flight(registry: ModelRegistry, source: DataSource, who: str) -> None:
    """A check that is asked when a tenant is cleaned up by force lets no write through."""
    gate = Gate()
    checked(registry, source, gate)
    view = given(registry, access="write")

    async def create() -> None:
        with tenant("globex"):
            await view.create(title="new")

    task = asyncio.create_task(create())
    await gate.wait_for(1)
    registry.define("Mine", {"x": int}, tenant="globex")
    assert registry.cleanup_tenant(who, force=True).error is None
    gate.open()
    with pytest.raises((ModelDisposedError, PermissionDeniedError)):
        await task
    again = registry.define("Ticket", {"title": str}, tenant="acme", data_source=source)
    with tenant("acme"):
        assert await again.count() == 0


# REG-55, MOD-109
async def test_a_check_of_ones_own_in_flight(registry: ModelRegistry, source: DataSource) -> None:
    """The same holds for a tenant's own model."""
    gate = Gate()
    model = checked(registry, source, gate)

    async def create() -> None:
        with tenant("acme"):
            await model.create(title="new")

    task = asyncio.create_task(create())
    await gate.wait_for(1)
    assert registry.cleanup_tenant("acme", force=True).error is None
    gate.open()
    with pytest.raises(ModelDisposedError):
        await task
    again = registry.define("Ticket", {"title": str}, tenant="acme", data_source=source)
    with tenant("acme"):
        assert await again.count() == 0


# REG-73, MOD-114
async def test_views_speak_for_their_registry(registry: ModelRegistry, ticket: Any) -> None:
    """Messages of a view are those of the registry it is in."""
    registry.messages.override("presence", "is sorely missed")
    view = given(registry, access="write")
    with tenant("globex"), pytest.raises(ValidationError, match="sorely missed"):
        await view.create(secret="s")


# REG-73, MOD-46
async def test_a_shared_model_that_changes(
    registry: ModelRegistry, ticket: Any, rows: list[Any]
) -> None:
    """Views follow a model to another structure; a grant of a property that goes ends."""
    view = given(registry, access="write")
    part = registry.share("Ticket", "acme", ["initech"], fields=["title", "id"])
    lost = registry.share("Ticket", "acme", ["hooli"], fields=["price"])
    with tenant("initech"):
        narrow = registry.find_model_by_name("Ticket")
    ticket.define_property("note", {"type": str, "trim": True})
    registry.builder.extend_model(ticket, {"price": None})
    with tenant("globex"):
        made = await view.create(title="new", note=" n ")
        assert (made.note, "price" in view.properties) == ("n", False)
        assert await view.count({"note": "n"}) == 1
    with tenant("initech"):
        assert list(narrow.properties) == ["id", "title"]
        assert len(await narrow.find()) == 3
    assert part in registry.grants()
    assert lost not in registry.grants()
    with tenant("globex"):
        for act in (
            lambda: view.define_property("x", int),
            lambda: view.extend("Mine"),
            lambda: registry.builder.extend_model(view, {"x": int}),
        ):
            with pytest.raises(PermissionDeniedError):
                act()
    del made
    assert registry.evict("acme")
    with tenant("globex"):
        assert await view.count({"note": "n"}) == 1
    check(registry)


# REG-73, MOD-07
async def test_a_shared_tree(registry: ModelRegistry, source: DataSource) -> None:
    """A model that embeds itself, or is embedded by what it embeds, is shared as any other."""
    model = registry.define(
        "Ticket", {"kids": ["Ticket"], "by": "User"}, tenant="acme", data_source=source
    )
    with pytest.raises(DefinitionError, match="not defined"):
        registry.share("Ticket", "acme", ["globex"])
    registry.define("User", {"name": str, "last": "Ticket"}, tenant="acme", data_source=source)
    with tenant("acme"):
        await model.create(kids=[{"by": {"name": "a", "last": {"kids": [{}]}}}])
    view = given(registry, access="write")
    with tenant("globex"):
        (found,) = await view.find()
        assert found.kids[0].by.name == "a"
        inner = found.kids[0].model
        assert inner is not model
        assert inner.owner is None
        assert isinstance(found.kids[0].by.last.kids[0], inner)
        await view.create(kids=[{"kids": [{"by": {"name": "b"}}]}])
    watch = weakref.ref(inner)
    registry.cleanup_tenant("globex")
    registry.cleanup_tenant("acme")
    del view, found, inner, model
    gc.collect()
    assert watch() is None
    assert registry.audit("acme") == []
    check(registry)


# REG-73, MOD-52
def test_models_by_setting_are_not_shared(registry: ModelRegistry, source: DataSource) -> None:
    """The models that the owner's settings name are no attributes of a view."""
    other = registry.define("Other", {"x": int}, tenant="acme", data_source=source)
    model = registry.define(
        "Ticket", {"title": str}, models={"Other": other}, tenant="acme", data_source=source
    )
    assert model.Other is other
    view = given(registry)
    with tenant("globex"), pytest.raises(AttributeError, match="Other"):
        _ = view.Other
