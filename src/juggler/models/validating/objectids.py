"""Object ids: where a model has them, and the rules for stores that know them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from juggler.connectors.contract import ModelInfo
from juggler.definition.property import Property
from juggler.definition.shape import EmbeddedType, Shape, embedded
from juggler.models.binding import Source
from juggler.types.base import ValueType
from juggler.types.structured import ClassType, ListType
from juggler.validation.rules import Rule

CONNECTOR: Final = "mongodb"
"""Name of the connector whose stores know object ids."""

OBJECT_IDS: Final = "object_ids"
"""Capability of other connectors whose stores know them."""

_NAME: Final = "objectid"
_RULES: Final = "juggler.models.validating.objectids"
"""Key of a model's rules in the cache of its `ModelInfo`."""

Path = tuple[str, ...]


def object_id_paths(shape: Shape) -> list[Path]:
    """Return the paths of all object ids in *shape*, those of embedded models included."""
    return list(_paths(shape, (), []))


def object_id_rules(info: ModelInfo) -> tuple[Rule, ...]:
    """Return a rule for each property with object ids in it.

    They are worked out once for equal models, and anew when an embedded model has changed.
    """
    known = info.cache.get(_RULES)
    if known is not None and (not known[0] or all(kind.shape is shape for kind, shape in known[0])):
        found: tuple[Rule, ...] = known[1]
        return found
    seen: list[tuple[EmbeddedType, Shape]] = []
    paths: dict[str, list[Path]] = {}
    for root, *rest in _paths(info.shape, (), seen):
        paths.setdefault(root, []).append(tuple(rest))
    found = tuple(Rule(root, _NAME, {"paths": rests}) for root, rests in paths.items())
    info.cache[_RULES] = (tuple(seen), found)
    return found


def knows_object_ids(source: Source) -> bool:
    """Tell whether the store of *source* is one that knows object ids.

    Its connector is called, or configured as, ``mongodb``, or has the capability ``object_ids``.
    """
    connector = source.connector
    named = {getattr(connector, "name", None), source.settings.get("connector")}
    return CONNECTOR in named or OBJECT_IDS in getattr(connector, "capabilities", ())


def _paths(
    shape: Shape, outer: tuple[int, ...], seen: list[tuple[EmbeddedType, Shape]]
) -> Iterator[Path]:
    """Yield the paths in *shape*; a model that embeds itself is entered once.

    Args:
        shape: What is looked through.
        outer: Ids of the shapes around it.
        seen: Where the embedded types are noted, with the shapes that they have now.
    """
    for item in shape:
        inner = embedded(item.type)
        if _is_object_id(item):
            yield (item.name,)
        elif inner is not None:
            entered = inner.shape
            seen.append((inner, entered))
            if id(entered) not in outer:
                for path in _paths(entered, (*outer, id(entered)), seen):
                    yield (item.name, *path)


def _is_object_id(item: Property) -> bool:
    """Tell whether a property, or each item of a list, is stored as an object id."""
    block = item.options.get(CONNECTOR)
    if isinstance(block, Mapping):
        stored = block.get("data_type", block.get("dataType"))
        if str(stored).lower() == _NAME:
            return True
    kind: ValueType = item.type
    while isinstance(kind, ListType):
        kind = kind.item
    name: Any = kind.cls.__name__ if isinstance(kind, ClassType) else kind.name
    return str(name).lower() == _NAME
