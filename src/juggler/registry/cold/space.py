"""The namespace of a tenant: some of its models may be declared and not built yet."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from itertools import chain
from typing import Any, Self

from juggler.definition.model import Definition
from juggler.registry.cold.bundle import Entry
from juggler.registry.namespace import ModelRegistryProxy, Places
from juggler.registry.owners import Owner


class TenantModels(ModelRegistryProxy):
    """The models of one tenant.

    A name that is declared is listed, counted and described like any other; its model is built when
    it is first read.  What is built is read by the code of dict itself.  When the tenant is put to
    rest the namespace goes on showing its names; reading a model wakes the tenant.

    Attributes:
        _names: All names in order -> what the model is made of, or None where it is built; None as
            a whole while nothing is declared: then the mapping itself has all there is.
        _building: Names that come now are those of anonymous models that come with one that is
            read; whoever iterates goes on.
    """

    __slots__ = ("_building", "_names")

    _names: dict[str, Entry | None] | None  # type: ignore[misc]  # none has any but tenants
    _building: bool

    @classmethod
    def _make(cls, owner: Owner, registry: Places) -> Self:
        made = super()._make(owner, registry)
        made._names = None
        made._building = False
        return made

    def __missing__(self, name: str) -> Any:
        """Return the model of a declared name, built now."""
        names = self._names
        if names is None or name not in names:
            raise KeyError(name)
        return self._registry.build_declared(self, name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return the model called *name*, else *default*."""
        found = dict.get(self, name)
        if found is not None or self._names is None:
            return default if found is None else found
        try:
            return self[name]
        except KeyError:
            return default

    def describe(self, name: str) -> Definition:
        """Return shape and settings of the model called *name*; nothing is built for it.

        Raises:
            KeyError: There is none.
        """
        entry = self._entry(name)
        return super().describe(name) if entry is None else entry.blueprint.definition

    # as a mapping -----------------------------------------------------------------------------

    def __contains__(self, name: object) -> bool:
        names = self._names
        return dict.__contains__(self, name) if names is None else name in names

    def __len__(self) -> int:
        names = self._names
        return dict.__len__(self) if names is None else len(names)

    def __iter__(self) -> Iterator[str]:
        names = self._names
        # The dict's own iterator begins with the first step: `list(models)` is one step for others.
        return chain(dict.keys(self) if names is None else names)

    def __reversed__(self) -> Iterator[str]:
        names = self._names
        return dict.__reversed__(self) if names is None else reversed(names)

    def keys(self) -> Any:
        """Return a view of the names."""
        return dict.keys(self) if self._names is None else _Names(self)

    def values(self) -> Any:
        """Return a view of the models; going through it builds what is only declared."""
        return dict.values(self) if self._names is None else _Models(self)

    def items(self) -> Any:
        """Return a view of names and models; going through it builds what is only declared."""
        return dict.items(self) if self._names is None else _Pairs(self)

    def __eq__(self, other: object) -> bool:
        """Tell whether *other* is a mapping of the same names to the same models."""
        if self is other:
            return True
        theirs = other.copy() if isinstance(other, TenantModels) else other
        return self.copy() == theirs

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # type: ignore[assignment]  # as dicts have none

    def copy(self) -> dict[str, Any]:
        """Return the models in a plain dict."""
        return {model._name: model for model in self._all()}

    # for the registry -------------------------------------------------------------------------

    def _entry(self, name: str) -> Entry | None:
        """Return what the model called *name* will be made of; None if it is built, or unknown."""
        names = self._names
        return None if names is None else names.get(name)

    def _is_declared(self, name: str) -> bool:
        return self._entry(name) is not None

    def _declared_with(self, fingerprint: str) -> str | None:
        """Return the name of a model that is not built and embeds an anonymous one, or None."""
        for name, entry in (self._names or {}).copy().items():
            if entry is not None and entry.has_structure(fingerprint):
                return name
        return None

    def _all(self) -> list[Any]:
        if self._names is None:
            return list(dict.values(self))
        found: dict[str, Any] = {}
        while new := [name for name in list(self) if name not in found]:
            found.update({name: self.get(name) for name in new})  # some bring anonymous ones along
        return [model for model in found.values() if model is not None]

    def _put(self, name: str, model: Any) -> None:
        dict.__setitem__(self, name, model)
        names = self._names
        if names is None:
            return
        if self._building and name not in names:
            self._names = {**names, name: None}
        else:
            names[name] = None

    def _take(self, name: str) -> None:
        if self._names is not None:
            del self._names[name]
        dict.__delitem__(self, name)

    def _empty(self) -> None:
        self._names = None
        super()._empty()

    def _declare(self, name: str, entry: Entry) -> None:
        """Add a name whose model is built later, in the place of one that is built if there is."""
        if self._names is None:
            self._names = dict.fromkeys(self)
        self._names[name] = entry
        dict.pop(self, name, None)

    def _rest(self, names: dict[str, Entry | None]) -> None:
        """Let all models go and show *names*, of which nothing is ever changed."""
        self._names = names  # first: nobody must miss a name meanwhile
        dict.clear(self)
        self._anonymous = None


class _Names(KeysView[str]):
    """A view of names."""

    _mapping: TenantModels

    def __iter__(self) -> Iterator[str]:
        return iter(self._mapping)


class _Models(ValuesView[Any]):
    """A view of models, built while it is gone through."""

    _mapping: TenantModels

    def __iter__(self) -> Iterator[Any]:
        return (model for _, model in _pairs(self._mapping))


class _Pairs(ItemsView[str, Any]):
    """A view of names and models, built while it is gone through."""

    _mapping: TenantModels

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return _pairs(self._mapping)


def _pairs(models: TenantModels) -> Iterator[tuple[str, Any]]:
    """Iterate over names and models, which are built on the way."""
    for name in models:
        model = models.get(name)
        if model is not None:  # else it went just now, and the next step says so
            yield name, model
