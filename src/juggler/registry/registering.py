"""Registering models for owners, moving them, and letting them go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from juggler.models.api import DETACHED, DISPOSED, ModelApi, is_model
from juggler.registry.cleaning.lives import check_life
from juggler.registry.limiting import Limiting
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.news import Item, tell
from juggler.registry.owners import APP, DATA_SOURCE, TENANT
from juggler.registry.placing import standing
from juggler.registry.tenant import TenantRegistry


class Registering(Limiting):
    """The part of a registry that puts models where they belong."""

    def register_model(self, model: Any, properties: Any = None, *, owner: Any = None) -> Any:
        """Register *model* for *owner*, else where it belongs, and return it.

        Without *owner*: the app or data source it has, else the current tenant, else global.
        A nameless model and None come back unregistered.

        Raises:
            TypeError: It is no model.
        """
        if model is None or (isinstance(model, ModelApi) and not is_model(model)):
            return model
        if not is_model(model):
            raise TypeError(f"{model!r} is no model and cannot be registered.")
        self.place(self._home(model, owner), model.model_name, model)
        return model

    def register_model_for_app(self, app: Any, model: Any, properties: Any = None) -> Any:
        """Move *model* into the namespace of *app* and return it; its data stays where it is.

        The registry holds the models of an app that is not ours (FastAPI, Starlette, a function)
        for as long as the app lives.  Nothing is written on it, so a model that refers to such an
        app, say by a hook, keeps it alive.

        Raises:
            TypeError: The app cannot be weakly referenced, or the model is none.
        """
        if app is None or model is None:
            return model
        if not is_model(model):
            raise TypeError(f"{model!r} is no model and cannot be registered.")
        self.place(self.namespace_of(app, APP), model.model_name, model)
        return model

    def place(self, namespace: ModelRegistryProxy, name: str, model: Any) -> None:
        """Register *model* under *name* in *namespace*; what it replaces is disposed."""
        if namespace._owner.tenant is not None:
            check_life(namespace._owner.tenant, self, name)
        if self.limits.max_bytes is not None:
            self._find_room_for(namespace, name, model)
        self._locked(self._place, namespace, name, model)
        self.builder.forwards.settle(model, namespace._owner)

    def _place(self, namespace: ModelRegistryProxy, name: str, model: Any) -> None:
        """Register *model*; its tenant, and the one that it leaves, wake first."""
        self._rouse(namespace._owner)
        self._rouse(getattr(model, "_owner", None))
        if is_model(model):
            self._admit(namespace, name, model)
        self._placement.place(namespace, name, model)

    def add(self, namespace: ModelRegistryProxy, name: str, model: Any) -> None:
        """Register a *model* that was just made and embeds nothing: `place`, but sooner done."""
        if self.limits.max_bytes is not None:
            self._find_room_for(namespace, name, model)
        items: Iterable[Item] = ()
        try:
            with self._lock:
                try:
                    self._add(namespace, name, model)
                finally:
                    items = self._news.take() if self._news.items else ()
        finally:
            tell(items)

    def _add(self, namespace: ModelRegistryProxy, name: str, model: Any) -> None:
        owner = namespace._owner
        is_plain = namespace._names is None and not dict.__contains__(namespace, name)
        if owner.closed or not is_plain:  # a cold tenant has names without models too
            self._place(namespace, name, model)
            return
        if owner.policy is not None or self.limits.max_models_per_tenant is not None:
            self._admit(namespace, name, model)
        self._placement.enter(namespace, model, None)

    def remove(self, model: Any) -> None:
        """Unregister and dispose *model*; harmless for one that is gone already.

        Raises:
            DefinitionError: It is the structure of a property of other models.
        """
        self._locked(self._remove, model)

    def _remove(self, model: Any) -> None:
        self._rouse(model._owner)
        self._placement.remove(model)

    def remove_all(self, namespace: ModelRegistryProxy) -> None:
        """Unregister and dispose all models of *namespace*."""
        self._locked(self._remove_all, namespace)

    def _remove_all(self, namespace: ModelRegistryProxy) -> None:
        self._rouse(namespace._owner)
        self._placement.empty(namespace, DISPOSED)

    def release_owner(self, owner: Any) -> None:
        """Let all models of a closed data source or app go; using them raises from now on."""
        namespace = self._owners.find(owner)
        if namespace is not None:
            self._locked(self._placement.empty, namespace, DETACHED)

    def embed(self, model: Any, namespace: ModelRegistryProxy | None) -> None:
        """Give *model* the models of its embedded structures."""
        self._locked(self._embed, model, namespace)

    def _check_unshared(self, model: Any) -> None:
        """Refuse to change an anonymous model that several properties share."""
        home = standing(model)
        if home is not None and home._anonymous is not None:
            home._anonymous.check_unshared(model)

    def _embed(self, model: Any, namespace: ModelRegistryProxy | None) -> None:
        if namespace is not None:
            self._rouse(namespace._owner)
        self._placement.embed(model, namespace)

    # owners ---------------------------------------------------------------------------------

    def adopt(self, owner: Any, kind: str) -> ModelRegistryProxy:
        """Return the namespace of an owner that will hold it itself (`DataSource`, `App`)."""
        with self._lock:
            self._counts.settle()
            return self._owners.adopt(owner, kind, holds=True)

    def namespace_of(self, owner: Any, kind: str) -> ModelRegistryProxy:
        """Return the namespace of *owner*, made if it has none yet."""
        if kind == TENANT:
            found: TenantRegistry = self.tenant(owner)
            return found.models
        with self._lock:
            self._counts.settle()
            return self._owners.adopt(owner, kind, holds=False)

    def owner_kind(self, owner: Any) -> str | None:
        """Return ``data_source``, ``app`` or ``tenant`` for a known owner, else None."""
        if isinstance(owner, TenantRegistry):
            return TENANT if owner.is_known_to(self._tenants) else None
        return self._owners.kind(owner)

    def _home(self, model: Any, owner: Any) -> ModelRegistryProxy:
        """Return the namespace that *model* belongs to: the given owner's, else its own."""
        if isinstance(owner, TenantRegistry):
            return owner.models
        if owner is not None:
            return self._owners.find(owner) or self.namespace_of(owner, APP)
        self._awaken(model._owner)
        space = standing(model)
        if space is not None:
            return space
        if model._source is not None:
            return self.namespace_of(model._source, DATA_SOURCE)
        code = self.current_tenant()
        if code is not None and self.limits.are_set and self._tenant(code) is None:
            check_life(code, self, model.model_name)
            self._admit_newcomer(code, model.model_name, model.shape)
        return self.current_space()
