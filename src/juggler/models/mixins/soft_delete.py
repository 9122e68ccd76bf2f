"""The mixin ``SoftDelete``: records that are deleted stay, and are marked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from juggler.definition.property import Property
from juggler.errors import DefinitionError
from juggler.types.temporal import DATE

Made = tuple[list[Property], Mapping[str, Any]]


class Amendment(NamedTuple):
    """A mixin that changes definitions alone: their properties and settings.

    Attributes:
        make: Returns both for the name of a model and the options.
    """

    make: Callable[[str, Mapping[str, Any]], Made]


def _soft_delete(model_name: str, options: Mapping[str, Any]) -> Made:
    """Return the property that says when a record was deleted, and the setting that names it."""
    name = options.get("property", "deleted_at")
    if not isinstance(name, str) or options.keys() - {"property"}:
        raise DefinitionError(
            f"{model_name}: SoftDelete takes the name of a date as `property`, not {options!r}.",
            model=model_name,
            value=options,
        )
    return [Property(name, DATE, options={"read_only": True})], {"soft_delete": name}


SOFT_DELETE: Final = Amendment(_soft_delete)
