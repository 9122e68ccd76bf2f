"""Who is asking?  Sources of identity for requests."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, runtime_checkable

from juggler.context import check_tenant_code
from juggler.errors import InvalidTenantError, JugglerError, PermissionDeniedError
from juggler.tenancy.directory import TenantDirectory
from juggler.tenancy.keys import KeyRing, prefix_of
from juggler.tenancy.tenant import KEY

Scope = Mapping[str, Any]
"""An ASGI scope: what is known of a request before its body."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: the tenant, and who acts for it, for audit records."""

    tenant: str
    principal: str | None = None


Resolve = Callable[[Scope], Awaitable[Identity | None] | Identity | None]
"""Says who asks; None means that the request does not say.  It may be sync or async."""


@runtime_checkable
class Described(Protocol):
    """A source of identity that can tell clients how to use it."""

    def describe(self) -> Mapping[str, Mapping[str, Any]]:
        """Return name -> security scheme, as OpenAPI writes them."""


def schemes_of(source: object) -> Mapping[str, Mapping[str, Any]]:
    """Return name -> security scheme of a source of identity; nothing for one that tells none."""
    return source.describe() if isinstance(source, Described) else {}


def refused() -> JugglerError:
    """Return the one answer to everybody who is not let in, whatever the reason."""
    return PermissionDeniedError(
        "Authorization is required.", code="AUTHORIZATION_REQUIRED", status_code=401
    )


async def identify(resolve: Resolve, scope: Scope) -> Identity | None:
    """Return who asks, by a sync or async source of identity."""
    found = resolve(scope)
    return await found if inspect.isawaitable(found) else found


class HeaderTenant:
    """Takes the tenant from a header: for development, or behind a proxy that sets it.

    Whoever can send the header is believed.

    Args:
        name: Name of the header.
        directory: Lets only its active tenants in; without one every tenant code is.
    """

    def __init__(self, name: str = "X-Tenant", *, directory: TenantDirectory | None = None) -> None:
        self.name = name
        self.directory = directory
        self._key = name.lower().encode("ascii")

    async def __call__(self, scope: Scope) -> Identity | None:
        """Return the identity that the header names; None where it is missing.

        Raises:
            JugglerError: 401 for a tenant that is not let in, 400 for two headers that disagree.
            InvalidTenantError: There is no directory, and the header is no tenant code.
        """
        code = header(scope, self._key)
        if code is None:
            return None
        if self.directory is None:
            return Identity(check_tenant_code(code))
        tenant = await self.directory.get(code)
        if tenant is None or not tenant.is_active:
            raise refused()
        return Identity(tenant.code)

    def describe(self) -> Mapping[str, Mapping[str, Any]]:
        """Return name -> security scheme, as OpenAPI writes them."""
        return {"tenant": {"type": "apiKey", "in": "header", "name": self.name}}


class ApiKeys:
    """Takes the tenant from its API key: ``Authorization: Bearer jug_...``.

    Args:
        directory: Where the keys' records are.
        ring: Recognises keys.
    """

    def __init__(self, directory: TenantDirectory, ring: KeyRing) -> None:
        self.directory = directory
        self._ring = ring

    async def __call__(self, scope: Scope) -> Identity | None:
        """Return the identity that the key opens; None where there is no key.

        Raises:
            JugglerError: 401 for a key that opens nothing, 400 for two keys that disagree.
        """
        token = bearer(scope)
        if token is None:
            return None
        prefix = prefix_of(token)
        tenant = None if prefix is None else await self.directory.find_by(KEY, prefix)
        keys = () if tenant is None else tenant.keys
        key = next((each for each in keys if each.prefix == prefix), None)
        accepted = self._ring.accepts(token, key)
        if not accepted or tenant is None or not tenant.is_active:
            raise refused()
        return Identity(tenant.code, principal=f"key:{prefix}")

    def describe(self) -> Mapping[str, Mapping[str, Any]]:
        """Return name -> security scheme, as OpenAPI writes them."""
        return {"key": {"type": "http", "scheme": "bearer"}}


class FirstOf:
    """Asks several sources of identity, all of them; made by `first_of`."""

    def __init__(self, sources: Iterable[Resolve]) -> None:
        self.sources = tuple(sources)

    @property
    def directory(self) -> TenantDirectory | None:
        """Return the directory of the first source that has one."""
        found = (getattr(source, "directory", None) for source in self.sources)
        return next((each for each in found if each is not None), None)

    async def __call__(self, scope: Scope) -> Identity | None:
        """Return the first identity that a source gives.

        Raises:
            JugglerError: A source refuses, or 400: two name different tenants.
        """
        found: Identity | None = None
        for source in self.sources:
            other = await identify(source, scope)
            if found is not None and other is not None and other.tenant != found.tenant:
                raise _conflict("The request names two tenants.")
            found = found or other
        return found

    def describe(self) -> Mapping[str, Mapping[str, Any]]:
        """Return name -> security scheme of all sources that tell theirs."""
        schemes: dict[str, Mapping[str, Any]] = {}
        for source in self.sources:
            schemes.update(schemes_of(source))
        return schemes


def first_of(*sources: Resolve) -> FirstOf:
    """Return a source that answers what the first of *sources* does that knows who asks.

    All are asked, and two that name different tenants are an error (400), never a choice.
    """
    return FirstOf(sources)


_BEARER: Final = "bearer "


def bearer(scope: Scope) -> str | None:
    """Return the token of ``Authorization: Bearer``; None for no such header.

    Raises:
        JugglerError: 400 for two headers that disagree.
    """
    text = header(scope, b"authorization")
    if text is None or not text.lower().startswith(_BEARER):
        return None
    return text[len(_BEARER) :].strip()


def header(scope: Scope, name: bytes) -> str | None:
    """Return the value of the header *name* (lower case), or None.

    Raises:
        JugglerError: 400 for two headers that disagree, or text that is not UTF-8.
    """
    found = {value for key, value in scope.get("headers", ()) if key == name}
    if len(found) > 1:
        raise _conflict(f"The header {name.decode()} is there twice.")
    try:
        return found.pop().decode() if found else None
    except UnicodeDecodeError:
        raise InvalidTenantError(f"The header {name.decode()} is not UTF-8.") from None


def _conflict(message: str) -> JugglerError:
    return JugglerError(message, code="IDENTITY_CONFLICT", status_code=400)
