"""Shape -> class: compiled once, frozen, shared by every model that stands on the shape.

The class has one slot per property, so a read is a plain attribute read.  Writes are checked: they
go through ``__setattr__``.  How instances are made in bulk stands in `assemble`.
"""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from operator import attrgetter, methodcaller
from types import BuiltinFunctionType, FunctionType, MemberDescriptorType, MethodType
from typing import Any, Final

from msgspec import UNSET

from juggler.definition.defaults import default_maker
from juggler.definition.options import transform_of
from juggler.definition.property import Property
from juggler.definition.shape import Shape
from juggler.models.instances.assemble import construct_first
from juggler.models.instances.items import Items
from juggler.models.instances.loading import load_first
from juggler.models.instances.writers import items_first
from juggler.types.base import ValueType
from juggler.types.structured import ClassType, ListType

Coerce = Callable[[Any], Any]
NO_NAMES: Final[frozenset[str]] = frozenset()
_FUNCTIONS: Final = frozenset({FunctionType, MethodType, BuiltinFunctionType})


class Plan:
    """How one property is read and written, decided when the class is compiled.

    Attributes:
        property: The property.
        slot: Name of its slot.
        bare: Name that reads the slot and tells its list of no owner; see `late`.
        put: Sets it, unchecked.
        coerce: Makes a value of an assigned one, or BAD.
        construct: The same for what a constructor is given, which stays the caller's own.
        kept: Class whose values stay as they are, so that nobody has to be asked; or None.
        from_text: Makes a value of text, or BAD, and never raises; None where only coerce can.
        rebuild: Makes the value of what any store gives back; None where that is the value.
        nested: Instances of another model are in it, alone or in lists.
        items: How the items of its lists are made; None where values are no lists.
        parts: Values know the instance that they belong to: lists and embedded instances.
        is_id: It is (a part of) the primary key.
        is_fixed: A stored record keeps its value: a part of the primary key, or immutable.
        is_stored: It has a place of its own: it is not computed.
        default: Makes the default of an instance; None where a missing value stays missing.
    """

    __slots__ = (
        "bare",
        "coerce",
        "construct",
        "default",
        "from_text",
        "is_fixed",
        "is_id",
        "is_stored",
        "items",
        "kept",
        "nested",
        "parts",
        "property",
        "put",
        "rebuild",
        "slot",
    )

    def __init__(self, item: Property, slot: str, descriptor: Any, nested: bool) -> None:
        self.property = item
        self.slot = self.bare = slot
        self.put: Callable[[Any, Any], None] = descriptor.__set__
        transform = transform_of(item.options, item.type)
        coerce: Coerce = item.type.coerce
        construct = _construct(item.type, coerce)
        self.coerce = coerce if transform is None else _Then(coerce, transform)
        self.construct = construct if transform is None else _Then(construct, transform)
        self.kept = item.type.kept if transform is None else None
        self.from_text = item.type.from_text if transform is None else None
        self.rebuild: Coerce | None = item.type.load if item.type.rebuilds else None
        self.nested = nested
        self.is_id = item.id > 0
        self.is_fixed = self.is_id or bool(item.options.get("immutable"))
        self.is_stored = item.computed is None
        self.default = default_maker(item)
        self.items = _items_of(item) if self.is_stored else None
        self.parts = self.is_stored and (nested or self.items is not None)
        if not self.is_stored:
            self.coerce = _Refused(item.name)
            self.construct = _nothing
            self.kept = self.from_text = self.rebuild = self.default = None

    def get(self, instance: Any) -> Any:
        """Return the value that *instance* has, None where it has none."""
        return getattr(instance, self.slot)


def _items_of(item: Property) -> Items | None:
    """Return how the items of lists in a property are made, None where values are no lists."""
    if not isinstance(item.type, ListType):
        return None
    return Items(item.type.item, item.options.get("items"), item.name)


class _Then:
    """Puts a value in order when it was made one of its type."""

    __slots__ = ("_coerce", "_transform")

    def __init__(self, coerce: Coerce, transform: Coerce) -> None:
        self._coerce = coerce
        self._transform = transform

    def __call__(self, value: Any) -> Any:
        return self._transform(self._coerce(value))


class _Refused:
    """Refuses to assign a property that is computed."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def __call__(self, value: Any) -> Any:
        raise AttributeError(f"{self._name!r} is computed and cannot be assigned.")


def _nothing(value: Any) -> None:
    """Ignore what a client gives for a property that is computed."""


def _ignore(instance: Any, value: Any) -> None:
    """Keep no value of a property that is computed."""


def _computed(item: Property) -> property:
    """Return the attribute of a property that is computed when it is read.

    A record that was loaded in part lacks what the value is made of, so it has none.
    """
    made = methodcaller(item.computed) if isinstance(item.computed, str) else item.computed

    def read(instance: Any) -> Any:
        return made(instance) if instance._state.partial is None else None

    return property(read, _ignore)


class FrozenType(type):
    """Metaclass of compiled classes: shared by tenants, so nobody may write on them."""

    def __setattr__(cls, name: str, value: object) -> None:
        raise AttributeError(
            f"{cls.__name__}.{name} cannot be set: the class of a shape is shared and frozen; "
            "behaviour belongs to the model."
        )

    def __delattr__(cls, name: str) -> None:
        raise AttributeError(f"{cls.__name__}.{name} cannot be deleted: the class is frozen.")


class SharedName:
    """A property that bears the name of a model's method: instances read the value.

    On the class of a declared model the name stays the method.
    """

    __slots__ = ("_descriptor", "_name")

    def __init__(self, name: str, descriptor: Any) -> None:
        self._name = name
        self._descriptor = descriptor

    def __get__(self, instance: Any, owner: type) -> Any:
        if instance is None:
            return getattr(type(owner), self._name).__get__(owner)
        return self._descriptor.__get__(instance)


def slot_names(shape: Shape, taken: Collection[str] = NO_NAMES) -> dict[str, str]:
    """Return the slot of each property: its own name wherever that can be one.

    Other names give a slot that no property can be called, always the same one, so that a class
    finds the slots of its bases again.  Names in *taken* mean something else on the class.
    """
    return {
        name: name
        if _is_plain(name) and name not in taken
        else f"_p{name.encode('utf-8', 'surrogatepass').hex()}"
        for name in shape.names
    }


def _is_plain(name: str) -> bool:
    """Tell whether an attribute of that name can be written down in Python, and is public."""
    return (
        name.isidentifier()
        and not name.startswith("_")
        and not keyword.iskeyword(name)
        and unicodedata.normalize("NFKC", name) == name
    )


def compile_shape(shape: Shape, base: type) -> type:
    """Return the frozen class for instances of *shape*, derived from *base*."""
    slots = slot_names(shape)
    namespace = {"__slots__": stored_slots(shape, slots), "__module__": base.__module__}
    cls = type.__new__(FrozenType, "Record", (base,), namespace)
    furnish(cls, shape, slots)
    return cls


def stored_slots(shape: Shape, slots: Mapping[str, str]) -> tuple[str, ...]:
    """Return the slots that values need: what is computed has none."""
    return tuple(slot for name, slot in slots.items() if shape.properties[name].computed is None)


def furnish(cls: type, shape: Shape, slots: Mapping[str, str]) -> None:
    """Give *cls*, which has the *slots* of *shape*, all that its instances are handled with."""
    put = type.__setattr__
    for name, slot in slots.items():
        if shape.properties[name].computed is not None:
            put(cls, slot, _computed(shape.properties[name]))
    plans = {
        name: Plan(shape.properties[name], slot, _descriptor(cls, slot), name in shape.nested)
        for name, slot in slots.items()
    }
    for name, slot in slots.items():
        if slot != name:
            _name_otherwise(cls, name, slot)
    if "id" not in slots and len(shape.ids) == 1:
        put(cls, "id", _descriptor(cls, slots[shape.ids[0]]))
    elif "id" not in slots:
        put(cls, "id", property(methodcaller("get_id")))
    put(cls, "_shape", shape)
    put(cls, "_plans", plans)
    put(cls, "_mutable", tuple(item.name for item in shape if not item.type.is_scalar))
    put(cls, "_read", _reader(tuple(slots.values())))
    put(cls, "_parts", tuple(plan for plan in plans.values() if plan.parts))
    put(cls, "_late", _late(cls, plans) if isinstance(cls, FrozenType) else ())
    put(cls, "_items", staticmethod(items_first))
    put(cls, "_construct", staticmethod(construct_first))
    put(cls, "_load", staticmethod(load_first))


def _late(cls: type, plans: Mapping[str, Plan]) -> tuple[Plan, ...]:
    """Return the plans of lists that learn late of their record; they get their bare names."""
    found = tuple(plan for plan in plans.values() if plan.items and plan.items.is_flat)
    for plan in found:
        plan.bare = f"_b{plan.property.name.encode('utf-8', 'surrogatepass').hex()}"
        type.__setattr__(cls, plan.bare, _descriptor(cls, plan.slot))
    return found


def _descriptor(cls: type, slot: str) -> Any:
    """Return the descriptor of a slot, wherever it comes from."""
    for each in cls.__mro__:
        found = each.__dict__.get(slot)
        if isinstance(found, MemberDescriptorType | property):
            return found
    raise AttributeError(f"{cls.__name__} has no slot {slot}.")


def _name_otherwise(cls: type, name: str, slot: str) -> None:
    """Let instances be read under a *name* that is not the slot's, unless it is taken."""
    descriptor = _descriptor(cls, slot)
    if isinstance(getattr(type(cls), name, None), FunctionType):
        type.__setattr__(cls, name, SharedName(name, descriptor))
    elif not hasattr(cls, name):
        type.__setattr__(cls, name, descriptor)


def _reader(slots: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what reads all *slots* of an instance at once."""
    if len(slots) > 1:
        return attrgetter(*slots)
    return _ReadFew(slots)


class _ReadFew:
    """Reads no slot or one; for more there is a function of Python's own."""

    __slots__ = ("_slots",)

    def __init__(self, slots: Sequence[str]) -> None:
        self._slots = slots

    def __call__(self, instance: Any) -> tuple[Any, ...]:
        return tuple(getattr(instance, slot) for slot in self._slots)


def _construct(kind: ValueType, coerce: Coerce) -> Coerce:
    """Return what makes a value of *kind* out of what a constructor is given."""
    is_private = kind.is_scalar or (isinstance(kind, ListType) and kind.item.is_scalar)
    if is_private:
        return coerce
    construct: Coerce = getattr(kind, "construct", coerce)
    return lambda value: construct(private(value))


def is_nothing(plan: Plan | None, value: Any) -> bool:
    """Tell whether *value* is no data: UNSET, or a function where no class of them is wanted."""
    if value.__class__ not in _FUNCTIONS:
        return value is UNSET
    return plan is None or not isinstance(plan.property.type, ClassType)


def private(value: Any) -> Any:
    """Return *value* with its dicts and lists copied, at any depth."""
    if isinstance(value, dict):
        return {key: private(item) for key, item in value.items()}
    if isinstance(value, list):
        return [private(item) for item in value]
    return value
