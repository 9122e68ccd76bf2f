"""Pickles of models: the owner's name and the model's, looked up where they are read."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any, ClassVar

from juggler.context import current_tenant
from juggler.errors import ModelDisposedError, TenantContextError
from juggler.registry.owners import GLOBAL, TENANT


class Pickled:
    """The part of a run-time model that is about pickles; records of it are pickled with it.

    A pickle holds kind and name of the owner and the name of the model.  `pickle.loads` looks
    these up in the default registry; `Unpickler` in another one.
    """

    __slots__ = ()

    default_registry: ClassVar[Any] = None
    """Where models are looked up that nobody says otherwise of."""

    model_name: str
    settings: Any
    _owner: Any

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        """Return what the pickle holds; an anonymous model is told by a model that embeds it.

        Raises:
            PicklingError: The model is registered nowhere, or nobody embeds the anonymous one.
        """
        home = self._owner
        if home is None or home.space() is None:
            raise _unnamed(self.model_name)
        if self.settings.get("anonymous"):
            return embedded, _place(home.space(), self)
        return named, (home.kind, _owner_name(home), self.model_name)


class Unpickler(pickle.Unpickler):
    """Reads pickles of records whose models are in a registry that is not the default one.

    Args:
        file: What is read, in bytes.
        registry: Where the models are.

    >>> import io, pickle
    >>> own = ModelRegistry()
    >>> Note = own.define("Note", {"text": str})
    >>> Unpickler(io.BytesIO(pickle.dumps(Note(text="Hi"))), registry=own).load()
    Note(text='Hi')
    """

    def __init__(self, file: Any, *, registry: Any) -> None:
        super().__init__(file)
        self._registry = registry

    def find_class(self, module: str, name: str, /) -> Any:
        """Return what a pickle names, models from the registry."""
        found = super().find_class(module, name)
        return self._named if found is named else found

    def _named(self, kind: str, owner: str, name: str) -> Any:
        return looked_up(self._registry, kind, owner, name)


def named(kind: str, owner: str, name: str) -> Any:
    """Return the model that a pickle names, from the default registry; see `looked_up`."""
    return looked_up(Pickled.default_registry, kind, owner, name)


def embedded(outer: Any, name: str) -> Any:
    """Return the model that *outer* embeds in the property *name*.

    Raises:
        ModelDisposedError: It embeds none there.
    """
    found = outer.nested.get(name)
    if found is None:
        raise ModelDisposedError(
            f"The pickle needs what {outer.model_name} embeds in {name!r}, and that is nothing; "
            "the model was changed.",
            model=outer.model_name,
            property=name,
        )
    return found


def looked_up(registry: Any, kind: str, owner: str, name: str) -> Any:
    """Return the model *name* of an owner.

    Args:
        registry: Where it is looked up.
        kind: ``global``, ``tenant``, ``data_source`` or ``app``.
        owner: Code of the tenant, or name of the data source.
        name: Name of the model.

    Raises:
        TenantContextError: It is a tenant's, and the running task works for another one.
        ModelDisposedError: There is no such model, or more than one.
    """
    if kind == TENANT:
        found = [_of_tenant(registry, owner, name)]
    else:
        spaces = [space for space in registry.spaces() if space._owner.kind == kind]
        found = [
            space[name] for space in spaces if _name(space._owner.owner) == owner and name in space
        ]
    known = [model for model in found if model is not None]
    if len(known) != 1:
        raise ModelDisposedError(
            f"The pickle needs the model {name} of {kind} {owner or '(no name)'}, and there "
            f"{'are several' if known else 'is none'} here; define it before the pickle is read.",
            model=name,
        )
    return known[0]


def _of_tenant(registry: Any, code: str, name: str) -> Any:
    """Return the model *name* of the tenant *code*, or None."""
    now = current_tenant()
    if now is not None and now != code:
        raise TenantContextError(
            f"The pickle is of tenant {code}, and this task works for {now}.",
            tenant=now,
            model=name,
        )
    return registry.get_model_for_owner_with_type(code, name, TENANT)


def _owner_name(home: Any) -> str:
    """Return what the owner with the record *home* is called in a pickle."""
    return "" if home.kind == GLOBAL else home.tenant or _name(home.owner)


def _name(owner: Any) -> str:
    """Return what an owner is called; nothing for one without a name."""
    found = getattr(owner, "name", "")
    return found if isinstance(found, str) else ""


def _place(space: Any, model: Any) -> tuple[Any, str]:
    """Return a model that embeds the anonymous *model*, and the property."""
    for outer in space._all():
        for name, inner in outer.nested.items():
            if inner is model and outer is not model:
                return outer, name
    raise _unnamed(model.model_name)


def _unnamed(name: str) -> pickle.PicklingError:
    return pickle.PicklingError(
        f"{name} is registered under no name; only a model that can be looked up where the pickle "
        "is read can be pickled."
    )
