"""What changed on an instance, taking it back, and copies that know it too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import UNSET

from juggler.models.build import Plan
from juggler.models.instances import dump, values
from juggler.models.instances.nesting import has_bad_items, own
from juggler.models.instances.state import State
from juggler.models.instances.typed_list import List
from juggler.types.base import BAD


def changes(instance: Any) -> dict[str, tuple[Any, Any]]:
    """Return name -> (former value, value now) of what was assigned, in order.

    A list that was changed in place counts, with its former items as a plain list, and so does an
    embedded instance that changed, with its former data as a dict.
    """
    found = {}
    for name, old in (instance._state.changed or {}).items():
        new = values.raw(instance, name)
        if not _same(old, new):
            found[name] = (_former(old) if _has_changed(old) else old, new)
    return {**found, **_inner_changes(instance, instance._shape.nested.keys() - found)}


def _inner_changes(instance: Any, names: Iterable[str]) -> dict[str, tuple[Any, Any]]:
    """Return what `changes` does, of the embedded instances that changed under some *names*."""
    nested = [name for name in instance._shape.nested if name in names]
    pairs = [(name, values.raw(instance, name)) for name in nested]
    return {name: (_former(value), value) for name, value in pairs if _has_changed(value)}


def was(instance: Any, name: str) -> Any:
    """Return the former value of a property, None if it was never given; see `changes`."""
    before = instance._state.changed or {}
    old = before[name] if name in before else instance.get(name)
    if _has_changed(old):
        return _former(old)
    return None if old is UNSET else old


def saved(instance: Any, written: Iterable[str] | None = None) -> None:
    """Note that *instance* is stored as it is; with *written* that these values of it are."""
    state = values.owned(instance)
    if not (state.changed or instance._shape.nested):
        state.previous, state.changed = {}, None
        return
    found, before = changes(instance), state.changed or {}
    names = {*found, *before} if written is None else set(written)
    state.previous = {
        name: (old, _items_now(new)) for name, (old, new) in found.items() if name in names
    }
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
        if old is not UNSET:
            state.add("extra", {name: old})
        elif state.extra:
            state.extra.pop(name, None)
        return
    if old is UNSET:
        old, state.unset = None, state.unset | {name}
    else:
        state.unset = state.unset - {name}
    _put_back(instance, plan, old)
    state.mark_bad(name, _is_bad(instance, plan))


def _put_back(instance: Any, plan: Plan, old: Any) -> None:
    """Put a former value back; a list that was changed in place stays the same object."""
    now = plan.get(instance)
    if type(old) is not list or not plan.parts:
        plan.put(instance, old)
    elif isinstance(now, List):
        list.__setitem__(now, slice(None), own(instance, plan, old))
    else:
        plan.put(instance, own(instance, plan, old))


def _is_bad(instance: Any, plan: Plan) -> bool:
    """Tell whether the type of a property refuses the value that it has."""
    value = plan.get(instance)
    if value is None:
        return False
    if plan.items is not None:
        return has_bad_items(instance, plan)
    if plan.nested:
        return not hasattr(value, "_plans")
    return plan.coerce(value) is BAD


# lists that change in place ---------------------------------------------------------------------


def list_changes(instance: Any, name: str, found: Any) -> bool:
    """Note that the list *found* is about to change; tell whether it is in the property *name*.

    Raises:
        InvalidValueError: The property is immutable, and the record is stored.
    """
    plan: Plan = instance._plans[name]
    value = plan.get(instance)
    changed = instance._state.changed or {}
    if changed.get(name) is found:
        changed[name] = _items_now(found)  # it was replaced, and what it was is still known
    if not _is_within(value, found):
        return False
    if plan.is_fixed and instance._state.persisted:
        values._keep(instance, plan, UNSET)
    _keep_former(instance, name, value)
    return True


def _keep_former(instance: Any, name: str, value: Any) -> None:
    """Note what a list is before its first change since the last load or save."""
    state = values.owned(instance)
    if name not in (state.changed or ()):
        state.given(name, _items_now(value))


def list_changed(instance: Any, name: str) -> None:
    """Find out anew whether something is bad in the list of the property *name*."""
    values.owned(instance).mark_bad(name, has_bad_items(instance, instance._plans[name]))


def _is_within(value: Any, found: Any) -> bool:
    """Tell whether a list is *found* or has it in it."""
    if value is found:
        return True
    return isinstance(value, List) and any(
        _is_within(item, found) for item in value if isinstance(item, List)
    )


def _items_now(value: Any) -> Any:
    """Return a list as a plain one, lists in it too; the items are the same objects."""
    return [_items_now(item) for item in value] if isinstance(value, list) else value


def _same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal and of one type, in lists item by item."""
    if one is other:
        return True
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return values.same(one, other)


def _has_changed(value: Any) -> bool:
    """Tell whether an instance that is embedded in *value* has changed."""
    return any(map(changes, embedded(value)))


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
