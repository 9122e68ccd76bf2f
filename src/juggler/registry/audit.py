"""What is left of models that were let go, and who holds it."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary


@dataclass(frozen=True, slots=True)
class Remnant:
    """A model that was let go and is alive all the same.

    Attributes:
        model: Its name.
        tenant: The tenant it belonged to.
        held_by: Types of the objects that refer to it; empty where they are local variables.
    """

    model: str
    tenant: str
    held_by: tuple[str, ...]


class Departed:
    """Weak references to the models of tenants that were let go and are alive all the same."""

    def __init__(self) -> None:
        self._models: WeakKeyDictionary[Any, str] = WeakKeyDictionary()

    def note(self, tenant: str, models: Iterable[weakref.ref[Any]]) -> None:
        """Remember those of *models*, let go just now, that did not go."""
        for reference in models:
            model = reference()
            if model is not None:
                self._models[model] = tenant

    def remnants(self, tenant: str) -> list[Remnant]:
        """Return what is still alive of *tenant*'s models; looks at every object there is."""
        gc.collect()
        alive = [model for model, code in list(self._models.items()) if code == tenant]
        return [Remnant(model._name, tenant, _holders(model, alive)) for model in alive]


def _holders(model: Any, but: object) -> tuple[str, ...]:
    """Return the types of what refers to *model*."""
    found = gc.get_referrers(model)
    return tuple(sorted(_described(each) for each in found if each is not but))


def _described(holder: object) -> str:
    """Return a word for what refers to something: its type, and a module's name."""
    if isinstance(holder, dict) and "__name__" in holder and "__builtins__" in holder:
        return f"module {holder['__name__']}"
    return type(holder).__qualname__
