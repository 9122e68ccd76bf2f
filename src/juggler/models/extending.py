"""What a model adds to its instances and to itself: accessors, methods, static members."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, MutableMapping
from types import FunctionType, MethodType
from typing import Any, Final, NoReturn, TypeVar

from juggler.definition.property import Property
from juggler.definition.shape import Shape
from juggler.errors import DefinitionError
from juggler.models.behaviour import GETTERS, MEMBERS, SETTERS, STATICS, Behaviour
from juggler.models.extras import NOTHING, Names
from juggler.models.instances.through import INITIALIZE

F = TypeVar("F", bound=Callable[..., Any])


class Accessors(MutableMapping[str, Callable[..., Any]]):
    """Property name -> the function that reads, or writes, that property of a model's instances.

    Those of base models are in it too; what is put here, or taken away, is the model's own.  Called
    with a name it is a decorator.
    """

    __slots__ = ("_kind", "_model")

    def __init__(self, model: Any, kind: str) -> None:
        self._model = model
        self._kind = kind

    def __call__(self, name: str) -> Callable[[F], F]:
        """Return what lets a function read, or write, the property *name*."""

        def decorate(function: F) -> F:
            self[name] = function
            return function

        return decorate

    def __getitem__(self, name: str) -> Callable[..., Any]:
        found: Callable[..., Any] | None = self._model._find(self._kind, name)
        if found is None:
            raise KeyError(name)
        return found

    def __setitem__(self, name: str, function: Callable[..., Any]) -> None:
        model = self._model
        model.check_alive(f"adding one of the {self._kind}")
        check_accessor(model.shape, name, self._kind, function, model.model_name)
        model._own_behaviour().add_extra(self._kind, name, function)
        model._refit()

    def __delitem__(self, name: str) -> None:
        behaviour: Behaviour | None = self._model._behaviour
        if behaviour is None:
            raise KeyError(name)
        behaviour.remove_extra(self._kind, name)
        self._model._refit()

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(getattr(self._model._names(), self._kind)))

    def __len__(self) -> int:
        return len(getattr(self._model._names(), self._kind))

    def __repr__(self) -> str:
        return repr(dict(self))


def check_accessor(shape: Shape, name: str, kind: str, function: Any, model_name: str) -> None:
    """Refuse an accessor that could not do what it says.

    Raises:
        DefinitionError: *name* is no stored property, or *function* cannot be called or is async.
    """
    problem = _objection(shape.properties.get(name), kind)
    if not callable(function):
        problem = f"is not read or written by {function!r}, which cannot be called"
    elif inspect.iscoroutinefunction(function):
        problem = "cannot be read or written by an async function; use a hook for what has to wait"
    if problem:
        raise DefinitionError(f"{model_name}.{name} {problem}.", model=model_name, property=name)


def _objection(item: Property | None, kind: str) -> str:
    """Return why a property cannot have an accessor of a *kind*; empty if it can."""
    if item is None:
        return "is no property"
    if item.computed is not None:
        return "is computed already"
    is_key = item.id > 0 and kind == GETTERS
    return "is the primary key, which is read as it is stored" if is_key else ""


class ExtraMethods:
    """The part of the model API that adds to instances and to the model itself.

    Models that extend it have what it adds, also what is added later.  Functions are looked up at
    each use; models that add nothing pay nothing.
    """

    __slots__ = ()

    _name: str
    _base: Any
    _behaviour: Behaviour | None

    def _own_behaviour(self) -> Behaviour:
        raise NotImplementedError

    @property
    def getter(self) -> Accessors:
        """Return property name -> function of the instance that makes what is read.

        Attribute reads, output and rules see that; what is stored is the property's own value,
        ``instance.raw(name)``.

        >>> User = registry.define("User", {"name": "string"})
        >>> @User.getter("name")
        ... def shown(user):
        ...     return user.raw("name").title()
        >>> User(name="ada").name
        'Ada'
        """
        return Accessors(self, GETTERS)

    @property
    def setter(self) -> Accessors:
        """Return property name -> function of instance and value that stores what was given.

        It runs once for each value that a caller gives, at construction, assignment or in a call;
        not for defaults, loaded rows, or a save.  It stores by ``instance.set_raw(name, value)``;
        what it raises is the caller's.

        >>> User = registry.define("User", {"password": "string"})
        >>> @User.setter("password")
        ... def scrambled(user, password):
        ...     user.set_raw("password", password[::-1])
        >>> User(password="abc").password
        'cba'
        """
        return Accessors(self, SETTERS)

    def add_method(self, function: F, name: str | None = None) -> F:
        """Let instances have *function* as a method; also a decorator.

        Args:
            function: Function of the instance and further arguments, or a ``property``.
            name: What it is called; the function's own name unless given.

        Raises:
            DefinitionError: A property is called so, or it cannot be called.
        """
        model: Any = self
        made = _name_of(function, name)
        if made in model.shape:
            self._refuse(made, "is a property; give the method another name")
        if not (callable(function) or isinstance(function, property)):
            self._refuse(made, f"is to be a function or a property, not {function!r}")
        self._own_behaviour().add_extra(MEMBERS, made, function)
        self._refit()
        return function

    def add_static(self, function: F, name: str | None = None) -> F:
        """Let the model have *function* as a method of its own, called with the model first.

        Args:
            function: Function of the model and further arguments.
            name: What it is called; the function's own name unless given.

        Raises:
            DefinitionError: Every model has something of that name.
        """
        made = _name_of(function, name)
        if hasattr(type(self), made):
            self._refuse(made, "is what every model has; choose another name")
        self._own_behaviour().add_extra(STATICS, made, function)
        return function

    # inside ---------------------------------------------------------------------------------------

    def _refuse(self, name: str, why: str) -> NoReturn:
        raise DefinitionError(f"{self._name}.{name} {why}.", model=self._name, property=name)

    def _find(self, kind: str, name: str) -> Any:
        """Return what this model, or one that it extends, has of a *kind* under *name*, or None."""
        behaviour = self._behaviour
        if behaviour is not None and behaviour.extras is not None:
            found = behaviour.extras[kind].get(name)
            if found is not None:
                return found
        base = self._base
        return None if base is None else base._find(kind, name)

    def _names(self) -> Names:
        """Return the names that this model adds to its instances, with those that it inherits."""
        return added(self._base, self._behaviour)

    def _passed_on(self) -> Names:
        """Return the names that models have which extend this one."""
        return self._names()

    def _refit(self) -> None:
        """Let the model, and those that extend it, stand on classes that know their names."""
        model: Any = self
        registry = getattr(model._owner, "registry", None) or getattr(
            type(model), "default_registry", None
        )
        if registry is None:
            model._stand_on(model._blueprint)
        else:
            registry.builder.refit(model)


def names_of(behaviour: Behaviour) -> Names:
    """Return the names that one model adds by itself."""
    is_told = INITIALIZE in behaviour.observers
    extras = behaviour.extras
    if extras is None:
        return Names(is_told=True) if is_told else NOTHING
    kinds = [frozenset(extras[kind]) for kind in (GETTERS, SETTERS, MEMBERS)]
    return Names(kinds[0], kinds[1], kinds[2], is_told)


def added(base: Any, behaviour: Behaviour | None) -> Names:
    """Return the names of a model with this *base* and *behaviour*."""
    found: Names = NOTHING if base is None else base._passed_on()
    return found if behaviour is None else found | names_of(behaviour)


def accessors_in(body: dict[str, Any], shape: Shape, model_name: str) -> Behaviour | None:
    """Take the accessors, Python properties called as stored ones, out of a class body."""
    found = {
        name: body.pop(name)
        for name, item in list(body.items())
        if isinstance(item, property) and name in shape
    }
    if not found:
        return None
    behaviour = Behaviour()
    pairs = [(name, GETTERS, item.fget) for name, item in found.items()]
    pairs += [(name, SETTERS, item.fset) for name, item in found.items() if item.fset]
    for name, kind, function in pairs:
        check_accessor(shape, name, kind, function, model_name)
        behaviour.add_extra(kind, name, function)
    return behaviour


def members_of(cls: Any, kind: str) -> dict[str, Any]:
    """Return name -> what a declared class, or a plain one among its bases, has of one *kind*.

    Members are functions and properties, for instances; statics all else that has a public name.
    """
    root = next(filter(_is_root, cls.__mro__))
    own = [each for each in reversed(cls.__mro__) if each not in root.__mro__]
    found = {name: item for each in own for name, item in vars(each).items()}
    slots = {plan.slot for each in own for plan in vars(each).get("_plans", {}).values()}
    taken = slots.union(cls.shape.names)
    return {
        name: item for name, item in found.items() if name not in taken and _is_of(kind, name, item)
    }


def _is_root(cls: Any) -> bool:
    """Tell whether *cls* is the base of declared models."""
    return "_plans" not in vars(cls) and issubclass(type(cls), ExtraMethods)


def _is_of(kind: str, name: str, item: Any) -> bool:
    """Tell whether something in a class body is passed on to instances, or to models."""
    if name.startswith("__") or name in _LEFT_ALONE:
        return False
    is_member = isinstance(item, FunctionType | property)
    if kind == MEMBERS:
        return is_member
    is_static = isinstance(item, classmethod | staticmethod) or not hasattr(item, "__get__")
    return is_static and not (is_member or name.startswith("_"))


_LEFT_ALONE: Final = frozenset({"id", "setup"})


def static_of(model: Any, name: str) -> Any:
    """Return the static member *name* of *model*, bound to it; None for none."""
    found = model._find(STATICS, name)
    if isinstance(found, staticmethod):
        return found.__func__
    if isinstance(found, classmethod):
        found = found.__func__
    return MethodType(found, model) if inspect.isroutine(found) else found


def _name_of(function: Any, name: str | None) -> str:
    """Return what a member is called."""
    found = name or getattr(function, "__name__", None)
    if found is None and isinstance(function, property):
        found = getattr(function.fget, "__name__", None)
    if not isinstance(found, str) or not found.isidentifier():
        raise DefinitionError(f"{function!r} has no name; give it one with `name=`.", value=found)
    return found
