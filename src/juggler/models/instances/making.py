"""Making instances of what clients give: coerced, with defaults, unknown names dealt with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from msgspec import UNSET

from juggler.errors import InvalidValueError
from juggler.models.build import Plan, is_nothing, private
from juggler.models.instances import values
from juggler.models.instances.assemble import Construct, Takes, embedded_at
from juggler.models.instances.nesting import as_good, nest, own
from juggler.models.instances.state import NEW, State
from juggler.models.instances.typed_list import held
from juggler.types.base import BAD


def make(
    model: Any,
    data: Mapping[str, Any],
    *,
    persisted: bool = False,
    defaults: bool = True,
    fields: Collection[str] | None = None,
    strict: bool | str | None = None,
    takes: Takes | None = None,
) -> Any:
    """Return a new instance of *model* from client *data*, of which nothing is kept or changed.

    Args:
        model: The model.
        data: Name -> value.
        persisted: The record is in the store already.
        defaults: Fill in what is missing.
        fields: Names that count, in *data* and of defaults; all unless given.
        strict: How this instance alone treats undeclared data; as the model says unless given.
        takes: What makes values of those that may not stay as they are.

    Raises:
        InvalidValueError: A value must be refused at once.
        ValidationError: A name is unknown and the model's mode is ``"throw"``.
    """
    if fields is not None:
        data = _limited(data, fields)
    construct: Construct = model._blueprint.maker._construct
    state = State(persisted=persisted, strict=strict) if persisted or strict is not None else NEW
    takes = TAKES if takes is None else takes
    instance, missing, count = construct(model, state, data, takes)
    if missing or count != len(data):
        _finish(instance, missing, count, data, takes, fields if defaults else ())
    return instance


def _limited(data: Mapping[str, Any], fields: Collection[str]) -> Mapping[str, Any]:
    """Return what of *data* is under one of the names in *fields*."""
    return {name: value for name, value in data.items() if name in fields}


def take(model: Any, instance: Any, plan: Plan, value: Any, missing: list[Plan]) -> Any:
    """Return client *value* as the value of a property; a bad one stays and is noted.

    Args:
        model: The model.
        instance: The instance that is made.
        plan: The property's.
        value: What was given; UNSET where nothing was, which is noted in *missing*, and so are
            functions.
        missing: Plans of properties without a value.

    Raises:
        InvalidValueError: The value must be refused at once; the error names the property.
    """
    if value is UNSET or is_nothing(plan, value):
        missing.append(plan)
        return None
    if value is None:
        return None
    name = plan.property.name
    try:
        found = nest(model, name, value) if plan.nested else plan.construct(value)
        if found is BAD:
            values.owned(instance).mark_bad(name, True)
            found = as_good(model, plan, private(value))
        if plan.parts:
            found = own(instance, plan, found)
    except InvalidValueError as error:
        raise values.named(error, model, name) from None
    except RecursionError:
        raise values.endless(model, name) from None
    return found


def take_embedded(
    model: Any, instance: Any, plan: Plan, value: dict[str, Any], within: State
) -> Any:
    """Return a dict as the instance that is embedded in a property.

    Args:
        model: The model.
        instance: The instance that is made.
        plan: The property's.
        value: What was given.
        within: State of untouched instances that are embedded in *instance*.

    Raises:
        InvalidValueError: The value must be refused at once; the error names the property.
    """
    name = plan.property.name
    embedded = embedded_at(model, name)
    if embedded is None:
        return take(model, instance, plan, value, [])
    made: list[Any] = []
    try:
        embedded._blueprint.make_within(embedded, (value,), within, made)
    except InvalidValueError as error:
        raise values.named(error, model, name) from None
    except RecursionError:
        raise values.endless(model, name) from None
    return made[0]


def take_embedded_list(
    model: Any, instance: Any, plan: Any, value: list[dict[str, Any]], within: State
) -> Any:
    """Return a list of dicts as one of embedded instances; see `take_embedded`."""
    name = plan.property.name
    embedded = embedded_at(model, name)
    if embedded is None:
        return take(model, instance, plan, value, [])
    made: list[Any] = []
    try:
        embedded._blueprint.make_within(embedded, value, within, made)
    except InvalidValueError as error:
        error.path = str(len(made)) if error.path is None else f"{len(made)}.{error.path}"
        raise values.named(error, model, name) from None
    except RecursionError:
        raise values.endless(model, name) from None
    return held(plan.items, embedded, made, within.parent)


def make_within(
    model: Any, rows: Iterable[Mapping[str, Any]], within: State, made: list[Any]
) -> None:
    """Make what `make` does of each of some *rows*, as instances embedded in one to come.

    Args:
        model: The model.
        rows: Client data of each.
        within: State of untouched instances that are embedded there.
        made: Gets the instances; when one is refused, it has those before it.
    """
    construct: Construct = model._blueprint.maker._construct
    for data in rows:
        instance, missing, count = construct(model, within, data, TAKES)
        if missing or count != len(data):
            _finish_within(instance, missing, count, data, within)
        made.append(instance)


def _finish_within(
    instance: Any, missing: list[Plan], count: int, data: Mapping[str, Any], within: State
) -> None:
    """Do what `_finish` does to an embedded instance.

    Defaults that users wrote see no owner, for that is not finished yet.
    """
    state = instance._state
    if state is within:
        _put_state(instance, "_state", NEW)
    else:
        state.parent = None
    _finish(instance, missing, count, data, TAKES)
    put_within(instance, within)


def put_within(instance: Any, within: State) -> None:
    """Make an *instance* that was just made one of those that *within* is the state of."""
    if instance._state is NEW:
        _put_state(instance, "_state", within)
    else:
        values.owned(instance).parent = within.parent


_put_state = object.__setattr__


class Taking:
    """Makes values of those that clients give and that may not stay as they are."""

    __slots__ = ()

    any = staticmethod(take)
    embedded = staticmethod(take_embedded)
    embedded_list = staticmethod(take_embedded_list)

    def other(self, data: Mapping[str, Any]) -> None:
        """Do nothing with *data* that is not taken as that of a property."""


TAKES: Final = Taking()


def _finish(
    instance: Any,
    missing: list[Plan],
    count: int,
    data: Mapping[str, Any],
    takes: Takes,
    defaulted: Collection[str] | None = None,
) -> None:
    """Fill in what is missing in an instance, and deal with what no property is called.

    Args:
        instance: The instance, with what compiled code takes of *data*.
        missing: Plans of properties without a value.
        count: How many properties there are.
        data: What was given.
        takes: Looks at what no property is called.
        defaulted: Names that get defaults; all unless given.
    """
    if missing:
        _complete(instance, missing, defaulted)
    if count - len(missing) != len(data):
        _add_undeclared(instance, data, takes)


def _complete(instance: Any, missing: list[Plan], defaulted: Collection[str] | None) -> None:
    """Fill in the defaults of *missing* properties, if their names are in *defaulted*."""
    model = instance._model
    unset: list[Plan] = []
    for plan in missing:
        is_due = plan.default is not None and (defaulted is None or plan.property.name in defaulted)
        value = values.default_of(plan, instance) if is_due else UNSET
        plan.put(instance, take(model, instance, plan, value, unset))
    unset = [plan for plan in unset if plan.is_stored]
    if model._blueprint.nulls:
        unset = [plan for plan in unset if plan.is_id]
    if unset:
        state = values.owned(instance)
        state.unset = state.unset | {plan.property.name for plan in unset}


def _add_undeclared(instance: Any, data: Mapping[str, Any], takes: Takes) -> None:
    """Deal with what *data* has beside the properties, as the model's strictness says."""
    known = instance._plans
    rest = {name: value for name, value in data.items() if name not in known and value is not UNSET}
    if rest:
        takes.other(rest)
        values.undeclared(instance, private(rest))
        if not instance._state.shared:
            instance._state.changed = None
