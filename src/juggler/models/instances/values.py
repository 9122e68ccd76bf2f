"""Values of instances: coerced on the way in, tracked, read back as given."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from msgspec import UNSET

from juggler.definition.settings import checked_strict
from juggler.errors import InvalidValueError
from juggler.messages.text import say
from juggler.models.build import Plan, is_nothing, private
from juggler.models.instances.nesting import as_good, is_own, nest, own
from juggler.models.instances.state import State
from juggler.models.validating.speaking import messages_of
from juggler.models.validating.unknown import unknown_properties
from juggler.query.helpers.ids import id_equals
from juggler.types.base import BAD


def raw(instance: Any, name: str) -> Any:
    """Return the value of a declared or dynamic property, UNSET if there is none."""
    plan: Plan | None = instance._plans.get(name)
    state: State = instance._state
    if plan is not None:
        value = getattr(instance, plan.slot)
        return UNSET if value is None and name in state.unset else value
    if state.extra and name in state.extra:
        return state.extra[name]
    return state.loose.get(name, UNSET) if state.loose else UNSET


def read(instance: Any, name: str) -> Any:
    """Return the value of a property as its getter, if it has one, shows it; UNSET for none."""
    found = raw(instance, name)
    if name in instance._getters:
        shown = getattr(instance, name)
        return found if shown is None and found is UNSET else shown
    if found is UNSET and instance._state.related:
        return instance._state.related.get(name, UNSET)
    return found


def set_raw(instance: Any, name: str, value: Any) -> None:
    """Set one property without its setter; the value is coerced to its type all the same."""
    if name in instance._plans:
        assign(instance, name, value)
    else:
        attach(instance, name, value)


def owned(instance: Any) -> State:
    """Return the instance's own state, made private first where it is shared."""
    state: State = instance._state
    if state.shared:
        state = state.own()
        object.__setattr__(instance, "_state", state)
    return state


# writing --------------------------------------------------------------------------------------


def assign(instance: Any, name: str, value: Any) -> None:
    """Set an attribute: a declared property, coerced, or a dynamic one of an open model.

    UNSET forgets the value; a function is no data and changes nothing.

    Raises:
        AttributeError: There is no such property, or it is the id of a stored record.
        InvalidValueError: The value must be refused at once; the error names the property.
    """
    plan: Plan | None = instance._plans.get(name)
    if plan is None:
        _assign_other(instance, name, value)
        return
    if value.__class__ is plan.kept:
        new, is_bad = value, False
    elif is_nothing(plan, value):
        _leave_out(instance, name, value)
        return
    else:
        new, is_bad = _assigned(instance, plan, value)
    state: State = instance._state
    if state.shared:
        state = owned(instance)
    if plan.is_fixed and state.persisted:
        _keep(instance, plan, new)
        return
    changed = state.changed
    if changed is None:
        changed = state.changed = {}
    if name not in changed:
        changed[name] = raw(instance, name)
    if is_bad or state.bad:
        state.mark_bad(name, is_bad)
    if name in state.unset:
        state.unset = state.unset - {name}
    plan.put(instance, new)


def _leave_out(instance: Any, name: str, value: Any) -> None:
    """Forget the value of *name* where UNSET takes its place; a function changes nothing."""
    if value is UNSET:
        remove(instance, name)


def _assign_other(instance: Any, name: str, value: Any) -> None:
    """Set an attribute that is no property: the id by its other name, or a dynamic one."""
    own = getattr(type(instance), name, None)
    if name == "id" and instance._shape.ids:
        instance.set_id(value)
    elif isinstance(own, property) and own.fset is not None:
        own.fset(instance, value)
    elif strict_of(instance) or hasattr(type(instance), name):
        raise AttributeError(
            f"{instance._model.model_name} has no property {name!r} that could be set; "
            f'use instance["{name}"] for undeclared data.'
        )
    else:
        undeclared(instance, {name: value})


def put(instance: Any, name: str, value: Any) -> None:
    """Set what is called *name* in client data; unknown names are treated as the model says."""
    plan = instance._plans.get(name)
    if plan is not None:
        if plan.is_stored:
            setattr(instance, name, value)
    else:
        undeclared(instance, {name: value})


def attach(instance: Any, name: str, value: Any) -> None:
    """Set what is called *name* on purpose: what a strict model does not store is kept here.

    Raises:
        ValidationError: The model's mode is ``"throw"`` and the name is unknown.
    """
    strict = strict_of(instance)
    plan = instance._plans.get(name)
    if plan is not None and not plan.is_stored:
        return
    if value is UNSET:
        remove(instance, name)
    elif name in instance._plans or not strict or strict == "throw":
        put(instance, name, value)
    elif name in instance._model._blueprint.relations:
        undeclared(instance, {name: value})
    else:
        owned(instance).add("loose", {name: value})


def _keep(instance: Any, plan: Plan, new: Any) -> None:
    """Refuse another id, or another value of an immutable property, for a stored record.

    Raises:
        AttributeError: It is another id.
        InvalidValueError: It is another value of an immutable property.
    """
    name = plan.property.name
    if plan.is_id:
        _keep_id(instance, name, new)
        return
    former = raw(instance, name)
    if not same(None if former is UNSET else former, None if new is UNSET else new):
        raise InvalidValueError(
            f"{name!r} of a stored {instance._model.model_name} is immutable.",
            code="IMMUTABLE",
            model=instance._model.model_name,
            property=name,
            path=name,
        )


def _keep_id(instance: Any, name: str, new: Any) -> None:
    """Refuse another id for a stored record; the one it has stays."""
    former = raw(instance, name)
    if not id_equals(former, new):
        model = instance._model
        told = {"name": repr(name), "model": model.model_name, "old": repr(former)}
        raise AttributeError(
            messages_of(model).text(
                "id.fixed-stored", {**told, "new": repr(new)}, model=model.model_name
            )
        )


def remove(instance: Any, name: str) -> None:
    """Forget the value of *name*: a declared property reads None, a dynamic one is gone."""
    state = owned(instance)
    plan: Plan | None = instance._plans.get(name)
    if plan is None:
        _forget_undeclared(state, name)
        return
    if instance._model._blueprint.nulls and not plan.is_id:
        assign(instance, name, None)
        return
    former = raw(instance, name)
    if plan.is_fixed and state.persisted:
        _keep(instance, plan, UNSET)
    plan.put(instance, None)
    state.given(name, former)
    state.mark_bad(name, False)
    state.unset = state.unset | {name}


def _forget_undeclared(state: State, name: str) -> None:
    """Forget a name that is no property's."""
    if state.extra and name in state.extra:
        state.given(name, state.extra.pop(name))
    for kept in (state.unknown, state.loose):
        if kept:
            kept.pop(name, None)


def accepted(model: Any, plan: Plan, value: Any) -> tuple[Any, bool]:
    """Return *value* as the property's type makes it, and whether the type refuses it.

    Raises:
        InvalidValueError: It must be refused at once; the error names the property.
    """
    if value is None:
        return None, False
    try:
        found = nest(model, plan.property.name, value) if plan.nested else plan.coerce(value)
        return (as_good(model, plan, private(value)), True) if found is BAD else (found, False)
    except InvalidValueError as error:
        raise named(error, model, plan.property.name) from None
    except RecursionError:
        raise endless(model, plan.property.name) from None


def _assigned(instance: Any, plan: Plan, value: Any) -> tuple[Any, bool]:
    """Return what `accepted` does, as it belongs to *instance* where values do."""
    if not plan.parts:
        return accepted(instance._model, plan, value)
    if is_own(instance, plan, value):
        return value, plan.property.name in (instance._state.bad or ())
    new, is_bad = accepted(instance._model, plan, value)
    return own(instance, plan, new), is_bad


def endless(model: Any, name: str) -> InvalidValueError:
    """Return the error for the value of a property that leads back to itself."""
    return InvalidValueError(
        f"{model.model_name}: the value of {name!r} contains itself, or is nested too deeply.",
        model=model.model_name,
        property=name,
        path=name,
    )


def named(error: InvalidValueError, model: Any, name: str) -> InvalidValueError:
    """Return *error*, told of the property and, for one inside it, of the path."""
    error.path = name if error.path is None else f"{name}.{error.path}"
    error.property = name
    error.model = model.model_name
    return error


# undeclared data ------------------------------------------------------------------------------


def undeclared(instance: Any, data: Mapping[str, Any]) -> None:
    """Keep, remember, drop or refuse undeclared *data*, as the shape's strictness says.

    Names that begin with two underscores and functions are dropped wherever they come from.

    Raises:
        ValidationError: The mode is ``"throw"``.
        InvalidValueError: A name is no text, or an open model cannot keep it for a dot in it.
    """
    strict = strict_of(instance)
    _check_names(instance._model, data)
    kept = {name: value for name, value in data.items() if _is_data(name, value)}
    relations = instance._model._blueprint.relations
    if relations and not relations.isdisjoint(kept):
        kept = _without_related(instance, kept, relations)
    if not kept or strict == "filter":
        return
    if strict == "throw":
        raise unknown_properties(instance, kept)
    if strict:
        owned(instance).add("unknown", kept)
    else:
        _keep_dynamic(instance, kept)


def _without_related(
    instance: Any, data: Mapping[str, Any], relations: Collection[str]
) -> dict[str, Any]:
    """Keep what *data* has for relations apart, and return the rest."""
    state = owned(instance)
    found = {name: value for name, value in data.items() if name in relations}
    state.related = {**(state.related or {}), **found}
    return {name: value for name, value in data.items() if name not in relations}


def _check_names(model: Any, data: Mapping[Any, Any]) -> None:
    """Refuse keys that cannot be names."""
    for name in data:
        if not isinstance(name, str):
            raise InvalidValueError(
                f"{model.model_name}: the name of a property is text, not {name!r}.",
                model=model.model_name,
                value=name,
            )


def _is_data(name: str, value: Any) -> bool:
    """Tell whether undeclared data may be kept at all."""
    return not (value is UNSET or name.startswith("__") or callable(value))


def _keep_dynamic(instance: Any, data: Mapping[str, Any]) -> None:
    """Keep dynamic properties on an instance of an open model."""
    state = owned(instance)
    for name in data:
        _check_dynamic(instance._model, name)
        state.given(name, raw(instance, name))
    state.add("extra", data)


def _check_dynamic(model: Any, name: str) -> None:
    """Refuse a dynamic name that no query could reach, or that no client in JavaScript can have."""
    if "." in name:
        text: Any = say("property.dotted-dynamic", model=model.model_name, name=repr(name))
    elif name == "constructor":
        text = f"{model.model_name}: no dynamic property can be called {name!r}."
    else:
        return
    raise InvalidValueError(text, model=model.model_name, property=name)


# defaults and comparisons ---------------------------------------------------------------------


def strict_of(instance: Any) -> bool | str:
    """Return how *instance* treats undeclared data: its own mode, else the model's."""
    own: bool | str | None = instance._state.strict
    model: bool | str = instance._shape.strict
    return model if own is None else own


def default_of(plan: Plan, instance: Any) -> Any:
    """Return the default of a property, fresh, so that instances never share one."""
    return UNSET if plan.default is None else plan.default(instance)


def apply_defaults(instance: Any, *, nulls: bool) -> list[str]:
    """Fill in the defaults of what is missing and return the names."""
    filled = []
    absent = (UNSET, None) if nulls else (UNSET,)
    for name, plan in instance._plans.items():
        is_free = not (plan.is_fixed and instance._state.persisted)
        if plan.default is not None and is_free and raw(instance, name) in absent:
            value = default_of(plan, instance)
            set_raw(instance, name, value)
            filled += [name] if value is not UNSET else []
    return filled


def set_strict(instance: Any, mode: bool | str | None) -> None:
    """Treat undeclared data of *instance* as *mode* says, from now on."""
    state = owned(instance)
    state.strict = None if mode is None else checked_strict(mode, instance._model.model_name)
    if strict_of(instance):
        state.loose, state.extra = _together(state.loose, state.extra), None
    else:
        state.extra = _together(state.extra, state.loose, state.unknown)
        state.loose = state.unknown = None


def _together(*kept: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return all of some mappings in one, None for nothing."""
    return {name: value for each in kept if each for name, value in each.items()} or None


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal and of one type."""
    return one is other or (type(one) is type(other) and bool(one == other))
