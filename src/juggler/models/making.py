"""Making instances of what clients give: coerced, with defaults, unknown names dealt with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from msgspec import UNSET

from juggler.errors import InvalidValueError
from juggler.models import values
from juggler.models.assemble import Construct
from juggler.models.build import Plan, private
from juggler.models.nesting import nest
from juggler.models.state import State
from juggler.types.base import BAD


def make(
    model: Any,
    data: Mapping[str, Any],
    *,
    persisted: bool = False,
    defaults: bool = True,
    fields: Collection[str] | None = None,
    strict: bool | str | None = None,
) -> Any:
    """Return a new instance of *model* from client *data*, of which nothing is kept or changed.

    Args:
        model: The model.
        data: Name -> value.
        persisted: The record is in the store already.
        defaults: Fill in what is missing.
        fields: Names that count, in *data* and of defaults; all unless given.
        strict: How this instance alone treats undeclared data; as the model says unless given.

    Raises:
        InvalidValueError: A value must be refused at once.
        ValidationError: A name is unknown and the model's mode is ``"throw"``.
    """
    if fields is not None:
        data = {name: value for name, value in data.items() if name in fields}
    construct: Construct = model._blueprint.maker._construct
    instance, missing = construct(model, State(persisted=persisted, strict=strict), data, take)
    if missing:
        _complete(instance, missing, fields if defaults else ())
    if len(instance._plans) - len(missing) != len(data):
        _add_undeclared(instance, data)
    return instance


def take(model: Any, state: State, plan: Plan, value: Any, missing: list[Plan]) -> Any:
    """Return client *value* as the value of a property; a bad one stays and is noted.

    Args:
        model: The model.
        state: State of the instance that is made.
        plan: The property's.
        value: What was given; UNSET where nothing was, which is noted in *missing*.
        missing: Plans of properties without a value.

    Raises:
        InvalidValueError: The value must be refused at once; the error names the property.
    """
    if value is UNSET:
        missing.append(plan)
        return None
    if value is None:
        return None
    name = plan.property.name
    try:
        found = nest(model, name, value) if plan.nested else plan.construct(value)
        if found is BAD:
            state.mark_bad(name, True)
            found = private(value)
    except InvalidValueError as error:
        raise values.named(error, model, name) from None
    except RecursionError:
        raise InvalidValueError(
            f"{model.model_name}: the value of {name!r} contains itself, or is nested too deeply.",
            model=model.model_name,
            property=name,
            path=name,
        ) from None
    return found


def _complete(instance: Any, missing: list[Plan], defaulted: Collection[str] | None) -> None:
    """Fill in the defaults of *missing* properties, if their names are in *defaulted*."""
    model, state = instance._model, instance._state
    unset: list[Plan] = []
    for plan in missing:
        is_due = plan.default is not None and (defaulted is None or plan.property.name in defaulted)
        value = values.default_of(plan, instance) if is_due else UNSET
        plan.put(instance, take(model, state, plan, value, unset))
    unset = [plan for plan in unset if plan.is_stored]
    if model._blueprint.nulls:
        unset = [plan for plan in unset if plan.is_id]
    if unset:
        state.unset = frozenset(plan.property.name for plan in unset)


def _add_undeclared(instance: Any, data: Mapping[str, Any]) -> None:
    """Deal with what *data* has beside the properties, as the model's strictness says."""
    rest = {name: value for name, value in data.items() if name not in instance._plans}
    if rest:
        values.undeclared(instance, private(rest))
        instance._state.changed = None
