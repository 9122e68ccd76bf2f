"""Values with parts: plain data <-> typed lists and instances of embedded models."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import Any

from juggler.definition.shape import EmbeddedType
from juggler.errors import InvalidValueError
from juggler.models.instances.items import instance_of
from juggler.models.instances.parents import Claim, loaded_by, refers
from juggler.models.instances.state import LOADED
from juggler.models.instances.typed_list import List, listed
from juggler.types.base import BAD, ValueType
from juggler.types.structured import ListType, decoded, list_items


def nest(model: Any, name: str, value: Any, *, stored: bool = False) -> Any:
    """Return client or *stored* data of the property *name* with instances in it, or BAD.

    Lists are plain ones, and the instances belong to nobody yet; see `own`.

    Args:
        model: The model that owns the property; it knows which model is embedded there.
        name: Name of the property.
        value: A mapping, an instance, or a list of them as the type says; None stays.
        stored: The data comes from a store: trusted, and no default is filled in.

    Raises:
        InvalidValueError: A list is needed and this is none.
        ModelDisposedError: The model was cleaned up, and what it embeds with it.
    """
    embedded = model.nested.get(name)
    if embedded is None:
        model.check_alive("nested values")
    kind = model.shape.properties[name].type
    return _stored(kind, embedded, value) if stored else _given(kind, embedded, value)


def _given(kind: ValueType, embedded: Any, value: Any) -> Any:
    """Return client data with instances in it, or BAD where something else is."""
    if value is None:
        return None
    if not isinstance(kind, ListType):
        return instance_of(embedded, value)
    made: list[Any] = []
    items = list_items(value)
    try:
        made.extend(_given(kind.item, embedded, item) for item in items)
    except InvalidValueError as error:
        place = str(len(made))
        error.path = place if error.path is None else f"{place}.{error.path}"
        raise
    return BAD if any(item is BAD for item in made) else made


def _stored(kind: ValueType, embedded: Any, value: Any) -> Any:
    """Return stored data with instances in it; what does not fit stays as it is."""
    value = decoded(value)
    if isinstance(kind, ListType) and isinstance(value, list | tuple):
        return [_stored(kind.item, embedded, item) for item in value]
    if isinstance(kind, ListType) or not isinstance(value, Mapping):
        return value
    return embedded.load(value)


def with_text_parsed(model: Any, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return *data* with the JSON text parsed that stands where structures belong."""
    properties = model.shape.properties
    texts = {
        name: decoded(value)
        for name, value in data.items()
        if isinstance(value, str) and name in properties and _is_structure(properties[name].type)
    }
    good = {name: value for name, value in texts.items() if isinstance(value, Mapping | list)}
    return {**data, **good} if good else data


def _is_structure(kind: ValueType) -> bool:
    """Tell whether values of a type are structures, never text."""
    return isinstance(kind, EmbeddedType) or kind.name == "object"


# belonging ------------------------------------------------------------------------------------


def own(instance: Any, plan: Any, value: Any, *, moved: bool = False) -> Any:
    """Return a good *value* of a property with parts as one that belongs to *instance*.

    Lists become typed ones that tell the instance when they change, and embedded instances know
    it; one that belongs to another instance is copied.

    Args:
        instance: Whose property it is.
        plan: The property's.
        value: What was made or loaded; what does not fit the type stays as it is.
        moved: What has another owner is taken from it, instead of copied.
    """
    items = plan.items
    if items is None:
        return _own_one(instance, value, moved)
    if not isinstance(value, list):
        return value
    reference = weakref.ref(instance)
    if not plan.nested:
        return listed(items, None, value, reference, None)
    claim = Claim(instance, reference, moved=moved)
    return listed(items, instance._model.nested.get(plan.property.name), value, reference, claim)


def _own_one(instance: Any, value: Any, moved: bool) -> Any:
    """Return an embedded instance as that of *instance*; what is none stays as it is."""
    state = getattr(value, "_state", None)
    if state is None:
        return value
    if state is LOADED and value is not instance and instance._state.parent is None:
        return loaded_by(instance, value)
    return Claim(instance, weakref.ref(instance), moved=moved).adopt(value)


def for_trial(twin: Any, plan: Any) -> None:
    """Give *twin*, on which something is tried, embedded instances of its own if they show it."""
    embedded = twin._model.nested.get(plan.property.name)
    if embedded is not None and refers(embedded, twin):
        plan.put(twin, own(twin, plan, plan.get(twin)))


def is_own(instance: Any, plan: Any, value: Any) -> bool:
    """Tell whether *value* is the very list that *instance* has in the property already."""
    return isinstance(value, List) and plan.get(instance) is value


def as_good(model: Any, plan: Any, value: Any) -> Any:
    """Return a bad *value*, of a list with the good items made ones of their type."""
    if plan.items is None:
        return value
    return plan.items.all_good(value, model.nested.get(plan.property.name))


def has_bad_items(instance: Any, plan: Any) -> bool:
    """Tell whether something is bad in the list of a property."""
    value = plan.get(instance)
    if not isinstance(value, list):
        return value is not None
    model = instance._model.nested.get(plan.property.name)
    return next(plan.items.bad_paths(value, model), None) is not None


def bad_paths(instance: Any, plan: Any) -> list[str]:
    """Return the dotted paths of what is bad in a property that is marked so."""
    name, value = plan.property.name, plan.get(instance)
    if plan.items is None or not isinstance(value, list):
        return [name]
    model = instance._model.nested.get(name)
    return [f"{name}.{place}" for place in plan.items.bad_paths(value, model)] or [name]
