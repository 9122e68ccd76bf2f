"""The table of owners: data sources, apps and tenants with their namespaces."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from juggler.registry.namespace import ModelRegistryProxy, Places
from juggler.registry.owners import Owner, OwnerRegistry, weak_reference


class _Entry:
    """One data source or app: its record, and its namespace as it may be held."""

    __slots__ = ("held", "namespace", "record", "reference")

    def __init__(
        self,
        reference: weakref.ref[Any],
        record: Owner,
        namespace: ModelRegistryProxy,
        held: ModelRegistryProxy | None,
    ) -> None:
        self.reference = reference
        self.record = record
        self.namespace = weakref.ref(namespace)
        self.held = held


class Owning(Places, OwnerRegistry, Protocol):
    """A registry, as its table of owners sees it."""


class OwnerTable:
    """Owners that are objects, by identity.

    A data source or an `App` holds its namespace itself, so that an unused one goes with all its
    models.  For other objects, on which nothing is ever written, the table holds it as long as they
    live; one that its own models refer to strongly therefore lives on.

    Args:
        registry: The registry that namespaces register with.
        dropped: Told of the record of an owner that died.
    """

    def __init__(self, registry: Owning, dropped: Callable[[Owner], None]) -> None:
        self._registry = registry
        self._dropped = dropped
        self._entries: dict[int, _Entry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def adopt(self, owner: Any, kind: str, *, holds: bool) -> ModelRegistryProxy:
        """Return the namespace of *owner*, made at the first call.

        Args:
            owner: A data source or an app.
            kind: Which of the two.
            holds: The owner keeps the namespace itself.

        Raises:
            TypeError: The owner cannot be weakly referenced.
        """
        found = self.find(owner)
        if found is not None:
            return found
        key = id(owner)

        def gone(reference: weakref.ref[Any]) -> None:
            entry = self._entries.get(key)
            if entry is not None and entry.reference is reference:
                del self._entries[key]
                self._dropped(entry.record)

        reference = weak_reference(owner, gone)
        record = Owner(kind, self._registry, reference)
        namespace = ModelRegistryProxy._make(record, self._registry)
        self._entries[key] = _Entry(reference, record, namespace, None if holds else namespace)
        return namespace

    def find(self, owner: Any) -> ModelRegistryProxy | None:
        """Return the namespace of *owner*, None for an unknown one; creates nothing."""
        entry = self._entries.get(id(owner))
        if entry is None or entry.reference() is not owner:
            return None
        return entry.namespace()

    def kind(self, owner: Any) -> str | None:
        """Return ``data_source`` or ``app`` for a known owner, else None."""
        namespace = None if owner is None else self.find(owner)
        return None if namespace is None else namespace._owner.kind

    def namespaces(self) -> Iterator[ModelRegistryProxy]:
        """Iterate over the namespaces of living owners."""
        for entry in list(self._entries.values()):
            namespace = entry.namespace()
            if namespace is not None:
                yield namespace

    def count(self, kind: str) -> int:
        """Return how many owners of *kind* are alive."""
        return sum(entry.record.kind == kind for entry in list(self._entries.values()))
