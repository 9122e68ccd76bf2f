"""Defining models: for the current tenant, for a given one, or for all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from juggler.context import is_former
from juggler.errors import DefinitionError, TenantRequiredError
from juggler.models.api import is_model
from juggler.models.blueprint import Blueprint
from juggler.registry.builder import ModelBuilder
from juggler.registry.cleaning.lives import check_life
from juggler.registry.cold.space import TenantModels
from juggler.registry.forward import HomelessError
from juggler.registry.inherit import unknown_base
from juggler.registry.limits import arrivals
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.owners import TENANT
from juggler.registry.parsed import PLAIN, ParsedDefinition, Traits
from juggler.registry.placing import standing
from juggler.registry.reading import Given
from juggler.registry.registering import Registering
from juggler.registry.scope import Scope
from juggler.undoing import OnFailure

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
            namespace = self._space_at_work(code, name, is_current=tenant is None)
        traits = PLAIN if source is None and self.router is None else self._traits(source)
        try:
            found = builder.blueprint(name, properties, settings, base, namespace, source, traits)
        except HomelessError:  # it refers to a model that only an owner can still define
            draft = TenantModels._make(self._new_owner(code or ""), self.global_models._registry)
            found = builder.blueprint(name, properties, settings, base, draft, source, traits)
            if self.limits.are_set:
                self._admit_newcomer(code or "", name, found[0].definition.shape)
            namespace = self.namespace_of(code, TENANT)  # nothing of the definition is wrong
            found = builder.blueprint(name, properties, settings, base, namespace, source, traits)
        if namespace is None and code is not None and self.limits.are_set:
            self._admit_newcomer(code, name, found[0].definition.shape)
        return builder.build(name, *found, namespace, source, code)

    def _space_at_work(
        self, code: str, name: str, *, is_current: bool
    ) -> ModelRegistryProxy | None:
        """Return the namespace of a tenant that gets the model *name*, None where it has none."""
        known = self._tenant(code)
        if is_former(code, self):  # asked last, for what was found is of this life then
            check_life(code, self, name)
        if known is None:
            return None
        if is_current:
            known.owner.last_accessed = self.clock()
        return known.models

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

    # what names in definitions mean ---------------------------------------------------------------

    def define_value_type(self, cls: type, aliases: Sequence[str] = ()) -> None:
        """Let properties of all models of this registry name *cls* as a type.

        `ModelBuilder.define_value_type` of a builder of its own does so for that one alone.

        Raises:
            DefinitionError: A name is no text or belongs to a built-in type, or *cls* is no class.
        """
        self.builder.define_value_type(cls, aliases)

    def define_default_fn(self, name: str, function: Callable[..., Any]) -> None:
        """Let ``default_fn`` of all models of this registry name *function*.

        It is called without arguments or, if it takes one, with the values given so far.

        Raises:
            DefinitionError: The name is built in or no text, or *function* cannot be called.
        """
        self.builder.define_default_fn(name, function)

    def move(self, model: Any, blueprint: Blueprint) -> None:
        """Move *model* to another structure; its connector is told.

        Raises:
            ModelDisposedError: The model is gone.
            QuotaExceededError: Its owner would have too many models.
        """
        former, info, source = model._blueprint, model.info, model._source
        self._locked(self._restand, model, blueprint)
        retell = getattr(source, "retell", None)
        if retell is None:
            return
        with OnFailure(lambda: self._locked(self._placement.restand, model, former)):
            retell(model, info)

    def _restand(self, model: Any, blueprint: Blueprint) -> None:
        """Move *model* to another structure, which may bring anonymous models along."""
        model.check_alive("define_property")
        self._rouse(model._owner)
        space = standing(model)
        if space is not None:
            count = arrivals(space, model.model_name, blueprint.definition.shape)
            self.admit_names(space, count, model.model_name)
        self._placement.restand(model, blueprint)

    # for the builder --------------------------------------------------------------------------

    def scope(
        self,
        namespace: ModelRegistryProxy | None,
        source: Any = None,
        module: str | None = None,
    ) -> Scope:
        """Return what a definition for the owner of *namespace*, or of a class, may refer to."""
        own = None if source is None else getattr(source, "models", None)
        spaces = tuple(space for space in (namespace, own) if isinstance(space, ModelRegistryProxy))
        home = None if namespace is None else namespace._owner
        return Scope((*spaces, self.global_models), home, self.builder.forwards, module)

    def current_scope(self) -> Scope:
        """Return what may be referred to, for the current tenant, by what has no owner."""
        space = self.known_space()
        spaces = () if space is None else (space,)
        return Scope((*spaces, self.global_models), None if space is None else space._owner)

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
    """Return settings given as a mapping and as keywords, of which ``parent`` is the base."""
    if "parent" in more:
        more = {("base" if key == "parent" else key): item for key, item in more.items()}
    if settings is None:
        return more
    if not isinstance(settings, Mapping):
        raise DefinitionError(
            f"{name}: settings are a mapping, not {type(settings).__name__}.", value=settings
        )
    return {**settings, **more}
