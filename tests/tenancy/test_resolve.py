"""Who is asking: headers, API keys, and several sources at once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.errors import DefinitionError, InvalidTenantError, JugglerError
from juggler.tenancy.directory import MemoryDirectory
from juggler.tenancy.keys import KeyRing, prefix_of
from juggler.tenancy.resolve import ApiKeys, HeaderTenant, Identity, first_of, identify
from juggler.tenancy.tenant import ApiKey, Tenant

RING = KeyRing("pepper of the tests")
TOKEN, KEY = RING.issue()
SLEEPING_TOKEN, SLEEPING_KEY = RING.issue()
DIRECTORY = MemoryDirectory(
    [Tenant("acme", keys=(KEY,)), Tenant("asleep", "suspended", keys=(SLEEPING_KEY,))]
)
WRONG = {
    "nothing": "",
    "a beginning": "jug",
    "empty parts": "jug__",
    "nonsense": "nonsense",
    "unknown": "jug_unknown_secret",
    "longer": TOKEN + "x",
    "shorter": TOKEN[:-1],
    "no secret": f"jug_{KEY.prefix}_",
    "another secret": f"jug_{KEY.prefix}_{'x' * 43}",
    "another word": TOKEN.replace("jug", "gug"),
    "of one who sleeps": SLEEPING_TOKEN,
    "not ascii": f"jug_{KEY.prefix}_é",
    "endless": "jug_" + "x" * 10_000,
}


def scope(*headers: tuple[str, str | bytes]) -> dict[str, Any]:
    """Return an ASGI scope with *headers*."""
    pairs = [(name, value.encode() if isinstance(value, str) else value) for name, value in headers]
    return {"type": "http", "headers": [(name.lower().encode(), value) for name, value in pairs]}


def authorization(token: str) -> dict[str, Any]:
    """Return an ASGI scope with a bearer token."""
    return scope(("Authorization", f"Bearer {token}"))


# TEN-08
async def test_a_header_names_the_tenant() -> None:
    """In development the header is believed; without it nothing is said."""
    source = HeaderTenant("X-Tenant")
    assert await source(scope(("x-tenant", "acmé"))) == Identity("acmé")
    assert await source(scope(("accept", "*/*"))) is None


@pytest.mark.parametrize("code", ["", " ", "global", "x" * 200, b"\xff"])
async def test_what_is_no_code_is_refused(code: str | bytes) -> None:
    """Without a directory a header that is no tenant code is a clear error."""
    with pytest.raises(InvalidTenantError):
        await HeaderTenant()(scope(("X-Tenant", code)))


# TEN-09
@pytest.mark.parametrize("code", ["globex", "asleep", "../x", "", "global", "x" * 200, "ACME"])
async def test_all_who_are_not_let_in_get_one_answer(code: str) -> None:
    """Unknown, suspended and impossible tenants cannot be told apart."""
    with pytest.raises(JugglerError) as caught:
        await HeaderTenant(directory=DIRECTORY)(scope(("X-Tenant", code)))
    assert facts(caught.value) == await refusal()


# TEN-15, APP-15
async def test_a_key_opens_its_tenant() -> None:
    """The key's tenant is the identity; the principal shows the key's prefix, not the key."""
    source = ApiKeys(DIRECTORY, RING)
    found = await source(authorization(TOKEN))
    assert found == Identity("acme", principal=f"key:{KEY.prefix}")
    assert await source(scope(("authorization", f"bEaReR  {TOKEN}"))) == found
    assert await source(scope()) is None
    assert await source(scope(("Authorization", "Basic abc"))) is None


# TEN-09
@pytest.mark.parametrize("token", WRONG.values(), ids=WRONG)
async def test_other_keys_open_nothing(token: str) -> None:
    """Wrong, shortened, foreign and suspended keys all get the one answer."""
    with pytest.raises(JugglerError) as caught:
        await ApiKeys(DIRECTORY, RING)(authorization(token))
    assert facts(caught.value) == await refusal()


async def test_a_key_is_void_under_another_pepper() -> None:
    """Who has the directory but not the pepper cannot make a key that is accepted."""
    other = KeyRing("another server's pepper")
    with pytest.raises(JugglerError):
        await ApiKeys(DIRECTORY, other)(authorization(TOKEN))


def test_keys_are_hard_to_guess_and_not_stored() -> None:
    """Each key is new; its record holds neither the secret nor a part of it."""
    tokens = {RING.issue()[0] for _ in range(100)}
    assert len(tokens) == 100
    secret = TOKEN.split("_", 2)[2]
    assert len(secret) >= 43
    assert secret not in repr(KEY)
    assert RING.accepts(TOKEN, KEY)
    assert not RING.accepts(TOKEN, None)
    assert not RING.accepts(TOKEN, ApiKey(KEY.prefix, "é"))
    with pytest.raises(DefinitionError, match="16 bytes"):
        KeyRing("short")


@given(st.text(max_size=300))
def test_any_text_has_a_prefix_or_none(text: str) -> None:
    """Whatever is sent as a key is either split or refused, without an error."""
    found = prefix_of(text)
    assert found is None or text.startswith(f"jug_{found}_")


# TEN-08
async def test_sources_are_asked_together() -> None:
    """The first that knows answers; two that disagree are an error, never a choice."""
    source = first_of(ApiKeys(DIRECTORY, RING), HeaderTenant(), lambda _: None)
    assert await source(scope(("X-Tenant", "globex"))) == Identity("globex")
    both = scope(("Authorization", f"Bearer {TOKEN}"), ("X-Tenant", "acme"))
    assert await source(both) == Identity("acme", principal=f"key:{KEY.prefix}")
    assert await source(scope()) is None
    split = scope(("Authorization", f"Bearer {TOKEN}"), ("X-Tenant", "globex"))
    with pytest.raises(JugglerError, match="two tenants") as caught:
        await source(split)
    assert caught.value.status_code == 400
    wrong = scope(("Authorization", "Bearer jug_a_b"), ("X-Tenant", "acme"))
    with pytest.raises(JugglerError) as caught:
        await source(wrong)
    assert caught.value.status_code == 401


async def test_a_header_that_is_there_twice_is_no_choice_either() -> None:
    """Two headers with different values are refused; the same value twice is one value."""
    twice = scope(("X-Tenant", "acme"), ("X-Tenant", "acme"))
    assert await HeaderTenant()(twice) == Identity("acme")
    with pytest.raises(JugglerError, match="there twice"):
        await HeaderTenant()(scope(("X-Tenant", "acme"), ("X-Tenant", "globex")))


async def test_a_source_may_be_any_function() -> None:
    """Sync and async functions of the scope are sources too."""

    async def later(_: Any) -> Identity:
        return Identity("acme")

    assert await identify(lambda _: Identity("acme"), scope()) == Identity("acme")
    assert await identify(later, scope()) == Identity("acme")


def test_sources_describe_themselves() -> None:
    """Clients are told which credentials a service takes."""
    source = first_of(ApiKeys(DIRECTORY, RING), HeaderTenant("X-Org"), lambda _: None)
    assert source.directory is DIRECTORY
    assert source.describe() == {
        "key": {"type": "http", "scheme": "bearer"},
        "tenant": {"type": "apiKey", "in": "header", "name": "X-Org"},
    }


async def refusal() -> tuple[object, ...]:
    """Return what somebody is told who has a wrong key."""
    with pytest.raises(JugglerError) as caught:
        await ApiKeys(DIRECTORY, RING)(authorization("wrong"))
    assert caught.value.status_code == 401
    return facts(caught.value)


def facts(error: JugglerError) -> tuple[object, ...]:
    """Return all that a client can see of *error*."""
    return type(error), error.status_code, error.code, error.message, error.details, error.tenant
