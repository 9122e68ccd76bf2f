"""Stand-ins for what a registry meets: data sources, apps, a clock."""

import gc
import sys
from collections.abc import Callable
from typing import Any

from juggler.connectors.contract import ModelInfo
from juggler.models.build import Plan
from juggler.registry.namespace import ModelRegistryProxy
from juggler.registry.owners import DATA_SOURCE
from juggler.registry.registry import ModelRegistry
from juggler.registry.sizes import extra_bytes


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
    names = 0
    for space in registry.spaces():
        owner = space._owner
        assert owner.space() is space
        assert owner.cold is None, "what is listed here is resident"
        assert owner.count == len(space) == len(list(space))
        assert owner.built == len(space._models())
        assert owner.extra == sum(map(extra_bytes, space._models())), "bytes are counted in step"
        names += len(space)
        for model in space._models():
            name = model.model_name
            assert name in space
            assert space._built(name) is space[name] is model
            assert model.model_name == name
            assert model._owner is owner, "an entry's model has that owner"
            assert not model.is_disposed, "nothing refers to a disposed model"
            assert id(model) not in seen, "no model is in two namespaces"
            seen[id(model)] = model
            for nested in model.nested.values():
                assert not nested.is_disposed, "nothing refers to a disposed model"
        _check_anonymous(space)
        _check_survivors(owner, seen)
    names += _check_cold(registry, seen)
    stats = registry.get_stats()
    assert stats.total_models == names == len(registry.get_all_models())
    assert stats.unique_models == len(seen)
    assert stats.registered_total - stats.disposed_total == names + registry._counts.dormant
    assert stats.global_models == len(registry.global_models)
    assert stats.tenant_registries == len(registry.tenant_codes()) == len(stats.tenant_stats)
    assert [each.tenant_code for each in stats.tenant_stats] == registry.tenant_codes()
    assert stats.total_tenant_models == sum(each.model_count for each in stats.tenant_stats)
    assert [each.model_count for each in stats.tenant_stats if not each.cold] == [
        len(each.models) for each in registry.tenants()
    ]
    assert stats.cold_tenants == sum(each.cold for each in stats.tenant_stats)
    assert stats.bytes_estimate >= 0
    assert registry.get_stats(brief=True).total_models == stats.total_models


def _check_cold(registry: ModelRegistry, seen: dict[int, Any]) -> int:
    """Check what is kept of cold tenants, and return how many names they have."""
    room, names, dormant = registry._room, 0, 0
    assert registry._cold.keys().isdisjoint(registry._tenants), "a tenant is in one place"
    assert room.bundles_of.keys() == {code for code, each in registry._cold.items() if each.loaded}
    assert room.held.keys() <= registry._cold.keys()
    assert set(room.owners) <= registry._cold.keys()
    for code, record in registry._cold.items():
        assert not gc.is_tracked(record)
        bundle, held = room.bundles_of.get(code), room.held.get(code, ())
        entries = {} if bundle is None else bundle.entries
        assert record.count == len(entries)
        assert record.held == len(held)
        assert record.extra == sum(map(extra_bytes, held))
        kept = [name for name, entry in entries.items() if entry is None]
        assert sorted(each.model_name for each in held) == sorted(kept)
        names += record.count
        dormant += record.dormant
        owner = room.owners.get(code)
        for model in held:
            assert id(model) not in seen, "no model is in two places"
            assert not model.is_disposed
            seen[id(model)] = model
        if owner is not None:
            assert owner.cold is record
            assert (owner.count, owner.built, owner.dormant) == (record.count, 0, record.dormant)
            space = owner.space()
            assert space is None or (list(space) == list(entries) and not space._models())
            _check_survivors(owner, seen)
    awake = sum(space._owner.dormant for space in registry.spaces())
    assert registry._counts.dormant == dormant + awake
    return names


def _check_survivors(owner: Any, seen: dict[int, Any]) -> None:
    """Check that what somebody has of a tenant that went cold stands nowhere else."""
    for name, model in list((owner.survivors or {}).items()):
        if model._owner is not owner or model.is_disposed:
            continue  # it was moved or deleted meanwhile
        assert model.model_name == name
        assert id(model) not in seen
        space = owner.space()
        assert owner.cold is not None or name not in space, "one live model per owner and name"


def _check_anonymous(space: ModelRegistryProxy) -> None:
    """Check what a namespace keeps of its anonymous models."""
    flagged = [model for model in space._models() if model.settings.get("anonymous")]
    kept = space._anonymous
    if kept is None:
        assert not flagged
        return
    assert all(space.get(model.model_name) is model for model in kept.index.values())
    assert {model.shape.fingerprint for model in flagged} == set(kept.index)
    used: dict[Any, int] = {}
    for model in space._models():
        for nested in model.nested.values():
            if nested.settings.get("anonymous"):
                used[nested] = used.get(nested, 0) + 1
    assert kept.uses == used
    assert set(flagged) == set(used) | kept.kept


def shapes_in_use(registry: ModelRegistry) -> set[str]:
    """Return the fingerprints of the shapes that registered models stand on, inner ones too."""
    found: set[str] = set()
    queue = [model.shape for space in registry.spaces() for model in space._models()]
    queue += [model.shape for held in registry._room.held.values() for model in held]
    tables = [bundle.entries for bundle in registry._room.bundles_of.values()]
    tables += [tenant.models._names or {} for tenant in registry.tenants()]
    queue += [
        entry.blueprint.definition.shape
        for entries in tables
        for entry in entries.values()
        if entry is not None
    ]
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


def calls(work: Callable[[], Any]) -> int:
    """Return how many functions *work* calls; the same on every machine."""
    count = 0

    def profile(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    gc.collect()
    gc.disable()
    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
        gc.enable()
    return count
