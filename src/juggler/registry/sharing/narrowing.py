"""What views stand on: the owner's shape, or as much of it as is shared."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Final

from juggler.definition.settings import listed_names
from juggler.definition.shape import Shape
from juggler.models.blueprint import Blueprint
from juggler.models.runtime import NO_NESTED
from juggler.registry.forward import is_undefined

BEHAVIOUR: Final = frozenset(
    "allow_regexp automatic_validation default_limit description http max_conditions "
    "max_depth_of_data max_depth_of_query max_inq_items max_limit max_regexp_length "
    "normalize_undefined_in_query plural prohibit_hidden_properties_in_query strict_delete "
    "update_on_load validate_update".split()
)
"""Settings that say how calls behave and name no property, place or person."""

_LISTS: Final = frozenset({"hidden", "protected"})


def blueprint_of(registry: Any, model: Any, fields: Collection[str] | None) -> Blueprint:
    """Return what views of *model* stand on.

    Args:
        registry: Whose shapes they are.
        model: The owner's model.
        fields: The only properties that views have; None for all.
    """
    names = model._names()._replace(members=frozenset())  # what it can do is not shared
    return _plain_of(registry, model, fields).with_names(names)


def _plain_of(registry: Any, model: Any, fields: Collection[str] | None) -> Blueprint:
    """Return what views stand on, whatever accessors the model has."""
    if fields is not None:
        return _narrowed(registry, model, fields)
    is_declared = isinstance(model, type)
    if not is_declared:
        own: Blueprint = model._blueprint
        return own
    made: Blueprint = registry.shapes.blueprint(model.shape, model.settings, model.model_name)
    return made


def _narrowed(registry: Any, model: Any, fields: Collection[str]) -> Blueprint:
    """Return what views that have some properties stand on; all other names are errors there."""
    kept = [item for item in model.shape if item.name in fields]
    shape = registry.shapes.intern(kept, "throw", is_limited=False)  # it is less than the owner's
    settings = _kept(model.settings, shape)
    if not shape.ids:
        settings["id_injection"] = False
    made: Blueprint = registry.shapes.blueprint(shape, settings, model.model_name)
    return made


def nested_of(
    registry: Any, shape: Shape, known: dict[int, Any] | None = None
) -> Mapping[str, Any]:
    """Return models for the embedded values of *shape*, which reach no store and nobody's rows.

    Args:
        registry: Whose shapes they are.
        shape: What embeds them.
        known: Identity of a named model of the owner -> what stands for it; models may embed
            themselves.
    """
    if not shape.nested:
        return NO_NESTED
    stands = {} if known is None else known
    return MappingProxyType(
        {name: _inner(registry, kind, stands) for name, kind in shape.nested.items()}
    )


def is_defined(shape: Shape) -> bool:
    """Tell whether all models that *shape* embeds, at any depth, are defined."""
    shapes, seen = [shape], {id(shape)}
    while shapes:
        for kind in shapes.pop().nested.values():
            if is_undefined(kind.model):
                return False
            if id(kind.shape) not in seen:
                seen.add(id(kind.shape))
                shapes.append(kind.shape)
    return True


def _inner(registry: Any, kind: Any, known: dict[int, Any]) -> Any:
    """Return a model of its own for one embedded structure, in place of the owner's."""
    if id(kind.model) in known:
        return known[id(kind.model)]
    if kind.model is None:
        made = registry.builder.new_anonymous("AnonymousModel", kind.shape)
    else:
        name, settings = kind.model.model_name, _kept(kind.model.settings, kind.shape)
        blueprint = registry.shapes.blueprint(kind.shape, settings, name)
        made = known[id(kind.model)] = registry.model_type(name, blueprint)
    made._nested = nested_of(registry, kind.shape, known)
    return made


def _kept(settings: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """Return those of *settings* that mean something for the properties of *shape* alone."""
    kept = {key: item for key, item in settings.items() if key in BEHAVIOUR}
    for key in _LISTS & settings.keys():
        kept[key] = [name for name in listed_names(settings[key]) if name in shape]
    return kept
