"""The part of a registry that shares models between tenants."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from types import MappingProxyType
from typing import Any, ClassVar

from juggler.context import check_tenant_code, is_former
from juggler.errors import (
    DefinitionError,
    NotFoundError,
    PermissionDeniedError,
    TenantContextError,
)
from juggler.registry.anonymous import is_anonymous
from juggler.registry.cleaning.lives import check_life
from juggler.registry.core import Core
from juggler.registry.records import RegistryEvent
from juggler.registry.sharing.grant import (
    Access,
    Grant,
    Until,
    checked_access,
    checked_end,
    checked_fields,
    checked_grantees,
)
from juggler.registry.sharing.narrowing import blueprint_of, is_defined
from juggler.registry.sharing.share import Share
from juggler.registry.sharing.views import RuntimeView

log = logging.getLogger("juggler.registry")


class Sharing(Core):
    """Grants from one tenant to others, and look-ups of what was granted."""

    view_type: ClassVar[Any] = RuntimeView

    def share(
        self,
        model_name: str,
        owner_tenant: str,
        with_: Iterable[str] | str,
        *,
        access: Access = "read",
        fields: Collection[str] | None = None,
        until: Until = None,
    ) -> Grant:
        """Let other tenants use a tenant's own model, and return the grant.

        Each grantee finds the model by name, after its own and before global ones, as a view: a
        model that belongs to it, is listed in no namespace, and works on the owner's rows through
        the owner's data source while the grantee is the current tenant.  The default scope, rules
        and observers of the owner's model hold and run on behalf of the owner.

        A model that gets another structure stays shared, with it; it must have all of *fields*.
        The grant ends when it is revoked, at *until*, when the model is deleted, replaced or moved,
        and when the owner is cleaned up; for a grantee also when that is.  It then ends at once,
        also for instances that were handed out and operations at work.

        Args:
            model_name: Name of a model of the owner.
            owner_tenant: Whose it is.
            with_: Codes of the grantees, or ``"*"`` for all other tenants, those to come included.
            access: ``read`` or ``write``.
            fields: The only properties that are shared: others cannot be read, asked for, ordered
                by or written.  With ``write`` these properties of stored records may be changed,
                and no record be created, replaced or deleted.
            until: When it ends: seconds from now, or a point in time with its zone.

        Raises:
            NotFoundError: The tenant has no such model.
            PermissionDeniedError: It is shared with the tenant itself; only its owner shares it.
            DefinitionError: Grantees or fields cannot be used, or one has the model already.
            InvalidTenantError: A code can be no tenant's.
            TenantContextError: Another tenant than the owner is current.
            ModelDisposedError: The running task entered the owner before it was cleaned up.
        """
        self._check_owner(check_tenant_code(owner_tenant))
        check_life(owner_tenant, self, model_name)
        codes = checked_grantees(owner_tenant, with_)
        model = self._own_model(model_name, owner_tenant)
        names = checked_fields(model.shape, fields, model_name)
        left = checked_end(until)
        grant = Grant(model_name, owner_tenant, codes, checked_access(access), names, until)
        blueprint = blueprint_of(self, model, names)
        if not is_defined(blueprint.definition.shape):
            raise DefinitionError(
                f"{model_name} embeds a model that is not defined yet; define it before you share.",
                model=model_name,
                tenant=owner_tenant,
            )
        deadline = None if left is None else self.clock() + left
        return self._locked(self._share, Share(grant, model, blueprint, self, deadline), model)

    def revoke(self, grant: Grant) -> bool:
        """End *grant* at once; tell whether it still held.

        Raises:
            TenantContextError: Another tenant than the owner is current.
        """
        self._check_owner(grant.owner_tenant)
        return self._locked(self._revoke, grant)

    def grants(self, tenant: str | None = None) -> list[Grant]:
        """Return the grants that hold, in the order they were given.

        Args:
            tenant: Only those that this tenant gave or was given; while a tenant is current, that
                one unless given.

        Raises:
            TenantContextError: Another tenant than *tenant* is current.
        """
        code = self.current_tenant()
        if code is not None:
            tenant = code if tenant is None else tenant
            self._check_owner(tenant)
        self._locked(self._shares.sweep)
        return [
            share.grant
            for share in self._shares
            if tenant is None or share.owner == tenant or share.covers(tenant)
        ]

    def shared_with(self, code: str | None, name: str) -> Any:
        """Return the view that the tenant *code* has of a model shared as *name*, or None."""
        if code is None:
            return None
        share = self._shares.find(code, name)
        if share is None or is_former(code, self):
            return None
        found = share.views.get(code)
        return self._locked(self._view, share, code) if found is None else found

    # inside -------------------------------------------------------------------------------------

    def _check_owner(self, owner: str) -> None:
        """Refuse what a tenant asks for another.

        Raises:
            TenantContextError: Another tenant than *owner* is current.
        """
        code = self.current_tenant()
        if code is not None and code != owner:
            raise TenantContextError(
                f"The grants of {owner} are the business of that tenant; leave the tenant {code} "
                "first.",
                tenant=code,
            )

    def _own_model(self, name: str, owner: str) -> Any:
        """Return the model *name* of the tenant *owner*, which is to be shared."""
        tenant = self._tenant(owner)
        model = None if tenant is None else tenant.models.get(name)
        if model is None:
            if self._shares and self._shares.find(owner, name) is not None:
                raise PermissionDeniedError(
                    f"{name} is shared with {owner}; only the tenant it belongs to shares it.",
                    model=name,
                    tenant=owner,
                )
            raise NotFoundError(
                f"The tenant {owner} has no model {name!r} of its own to share; define or extend "
                "it for the tenant first.",
                model=name,
                tenant=owner,
            )
        if is_anonymous(model):
            raise DefinitionError(f"{name} is a part of other models; share those.", model=name)
        return model

    def _share(self, share: Share, model: Any) -> Grant:
        """Take in a new share; done under the lock."""
        grant = share.grant
        model.check_alive("share")
        if model._owner is None or model._owner.tenant != grant.owner_tenant:
            raise DefinitionError(f"{grant.model_name} has just moved.", model=grant.model_name)
        if self._shares.same(grant.owner_tenant, grant.model_name, grant.with_) is not None:
            raise DefinitionError(
                f"{grant.model_name} of {grant.owner_tenant} is shared there already; revoke that "
                "grant before you give another.",
                model=grant.model_name,
                tenant=grant.owner_tenant,
            )
        self._shares.add(share)
        self._placement.left = self._shares.model_gone
        self._placement.left_unbuilt = self._shares.name_gone
        self._placement.moved = self._shares.model_moved
        self._audit("model_shared", share)
        return grant

    def _revoke(self, grant: Grant) -> bool:
        share = self._shares.of(grant)
        if share is None:
            return False
        held = share.holds()
        self._shares.end(share, "revoked" if held else "it is over")
        return held

    def _view(self, share: Share, code: str) -> Any:
        """Return the view of *share* for the tenant *code*, made at the first call."""
        view = share.views.get(code)
        if view is not None or not share.holds():
            return view
        view = share.views[code] = self.view_type(share, self, code)
        tenant = self._tenants.get(code)
        if tenant is not None:
            self._shares.hold(tenant, share, view)
        return view

    def _share_ended(self, share: Share) -> None:
        """Tell that *share* has ended; under the lock."""
        if not self._shares:
            self._placement.left = self._placement.left_unbuilt = None
            self._placement.moved = None
        self._audit("share_revoked", share)

    def _audit(self, event: str, share: Share) -> None:
        """Write down what became of *share*, and tell whoever listens."""
        grant = share.grant
        details = {
            "with": grant.with_,
            "access": grant.access,
            "fields": grant.fields,
            "until": grant.until,
            "reason": share.ended or None,
        }
        log.info(
            "%s: %s of the tenant %s",
            event,
            grant.model_name,
            grant.owner_tenant,
            extra={"event": event, "tenant": grant.owner_tenant, "grant": details},
        )
        if self._news.listeners:
            self._news.add(
                RegistryEvent(
                    event,
                    tenant=grant.owner_tenant,
                    model=grant.model_name,
                    owner_kind="tenant",
                    details=MappingProxyType(details),
                )
            )
