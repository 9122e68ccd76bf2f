"""Instances -> plain data, for stores and for code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import inflection

from juggler.models.instances.writers import ARE_PLAIN
from juggler.types.plain import PLAIN

NO_NAMES: Final[frozenset[str]] = frozenset()
AS_STORED: Final = None
"""In the place of whether hidden properties are left out: all are there, and no getter is asked."""


def to_object(
    instance: Any, only_schema: bool, remove_hidden: bool, remove_protected: bool
) -> dict[str, Any]:
    """Return the values of *instance* as a dict, embedded instances as dicts too."""
    found = items(instance, only_schema)
    if instance._getters:
        read_through(instance, found)
    for name in dropped(instance, remove_hidden, remove_protected):
        found.pop(name, None)
    return _opened(instance, found, only_schema, remove_hidden, remove_hidden or remove_protected)


def options_of(given: Mapping[str, bool]) -> tuple[bool, bool, bool]:
    """Return the options of `to_object` that a mapping has, in their order.

    Raises:
        TypeError: There is no such option.
    """
    found = {"only_schema": True, "remove_hidden": False, "remove_protected": False}
    for key, value in given.items():
        name = inflection.underscore(key)
        if name not in found:
            raise TypeError(f"to_object has no option {key!r}; there are {', '.join(found)}.")
        found[name] = bool(value)
    return found["only_schema"], found["remove_hidden"], found["remove_protected"]


def read_through(instance: Any, found: dict[str, Any]) -> None:
    """Put into *found* what the getters of the model show in the place of what is stored."""
    for name in instance._getters:
        shown = getattr(instance, name)
        if shown is not None:
            found[name] = shown


def for_store(instance: Any) -> dict[str, Any]:
    """Return what is stored: declared values that were given, dynamic data of an open model."""
    return _opened(instance, items(instance, True), True, AS_STORED)


def complete(instance: Any) -> dict[str, Any]:
    """Return all values as they are stored, also those that a strict model does not store."""
    return _opened(instance, items(instance, False), False, AS_STORED)


def items(instance: Any, only_schema: bool) -> dict[str, Any]:
    """Return name -> value of all that was given, without converting anything.

    Args:
        instance: The instance.
        only_schema: Leave out what a strict model does not store.
    """
    state = instance._state
    found: dict[str, Any] = instance._items(instance)
    for name in state.unset:
        del found[name]
    if not state.shared:
        found.update(state.extra or ())
        if state.loose and not only_schema:
            found.update(state.loose)
    return found


def shown(instance: Any) -> dict[str, Any]:
    """Return what `repr` may show: everything but hidden properties."""
    model, found = instance._model, items(instance, False)
    if instance._getters and model.is_disposed:
        found = {name: item for name, item in found.items() if name not in instance._getters}
    elif instance._getters:
        read_through(instance, found)
    hidden = model.definition.hidden
    return {name: item for name, item in found.items() if name not in hidden}


def dropped(instance: Any, hidden: bool, protected: bool) -> frozenset[str]:
    """Return the names to leave out."""
    definition = instance._model.definition
    names: frozenset[str] = definition.hidden if hidden else NO_NAMES
    return names | definition.protected if protected and definition.protected else names


def _opened(
    instance: Any,
    found: dict[str, Any],
    only_schema: bool,
    remove_hidden: bool | None,
    remove_protected: bool = False,
) -> dict[str, Any]:
    """Return *found* with its containers copied and the instances in it as dicts.

    What the types say is immutable is not looked at, unless the type refused the value.
    """
    state = instance._state
    names = instance._mutable
    if not state.shared and (state.bad or state.extra or state.loose):
        names = tuple(found)
    for name in names:
        if name in found:
            found[name] = plain(found[name], only_schema, remove_hidden, remove_protected)
    return found


def plain(
    value: Any,
    only_schema: bool = True,
    remove_hidden: bool | None = AS_STORED,
    remove_protected: bool = False,
) -> Any:
    """Return *value* with embedded instances as dicts and containers copied.

    The options are those of `to_object`; unless given, instances are as they are stored.
    """
    if type(value) in PLAIN:
        return value
    if isinstance(value, list) and ARE_PLAIN(map(type, value)):
        return [*value]
    options = only_schema, remove_hidden, remove_protected
    if isinstance(value, list | tuple):
        return [plain(item, *options) for item in value]
    if isinstance(value, dict):
        return {key: plain(item, *options) for key, item in value.items()}
    if hasattr(value, "_plans"):
        if remove_hidden is None:
            return _opened(value, items(value, only_schema), only_schema, AS_STORED)
        return value.to_object(*options)
    return value
