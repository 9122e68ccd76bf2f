"""Putting models into namespaces, moving them, and letting them go."""

from __future__ import annotations

import logging
import time
import weakref
from collections.abc import Callable, Mapping
from typing import Any

from juggler.definition.shape import Shape
from juggler.errors import DefinitionError, ModelDisposedError
from juggler.models.api import ALIVE, DISPOSED, is_model
from juggler.models.blueprint import Blueprint
from juggler.models.runtime import NO_NESTED
from juggler.registry.anonymous import Anonymous, is_anonymous, still_fitting
from juggler.registry.cleaning.audit import Departed
from juggler.registry.counts import Counts
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.news import News
from juggler.registry.sizes import extra_bytes

log = logging.getLogger("juggler.registry")


def standing(model: Any) -> ModelRegistryProxy | None:
    """Return the namespace that *model* is registered in, None for none."""
    owner = model._owner
    space: ModelRegistryProxy | None = None if owner is None else owner.space()
    return space if space is not None and space._built(model._name) is model else None


class Placement:
    """Keeps namespaces, owner records and counts in step; callers hold the registry's lock.

    Args:
        counts: The registry's figures.
        news: Takes what listeners are to be told.
        new_anonymous: Makes the anonymous model of a shape, registered nowhere.
    """

    def __init__(
        self, counts: Counts, news: News, new_anonymous: Callable[[str, Shape], Any]
    ) -> None:
        self.departed = Departed()
        self.left: Callable[[Any], None] | None = None  # told of models that end or move
        self.left_unbuilt: Callable[[str | None, str], None] | None = None  # of declared ones
        self.moved: Callable[[Any], None] | None = None  # told of models of another structure
        self._bases: weakref.WeakSet[Any] = weakref.WeakSet()
        self._counts = counts
        self._news = news
        self._new_anonymous = new_anonymous

    # in ---------------------------------------------------------------------------------------

    def place(self, namespace: ModelRegistryProxy, name: str, model: Any) -> None:
        """Register *model* under *name*, moving it here; what it replaces is disposed.

        Raises:
            TypeError: It is no model.
            ValueError: It bears another name, or belongs to another registry.
            DefinitionError: It, or what it would replace, is embedded by other models.
            ModelDisposedError: It is gone, or its new owner is.
        """
        current = namespace._built(name)
        if current is model and model is not None:
            return
        former = _checked(namespace, name, model)
        if current is not None:
            check_unused(current)
            self._forget_structure(namespace, current)
        is_declared = current is None and name in namespace
        self._supersede(namespace, name, model)
        orphans = self._settle(namespace, model, former)
        if current is not None or is_declared:
            self._news.of("model_replaced", model)
        if current is not None:
            orphans += self._end(namespace, current)
        elif is_declared:
            self._counts.end(namespace._owner, names=1, built=0)
            self.replaced_unbuilt(namespace._owner.tenant, name)
        self._sweep(orphans)

    def _supersede(self, namespace: ModelRegistryProxy, name: str, coming: Any) -> None:
        """Let an anonymous model that outlived an eviction go: its name is given to another one."""
        owner = namespace._owner
        former = owner.survivors.pop(name, None) if owner.survivors else None
        if former is not None and former is not coming and former._owner is owner:
            self._dispose(former, DISPOSED)

    def replaced_unbuilt(self, tenant: str | None, name: str) -> None:
        """Let whoever cares know that a declared model of *tenant* is replaced or goes unbuilt."""
        if self.left_unbuilt is not None:
            self.left_unbuilt(tenant, name)

    def _settle(
        self, namespace: ModelRegistryProxy, model: Any, former: ModelRegistryProxy | None
    ) -> list[Any]:
        """Put *model* in, with what it embeds; return the anonymous ones that nobody needs now."""
        orphans: list[Any] = []
        before = model._nested
        if model.shape.nested:
            self.embed(model, namespace)
        if former is None:
            self.enter(namespace, model, None)
        else:
            orphans = self._leave(former, model, before)
            self.enter(namespace, model, former._owner)
        if is_anonymous(model):
            self._serve(namespace, model).kept.add(model)
        return orphans

    def embed(self, model: Any, namespace: ModelRegistryProxy | None, outermost: str = "") -> None:
        """Give *model* the models of its embedded structures, reusing equal ones of the owner.

        Without a namespace they are made for this model alone, until it is registered.

        Args:
            model: The model.
            namespace: That of its owner.
            outermost: Name of the model that all this is for, which is not registered yet.
        """
        nested = {}
        outermost = outermost or model._name
        for name, kind in model.shape.nested.items():
            found = kind.model
            if found is None:
                found = still_fitting(model._nested.get(name), kind.shape, namespace)
            if found is None:
                found = self._anonymous(kind.shape, namespace, outermost)
            among = _among(found)
            if among is not None:
                among.use(found)
            nested[name] = found
        model._nested = nested

    def _anonymous(self, shape: Shape, namespace: ModelRegistryProxy | None, outermost: str) -> Any:
        """Return the owner's anonymous model of *shape*, made if there is none."""
        if namespace is None:
            made = self._new_anonymous("AnonymousModel", shape)
        else:
            own = namespace._anonymous = namespace._anonymous or Anonymous()
            found = own.index.get(shape.fingerprint)
            if found is not None and found._behaviour is not None and found not in own.kept:
                own.index.pop(shape.fingerprint)  # with rules of its own it is one parent's alone
            elif found is not None:
                self._counts.reused += 1
                return found
            slept = self._roused(namespace, shape)
            if slept is not None:
                return slept
            taken = namespace._owner.survivors
            names = {*namespace, *taken} if taken else namespace
            made = self._new_anonymous(own.new_name(names, outermost), shape)
        if shape.nested:
            self.embed(made, namespace, outermost)
        if namespace is not None:
            self.enter(namespace, made, None)
            self._counts.rouse(namespace._owner)
            self._serve(namespace, made)
        return made

    def _roused(self, namespace: ModelRegistryProxy, shape: Shape) -> Any:
        """Return the anonymous model of *shape* that outlived an eviction, or None."""
        return None

    def restand(self, model: Any, blueprint: Blueprint) -> None:
        """Move *model* to another structure, with what it embeds."""
        before, space = model._nested, standing(model)
        if space is not None:
            space._owner.extra -= extra_bytes(model)
        model._stand_on(blueprint)
        if model.shape.nested:
            self.embed(model, space)
        else:
            model._nested = NO_NESTED
        if space is not None:
            space._owner.extra += extra_bytes(model)
        self._sweep(_unused(before))
        if self.moved is not None:
            self.moved(model)

    def enter(self, namespace: ModelRegistryProxy, model: Any, former: Any) -> None:
        """Add one entry and its counts; *former* is the owner it moved from, None for a new one."""
        counts, owner = self._counts, namespace._owner
        model._owner = owner
        if former is None:
            model._since = time.time()
        if model._base is not None:
            self._bases.add(model._base)
        if namespace._names is None:
            dict.__setitem__(namespace, model._name, model)  # from here on others see it
        else:
            namespace._put(model._name, model)
        if isinstance(model, type) or not model._blueprint.definition.is_plain:
            owner.extra += extra_bytes(model)
        if former is not None:
            counts.move(former, owner)
            self._news.of("model_moved", model)
            return
        owner.count += 1
        owner.built += 1
        counts.registered += 1
        counts.built += 1
        if owner.tenant is not None:
            counts.in_tenants += 1
        if self._news.listeners:
            self._news.of("model_registered", model)

    def _serve(self, namespace: ModelRegistryProxy, model: Any) -> Anonymous:
        """Let an anonymous model serve its structure; return those of its namespace."""
        own = namespace._anonymous = namespace._anonymous or Anonymous()
        own.enter(model)
        return own

    # out --------------------------------------------------------------------------------------

    def remove(self, model: Any) -> None:
        """Unregister and dispose *model*, as a user asked; harmless for one that is gone.

        Raises:
            DefinitionError: Other models embed it.
        """
        if model._status != ALIVE:
            return
        check_unused(model)
        if standing(model) is None:
            self._dispose(model, DISPOSED)
        self._sweep([model])

    def empty(self, namespace: ModelRegistryProxy, status: str) -> None:
        """Dispose all models of *namespace* at once."""
        owner = namespace._owner
        for name in list(namespace) if self.left_unbuilt is not None else ():
            if namespace._is_declared(name):
                self.replaced_unbuilt(owner.tenant, name)
        left = self._empty(namespace, status)
        if owner.tenant is not None:
            self.departed.note(owner.tenant, left)

    def _empty(self, namespace: ModelRegistryProxy, status: str) -> list[weakref.ref[Any]]:
        """Dispose all models of *namespace* and return weak references to them."""
        models = self.detach(namespace)
        for model in models:
            self._dispose(model, status)
        return list(map(weakref.ref, models))

    def detach(self, namespace: ModelRegistryProxy) -> list[Any]:
        """Take all models out of *namespace* in one step and return them, to be disposed."""
        models = namespace._models()
        owner = namespace._owner
        if owner.survivors:  # what is built and slept on; the others are in the namespace again
            models += [each for each in list(owner.survivors.values()) if each._owner is owner]
        namespace._empty()
        owner.extra, owner.survivors = 0, None
        self._counts.end_all(owner)
        return models

    def dispose(self, models: list[Any], count: int, tenant: str | None) -> None:
        """Dispose the last *count* of *models* that were detached, and take them off the list."""
        left, shapes = [], {}
        for _ in range(min(count, len(models))):
            shapes[id(models[-1].shape)] = (models[-1]._name, models[-1].shape)
            if models[-1]._status == ALIVE:
                self._dispose(models[-1], DISPOSED)
            left.append(weakref.ref(models.pop()))
        if tenant is not None:
            self.departed.note(tenant, left)
            for name, shape in shapes.values():
                self.departed.note_shape(tenant, name, shape)

    def _sweep(self, models: list[Any]) -> None:
        """Let *models* go, and after them all anonymous ones that nobody needs then."""
        while models:
            model = models.pop()
            home = standing(model)
            if home is not None:
                home._take(model._name)
                self._forget_structure(home, model)
                models += self._end(home, model)

    def _leave(
        self, namespace: ModelRegistryProxy, model: Any, nested: Mapping[str, Any]
    ) -> list[Any]:
        """Take out a model that moves; return the anonymous ones that nobody needs now."""
        if self.left is not None:
            self.left(model)
        namespace._take(model._name)
        self._forget_structure(namespace, model)
        namespace._owner.extra -= extra_bytes(model)
        return _unused(nested)

    def _forget_structure(self, namespace: ModelRegistryProxy, model: Any) -> None:
        """Take an anonymous model that leaves *namespace* out of its structures."""
        if namespace._anonymous is not None and is_anonymous(model):
            namespace._anonymous.leave(model)

    def _end(self, namespace: ModelRegistryProxy, model: Any) -> list[Any]:
        """Dispose a model that has left; return the anonymous ones that nobody needs now."""
        owner, nested = namespace._owner, model._nested
        self._counts.end(owner, names=1, built=1)
        owner.extra -= extra_bytes(model)
        self._dispose(model, DISPOSED)
        if owner.tenant is not None:
            self.departed.note(owner.tenant, [weakref.ref(model)])
        return _unused(nested)

    def _dispose(self, model: Any, status: str) -> None:
        """Break everything that a model refers to; instances keep its name and structure."""
        if self.left is not None:
            self.left(model)
        model._status = status
        model._base = None
        model._release()
        if model._source is not None:
            self._detach(model)
        if model._behaviour is not None:
            self._drop_behaviour(model)
        if self._news.listeners:
            self._news.of("model_disposed", model)

    def _drop_behaviour(self, model: Any) -> None:
        """Let hooks and rules go, after the last calls; those that other models inherit stay."""
        behaviour = model._behaviour
        self._news.last_calls(model._name, reversed(behaviour.disposers))
        behaviour.disposers = ()
        if model._owner is None or model._owner.tenant is not None or model not in self._bases:
            model._behaviour = None

    def _detach(self, model: Any) -> None:
        """Let the model's data source and its connector forget the model."""
        source, model._source = model._source, None
        try:
            source.forget(model)
        except Exception:  # a connector's fault must not keep the other models from going
            log.exception("%s could not forget the model %s.", source, model._name)


def _checked(namespace: ModelRegistryProxy, name: str, model: Any) -> ModelRegistryProxy | None:
    """Return where *model* stands now; refuse what cannot be registered in *namespace*."""
    if not is_model(model):
        raise TypeError(f"{model!r} is no model and cannot be registered.")
    if model._name != name:
        raise ValueError(
            f"The model is called {model._name!r}; it cannot be registered as {name!r}."
        )
    model.check_alive("register")
    owner = namespace._owner
    if owner.closed:
        raise ModelDisposedError(
            f"The tenant {owner.tenant} was cleaned up; look it up again.",
            model=name,
            tenant=owner.tenant,
        )
    former = standing(model)
    if former is not None:
        check_unused(model)
        if former._registry is not namespace._registry:
            raise ValueError(f"The model {name} belongs to another registry.")
    return former


def check_unused(model: Any) -> None:
    """Refuse to take an anonymous model away from those that embed it.

    Raises:
        DefinitionError: Somebody does.
    """
    among = _among(model)
    if among is not None and among.uses.get(model):
        raise DefinitionError(
            f"The model {model._name} is the structure of a property of other models; it goes "
            "with the last of them.",
            model=model._name,
        )


def _among(model: Any) -> Anonymous | None:
    """Return the anonymous models that *model* is one of, None for a named or unregistered one."""
    home = standing(model) if is_anonymous(model) else None
    return None if home is None else home._anonymous


def _unused(nested: Mapping[str, Any]) -> list[Any]:
    """Count one user of *nested* models out; return the anonymous ones that nobody needs now."""
    orphans = []
    for model in nested.values():
        among = _among(model)
        if among is not None and among.unuse(model):
            orphans.append(model)
    return orphans
