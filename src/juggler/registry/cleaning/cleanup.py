"""Cleaning tenants up: their models leave every look-up path and memory."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any, Final

from msgspec import Struct

from juggler.context import check_tenant_code, end_life
from juggler.errors import DefinitionError, InvalidTenantError, StoreError
from juggler.events import Handler, handler_name
from juggler.models.api import DISPOSED
from juggler.registry.cleaning.audit import Remnant
from juggler.registry.cleaning.history import History
from juggler.registry.records import CleanupResult, RegistryEvent
from juggler.registry.tenant import TenantRegistry
from juggler.registry.usage import wait_until_free

NOT_ALLOWED: Final = "Invalid tenant or global tenant cleanup not allowed"
IN_USE: Final = "in use"
VETOED: Final = "vetoed by a handler"


class Request(Struct, frozen=True):
    """How a clean-up was asked for, and when."""

    code: Any
    force: bool
    reason: str | None
    begun: float

    def result(self, error: str | None = None) -> CleanupResult:
        """Return the result of a clean-up that did nothing."""
        return CleanupResult(self.code, error=error, reason=self.reason)

    def cleaning(self) -> RegistryEvent:
        """Return what handlers that may veto are shown."""
        details = {"reason": self.reason, "force": self.force}
        return RegistryEvent("tenant_cleaning", tenant=self.code, details=details)

    def vetoed(self, handler: Handler) -> CleanupResult:
        """Return the result of a clean-up that *handler* does not want."""
        return self.result(f"{VETOED}: {handler_name(handler)}")


class Departure(Struct, frozen=True):
    """A tenant that has left every look-up path, with those of its models still to be disposed.

    Attributes:
        result: What comes of it, but for how long it took.
        models: The models; the list gets shorter as they are disposed.
        begun: When the clean-up began.
    """

    result: CleanupResult
    models: list[Any]
    begun: float


class Cleaning(History):
    """The part of a registry that lets tenants go."""

    def cleanup_tenant(
        self, code: Any, *, force: bool = False, grace: float = 0.0, reason: str | None = None
    ) -> CleanupResult:
        """Remove everything of a tenant; cost follows the tenant's own models alone.

        Never raises for what a caller can send: the result's ``error`` says what was wrong, also
        where stored definitions can be neither read nor deleted; then nothing was done.  Blocks
        ``with tenant(code)`` that are open, and handles that were given out, belong to the life
        that ends here: they cannot register anything if the tenant returns.  The running task goes
        on in the new life.

        Handlers of ``tenant_cleaning`` may veto it by returning False, also where *force* is used;
        async ones are only told, see `cleanup_tenant_async`.

        Args:
            code: The tenant's code.
            force: Go ahead although operations or leases are at work; they fail.
            grace: Seconds to wait for a tenant in use; not in a running event loop, which would
                stand still and with it the work that is waited for.
            reason: Kept in the result.
        """
        request = Request(code, force, reason, time.perf_counter())
        found = self._found(request)
        if isinstance(found, CleanupResult):
            return found
        if grace and not force and not _in_loop():
            wait_until_free(found.owner, grace)
        refused = self._refused(found, request)
        if refused is None and self._news.listeners:
            against = self._emitter.ask("tenant_cleaning", request.cleaning())
            refused = None if against is None else request.vetoed(against)
        if refused is not None:
            return self._locked(self._audited, refused)
        return self._locked(self._clean, found, request)

    def _found(self, request: Request) -> TenantRegistry | CleanupResult:
        """Return the tenant, or the result where there is nothing to clean up."""
        try:
            code = check_tenant_code(request.code)
        except InvalidTenantError:
            return request.result(NOT_ALLOWED)
        try:
            found = self._tenants.get(code) or self._locked(self._wake, code, silently=True)
        except (StoreError, DefinitionError) as error:  # what is stored of it cannot be read
            return self._locked(self._audited, request.result(error.message))
        if found is None:
            end_life(code, self)  # who has entered it has not registered anything, and shall not
            return request.result()
        return found

    def _refused(self, tenant: TenantRegistry, request: Request) -> CleanupResult | None:
        """Return the result where a tenant at work is to be left alone."""
        in_use = tenant.owner.in_use and not request.force
        return request.result(IN_USE) if in_use else None

    def _clean(self, tenant: TenantRegistry, request: Request) -> CleanupResult:
        """Remove a tenant unless it is in use or somebody was faster."""
        departure = self._depart(tenant, request)
        if isinstance(departure, CleanupResult):
            return departure
        models = departure.models
        self._placement.dispose(models, len(models), tenant.code)
        return self._departed(departure)

    def _depart(self, tenant: TenantRegistry, request: Request) -> Departure | CleanupResult:
        """Take a tenant out of every look-up path in one step; done under the lock."""
        code = tenant.code
        found = self._wake(code, silently=True)  # it may have gone cold meanwhile
        if found is None or found.models is not tenant.models:
            return request.result()
        refused = self._refused(tenant, request)
        if refused is not None:
            return self._audited(refused)
        space, owner = tenant.models, tenant.owner
        names = tuple(space)
        structures = 0 if space._anonymous is None else len(space._anonymous.index)
        released = owner.bytes
        if self._vault is not None:
            try:
                self._vault.delete(code)
            except StoreError as error:
                return self._audited(request.result(error.message))
        del self._tenants[code]
        owner.closed = True
        self._shares.tenant_gone(code)
        end_life(code, self)
        models = self._placement.detach(space)
        result = CleanupResult(
            code,
            models_removed=len(names),
            mappings_removed=len(names) + structures,
            cleaned_models=names,
            bytes_released=released,
            reason=request.reason,
        )
        return Departure(result, models, request.begun)

    def _departed(self, departure: Departure) -> CleanupResult:
        """Return the result of a clean-up that is done, audited and told; under the lock."""
        duration = (time.perf_counter() - departure.begun) * 1_000
        result = self._audited(replace(departure.result, duration=duration))
        if self._news.listeners:
            record = RegistryEvent("tenant_cleaned", tenant=result.tenant, result=result)
            self._news.add(record)
        return result

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
        """Empty all owners, figures and the history, for tests and reloads; nobody can veto it.

        Namespaces stay usable: that of a tenant that somebody holds is the tenant's again when it
        comes back.
        """
        self._locked(self._clear)

    def _clear(self) -> None:
        self._shares.clear()
        vault, self._vault = self._vault, None  # what is stored stays
        self._rouse_all()
        for code, tenant in list(self._tenants.items()):
            self._clean(tenant, Request(code, True, "clear", time.perf_counter()))
            self._parked[code] = tenant.models
        self._vault = vault
        for namespace in (self.global_models, *self._owners.namespaces()):
            self._placement.empty(namespace, DISPOSED)
            self.builder.forwards.forget(namespace._owner)
        self._counts.reset()
        self._history.clear()

    def audit(self, code: str) -> list[Remnant]:
        """Return what is still referenced of the models a tenant had, and by what.

        Models, instances, classes and what connectors keep; empty when all is gone.  It looks at
        every object of the process: not for hot paths.
        """
        sources = [space._owner.owner for space in self._owners.namespaces()]
        return self._placement.departed.remnants(code, self.shapes.in_use(), sources)


def _in_loop() -> bool:
    """Tell whether an event loop is running in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
