"""Declared models: ``class Order(Model)`` is a class, with the same API as a run-time model."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from types import FunctionType, MappingProxyType
from typing import Any, ClassVar, Final, dataclass_transform

from juggler.definition.model import Definition
from juggler.definition.shape import Shape
from juggler.errors import DefinitionError
from juggler.models.annotations import PropertySpec, own_properties, prop
from juggler.models.api import ALIVE, ModelApi
from juggler.models.behaviour import MEMBERS, STATICS
from juggler.models.blueprint import Blueprint, Variant
from juggler.models.build import Plan, furnish, slot_names, stored_slots
from juggler.models.extending import accessors_in, added, members_of
from juggler.models.extras import (
    NOTHING,
    Member,
    Names,
    alias_slots,
    getters_of,
    may_teach,
    teach,
)
from juggler.models.instances.instance import Instance
from juggler.models.instances.through import check_told
from juggler.models.runtime import NO_NESTED, RuntimeModel, descends

_UNUSED: Final = frozenset({"__init__", "__new__", "__slots__", "__setattr__", "__getattribute__"})
NO_PLANS: Final[Mapping[str, Plan]] = MappingProxyType({})
_UNTAKEN: Final = Member("")
_OURS: Final = frozenset({"build", "check_alive", "load", "observers_of"})


@dataclass_transform(kw_only_default=True, field_specifiers=(prop,))
class ModelMeta(ModelApi, type):
    """Metaclass of declared models: gives each class the model API and compiles its shape.

    Keywords of the class statement are ``data_source``, ``registry`` and any model setting.
    A class without a data source belongs to nobody until it is attached or registered.
    """

    default_registry: ClassVar[Any] = None
    """Registry of classes that name none; the public package sets it."""

    def __new__(
        mcs,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        data_source: Any = None,
        registry: Any = None,
        **settings: Any,
    ) -> ModelMeta:
        """Return the class: the root as it is, a model with a slot for each of its properties."""
        if not any(isinstance(base, ModelMeta) for base in bases):
            namespace.setdefault("__slots__", ())
            namespace.update(dict.fromkeys(("_name", "_blueprint"), _NoModel()))
            return super().__new__(mcs, name, bases, namespace)
        if registry is None:
            registry = getattr(data_source, "registry", None) or mcs.default_registry
        scope = {**vars(sys.modules[namespace["__module__"]]), **sys._getframe(1).f_locals}
        plain = {key: item for key, item in namespace.items() if not isinstance(item, property)}
        properties = own_properties(plain, scope)
        base = _base_of(name, bases, namespace)
        space = getattr(data_source, "models", None)
        traits = getattr(data_source, "traits", None)
        extra = {} if traits is None else {"traits": traits}
        module = namespace["__module__"]
        parsed = registry.builder.parse(
            name, properties, settings, space, base=base, module=module, **extra
        )
        _check_body(name, namespace, properties, parsed[0])
        body = {
            key: item
            for key, item in namespace.items()
            if key not in properties or isinstance(item, property)
        }
        cls = mcs._compiled(name, bases, body, *parsed)
        registry.builder.forwards.settle(cls, module)
        registry.builder.embed(cls, None)
        if data_source is not None:
            data_source.attach(cls)
        registry.builder.finish(cls)
        return cls

    @classmethod
    def _compiled(
        mcs,  # noqa: N804  a metaclass's own word
        name: str,
        bases: tuple[type, ...],
        body: dict[str, Any],
        shape: Shape,
        settings: Mapping[str, Any],
        base: Any,
    ) -> ModelMeta:
        """Return the class for a parsed definition, still without an owner."""
        api = {each for each in shape.names if isinstance(getattr(mcs, each, None), FunctionType)}
        behaviour = accessors_in(body, shape, name)
        names = added(base, behaviour).within(shape)
        slots = slot_names(shape, api | names.getters)
        inherited = {
            plan.slot for each in bases for plan in getattr(each, "_plans", NO_PLANS).values()
        }
        own = stored_slots(shape, slots)
        body["__slots__"] = tuple(slot for slot in own if slot not in inherited)
        body |= getters_of(mcs, names)
        cls = super().__new__(mcs, name, bases, body)
        definition = Definition(shape, settings, name)
        cls._name = name
        cls._owner = cls._source = cls._info = None
        cls._behaviour = behaviour
        cls._base = base
        cls._nested = NO_NESTED
        cls._status = ALIVE
        cls._since = 0.0
        furnish(cls, shape, slots)
        cls._blueprint = _standing(definition, cls, cls._names().within(shape))
        return cls

    def _stand_on(cls, blueprint: Blueprint) -> None:
        """Move the class to another shape of the same properties."""
        shape = blueprint.definition.shape
        names = cls._names().within(shape)
        made: type = cls
        if shape.names == tuple(cls.__dict__["_plans"]) and may_teach(cls, names):
            furnish(cls, shape, alias_slots(cls, names))
        else:
            made = _variant(cls, shape, names)
        cls._blueprint = _standing(blueprint.definition, made, names)
        cls._info = None

    def _names(cls) -> Names:
        """Return the names that instances have beside what their class has by itself."""
        found = super()._names()
        body = {name: item for each in cls.__mro__[::-1] for name, item in vars(each).items()}
        if callable(body.get("on_initialize")):
            check_told(cls.__name__, body["on_initialize"])
            found |= Names(is_told=True)
        known = {each for each in found.members if not isinstance(body.get(each, _UNTAKEN), Member)}
        return found._replace(members=found.members - known) if known else found

    def _passed_on(cls) -> Names:
        """Return the names that run-time models have which extend the class."""
        return super()._passed_on() | Names(members=frozenset(members_of(cls, MEMBERS)))

    def _find(cls, kind: str, name: str) -> Any:
        """Return what the class, or one that it extends, has of a *kind* under *name*, or None."""
        found = super()._find(kind, name)
        if found is None and kind in {MEMBERS, STATICS}:
            found = members_of(cls, kind).get(name)
        return found

    def __init__(cls, name: str, bases: Any, namespace: Any, **keywords: Any) -> None:
        super().__init__(name, bases, namespace)

    def __setattr__(cls, name: str, value: object) -> None:
        if name in cls.__dict__.get("_plans", ()):
            raise AttributeError(
                f"{cls.__name__}.{name} is a property of its instances and cannot be replaced."
            )
        super().__setattr__(name, value)

    def __instancecheck__(cls, instance: object) -> bool:
        if type.__instancecheck__(cls, instance):
            return True
        if not cls._is_model():
            return isinstance(instance, Instance)
        return descends(getattr(instance, "_model", None), cls)

    def __subclasses__(cls) -> list[Any]:
        """Return the direct subclasses, without the blank one that instances begin as."""
        found: list[Any] = super().__subclasses__()
        return [each for each in found if "_is_blank" not in each.__dict__]

    def __repr__(cls) -> str:
        return super().__repr__() if cls._is_model() else type.__repr__(cls)

    def _is_model(cls) -> bool:
        """Tell whether this is a model, not the root that models derive from."""
        return "_plans" in cls.__dict__


def _standing(definition: Definition, made: type, names: Names) -> Blueprint:
    """Return the blueprint of a class whose instances are of the class *made* and have *names*."""
    plain = Blueprint(definition, made)
    if names is NOTHING:
        return plain
    teach(made, names)
    return Variant(plain, names, made)


def _variant(cls: ModelMeta, shape: Shape, names: Names) -> type:
    """Return the class of instances of a declared model that was given other properties."""
    api = {each for each in shape.names if isinstance(getattr(type(cls), each, None), FunctionType)}
    slots = slot_names(shape, api | names.getters)
    inherited = {plan.slot for plan in cls.__dict__["_plans"].values()}
    own = tuple(slot for slot in stored_slots(shape, slots) if slot not in inherited)
    body = {"__slots__": own, "__module__": cls.__module__, "_is_blank": True}
    body |= getters_of(type(cls), names)
    made = type.__new__(type(cls), cls.__name__, (cls,), body)
    furnish(made, shape, slots)
    return made


class _NoModel:
    """Stands on the root, which is no model itself, for what models have."""

    def __get__(self, instance: Any, owner: type) -> Any:
        raise AttributeError(f"{owner.__name__} is the base of models; derive one from it.")


def _base_of(name: str, bases: tuple[type, ...], namespace: Mapping[str, Any]) -> Any:
    """Return the model that a class extends: a run-time one in its bases, or a declared parent."""
    given = namespace.get("__orig_bases__", ())
    found: list[Any] = [base for base in given if isinstance(base, RuntimeModel)]
    found += [base for base in bases if isinstance(base, ModelMeta) and base._is_model()]
    if len(found) > 1:
        raise DefinitionError(
            f"{name} extends several models; a model has one base.  Methods may come from any "
            "class that is no model.",
            model=name,
        )
    return found[0] if found else None


def _check_body(
    name: str, namespace: Mapping[str, Any], properties: Collection[str], shape: Shape
) -> None:
    """Refuse a class body with something in it that would not do what it says."""
    for found in namespace:
        problem = None
        if found in _UNUSED:
            problem = "is not used: instances are made from the properties alone"
        elif found in _OURS:
            problem = "is what the model itself is called for; choose another name"
        elif found in shape and not (found in properties or isinstance(namespace[found], property)):
            problem = "is a property of the base; annotate it to define it anew"
        if problem:
            raise DefinitionError(f"{name}.{found} {problem}.", model=name, property=found)


__all__ = ["ModelMeta", "PropertySpec", "own_properties", "prop"]
