"""Bundles: what a tenant's models are made of, without the models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

from juggler.definition.model import Definition
from juggler.models.blueprint import Blueprint
from juggler.registry.sizes import bundle_bytes


class Entry(NamedTuple):
    """What one model is made of.

    Attributes:
        blueprint: Shape and settings, compiled.
        base: The model it extends, the name of one of the same tenant, or None.
        source: Its data source, None where routing decides.
        inner: Blueprints of the anonymous structures in it, at every depth, so that they stay.
    """

    blueprint: Blueprint
    base: Any = None
    source: Any = None
    inner: tuple[Blueprint, ...] = ()

    def is_like(self, other: Entry | None) -> bool:
        """Tell whether a model made of *other* would be the same."""
        return (
            other is not None
            and self.blueprint is other.blueprint
            and self.source is other.source
            and (self.base is other.base or (type(self.base) is str and self.base == other.base))
        )

    def has_structure(self, fingerprint: str) -> bool:
        """Tell whether an anonymous model of that structure is in it."""
        return any(each.definition.shape.fingerprint == fingerprint for each in self.inner)


class Bundle:
    """Names with definitions, in order: what `ModelRegistry.declare` gives to tenants; frozen.

    Equal ones are one object in a registry, for as long as somebody holds it; tenants that have the
    same models share it.  It keeps the compiled structures alive, and the models and data sources
    that it refers to.

    >>> bundle = registry.bundle({"Ticket": {"title": str}})
    >>> bundle is registry.bundle({"Ticket": {"title": "string"}})
    True
    >>> list(bundle), bundle["Ticket"].shape.names
    (['Ticket'], ('id', 'title'))

    Attributes:
        entries: Name -> what its model is made of, None where the tenant keeps the model itself;
            it is shared and never changed.
        models: The models it refers to: bases, and embedded ones that have a name.
        bytes: Estimate of the memory it takes itself.
        table: The bundles of the registry that it belongs to.
    """

    __slots__ = ("__weakref__", "bytes", "entries", "models", "table")

    bytes: int

    entries: dict[str, Entry | None]
    models: tuple[Any, ...]
    table: BundleTable

    def __init__(self, entries: dict[str, Entry | None], table: BundleTable) -> None:
        put = object.__setattr__
        put(self, "entries", entries)
        put(self, "models", tuple(_models(each for each in entries.values() if each is not None)))
        put(self, "table", table)
        put(self, "bytes", bundle_bytes(entries))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"A bundle is frozen: {name} cannot be set.")

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __contains__(self, name: object) -> bool:
        return name in self.entries

    def __getitem__(self, name: str) -> Definition:
        """Return shape and settings of *name*."""
        entry = self.entries[name]
        if entry is None:
            raise KeyError(name)
        return entry.blueprint.definition

    def __repr__(self) -> str:
        return f"<Bundle of {', '.join(self.entries)}>"


class BundleTable:
    """The bundles of one registry, each once, held weakly; used under the registry's lock."""

    def __init__(self) -> None:
        self._bundles: WeakValueDictionary[tuple[Any, ...], Bundle] = WeakValueDictionary()

    def __len__(self) -> int:
        return len(self._bundles)

    def intern(self, entries: dict[str, Entry | None]) -> Bundle:
        """Return the one bundle of *entries*."""
        key = tuple(part for name, entry in entries.items() for part in _key(name, entry))
        found = self._bundles.get(key)
        if found is None:
            found = self._bundles[key] = Bundle(entries, self)
        return found

    def bundles(self) -> list[Bundle]:
        """Return the bundles in use."""
        # Not `values`: others may add bundles meanwhile, which going through the table forbids.
        found = (reference() for reference in self._bundles.valuerefs())
        return [each for each in found if each is not None]


def _models(entries: Iterable[Entry]) -> Iterator[Any]:
    """Iterate over the models that *entries* refer to."""
    for entry in entries:
        if entry.base is not None and type(entry.base) is not str:
            yield entry.base
        shapes = [entry.blueprint.definition.shape]
        while shapes:
            for kind in shapes.pop().nested.values():
                if kind.model is None:
                    shapes.append(kind.shape)
                else:
                    yield kind.model


def _key(name: str, entry: Entry | None) -> tuple[Any, ...]:
    """Return what tells a pair from others; the bundle keeps what is known by identity alive."""
    if entry is None:
        return (name, None, None, None)
    base, source = entry.base, entry.source
    if base is not None and type(base) is not str:
        base = id(base)
    return (name, id(entry.blueprint), base, None if source is None else id(source))
