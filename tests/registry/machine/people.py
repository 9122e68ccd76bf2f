"""Rules: who is at work in which tenant, and who holds what."""

import asyncio
from contextvars import copy_context

from hypothesis import strategies as st
from hypothesis.stateful import rule

from juggler.errors import JugglerError
from tests.registry.machine.expected import Actor
from tests.registry.machine.world import CODES, GONE, NUMBERS, World, collect, is_view


class People(World):
    """Blocks, tasks, and what is held."""

    @rule(who=NUMBERS, code=CODES)
    def enter_a_tenant(self, who: int, code: str) -> None:
        """Enter a tenant."""
        actor = self.actor(who)
        if len(actor.stack) < 4:
            self.enter(actor, code)

    @rule(who=NUMBERS)
    def leave_a_tenant(self, who: int) -> None:
        """Leave the tenant that was entered last."""
        actor = self.actor(who)
        if actor.blocks:
            block = actor.blocks.pop()
            self.do(actor, lambda: block.__exit__(None, None, None))
            actor.stack.pop()

    @rule(who=NUMBERS, code=CODES)
    def start_a_task(self, who: int, code: str) -> None:
        """Start a task inside whatever its starter has entered; it enters a tenant of its own."""
        starter = self.actor(who)
        if len(self.actors) < 4:
            self.start(starter, code)

    def start(self, starter: Actor, code: str) -> None:
        """Start a task from *starter*."""
        actor = Actor([list(block) for block in starter.stack], inbox=asyncio.Queue())

        async def begin() -> None:
            actor.task = asyncio.create_task(self.live(actor))

        if starter.task is None:
            self.runner.run(begin(), context=copy_context())
        else:
            self.do(starter, lambda: setattr(actor, "task", asyncio.create_task(self.live(actor))))
        self.actors.append(actor)
        self.enter(actor, code)

    @rule(who=NUMBERS)
    def end_a_task(self, who: int) -> None:
        """End a task."""
        actor = self.actor(who)
        if actor.task is None:
            return
        actor.inbox.put_nowait(None)  # its blocks end with its context
        self.actors.remove(actor)
        while not actor.task.done():
            self.turn()
        actor.task.result()

    @rule()
    def let_the_loop_turn(self) -> None:
        """Let the event loop go on with what is under way."""
        self.turn()

    # what they hold ---------------------------------------------------------------------------

    @rule(at=NUMBERS)
    def make_an_instance(self, at: int) -> None:
        """Make an instance and keep it: it stays readable whatever becomes of its model."""
        models = [each for each in self.held if hasattr(each, "_since")]
        if not models:
            return
        model = models[at % len(models)]
        try:
            instance = model({"x": 1})
        except JugglerError:
            assert model.is_disposed or is_view(model)
        else:
            if len(self.kept) < 6:
                self.kept.append(instance)

    @rule(code=CODES)
    def keep_a_handle(self, code: str) -> None:
        """Keep a tenant's part of the registry, and its namespace."""
        if self.expected.resident.get(code) and len(self.kept) < 6:
            there = self.registry._tenants[code]
            self.kept += [there, there.models]

    @rule(at=NUMBERS, what=st.sampled_from(["held", "kept"]))
    def drop(self, at: int, what: str) -> None:
        """Drop something that was held."""
        things = getattr(self, what)
        if things:
            del things[at % len(things)]

    @rule()
    def drop_all(self) -> None:
        """Drop everything that was held."""
        self.held.clear()
        self.kept.clear()
        collect()

    @rule()
    def use_what_is_held(self) -> None:
        """What is over says so; plain values of instances are there all the same."""
        for thing in self.held:
            if is_view(thing):
                continue
            try:
                thing.check_alive("find")
            except GONE:
                assert thing.is_disposed
            else:
                assert not thing.is_disposed
        for thing in self.kept:
            if hasattr(thing, "to_dict"):
                assert thing.to_dict().get("x") in (1, None)

    @rule(at=NUMBERS, seconds=st.sampled_from([1.0, 10.0]))
    def wait(self, at: int, seconds: float) -> None:
        """Let time go by."""
        self.clock.now += seconds
