"""What makes the value of a property that was not given, decided when its shape is compiled."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from juggler.definition.frozen import thawed
from juggler.definition.property import Property

Make = Callable[[Any], Any]
"""Makes a default for an instance that has all values that were given."""


def default_maker(item: Property) -> Make | None:
    """Return what makes the default of a property; None where a missing value stays missing.

    The default comes first, then, if that made nothing, the default function.  With
    ``apply_default_on_writes`` False there is only the function.
    """
    function = None if item.default_fn is None else _calling(item.default_fn)
    default = item.frozen_default
    if default is UNSET or item.options.get("apply_default_on_writes") is False:
        return function
    first: Make = _calling(default) if callable(default) else _fresh(default)
    return first if function is None else _either(first, function)


def _fresh(default: Any) -> Make:
    """Return what makes copies of *default*, or gives it where it cannot change."""
    if thawed(default) is default:
        return lambda _: default
    return lambda _: thawed(default)


def _calling(function: Callable[..., Any]) -> Make:
    """Return what calls *function*, with the values given so far if it takes an argument."""
    if _takes_data(function):
        return lambda instance: function(_given(instance))
    return lambda _: function()


def _given(instance: Any) -> dict[str, Any]:
    """Return the values that a half-built instance has so far, None for those to come."""
    plans = instance._plans.items()
    return {name: plan.get(instance) for name, plan in plans if plan.is_stored}


def _either(first: Make, second: Make) -> Make:
    def make(instance: Any) -> Any:
        found = first(instance)
        return second(instance) if found is UNSET else found

    return make


def _takes_data(function: Callable[..., Any]) -> bool:
    """Tell whether *function* demands an argument."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a function of C that does not tell
        return False
    return any(
        each.default is each.empty
        and each.kind in {each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD}
        for each in parameters
    )
