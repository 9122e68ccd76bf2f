"""What is left of models that were let go, and who holds it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

from msgspec import Struct

from juggler.models.instances.instance import Instance
from juggler.registry.cleaning.holders import Holders


class Remnant(Struct, frozen=True):
    """Something of a model that was let go and is alive all the same.

    Attributes:
        model: Name of the model.
        tenant: The tenant it belonged to.
        held_by: What refers to it, in words; empty where nothing was found that does.
        kind: ``model``, ``instance``, ``class`` (one that was compiled for its structure) or
            ``connector entry`` (what the connector of a data source keeps for it).
    """

    model: str
    tenant: str
    held_by: tuple[str, ...]
    kind: str = "model"


class Departed:
    """Weak references to the models of tenants that were let go and are alive all the same.

    It takes no more memory than there are such models, and structures in use that a tenant left.
    """

    def __init__(self) -> None:
        self._models: WeakKeyDictionary[Any, str] = WeakKeyDictionary()
        self._shapes: WeakKeyDictionary[Any, tuple[str, str]] = WeakKeyDictionary()

    def __len__(self) -> int:
        """Return how many models there are."""
        return len(self._models)

    def note(self, tenant: str, models: Iterable[weakref.ref[Any]]) -> None:
        """Remember those of *models*, let go just now, that did not go."""
        for reference in models:
            model = reference()
            if model is not None:
                self._models[model] = tenant

    def note_shape(self, tenant: str, name: str, shape: Any) -> None:
        """Remember that a model of *tenant* stood on *shape*, while that is alive."""
        self._shapes[shape] = (tenant, name)

    def remnants(self, tenant: str, in_use: set[int], sources: Iterable[Any]) -> list[Remnant]:
        """Return what is still alive of *tenant*'s models; looks at every object there is.

        Args:
            tenant: The tenant's code.
            in_use: Identities of the shapes that definitions stand on.
            sources: Data sources that are alive.
        """
        gc.collect()
        alive = [model for model in _alive(self._models) if self._models.get(model) == tenant]
        stood = {id(model.shape) for model in alive} | in_use
        shapes = [
            shape
            for shape in _alive(self._shapes)
            if self._shapes[shape][0] == tenant and id(shape) not in stood
        ]
        found = [("model", model._name, model) for model in alive]
        found += [("instance", each._model._name, each) for each in _instances(alive)]
        for shape in shapes:
            name = self._shapes[shape][1]
            found += [("class", name, each) for each in _classes(shape) or [shape]]
        holders = Holders([each for _, _, each in found], ours=[alive, shapes, found])
        left = [Remnant(name, tenant, holders.of(each), kind) for kind, name, each in found]
        return left + list(_entries(alive, tenant, sources))


def _alive(table: WeakKeyDictionary[Any, Any]) -> list[Any]:
    """Return the keys of *table*; others may add some meanwhile, which going through it forbids."""
    return [key for reference in table.keyrefs() if (key := reference()) is not None]


def _instances(models: list[Any]) -> list[Any]:
    """Return the instances of *models* that are alive."""
    if not models:
        return []
    return [each for each in gc.get_referrers(*models) if isinstance(each, Instance)]


def _classes(shape: Any) -> list[Any]:
    """Return the classes that were compiled for *shape*."""
    variables = (each for each in gc.get_referrers(shape) if isinstance(each, dict))
    holders = (holder for each in variables for holder in gc.get_referrers(each))
    return [
        each for each in holders if isinstance(each, type) and each.__dict__.get("_shape") is shape
    ]


def _entries(alive: list[Any], tenant: str, sources: Iterable[Any]) -> Iterator[Remnant]:
    """Yield what connectors keep for the models that are *alive* and were let go."""
    infos = {id(model._info): model._name for model in alive if model._info is not None}
    for source in sources:
        for info in list(getattr(source, "_told", ())):
            if id(info) in infos:
                held = f"data source {source.name}"
                yield Remnant(infos[id(info)], tenant, (held,), "connector entry")
