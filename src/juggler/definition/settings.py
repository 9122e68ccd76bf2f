"""Settings of a model: spelling, checks, and what they say about ids and hidden properties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from juggler.definition.frozen import frozen
from juggler.definition.names import SETTINGS, normalise_keys
from juggler.definition.property import Property
from juggler.definition.shape import STRICT_MODES
from juggler.errors import DefinitionError

_NO_NAMES: Final[frozenset[str]] = frozenset()
"""Most models mark nothing: they share one empty set."""


def parse_settings(given: Mapping[str, Any] | None, model_name: str) -> dict[str, Any]:
    """Return a private copy of model settings with known keys in snake case.

    Raises:
        DefinitionError: They are no mapping, two spellings disagree, or ``strict`` is no known
            mode.
    """
    if given is not None and not isinstance(given, Mapping):
        raise DefinitionError(
            f"{model_name}: settings are a mapping, not {type(given).__name__}.",
            model=model_name,
            value=given,
        )
    settings = normalise_keys(given or {}, SETTINGS, model_name)
    _check_strict(settings.get("strict"), model_name)
    if "super" in settings:
        settings.setdefault("base", settings.pop("super"))
    return settings


def _check_strict(strict: Any, model_name: str) -> None:
    """Refuse what is no mode of strictness, also where it is equal to one."""
    if strict is None or (type(strict) in {bool, str} and strict in STRICT_MODES):
        return
    raise DefinitionError(
        f"{model_name}: strict is True, False, 'validate', 'filter' or 'throw', not {strict!r}.",
        model=model_name,
        value=strict,
    )


def name_set(given: Any, model_name: str, setting: str) -> frozenset[str]:
    """Return the names of a setting such as ``hidden``: one text, a list, or name -> bool."""
    names = listed_names(given)
    if all(isinstance(name, str) for name in names):
        return frozenset(names)
    raise DefinitionError(f"{model_name}: {setting} is a list of property names.", value=given)


def listed_names(given: Any) -> list[Any]:
    """Return the names of one text, a list, or a mapping of names to yes and no, in their order."""
    if isinstance(given, str):
        return [given]
    if isinstance(given, Mapping):
        return [name for name, on in given.items() if on]
    if isinstance(given, Iterable):
        return list(given)
    return [] if given is None or given is False else [given]


def marked(
    settings: Mapping[str, Any], properties: Iterable[Property], kind: str, model_name: str
) -> frozenset[str]:
    """Return the names that are ``hidden`` or ``protected`` (*kind*), however that was said."""
    given = settings.get(f"{kind}_properties", settings.get(kind))
    own = frozenset(item.name for item in properties if getattr(item, kind))
    return (own | name_set(given, model_name, kind)) or _NO_NAMES


def frozen_settings(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return *settings* read-only at every depth.

    Raises:
        DefinitionError: They contain themselves or are nested deeper than 64 levels.
    """
    made: Mapping[str, Any] = frozen(settings)
    return made
