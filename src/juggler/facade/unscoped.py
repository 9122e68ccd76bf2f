"""A model without its default scope."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Final

from juggler.models.api import ModelApi
from juggler.models.instances import values
from juggler.models.instances.instance import Instance
from juggler.persistence.reads.iterate import Stream

_CALLS: Final = frozenset(
    "aggregate all bulk_update bulk_upsert count create create_all delete_all delete_by_id "
    "destroy_all destroy_by_id distinct exists find find_by_id find_by_ids find_one "
    "find_or_create find_page iterate patch_or_create patch_or_create_with_where remove "
    "remove_by_id replace_by_id replace_or_create update update_all update_or_create upsert "
    "upsert_with_where".split()
)


class Unscoped:
    """A view of a model, whose methods on the store leave its default scope out.

    It keeps nothing but the model, so it costs next to nothing and is gone when it is let go of.
    Everything else is the model's own: ``isinstance(x, Model.unscoped())`` holds for its instances.
    """

    __slots__ = ("_model",)

    _model: Any

    def __init__(self, model: Any) -> None:
        object.__setattr__(self, "_model", model)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._model, name)
        return _without_scope(found) if name in _CALLS else found

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"A view without scope is read-only: {name} is the model's own.")

    def __call__(self, data: Any = None, /, **given: Any) -> Any:
        """Return a new instance, without the values that the scope would force."""
        return freed(ModelApi.__call__(self._model, data, **given))

    def unscoped(self) -> Unscoped:
        """Return the view itself."""
        return self

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, self._model)

    def __repr__(self) -> str:
        return f"<{self._model.model_name} without scope>"


def freed(found: Any) -> Any:
    """Return what a call gave, with all instances in it marked: the scope does not bind them."""
    if isinstance(found, Instance):
        values.owned(found).unscoped = True
    elif isinstance(found, list | tuple):
        for each in found:
            freed(each)
    elif isinstance(items := getattr(found, "items", None), tuple):
        freed(items)
    return found


def _without_scope(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return *method* with an option that leaves the scope out."""

    def call(*args: Any, options: Any = None, **given: Any) -> Any:
        whole = {**({} if options is None else options), "unscoped": True}
        found = method(*args, options=whole, **given)
        if isinstance(found, Stream):
            return found.prepared(freed)
        return _freed(found) if inspect.isawaitable(found) else found

    return call


async def _freed(work: Awaitable[Any]) -> Any:
    return freed(await work)
