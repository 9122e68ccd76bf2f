"""How many bytes a model takes, from the sizes of the objects that are its own."""

from __future__ import annotations

import sys
from typing import Any, Final

from juggler.models.runtime import RuntimeModel

RUNTIME: Final = RuntimeModel.__basicsize__ + 140
"""A run-time model: the object, its collector header, its time of registration, and its entry in
the namespace (hash, key and value pointer, and the share of empty slots)."""
CLASS: Final = 9_600
"""A declared model is a class of its own with its unchecked twin."""


def extra_bytes(model: Any) -> int:
    """Return an estimate of the memory that *model* takes beyond that of a plain run-time one.

    Shared parts do not count.  The answer stays the same for as long as a model is registered, so
    that sums can be kept up to date.
    """
    if isinstance(model, type):
        return CLASS - RUNTIME
    nested = model._nested
    return sys.getsizeof(nested) if nested else 0
