"""Namespaces: the one mapping name -> model of an owner."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, NoReturn, Protocol, Self, cast

from juggler.definition.model import Definition
from juggler.registry.anonymous import Anonymous, is_anonymous
from juggler.registry.owners import APP, DATA_SOURCE, TENANT, Owner


class Places(Protocol):
    """What a namespace asks of its registry when it is written to."""

    def namespace_of(self, owner: Any, kind: str) -> ModelRegistryProxy:
        """Return the namespace of *owner*, made if need be."""

    def place(self, namespace: ModelRegistryProxy, name: str, model: Any) -> None:
        """Register *model* under *name*."""

    def remove(self, model: Any) -> None:
        """Unregister and dispose *model*."""

    def remove_all(self, namespace: ModelRegistryProxy) -> None:
        """Unregister and dispose all models of *namespace*."""

    def build_declared(self, namespace: ModelRegistryProxy, name: str) -> Any:
        """Return the model called *name*, built if it is only declared."""


class ModelRegistryProxy(dict[str, Any]):
    """The models of one owner: ``ds.models``, ``app.models``, ``registry.tenant(code).models``.

    It is the owner's mapping itself, so it always shows the present and reads at the speed of a
    dict, whatever the number of models; writing registers, deleting disposes.  Names that are
    identifiers and no methods of a mapping are attributes too.  Reads are safe from any thread;
    changing it while iterating raises RuntimeError, as for a dict.

    Args:
        owner: A data source, an app, or a tenant's code.
        kind: ``"data_source"``, ``"app"`` or ``"tenant"``, as fits the owner.
        registry: Registry to look in; the owner's own, else the default one.

    Raises:
        ValueError: The owner is missing, or the kind is none of the three or not the owner's.
    """

    __slots__ = ("__weakref__", "_anonymous", "_owner", "_registry")

    default_registry: ClassVar[Any] = None

    _names: ClassVar[Any] = None
    """Names without models, which only tenants have."""

    _registry: Places
    _owner: Owner
    _anonymous: Anonymous | None

    def __new__(cls, owner: Any, kind: str, registry: Any = None) -> Self:
        """Return the namespace the owner has."""
        if owner is None:
            raise ValueError("A namespace needs an owner: a data source, an app or a tenant code.")
        if kind not in (DATA_SOURCE, APP, TENANT):
            raise ValueError(f"kind is 'data_source', 'app' or 'tenant', not {kind!r}.")
        found = getattr(owner, "models", None)
        if not isinstance(found, ModelRegistryProxy) or registry not in (None, found._registry):
            places: Places = registry or cls.default_registry
            found = places.namespace_of(owner, kind)
        if found._owner.kind != kind:
            raise ValueError(f"The owner's kind is {found._owner.kind!r}, not {kind!r}.")
        return cast(Self, found)

    def __init__(self, *given: Any, **keywords: Any) -> None:
        """Leave the mapping as it is: it was there before."""

    @classmethod
    def _make(cls, owner: Owner, registry: Places) -> Self:
        """Return a new, empty namespace; only the registry calls this."""
        made = dict.__new__(cls)
        made._owner = owner
        made._registry = registry
        made._anonymous = None
        owner.space = weakref.ref(made)
        return made

    # writing ------------------------------------------------------------------------------

    def __setitem__(self, name: str, model: Any) -> None:
        """Register *model* for this owner.

        Raises:
            ValueError: The model bears another name.
            TypeError: It is no model.
        """
        self._registry.place(self, name, model)

    def __delitem__(self, name: str) -> None:
        """Unregister and dispose the model called *name*."""
        self._registry.remove(self[name])

    def pop(self, name: str, *default: Any) -> Any:
        """Unregister and dispose the model called *name* and return it."""
        if name not in self and default:
            return default[0]
        model = self[name]
        self._registry.remove(model)
        return model

    def clear(self) -> None:
        """Unregister and dispose all models of this owner."""
        self._registry.remove_all(self)

    def update(self, *given: Any, **models: Any) -> None:
        """Register each model of a mapping or of pairs."""
        for name, model in dict(*given, **models).items():
            self[name] = model

    def setdefault(self, name: str, default: Any = None) -> Any:
        """Return the model called *name*; register *default* if there is none."""
        if name not in self:
            self[name] = default
        return self[name]

    def popitem(self) -> NoReturn:
        """Refuse: which model would go is nobody's guess."""
        raise TypeError("popitem is not for models; name the one to delete.")

    def __or__(self, other: Any) -> NoReturn:
        raise TypeError("Namespaces are not merged; register each model where it belongs.")

    __ror__ = __ior__ = __or__

    def copy(self) -> dict[str, Any]:
        """Return the models in a plain dict."""
        return dict(self)

    # for the registry -----------------------------------------------------------------------

    def _built(self, name: str) -> Any:
        """Return the model called *name* if it is built, else None."""
        return dict.get(self, name)

    def _is_declared(self, name: str) -> bool:
        """Tell whether there is a model called *name* that is not built yet."""
        return False

    def _models(self) -> list[Any]:
        """Return the models that are built."""
        return list(dict.values(self))

    def _all(self) -> list[Any]:
        """Return all models, as they are at one moment; what is only declared is built."""
        return list(dict.values(self))

    _put = dict.__setitem__
    """Add one entry; from here on others see it."""

    def _take(self, name: str) -> None:
        """Take one entry out."""
        dict.__delitem__(self, name)

    def _empty(self) -> None:
        """Take all entries out."""
        dict.clear(self)
        self._anonymous = None

    # reading ------------------------------------------------------------------------------

    def describe(self, name: str) -> Definition:
        """Return shape and settings of the model called *name*; nothing is built for it.

        Raises:
            KeyError: There is none.
        """
        found: Definition = self[name].definition
        return found

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"There is no model {name!r} here.") from None

    def __dir__(self) -> Iterable[str]:
        return [*object.__dir__(self), *(name for name in list(self) if name.isidentifier())]

    def get_model(self, name: str) -> Any:
        """Return the model called *name*, or None."""
        return self.get(name)

    def set_model(self, name: str, model: Any) -> None:
        """Register *model* under *name*."""
        self[name] = model

    def has_model(self, name: str) -> bool:
        """Tell whether there is a model called *name*."""
        return name in self

    def get_model_names(self) -> list[str]:
        """Return the names in order of definition."""
        return list(self)

    def _named(self) -> Iterator[Any]:
        """Iterate over the models that are not anonymous."""
        return (model for model in self._all() if not is_anonymous(model))

    def __repr__(self) -> str:
        return f"<models of {self._owner!r}: {', '.join(list(self))}>"
