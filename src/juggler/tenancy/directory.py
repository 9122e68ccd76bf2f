"""Directories: which tenants there are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from juggler.errors import DuplicateEntryError, JugglerError
from juggler.tenancy.tenant import Tenant


class TenantDirectory(Protocol):
    """Knows the tenants.  Safe from many tasks of one event loop."""

    async def get(self, code: str) -> Tenant | None:
        """Return the record of the tenant *code*, or None."""

    async def find_by(self, kind: str, value: str) -> Tenant | None:
        """Return the tenant with that identifier, or None; never looks through all tenants."""

    async def list(self, *, after: str = "", limit: int | None = None) -> list[Tenant]:
        """Return the tenants with codes after *after*, in order of code, *limit* at most."""

    async def put(self, record: Tenant, *, expected_version: int | None = None) -> Tenant:
        """Store *record* and return it with its new version.

        Raises:
            DuplicateEntryError: Another tenant has one of its identifiers.
            JugglerError: ``VERSION_CONFLICT``: the stored version is not *expected_version*.
        """

    async def delete(self, code: str) -> bool:
        """Remove the record of *code*; tell whether there was one."""


class MemoryDirectory:
    """A directory that lives as long as the object.

    Args:
        tenants: Records, or codes of active tenants.

    Raises:
        DuplicateEntryError: Two tenants have the same identifier.
    """

    def __init__(self, tenants: Iterable[Tenant | str] = ()) -> None:
        self._tenants: dict[str, Tenant] = {}
        self._found: dict[tuple[str, str], str] = {}
        for each in tenants:
            record = Tenant(each) if isinstance(each, str) else each
            self._check(record)
            self._set(record)

    async def get(self, code: str) -> Tenant | None:
        """Return the record of the tenant *code*, or None."""
        return self._tenants.get(code)

    async def find_by(self, kind: str, value: str) -> Tenant | None:
        """Return the tenant with that identifier, or None."""
        code = self._found.get((kind, value))
        return None if code is None else self._tenants[code]

    async def list(self, *, after: str = "", limit: int | None = None) -> list[Tenant]:
        """Return the tenants with codes after *after*, in order of code, *limit* at most."""
        return [self._tenants[code] for code in sorted(self._tenants) if code > after][:limit]

    async def put(self, record: Tenant, *, expected_version: int | None = None) -> Tenant:
        """Store *record* and return it with its new version; see `TenantDirectory.put`."""
        return self._set(self._next(record, expected_version))

    async def delete(self, code: str) -> bool:
        """Remove the record of *code*; tell whether there was one."""
        return self._remove(code)

    def _next(self, record: Tenant, expected_version: int | None) -> Tenant:
        """Return *record* as it would be stored, without storing it."""
        current = self._tenants.get(record.code)
        version = 0 if current is None else current.version
        if expected_version is not None and version != expected_version:
            raise JugglerError(
                f"The tenant is at version {version}, not {expected_version}; read it again.",
                code="VERSION_CONFLICT",
                status_code=409,
                tenant=record.code,
            )
        self._check(record)
        return replace(record, version=version + 1)

    def _check(self, record: Tenant) -> None:
        """Raise if another tenant has an identifier of *record*."""
        for kind, value in record.identifiers:
            if self._found.get((kind, value), record.code) != record.code:
                raise DuplicateEntryError(
                    f"The {kind} {value!r} belongs to another tenant.",
                    fields=(kind,),
                    tenant=record.code,
                )

    def _set(self, record: Tenant) -> Tenant:
        self._remove(record.code)
        self._tenants[record.code] = record
        self._found.update(dict.fromkeys(record.identifiers, record.code))
        return record

    def _remove(self, code: str) -> bool:
        former = self._tenants.pop(code, None)
        for identifier in () if former is None else former.identifiers:
            del self._found[identifier]
        return former is not None
