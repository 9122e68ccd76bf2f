"""Making instances fast: all slots of one are filled at once, unchecked.

Checked writes cost ten times as much as plain ones.  So an instance begins as one of a blank
subclass whose writes are Python's own, and becomes one of its class when its values are in.  The
classes and the code are made when the first instance is, so a model that is only defined costs none
of it, and they leave nothing behind: the code is compiled from text without a file, so no line
cache and no module refers to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, Final

from msgspec import UNSET

from juggler.models.state import LOADED, NOTHING, State

Assemble = Callable[[Any, State, Sequence[Any]], Any]
Loader = Callable[[Any, Mapping[str, Any]], Any]
Take = Callable[[Any, State, Any, Any, list[Any]], Any]
Construct = Callable[[Any, State, Mapping[str, Any], Take], tuple[Any, list[Any]]]

_ASSEMBLE: Final = """
def function(model, state, values):
    new = empty(Blank)
    new._model = model
    new._state = state
    [{targets}] = values
    new.__class__ = Class
    return new
"""

_CONSTRUCT: Final = """
def function(model, state, data, take):
    new = empty(Blank)
    new._model = model
    new._state = state
    get, missing = data.get, []
{lines}
    new.__class__ = Class
    return new, missing
"""

_TAKEN: Final = """\
    value = get({name!r}, UNSET)
    if value.__class__ is not {kept}:
        value = take(model, state, plan{at}, value, missing)
    new.{slot} = value"""


class NotCompiled:
    """Stands for a class that nobody has needed yet: has it made, and do what is asked."""

    @staticmethod
    def _construct(model: Any, state: State, data: Mapping[str, Any], take: Take) -> Any:
        return model._blueprint.cls._construct(model, state, data, take)

    @staticmethod
    def _load(model: Any, row: Mapping[str, Any]) -> Any:
        return model._blueprint.cls._load(model, row)


def load_first(model: Any, row: Mapping[str, Any]) -> Any:
    """Return an instance of *model* for a *row*; from the next call on compiled code does."""
    cls = model._blueprint.cls
    targets = ", ".join(f"new.{plan.slot}" for plan in cls._plans.values())
    load = _loader(cls, _compiled(cls, _ASSEMBLE.format(targets=targets)))
    type.__setattr__(cls, "_load", staticmethod(load))
    return load(model, row)


def construct_first(
    model: Any, state: State, data: Mapping[str, Any], take: Take
) -> tuple[Any, list[Any]]:
    """Return an instance of *model* from client *data*, and the plans of what is missing there.

    From the next call on compiled code does.

    Args:
        model: The model.
        state: State of the new instance.
        data: Name -> value.
        take: Makes the value of a property from one that may not stay as it is.
    """
    cls = model._blueprint.cls
    lines, plans = [], {}
    for at, (name, plan) in enumerate(cls._plans.items()):
        kept = "None" if plan.kept is None else plan.kept.__name__
        lines.append(_TAKEN.format(at=at, name=name, slot=plan.slot, kept=kept))
        plans[f"plan{at}"] = plan
    text = _CONSTRUCT.format(lines="\n".join(lines))
    construct: Construct = _compiled(cls, text, UNSET=UNSET, **plans)
    type.__setattr__(cls, "_construct", staticmethod(construct))
    return construct(model, state, data, take)


def _compiled(cls: Any, text: str, **names: Any) -> Any:
    """Return the function in *text*, which makes instances of *cls*."""
    scope = {"Blank": _blank(cls), "Class": cls, "empty": object.__new__, **names}
    exec(compile(text, "<shape>", "exec"), scope)  # noqa: S102  names are quoted, slots identifiers
    return scope["function"]


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


class _Quiet:
    """Keeps a user's ``__init_subclass__`` from hearing of the blank class."""

    __slots__ = ()

    def __init_subclass__(cls) -> None:
        """Do nothing, and ask nobody else to."""


def _loader(cls: Any, assemble: Assemble) -> Loader:
    """Return ``load(model, row)``: an instance from a row that the store vouches for."""
    count, pick = len(cls._plans), _picker(tuple(cls._plans))
    if any(_needs_care(plan) for plan in cls._plans.values()):
        return _nested_loader(cls, assemble)

    def load(model: Any, row: Mapping[str, Any]) -> Any:
        try:
            values = pick(row)
        except KeyError:
            return load_partial(model, row, assemble)
        if len(row) != count:
            return load_partial(model, row, assemble)
        return assemble(model, LOADED, values)

    return load


def _nested_loader(cls: Any, assemble: Assemble) -> Loader:
    """Return the loader of a class with values that are made anew, or that no store keeps."""
    plans = tuple(cls._plans.items())
    names = {name for name, plan in plans if plan.property.is_stored}
    virtual = frozenset(name for name, plan in plans if plan.is_stored) - names
    state = State(persisted=True, shared=True, unset=virtual) if virtual else LOADED

    def load(model: Any, row: Mapping[str, Any]) -> Any:
        if row.keys() != names:
            return load_partial(model, row, assemble)
        get = row.get
        return assemble(model, state, [_of_row(model, plan, get(name)) for name, plan in plans])

    return load


def _needs_care(plan: Any) -> bool:
    """Tell whether the value of a property is not simply that of the row."""
    return plan.nested or plan.rebuild is not None or not plan.property.is_stored


def _of_row(model: Any, plan: Any, value: Any) -> Any:
    """Return the *value* of a row as that of a property."""
    if plan.nested:
        return model._nest(plan.property.name, value)
    return value if plan.rebuild is None or value is None else plan.rebuild(value)


def load_foreign(model: Any, row: Mapping[str, Any]) -> Any:
    """Return an instance from a row of a store that may hold values of other types.

    Each is made a value of its property's type where it can be; custom setters do not run.
    """
    plans = model._blueprint.cls._plans
    return model.load(
        {
            name: value
            if value is None or name not in plans or plans[name].nested
            else plans[name].property.type.load(value)
            for name, value in row.items()
        }
    )


def _picker(names: Sequence[str]) -> Callable[[Mapping[str, Any]], Sequence[Any]]:
    """Return what picks the values called *names*; it raises KeyError where one is missing."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda row: [row[name] for name in names]


def load_partial(model: Any, row: Mapping[str, Any], assemble: Assemble) -> Any:
    """Return an instance from a stored row that lacks some properties or has others too."""
    plans = model._blueprint.cls._plans
    values, unset, absent = [], [], 0
    for name, plan in plans.items():
        value = row.get(name, UNSET)
        if value is UNSET:
            if plan.is_stored:
                unset.append(name)
            absent += 1
            value = None
        else:
            value = _of_row(model, plan, value)
        values.append(value)
    state = State(persisted=True, unset=frozenset(unset) if unset else NOTHING)
    if len(values) - absent != len(row) and not model.shape.strict:
        state.extra = _dynamic(plans, row)
    return assemble(model, state, values)


def _dynamic(plans: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what of a *row* is no property; names that clients cannot give are left out."""
    names = [name for name in row if name not in plans and not name.startswith("__")]
    return {name: row[name] for name in names} or None
