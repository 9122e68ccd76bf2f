"""Making instances fast: all slots of one are filled at once, unchecked.

Checked writes cost ten times as much as plain ones.  So an instance begins as one of a blank
subclass whose writes are Python's own, and becomes one of its class when its values are in.  The
classes and the code are made when the first instance is, so a model that is only defined costs none
of it, and they leave nothing behind: the code is compiled from text without a file, so no line
cache and no module refers to it.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from functools import partial
from textwrap import indent
from types import MappingProxyType
from typing import Any, Final, Protocol

from msgspec import UNSET

from juggler.definition.shape import EmbeddedType
from juggler.models.instances.state import LOADED, NEW, NOTHING, WITHIN_NEW, State
from juggler.models.instances.typed_list import Held
from juggler.types.base import BAD, ValueType
from juggler.types.number import NUMBER
from juggler.types.temporal import DATE

Loader = Callable[[Any, Mapping[str, Any]], Any]


class Takes(Protocol):
    """What makes values of those that may not stay as they are."""

    def any(self, model: Any, instance: Any, plan: Any, value: Any, missing: list[Any]) -> Any:
        """Make the value of any property, of whatever was given."""

    def embedded(self, model: Any, instance: Any, plan: Any, value: Any, within: State) -> Any:
        """Make an instance of a dict."""

    def embedded_list(self, model: Any, instance: Any, plan: Any, value: Any, within: State) -> Any:
        """Make a list of instances of a list of dicts."""

    def other(self, data: Mapping[str, Any]) -> None:
        """Look at data that is not taken as that of a property."""


Construct = Callable[[Any, State, Mapping[str, Any], Takes], tuple[Any, list[Any], int]]

_CONSTRUCT: Final = """
def function(model, state, data, take):
    new = empty()
    new._model = model
    new._state = state
    get, missing, count = data.get, [], {count}
{belonging}
{lines}
    new.__class__ = Class
    return new, missing, count
"""

# An id that the store makes: who lacks it alone shares a state with all others that do.
_MADE: Final = """\
    if state is NEW and {name!r} not in data:
        new._state = without_id
        new.{slot} = None
        count -= 1
    else:
{usual}"""

_TAKEN: Final = """\
    value = get({name!r}, UNSET)
    if not ({stays}):
        value = take.any(model, new, plan{at}, value, missing)
    new.{slot} = value"""

_READ: Final = """\
    value = get({name!r}, UNSET)
    if not ({stays}):
        if value.__class__ is str and (read := text{at}(value)) is not BAD:
            value = read
        else:
            value = take.any(model, new, plan{at}, value, missing)
    new.{slot} = value"""

_EMBEDDED: Final = """\
    value = get({name!r}, UNSET)
    if value.__class__ is dict:
        new.{slot} = take.embedded(model, new, plan{at}, value, within)
    else:
        new.{slot} = take.any(model, new, plan{at}, value, missing)"""

_EMBEDDED_LIST: Final = """\
    value = get({name!r}, UNSET)
    if value.__class__ is list and are_dicts(map(type, value)):
        new.{slot} = take.embedded_list(model, new, plan{at}, value, within)
    else:
        new.{slot} = take.any(model, new, plan{at}, value, missing)"""

_LIST: Final = """\
    value = get({name!r}, UNSET)
    if value.__class__ is list and are_kept{at}(map(type, value)):
        new.{slot} = value = Held(value)
        value._items = items{at}
        value._model = None
        value._owner = owner
    else:
        new.{slot} = take.any(model, new, plan{at}, value, missing)"""

# A float that is not finite differs from itself, or its difference does.
_STAYS: Final[Mapping[ValueType, str]] = MappingProxyType(
    {
        NUMBER: "value.__class__ is int or value.__class__ is float and value - value == 0",
        DATE: "value.__class__ is datetime and value.tzinfo is UTC",
    }
)
"""Type -> when a value of it may stay as it is, where its class alone does not tell."""


class NotCompiled:
    """Stands for a class that nobody has needed yet: has it made, and do what is asked."""

    @staticmethod
    def _construct(model: Any, state: State, data: Mapping[str, Any], take: Takes) -> Any:
        return model._blueprint.cls._construct(model, state, data, take)

    @staticmethod
    def _load(model: Any, row: Mapping[str, Any], state: State = LOADED) -> Any:
        return model._blueprint.cls._load(model, row, state)


def construct_first(
    model: Any, state: State, data: Mapping[str, Any], take: Takes
) -> tuple[Any, list[Any], int]:
    """Return an instance of *model* from client *data*.

    Beside it stand the plans of what is missing there, and how many plans there are; one id that is
    missing, and has no default, is not among them where the state tells.

    From the next call on compiled code does.

    Args:
        model: The model.
        state: State of the new instance.
        data: Name -> value.
        take: What makes values of those that may not stay as they are.
    """
    cls = model._blueprint.cls
    lines: list[str] = []
    names: dict[str, Any] = {"BAD": BAD, "UNSET": UNSET, "UTC": UTC, "datetime": datetime}
    names |= {"Held": Held, "Within": WITHIN_NEW, "NOTHING": NOTHING, "ref": weakref.ref}
    names |= {"are_dicts": ARE_DICTS, "NEW": NEW}
    for at, (name, plan) in enumerate(cls._plans.items()):
        if plan.items is not None and plan.items.kept is not None:
            are_kept = frozenset({plan.items.kept}).issuperset
            names |= {f"are_kept{at}": are_kept, f"items{at}": plan.items}
        usual = _form(plan).format(at=at, name=name, slot=plan.slot, stays=_stays(plan, at))
        if cls._shape.ids == (name,) and plan.default is None and plan.is_stored:
            names["without_id"] = State(shared=True, unset=frozenset({name}))
            usual = _MADE.format(name=name, slot=plan.slot, usual=indent(usual, "    "))
        lines.append(usual)
        names |= {f"plan{at}": plan, f"kept{at}": plan.kept, f"text{at}": plan.from_text}
    belonging = "\n".join(belonging_lines(cls._parts))
    text = _CONSTRUCT.format(belonging=belonging, lines="\n".join(lines), count=len(lines))
    construct: Construct = compiled(cls, text, **names)
    type.__setattr__(cls, "_construct", staticmethod(construct))
    return construct(model, state, data, take)


def _form(plan: Any) -> str:
    """Return the code that takes the value of a property."""
    kind = plan.property.type
    if isinstance(kind, EmbeddedType):
        return _EMBEDDED
    if plan.nested and isinstance(kind.item, EmbeddedType):
        return _EMBEDDED_LIST
    if getattr(plan.items, "kept", None) is not None:
        return _LIST
    return _TAKEN if plan.from_text is None else _READ


def _stays(plan: Any, at: int) -> str:
    """Return the condition under which a given value is that of the property as it is."""
    special = _STAYS.get(plan.property.type) if plan.from_text is not None else None
    if special is not None:
        return special
    return "False" if plan.kept is None else f"value.__class__ is kept{at}"


def belonging_lines(parts: Collection[Any]) -> list[str]:
    """Return code that makes what the values of *parts*, which are plans, have to know of ``new``.

    The state of embedded instances is a reference to their owner, too.
    """
    if not any(plan.nested for plan in parts):
        return ["    owner = ref(new)"] if parts else []
    return ["    owner = within = Within(new)", "    within.shared, within.unset = True, NOTHING"]


def compiled(cls: Any, text: str, **names: Any) -> Any:
    """Return the function in *text*, which makes instances of *cls*."""
    scope = {"Class": cls, "empty": _empty(_blank(cls)), **names}
    exec(compile(text, "<shape>", "exec"), scope)  # noqa: S102  names are quoted, slots identifiers
    return scope.pop("function")


def _blank(cls: Any) -> type:
    """Return the class of objects that take any values and then become instances of *cls*."""
    if "_blank" not in cls.__dict__:
        body = {
            "__slots__": (),
            # Both, or Python looks each write up in the class: they share one place in it.
            "__setattr__": object.__setattr__,
            "__delattr__": object.__delattr__,
            "_is_blank": True,
        }
        is_told = hasattr(cls.__init_subclass__, "__func__")
        bases = (_Quiet, cls) if is_told else (cls,)
        type.__setattr__(cls, "_blank", type.__new__(type(cls), cls.__name__, bases, body))
    found: type = cls._blank
    return found


def _empty(blank: type) -> Callable[[], Any]:
    """Return what makes empty objects of the class *blank*: itself where that does no more."""
    is_called = type(blank).__call__ is type.__call__
    is_made = all(getattr(blank, each) is getattr(object, each) for each in ("__new__", "__init__"))
    return blank if is_called and is_made else partial(object.__new__, blank)


class _Quiet:
    """Keeps a user's ``__init_subclass__`` from hearing of the blank class."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        """Do nothing, and ask nobody else to."""


def embedded_at(model: Any, name: str) -> Any:
    """Return the model that is embedded in a property, itself where a stand-in was named."""
    found = model._nested.get(name)
    return found if found is None or found._target is None else found._target


ARE_DICTS: Final = frozenset({dict}).issuperset
"""Tells whether all of some classes are those of dicts."""
