"""Find the rows that a condition can match without looking at all of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any, TypeGuard

from juggler.connectors.contract import ModelInfo
from juggler.connectors.memory.collection import Collection
from juggler.connectors.memory.indexes import index_key
from juggler.query.nodes import And, Condition, Where
from juggler.types.structured import AnyType, ClassType, ListType


def places(collection: Collection, info: ModelInfo, where: Where) -> Sequence[Hashable] | None:
    """Return the keys of all rows that can match *where*, and maybe of others; None for all.

    Conditions that hold for all of *where* count: equality with the whole primary key, then
    equality with an indexed property.
    """
    if is_key_alone(where, collection.ids):
        return (index_key(where.value),)
    equal = _equalities(where)
    if collection.ids and all(name in equal for name in collection.ids):
        found = _of_key(collection, equal)
        if found is not None:
            return found
    for name, operands in equal.items():
        index = collection.index(name)
        if index is not None and _is_simple(info, name) and not _has_null(operands):
            keys = dict.fromkeys(map(index_key, operands))
            return [place for key in keys for place in index.find(key)]
    return None


def _equalities(where: Where) -> dict[str, Sequence[Any]]:
    """Return the properties that must equal one of some values for *where* to hold."""
    found: dict[str, Sequence[Any]] = {}
    for item in where.children if isinstance(where, And) else (where,):
        if isinstance(item, Condition) and len(item.path) == 1:
            if item.operator == "eq":
                found[item.path[0]] = (item.value,)
            elif item.operator == "inq":
                found[item.path[0]] = item.value
    return found


def is_key_alone(where: Where, ids: tuple[str, ...]) -> TypeGuard[Condition]:
    """Tell whether *where* says no more than what the primary key *ids*, of one part, equals."""
    return (
        isinstance(where, Condition)
        and where.operator == "eq"
        and where.path == ids
        and where.value is not None
    )


def _of_key(collection: Collection, equal: dict[str, Sequence[Any]]) -> Sequence[Hashable] | None:
    """Return the keys that equality with the primary key allows; None where those are many."""
    if len(collection.ids) == 1:
        operands = equal[collection.ids[0]]
        return list(dict.fromkeys(index_key(item) for item in operands if item is not None))
    if any(len(equal[name]) != 1 for name in collection.ids):
        return None
    return [collection.place({name: equal[name][0] for name in collection.ids})]


def _has_null(operands: Iterable[Any]) -> bool:
    return any(item is None for item in operands)


def _is_simple(info: ModelInfo, name: str) -> bool:
    """Tell whether equality is all there is to a property's values; lists are looked into."""
    prop = info.shape.properties.get(name)
    return prop is not None and not isinstance(prop.type, ListType | AnyType | ClassType)
