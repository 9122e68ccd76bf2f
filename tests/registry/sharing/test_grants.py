"""Giving and ending grants: who may, what is refused, what is listed and told."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from juggler.context import tenant
from juggler.errors import (
    DefinitionError,
    InvalidTenantError,
    NotFoundError,
    PermissionDeniedError,
    TenantContextError,
)
from juggler.facade.default import ModelRegistry
from juggler.registry.records import RegistryEvent
from tests.registry.helpers import Clock, check


def found(registry: ModelRegistry, code: str, name: str = "Ticket") -> Any:
    """Return what a tenant finds by name."""
    with tenant(code):
        return registry.find_model_by_name(name)


# REG-73
def test_who_finds_a_shared_model(registry: ModelRegistry, ticket: Any) -> None:
    """Grantees find it, each its own view and always the same; nobody else does."""
    grant = registry.share("Ticket", "acme", ["globex", "initech"])
    view = found(registry, "globex")
    assert view is not ticket
    assert view is found(registry, "globex")
    assert view is not found(registry, "initech")
    assert view.grant is grant
    assert found(registry, "acme") is ticket
    assert found(registry, "hooli") is None
    assert registry.find_model_by_name("Ticket") is None


# REG-73
def test_the_order_of_looking_up(registry: ModelRegistry, ticket: Any) -> None:
    """A shared model comes after the tenant's own and the asking owner's, before global ones."""
    everywhere = registry.define("Ticket", {"name": str})
    registry.share("Ticket", "acme", "globex")
    view = found(registry, "globex")
    assert view is not everywhere
    assert found(registry, "hooli") is everywhere
    with tenant("globex"):
        assert registry.look_up("Ticket", registry.global_models) is everywhere
        own = registry.define("Ticket", {"mine": str})
        assert registry.find_model_by_name("Ticket") is own
        del registry.tenant("globex").models["Ticket"]
        assert registry.find_model_by_name("Ticket") is view


# REG-73
def test_sharing_with_all(registry: ModelRegistry, ticket: Any) -> None:
    """`*` covers tenants that come later, but neither the owner nor work without a tenant."""
    registry.share("Ticket", "acme", "*")
    assert found(registry, "newcomer") is not None
    registry.define("Own", {"a": str}, tenant="another")
    assert found(registry, "another").grant.with_ == "*"
    assert found(registry, "acme") is ticket
    assert registry.find_model_by_name("Ticket") is None


# REG-73
def test_a_grant_by_name_goes_before_one_to_all(registry: ModelRegistry, ticket: Any) -> None:
    """Who has a grant of its own has that one; among equals the older one stands."""
    registry.share("Ticket", "acme", "*", fields=["title"])
    registry.share("Ticket", "acme", ["globex"])
    registry.define("Ticket", {"other": str}, tenant="initech")
    registry.share("Ticket", "initech", "*")
    assert found(registry, "globex").grant.fields is None
    assert found(registry, "hooli").grant.owner_tenant == "acme"
    assert found(registry, "acme") is ticket


# REG-18, REG-73
def test_look_ups_keep_nothing(registry: ModelRegistry, ticket: Any) -> None:
    """Invented tenants that find what is shared with all leave nothing behind."""
    registry.share("Ticket", "acme", "*")
    before = registry.get_stats()
    for number in range(1_000):
        assert found(registry, f"invented{number}") is not None
    (share,) = registry._shares
    assert len(share.views) == len(share.held) == 0
    assert registry._shares._viewed == {}
    assert registry.get_stats() == before
    check(registry)


# REG-73
@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"model_name": "Nothing"}, NotFoundError),
        ({"owner_tenant": "nobody"}, NotFoundError),
        ({"owner_tenant": 7}, InvalidTenantError),
        ({"with_": []}, DefinitionError),
        ({"with_": ["globex", "acme"]}, DefinitionError),
        ({"with_": ["global"]}, InvalidTenantError),
        ({"with_": [7]}, InvalidTenantError),
        ({"access": "all"}, ValueError),
        ({"fields": []}, DefinitionError),
        ({"fields": ["title", "wrong"]}, DefinitionError),
        ({"fields": "title"}, DefinitionError),
        ({"until": 0}, ValueError),
        ({"until": -1}, ValueError),
        ({"until": float("nan")}, ValueError),
        ({"until": True}, TypeError),
        ({"until": "tomorrow"}, TypeError),
        ({"until": datetime(2999, 1, 1)}, ValueError),  # noqa: DTZ001  that is what is wrong
        ({"until": datetime(2000, 1, 1, tzinfo=UTC)}, ValueError),
    ],
)
def test_what_cannot_be_shared(
    registry: ModelRegistry, ticket: Any, given: dict[str, Any], error: type[Exception]
) -> None:
    """What is not understood is an error, and nothing is granted."""
    usual = {"model_name": "Ticket", "owner_tenant": "acme", "with_": ["globex"]}
    with pytest.raises(error):
        registry.share(**{**usual, **given})
    assert registry.grants() == []
    assert found(registry, "globex") is None


# REG-73
def test_parts_of_models_are_not_shared(registry: ModelRegistry) -> None:
    """An anonymous model is shared with the model that it is a part of."""
    registry.define("Shop", {"place": {"lat": float}}, tenant="acme")
    with pytest.raises(DefinitionError, match="part of other models"):
        registry.share("AnonymousModel_0", "acme", ["globex"])


# REG-73
def test_sharing_twice(registry: ModelRegistry, ticket: Any) -> None:
    """One model is shared with one tenant once; with the grant revoked, it may be anew."""
    grant = registry.share("Ticket", "acme", ["globex", "initech"])
    with pytest.raises(DefinitionError, match="revoke that grant"):
        registry.share("Ticket", "acme", ["hooli", "globex"], access="write")
    assert found(registry, "hooli") is None
    assert registry.revoke(grant)
    assert not registry.revoke(grant)
    again = registry.share("Ticket", "acme", ["hooli", "globex"], access="write")
    assert registry.grants() == [again]


# REG-73
def test_sharing_onward(registry: ModelRegistry, ticket: Any) -> None:
    """A grantee shares with nobody what it was given."""
    registry.share("Ticket", "acme", ["globex"], access="write")
    registry.define("Own", {"a": str}, tenant="globex")
    with pytest.raises(PermissionDeniedError, match="only the tenant it belongs to"):
        registry.share("Ticket", "globex", ["initech"])
    assert found(registry, "initech") is None


# REG-73
def test_only_the_owner_shares(registry: ModelRegistry, ticket: Any) -> None:
    """While a tenant is current, it gives, ends and sees its own grants alone."""
    grant = registry.share("Ticket", "acme", ["globex"])
    with tenant("initech"):
        with pytest.raises(TenantContextError):
            registry.share("Ticket", "acme", ["initech"])
        with pytest.raises(TenantContextError):
            registry.revoke(grant)
        with pytest.raises(TenantContextError):
            registry.grants("acme")
        assert registry.grants() == []
    with tenant("globex"):
        assert registry.grants() == [grant]
        with pytest.raises(TenantContextError):
            registry.revoke(grant)
    with tenant("acme"):
        assert registry.grants() == [grant]
        assert registry.revoke(grant)


# REG-73
def test_grants_are_listed(registry: ModelRegistry, ticket: Any) -> None:
    """Those that hold, in order; of one tenant those that it gave and was given."""
    registry.define("Note", {"text": str}, tenant="globex")
    first = registry.share("Ticket", "acme", ["globex"], fields=["secret", "title"])
    second = registry.share("Note", "globex", "*")
    assert registry.grants() == [first, second]
    assert registry.grants("acme") == [first, second]
    assert registry.grants("initech") == [second]
    assert first.fields == ("title", "secret"), "in the order of the model"
    assert (first.access, first.until, first.with_) == ("read", None, ("globex",))
    assert first != registry.grants()[1]
    with pytest.raises(AttributeError):
        first.access = "write"  # type: ignore[misc]  # that is the claim


# REG-73, REG-60
def test_grants_are_told_and_logged(
    registry: ModelRegistry, ticket: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Giving and ending a grant are events and lines of the log, with all that was granted."""
    caplog.set_level(logging.INFO, "juggler.registry")
    told: list[RegistryEvent] = []
    registry.on("model_shared", told.append)
    registry.on("share_revoked", told.append)
    grant = registry.share("Ticket", "acme", ["globex"], access="write", fields=["title"], until=60)
    registry.revoke(grant)
    assert [(each.event, each.tenant, each.model) for each in told] == [
        ("model_shared", "acme", "Ticket"),
        ("share_revoked", "acme", "Ticket"),
    ]
    given = {"with": ("globex",), "access": "write", "fields": ("title",), "until": 60}
    assert told[0].details == {**given, "reason": None}
    assert told[1].details == {**given, "reason": "revoked"}
    lines = [record for record in caplog.records if hasattr(record, "grant")]
    assert [record.message for record in lines] == [
        "model_shared: Ticket of the tenant acme",
        "share_revoked: Ticket of the tenant acme",
    ]


# REG-73
def test_a_grant_with_an_end(registry: ModelRegistry, ticket: Any, clock: Clock) -> None:
    """It holds until then, whether that was given in seconds or as a point in time."""
    told: list[RegistryEvent] = []
    registry.on("share_revoked", told.append)
    registry.share("Ticket", "acme", ["globex"], until=60)
    registry.share("Ticket", "acme", ["initech"], until=datetime.now(UTC) + timedelta(hours=1))
    clock.now += 59
    assert len(registry.grants()) == 2
    view = found(registry, "globex")
    clock.now += 1
    assert view.is_disposed
    assert found(registry, "globex") is None
    assert [grant.with_ for grant in registry.grants()] == [("initech",)]
    assert [event.details["reason"] for event in told] == ["it is over"]
    clock.now += 3_600
    assert found(registry, "initech") is None
    assert registry.grants() == []


# REG-11, REG-73
def test_look_ups_cost_the_same(registry: ModelRegistry, ticket: Any) -> None:
    """However many grants of a name there are, a look-up asks those for one tenant alone."""
    for number in range(200):
        owner = f"owner{number}"
        registry.define("Ticket", {"a": str}, tenant=owner)
        registry.share("Ticket", owner, [f"grantee{number}"])
    table = registry._shares
    assert max(map(len, table.by_name.values())) == 1
    assert found(registry, "grantee7").grant.owner_tenant == "owner7"
    assert found(registry, "nobody") is None
