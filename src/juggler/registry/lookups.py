"""Looking models up: by name, by structure, by owner.  Reads only; nothing is ever created."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from juggler.registry.builder import ModelBuilder
from juggler.registry.core import Core
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.owners import TENANT, Owner
from juggler.registry.placing import standing
from juggler.registry.records import ModelRecord
from juggler.registry.scope import Scope
from juggler.registry.tenant import TenantRegistry


class Lookups(Core):
    """The reading half of a registry."""

    # by name --------------------------------------------------------------------------------

    def find_model_by_name(self, name: str) -> Any:
        """Return the current tenant's model *name*, else the global one, else None."""
        return self.look_up(name, None)

    def look_up(self, name: str, namespace: ModelRegistryProxy | None) -> Any:
        """Return the model *name*: the current tenant's, *namespace*'s, else the global one."""
        code = self.current_tenant()
        own = None if code is None else self._tenants.get(code)
        if own is not None:
            found = own.models.get(name)
            if found is not None:
                own.owner.touch()
                return found
        found = None if namespace is None else namespace.get(name)
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
        home: Owner | None = None if namespace is None else namespace._owner
        spaces = (self.global_models,) if namespace is None else (namespace, self.global_models)
        shape = (builder or self.builder).reader.structure(properties, Scope(spaces, home))
        anonymous = None if namespace is None else namespace._anonymous
        return None if anonymous is None else anonymous.index.get(shape.fingerprint)

    def find_equivalent_anonymous_model(self, builder: ModelBuilder | None, model: Any) -> Any:
        """Return another anonymous model of the same owner with the structure of *model*."""
        if model is None or not model.settings.get("anonymous"):
            return None
        namespace = standing(model)
        if namespace is None or namespace._anonymous is None:
            return None
        found = namespace._anonymous.index.get(model.shape.fingerprint)
        return None if found is model else found

    # by owner -------------------------------------------------------------------------------

    def get_models_for_owner(self, owner: Any) -> list[Any]:
        """Return the models of *owner* in order of definition: a fresh list, empty if unknown."""
        namespace = self._space(owner)
        return [] if namespace is None else list(namespace.values())

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
        return [] if namespace is None else list(namespace.values())

    def get_model_names_for_owner_with_type(self, owner: Any, kind: str) -> list[str]:
        """Return the model names of *owner* if it is of *kind*, else an empty list."""
        namespace = self._space_of_kind(owner, kind)
        return [] if namespace is None else list(namespace)

    def has_model_for_owner_with_type(self, owner: Any, name: str, kind: str) -> bool:
        """Tell whether *owner* is of *kind* and has a model *name*."""
        namespace = self._space_of_kind(owner, kind)
        return namespace is not None and name in namespace

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
            return None if found is None else found.models
        namespace = self._space(owner)
        return namespace if namespace is not None and namespace._owner.kind == kind else None

    # all ------------------------------------------------------------------------------------

    def get_all_models(self) -> list[ModelRecord]:
        """Return a record for each registered model of each owner, global ones included."""
        return [
            ModelRecord(
                model=model,
                name=name,
                owner=space._owner.owner,
                owner_kind=space._owner.kind,
                tenant=space._owner.tenant,
                registered_at=model._since,
            )
            for space in self.spaces()
            for name, model in dict(space).items()  # a copy: others may define meanwhile
        ]

    def spaces(self) -> Iterator[ModelRegistryProxy]:
        """Iterate over all namespaces: global, data sources' and apps', tenants'."""
        yield self.global_models
        yield from self._owners.namespaces()
        for each in list(self._tenants.values()):
            yield each.models
