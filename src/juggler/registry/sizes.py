"""How many bytes models take, from the sizes of the objects that are their own.

The figures follow what ``tracemalloc`` shows.  What several owners share (shapes, blueprints,
bundles) is none of theirs.
"""

from __future__ import annotations

import sys
from typing import Any, Final

from juggler.models.runtime import RuntimeModel
from juggler.registry.cold.record import ColdTenant

_HEAD: Final = 16
"""What the collector puts before each object that it looks at."""
_FLOAT: Final = 24
_SHARE: Final = 30
"""An entry in a namespace that grows: key and value, and the share of empty slots."""

_NAME: Final = 38
"""A name of seven letters takes 56 bytes, unless other tenants have the very same object."""

OBJECT: Final = RuntimeModel.__basicsize__ + _HEAD + _FLOAT + _NAME
"""A run-time model with its name and its time of registration."""
RUNTIME: Final = OBJECT + _SHARE
"""What one more run-time model takes."""
CLASS: Final = 2_400
"""A declared model is a class of its own with its unchecked twin..."""
PROPERTY: Final = 670
"""... and has a descriptor, a plan and a slot for each property."""
TENANT_BYTES: Final = 510
"""A resident tenant without models, beside its namespace: record, handle, code, entry."""
ANONYMOUS: Final = 120
"""The anonymous models of one owner, beside their tables."""
ANONYMOUS_NAME: Final = 65 - _NAME
SHAPE: Final = 3_100
"""A compiled structure with its blueprint..."""
SHAPE_PROPERTY: Final = 245
"""... and each of its properties."""
COLD: Final = ColdTenant.__basicsize__ + 2 * _FLOAT + 110
"""A cold tenant: its record, its code, and its entries in two tables."""
BUNDLE: Final = 380
"""A bundle without its names: the object, its dict and its place in the table of bundles..."""
ENTRY: Final = 190
"""... and one definition in it, with its name and its part of the bundle's key."""


def extra_bytes(model: Any) -> int:
    """Return an estimate of the memory that *model* takes beyond that of a plain run-time one.

    Shared parts do not count.  The answer stays the same for as long as a model is registered, so
    that sums can be kept up to date.
    """
    nested = model._nested
    extra = sys.getsizeof(nested) if nested else 0
    if isinstance(model, type):
        return extra + CLASS + PROPERTY * len(model._blueprint.definition.shape) - OBJECT  # type: ignore[attr-defined]  # a declared model
    if model._blueprint.definition.anonymous:
        extra += ANONYMOUS_NAME
    return extra


def space_bytes(space: Any) -> int:
    """Return the memory that a namespace takes beside its models; costs O(1)."""
    size = sys.getsizeof(space)
    names = getattr(space, "_names", None)
    if names is not None:
        size += sys.getsizeof(names)
    anonymous = space._anonymous
    if anonymous is not None:
        tables = (anonymous.index, anonymous.uses, anonymous.kept)
        size += ANONYMOUS + sum(map(sys.getsizeof, tables))
    return size


def cold_bytes(record: ColdTenant) -> int:
    """Return an estimate of the memory that a cold tenant takes; its bundle is shared."""
    return COLD + record.held * OBJECT + record.extra


def shape_bytes(shapes: int, properties: int) -> int:
    """Return an estimate of the memory that structures take which have so many properties."""
    return shapes * SHAPE + properties * SHAPE_PROPERTY


def bundle_bytes(entries: dict[str, Any]) -> int:
    """Return the memory that a bundle takes beside the compiled structures."""
    return BUNDLE + sys.getsizeof(entries) + ENTRY * len(entries)
