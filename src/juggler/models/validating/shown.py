"""What messages may show of an instance."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Final

from msgspec import UNSET

from juggler.definition.model import Definition
from juggler.models.instances import dump, values
from juggler.types.plain import plain
from juggler.validation.subject import Word, part_at
from juggler.validation.wording import ITEMS_SHOWN

_DEPTH_SHOWN: Final = 2
_NO_DATE: Final = Word("Invalid Date")


def shown_at(instance: Any, path: str) -> Any:
    """Return the value at a dotted *path* as messages may show it.

    UNSET stands for what there is not, and for what is hidden, protected or sensitive.
    """
    name, _, rest = path.partition(".")
    if name in kept_back(instance):
        return UNSET
    if not rest and _is_bad_date(instance, name):
        return _NO_DATE
    return _inside(values.read(instance, name), rest)


def _is_bad_date(instance: Any, name: str) -> bool:
    """Tell whether *name* is a date whose value is none."""
    bad: Collection[str] = instance._state.bad or ()
    return name in bad and instance._plans[name].property.type.bad_code == "date"


def kept_back(instance: Any) -> frozenset[str]:
    """Return the names of *instance* whose values no message shows."""
    return kept_back_by(instance._model.definition)


def kept_back_by(definition: Definition) -> frozenset[str]:
    """Return the names whose values no message shows."""
    sensitive = (item.name for item in definition.shape if item.options.get("sensitive") is True)
    return definition.hidden.union(definition.protected, sensitive)


def _inside(value: Any, path: str) -> Any:
    """Return what may be shown of the part of *value* at *path*."""
    if path and hasattr(value, "_plans"):
        return shown_at(value, path)
    if path and isinstance(value, list | tuple):
        place, _, rest = path.partition(".")
        return _inside(part_at(value, place), rest)
    value = part_at(value, path)
    return value if isinstance(value, datetime) else _public(value)


def _public(value: Any, depth: int = _DEPTH_SHOWN) -> Any:
    """Return *value* as JSON data, without what embedded instances keep back.

    What no message has room for is left out, however much there is.
    """
    if hasattr(value, "_plans"):
        data, secret = dump.items(value, False), kept_back(value)
        value = {name: values.read(value, name) for name in data if name not in secret}
    size = ITEMS_SHOWN if depth else 1  # of what is too deep it matters whether there is anything
    if isinstance(value, list | tuple):
        return [_public(item, depth - 1) if depth else None for item in value[:size]]
    if isinstance(value, Mapping):
        items = islice(((key, item) for key, item in value.items() if item is not UNSET), size)
        return {str(key): _public(item, depth - 1) if depth else None for key, item in items}
    return plain(value)
