"""Models that are referred to before they are defined: one object from the first mention on."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final, NoReturn
from weakref import WeakValueDictionary

from juggler.definition.model import Definition
from juggler.definition.property import Property
from juggler.definition.shape import embedded
from juggler.errors import DefinitionError
from juggler.messages.text import say
from juggler.models.api import ALIVE
from juggler.models.blueprint import Blueprint, ShapeTable
from juggler.models.runtime import NO_NESTED, RuntimeModel
from juggler.registry.owners import Owner
from juggler.types.structured import OBJECT

UNDEFINED: Final = "undefined"

_UNRESOLVED: Final = {"unresolved": True}


class HomelessError(Exception):
    """A model that is still to be defined was named by a definition that has no owner yet."""


class _NoClass:
    """Stands for the class of a model that is not defined: makes nothing."""

    _plans: Final[Mapping[str, Any]] = NO_NESTED

    @staticmethod
    def _construct(model: Any, *_: Any) -> NoReturn:
        raise not_defined(model.model_name)

    @staticmethod
    def _load(model: Any, *_: Any) -> NoReturn:
        raise not_defined(model.model_name)


def not_defined(name: str) -> DefinitionError:
    """Return the error for the use of a model that was only ever referred to."""
    return DefinitionError(say("model.not-defined", model=name), model=name)


def is_undefined(model: Any) -> bool:
    """Tell whether *model* was referred to and never defined."""
    return getattr(model, "_status", None) == UNDEFINED


class Forwards:
    """Models of one registry that are still to be defined, by owner and name.

    They are held by those that refer to them alone, so that they go with the last of these.  Safe
    from several threads.

    Args:
        model_type: Class of run-time models.
        shapes: The registry's shapes.

    Attributes:
        waiting: Is false while nothing waits, which is nearly always.
    """

    def __init__(self, model_type: type[RuntimeModel], shapes: ShapeTable) -> None:
        self._type = _forward_type(model_type, shapes)
        self._shapes = shapes
        self._waiting: WeakValueDictionary[tuple[Owner | str, str], Any] = WeakValueDictionary()
        self._lock = threading.Lock()
        self.waiting: Mapping[Any, Any] = vars(self._waiting)["data"]

    def make(self, name: str, *homes: Owner | str) -> Any:
        """Return what stands for the model *name* until one of *homes* has it.

        Args:
            name: Name of the model.
            homes: The owner it would belong to, the module its class would be declared in.
        """
        with self._lock:
            found = next(filter(is_undefined, map(self._waiting.get, _keys(homes, name))), None)
            if found is None:
                shape = self._shapes.intern([], strict=False)
                found = self._type(name, Blueprint(Definition(shape, _UNRESOLVED, name), _NoClass))
                found._status = UNDEFINED
                found._target = None
                found._owner = next((home for home in homes if isinstance(home, Owner)), None)
            self._waiting.update(dict.fromkeys(_keys(homes, name), found))
            return found

    def take(self, home: Owner | str, name: str) -> Any:
        """Return what stood for the model *name*, which is defined now; None for nothing."""
        if not self.waiting:
            return None
        found = self._waiting.pop((home, name), None)
        return found if is_undefined(found) else None

    def settle(self, model: Any, home: Owner | str) -> None:
        """Let what stood for the name of a finished *model* stand for that model from now on."""
        waiting = self.take(home, model.model_name)
        if waiting is not None:
            waiting.stand_for(model)

    def put_back(self, home: Owner | str, model: Any) -> None:
        """Let a *model* that was taken wait again: its definition failed."""
        self._waiting[home, model.model_name] = model

    def forget(self, home: Owner | str) -> None:
        """Let no name that *home* refers to wait any more: another life of it begins."""
        for key in list(self._waiting.keys()) if self.waiting else ():
            if key[0] is home:
                self._waiting.pop(key, None)

    def names(self, home: Owner | str) -> list[str]:
        """Return the names that *home* refers to and has not defined."""
        waiting = list(self._waiting.items())
        return sorted(key[1] for key, each in waiting if key[0] == home and is_undefined(each))


class Forward(RuntimeModel):
    """A model that was referred to before it was defined; mixed into the class of models."""

    __slots__ = ()

    _shapes: ShapeTable
    _target: Any

    def become(self, blueprint: Blueprint, base: Any) -> None:
        """Be the model that is defined now; whoever registers it gives it its owner."""
        self._owner = None
        self._stand_on(blueprint)
        self._base = base
        self._status = ALIVE

    def go_back(self, blueprint: Blueprint, owner: Owner) -> None:
        """Be undefined again, for *owner* to define: the definition failed."""
        self._stand_on(blueprint)
        self._owner = owner
        self._base = self._source = None
        self._status = UNDEFINED

    def stand_for(self, cls: Any) -> None:
        """Stand for a class that was declared under the name."""
        self._stand_on(cls._blueprint)
        self._target = cls
        self._status = ALIVE

    @property
    def is_disposed(self) -> bool:
        """Tell whether the model was cleaned up, replaced or deleted."""
        return self._status != UNDEFINED and super().is_disposed

    def check_alive(self, operation: str = "used") -> None:
        """Raise unless the model is defined and not gone.

        Raises:
            DefinitionError: It was never defined.
        """
        if self._status == UNDEFINED:
            raise not_defined(self._name)
        super().check_alive(operation)

    def __call__(self, data: Any = None, /, **given: Any) -> Any:
        """Return a new instance."""
        target = self._target
        return super().__call__(data, **given) if target is None else target(data, **given)

    def build(self, data: Mapping[str, Any], **options: Any) -> Any:
        """Return an instance from client *data*."""
        target = self._target
        return super().build(data, **options) if target is None else target.build(data, **options)

    def load(self, row: Mapping[str, Any]) -> Any:
        """Return an instance from a row that a store gave."""
        return super().load(row) if self._target is None else self._target.load(row)

    def __instancecheck__(self, instance: object) -> bool:
        if self._target is not None:
            return isinstance(instance, self._target)
        return super().__instancecheck__(instance)

    def _release(self) -> None:
        """Let go of the models that this one embeds: they may embed it."""
        definition = self._blueprint.definition
        shape = definition.shape
        if any(kind.model is not None for kind in shape.nested.values()):
            items = [_without_model(item) for item in shape]
            shape = self._shapes.intern(items, shape.strict, is_limited=False)
            self._blueprint = self._shapes.blueprint(shape, definition.settings, self._name)
            self._nested = NO_NESTED


def _keys(homes: tuple[Owner | str, ...], name: str) -> list[tuple[Owner | str, str]]:
    return [(home, name) for home in homes]


def _forward_type(model_type: type[RuntimeModel], shapes: ShapeTable) -> type[Any]:
    """Return the class of models that may be referred to before they are defined."""
    members = {"__slots__": ("_target",), "__module__": __name__, "_shapes": shapes}
    return type(model_type.__name__, (Forward, model_type), members)


def _without_model(item: Property) -> Property:
    """Return a property with any object in the place of a model that is embedded there."""
    kind = embedded(item.type)
    if kind is None or kind.model is None:
        return item
    return Property(item.name, OBJECT, required=item.required, hidden=item.hidden)
