"""Everything a registry can do, in any order: it is as expected after every step."""

import os
from contextvars import Context

from hypothesis import HealthCheck, settings
from hypothesis.stateful import rule

from juggler.errors import DefinitionError
from juggler.registry.cold.stores.memory import MemoryDefinitions
from juggler.registry.registry import ModelRegistry
from tests.registry.machine.defining import Defining
from tests.registry.machine.invariants import Invariants
from tests.registry.machine.leaving import Leaving
from tests.registry.machine.people import People
from tests.registry.machine.resting import Resting
from tests.registry.machine.sharing import Sharing
from tests.registry.machine.world import CODES, Watched

TIMES = 20 if os.environ.get("JUGGLER_LONG") else 1


class Registry(Defining, People, Leaving, Resting, Sharing, Invariants):
    """All rules together."""


class Stored(Registry):
    """The same with a store, whose tenants another registry knows."""

    def new_registry(self) -> ModelRegistry:
        """Return a registry with a store."""
        self.store = MemoryDefinitions()
        return Watched(self, clock=self.clock, definitions=self.store, **self.limits)

    @rule(code=CODES)
    def restart(self, code: str) -> None:
        """Another registry with the same store knows what was evicted, and can build it."""
        self.registry.evict(code)
        self.observe(code)
        if code in self.registry._tenants:
            return  # it is in use; what changed meanwhile is written when it goes cold
        other = ModelRegistry(definitions=self.store)
        for each in self.registry.global_models.values():
            Context().run(other.define, each.model_name, {"other": int})  # no tenant is current
        try:
            there = other.tenant(code, create=False)
        except DefinitionError as error:
            assert "which is not there" in str(error)  # noqa: PT017
            return
        if there is not None and code in self.expected.resident:
            named = [each.model_name for each in there.models.values()]
            own = self.expected.of(code)
            extra = {name for name in named if "Anonymous" not in name} - set(own)
            assert not extra


# REG-74, REG-75
Registry.TestCase.settings = settings(
    max_examples=250 * TIMES,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
# REG-75, REG-78
Stored.TestCase.settings = settings(Registry.TestCase.settings, max_examples=100 * TIMES)
TestRegistry = Registry.TestCase
TestStored = Stored.TestCase
