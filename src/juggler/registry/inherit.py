"""What a model takes over from its base: properties and settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from juggler.definition.merging import merged_settings
from juggler.definition.property import Property
from juggler.definition.settings import name_set
from juggler.errors import DefinitionError
from juggler.messages.text import say
from juggler.models.runtime import descends

ROOTS: Final = frozenset({"Model", "PersistedModel", "KeyValueModel", "TransientModel"})
"""Base names of LoopBack files that stand for the root of all models."""


def inherited_properties(
    own: list[Property], removed: set[str], base: Any, settings: Mapping[str, Any], name: str
) -> list[Property]:
    """Return own properties first, then those of *base* that are neither replaced nor excluded."""
    if base is None:
        return own
    excluded = settings.get("exclude_base_properties")
    names = {item.name for item in own} | removed
    names |= name_set(excluded, name, "exclude_base_properties")
    own_id = any(item.id for item in own)
    taken = [item for item in base.shape if item.name not in names and not (own_id and item.id)]
    return [*own, *taken]


def inherited_settings(own: dict[str, Any], base: Any, name: str) -> dict[str, Any]:
    """Return *own* settings over those of *base*, as the merge policy says."""
    if base is None:
        return own
    theirs = base.settings
    told = {"configure_model_merge": theirs.get("configure_model_merge"), **own}
    policy = base.get_merge_policy(told)
    if not isinstance(policy, Mapping):
        raise DefinitionError(
            f"{name}: get_merge_policy of {base.model_name} answered {policy!r}, not a policy.",
            model=name,
            value=policy,
        )
    return merged_settings(theirs, own, policy, _depth(base))


def form_of(base: Any) -> str:
    """Return what a definition that extends *base* depends on: the definitions of all its line.

    Those further back say how settings are laid over one another.
    """
    return "/".join(each.definition.key for each in _line(base))


def has_class(model: Any) -> bool:
    """Tell whether there is a declared class in the line of *model*: it may override things."""
    return any(isinstance(each, type) for each in _line(model))


def _line(model: Any) -> Iterator[Any]:
    """Yield *model*, its base, the base of that, and so on."""
    while model is not None:
        yield model
        model = model._base


def family(model: Any, spaces: Iterable[Any]) -> list[Any]:
    """Return *model* and the models that extend it, over any number of steps, bases first.

    Args:
        model: The model.
        spaces: Namespaces of models that are built.
    """
    found = list(_classes(model)) if isinstance(model, type) else [model]
    known = {id(each) for each in found}
    for space in spaces:
        for each in space._models():
            if id(each) not in known and descends(each, model):
                known.add(id(each))
                found.append(each)
    return sorted(found, key=_depth)


def _classes(cls: Any) -> Iterator[Any]:
    """Yield a declared model and the classes that extend it."""
    yield cls
    for each in cls.__subclasses__():
        yield from _classes(each)


def _depth(model: Any) -> int:
    """Return how many models *model* descends from, itself included."""
    return sum(1 for _ in _line(model))


def unknown_base(name: str, base: object) -> DefinitionError:
    """Return the error for a base that is no model anyone knows."""
    return DefinitionError(say("model.base-not-found", base=str(base)), model=name, value=base)
