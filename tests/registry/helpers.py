"""Stand-ins for what a registry meets: data sources, apps, a clock."""

import gc
from typing import Any

from juggler.connectors.contract import ModelInfo
from juggler.models.build import Plan
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.owners import DATA_SOURCE
from juggler.registry.registry import ModelRegistry


class Store:
    """A data source as the registry sees it; notes what it is told to forget."""

    def __init__(self, registry: ModelRegistry, name: str = "store") -> None:
        self.registry = registry
        self.name = name
        self.settings: dict[str, Any] = {}
        self.in_flight = 0
        self.connector = None
        self.forgotten: list[str] = []
        self.models: ModelRegistryProxy = registry.adopt(self, DATA_SOURCE)

    def define(self, name: str, properties: Any = None, settings: Any = None, **more: Any) -> Any:
        """Define a model whose rows are here."""
        return self.registry.builder.make(
            name, properties, {**(settings or {}), **more}, self.models, source=self
        )

    def attach(self, model: Any) -> Any:
        """Make *model* one of this source's."""
        model._source = self
        self.registry.place(self.models, model.model_name, model)
        return model

    def opened(self, info: ModelInfo) -> None:
        """Answer that nothing is open."""

    async def ready(self, info: ModelInfo) -> Any:
        """Refuse: no test of the registry does I/O."""
        raise AssertionError

    def forget(self, model: Any) -> None:
        """Note the name of a model that is let go."""
        self.forgotten.append(model.model_name)

    def close(self) -> None:
        """Let the models go, as a closed data source does."""
        self.registry.release_owner(self)


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


class Application:
    """Somebody else's ASGI application."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve nothing."""


class NoReferences:
    """An object that cannot be weakly referenced."""

    __slots__ = ()


class Odd:
    """An owner that is equal to everything and has no hash."""

    __hash__ = None  # type: ignore[assignment]  # that is what is odd about it

    def __eq__(self, other: object) -> bool:
        return True


def check(registry: ModelRegistry) -> None:
    """Check every invariant of a registry (REG-75)."""
    seen: dict[int, Any] = {}
    for space in registry.spaces():
        owner = space._owner
        assert owner.space() is space
        assert owner.count == len(space)
        for name, model in space.items():
            assert model.model_name == name
            assert model._owner is owner, "an entry's model has that owner"
            assert not model.is_disposed, "nothing refers to a disposed model"
            assert id(model) not in seen, "no model is in two namespaces"
            seen[id(model)] = model
            for nested in model.nested.values():
                assert not nested.is_disposed, "nothing refers to a disposed model"
        _check_anonymous(space)
    stats = registry.get_stats()
    assert stats.total_models == stats.unique_models == len(seen) == len(registry.get_all_models())
    assert stats.registered_total - stats.disposed_total == len(seen)
    assert stats.global_models == len(registry.global_models)
    assert stats.tenant_registries == len(registry.tenants()) == len(stats.tenant_stats)
    assert stats.total_tenant_models == sum(len(each.models) for each in registry.tenants())
    assert [each.model_count for each in stats.tenant_stats] == [
        len(each.models) for each in registry.tenants()
    ]
    assert stats.bytes_estimate >= 0
    assert registry.get_stats(brief=True).total_models == stats.total_models


def _check_anonymous(space: ModelRegistryProxy) -> None:
    """Check what a namespace keeps of its anonymous models."""
    flagged = [model for model in space.values() if model.settings.get("anonymous")]
    kept = space._anonymous
    if kept is None:
        assert not flagged
        return
    assert all(space.get(model.model_name) is model for model in kept.index.values())
    assert {model.shape.fingerprint for model in flagged} == set(kept.index)
    used: dict[Any, int] = {}
    for model in space.values():
        for nested in model.nested.values():
            if nested.settings.get("anonymous"):
                used[nested] = used.get(nested, 0) + 1
    assert kept.uses == used
    assert set(flagged) == set(used) | kept.kept


def shapes_in_use(registry: ModelRegistry) -> set[str]:
    """Return the fingerprints of the shapes that registered models stand on, inner ones too."""
    found: set[str] = set()
    queue = [model.shape for space in registry.spaces() for model in space.values()]
    while queue:
        shape = queue.pop()
        found.add(shape.fingerprint)
        queue += [kind.shape for kind in shape.nested.values()]
    return found


def counted(*kinds: type) -> dict[str, int]:
    """Return how many objects of *kinds* are alive, and of classes compiled for shapes."""
    gc.collect()
    wanted = {kind: kind.__name__ for kind in (*kinds, Plan)}
    found = dict.fromkeys(wanted.values(), 0)
    for each in gc.get_objects():
        name = wanted.get(type(each))
        if name is not None:
            found[name] += 1
    return found
