"""Instances as what the store gets of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, Final

from msgspec import UNSET

from juggler.connectors.contract import ModelInfo, Records
from juggler.definition.property import Property
from juggler.errors import InvalidValueError
from juggler.models.instances import dump, values
from juggler.models.instances.state import State
from juggler.models.validating.inside import embedded_in
from juggler.persistence.operation import Operation

_HABITS: Final = "juggler.persistence.storing"
"""Key of a model's habits of writing in the cache of its `ModelInfo`."""


def stored(
    instance: Any, only: Iterable[str] | None = None, *, replaces: bool = False
) -> dict[str, Any]:
    """Return what the store gets of *instance*: embedded instances as dicts, nothing missing.

    A value that was removed from a stored record is null, so that it goes there too.

    Args:
        instance: What is stored.
        only: Names that are wanted; all unless given.
        replaces: It takes the place of a whole record.

    Raises:
        InvalidValueError: A value is none that its type accepts.
    """
    state: State = instance._state
    habits = habits_of(instance._model)
    if state.shared and habits.is_flat:  # nobody has noted anything of it
        data = dump.items(instance, True)
    else:
        data = _stored(instance, habits, replaces=replaces)
    if only is None:
        return data
    wanted = set(only)
    return {name: value for name, value in data.items() if name in wanted}


def _stored(instance: Any, habits: _Habits, *, replaces: bool) -> dict[str, Any]:
    """Return all that the store gets of an instance, whatever it is; see `stored`."""
    state: State = instance._state
    if state.bad or instance._shape.nested:
        refuse_bad(instance)
    data = dump.for_store(instance)
    if state.changed:
        data.update((name, None) for name in _removed(instance, state.changed))
    if not habits.is_plain:
        _follow_habits(instance, data, replaces=replaces)
    return data


def stored_all(op: Operation, instances: Sequence[Any]) -> Sequence[dict[str, Any]]:
    """Return what the store gets of new *instances*; see `stored`.

    That of instances of which nothing is noted is read at once where the store takes it like that.
    """
    model, state = instances[0]._model, instances[0]._state
    names = [name for name in instances[0]._plans if name not in state.unset]
    is_flat = state.shared and habits_of(model).is_flat and len(names) > 1  # one is read bare
    if not (is_flat and op.store.takes_records and all(map(_has(model, state), instances))):
        return [stored(each) for each in instances]
    read = attrgetter(*(instances[0]._plans[name].slot for name in names))
    return Records(tuple(names), [*map(read, instances)])


def _has(model: Any, state: State) -> Callable[[Any], bool]:
    """Return what tells whether an instance is of *model* and shares *state*."""
    return lambda instance: instance._state is state and instance._model is model


def _removed(instance: Any, changed: Iterable[str]) -> list[str]:
    """Return which of the *changed* names have no value any more."""
    ids = instance._shape.ids
    return [name for name in changed if name not in ids and values.raw(instance, name) is UNSET]


def refuse_bad(instance: Any) -> None:
    """Raise if a value is none that its type accepts: validation may be off, coercion never is."""
    if instance._shape.nested:
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
        unpersisted: Those of them that are left out of one that is replaced, too.
        unstored: Names of properties that no store keeps.
        nullable: Properties that are written as null where they are missing.
        nested: Names of embedded models, which have habits of their own.
        is_plain: They say nothing: all values are stored as they are.
        is_flat: And no value is one that can be changed.
    """

    __slots__ = (
        "is_flat",
        "is_plain",
        "nested",
        "nullable",
        "unpersisted",
        "unstored",
        "unwritten",
    )

    def __init__(self, info: ModelInfo) -> None:
        self.unwritten = tuple(filter(_is_trimmed, info.shape))
        self.unpersisted = tuple(each for each in self.unwritten if not each.is_default_persisted)
        self.unstored = tuple(info.shape.unstored)
        is_wanted = bool(info.settings.get("persist_undefined_as_null"))
        self.nullable: tuple[str, ...] = tuple(
            item.name for item in info.shape if is_wanted and not item.id and item.is_stored
        )
        self.nested = tuple(info.shape.nested)
        said = (self.unwritten, self.unstored, self.nullable, self.nested)
        self.is_plain = not any(said)
        self.is_flat = self.is_plain and all(item.type.is_scalar for item in info.shape)


def _is_trimmed(item: Property) -> bool:
    """Tell whether a property is left out of a new record while it has its default."""
    if item.frozen_default is UNSET or callable(item.frozen_default):
        return False
    return item.options.get("apply_default_on_writes") is False or not item.is_default_persisted


def _is_equal(value: Any, default: Any) -> bool:
    """Tell whether *value* is the *default*; True is not 1."""
    return bool(value == default) and isinstance(value, bool) is isinstance(default, bool)


def habits_of(model: Any) -> _Habits:
    """Return what shape and settings of *model* say about writing."""
    info: ModelInfo = model._info or model.info
    habits: _Habits | None = info.cache.get(_HABITS)
    if habits is None:
        habits = info.cache[_HABITS] = _Habits(info)
    return habits


def _follow_habits(
    instance: Any, data: dict[str, Any], *, nested: bool = False, replaces: bool = False
) -> None:
    """Change *data* as the settings of the instance's model, and of embedded ones, want it."""
    habits = habits_of(instance._model)
    is_new = nested or not instance._state.persisted
    for item in habits.unwritten if is_new else habits.unpersisted if replaces else ():
        if item.name in data and _is_equal(data[item.name], item.default):
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
