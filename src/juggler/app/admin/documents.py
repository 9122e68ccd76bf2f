"""What a definition that comes from outside may hold, beyond what any definition may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from juggler.connectors.contract import ModelInfo
from juggler.connectors.indexes import indexes_of
from juggler.definition.shape import Shape
from juggler.errors import DefinitionError

_CODE: Final = frozenset({"get_data_source"})
"""Settings that are functions: code does not come from outside."""

_NUMBERS: Final = (
    "max_limit",
    "default_limit",
    "max_conditions",
    "max_inq_items",
    "max_depth_of_query",
    "max_depth_of_data",
    "max_regexp_length",
)


def check_settings(name: str, settings: Mapping[str, Any]) -> None:
    """Raise if a setting could not be used once the model is there.

    Raises:
        DefinitionError: One is code, or has a value of a wrong kind; the message names it.
    """
    for setting in settings:
        if setting in _CODE:
            raise DefinitionError(f"{name}: {setting} cannot be set from outside.", model=name)
    for setting in _NUMBERS:
        value = settings.get(setting)
        if value is not None and (type(value) is not int or value < 1):
            raise _bad(name, setting, "a whole number from 1 on", value)
    rules = settings.get("validations")
    if rules and not (isinstance(rules, list) and all(isinstance(each, dict) for each in rules)):
        raise _bad(name, "validations", "a list of objects", rules)


def check_indexes(name: str, shape: Shape, settings: Mapping[str, Any]) -> None:
    """Raise if a store could not make the indexes that the definition asks for.

    Raises:
        DefinitionError: An index is not understood.
    """
    indexes_of(ModelInfo(name, shape, settings))


def _bad(name: str, setting: str, wanted: str, value: Any) -> DefinitionError:
    return DefinitionError(
        f"{name}: {setting} takes {wanted}, not {value!r}.", model=name, path=setting, value=value
    )
