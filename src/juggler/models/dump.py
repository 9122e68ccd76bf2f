"""Instances -> plain data: for stores, for code, for JSON."""

from __future__ import annotations

from typing import Any, Final

from msgspec import UNSET

from juggler.types.base import ValueType
from juggler.types.plain import PLAIN
from juggler.types.plain import plain as plain_json
from juggler.types.structured import ListType

NO_NAMES: Final[frozenset[str]] = frozenset()


def to_object(
    instance: Any, only_schema: bool, remove_hidden: bool, remove_protected: bool
) -> dict[str, Any]:
    """Return the values of *instance* as a dict, embedded instances as dicts too."""
    found = items(instance, only_schema)
    for name in _dropped(instance, remove_hidden, remove_protected):
        found.pop(name, None)
    return _opened(instance, found, only_schema, remove_hidden)


def to_json(instance: Any, nested: bool = False) -> dict[str, Any]:
    """Return plain JSON data; hidden properties are left out, protected ones when *nested*."""
    found = items(instance, False)
    for name in _dropped(instance, True, nested):
        found.pop(name, None)
    plans = instance._plans
    for name, value in found.items():
        if type(value) not in PLAIN:
            plan = plans.get(name)
            found[name] = _json(None if plan is None else plan.property.type, value)
    return found


def for_store(instance: Any) -> dict[str, Any]:
    """Return what is stored: declared values that were given, dynamic data of an open model."""
    return _opened(instance, items(instance, True), True, False)


def items(instance: Any, only_schema: bool) -> dict[str, Any]:
    """Return name -> value of all that was given, without converting anything.

    Args:
        instance: The instance.
        only_schema: Leave out what a strict model does not store.
    """
    state = instance._state
    found = dict(zip(instance._plans, instance._read(instance), strict=True))
    for name in state.unset:
        del found[name]
    if state.extra:
        found.update(state.extra)
    if state.loose and not only_schema:
        found.update(state.loose)
    return found


def plain(value: Any) -> Any:
    """Return *value* with embedded instances as dicts and containers copied."""
    return _plain(value, True, False)


def shown(instance: Any) -> dict[str, Any]:
    """Return what `repr` may show: everything but hidden properties."""
    hidden = instance._model.definition.hidden
    return {name: item for name, item in items(instance, False).items() if name not in hidden}


def _dropped(instance: Any, hidden: bool, protected: bool) -> frozenset[str]:
    """Return the names to leave out."""
    definition = instance._model.definition
    names: frozenset[str] = definition.hidden if hidden else NO_NAMES
    return names | definition.protected if protected and definition.protected else names


def _opened(
    instance: Any, found: dict[str, Any], only_schema: bool, remove_hidden: bool
) -> dict[str, Any]:
    """Return *found* with its containers copied and the instances in it as dicts.

    What the types say is immutable is not looked at, unless the type refused the value.
    """
    state = instance._state
    names = instance._mutable
    if state.bad or state.extra or state.loose:
        names = tuple(found)
    for name in names:
        if name in found:
            found[name] = _plain(found[name], only_schema, remove_hidden)
    return found


def _plain(value: Any, only_schema: bool, remove_hidden: bool) -> Any:
    if type(value) in PLAIN:
        return value
    if isinstance(value, list | tuple):
        return [_plain(item, only_schema, remove_hidden) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item, only_schema, remove_hidden) for key, item in value.items()}
    if hasattr(value, "_plans"):
        return value.to_object(only_schema, remove_hidden, remove_hidden)
    return value


def _json(kind: ValueType | None, value: Any) -> Any:
    """Return one value as JSON data, by its type where one is declared."""
    if type(value) in PLAIN:
        return value
    if kind is not None and kind.is_scalar:
        return kind.dump(value)
    if isinstance(value, list | tuple):
        item = kind.item if isinstance(kind, ListType) else None
        return [_json(item, each) for each in value]
    if isinstance(value, dict):
        return {str(key): _json(None, each) for key, each in value.items() if each is not UNSET}
    if hasattr(value, "_plans"):
        return to_json(value, nested=True)
    return plain_json(value)
