"""Everything a registry does, from many threads and event loops at once: it stays in order."""

import asyncio
import os
import random
from typing import Any

import pytest

from juggler.context import tenant
from juggler.models.api import ModelApi
from juggler.registry.managing.manager import RegistryManager
from juggler.registry.registry import ModelRegistry
from juggler.registry.strategies.lru import LeastRecentlyUsed
from tests.registry.helpers import Store, check, shapes_in_use
from tests.registry.test_threads import EXPECTED
from tests.registry.threads import in_threads

PLACE = {"lat": float, "lng": float}
TIMES = 20 if os.environ.get("JUGGLER_LONG") else 1


class Stress:
    """Everything that a registry does, one step at a time, for whoever calls.

    Args:
        registry: Where it is done.
    """

    def __init__(self, registry: ModelRegistry) -> None:
        self.registry = registry
        self.stores = [Store(registry, "one"), Store(registry, "two")]
        self.kept: list[Any] = []
        self.bundles = [
            registry.bundle({"A": {"where": PLACE}, "D": ({"x": at}, {"base": "A"})})
            for at in (int, str)
        ]
        registry.define("G", {"x": int})

    def step(self, chance: random.Random) -> None:
        """Do something; what is documented to be refused may be."""
        code, name = f"t{chance.randrange(4)}", chance.choice("ABCDG")
        steps = [self.write, self.write, self.read, self.read, self.rest, self.share, self.look]
        steps += [self.keep, self.iterate]
        if chance.random() < 0.1:
            steps = [self.clean]
        try:
            chance.choice(steps)(code, name, chance)
        except EXPECTED:
            return

    def write(self, code: str, name: str, chance: random.Random) -> None:
        """Define, extend, declare or move."""
        registry, way = self.registry, chance.randrange(5)
        if way == 0:
            registry.declare(code, chance.choice(self.bundles))
        elif way == 1:
            with tenant(code):
                registry.extend("G", {f"y{chance.randrange(3)}": int})
        elif way == 2:
            model = chance.choice(self.stores).define(name, {"where": PLACE})
            registry.register_model(model, owner=registry.tenant(code))
        else:
            properties = {"where": PLACE, f"x{chance.randrange(5)}": int}
            model = registry.define(name, properties, tenant=code)
            assert model.owner == code
            model(where={"lat": 1})

    def read(self, code: str, name: str, chance: random.Random) -> None:
        """Look up by name and structure: one's own, shared, global; never another's."""
        with tenant(code):
            found = self.registry.find_model_by_name(name)
            assert found is None or found.owner in {code, None}
            inner = self.registry.find_model_by_structure(PLACE)
            assert inner is None or inner.owner == code

    def rest(self, code: str, name: str, chance: random.Random) -> None:
        """Evict a tenant, and maybe wake it."""
        self.registry.evict(code)
        if chance.random() < 0.5:
            self.registry.tenant(code).models.get(name)

    def share(self, code: str, name: str, chance: random.Random) -> None:
        """Share a model, use the view, take it back."""
        with_ = chance.choice(["*", [f"t{chance.randrange(4)}"]])
        grant = self.registry.share(name, code, with_)
        for other in ("t0", "t1", "t2", "t3"):
            with tenant(other):
                found = self.registry.find_model_by_name(name)
                assert found is None or found.owner in {other, None}
        self.registry.revoke(grant)
        assert grant not in self.registry.grants()

    def look(self, code: str, name: str, chance: random.Random) -> None:
        """Ask for all figures and lists there are."""
        registry = self.registry
        stats = registry.get_stats()
        assert stats.total_models >= stats.total_tenant_models >= 0
        assert stats.bytes_estimate >= 0
        registry.get_tenant_registry_info()
        registry.health()
        list(registry.samples())
        registry.search(name)
        registry.get_all_models()

    def iterate(self, code: str, name: str, chance: random.Random) -> None:
        """Copy names in one step; go through models, as far as nobody changes them."""
        there = self.registry.tenant(code)
        for space in (there.models, self.registry.global_models, self.stores[0].models):
            set(space), list(space), dir(space), repr(space), space.get_model_names()
        there.get_all_models()
        try:
            for each in there.models.values():
                assert each.model_name
        except RuntimeError as error:
            assert "during iteration" in str(error)  # noqa: PT017

    def keep(self, code: str, name: str, chance: random.Random) -> None:
        """Keep a model or a handle for a while; use what was kept."""
        there = self.registry.tenant(code)
        self.kept += [there, there.models.get(name)]
        for each in self.kept[:-20]:
            if isinstance(each, ModelApi):
                each.check_alive("find")
        del self.kept[:-20]

    def clean(self, code: str, name: str, chance: random.Random) -> None:
        """Let tenants or the models of a source go."""
        if chance.random() < 0.5:
            assert self.registry.cleanup_tenant(code, force=True).error is None
        elif chance.random() < 0.5:
            chance.choice(self.stores).models.clear()
        else:
            RegistryManager(self.registry, strategy=LeastRecentlyUsed(2)).run_pass()

    def finish(self) -> None:
        """Check what is left, and that all of it goes."""
        check(self.registry)
        assert shapes_in_use(self.registry) <= self.registry.shapes.fingerprints()
        self.kept.clear()
        for code in self.registry.tenant_codes():
            self.registry.cleanup_tenant(code)
        for store in self.stores:
            store.close()
        assert [each.name for each in self.registry.get_all_models()] == ["G"]
        assert self.registry.grants() == []
        check(self.registry)


@pytest.mark.parametrize("seed", range(2 * TIMES))
def test_all_there_is_from_many_threads(registry: ModelRegistry, seed: int) -> None:
    """Definitions, evictions, clean-ups, grants and figures from many threads leave it in order."""
    # REG-74, REG-75, REG-77
    stress = Stress(registry)

    def work(at: int) -> None:
        chance = random.Random(seed * 100 + at)
        for _ in range(150):
            stress.step(chance)

    assert in_threads(work) == []
    stress.finish()


@pytest.mark.parametrize("seed", range(TIMES))
def test_tasks_and_threads(registry: ModelRegistry, seed: int) -> None:
    """Event loops with tasks of their own tenants, and threads beside them, leave it in order."""
    # REG-50, REG-74, REG-75
    stress = Stress(registry)

    async def task(chance: random.Random) -> None:
        with tenant(f"t{chance.randrange(4)}"):
            for turn in range(40):
                stress.step(chance)
                if turn % 10 == 5:
                    await registry.cleanup_tenant_async(
                        f"t{chance.randrange(4)}", batch=1, force=True
                    )
                await asyncio.sleep(0)

    async def tasks(chance: random.Random) -> None:
        await asyncio.gather(*(task(random.Random(chance.random())) for _ in range(4)))

    def work(at: int) -> None:
        chance = random.Random(seed * 100 + at)
        if at % 2:
            asyncio.run(tasks(chance))
        else:
            for _ in range(150):
                stress.step(chance)

    assert in_threads(work, threads=4) == []
    stress.finish()
