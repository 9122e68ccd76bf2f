"""Data on its way in: what callers give, as instances, and instances as what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from msgspec import UNSET

from juggler.connectors.contract import ModelInfo
from juggler.definition.property import Property
from juggler.errors import InvalidQueryError, InvalidValueError
from juggler.models import dump, values
from juggler.models.api import ModelApi
from juggler.models.instance import Instance
from juggler.models.state import State
from juggler.models.validate import embedded_in
from juggler.persistence.operation import Operation
from juggler.query.limits import DEEPEST, Limits
from juggler.query.structure import check_structure

DEFAULT_DEPTH: Final = 64
_LEAVES: Final = frozenset({str, int, float, bool, type(None), datetime, Decimal, bytes})
_CODES: Final = {
    "QUERY_OBJECT_TOO_DEEP": "DATA_OBJECT_TOO_DEEP",
    "QUERY_OBJECT_IS_CIRCULAR": "DATA_OBJECT_IS_CIRCULAR",
}
_HABITS: Final = "juggler.persistence.data"
"""Key of a model's habits of writing in the cache of its `ModelInfo`."""


def given_data(op: Operation, data: Any, what: str = "data") -> dict[str, Any]:
    """Return the caller's *data* as a private dict, without what has no value.

    Raises:
        TypeError: It is neither a mapping nor an instance.
        InvalidValueError: A name is no text; or the data is too deep, circular or no Unicode.
    """
    if isinstance(data, Instance):
        return dump.for_store(data)
    if not isinstance(data, Mapping):
        raise TypeError(f"{op.name}: {what} is a mapping of values, not {type(data).__name__}.")
    found = {name: value for name, value in data.items() if value is not UNSET}
    for name in op.shape.unstored.intersection(found):
        if op.shape.properties[name].computed is not None:
            del found[name]
    for name in found:
        if not isinstance(name, str):
            raise InvalidValueError(
                f"{op.name}: {name!r} is no property name; names are text.", model=op.model_name
            )
    if not _LEAVES.issuperset(map(type, found.values())):
        _check_depth(op, found)
    return found


def make(
    op: Operation,
    data: Mapping[str, Any],
    *,
    model: Any = None,
    persisted: bool = False,
    defaults: bool = True,
) -> Any:
    """Return an instance of *data* with the values that the scope of the call forces on it."""
    model = op.model if model is None else model
    forced = op.scope.values
    if forced:
        data = {**data, **forced}
    return ModelApi.build(model, data, persisted=persisted, defaults=defaults)


def force(op: Operation, instance: Any) -> None:
    """Put the values that the scope forces on records into *instance*."""
    for name, value in op.scope.values.items():
        values.put(instance, name, value)


def stored(instance: Any, only: Iterable[str] | None = None) -> dict[str, Any]:
    """Return what the store gets of *instance*: embedded instances as dicts, nothing missing.

    A value that was removed from a stored record is null, so that it goes there too.

    Args:
        instance: What is stored.
        only: Names that are wanted; all unless given.

    Raises:
        InvalidValueError: A value is none that its type accepts.
    """
    refuse_bad(instance)
    state: State = instance._state
    data = dump.for_store(instance)
    if state.changed:
        data.update((name, None) for name in _removed(instance, state.changed))
    _follow_habits(instance, data)
    if only is None:
        return data
    wanted = set(only)
    return {name: value for name, value in data.items() if name in wanted}


def _removed(instance: Any, changed: Iterable[str]) -> list[str]:
    """Return which of the *changed* names have no value any more."""
    ids = instance._shape.ids
    return [name for name in changed if name not in ids and values.raw(instance, name) is UNSET]


def refuse_bad(instance: Any) -> None:
    """Raise if a value is none that its type accepts: validation may be off, coercion never is."""
    for _, inner in embedded_in(instance):
        refuse_bad(inner)
    for name in instance._state.bad or ():
        kind = instance._plans[name].property.type
        raise InvalidValueError(
            f"{instance._model.model_name}: {name!r} {kind.bad_message}.",
            model=instance._model.model_name,
            property=name,
            value=values.raw(instance, name),
        )


class _Habits:
    """What a shape and settings say about writing; worked out once.

    Attributes:
        unwritten: Properties that are left out of a new record while they have their default.
        unstored: Names of properties that no store keeps.
        nullable: Properties that are written as null where they are missing.
        nested: Names of embedded models, which have habits of their own.
    """

    __slots__ = ("nested", "nullable", "unstored", "unwritten")

    def __init__(self, info: ModelInfo) -> None:
        self.unwritten = tuple(filter(_is_trimmed, info.shape))
        self.unstored = tuple(info.shape.unstored)
        is_wanted = bool(info.settings.get("persist_undefined_as_null"))
        self.nullable: tuple[str, ...] = tuple(
            item.name for item in info.shape if is_wanted and not item.id and item.is_stored
        )
        self.nested = tuple(info.shape.nested)


def _is_trimmed(item: Property) -> bool:
    """Tell whether a property is left out of a new record while it has its default."""
    if item.frozen_default is UNSET or callable(item.frozen_default):
        return False
    return any(item.options.get(option) is False for option in _TRIMMED)


_TRIMMED: Final = ("apply_default_on_writes", "persist_default_values")


def _habits_of(model: Any) -> _Habits:
    info: ModelInfo = model.info
    habits: _Habits | None = info.cache.get(_HABITS)
    if habits is None:
        habits = info.cache[_HABITS] = _Habits(info)
    return habits


def _follow_habits(instance: Any, data: dict[str, Any], *, nested: bool = False) -> None:
    """Change *data* as the settings of the instance's model, and of embedded ones, want it."""
    habits = _habits_of(instance._model)
    if nested or not instance._state.persisted:
        for item in habits.unwritten:
            if item.name in data and data[item.name] == item.default:
                del data[item.name]
    for name in habits.unstored:
        data.pop(name, None)
    for name in habits.nullable:
        data.setdefault(name, None)
    for name in habits.nested:
        _follow_inside(values.raw(instance, name), data.get(name))


def _follow_inside(value: Any, data: Any) -> None:
    """Change the *data* of embedded instances, alone or in lists, as their models want it."""
    if isinstance(value, list) and isinstance(data, list):
        for item, inner in zip(value, data, strict=False):
            _follow_inside(item, inner)
    elif hasattr(value, "_plans") and isinstance(data, dict):
        _follow_habits(value, data, nested=True)


def _check_depth(op: Operation, data: Mapping[str, Any]) -> None:
    """Refuse data that is too deep or leads back to itself."""
    depth = op.setting("max_depth_of_data", DEFAULT_DEPTH)
    limits = Limits(max_depth=min(depth, DEEPEST), max_values=10_000_000, undefined="ignore")
    try:
        check_structure(data, limits, "data")
    except InvalidQueryError as error:
        raise InvalidValueError(
            error.message.replace("query", "data"),
            code=_CODES.get(error.code, "INVALID_VALUE"),
            model=op.model_name,
            path=error.path,
        ) from error
