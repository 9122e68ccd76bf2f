"""What is known of a tenant beside its models and its data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from juggler.context import check_tenant_code
from juggler.errors import DefinitionError

Status = Literal["active", "suspended"]
STATUSES: tuple[str, ...] = get_args(Status)

KEY = "key"
"""Kind of the identifiers that are prefixes of API keys."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key as it is stored: who holds the record cannot make the key from it.

    Attributes:
        prefix: The part that may be shown; no other key has the same.
        digest: What `juggler.tenancy.keys.KeyRing.digest` makes of the whole key.
    """

    prefix: str
    digest: str


@dataclass(frozen=True, slots=True)
class Tenant:
    """The record of one tenant in a directory, frozen; `dataclasses.replace` makes the next one.

    Attributes:
        code: What the tenant is called everywhere; never changes.
        status: Only ``active`` tenants are let in.
        title: Name for people.
        keys: Keys that open the tenant.
        version: Counts the changes; the directory sets it.

    Raises:
        InvalidTenantError: The code cannot be one.
        DefinitionError: The status is unknown.
    """

    code: str
    status: Status = "active"
    title: str = ""
    keys: tuple[ApiKey, ...] = ()
    version: int = 0

    def __post_init__(self) -> None:
        check_tenant_code(self.code)
        if self.status not in STATUSES:
            raise DefinitionError(
                f"The status of a tenant is one of {', '.join(STATUSES)}, not {self.status!r}.",
                tenant=self.code,
                value=self.status,
            )

    @property
    def is_active(self) -> bool:
        """Tell whether the tenant is let in."""
        return self.status == "active"

    @property
    def identifiers(self) -> frozenset[tuple[str, str]]:
        """Return the (kind, value) pairs that a directory finds the tenant by."""
        return frozenset((KEY, key.prefix) for key in self.keys)
