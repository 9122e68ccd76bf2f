"""Which model a path stands for, as each tenant sees it."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Iterator, Mapping
from typing import Any, Final

from juggler.definition.fingerprint import canonical, fingerprint_of
from juggler.errors import DefinitionError
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.owners import APP, GLOBAL
from juggler.registry.records import RegistryEvent
from juggler.registry.registry import ModelRegistry

log = logging.getLogger("juggler.app")

HIDDEN: Final = ""
"""Path of a model that is not shown."""


class Index:
    """The paths of one namespace, made when they are first asked for; holds names, no models."""

    __slots__ = ("digest", "names")

    def __init__(self, space: ModelRegistryProxy, paths: Mapping[str, str]) -> None:
        self.names: dict[str, str] = {}
        self.digest: tuple[int, str] | None = None
        for model in space._named():
            path = paths.get(model.model_name, path_of(model))
            if path and self.names.setdefault(path, model.model_name) != model.model_name:
                log.warning(
                    "%s is not served: its path %s is that of %s; give it another `plural`.",
                    model.model_name,
                    path,
                    self.names[path],
                )


class Exposure:
    """Finds models by path: the tenant's own, then the app's, then global ones.

    A look-up costs the same however many tenants and models there are.  Belongs to one app; what
    it knows of a namespace is dropped when the registry tells that something there changed.

    Args:
        registry: Whose models are looked up.
        space: The app's namespace.
    """

    def __init__(self, registry: ModelRegistry, space: ModelRegistryProxy) -> None:
        self._registry = registry
        self._space = space
        self._paths: dict[str, str] = {}
        self._own: dict[str, Index] = {}
        self._shared: tuple[Index, Index] | None = None
        self._epoch = 0
        self._changes = 0
        self._follow()

    def expose(self, model: Any, *, public: bool, plural: str | None) -> None:
        """Say where a model that is about to join the app is shown.

        Raises:
            DefinitionError: Another model of the app has the path, or it has a slash in it.
        """
        path = (plural or path_of(model)) if public else HIDDEN
        self.check(model.model_name, path, None)
        self._paths[model.model_name] = path
        self._shared = None

    def check(self, name: str, path: str, tenant: str | None) -> None:
        """Raise if a model *name* cannot be served at *path* in a tenant's or the app's namespace.

        Raises:
            DefinitionError: It cannot; the message says why.
        """
        if "/" in path:
            raise DefinitionError(f"{name}: the path {path!r} has more than one part.", model=name)
        index = self._app() if tenant is None else self._of_tenant(tenant)
        taken = None if index is None else index.names.get(path)
        if taken not in {None, name}:
            raise DefinitionError(
                f"{name}: the path {path!r} is that of {taken}; give it another `plural`.",
                model=name,
            )

    def find(self, path: str, tenant: str | None) -> Any:
        """Return the model that *tenant* (None for no tenant) sees at *path*, or None."""
        for index in self._indices(tenant):
            name = index.names.get(path)
            if name is not None:
                return self._visible(name, tenant)
        return None

    def view(self, tenant: str | None) -> dict[str, Any]:
        """Return all that *tenant* sees: path -> model."""
        found: dict[str, Any] = {}
        for index in self._indices(tenant):
            for path, name in index.names.items():
                model = None if path in found else self._visible(name, tenant)
                if model is not None:
                    found[path] = model
        return found

    def digest(self, tenant: str | None) -> str:
        """Return a fingerprint of the view of *tenant*: equal for tenants that see the same."""
        index = next(self._indices(tenant))
        if index.digest is None or index.digest[0] != self._epoch:
            view = self.view(tenant)
            parts = [
                [path, model.model_name, model.shape.fingerprint, canonical(model.settings)]
                for path, model in sorted(view.items())
            ]
            index.digest = (self._epoch, fingerprint_of(parts))
        return index.digest[1]

    def changed(self, event: RegistryEvent) -> None:
        """Forget what an event of the registry makes outdated."""
        self._changes += 1
        if event.tenant is not None:
            self._own.pop(event.tenant, None)
        if event.owner_kind in {APP, GLOBAL} or event.event == "model_moved":
            self._shared = None
            self._epoch += 1

    # inside ---------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Listen to the registry, as long as somebody else holds this object."""
        me = weakref.ref(self)

        def heard(event: RegistryEvent) -> None:
            exposure = me()
            if exposure is not None:
                exposure.changed(event)

        weakref.finalize(self, self._registry.on("*", heard)).atexit = False

    def _indices(self, tenant: str | None) -> Iterator[Index]:
        own = None if tenant is None else self._of_tenant(tenant)
        if own is not None:
            yield own
        yield self._app()
        yield self._global()

    def _of_tenant(self, tenant: str) -> Index | None:
        """Return the index of a tenant's own models; None for a tenant that has none."""
        found = self._own.get(tenant)
        if found is None:
            known = self._registry.tenant(tenant, create=False)
            if known is None or not known.models:
                return None
            before = self._changes
            found = Index(known.models, {})
            if before == self._changes:  # else another thread changed something meanwhile
                self._own[tenant] = found
        return found

    def _app(self) -> Index:
        return self._both()[0]

    def _global(self) -> Index:
        return self._both()[1]

    def _both(self) -> tuple[Index, Index]:
        found, before = self._shared, self._changes
        if found is None:
            found = Index(self._space, self._paths), Index(self._registry.global_models, {})
            if before == self._changes:  # as above
                self._shared = found
        return found

    def _visible(self, name: str, tenant: str | None) -> Any:
        """Return the model *name* that *tenant* sees, unless it is the app's and not shown."""
        known = None if tenant is None else self._registry.tenant(tenant, create=False)
        own = None if known is None else known.models.get(name)
        if own is not None:
            return own
        shared = self._space.get(name)
        if shared is None:
            return self._registry.global_models.get(name)
        return None if self._paths.get(name) == HIDDEN else shared


def path_of(model: Any) -> str:
    """Return where REST shows a model that nobody said anything else about."""
    path: str = model.http["path"]
    return path.strip("/")
