"""Many declared tenants, few at work: what each costs."""

import asyncio
import gc

from benchmarks.registry.density import Dense, traced, zipf
from juggler import RegistryManager
from juggler.registry.strategies.lru import LeastRecentlyUsed
from tests.memory import again

TENANTS = 2_000


# REG-79
@again
def test_a_cold_tenant_takes_less_than_a_kilobyte() -> None:
    """What Python allocates for a tenant that is only declared stays below 1 KiB."""
    assert traced(TENANTS, 10, 1)["each"] <= 1024


# REG-79
def test_cold_tenants_are_nothing_to_the_collector() -> None:
    """Declaring two thousand tenants adds no object that a collection has to look at."""
    dense = Dense(TENANTS, 10, 1)
    gc.collect()
    before = len(gc.get_objects())
    dense.declare()
    gc.collect()
    assert len(gc.get_objects()) - before <= 200


# REG-79
def test_few_are_resident_however_many_are_accessed() -> None:
    """Under accesses by Zipf's law as many tenants are awake as the strategy allows, never more."""
    dense = Dense(TENANTS, 10, 1)
    dense.declare()
    seen = set()

    async def work() -> list[int]:
        awake = []
        async with RegistryManager(dense.registry, strategy=LeastRecentlyUsed(50)):
            for code in zipf(dense.codes, 2_000):
                assert dense.access(code, "M3").owner == code
                seen.add(code)
                awake.append(len(dense.registry.tenants()))
        return awake

    awake = asyncio.run(work())
    assert max(awake) == 50 < len(seen)
