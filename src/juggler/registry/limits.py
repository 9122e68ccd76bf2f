"""Limits: how many tenants, models, bytes, properties and levels a registry takes."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import fields

from juggler.definition.property import Property
from juggler.definition.shape import EmbeddedType, Shape
from juggler.errors import InvalidValueError
from juggler.registry.namespace import ModelRegistryProxy
from juggler.types.base import ValueType
from juggler.types.structured import ListType


class Limits(Struct, frozen=True):
    """The most that a registry takes; None means that there is no limit.

    Args:
        max_tenants: Tenants, whether their models are built or only declared.
        max_models_per_tenant: Models of one tenant, anonymous ones included.
        max_bytes: Bytes that the models of all owners are estimated to take.
        max_properties: Properties of one structure.
        max_depth: Levels of one structure, as `structure_depth` counts them.

    Raises:
        InvalidValueError: One is no whole number from 0 on.
    """

    max_tenants: int | None = None
    max_models_per_tenant: int | None = None
    max_bytes: int | None = None
    max_properties: int | None = None
    max_depth: int | None = None

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if value is not None and (type(value) is not int or value < 0):
                raise InvalidValueError(
                    f"{each.name} is a whole number from 0 on, or None for no limit, not "
                    f"{value!r}.",
                    path=each.name,
                    value=value,
                )

    @property
    def are_set(self) -> bool:
        """Tell whether anything is limited at all."""
        return any(getattr(self, each.name) is not None for each in fields(self))


def arrivals(space: ModelRegistryProxy | None, name: str, shape: Shape) -> int:
    """Return how many names are new when a model of *shape* is registered as *name*.

    Args:
        space: The owner's namespace, None for an owner that has none yet.
        name: Name of the model.
        shape: Its structure; what is embedded without a name becomes a model of the owner too.
    """
    known = None if space is None else space._anonymous
    index = () if known is None else known.index
    new: set[str] = set()
    shapes = [shape]
    while shapes:
        for kind in shapes.pop().nested.values():
            structure = kind.shape.fingerprint
            if kind.model is None and structure not in index and structure not in new:
                new.add(structure)
                shapes.append(kind.shape)
    return len(new) + (space is None or name not in space)


def depth(properties: Iterable[Property]) -> int:
    """Return how many levels of containers a structure has, itself included."""
    return 1 + max((_levels(item.type) for item in properties), default=0)


def _levels(kind: ValueType) -> int:
    """Return how many levels of containers the values of a type have."""
    if isinstance(kind, ListType):
        return 1 + _levels(kind.item)
    if isinstance(kind, EmbeddedType) and kind.model is None:
        return depth(kind.shape)
    return 0
