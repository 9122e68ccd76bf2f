"""Bounds and switches of one call's queries: its options, the model's, the source's settings."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from juggler.errors import DefinitionError
from juggler.persistence.operation import Operation
from juggler.query.limits import DEEPEST, DEFAULT_LIMITS, Limits

_SETTINGS: Final = {
    "max_depth_of_query": "max_depth",
    "normalize_undefined_in_query": "undefined",
    "max_conditions": "max_conditions",
    "max_inq_items": "max_inq_items",
    "max_regexp_length": "max_regexp_length",
    "allow_regexp": "allow_regexp",
    "max_limit": "max_limit",
    "default_limit": "default_limit",
}
_NAMES: Final = frozenset(_SETTINGS)
NOBODY: Final[frozenset[str]] = frozenset()


def limits_of(op: Operation, *, writes: bool = False) -> Limits:
    """Return the limits of queries in this call.

    Args:
        op: The call.
        writes: The condition decides what is written: a value that is missing is an error then,
            whatever the settings say.
    """
    sets = (op.options, op.info.settings, op.source.settings)
    if all(_NAMES.isdisjoint(each) for each in sets):
        return DEFAULT_LIMITS
    given: dict[str, Any] = {}
    for setting, name in _SETTINGS.items():
        value = op.setting(setting)
        if value is not None:
            given[name] = value
    if writes:
        given.pop("undefined", None)
    try:
        return Limits(**given)
    except (TypeError, ValueError) as error:
        raise DefinitionError(f"{op.model_name}: {error}", model=op.model_name) from error


def for_observers(limits: Limits) -> Limits:
    """Return *limits* for what observers leave behind: trusted, and longer by the scope."""
    return replace(
        limits,
        max_depth=DEEPEST,
        max_conditions=1_000_000,
        max_inq_items=1_000_000,
        max_values=10_000_000,
        allow_regexp=True,
        max_regexp_length=max(limits.max_regexp_length, DEFAULT_LIMITS.max_regexp_length),
    )


def hidden_from(op: Operation) -> frozenset[str]:
    """Return the names that the caller's query must not mention."""
    definition = op.model.definition
    found = NOBODY
    if op.setting("prohibit_hidden_properties_in_query"):
        found = definition.hidden
    if op.options and op.options.get("prohibit_protected_properties_in_query"):
        found = found | definition.protected
    return found
