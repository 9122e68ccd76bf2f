"""What models add to instances by name: getters, setters, methods; and the classes that know it.

The functions belong to the model, which is where they are looked up at each use.  A class knows the
names alone, so models of one structure that add the same names share one, in whatever tenants.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from msgspec import UNSET

from juggler.definition.shape import Shape
from juggler.models.behaviour import GETTERS, MEMBERS, SETTERS
from juggler.models.build import SharedName, furnish, slot_names
from juggler.models.instances import values

_NONE: Final[frozenset[str]] = frozenset()


class Names(NamedTuple):
    """The names that a model adds; equal ones share a class.

    Attributes:
        getters: Properties that are read through a function.
        setters: Properties that are written through one.
        members: Methods, and attributes that are computed, of instances.
        is_told: Somebody is told of each new instance.
    """

    getters: frozenset[str] = _NONE
    setters: frozenset[str] = _NONE
    members: frozenset[str] = _NONE
    is_told: bool = False

    def __or__(self, other: Names) -> Names:
        """Return the names of both."""
        if other is NOTHING or other == self:
            return self
        return Names(
            self.getters | other.getters,
            self.setters | other.setters,
            self.members | other.members,
            self.is_told or other.is_told,
        )

    def within(self, shape: Shape) -> Names:
        """Return the names that mean something for instances of *shape*."""
        if self is NOTHING:
            return self
        names = frozenset(shape.names)
        found = Names(
            self.getters & names, self.setters & names, self.members - names, self.is_told
        )
        return found if any(found) else NOTHING


NOTHING: Final = Names()


def found_at(model: Any, kind: str, name: str) -> Any:
    """Return what *model* or one that it extends has of a *kind* under *name*; None for nothing.

    Raises:
        ModelDisposedError: The model is gone, and what was there with it.
    """
    found = model._find(kind, name)
    if found is None:
        model.check_alive(f"reading {name}")
    return found


class Getter:
    """A property that is read through the model's function."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        function = found_at(instance._model, GETTERS, self._name)
        if function is None:  # taken away since the class was made
            value = values.raw(instance, self._name)
            return None if value is UNSET else value
        return function(instance)


class Member:
    """A method, or a computed attribute, that the model gives its instances."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        model = instance._model
        found = found_at(model, MEMBERS, self._name)
        if found is None:
            raise AttributeError(f"{model.model_name} has no attribute {self._name!r}.")
        return found.__get__(instance, owner)


def assign(instance: Any, name: str, value: Any) -> None:
    """Set an attribute, through the model's function if it has one for that."""
    if name in instance._setters and value is not UNSET:
        function = instance._model._find(SETTERS, name)
        if function is not None:
            function(instance, value)
            return
    values.assign(instance, name, value)


def variant_of(cls: Any, shape: Shape, names: Names) -> type:
    """Return a class of instances of *shape* that knows *names*, derived from the plain one."""
    slots = slot_names(shape, names.getters)
    body: dict[str, Any] = {"__slots__": (), "__module__": cls.__module__}
    plans = cls._plans
    body.update(
        (slot, _slot_of(cls, plans[name].slot))
        for name, slot in slots.items()
        if slot != plans[name].slot
    )
    made: type = type.__new__(type(cls), cls.__name__, (cls,), body)
    furnish(made, shape, slots)
    teach(made, names)
    return made


def may_teach(cls: type, names: Names) -> bool:
    """Tell whether *cls* itself can learn *names*; else it takes a class derived from it.

    What is an attribute of all models cannot be set on a class.
    """
    new = (names.getters | names.members).difference(cls.__dict__)
    return not any(hasattr(type(cls), name) for name in new)


def getters_of(kind: type, names: Names) -> dict[str, Any]:
    """Return name -> what stands for each getter in the body of a class of the *kind*.

    Where a name is one of the model's own methods too, it stays that on the class.
    """
    return {
        name: SharedName(name, Getter(name)) if hasattr(kind, name) else Getter(name)
        for name in names.getters
    }


def teach(cls: Any, names: Names) -> None:
    """Let *cls*, which is furnished, know *names*."""
    put = type.__setattr__
    for name, getter in getters_of(type(cls), names).items():
        if cls.__dict__.get(name).__class__ not in {Getter, SharedName}:
            put(cls, name, getter)
    for name in names.members:
        put(cls, name, Member(name))
    put(cls, "_getters", names.getters)
    put(cls, "_setters", names.setters)
    if names.setters:
        put(cls, "__setattr__", assign)


def alias_slots(cls: Any, names: Names) -> dict[str, str]:
    """Return name -> slot for *cls*, in which what has a getter is stored under another name."""
    plans, slots = cls.__dict__["_plans"], {}
    wanted = slot_names(cls._shape, names.getters)
    for name, plan in plans.items():
        slot = plan.slot
        if name in names.getters and slot == name:
            slot = wanted[name]
            if not any(slot in each.__dict__ for each in cls.__mro__):
                type.__setattr__(cls, slot, _slot_of(cls, name))
        slots[name] = slot
    return slots


def _slot_of(cls: type, slot: str) -> Any:
    """Return the descriptor of a slot of *cls* or one of its bases."""
    found = (each.__dict__[slot] for each in cls.__mro__ if slot in each.__dict__)
    return next(item for item in found if not isinstance(item, Getter))
