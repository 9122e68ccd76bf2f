"""Declaring models without building them, and evicting tenants."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from typing import Any

from juggler.context import check_tenant_code
from juggler.errors import DefinitionError
from juggler.registry.cleaning.lives import check_life
from juggler.registry.cold.bundle import Bundle
from juggler.registry.cold.entries import entry_of
from juggler.registry.cold.reading import BundleReader
from juggler.registry.cold.space import TenantModels
from juggler.registry.defining import Defining
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.placing import check_unused
from juggler.registry.records import RegistryEvent
from juggler.registry.scope import Scope

Definitions = Bundle | Mapping[str, Any]


class Declaring(Defining):
    """The part of a registry that keeps definitions in the place of models."""

    def bundle(self, definitions: Definitions) -> Bundle:
        """Return a bundle of definitions, to be declared for any number of tenants.

        Names of models in it mean global models, and as bases those of the bundle itself; they mean
        no model that is still to be defined.  It is compiled for the store that the router gives at
        this moment.

        Args:
            definitions: Name -> properties, a `ParsedDefinition`, or a pair of properties and
                settings.

        Raises:
            DefinitionError: Something in it is not understood; the message names it.
        """
        return self._bundle(definitions, None)

    def _bundle(self, definitions: Definitions, space: ModelRegistryProxy | None) -> Bundle:
        if isinstance(definitions, Bundle):
            if definitions.table is not self._room.bundles:
                raise DefinitionError("The bundle belongs to another registry; make one of this.")
            return definitions
        if not isinstance(definitions, Mapping):
            raise DefinitionError(
                "A bundle is made of a mapping of names to definitions, not "
                f"{type(definitions).__name__}.",
                value=definitions,
            )
        traits = self._traits(None)
        entries = BundleReader(self.builder, definitions, space, traits).entries()
        return self._locked(self._room.bundles.intern, entries)

    def declare(self, code: str, definitions: Definitions) -> Bundle:
        """Give a tenant models that are built when they are read, and return their bundle.

        The tenant need not be there, and is not made: until something of it is read, all that is
        kept is its code, a small record, and the bundle, which tenants share.  A name that the
        tenant has already is replaced as by `define`; one that is declared as it is stays.  A name
        that other models of the tenant refer to already is built at once, and is what they mean.

        Args:
            code: The tenant's code.
            definitions: A bundle, or what `bundle` makes one of; then names of models in it mean
                those of the tenant as well, which wakes if it is cold.

        Raises:
            InvalidTenantError: *code* cannot be a tenant's code.
            DefinitionError: Something is not understood, refers to another tenant's model, or
                would replace what other models embed; nothing was changed.
            ModelDisposedError: The running task entered the tenant before it was cleaned up.
        """
        check_tenant_code(code)
        check_life(code, self)
        space = None
        if not isinstance(definitions, Bundle):
            known = self._tenant(code)
            space = None if known is None else known.models
        bundle = self._bundle(definitions, space)
        self._locked(self._declare, code, bundle)
        return bundle

    def _declare(self, code: str, bundle: Bundle) -> None:
        """Declare *bundle* for a tenant, resident, cold or unknown; under the lock."""
        known = self._load(code)
        if self._has_objects(code) or (known and not self._room.is_free_of(code, bundle)):
            space: Any = self._new_tenant(code).models
            self._declare_into(space, bundle)
            return
        for model in bundle.models:
            Scope((), None).check(model)
        whole = self._room.extended(code, bundle) if known else bundle
        self.admit_at_rest(code, len(whole))
        self._keep(code, whole)
        if known:
            self._room.extend(code, whole)
        else:
            self._room.declare(code, whole, self.clock(), time.time())
            if self._news.listeners:
                self._news.add(RegistryEvent("tenant_created", tenant=code))
        if self._news.listeners:
            self._tell_declared(code, bundle)

    def _has_objects(self, code: str) -> bool:
        """Tell whether anybody, the registry or a user, has a handle or a model of a tenant."""
        return code in self._tenants or code in self._parked or code in self._room.owners

    def _tell_declared(self, code: str, bundle: Bundle) -> None:
        """Tell listeners of what a cold tenant has got."""
        for name in bundle:
            self._news.add(
                RegistryEvent("model_registered", tenant=code, model=name, owner_kind="tenant")
            )

    def _declare_into(self, space: TenantModels, bundle: Bundle) -> None:
        """Declare *bundle* for a resident tenant: all of it, or nothing."""
        owner = space._owner
        for model in bundle.models:
            Scope((), owner).check(model)
        new = {}
        for name, entry in bundle.entries.items():
            current = space._built(name)
            now = space._entry(name) if current is None else entry_of(current, space, self.builder)
            if entry is None or entry.is_like(now):
                continue
            if current is not None:
                check_unused(current)
            new[name] = entry
        self.admit_names(space, sum(name not in space for name in new))
        if new:
            self._keep(owner.tenant or "", self._room.with_new(space, new, self._can_keep()))
        owner.since = owner.since or time.time()
        for name, entry in new.items():
            self._placement.declare(space, name, entry)
        self._fill_in(space, new)

    def _fill_in(self, space: TenantModels, names: Collection[str]) -> None:
        """Build those of *names* that other models refer to already."""
        forwards = self.builder.forwards
        for name in forwards.names(space._owner) if forwards.waiting else ():
            if name in names:
                self._room.build(space, name)

    # to rest ----------------------------------------------------------------------------------

    def evict(self, code: str) -> bool:
        """Take a resident tenant back to cold: its definitions stay, its models are not held.

        Nothing is disposed.  Handles and namespaces that somebody has go on showing the tenant, and
        reading a model wakes it.  A model that somebody holds comes back as the same object; the
        others are built again.  Those that their definition does not tell all about stay in memory
        and come back too: declared classes, models with observers, rules or last calls of their
        own, and anonymous ones that somebody defined.

        Returns:
            Whether the tenant is cold now that was resident before; False while it is in use.

        Raises:
            StoreError: The definitions changed and could not be written; the tenant stays resident.
            DuplicateEntryError: Somebody else wrote definitions of the tenant meanwhile.
        """
        return self._locked(self._evict, code)

    def _evict(self, code: Any) -> bool:
        found = self._tenants.get(code) if isinstance(code, str) else None
        if found is None or found.owner.in_use:
            return False
        space: Any = found.models
        bundle, held = self._room.definitions(space, self._can_keep())
        self._keep(code, bundle)
        self._room.rest(space, bundle, held)
        del self._tenants[code]
        if self._news.listeners:
            self._news.add(RegistryEvent("tenant_evicted", tenant=code))
        return True

    # the store --------------------------------------------------------------------------------

    def _can_keep(self) -> Any:
        """Return what tells whether a definition can be written; None where nothing is."""
        return None if self._vault is None else self._vault.can_keep

    def _keep(self, code: str, bundle: Bundle) -> None:
        """Write the definitions of a tenant down, if there is a store and they are new."""
        if self._vault is not None:
            self._vault.keep(code, bundle)
