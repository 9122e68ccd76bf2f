"""Cleaning tenants up: their models leave every look-up path and memory."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass, replace
from typing import Any

from juggler.context import check_tenant_code
from juggler.errors import InvalidTenantError
from juggler.models.api import DISPOSED
from juggler.registry.audit import Remnant
from juggler.registry.core import Core
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.records import CleanupResult, RegistryEvent
from juggler.registry.tenant import TenantRegistry

NOT_ALLOWED = "Invalid tenant or global tenant cleanup not allowed"
IN_USE = "in use"
_STEP = 0.005


@dataclass(frozen=True, slots=True)
class Request:
    """How a clean-up was asked for."""

    force: bool = False
    grace: float = 0.0
    reason: str | None = None


class Cleaning(Core):
    """The part of a registry that lets tenants go."""

    def cleanup_tenant(
        self, code: Any, *, force: bool = False, grace: float = 0.0, reason: str | None = None
    ) -> CleanupResult:
        """Remove everything of a tenant; cost follows the tenant's own models alone.

        Never raises for what a caller can send: the result's ``error`` says what was wrong.

        Args:
            code: The tenant's code.
            force: Go ahead although operations or leases are at work; they fail.
            grace: Seconds to wait for a tenant in use; not in a running event loop, which would
                stand still and with it the work that is waited for.
            reason: Kept in the result.
        """
        begun = time.perf_counter()
        try:
            check_tenant_code(code)
        except InvalidTenantError:
            return CleanupResult(code, error=NOT_ALLOWED, reason=reason)
        found = self._tenants.get(code)
        if found is None:
            return CleanupResult(code, reason=reason)
        if not force:
            _wait(found, grace)
        return self._locked(self._clean, found, Request(force, grace, reason), begun)

    def _clean(self, tenant: TenantRegistry, request: Request, begun: float) -> CleanupResult:
        """Remove a tenant unless it is in use or somebody was faster."""
        if self._tenants.get(tenant.code) is not tenant:
            return CleanupResult(tenant.code, reason=request.reason)
        if tenant.owner.in_use and not request.force:
            return CleanupResult(tenant.code, error=IN_USE, reason=request.reason)
        del self._tenants[tenant.code]
        tenant.owner.closed = True
        result = self._emptied(tenant.models, request.reason)
        result = replace(result, duration=(time.perf_counter() - begun) * 1_000)
        self._news.add(RegistryEvent("tenant_cleaned", tenant=tenant.code, result=result))
        return result

    def _emptied(self, models: ModelRegistryProxy, reason: str | None) -> CleanupResult:
        """Dispose all models of a tenant and say what was done."""
        names = tuple(models)
        structures = 0 if models._anonymous is None else len(models._anonymous.index)
        released = models._owner.bytes
        self._placement.empty(models, DISPOSED)
        return CleanupResult(
            models._owner.tenant,
            models_removed=len(names),
            mappings_removed=len(names) + structures,
            cleaned_models=names,
            bytes_released=released,
            reason=reason,
        )

    def cleanup_inactive_tenants(self, max_idle_time: float) -> list[CleanupResult]:
        """Clean up the tenants that were idle for *max_idle_time* seconds.

        Those that are in use or pinned stay.
        """
        idle = [
            each.code
            for each in self.tenants()
            if not (each.pinned or each.owner.in_use) and each.owner.idle_time >= max_idle_time
        ]
        return [self.cleanup_tenant(code, reason="idle") for code in idle]

    def clear(self) -> None:
        """Empty all owners and figures, for tests and reloads; namespaces stay usable.

        The namespace of a tenant that somebody holds is the tenant's again when it comes back.
        """
        self._locked(self._clear)

    def _clear(self) -> None:
        for code, tenant in list(self._tenants.items()):
            self._clean(tenant, Request(force=True, reason="clear"), time.perf_counter())
            self._parked[code] = tenant.models
        for namespace in (self.global_models, *self._owners.namespaces()):
            self._placement.empty(namespace, DISPOSED)
        self._counts.reset()

    def audit(self, code: str) -> list[Remnant]:
        """Return what is still referenced of the models a tenant had, and by what.

        Empty when all is gone.  It looks at every object of the process: not for hot paths.
        """
        return self._placement.departed.remnants(code)


def _wait(tenant: TenantRegistry, grace: float) -> None:
    """Wait up to *grace* seconds for the tenant's work to end."""
    if not grace or _in_loop():
        return
    until = time.monotonic() + grace
    pause = threading.Event()
    while tenant.owner.in_use and time.monotonic() < until:
        pause.wait(_STEP)


def _in_loop() -> bool:
    """Tell whether an event loop is running in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
