"""Ids and lists of them: what is the same, what is there twice, what comes in which order."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec import UNSET, UnsetType

from juggler.query.structure import is_listing
from juggler.types.plain import plain


def id_equals(one: Any, other: Any) -> bool:
    """Tell whether two values are ids of one record.

    They are if they are equal, if one is a number and the other a text of that number, or if both
    have the same form in JSON, as an object id and its hexadecimal text have.

    >>> id_equals(1, "1"), id_equals("1", "01"), id_equals(1, None)
    (True, False, False)
    """
    if {type(one), type(other)} & {type(None), UnsetType}:
        return one is other
    return id_key(one) == id_key(other) or _is_text_of(one, other) or _is_text_of(other, one)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_text_of(text: Any, number: Any) -> bool:
    if not (isinstance(text, str) and _is_number(number)):
        return False
    try:
        return Decimal(text) == Decimal(number)
    except InvalidOperation:  # no number
        return False


def id_key(value: Any) -> Hashable:
    """Return what is equal for equal ids and can be a key; objects count by their text."""
    if isinstance(value, Mapping):
        return tuple(sorted((str(name), repr(id_key(item))) for name, item in value.items()))
    if is_listing(value):
        return tuple(map(id_key, value))
    if isinstance(value, str) or value is None:
        return value
    if isinstance(value, bool):
        return (bool, value)
    return (float, value) if _is_number(value) else str(plain(value))


def uniq(items: Iterable[Any] | None) -> list[Any]:
    """Return *items* without those that were there before; object ids count by their text.

    >>> uniq([2, 1, 2]), uniq(None)
    ([2, 1], [])

    Raises:
        TypeError: *items* is no list.
    """
    found: dict[Hashable, Any] = {}
    for item in _listed(items, "uniq"):
        found.setdefault(id_key(item), item)
    return list(found.values())


def ids_have_duplicates(ids: Iterable[Any] | None) -> bool:
    """Tell whether an id is there twice; ids may be mappings of several parts.

    Raises:
        TypeError: *ids* is no list.
    """
    listed = _listed(ids, "ids_have_duplicates")
    return len(uniq(listed)) < len(listed)


def sort_objects_by_ids(
    id_name: str, ids: Iterable[Any], objects: Iterable[Any], strict: bool = False
) -> list[Any]:
    """Return *objects* in the order of *ids*, the others after them in the order they had.

    >>> sort_objects_by_ids("id", [2, 1], [{"id": 1}, {"id": 3}, {"id": "2"}])
    [{'id': '2'}, {'id': 1}, {'id': 3}]

    Args:
        id_name: Name of the id.
        ids: Ids in the order that is wanted.
        objects: Instances or mappings.
        strict: Leave the others out.
    """
    wanted = list(ids)
    places: dict[Hashable, int] = {}
    for place, value in enumerate(wanted):
        places.setdefault(_text_key(value), place)
    end = len(wanted)
    keyed = [(places.get(_text_key(value_in(each, id_name)), end), each) for each in objects]
    known = [pair for pair in keyed if not strict or pair[0] < end]
    return [each for _, each in sorted(known, key=lambda pair: pair[0])]


def collect_target_ids(rows: Iterable[Any], name: str) -> dict[str, list[Any]]:
    """Return ``{"inq": [...]}`` with the values of the property *name* in *rows*, each once.

    Rows without a value count for nothing; a list gives its items.
    """
    found: list[Any] = []
    for row in rows:
        value = value_in(row, name)
        found += value if is_listing(value) else [value]
    return {"inq": uniq([value for value in found if value is not None and value is not UNSET])}


def find_index_of(
    items: Sequence[Any], target: Any, is_equal: Callable[[Any, Any], object] | None = None
) -> int:
    """Return the place of *target* in *items*, -1 if it is not there.

    Args:
        items: Where to look.
        target: What to look for.
        is_equal: Called with an item and *target*; ``==`` unless given.
    """
    for place, item in enumerate(items):
        if item == target if is_equal is None else is_equal(item, target):
            return place
    return -1


def id_name(model: Any) -> str | None:
    """Return the name of the id of *model*; None where it has none."""
    found: str | None = model.definition.id_name()
    return found


def value_in(each: Any, name: str) -> Any:
    """Return the value called *name* of a mapping or an instance, None where there is none."""
    return each.get(name) if isinstance(each, Mapping) else getattr(each, name, None)


def _text_key(value: Any) -> Hashable:
    """Return what is equal for a number and its text too: ``1``, ``1.0`` and ``"1"``."""
    if isinstance(value, float | Decimal) and math.isfinite(value) and value == int(value):
        return str(int(value))
    return str(value) if _is_number(value) else id_key(value)


def _listed(items: Any, what: str) -> list[Any]:
    if items is None:
        return []
    if not is_listing(items):
        raise TypeError(f"{what} takes a list, not {type(items).__name__}.")
    return list(items)
