"""The anonymous models of one namespace: found by structure, gone with their last user."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from juggler.definition.shape import Shape
from juggler.errors import DefinitionError
from juggler.models.api import ALIVE


class Anonymous:
    """Anonymous models of one owner.

    Those that were made for embedded structures go when the last model that embeds them goes;
    those that somebody defined or registered stay until they are deleted.

    Attributes:
        index: Fingerprint -> the model that serves that structure.
        uses: Model -> how many embedded properties it serves.
        kept: Models that somebody defined or registered.
    """

    __slots__ = ("_number", "index", "kept", "uses")

    def __init__(self) -> None:
        self.index: dict[str, Any] = {}
        self.uses: dict[Any, int] = {}
        self.kept: set[Any] = set()
        self._number = 0

    def new_name(self, taken: Container[str], coming: str) -> str:
        """Return a name that is none of *taken* and not the *coming* model's."""
        while True:
            name = f"AnonymousModel_{self._number}"
            self._number += 1
            if name not in taken and name != coming:
                return name

    def enter(self, model: Any) -> None:
        """Let *model* serve its structure, unless another one does."""
        self.index.setdefault(model.shape.fingerprint, model)

    def leave(self, model: Any) -> None:
        """Forget *model*."""
        structure = model.shape.fingerprint
        if self.index.get(structure) is model:
            del self.index[structure]
        self.uses.pop(model, None)
        self.kept.discard(model)

    def use(self, model: Any) -> None:
        """Count one more property that *model* serves."""
        self.uses[model] = self.uses.get(model, 0) + 1

    def unuse(self, model: Any) -> bool:
        """Count one property less; tell whether nobody needs *model* any more."""
        left = self.uses.pop(model, 0) - 1
        if left > 0:
            self.uses[model] = left
        return left == 0 and model not in self.kept

    def check_unshared(self, model: Any) -> None:
        """Refuse to let *model* have rules or hooks while it serves several properties.

        Raises:
            DefinitionError: It does.
        """
        if model not in self.kept and self.uses.get(model, 0) > 1:
            raise DefinitionError(
                f"{model._name} is the structure of several properties, and what is added to it "
                "would count for all of them: define a model with a name and embed that.",
                model=model._name,
            )


def still_fitting(former: Any, shape: Shape, namespace: Any) -> Any:
    """Return the anonymous model that a property had before, if it has rules and still fits."""
    if former is None or former._behaviour is None or namespace is None:
        return None
    is_ours = former._owner is namespace._owner, former._status == ALIVE
    return former if all((*is_ours, is_anonymous(former), former.shape is shape)) else None


def is_anonymous(model: Any) -> bool:
    """Tell whether *model* has no name of its own."""
    anonymous: bool = model._blueprint.definition.anonymous
    return anonymous
