"""Everything a registry can do, in any order: its invariants hold after every step."""

import gc
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from juggler.context import tenant
from juggler.errors import ConnectorDetachedError, DefinitionError, ModelDisposedError
from juggler.registry.registry import ModelRegistry
from tests.registry.helpers import Application, Clock, Store, check, shapes_in_use

NAMES = st.sampled_from(["A", "B", "C", "AnonymousModel_0"])
CODES = st.sampled_from(["acme", "bolt", "core"])
PLACE = {"lat": float, "lng": float}
GONE = (ModelDisposedError, ConnectorDetachedError)
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


class Registry(RuleBasedStateMachine):
    """Users define, move, extend and delete; tenants come and go; owners are dropped."""

    models = Bundle("models")

    @initialize()
    def begin(self) -> None:
        """Begin with an empty registry, two sources and an app."""
        self.clock = Clock()
        self.registry = ModelRegistry(clock=self.clock)
        self.owners: list[Any] = [Store(self.registry, "one"), Store(self.registry, "two")]
        self.apps: list[Any] = [Application()]
        self.tenants: list[str] = []
        self.entered: list[Any] = []
        self.parsed = self.registry.parse("P", {"where": PLACE, "x": int})

    def teardown(self) -> None:
        """Leave all tenants."""
        while getattr(self, "entered", None):
            self.leave()

    # tenants

    @rule(code=CODES)
    def enter(self, code: str) -> None:
        """Enter a tenant."""
        block = tenant(code)
        block.__enter__()
        self.entered.append(block)

    @rule()
    def leave(self) -> None:
        """Leave the tenant that was entered last."""
        if self.entered:
            self.entered.pop().__exit__(None, None, None)

    @rule(code=CODES, force=st.booleans())
    def clean(self, code: str, force: bool) -> None:
        """Clean a tenant up."""
        there = self.registry.tenant(code, create=False)
        names = () if there is None else tuple(there.models)
        result = self.registry.cleanup_tenant(code, force=force)
        assert result.cleaned_models == names
        assert result.models_removed == len(names)
        assert self.registry.tenant(code, create=False) is None

    @rule()
    def clear(self) -> None:
        """Empty the registry."""
        self.registry.clear()
        assert self.registry.get_all_models() == []

    # models

    def _defined(self, define: Any) -> Any:
        """Return what *define* makes, unless it would take a structure away from others."""
        try:
            return define()
        except (DefinitionError, *GONE) as error:
            assert "goes with the last" in str(error) or "is gone" in str(error)  # noqa: PT017
            return multiple()

    @rule(target=models, name=NAMES, properties=STRUCTURES)
    def define(self, name: str, properties: Any) -> Any:
        """Define a model of the current tenant or a global one."""
        return self._defined(lambda: self.registry.define(name, properties))

    @rule(target=models, name=NAMES, code=CODES)
    def define_parsed(self, name: str, code: str) -> Any:
        """Define a parsed model for a tenant."""
        return self._defined(lambda: self.registry.define(name, self.parsed, tenant=code))

    @rule(target=models, name=NAMES, properties=STRUCTURES, at=st.integers(0, 1))
    def define_on_a_source(self, name: str, properties: Any, at: int) -> Any:
        """Define a model of a data source."""
        return self._defined(lambda: self.owners[at].define(name, properties))

    @rule(target=models, properties=STRUCTURES)
    def define_anonymous(self, properties: Any) -> Any:
        """Define an anonymous model by hand, unless its structure is served already."""
        if self.registry.find_model_by_structure(properties) is not None:
            return multiple()
        settings_ = {"anonymous": True, "id_injection": False}
        return self._defined(lambda: self.registry.define("Hand", properties, settings_))

    @rule(target=models, name=NAMES, properties=STRUCTURES)
    def extend(self, name: str, properties: Any) -> Any:
        """Extend a model that the current tenant can see."""
        seen = self.registry.find_model_by_name(name)
        if self.registry.current_tenant() is None or seen is None:
            return multiple()
        return self._defined(lambda: self.registry.extend(name, properties))

    @rule(model=models, at=st.integers(0, 1))
    def attach(self, model: Any, at: int) -> None:
        """Move a model to a data source."""
        owner = self.owners[at]
        self._moved(model, owner, lambda: owner.attach(model))

    @rule(model=models, code=CODES)
    def give_to_tenant(self, model: Any, code: str) -> None:
        """Move a model to a tenant."""
        there = self.registry.tenant(code)
        self._moved(model, code, lambda: there.register_model(model))

    @rule(model=models)
    def give_to_app(self, model: Any) -> None:
        """Move a model to an app."""
        app = self.apps[0]
        self._moved(model, app, lambda: self.registry.register_model_for_app(app, model))

    def _moved(self, model: Any, owner: Any, move: Any) -> None:
        """Move a model, or see that it is refused and nothing is changed."""
        if _flagged(model) and not model.is_disposed:
            return  # two of one structure would be served by one: defined by hand only
        before = model.owner
        try:
            move()
        except GONE:
            assert model.is_disposed
        except DefinitionError:
            assert model.owner is before
        else:
            assert model.owner is owner or model.owner == owner

    @rule(model=models)
    def register_again(self, model: Any) -> None:
        """Registering a model where it is changes nothing."""
        if model.is_disposed or model.owner is None:
            return
        before = self.registry.get_stats()
        self.registry.register_model(model)
        assert self.registry.get_stats() == before

    @rule(model=consumes(models))
    def delete(self, model: Any) -> None:
        """Delete a model."""
        try:
            self.registry.remove(model)
        except DefinitionError:
            assert not model.is_disposed
        else:
            assert model.is_disposed

    @rule(at=st.integers(0, 1), name=NAMES)
    def delete_by_name(self, at: int, name: str) -> None:
        """Delete a model through its namespace."""
        space = self.owners[at].models
        if name in space:
            try:
                del space[name]
            except DefinitionError:
                assert name in space
            else:
                assert name not in space

    @rule(at=st.integers(0, 1))
    def empty_a_source(self, at: int) -> None:
        """Delete all models of a source."""
        self.owners[at].models.clear()
        assert len(self.owners[at].models) == 0

    # owners

    @rule(at=st.integers(0, 1))
    def drop_a_source(self, at: int) -> None:
        """Drop a data source and whatever models of it nobody holds."""
        self.owners[at] = Store(self.registry, "new")
        gc.collect(0)

    @rule()
    def drop_an_app(self) -> None:
        """Drop an app."""
        self.apps[0] = Application()

    @rule()
    def close_a_source(self) -> None:
        """Close a data source."""
        self.owners[0].close()
        assert len(self.owners[0].models) == 0
        self.owners[0] = Store(self.registry, "new")

    # always

    @invariant()
    def holds(self) -> None:
        """Check every invariant."""
        if not hasattr(self, "registry"):
            return
        check(self.registry)
        assert shapes_in_use(self.registry) <= self.registry.shapes.fingerprints()
        code = self.registry.current_tenant()
        for name in ("A", "B", "C"):
            found = self.registry.find_model_by_name(name)
            assert found is None or found.owner in {code, None}
        place = self.registry.find_model_by_structure(PLACE)
        assert place is None or (_flagged(place) and place.owner == code)


def _flagged(model: Any) -> bool:
    """Tell whether a model is anonymous."""
    return bool(model.settings.get("anonymous"))


Registry.TestCase.settings = settings(max_examples=120, stateful_step_count=40, deadline=None)
TestRegistry = Registry.TestCase
