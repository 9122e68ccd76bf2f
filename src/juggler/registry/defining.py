"""Defining models: for the current tenant, for a given one, or for all."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from juggler.context import is_former
from juggler.errors import DefinitionError, TenantRequiredError
from juggler.registry.builder import ModelBuilder
from juggler.registry.cleaning.lives import check_life
from juggler.registry.inherit import unknown_base
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.parsed import PLAIN, ParsedDefinition, Traits
from juggler.registry.placing import is_model
from juggler.registry.reading import Given
from juggler.registry.registering import Registering
from juggler.registry.scope import Scope

_NO_MODELS: Mapping[str, Any] = MappingProxyType({})


class Defining(Registering):
    """The part of a registry that makes models."""

    def define(
        self,
        name: str,
        properties: Mapping[str, Any] | ParsedDefinition | None = None,
        settings: Mapping[str, Any] | None = None,
        *,
        tenant: str | None = None,
        base: Any = None,
        data_source: Any = None,
        **more: Any,
    ) -> Any:
        """Define a model of the current (or given) tenant; without any tenant a global one.

        Args:
            name: Name of the model.
            properties: Name -> type or definition; or a definition that `parse` returned.
            settings: Model settings, also as further keywords.
            tenant: Code of the owning tenant; the current one unless given.
            base: Model, or name of one, to extend.
            data_source: Where its rows are; routing decides unless given.
            more: Further settings.

        Raises:
            DefinitionError: The definition is not understood; nothing was changed.
        """
        if more:
            settings = merged(settings, more, name)
        return self.define_with(self.builder, name, properties, settings, base, tenant, data_source)

    def define_with(
        self,
        builder: ModelBuilder,
        name: str,
        properties: Any,
        settings: Any,
        base: Any,
        tenant: str | None,
        source: Any,
    ) -> Any:
        """Define a model of the current (or given) tenant; without any tenant a global one."""
        code = self.current_tenant() if tenant is None else tenant
        namespace: ModelRegistryProxy | None = self.global_models
        if code is not None:
            known = self._tenant(code)
            if is_former(code, self):  # asked last, for what was found is of this life then
                check_life(code, self, name)
            if known is not None and tenant is None:
                known.owner.last_accessed = self.clock()
            namespace = None if known is None else known.models
        traits = PLAIN if source is None and self.router is None else self._traits(source)
        blueprint, base = builder.blueprint(
            name, properties, settings, base, namespace, source, traits
        )
        if namespace is None and code is not None and self.limits.are_set:
            self._admit_newcomer(code, name, blueprint.definition.shape)
        return builder.build(name, blueprint, base, namespace, source, code)

    def parse(
        self,
        name: str,
        properties: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        *,
        base: Any = None,
        **more: Any,
    ) -> ParsedDefinition:
        """Read a definition once, to `define` it many times in no time.

        Names in it mean what they mean to the current tenant.  One that refers to no tenant's
        models may be defined for any tenant.

        Raises:
            DefinitionError: The definition is not understood.
        """
        given = Given(properties, merged(settings, more, name) if more else settings, base)
        return self.builder.reader.read(name, given, self.current_scope())

    def extend(
        self,
        model: Any,
        properties: Mapping[str, Any] | None = None,
        settings: Mapping[str, Any] | None = None,
        *,
        data_source: Any = None,
    ) -> Any:
        """Define the current tenant's own variant of a model that is not the tenant's.

        It has the properties of *model* and *properties* on top, and *model* as its base, which
        stays as it is.  Extending again begins anew; a model that only the tenant itself has is
        replaced by one with more properties.

        Args:
            model: The model, or the name of a global one or of one of *data_source*.
            properties: Name -> type or definition; None takes a property away.
            settings: Model settings.
            data_source: Where its rows are; routing decides unless given.

        Raises:
            TenantRequiredError: No tenant is current.
            DefinitionError: There is no such model, or the definition is not understood.
        """
        if self.current_tenant() is None:
            raise TenantRequiredError("extend makes a tenant's own model; enter a tenant first.")
        base = model
        if isinstance(model, str):
            spaces = (getattr(data_source, "models", None), self.global_models, self.known_space())
            found = (space.get(model) for space in spaces if space is not None)
            base = next((each for each in found if each is not None), None)
        if not is_model(base):
            raise unknown_base(str(model), model)
        return self.define(
            base.model_name, properties, settings, base=base, data_source=data_source
        )

    # for the builder --------------------------------------------------------------------------

    def scope(self, namespace: ModelRegistryProxy | None, source: Any = None) -> Scope:
        """Return what a definition for the owner of *namespace* may refer to."""
        own = None if source is None else getattr(source, "models", None)
        spaces = tuple(space for space in (namespace, own) if isinstance(space, ModelRegistryProxy))
        return Scope((*spaces, self.global_models), None if namespace is None else namespace._owner)

    def current_scope(self) -> Scope:
        """Return what a definition for the current tenant, else a global one, may refer to."""
        return self.scope(self.known_space())

    def visible_models(self) -> Mapping[str, Any]:
        """Return the current tenant's models, else the global ones; creates nothing."""
        found = self.known_space()
        if found is None:
            return _NO_MODELS
        if found is not self.global_models:
            found._owner.last_accessed = self.clock()
        return found

    def _traits(self, source: Any) -> Traits:
        """Return what the store behind *source*, else behind the router, wants of models."""
        giver = self.router if source is None else source
        found: Traits = PLAIN if giver is None else getattr(giver, "traits", PLAIN)
        return found


def merged(settings: Any, more: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return settings that were given as a mapping and as keywords."""
    if settings is None:
        return more
    if not isinstance(settings, Mapping):
        raise DefinitionError(
            f"{name}: settings are a mapping, not {type(settings).__name__}.", value=settings
        )
    return {**settings, **more}
