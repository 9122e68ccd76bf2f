"""Rules: models are defined, extended, moved and deleted; owners come and go."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from juggler.errors import (
    DefinitionError,
    ModelDisposedError,
    PermissionDeniedError,
    QuotaExceededError,
    TenantContextError,
)
from tests.registry.helpers import Store
from tests.registry.machine.expected import GLOBAL
from tests.registry.machine.world import (
    CODES,
    GONE,
    NAMES,
    NUMBERS,
    STRUCTURES,
    World,
    flagged,
    is_view,
)


class Defining(World):
    """What users do with models."""

    @rule(who=NUMBERS, name=NAMES, properties=STRUCTURES, at=st.sampled_from([None, 0, 1]))
    def define(self, who: int, name: str, properties: Any, at: int | None) -> None:
        """Define a model of the actor's tenant, else a global one; maybe on a data source."""
        actor = self.actor(who)
        source = None if at is None else self.objects[at]
        made = self.attempt(
            actor,
            lambda: self.registry.define(name, properties, data_source=source),
            actor.code,
        )
        self.defined(actor.code or GLOBAL, made)

    @rule(who=NUMBERS, name=NAMES, code=CODES)
    def define_parsed(self, who: int, name: str, code: str) -> None:
        """Define a parsed model for a tenant, whichever is current."""
        made = self.attempt(
            self.actor(who), lambda: self.registry.define(name, self.parsed, tenant=code), code
        )
        self.defined(code, made)

    @rule(name=NAMES, properties=STRUCTURES, at=st.integers(0, 1))
    def define_on_a_source(self, name: str, properties: Any, at: int) -> None:
        """Define a model of a data source."""
        store = self.objects[at]
        made = self.attempt(self.actors[0], lambda: store.define(name, properties), None)
        self.defined(self.key(store), made)

    @rule(who=NUMBERS, properties=STRUCTURES)
    def define_anonymous(self, who: int, properties: Any) -> None:
        """Define an anonymous model by hand, unless its structure is served already."""
        actor = self.actor(who)
        if self.do(actor, lambda: self.registry.find_model_by_structure(properties)) is not None:
            self.observe_all()
            return
        self.observe_all()
        options = {"anonymous": True, "id_injection": False}
        made = self.attempt(
            actor, lambda: self.registry.define("Hand", properties, options), actor.code
        )
        self.defined(actor.code or GLOBAL, made)

    @rule(who=NUMBERS, name=NAMES, properties=STRUCTURES)
    def extend(self, who: int, name: str, properties: Any) -> None:
        """Extend a model that is global, or the tenant's own."""
        actor = self.actor(who)
        code = actor.code
        if code is None:
            return
        own = {} if actor.is_former(code) else self.expected.names.get(code, {})
        if name not in own and name not in self.expected.of(GLOBAL):
            return
        made = self.attempt(actor, lambda: self.registry.extend(name, properties), code)
        self.observe_all()
        self.defined(code, made)

    # moving -----------------------------------------------------------------------------------

    @rule(at=NUMBERS, to=st.integers(0, 1))
    def attach(self, at: int, to: int) -> None:
        """Move a model to a data source."""
        model, store = self.model(at), self.objects[to]
        if model is not None:
            self._move(model, self.key(store), lambda: store.attach(model))

    @rule(at=NUMBERS, code=CODES, who=NUMBERS)
    def give_to_a_tenant(self, at: int, code: str, who: int) -> None:
        """Move a model to a tenant that is resident."""
        model, actor = self.model(at), self.actor(who)
        if model is None or not self.expected.resident.get(code):
            return
        there = self.registry._tenants[code]
        if actor.is_former(code):
            self.attempt(actor, lambda: there.register_model(model), code)
        else:
            self._move(model, code, lambda: self.do(actor, lambda: there.register_model(model)))

    @rule(at=NUMBERS, to=st.integers(2, 3))
    def give_to_an_app(self, at: int, to: int) -> None:
        """Move a model to an app."""
        model, app = self.model(at), self.objects[to]
        if model is not None:
            key = self.key(app)
            self._move(model, key, lambda: self.registry.register_model_for_app(app, model))

    def _move(self, model: Any, owner: Any, move: Any) -> None:
        """Move a model, or see that it is refused and nothing is changed."""
        if flagged(model) and not model.is_disposed:
            return  # two of one structure would be served by one: defined by hand only
        before, name = self.home(model), model.model_name
        try:
            move()
        except GONE:
            assert model.is_disposed
        except QuotaExceededError:
            assert self.limits
            assert self.home(model) == before
        except DefinitionError:
            assert self.home(model) == before
            assert "AnonymousModel" in name
        else:
            assert self.home(model) == owner
            if before != owner:
                if before is not None:
                    self.expected.take(before, name)
                self.expected.put(owner, name, model.shape.fingerprint)
        self.observe_all()

    @rule(at=NUMBERS, to=NUMBERS)
    def give_a_view_away(self, at: int, to: int) -> None:
        """A view is nobody's to give: it stays where it is, and in no namespace."""
        views = [each for each in self.held if is_view(each)]
        if not views:
            return
        view, owner = views[at % len(views)], self.objects[to % 4]
        try:
            if isinstance(owner, Store):
                owner.models[view.model_name] = view
            else:
                self.registry.register_model_for_app(owner, view)
        except (PermissionDeniedError, ModelDisposedError, TenantContextError):
            return
        raise AssertionError("a view was registered")

    @rule(at=NUMBERS)
    def register_again(self, at: int) -> None:
        """Registering a model where it is changes nothing."""
        model = self.model(at)
        home = None if model is None else self.home(model)
        if home is None or (model._owner.tenant and not self.expected.resident.get(home)):
            return
        if model._owner.tenant and self.actors[0].is_former(home):
            return
        before = self.registry.get_stats()
        self.registry.register_model(model)
        assert self.registry.get_stats() == before

    # out --------------------------------------------------------------------------------------

    @rule(at=NUMBERS)
    def delete(self, at: int) -> None:
        """Delete a model that somebody holds."""
        model = self.model(at)
        if model is None:
            return
        home, name = self.home(model), model.model_name
        try:
            self.registry.remove(model)
        except DefinitionError:
            assert not model.is_disposed
        else:
            assert model.is_disposed
            if home is not None and self.expected.of(home).get(name):
                self.expected.take(home, name)
        self.observe_all()

    @rule(at=NUMBERS, which=NUMBERS)
    def delete_by_name(self, at: int, which: int) -> None:
        """Delete a model through its namespace, built or not."""
        there = [
            (owner, name)
            for owner, names in self.expected.names.items()
            for name in names
            if self.space(owner) is not None
        ]
        if not there:
            return
        owner, name = there[(at * 12 + which) % len(there)]
        space = self.space(owner)
        try:
            del space[name]
        except DefinitionError:
            assert name in space
        else:
            assert name not in space
            self.expected.take(owner, name)
        self.observe_all()

    @rule(at=st.integers(0, 1), code=st.none() | CODES)
    def empty(self, at: int, code: str | None) -> None:
        """Delete all models of a source or a tenant."""
        owner = code or self.key(self.objects[at])
        space = self.space(owner)
        if space is not None:
            space.clear()
            for name in list(self.expected.of(owner)):
                self.expected.take(owner, name)
            assert len(space) == 0

    # owners -----------------------------------------------------------------------------------

    @rule(at=st.integers(0, 3))
    def drop_an_owner(self, at: int) -> None:
        """Drop a data source or an app, with whatever models of it nobody holds."""
        new = self.new_store if at < 2 else self.new_app
        self.objects[at] = None
        self.objects[at] = new()

    @rule(at=st.integers(0, 1))
    def close_a_source(self, at: int) -> None:
        """Close a data source: its models go, it stays."""
        self.objects[at].close()
        assert len(self.objects[at].models) == 0
        self.expected.names[self.key(self.objects[at])] = {}
