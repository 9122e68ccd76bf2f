"""What a registry asks of the place where definitions are kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from juggler.errors import DuplicateEntryError


class Stored(NamedTuple):
    """What a store has of one tenant.

    Attributes:
        definitions: JSON text, which only the registry understands.
        version: Counts from 1; each write makes it greater.
    """

    definitions: str
    version: int


class DefinitionStore(Protocol):
    """Keeps the definitions of tenants, one text for each, with a version.

    It is synchronous: it is asked inside plain reads of a tenant's models, under the registry's
    lock, from any thread, and so must answer soon.  A write is whole or not there, and a reader
    sees the former text until it is.
    """

    def load(self, tenant: str) -> Stored | None:
        """Return what is kept of *tenant*, None for nothing.

        Raises:
            StoreError: It cannot be told.
        """

    def save(self, tenant: str, definitions: str, expected_version: int) -> int:
        """Keep *definitions* in the place of the version expected, 0 for none; return the new one.

        Raises:
            DuplicateEntryError: There is another version; nothing was changed.
            StoreError: It could not be written; nothing was changed.
        """

    def delete(self, tenant: str) -> None:
        """Forget *tenant*; no error if there is none."""

    def list(self) -> Iterable[str]:
        """Return the codes of all tenants."""


def conflict(tenant: str, expected: int, found: int) -> DuplicateEntryError:
    """Return the error for a write that comes too late."""
    return DuplicateEntryError(
        f"The definitions of the tenant {tenant} are of version {found}, not {expected}: somebody "
        "else has written them.  Load them again.",
        tenant=tenant,
    )
