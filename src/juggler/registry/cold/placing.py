"""Putting declared models into tenants' namespaces, and letting models stand there again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from juggler.definition.shape import Shape
from juggler.registry.anonymous import is_anonymous
from juggler.registry.cold.bundle import Entry
from juggler.registry.cold.space import TenantModels
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.placing import Placement
from juggler.registry.sizes import extra_bytes


class TenantPlacement(Placement):
    """Placement that knows names without models; callers hold the registry's lock."""

    def declare(self, namespace: TenantModels, name: str, entry: Entry) -> None:
        """Add a name whose model is built when it is read; what it replaces is disposed."""
        owner, current = namespace._owner, namespace._built(name)
        is_known = name in namespace
        if current is not None:
            self._forget_structure(namespace, current)
        self._supersede(namespace, name, None)
        namespace._declare(name, entry)
        self._counts.enter(owner, names=1, built=0)
        self._news.named("model_registered", owner, name)
        if is_known:
            self._news.named("model_replaced", owner, name)
        if current is not None:
            self._sweep(self._end(namespace, current))
        elif is_known:
            self._counts.end(owner, names=1, built=0)
            self.replaced_unbuilt(owner.tenant, name)

    def build(self, namespace: TenantModels, model: Any) -> None:
        """Let *model*, which was just made of what is declared, stand in its place."""
        model._since = namespace._owner.since
        if model.shape.nested:
            before, namespace._building = namespace._building, True
            self.embed(model, namespace)
            namespace._building = before
        self._stand(namespace, model, names=0)

    def beyond(self, models: Iterable[Any]) -> int:
        """Return the bytes that *models* take beyond those of as many plain ones."""
        return sum(map(extra_bytes, models))

    def resume(self, namespace: TenantModels, model: Any) -> None:
        """Let a model that outlived its tenant's eviction stand where it stood, with its parts."""
        if namespace._built(model._name) is not None:
            return
        for nested in model._nested.values():
            if is_anonymous(nested) and nested._owner is namespace._owner:
                self.resume(namespace, nested)
                self._serve(namespace, nested).use(nested)
        is_new = model._name not in namespace
        self._stand(namespace, model, names=int(is_new))
        if is_new:
            self._counts.rouse(namespace._owner)
            self._serve(namespace, model)

    def _stand(self, namespace: TenantModels, model: Any, names: int) -> None:
        """Add the entry of a model that was declared, or was there before."""
        owner = namespace._owner
        model._owner = owner
        if model._base is not None:
            self._bases.add(model._base)
        namespace._put(model._name, model)
        if isinstance(model, type) or not model._blueprint.definition.is_plain:
            owner.extra += extra_bytes(model)
        self._counts.enter(owner, names=names, built=1)
        if owner.survivors is not None:
            owner.survivors.pop(model._name, None)
        if not names and is_anonymous(model):
            self._serve(namespace, model).kept.add(model)

    def _roused(self, namespace: ModelRegistryProxy, shape: Shape) -> Any:
        survivors = namespace._owner.survivors
        if survivors and isinstance(namespace, TenantModels):
            for model in list(survivors.values()):
                if _can_serve(model, namespace, shape):
                    self.resume(namespace, model)
                    return model
        return None


def _can_serve(model: Any, namespace: TenantModels, shape: Shape) -> bool:
    """Tell whether an anonymous model that was kept by somebody can serve *shape* again."""
    return (
        is_anonymous(model)
        and model.shape.fingerprint == shape.fingerprint
        and model._owner is namespace._owner
        and model._name not in namespace
    )
