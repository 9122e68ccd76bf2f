"""The models of a data source as one transaction has them: what they do is part of it."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import wraps
from types import MethodType
from typing import Any

from juggler.facade.model import PersistedApi
from juggler.models.instances.instance import Instance
from juggler.persistence.transactions.ambient import Entry, ambient, innermost
from juggler.persistence.transactions.transaction import Transaction


class BoundModels(Mapping[str, Any]):
    """Name -> view of the model, bound to one transaction; as long-lived as that.

    Views are made when they are asked for and registered nowhere.  A model that was replaced
    meanwhile gets a new one.

    Args:
        models: The namespace.
        transaction: The transaction.
    """

    def __init__(self, models: Mapping[str, Any], transaction: Transaction) -> None:
        self._of = models
        self._transaction = transaction
        self._made: dict[str, BoundModel] = {}

    def __getitem__(self, name: str) -> Any:
        model, found = self._of[name], self._made.get(name)
        if found is None or found._view_of is not model:
            found = self._made[name] = BoundModel(model, self._transaction)
        return found

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"The data source has no model {name!r}.") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)


class BoundModel:
    """A view of a model: its operations, and those of its instances, are part of a transaction.

    It is the model in all other ways, and an instance of one is an instance of the other.
    """

    __slots__ = ("_bound", "_view_of")

    _bound: Transaction
    _view_of: Any

    def __init__(self, model: Any, transaction: Transaction) -> None:
        object.__setattr__(self, "_view_of", model)
        object.__setattr__(self, "_bound", transaction)

    def __getattr__(self, name: str) -> Any:
        model = self._view_of
        found = getattr(model, name)
        if not isinstance(found, MethodType) or found.__self__ is not model:
            return found
        if found.__func__ is getattr(PersistedApi, name, None):
            found = MethodType(found.__func__, self)  # so that its instances are bound as well
            if not inspect.iscoroutinefunction(found):
                return found
        return self._inside(found)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._view_of, name, value)

    def __call__(self, data: Any = None, /, **given: Any) -> Any:
        """Return a new instance, which is stored in the transaction."""
        return PersistedApi.__call__(self, data, **given)

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, Instance) and isinstance(instance, self._view_of)

    def __repr__(self) -> str:
        return f"{self._view_of!r} in {self._bound!r}"

    def _inside(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return *method* so that all that it does is part of the transaction."""

        async def awaited(outcome: Awaitable[Any]) -> Any:
            former = ambient.get()
            ambient.set(self._entry())
            try:
                return await outcome
            finally:
                ambient.set(former)

        @wraps(method)
        def call(*args: Any, **kwargs: Any) -> Any:
            former = ambient.get()
            ambient.set(self._entry())
            try:
                outcome = method(*args, **kwargs)
            finally:
                ambient.set(former)
            return awaited(outcome) if inspect.isawaitable(outcome) else outcome

        return call

    def _entry(self) -> Entry:
        bound, former = self._bound, ambient.get()
        return Entry(bound.source, bound.tenant, innermost(former, bound), former)
