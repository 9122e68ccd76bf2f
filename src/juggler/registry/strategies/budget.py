"""Keep what the models take within a number of bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from juggler.registry.managing.policy import whole
from juggler.registry.strategies.lru import least_recent
from juggler.registry.strategies.view import RegistryView


class MemoryBudget(Struct, frozen=True):
    """Evicts tenants, the least recently used first, until the models take *max_bytes* at most.

    The bytes are the registry's own estimate for the models of all owners, which eviction lowers at
    once; what the operating system counts for the process follows late or never.  `Adaptive` looks
    at that.

    Args:
        max_bytes: Most bytes that the models may take.

    Raises:
        InvalidValueError: *max_bytes* is no whole number from 0 on.
    """

    max_bytes: int

    def __post_init__(self) -> None:
        whole("max_bytes", self.max_bytes, least=0)

    def __call__(self, view: RegistryView, /) -> Iterable[str]:
        """Return who has to go, so that the rest is within the budget."""
        return to_free(view, view.bytes - self.max_bytes)


def to_free(view: RegistryView, wanted: int, order: Sequence[str] = ()) -> list[str]:
    """Return the tenants to evict to free *wanted* bytes.

    Tenants that take nothing stay.  Fewer bytes are freed where there are not as many.

    Args:
        view: Who is there.
        wanted: The bytes.
        order: Who goes first; the least recently used unless given.
    """
    found: list[str] = []
    if wanted <= 0:
        return found
    sizes = {each.code: each.bytes for each in view.evictable}
    for code in order or (each.code for each in least_recent(view, len(view.tenants))):
        if sizes[code] > 0:
            found.append(code)
            wanted -= sizes[code]
        if wanted <= 0:
            break
    return found
