"""Run-time models: a small object that points at its blueprint and its owner."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from juggler.models.api import ALIVE, ModelApi
from juggler.models.blueprint import Blueprint
from juggler.models.extras import NOTHING
from juggler.models.instances.instance import Instance

NO_NESTED: Mapping[str, Any] = MappingProxyType({})


class RuntimeModel(ModelApi):
    """A model defined at run time; feels like a class and costs about a hundred bytes.

    Calling it makes an instance, ``isinstance(x, model)`` and ``class Sub(model)`` work, and its
    API are ordinary attributes.  Made by a builder, never directly.
    """

    __slots__ = (
        "__weakref__",
        "_base",
        "_behaviour",
        "_blueprint",
        "_info",
        "_name",
        "_nested",
        "_owner",
        "_since",
        "_source",
        "_status",
    )

    declared_base: ClassVar[type | None] = None
    """What ``class Sub(model)`` really derives from."""

    def __init__(self, name: str, blueprint: Blueprint, base: Any = None) -> None:
        self._name = name
        self._blueprint = blueprint
        self._base = base
        self._owner = None
        self._since = 0.0
        self._source = None
        self._behaviour = None
        self._info = None
        self._nested = NO_NESTED
        self._status = ALIVE
        if base is not None:
            names = self._names()
            if names is not NOTHING:
                self._blueprint = blueprint.with_names(names)

    if TYPE_CHECKING:

        def __call__(self, data: Any = None, /, **given: Any) -> Any:
            """Return a new instance from a mapping and keywords."""

    def __instancecheck__(self, instance: object) -> bool:
        return isinstance(instance, Instance) and descends(instance._model, self)

    def __subclasscheck__(self, other: object) -> bool:
        return descends(other, self)

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        if self.declared_base is None:
            raise TypeError(f"The model {self._name} cannot be subclassed as a class.")
        return (self.declared_base,)

    def __copy__(self) -> RuntimeModel:
        return self

    def __deepcopy__(self, memo: Any) -> RuntimeModel:
        return self

    def __reduce__(self) -> Any:
        raise TypeError(f"The model {self._name} belongs to this process; send its definition.")


def descends(model: Any, ancestor: Any) -> bool:
    """Tell whether *model* is *ancestor* or extends it, over any number of steps."""
    model = getattr(model, "_view_of", model)
    while model is not None:
        if model is ancestor:
            return True
        model = getattr(model, "_base", None)
    return False
