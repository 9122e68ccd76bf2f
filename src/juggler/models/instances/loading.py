"""Loading rows that a store vouches for: compiled like all that makes instances (`assemble`).

What is embedded is made within the record that it is in: it belongs to that from the start, and all
of it shares one state until it is touched.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from msgspec import UNSET

from juggler.definition.shape import EmbeddedType
from juggler.models.instances.assemble import ARE_DICTS, belonging_lines, compiled, embedded_at
from juggler.models.instances.late import unread_class
from juggler.models.instances.nesting import own
from juggler.models.instances.state import LOADED, NOTHING, WITHIN_LOADED, State
from juggler.models.instances.typed_list import Held, held
from juggler.types.base import ValueType
from juggler.types.structured import ListType, decoded

_LOAD: Final = """
def function(model, row, state=LOADED):
    if len(row) != {count}:
        return load_partial(model, row, state)
    new = empty()
    try:
        new._model = model
{reads}
    except KeyError:
        return load_partial(model, row, state)
    new._state = state
{parts}
    new.__class__ = {kind}
    return new
"""

_PLAIN: Final = "        new.{slot} = row[{name!r}]"
_READ: Final = "        value{at} = row[{name!r}]"
_REBUILT: Final = """\
    if value{at} is not None:
        value{at} = rebuild{at}(value{at})
"""
_SET: Final = "    new.{slot} = value{at}"
_LIST: Final = """\
    if value{at}.__class__ is list:
        new.{slot} = value = Held(value{at})
        value._items = items{at}
        value._model = None
        value._owner = owner
    else:
        new.{slot} = value{at} if value{at} is None else own(new, plan{at}, value{at})"""
_LATE: Final = """\
    if value{at}.__class__ is list:
        new.{slot} = value = Held(value{at})
        value._items = items{at}
        value._model = value._owner = None
        kind = Unread
    else:
        new.{slot} = value{at} if value{at} is None else own(new, plan{at}, value{at})"""
_OWNED: Final = """\
    new.{slot} = value{at} if value{at} is None else own(new, plan{at}, value{at})"""
_NESTED: Final = """\
    new.{slot} = value{at} if value{at} is None else nested(new, plan{at}, value{at})"""
_EMBEDDED: Final = """\
    if value{at}.__class__ is dict:
        new.{slot} = embedded(new, plan{at}, value{at}, within)
    else:
        new.{slot} = value{at} if value{at} is None else nested(new, plan{at}, value{at})"""
_EMBEDDED_LIST: Final = """\
    if value{at}.__class__ is list and are_dicts(map(type, value{at})):
        new.{slot} = embedded_list(new, plan{at}, value{at}, within)
    else:
        new.{slot} = value{at} if value{at} is None else nested(new, plan{at}, value{at})"""


def load_first(model: Any, row: Mapping[str, Any], state: State = LOADED) -> Any:
    """Return an instance of *model* for a *row*; from the next call on compiled code does.

    Args:
        model: The model.
        row: Name -> value.
        state: State of the instance; one that is embedded gets that of its owner's parts.
    """
    cls = model._blueprint.cls
    if cls._load is not load_first:
        return cls._load(model, row, state)
    reads, parts, names = [], [], {**_NAMES}
    made = [plan for plan in cls._parts if plan not in cls._late]
    if cls._late:
        names["Unread"] = unread_class(cls)
        parts.append("    kind = Class")
    stored = [plan for plan in cls._plans.values() if plan.is_stored]
    for at, plan in enumerate(stored):
        told = {"at": at, "name": plan.property.name, "slot": plan.slot}
        names |= {f"plan{at}": plan, f"items{at}": plan.items, f"rebuild{at}": plan.rebuild}
        form = _form(plan, is_late=plan in cls._late)
        reads.append((_READ if form else _PLAIN).format(**told))
        parts += [form.format(**told)] if form else []
    text = _LOAD.format(
        count=len(stored),
        reads="\n".join(reads),
        parts="\n".join([*belonging_lines(made), *parts]),
        kind="kind" if cls._late else "Class",
    )
    load = compiled(cls, text, **names)
    type.__setattr__(cls, "_load", staticmethod(load))
    return load(model, row, state)


def _form(plan: Any, *, is_late: bool) -> str:
    """Return the code that makes the value of a property of that in a row; "" where it is that."""
    kind = plan.property.type
    if isinstance(kind, EmbeddedType):
        return _EMBEDDED
    if plan.nested:
        return _EMBEDDED_LIST if isinstance(kind.item, EmbeddedType) else _NESTED
    before = "" if plan.rebuild is None else _REBUILT
    if plan.items is None:
        return before and before + _SET
    if is_late:
        return before + _LATE
    return before + (_LIST if plan.items.inner is None else _OWNED)


def _nested(new: Any, plan: Any, value: Any) -> Any:
    """Return the *value* of a row as that of a property of *new* with embedded instances."""
    return own(new, plan, new._model._nest(plan.property.name, value))


def _embedded(new: Any, plan: Any, value: dict[str, Any], within: State) -> Any:
    """Return a dict as the instance that is embedded in a property of *new*."""
    model = embedded_at(new._model, plan.property.name)
    if model is None:
        return _nested(new, plan, value)
    return model._blueprint.maker._load(model, value, within)


def _embedded_list(new: Any, plan: Any, value: list[dict[str, Any]], within: State) -> Any:
    """Return a list of dicts as one of the instances that are embedded in a property of *new*."""
    model = embedded_at(new._model, plan.property.name)
    if model is None:
        return _nested(new, plan, value)
    load = model._blueprint.maker._load
    return held(plan.items, model, [load(model, each, within) for each in value], within.parent)


def load_partial(model: Any, row: Mapping[str, Any], state: State) -> Any:
    """Return an instance from a stored row that lacks some properties or has others too.

    Args:
        model: The model.
        row: Name -> value.
        state: State that an instance with nothing missing would get.
    """
    cls, known = model._blueprint.cls, 0
    values, unset = {}, []
    for name, plan in cls._plans.items():
        value = row.get(name, UNSET)
        if value is not UNSET:
            known += 1
        elif plan.is_stored:
            unset.append(name)
        if plan.is_stored:
            values[name] = None if value is UNSET else value
    mine = State(persisted=True, unset=frozenset(unset) if unset else NOTHING, parent=state.parent)
    if known != len(row) and not model.shape.strict:
        mine.extra = _dynamic(cls._plans, row)
    return cls._load(model, values, mine)


def _dynamic(plans: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what of a *row* is no property; names that clients cannot give are left out."""
    names = [name for name in row if name not in plans and not name.startswith("__")]
    return {name: row[name] for name in names} or None


def load_foreign(model: Any, row: Mapping[str, Any]) -> Any:
    """Return an instance from a row of a store that may hold values of other types.

    Each is made a value of its property's type where it can be; custom setters do not run.
    """
    plans = model._blueprint.cls._plans
    return model.load(
        {
            name: value
            if value is None or name not in plans
            else _foreign(plans[name].property.type, embedded_at(model, name), value)
            for name, value in row.items()
        }
    )


def _foreign(kind: ValueType, inner: Any, value: Any) -> Any:
    """Return a value of a foreign row as one of *kind*, with instances of *inner* where it can be.

    What does not fit stays as it is.
    """
    if inner is None:
        return kind.load(value)
    value = decoded(value)
    if isinstance(kind, ListType) and isinstance(value, list | tuple):
        return [_foreign(kind.item, inner, item) for item in value]
    is_one = isinstance(kind, EmbeddedType) and isinstance(value, Mapping)
    return load_foreign(inner, value) if is_one else value


_NAMES: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "Held": Held,
        "LOADED": LOADED,
        "NOTHING": NOTHING,
        "Within": WITHIN_LOADED,
        "are_dicts": ARE_DICTS,
        "embedded": _embedded,
        "embedded_list": _embedded_list,
        "load_partial": load_partial,
        "nested": _nested,
        "own": own,
        "ref": weakref.ref,
    }
)
"""Names in the code of every class."""
