"""The world that the rules act in: a registry, people at work, and what they hold."""

import asyncio
import gc
import weakref
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from juggler.context import tenant
from juggler.errors import (
    ConnectorDetachedError,
    DefinitionError,
    JugglerError,
    ModelDisposedError,
    QuotaExceededError,
)
from juggler.registry.anonymous import is_anonymous
from juggler.registry.cleaning.cleanup import Departure
from juggler.registry.registry import ModelRegistry
from tests.registry.helpers import Application, Clock, Store
from tests.registry.machine.expected import GLOBAL, Actor, Expected, Given, end_life

PLACE = {"lat": float, "lng": float}
CODES = st.sampled_from(["acme", "bolt", "core"])
NAMES = st.sampled_from(["A", "B", "AnonymousModel_0"])
NUMBERS = st.integers(0, 11)
STRUCTURES = st.sampled_from(
    [
        {},
        {"x": int},
        {"x": "integer"},
        {"where": PLACE},
        {"where": {"lng": "number", "lat": "number"}, "more": [PLACE]},
        {"deep": {"where": PLACE, "x": int}},
        {"deep": [{"where": [PLACE], "x": int}]},
    ]
)
GONE = (ModelDisposedError, ConnectorDetachedError)
LIMITS: tuple[dict[str, int], ...] = (
    {},
    {},
    {},
    {"max_tenants": 2},
    {"max_models_per_tenant": 4},
    {"max_tenants": 2, "max_models_per_tenant": 5},
)


class Watched(ModelRegistry):
    """A registry that lets the world know of the moment at which a tenant leaves."""

    def __init__(self, world: "World", **options: Any) -> None:
        super().__init__(**options)
        self._world = world

    def _depart(self, tenant: Any, request: Any) -> Any:
        found = super()._depart(tenant, request)
        if isinstance(found, Departure):
            self._world.left(tenant.code)
        return found


class World(RuleBasedStateMachine):
    """Begins empty: three data sources, two foreign apps, one actor without a tenant."""

    @initialize(limits=st.sampled_from(LIMITS), furnished=st.integers(0, 3))
    def begin(self, limits: dict[str, int], furnished: int) -> None:
        """Begin with an empty registry, or with tenants that are at work in several ways."""
        gc.freeze()  # collections look at what this run makes, not at all of the tests
        self.clock = Clock()
        self.limits = limits
        self.registry = self.new_registry()
        self.expected = Expected()
        self.runner = asyncio.Runner()
        self.actors = [Actor()]
        self.acting: Actor | None = None
        self.pending: list[Any] = []
        self.vetoed: set[str] = set()
        self.ears: list[Any] = []
        self.leases: list[tuple[str, Any, Any]] = []
        self.held: list[Any] = []
        self.kept: list[Any] = []
        self.seen: dict[int, Any] = {}
        self.numbers: dict[Any, Any] = {}
        self.count = self.made = 0
        self.objects: list[Any] = []
        for make in (self.new_store, self.new_store, self.new_app, self.new_app):
            self.objects.append(make())
        self.parsed = self.registry.parse("P", {"where": PLACE, "x": int})
        if furnished and not limits:
            self.furnish(furnished)

    def furnish(self, how: int) -> None:
        """Let two tenants have models, one of them shared, kept or at rest."""
        registry = self.registry
        self.defined(GLOBAL, registry.define("A", {"x": int}))
        for code in ("acme", "bolt")[: 1 + how % 2]:
            for name, base in (("A", None), ("B", "A")):
                made = registry.define(name, {"where": PLACE}, tenant=code, base=base)
                self.expected.put(code, name, made.shape.fingerprint)
                del made
        grant = registry.share("A", "acme", "*" if how == 2 else ["core"])
        self.expected.given.append(Given(grant, None if how == 2 else {"core"}, None))
        if how == 3:
            self.kept += [registry.tenant("acme").models, registry.tenant("acme")]
            registry.evict("acme")
            self.expected.resident["acme"] = False
        if how == 1:
            self.hold(registry.tenant("acme").models["A"])

    def new_registry(self) -> ModelRegistry:
        """Return the registry to begin with."""
        return Watched(self, clock=self.clock, **self.limits)

    def teardown(self) -> None:
        """Let everybody go home."""
        if not hasattr(self, "registry"):
            return
        while self.actors[0].blocks:
            self.actors[0].blocks.pop().__exit__(None, None, None)
        for _, lease, _ in self.leases:
            lease.__exit__(None, None, None)
        for task in self.pending:
            task.cancel()
        self.runner.close()
        gc.unfreeze()

    # owners that are objects ------------------------------------------------------------------

    def new_store(self) -> Any:
        """Return a new data source."""
        return self._numbered(Store(self.registry))

    def new_app(self) -> Any:
        """Return a new foreign app: an object or a function."""
        if self.count % 2:
            return self._numbered(Application())

        def serve() -> None:
            """Serve nothing."""

        return self._numbered(serve)

    def _numbered(self, owner: Any) -> Any:
        self.count += 1
        self.numbers[self.count] = weakref.ref(owner)
        return owner

    def key(self, owner: Any) -> Any:
        """Return what expectations call the *owner* of a model."""
        if owner is None:
            return GLOBAL
        if isinstance(owner, str):
            return owner
        return next(number for number, each in self.numbers.items() if each() is owner)

    def space(self, owner: Any) -> Any:
        """Return the namespace of an expected owner, None where it has none."""
        if owner == GLOBAL:
            return self.registry.global_models
        if isinstance(owner, str):
            resident = self.registry._tenants.get(owner)
            return None if resident is None else resident.models
        return self.registry._owners.find(self.numbers[owner]())

    def home(self, model: Any) -> Any:
        """Return the expected owner that has *model*, None for one that nobody has."""
        owner = model._owner
        if owner is None or model.is_disposed:
            return None
        if owner.kind == "global":
            return GLOBAL
        if owner.kind == "tenant":
            return owner.tenant
        return None if owner.owner is None else self.key(owner.owner)

    # people at work ---------------------------------------------------------------------------

    def actor(self, who: int) -> Actor:
        """Return one of those at work."""
        return self.actors[who % len(self.actors)]

    def do(self, actor: Actor, work: Callable[[], Any]) -> Any:
        """Return what *work* returns, done by *actor*."""
        if actor.task is None:
            self.acting = actor
            try:
                return work()
            finally:
                self.acting = None
        answer: list[Any] = []
        actor.inbox.put_nowait((work, answer))
        while not answer:
            if actor.task.done():
                actor.task.result()
            self.turn()
        value, error = answer.pop()
        if error is not None:
            raise error
        return value

    async def live(self, actor: Actor) -> None:
        """Do what comes in, in this task's own context."""
        while (order := await actor.inbox.get()) is not None:
            work, answer = order
            del order
            self.acting = actor
            try:
                answer.append((work(), None))
            except JugglerError as error:
                answer.append((None, error.with_traceback(None)))
            self.acting = None
            del work, answer

    def turn(self) -> None:
        """Give the event loop one turn."""

        async def once() -> None:
            await asyncio.sleep(0)

        self.runner.run(once(), context=copy_context())
        for task in self.pending:
            if task.done() and not task.cancelled():
                task.result()
        self.pending = [task for task in self.pending if not task.done()]

    def left(self, code: str) -> None:
        """Note that a tenant has just left, whoever had it cleaned up."""
        self.expected.leave(code)
        end_life(self.actors, code, self.acting)

    # what may go wrong ------------------------------------------------------------------------

    def attempt(self, actor: Actor, work: Callable[[], Any], code: str | None) -> Any:
        """Return what *work* for the tenant *code* makes; None where it was rightly refused."""
        former = actor.is_former(code)
        try:
            made = self.do(actor, work)
        except ModelDisposedError as error:
            assert former or "is gone" in str(error) or "was cleaned up" in str(error)  # noqa: PT017
            return None
        except QuotaExceededError:
            assert self.limits
            return None
        except (DefinitionError, ConnectorDetachedError) as error:
            assert "goes with the last" in str(error) or "is gone" in str(error)  # noqa: PT017
            return None
        else:
            assert not former, "nothing comes of work for a life that is over"
            return made
        finally:
            if code is not None:
                self.observe(code)

    def defined(self, owner: Any, model: Any) -> None:
        """Note a model that came; hold it for a while."""
        if model is not None:
            assert self.key(model.owner) == owner
            if isinstance(owner, str) and owner != GLOBAL:
                self.observe(owner)
            self.expected.put(owner, model.model_name, model.shape.fingerprint)
            self.made += 1
            if self.made % 2:
                self.hold(model)

    def hold(self, thing: Any) -> None:
        """Hold a model, view or instance, until somebody drops it."""
        if len(self.held) < 12:
            self.held.append(thing)

    def model(self, at: int) -> Any:
        """Return a model that somebody holds, no view; None where nobody does."""
        models = [each for each in self.held if hasattr(each, "_since") and not is_view(each)]
        return models[at % len(models)] if models else None

    def observe(self, code: str) -> None:
        """Note whether a tenant that may have been woken is resident."""
        if code in self.expected.resident:
            self.expected.resident[code] = code in self.registry._tenants

    def resident(self, at: int) -> Any:
        """Return one of the tenants that are resident, None where there is none."""
        there = list(self.registry._tenants.values())
        return there[at % len(there)] if there else None

    def observe_all(self) -> None:
        """Note who of those that may have been woken is resident."""
        for code in self.expected.resident:
            self.observe(code)

    def enter(self, actor: Actor, code: str) -> None:
        """Let *actor* enter a tenant."""
        block = tenant(code)
        self.do(actor, block.__enter__)
        actor.blocks.append(block)
        actor.stack.append([code, False])


def is_view(thing: Any) -> bool:
    """Tell whether *thing* is a view of another tenant's model."""
    return hasattr(thing, "grant")


def flagged(model: Any) -> bool:
    """Tell whether a model is anonymous."""
    return is_anonymous(model)


def collect() -> None:
    """Let the collector do its work."""
    gc.collect()
