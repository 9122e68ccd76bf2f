"""Rules: tenants are declared, put to rest, and woken by reading."""

import weakref
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from juggler.errors import DefinitionError, ModelDisposedError, QuotaExceededError
from tests.registry.machine.expected import GLOBAL
from tests.registry.machine.world import (
    CODES,
    NAMES,
    NUMBERS,
    PLACE,
    STRUCTURES,
    World,
    collect,
    flagged,
    is_view,
)


class Resting(World):
    """Cold tenants."""

    @rule(
        who=NUMBERS,
        code=CODES,
        names=st.lists(NAMES, unique=True, max_size=3),
        structure=STRUCTURES,
        as_mapping=st.booleans(),
    )
    def declare(
        self, who: int, code: str, names: list[str], structure: Any, as_mapping: bool
    ) -> None:
        """Declare models that extend one another, as a bundle or a mapping, also over others."""
        actor, known = self.actor(who), code in self.expected.resident
        pairs = [
            (name, (structure, {} if base is None else {"base": base}))
            for name, base in zip(names, [None, *names], strict=False)
        ]
        given: Any = dict(reversed(pairs))
        if not as_mapping:
            given = self.do(actor, lambda: self.registry.bundle(given))
        former = actor.is_former(code)
        try:
            bundle = self.do(actor, lambda: self.registry.declare(code, given))
        except ModelDisposedError:
            assert former
        except QuotaExceededError:
            assert self.limits
        except DefinitionError as error:
            assert "goes with the last" in str(error)  # noqa: PT017
            assert known
        else:
            assert not former
            expected = self.expected.tenant(code)
            for name in bundle:
                fingerprint = bundle[name].shape.fingerprint
                if expected.get(name) != fingerprint or not self._same(code, name):
                    self.expected.put(code, name, fingerprint)
            if not known and not self._has_objects(code) and not self.in_use(code):
                assert code in self.registry._cold, "nothing of it was read"
        self.observe_all()

    def _same(self, code: str, name: str) -> bool:
        """Tell whether the registry thinks that a declared model is the one that was there."""
        holding = self.registry.grants()
        given = [each for each in self.expected.standing(self.clock()) if each.owner_tenant == code]
        return all(each in holding for each in given if each.model_name == name)

    def _has_objects(self, code: str) -> bool:
        """Tell whether anybody here has something of a tenant."""
        things = [*self.held, *(getattr(each, "_model", each) for each in self.kept)]
        owners = {getattr(getattr(each, "_owner", None), "tenant", None) for each in things}
        codes = {getattr(each, "code", None) for each in self.kept}
        return code in owners | codes or code in self.registry._parked

    @rule(at=NUMBERS)
    def evict(self, at: int) -> None:
        """Evict a tenant: it has the same names afterwards, but for anonymous ones."""
        there = self.resident(at)
        if there is None:
            assert not self.registry.evict("nobody")
            return
        goes, code = not there.owner.in_use, there.code
        del there
        assert self.registry.evict(code) is goes
        if goes:
            self.expected.resident[code] = False

    @rule(at=NUMBERS)
    def evict_and_wake(self, at: int) -> None:
        """Evict a tenant and wake it: whatever is alive is the same object."""
        there = self.resident(at)
        if there is None or there.owner.in_use or self.actors[0].is_former(there.code):
            return
        code = there.code
        models = there.models._models()
        before = {each.model_name: weakref.ref(each) for each in models if not flagged(each)}
        del there, models
        assert self.registry.evict(code)
        collect()
        alive = {name: model() for name, model in before.items()}
        there = self.registry.tenant(code)
        for name, model in alive.items():
            assert model is None or there.models[name] is model
        self.expected.resident[code] = True

    @rule(who=NUMBERS, code=CODES)
    def ask_for_a_tenant(self, who: int, code: str) -> None:
        """Ask for a tenant, which is made or woken."""
        actor = self.actor(who)
        made = self.attempt(actor, lambda: self.registry.tenant(code), code)
        if made is not None:
            self.expected.tenant(code)
        self.observe(code)

    @rule(who=NUMBERS, code=CODES, name=NAMES)
    def read(self, who: int, code: str, name: str) -> None:
        """Read a model of a tenant and hold it."""
        actor = self.actor(who)
        there = self.do(actor, lambda: self.registry.tenant(code, create=False))
        assert (there is not None) == (code in self.expected.resident and not actor.is_former(code))
        self.observe(code)
        if there is None:
            return
        found = there.models.get(name)
        if name in self.expected.of(code):
            assert found.shape.fingerprint == self.expected.of(code)[name]
            assert found.owner == code
        if found is not None:
            self.hold(found)

    @rule(code=CODES)
    def read_all(self, code: str) -> None:
        """Go through all models of a resident tenant: each is built once."""
        there = self.registry._tenants.get(code)
        if there is not None:
            models = there.get_all_models()
            assert models == there.get_all_models()
            assert len(models) == len(there.models)

    @rule(who=NUMBERS)
    def look_up(self, who: int) -> None:
        """Look every name up: one's own, what was shared, what is global; never another's."""
        actor = self.actor(who)
        code = None if actor.is_former(actor.code) else actor.code
        for name in ("A", "B"):
            found = self.do(actor, lambda name=name: self.registry.find_model_by_name(name))
            given = self.expected.usable(code, name, self.clock())
            if code is not None and name in self.expected.names.get(code, {}):
                assert found.owner == code
                assert found.shape.fingerprint == self.expected.of(code)[name]
            elif given is not None and found is not None and is_view(found):
                assert found.grant is given.grant
                self.hold(found)
            else:
                assert given is None
                assert (found is not None) == (name in self.expected.of(GLOBAL))
                assert found is None or found.owner is None
            del found
        self.observe_all()

    @rule(who=NUMBERS, structure=STRUCTURES)
    def look_up_a_structure(self, who: int, structure: Any) -> None:
        """Look a structure up, which may build a model of the same tenant."""
        actor = self.actor(who)
        code = actor.code
        for wanted in (structure, PLACE):
            found = self.do(
                actor, lambda wanted=wanted: self.registry.find_model_by_structure(wanted)
            )
            assert found is None or (flagged(found) and found.owner == code)
            assert found is None or not actor.is_former(code)
            del found
        self.observe_all()

    @rule(at=NUMBERS)
    def give_a_behaviour(self, at: int) -> None:
        """Give a model an observer of its own: it is kept when its tenant goes to rest."""
        model = self.model(at)
        if model is not None and not model.is_disposed:
            model.observe("loaded", print)

    @rule()
    def ask_for_figures(self) -> None:
        """Statistics, health and lists wake and build nothing."""
        built = self.registry._counts.built
        self.registry.get_stats()
        self.registry.get_tenant_registry_info()
        self.registry.get_all_models()
        self.registry.health()
        list(self.registry.samples())
        assert self.registry._counts.built == built
