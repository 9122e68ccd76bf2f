"""The operator's look-up across all owners: audited, and closed to work done for a tenant."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final, NamedTuple

from juggler.errors import InvalidValueError, TenantContextError
from juggler.registry.cold.listing import DeclaredRecord
from juggler.registry.lookups import Lookups
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.records import ModelRecord, RegistryEvent

log = logging.getLogger("juggler.registry")


class _Leave(NamedTuple):
    """What an open block allows: to look across the tenants of one registry, and why."""

    registry: Any
    reason: str
    outer: _Leave | None


_leave: Final[ContextVar[_Leave | None]] = ContextVar("juggler_across", default=None)


class Across(Lookups):
    """The part of a registry that looks into every owner's namespace."""

    def search(self, name: str) -> list[ModelRecord]:
        """Return a record for each model called *name*, whoever owns it; nothing is built for it.

        Each search is told to listeners of ``cross_tenant_lookup`` and logged.  A model that is
        only declared is built when ``model`` of its record is read.

        Raises:
            TenantContextError: A tenant is current, and no block of `across_tenants` is open.
        """
        reason = self._reason()
        tenant = self.current_tenant()
        if tenant is not None and reason is None:
            raise TenantContextError(
                "search looks into other tenants and one is current; leave its block, or open "
                '`with registry.across_tenants(reason="..."):`.',
                tenant=tenant,
            )
        found = self._locked(self._searched, name)
        self._locked(self._noted, name, reason, tenant, len(found))
        return found

    @contextmanager
    def across_tenants(self, *, reason: str) -> Iterator[None]:
        """Let `search` look across tenants in this block, also while one is current.

        It counts for the running task, and tasks it starts inside.

        Args:
            reason: Why, for the audit.

        Raises:
            InvalidValueError: *reason* is no text, or empty.
        """
        token = _leave.set(_Leave(self, _words(reason), _leave.get()))
        try:
            yield
        finally:
            _leave.reset(token)

    def _reason(self) -> str | None:
        """Return why the running task may look across the tenants of this registry, if it may."""
        leave = _leave.get()
        while leave is not None and leave.registry is not self:
            leave = leave.outer
        return None if leave is None else leave.reason

    def _searched(self, name: str) -> list[ModelRecord]:
        """Return the records of all namespaces that have the name; under the lock."""
        awake = [self._found_in(space, name) for space in self.spaces() if name in space]
        return [*awake, *self._records_at_rest(name)]

    def _found_in(self, space: ModelRegistryProxy, name: str) -> ModelRecord:
        """Return the record of the model *name* that *space* has; nothing is built for it."""
        owner, model = space._owner, space._built(name)
        if model is None:
            return DeclaredRecord(name, owner.tenant or "", owner.since, self._read)
        return ModelRecord(model, name, owner.owner, owner.kind, owner.tenant, model._since)

    def _noted(self, name: str, reason: str | None, tenant: str | None, found: int) -> None:
        """Tell and log that somebody searched; under the lock, which is free when it is told."""
        details = {"name": name, "reason": reason, "found": found}
        if self._news.listeners:
            self._news.add(RegistryEvent("cross_tenant_lookup", tenant=tenant, details=details))
        extra = {"event": "cross_tenant_lookup", "tenant": tenant, "search": details}
        self._news.items.append(
            lambda: log.info("All owners were searched for the model %s.", name, extra=extra)
        )


def _words(reason: object) -> str:
    """Return a reason that somebody gave.

    Raises:
        InvalidValueError: It is no text, or empty.
    """
    if isinstance(reason, str) and reason.strip():
        return reason
    raise InvalidValueError(
        f"across_tenants: say why, in words, not {reason!r}.", path="reason", value=reason
    )
