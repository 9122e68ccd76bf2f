"""How the items of a list are made: decided once, when a shape is compiled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import UNSET

from juggler.definition.options import transform_of
from juggler.definition.shape import EmbeddedType
from juggler.errors import InvalidValueError, ModelDisposedError
from juggler.types.base import BAD, ValueType
from juggler.types.structured import AnyType, ListType, list_items


class Items:
    """What the items of a list are; immutable, shared by the lists of one property.

    Attributes:
        kind: Type of an item.
        name: Property that the list is in; None for a list of its own.
        inner: The same for the items of items, where these are lists.
        kept: Class of items that are taken as they are, so that nobody has to be asked; or None.
        embeds: Items are instances of a model, or lists of them.
        is_flat: Items are neither instances nor lists.
    """

    __slots__ = ("_change", "embeds", "inner", "is_any", "is_flat", "kept", "kind", "name")

    def __init__(
        self, kind: ValueType, options: Mapping[str, Any] | None = None, name: str | None = None
    ) -> None:
        told = options or {}
        self.kind = kind
        self.name = name
        self.inner: Items | None = None
        self.embeds: bool = isinstance(kind, EmbeddedType)
        if isinstance(kind, ListType):
            self.inner = Items(kind.item, told.get("items"), name)
            self.embeds = self.inner.embeds
        self.is_flat = self.inner is None and not self.embeds
        self.is_any = type(kind) is AnyType
        self._change = None if self.inner is not None else transform_of(told, kind)
        self.kept = kind.kept if self._change is None else None

    def made(self, value: Any, model: Any, *, tolerant: bool = False) -> Any:
        """Return client *value* as an item; lists in it are plain ones.

        Args:
            value: What was given.
            model: The model whose instances are in the items, where it embeds any.
            tolerant: A bad item of an inner list stays in it as it is.

        Returns:
            The item, or BAD.

        Raises:
            InvalidValueError: The value must be refused at once.
            ModelDisposedError: The model was cleaned up.
        """
        if value is None or value is UNSET:
            return value
        if self.inner is not None:
            return self.inner.all_or_none(value, model, tolerant=tolerant)
        if self.embeds:
            return instance_of(model, value)
        good = self.kind.coerce(value)
        return good if self._change is None else self._change(good)

    def made_at(self, at: int, value: Any, model: Any, *, tolerant: bool = False) -> Any:
        """Return what `made` does; an error tells of the place *at* which the value is."""
        try:
            return self.made(value, model, tolerant=tolerant)
        except InvalidValueError as error:
            error.path = str(at) if error.path is None else f"{at}.{error.path}"
            raise

    def all_good(self, values: Any, model: Any) -> list[Any]:
        """Return *values*, a list or the JSON text of one, as items; bad ones stay as they are."""
        found: list[Any] = []
        for at, value in enumerate(list_items(values)):
            item = self.made_at(at, value, model, tolerant=True)
            found.append(value if item is BAD else item)
        return found

    def all_or_none(self, values: Any, model: Any, *, tolerant: bool) -> Any:
        """Return what `all_good` does; BAD where one is bad, unless *tolerant*."""
        found = self.all_good(values, model)
        return found if tolerant or not any(self.bad_paths(found, model)) else BAD

    def bad_paths(self, values: Any, model: Any) -> Iterator[str]:
        """Yield the places of the items that their type does not accept, as dotted paths."""
        for at, value in enumerate(() if self.is_any else values):
            if value is not None and value is not UNSET:
                for place in self._bad_in(value, model):
                    yield f"{at}{place}"

    def _bad_in(self, value: Any, model: Any) -> list[str]:
        """Return where one item is bad: in itself, or at the places in it."""
        if self.inner is not None and isinstance(value, list):
            return [f".{place}" for place in self.inner.bad_paths(value, model)]
        return [""] if self._is_bad(value, model) else []

    def _is_bad(self, value: Any, model: Any) -> bool:
        if self.embeds:
            return model is not None and not isinstance(value, model)
        try:
            return self.kind.coerce(value) is BAD
        except InvalidValueError:
            return True


def instance_of(model: Any, value: Any) -> Any:
    """Return client *value* as an instance of the embedded *model*, or BAD.

    Raises:
        ModelDisposedError: There is no such model any more.
    """
    if model is None:
        raise ModelDisposedError("The embedded model is gone; nothing can be made of it.")
    if value.__class__ is dict:
        return model.build(value)
    return value if isinstance(value, model) else _instance_of_other(model, value)


def _instance_of_other(model: Any, value: Any) -> Any:
    """Return an instance of *model* with the data of another's instance or of a mapping, or BAD."""
    if hasattr(value, "_plans"):
        value = value.to_dict()
    return model.build(value) if isinstance(value, Mapping) else BAD
