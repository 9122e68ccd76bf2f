"""What changed on an instance, taking it back, and copies that know it too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import UNSET

from juggler.models import dump, values
from juggler.models.build import Plan
from juggler.models.state import State
from juggler.types.base import BAD


def changes(instance: Any) -> dict[str, tuple[Any, Any]]:
    """Return name -> (former value, value now) of what was assigned, in order.

    An embedded instance that changed counts, with its former data as a dict.
    """
    found = {}
    for name, old in (instance._state.changed or {}).items():
        new = values.raw(instance, name)
        if not values.same(old, new):
            found[name] = (old, new)
    for name in instance._shape.nested:
        value = values.raw(instance, name)
        if name not in found and any(map(changes, embedded(value))):
            found[name] = (_former(value), value)
    return found


def saved(instance: Any, written: Iterable[str] | None = None) -> None:
    """Note that *instance* is stored as it is; with *written* that these values of it are."""
    state = values.owned(instance)
    found, before = changes(instance), state.changed or {}
    names = {*found, *before} if written is None else set(written)
    state.previous = {name: pair for name, pair in found.items() if name in names}
    state.changed = {name: old for name, old in before.items() if name not in names} or None
    for inner in _embedded(instance, names):
        saved(inner)


def reset(instance: Any) -> None:
    """Take back every assignment since *instance* was made, loaded or saved."""
    state = values.owned(instance)
    former, state.changed = state.changed or {}, None
    for name, old in former.items():
        _restore(instance, state, name, old)
    state.loose = state.unknown = None
    for inner in _embedded(instance, instance._shape.nested):
        reset(inner)


def _restore(instance: Any, state: State, name: str, old: Any) -> None:
    """Put the former value of one property back."""
    plan = instance._plans.get(name)
    if plan is None:
        extra = {**(state.extra or {}), name: old}
        state.extra = {key: value for key, value in extra.items() if value is not UNSET}
        return
    if old is UNSET:
        old, state.unset = None, state.unset | {name}
    else:
        state.unset = state.unset - {name}
    plan.put(instance, old)
    state.mark_bad(name, _is_bad(plan, old))


def _is_bad(plan: Plan, value: Any) -> bool:
    """Tell whether the type of a property refuses *value*."""
    return not plan.nested and value is not None and plan.coerce(value) is BAD


def _embedded(instance: Any, names: Iterable[str]) -> Iterator[Any]:
    """Yield the instances that are embedded under some *names*."""
    for name in instance._shape.nested.keys() & set(names):
        yield from embedded(values.raw(instance, name))


def embedded(value: Any) -> Iterator[Any]:
    """Yield the instances in the value of a nested property, through lists of any depth."""
    if hasattr(value, "_plans"):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from embedded(item)


def _former(value: Any) -> Any:
    """Return what embedded instances were before they changed, as plain data."""
    if isinstance(value, list):
        return [_former(item) for item in value]
    if not hasattr(value, "_plans"):
        return value
    data = value.to_dict()
    for name, (old, _) in changes(value).items():
        if old is UNSET:
            data.pop(name, None)
        else:
            data[name] = dump.plain(old)
    return data


# copies ---------------------------------------------------------------------------------------

_KEPT = ("persisted", "destroyed", "changed", "previous", "bad", "extra", "loose", "partial")


def kept(instance: Any) -> dict[str, Any]:
    """Return what a copy of *instance* has to know beside its values."""
    state = instance._state.own()
    return {name: getattr(state, name) for name in _KEPT}


def revived(model: Any, found: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    """Return the copy of an instance of *model* with the values *found*."""
    instance = model._blueprint.cls._load(model, found)
    state = values.owned(instance)
    for name, value in known.items():
        setattr(state, name, value)
    return instance
