"""What a model takes over from its base: properties and settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from juggler.definition.property import Property
from juggler.definition.settings import listed_names, name_set
from juggler.errors import DefinitionError

ROOTS: Final = frozenset({"Model", "PersistedModel", "KeyValueModel", "TransientModel"})
"""Base names of LoopBack files that stand for the root of all models."""

_OWN: Final = frozenset("base anonymous unresolved name plural http description".split())
_UNITED: Final = frozenset({"hidden", "hidden_properties", "protected", "protected_properties"})


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


def inherited_settings(own: dict[str, Any], base: Any) -> dict[str, Any]:
    """Return *own* settings over those of *base*: dicts merged, hidden and protected united."""
    if base is None:
        return own
    merged = {key: item for key, item in base.settings.items() if key not in _OWN}
    for key, item in own.items():
        merged[key] = _over(merged[key], item, key) if key in merged else item
    return merged


def _over(theirs: Any, own: Any, key: str) -> Any:
    """Return the value of a setting that both a model and its base have."""
    if key in _UNITED:
        return list(dict.fromkeys([*listed_names(theirs), *listed_names(own)]))
    if isinstance(own, Mapping) and isinstance(theirs, Mapping):
        return {**theirs, **own}
    return own


def unknown_base(name: str, base: object) -> DefinitionError:
    """Return the error for a base that is no model anyone knows."""
    return DefinitionError(f"Base model is not found: {base}", model=name, value=base)
