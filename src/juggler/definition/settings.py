"""Settings of a model: spelling, checks, and what they say about ids and hidden properties."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
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
        other = settings.pop("super")
        if settings.setdefault("base", other) is not other and settings["base"] != other:
            raise _refused(model_name, "super", "and base name different models", other)
    for name in ("hidden", "protected"):
        longer = settings.pop(f"{name}_properties", None)
        if longer is not None:
            settings[name] = longer
    _check_kinds(settings, model_name)
    return settings


def _check_kinds(settings: Mapping[str, Any], model_name: str) -> None:
    """Refuse settings that could not do what they say."""
    for name, item in settings.items():
        known = _KINDS.get(name)
        if known is None or item is None:
            continue
        is_good, what = known
        if not is_good(item):
            raise _refused(model_name, name, what, item)


def _refused(model_name: str, name: str, why: str, value: Any) -> DefinitionError:
    return DefinitionError(
        f"{model_name}: {name} {why}, not {value!r}.", model=model_name, value=value
    )


def _is_flag(value: Any) -> bool:
    return value is True or value is False


def _is_limit(value: Any) -> bool:
    return type(value) is int and value > 0


def _is_mapping(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_http(value: Any) -> bool:
    return _is_mapping(value) and isinstance(value.get("path", ""), str | None)


def _is_collection(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


_FLAGS: Final = """
    id_injection validate_upsert validate_update automatic_validation persist_undefined_as_null
    update_on_load strict_delete prohibit_hidden_properties_in_query allow_extended_operators
    validate_object_ids parent_ref anonymous unresolved allow_regexp
""".split()
_LIMITS: Final = """
    max_depth_of_query max_depth_of_data max_limit default_limit max_regexp_length max_conditions
    max_inq_items
""".split()

_KINDS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    **dict.fromkeys(_FLAGS, (_is_flag, "is True or False")),
    **dict.fromkeys(_LIMITS, (_is_limit, "is a positive whole number")),
    "models": (_is_mapping, "is a mapping"),
    "http": (_is_http, "is a mapping with a path of text"),
    **dict.fromkeys(
        ("mixins", "relations", "scopes", "indexes", "methods", "acls", "validations"),
        (_is_collection, "is a mapping or a list"),
    ),
    "plural": (_is_text, "is text"),
    "force_id": (lambda value: _is_flag(value) or value == "auto", "is True, False or 'auto'"),
    "scope": (lambda value: _is_mapping(value) or callable(value), "is a filter or a function"),
    **dict.fromkeys(
        ("properties", "attributes"),
        (
            lambda value: _is_mapping(value) or callable(value) or value is False,
            "is a mapping of values, a function or False",
        ),
    ),
    "normalize_undefined_in_query": (
        lambda value: value in ("throw", "ignore", "nullify"),
        "is 'throw', 'ignore' or 'nullify'",
    ),
    "prohibited": (lambda value: value in ("raise", "drop"), "is 'raise' or 'drop'"),
    "like": (lambda value: value in ("whole", "contains"), "is 'whole' or 'contains'"),
    "read_only_in_body": (lambda value: value in ("refuse", "ignore"), "is 'refuse' or 'ignore'"),
    "configure_model_merge": (
        lambda value: _is_flag(value) or _is_mapping(value),
        "is True, False or a policy for each key",
    ),
}
"""Setting -> whether a value of it is one, and what it must be; None always means: not set."""


def checked_strict(strict: Any, model_name: str) -> bool | str:
    """Return a mode of strictness.

    Raises:
        DefinitionError: It is none.
    """
    _check_strict(strict, model_name)
    mode: bool | str = strict
    return mode


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
    own = frozenset(item.name for item in properties if getattr(item, kind))
    return (own | name_set(settings.get(kind), model_name, kind)) or _NO_NAMES


def frozen_settings(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return *settings* read-only at every depth.

    Raises:
        DefinitionError: They contain themselves or are nested deeper than 64 levels.
    """
    made: Mapping[str, Any] = frozen(settings)
    return made
