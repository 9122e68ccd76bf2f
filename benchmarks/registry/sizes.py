"""How much is measured: everything, enough for a minute, or just that it works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


def _each(**counts: int) -> Mapping[str, int]:
    """Return a number for each candidate."""
    return MappingProxyType(counts)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much one run measures.

    Attributes:
        passes: Fresh processes for each timing; their median counts.
        rounds: Rounds in each process.
        enough: Seconds that one round takes at least.
        crowd: Models of a tenant that is cleaned up, and of each that is looked up in.
        others: Models that are alive beside the tenant that is cleaned up.
        kept: Models that memory is measured over.
        alive: Models that the collector goes through.
        widest: Most of them that are really made; beyond it the pause is scaled.
        tenants: Tenants of the registries whose growth is shown.
        lookups: Look-ups a round in them.
        cycles: Cycles of define, use and clean up; as many of declare, touch and evict.
        early: Cycle whose end is the yardstick.
        new_shapes: Cycles with a structure that was never seen, compared with half of them.
        dense: Tenants that are declared.
        bundles: Distinct sets of definitions among them.
        resident: Tenants that may be resident.
        accesses: Accesses to the dense registry.
    """

    passes: int
    rounds: int
    enough: float
    others: Mapping[str, int]
    kept: Mapping[str, int]
    alive: tuple[int, ...]
    widest: Mapping[str, int]
    tenants: tuple[int, ...]
    lookups: int
    cycles: int
    early: int
    new_shapes: int
    dense: int
    bundles: int
    resident: int
    accesses: int
    crowd: int = 100


FULL: Final = Sizes(
    passes=3,
    rounds=9,
    enough=0.02,
    others=_each(juggler=50_000, bare=50_000, pydantic=10_000, django=10_000, sqlalchemy=5_000),
    kept=_each(juggler=10_000, bare=10_000, pydantic=2_000, django=2_000, sqlalchemy=1_000),
    alive=(0, 20_000, 100_000),
    widest=_each(juggler=100_000, bare=100_000, pydantic=50_000, django=50_000, sqlalchemy=10_000),
    tenants=(10, 1_000, 100_000),
    lookups=100_000,
    cycles=1_000_000,
    early=10_000,
    new_shapes=20_000,
    dense=100_000,
    bundles=1_000,
    resident=1_000,
    accesses=200_000,
)
SHORT: Final = Sizes(
    passes=1,
    rounds=5,
    enough=0.01,
    others=_each(juggler=50_000, bare=10_000, pydantic=1_000, django=1_000, sqlalchemy=500),
    kept=_each(juggler=2_000, bare=2_000, pydantic=500, django=500, sqlalchemy=200),
    alive=(0, 20_000),
    widest=_each(juggler=20_000, bare=20_000, pydantic=2_000, django=2_000, sqlalchemy=1_000),
    tenants=(10, 1_000, 10_000),
    lookups=20_000,
    cycles=30_000,
    early=3_000,
    new_shapes=3_000,
    dense=20_000,
    bundles=500,
    resident=500,
    accesses=50_000,
)
TINY: Final = Sizes(
    crowd=5,
    passes=1,
    rounds=1,
    enough=0.0,
    others=_each(juggler=50, bare=50, pydantic=10, django=10, sqlalchemy=10),
    kept=_each(juggler=50, bare=50, pydantic=5, django=5, sqlalchemy=5),
    alive=(0, 100),
    widest=_each(juggler=100, bare=100, pydantic=10, django=10, sqlalchemy=10),
    tenants=(2, 20),
    lookups=50,
    cycles=60,
    early=20,
    new_shapes=20,
    dense=100,
    bundles=10,
    resident=10,
    accesses=200,
)
SIZES: Final = MappingProxyType({"full": FULL, "short": SHORT, "tiny": TINY})
