"""Data on its way in: what callers give, as instances."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

from msgspec import UNSET

from juggler.definition.shape import Shape
from juggler.errors import InvalidValueError
from juggler.models.build import is_nothing
from juggler.models.instances import dump, values
from juggler.models.instances.assemble import Takes
from juggler.models.instances.instance import Instance
from juggler.models.instances.making import Taking, take, take_embedded, take_embedded_list
from juggler.models.instances.state import State
from juggler.persistence.operation import Operation
from juggler.persistence.scoping import NO_SCOPE
from juggler.query.changes import has_changes
from juggler.query.helpers.sanitising import check_data

DEFAULT_DEPTH: Final = 64
LEAVES: Final = frozenset({str, int, float, bool, type(None), datetime, Decimal, bytes})
_ARE_TEXTS: Final = frozenset({str}).issuperset
NO_NAMES: Final[frozenset[str]] = frozenset()
NO_VALUES: Final[Mapping[str, Any]] = NO_SCOPE.values
_CHANGING: Final = frozenset(
    "update_attributes update_all upsert upsert_with_where bulk_update bulk_upsert".split()
)
"""Operations that take changes which the store works out."""


def given_data(op: Operation, data: Any, what: str = "data") -> dict[str, Any]:
    """Return the caller's *data* as a private dict, without what has no value, and functions.

    Raises:
        TypeError: It is neither a mapping nor an instance.
        InvalidValueError: A name is no text; or the data is too deep, circular or no Unicode.
    """
    if isinstance(data, Instance):
        op.is_raw = bool(data._setters) and isinstance(data, op.model)
        check_held(op, data)
        return dump.for_store(data)
    found = dict(_mapping(op, data, what))
    if not LEAVES.issuperset(map(type, found.values())):
        plans = op.model._blueprint.cls._plans
        found = {
            name: value for name, value in found.items() if not is_nothing(plans.get(name), value)
        }
    _check(op, found)
    return found


def _mapping(op: Operation, data: Any, what: str = "data") -> Mapping[str, Any]:
    """Return the caller's *data*, without the values of properties that are worked out.

    Raises:
        TypeError: It is no mapping.
    """
    if data.__class__ is not dict and not isinstance(data, Mapping):
        raise TypeError(f"{op.name}: {what} is a mapping of values, not {type(data).__name__}.")
    return _without_computed(op.shape, data) if op.shape.unstored else data


def _check(op: Operation, data: Mapping[Any, Any]) -> None:
    """Refuse *data* that is too deep, circular or no Unicode, or has names that are no text."""
    if not _ARE_TEXTS(map(type, data)):
        _check_names(op, data)
    if not LEAVES.issuperset(map(type, data.values())):
        _check_depth(op, data)
        _check_changes(op, data)


class _Checking(Taking):
    """Makes values of those that a caller gives, and looks first at what has parts; of one call.

    What may stay as it is has none, so most data needs no look of its own.
    """

    __slots__ = ("_op",)

    def __init__(self, op: Operation) -> None:
        self._op = op

    def any(self, model: Any, instance: Any, plan: Any, value: Any, missing: list[Any]) -> Any:
        """Make the value of any property, of whatever was given."""
        if value.__class__ not in LEAVES and value is not UNSET:
            _check(self._op, {plan.property.name: value})
        return take(model, instance, plan, value, missing)

    def embedded(self, model: Any, instance: Any, plan: Any, value: Any, within: State) -> Any:
        """Make an instance of a dict."""
        _check(self._op, {plan.property.name: value})
        return take_embedded(model, instance, plan, value, within)

    def embedded_list(self, model: Any, instance: Any, plan: Any, value: Any, within: State) -> Any:
        """Make a list of instances of a list of dicts."""
        _check(self._op, {plan.property.name: value})
        return take_embedded_list(model, instance, plan, value, within)

    def other(self, data: Mapping[str, Any]) -> None:
        """Look at *data* that no property is called, or that setters get."""
        _check(self._op, data)


def make_new(op: Operation, data: Any) -> Any:
    """Return an instance of the caller's *data* for a new record; see `given_data` and `make`."""
    if data.__class__ is not dict:
        if data is None:
            return make(op, {})
        if isinstance(data, Instance):
            return make(op, given_data(op, data))
        data = _mapping(op, data)
    elif op.shape.unstored:
        data = _without_computed(op.shape, data)
    return make(op, data, takes=_Checking(op))


def new_maker(op: Operation) -> Callable[[Any], Any]:
    """Return what makes instances of callers' data for new records; see `make_new`."""
    blueprint = op.model._blueprint
    if op.scope is not NO_SCOPE or op.shape.unstored or blueprint.names.setters:
        return partial(make_new, op)
    quick = partial(blueprint.make, op.model, takes=_Checking(op))
    return lambda data: quick(data) if data.__class__ is dict else make_new(op, data)


def _without_computed(shape: Shape, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return *data* without the values of properties that are worked out."""
    known = shape.properties
    computed = {name for name in shape.unstored if known[name].computed is not None}
    return {name: value for name, value in data.items() if name not in computed}


def _check_names(op: Operation, data: Mapping[Any, Any]) -> None:
    """Refuse *data* whose names are no text; what has no value does not count."""
    for name, value in data.items():
        if not isinstance(name, str) and value is not UNSET:
            raise InvalidValueError(
                f"{op.name}: {name!r} is no property name; names are text.", model=op.model_name
            )


def check_held(op: Operation, instance: Any) -> None:
    """Refuse an *instance* that holds data which is too deep, or leads back to itself.

    Raises:
        InvalidValueError: It does.
    """
    state: State = instance._state
    if not instance._mutable and not state.extra and not state.bad:
        return
    try:
        held = dump.for_store(instance)
    except RecursionError as error:
        raise InvalidValueError(
            f"{op.name}: the data of {op.model_name} leads back to itself.",
            code="DATA_OBJECT_IS_CIRCULAR",
            model=op.model_name,
        ) from error
    if not LEAVES.issuperset(map(type, held.values())):
        _check_depth(op, held)


def _check_changes(op: Operation, data: Mapping[str, Any]) -> None:
    """Refuse changes that a store would work out where a whole record is given."""
    if op.name not in _CHANGING and has_changes(data):
        raise InvalidValueError(
            f"{op.name}: inc, mul, push, pull and unset are for updates; give values here.",
            code="INVALID_OPERATOR",
            model=op.model_name,
        )


def make(
    op: Operation,
    data: Mapping[str, Any],
    *,
    model: Any = None,
    persisted: bool = False,
    defaults: bool = True,
    takes: Takes | None = None,
) -> Any:
    """Return an instance of *data* with the values that the scope of the call forces on it."""
    model = op.model if model is None else model
    blueprint, forced = model._blueprint, NO_VALUES
    if op.scope is not NO_SCOPE:
        forced = op.scope.of(data).values
        data = {**data, **forced} if forced else data
    if blueprint.names.setters:
        raw = None if op.is_raw else forced.keys()
        return blueprint.make(
            model, data, persisted=persisted, defaults=defaults, takes=takes, raw=raw
        )
    return blueprint.make(model, data, persisted=persisted, defaults=defaults, takes=takes)


def force(op: Operation, instance: Any) -> None:
    """Put the values that the scope forces on records into *instance*."""
    for name, value in op.scope.of(instance).values.items():
        put = values.set_raw if name in instance._setters else values.put
        put(instance, name, value)


def fixed_names(op: Operation, names: Iterable[str]) -> set[str]:
    """Return which of some *names* a stored record keeps the values of, its id excepted."""
    plans = op.model._blueprint.cls._plans
    known = (plans[name] for name in names if name in plans)
    return {plan.property.name for plan in known if plan.is_fixed and not plan.is_id}


def set_through(op: Operation, instance: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """Set *given* values on *instance* and return what of them, and beside them, is new there.

    Setters of the model get what callers gave, and may store it, or something else, elsewhere.
    """
    setters = NO_NAMES if op.is_raw else instance._setters.difference(op.scope.values)
    if setters.isdisjoint(given):
        for name, value in given.items():
            (values.set_raw if name in instance._setters else values.put)(instance, name, value)
        return dict(given)
    former = {name: values.raw(instance, name) for name in instance._plans}
    for name, value in given.items():
        values.put(instance, name, value)
    now = {name: values.raw(instance, name) for name in instance._plans}
    new = {name: item for name, item in now.items() if not values.same(former[name], item)}
    return {**{name: item for name, item in given.items() if name not in setters}, **new}


def _check_depth(op: Operation, data: Mapping[str, Any]) -> None:
    """Refuse data that is too deep or leads back to itself."""
    check_data(data, op.setting("max_depth_of_data", DEFAULT_DEPTH), op.model_name)
