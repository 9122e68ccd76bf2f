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
    "like": "like",
}
NATIVE: Final = "allow_extended_operators"
NATIVE_OPERATORS: Final = "extended_operators"
"""Capability of connectors whose language has operators of its own."""
_NAMES: Final = frozenset({*_SETTINGS, NATIVE})


def limits_of(op: Operation, *, writes: bool = False) -> Limits:
    """Return the limits of queries in this call.

    Args:
        op: The call.
        writes: The condition decides what is written: a value that is missing is an error then,
            whatever the settings say.
    """
    is_unsaid = _NAMES.isdisjoint
    settings, more = op.info.settings, op.source.settings
    if is_unsaid(op.options) and is_unsaid(settings) and is_unsaid(more):
        return DEFAULT_LIMITS
    return _given(op, writes=writes)


def _given(op: Operation, *, writes: bool) -> Limits:
    """Return the limits that somebody has set."""
    given: dict[str, Any] = {}
    for setting, name in _SETTINGS.items():
        value = op.setting(setting)
        if value is not None:
            given[name] = value
    if writes:
        given.pop("undefined", None)
    given["native"] = op.setting(NATIVE) is True and NATIVE_OPERATORS in op.capabilities
    try:
        return Limits(**given)
    except (TypeError, ValueError) as error:
        raise DefinitionError(f"{op.model_name}: {error}", model=op.model_name) from error


def without_default(op: Operation) -> Limits:
    """Return the limits of a call that gets all unless it asks for fewer.

    It names its records, or tells something about all of them.
    """
    limits = limits_of(op)
    return limits if limits.default_limit is None else replace(limits, default_limit=None)


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


def for_scopes(op: Operation) -> Limits:
    """Return what of the limits counts for conditions that the default scope has added."""
    limits = limits_of(op)
    if limits is DEFAULT_LIMITS:
        return limits
    return replace(for_observers(limits), max_limit=None, default_limit=None)
