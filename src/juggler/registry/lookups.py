"""Looking models up: by name, by structure, by owner.  Reads only; nothing is ever created."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from juggler.context import is_former
from juggler.registry.builder import ModelBuilder
from juggler.registry.cold.listing import DeclaredRecord
from juggler.registry.cold.space import TenantModels
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.owners import TENANT, Owner
from juggler.registry.placing import standing
from juggler.registry.records import ModelRecord
from juggler.registry.scope import Scope
from juggler.registry.sharing.sharing import Sharing
from juggler.registry.tenant import TenantRegistry


class Lookups(Sharing):
    """The reading half of a registry."""

    # by name --------------------------------------------------------------------------------

    def find_model_by_name(self, name: str) -> Any:
        """Return the current tenant's model *name*, else the global one, else None."""
        return self.look_up(name, None)

    def look_up(self, name: str, namespace: ModelRegistryProxy | None) -> Any:
        """Return the model *name*: the tenant's own, *namespace*'s, a shared one, a global one."""
        code = self.current_tenant()
        own = None if code is None else self._tenants.get(code) or self._woken(code, name)
        if own is not None and not is_former(code, self):  # type: ignore[arg-type]  # own has one
            found = own.models.get(name)
            if found is not None:
                own.owner.touch()
                return found
        found = None if namespace is None else namespace.get(name)
        if found is None and self._shares.by_name:
            found = self.shared_with(code, name)
        return self.global_models.get(name) if found is None else found

    # by structure ---------------------------------------------------------------------------

    def find_model_by_structure(self, properties: Any, builder: ModelBuilder | None = None) -> Any:
        """Return the current tenant's anonymous model of a structure, else None.

        Without a tenant the global anonymous models are searched.  Named models are never an
        answer, however equal; strictness of embedded models must agree with the builder's.

        Raises:
            TypeError: *properties* is neither None nor a mapping.
            DefinitionError: They are not understood.
        """
        code = self.current_tenant()
        if code in self._cold and isinstance(properties, Mapping) and not self._may_nest(code):
            return None
        return self.find_by_structure(self.known_space(), properties, builder)

    def find_by_structure(
        self,
        namespace: ModelRegistryProxy | None,
        properties: Any,
        builder: ModelBuilder | None = None,
    ) -> Any:
        """Return the anonymous model of a structure in *namespace*, else None."""
        if properties is None:
            return None
        if namespace is not None:
            self._awaken(namespace._owner)
        home: Owner | None = None if namespace is None else namespace._owner
        spaces = (self.global_models,) if namespace is None else (namespace, self.global_models)
        shape = (builder or self.builder).reader.structure(properties, Scope(spaces, home))
        return None if namespace is None else _serving(namespace, shape.fingerprint)

    def find_equivalent_anonymous_model(self, builder: ModelBuilder | None, model: Any) -> Any:
        """Return another anonymous model of the same owner with the structure of *model*."""
        if model is None or not model.settings.get("anonymous"):
            return None
        self._awaken(model._owner)
        namespace = standing(model)
        if namespace is None:
            return None
        found = _serving(namespace, model.shape.fingerprint)
        return None if found is model else found

    # by owner -------------------------------------------------------------------------------

    def get_models_for_owner(self, owner: Any) -> list[Any]:
        """Return the models of *owner* in order of definition: a fresh list, empty if unknown."""
        namespace = self._space(owner)
        return [] if namespace is None else namespace._all()

    def get_model_names_for_owner(self, owner: Any) -> list[str]:
        """Return the names of the models of *owner*, empty if it is unknown."""
        namespace = self._space(owner)
        return [] if namespace is None else list(namespace)

    def has_model_for_owner(self, owner: Any, name: str) -> bool:
        """Tell whether *owner* has a model *name*."""
        namespace = self._space(owner)
        return namespace is not None and name in namespace

    def get_model_for_owner(self, owner: Any, name: str) -> Any:
        """Return the model *name* of *owner*, or None."""
        namespace = self._space(owner)
        return None if namespace is None else namespace.get(name)

    def get_models_for_owner_with_type(self, owner: Any, kind: str) -> list[Any]:
        """Return the models of *owner* if it is of *kind*, else an empty list."""
        namespace = self._space_of_kind(owner, kind)
        return [] if namespace is None else namespace._all()

    def get_model_names_for_owner_with_type(self, owner: Any, kind: str) -> list[str]:
        """Return the model names of *owner* if it is of *kind*, else an empty list."""
        names = self._names_at_rest(owner, kind)
        namespace = None if names is not None else self._space_of_kind(owner, kind)
        return list(names or namespace or ())

    def has_model_for_owner_with_type(self, owner: Any, name: str, kind: str) -> bool:
        """Tell whether *owner* is of *kind* and has a model *name*."""
        names = self._names_at_rest(owner, kind)
        namespace = None if names is not None else self._space_of_kind(owner, kind)
        return name in (names or namespace or ())

    def get_model_for_owner_with_type(self, owner: Any, name: str, kind: str) -> Any:
        """Return the model *name* of *owner* if it is of *kind*, else None."""
        namespace = self._space_of_kind(owner, kind)
        return None if namespace is None else namespace.get(name)

    def _space(self, owner: Any) -> ModelRegistryProxy | None:
        """Return the namespace of a known owner; text is none, whatever tenants there are."""
        if isinstance(owner, TenantRegistry):
            return owner.models if owner.is_known_to(self._tenants) else None
        return None if owner is None else self._owners.find(owner)

    def _space_of_kind(self, owner: Any, kind: str) -> ModelRegistryProxy | None:
        """Return the namespace of a known owner of *kind*; text is a tenant's code."""
        if kind == TENANT and isinstance(owner, str):
            found = self._tenants.get(owner)
            if found is None and self._seen(owner) is not None:
                found = self._tenant(owner)
            if is_former(owner, self):
                return None
            return None if found is None else found.models
        namespace = self._space(owner)
        return namespace if namespace is not None and namespace._owner.kind == kind else None

    # all ------------------------------------------------------------------------------------

    def get_all_models(self) -> list[ModelRecord]:
        """Return a record for each registered model of each owner, global ones included."""
        spaces, cold = self._locked(lambda: (list(self.spaces()), self._records_at_rest()))
        return [*(record for space in spaces for record in self._records(space)), *cold]

    def _records(self, space: ModelRegistryProxy) -> Iterator[ModelRecord]:
        """Iterate over the records of one namespace."""
        owner = space._owner
        for name in list(space):
            model = space._built(name)
            if model is None:
                if space._is_declared(name):  # else it went just now
                    yield DeclaredRecord(name, owner.tenant or "", owner.since, self._read)
            else:
                yield ModelRecord(
                    model=model,
                    name=name,
                    owner=owner.owner,
                    owner_kind=owner.kind,
                    tenant=owner.tenant,
                    registered_at=model._since,
                )

    def _records_at_rest(self, wanted: str | None = None) -> list[ModelRecord]:
        """Return records of all models of cold tenants, or of those of one name."""
        records = self._cold
        return [
            DeclaredRecord(name, code, records[code].since, self._read)
            for code, bundle in self._room.bundles_of.items()
            for name in (bundle if wanted is None else (wanted,))
            if name in bundle
        ]

    def _read(self, code: str, name: str) -> Any:
        """Return the model *name* of a tenant, or None."""
        found = self._tenant(code)
        return None if found is None else found.models.get(name)

    # at rest --------------------------------------------------------------------------------

    def _woken(self, code: str, name: str) -> TenantRegistry | None:
        """Return the tenant *code* if it is cold and may have the name; it is resident then."""
        seen = self._seen(code)
        needed = seen is not None and self._may_have(code, name)
        return self._tenant(code) if needed else None

    def _may_have(self, code: Any, name: str) -> bool:
        """Tell whether a cold tenant has the name; yes where that is not known here."""
        bundle = self._room.bundles_of.get(code)
        return bundle is None or name in bundle

    def _may_nest(self, code: Any) -> bool:
        """Tell whether a cold tenant may have anonymous models; yes where that is not known."""
        bundle = self._room.bundles_of.get(code)
        return bundle is None or any(
            entry is None or entry.inner for entry in bundle.entries.values()
        )

    def _names_at_rest(self, owner: Any, kind: str) -> Collection[str] | None:
        """Return the names of the tenant *owner* if it is cold, and they are known here."""
        if kind != TENANT or not isinstance(owner, str) or owner in self._tenants:
            return None
        bundle = self._room.bundles_of.get(owner)
        return None if bundle is None or is_former(owner, self) else bundle.entries.keys()

    def spaces(self) -> Iterator[ModelRegistryProxy]:
        """Iterate over all namespaces: global, data sources' and apps', resident tenants'."""
        yield self.global_models
        yield from self._owners.namespaces()
        for each in list(self._tenants.values()):
            yield each.models


def _serving(namespace: ModelRegistryProxy, fingerprint: str) -> Any:
    """Return the anonymous model that serves a structure in *namespace*, or None.

    Where it is embedded in models that are only declared, one of these is built.
    """
    anonymous = namespace._anonymous
    found = None if anonymous is None else anonymous.index.get(fingerprint)
    if found is None and isinstance(namespace, TenantModels):
        name = namespace._declared_with(fingerprint)
        if name is not None and namespace.get(name) is not None and namespace._anonymous:
            found = namespace._anonymous.index.get(fingerprint)
    return found
