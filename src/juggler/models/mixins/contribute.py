"""What a model that is mixed in gives: rules, hooks, accessors, methods, static members."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from juggler.definition.property import Property
from juggler.errors import DefinitionError
from juggler.models.behaviour import GETTERS, KINDS, MEMBERS, NO_EXTRAS, SETTERS, STATICS, Behaviour
from juggler.models.extending import members_of
from juggler.models.structure import registry_of
from juggler.models.validating.rules import rules_of
from juggler.validation.rules import Rule


def lacking(target_names: Any, source: Any) -> list[Property]:
    """Return the properties of *source* that a model with *target_names* lacks; no primary keys."""
    return [item for item in source.shape if not item.id and item.name not in target_names]


def contribute(target: Any, source: Any, options: Mapping[str, Any]) -> None:
    """Give *target*, which has the properties already, all else that *source* has; once.

    What a base of the target has of it is there already.  Existing members win, unless
    ``override`` says otherwise.

    Args:
        target: The model that gets it.
        source: The model that is mixed in.
        options: ``static_properties``, ``instance_properties`` (both True) and ``override``.

    Raises:
        DefinitionError: A static member would take the place of a method that all models have.
    """
    if _has_mixed(target, source) or not _gives(source):
        return
    behaviour: Behaviour = target._own_behaviour()
    behaviour.mixed = (*behaviour.mixed, source)
    _give_watch(behaviour, source)
    override = bool(options.get("override", False))
    for kind in (GETTERS, SETTERS):
        _give_accessors(target, kind, _extras(source, kind), override=override)
    if options.get("instance_properties", options.get("instanceProperties", True)):
        _give_members(target, _extras(source, MEMBERS), override=override)
    if options.get("static_properties", options.get("staticProperties", True)):
        _give_statics(target, _extras(source, STATICS), override=override)
    target._refit()


def _gives(source: Any) -> bool:
    """Tell whether a model has anything to give beside properties."""
    if _added_rules(source) or _observed(source):
        return True
    return any(_extras(source, kind) for kind in KINDS)


def _added_rules(source: Any) -> list[Rule]:
    """Return the rules of a model that do not follow from its properties."""
    return [rule for rule in rules_of(source) if rule not in source._blueprint.rules]


def _has_mixed(model: Any, source: Any) -> bool:
    """Tell whether *model*, or one that it extends, has *source* mixed in."""
    while model is not None:
        behaviour: Behaviour | None = model._behaviour
        if behaviour is not None and any(each is source for each in behaviour.mixed):
            return True
        model = model._base
    return False


def _line(model: Any) -> Iterator[Any]:
    """Yield the models that *model* extends, the first one first, and *model* itself."""
    if model._base is not None:
        yield from _line(model._base)
    yield model


def _observed(model: Any) -> list[str]:
    """Return the operations that *model* and its bases observe."""
    behaviours = (each._behaviour for each in _line(model))
    return list(dict.fromkeys(name for each in behaviours if each for name in each.observers))


def _extras(model: Any, kind: str) -> dict[str, Any]:
    """Return name -> what *model* and its bases have of one *kind*."""
    found: dict[str, Any] = {}
    for each in _line(model):
        if isinstance(each, type):
            found |= members_of(each, kind) if kind in {MEMBERS, STATICS} else {}
        behaviour = each._behaviour
        if behaviour is not None and behaviour.extras is not None:
            found |= behaviour.extras.get(kind, NO_EXTRAS)
    return found


def _give_watch(behaviour: Behaviour, source: Any) -> None:
    """Add the rules and hooks of *source*."""
    for rule in _added_rules(source):
        behaviour.add_rule(rule)
    for operation in _observed(source):
        for entry in source.observers_of(operation):
            behaviour._insert(operation, entry)


def _give_accessors(
    target: Any, kind: str, accessors: Mapping[str, Any], *, override: bool
) -> None:
    """Give *target* getters or setters."""
    for name, function in accessors.items():
        if override or target._find(kind, name) is None:
            target._own_behaviour().add_extra(kind, name, function)


def _give_members(target: Any, members: Mapping[str, Any], *, override: bool) -> None:
    """Give instances of *target* methods and computed attributes."""
    for name, member in members.items():
        if name in target.shape or (not override and _has_member(target, name)):
            continue
        if isinstance(target, type):
            setattr(target, name, member)
        else:
            target._own_behaviour().add_extra(MEMBERS, name, member)


def _has_member(target: Any, name: str) -> bool:
    """Tell whether instances of *target* have an attribute *name* already."""
    if isinstance(target, type):
        return any(name in vars(each) for each in target.__mro__)
    return target._find(MEMBERS, name) is not None or name in registry_of(target).reserved_names


def _give_statics(target: Any, statics: Mapping[str, Any], *, override: bool) -> None:
    """Give *target* static members of its own."""
    for name, member in statics.items():
        if not override and (hasattr(type(target), name) or _has_static(target, name)):
            continue
        if hasattr(type(target), name):
            raise DefinitionError(
                f"{target.model_name}: a mixin cannot take the place of {name!r}, which every "
                "model has; use a hook, or a class that overrides it.",
                model=target.model_name,
            )
        if isinstance(target, type):
            setattr(target, name, classmethod(member) if _is_plain_function(member) else member)
        else:
            target._own_behaviour().add_extra(STATICS, name, member)


def _has_static(target: Any, name: str) -> bool:
    """Tell whether *target* has a static member *name* already."""
    if isinstance(target, type):
        return any(name in vars(each) for each in target.__mro__)
    return target._find(STATICS, name) is not None


def _is_plain_function(member: Any) -> bool:
    return callable(member) and not isinstance(member, type | classmethod | staticmethod)
