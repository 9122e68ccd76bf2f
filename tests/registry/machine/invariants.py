"""What holds after every step: the registry is as expected, and in itself in order."""

import gc
import weakref
from collections import Counter
from collections.abc import Iterator
from typing import Any

from hypothesis.stateful import invariant

from juggler.context import tenant
from tests.registry.helpers import check, shapes_in_use
from tests.registry.machine.expected import GLOBAL
from tests.registry.machine.world import World, flagged, is_view


class Invariants(World):
    """Compares the registry with what is expected of it, and with itself."""

    @invariant()
    def everything_holds(self) -> None:
        """Check all there is to check."""
        if not hasattr(self, "registry"):
            return
        self._settle_owners()
        check(self.registry)
        self._check_tenants()
        self._check_names()
        self._check_shared()
        self._check_look_ups()
        self._note_models()
        problem = self._problem()
        if problem:
            gc.collect()
            problem = self._problem()
        assert not problem

    def _settle_owners(self) -> None:
        """Forget owners that are gone."""
        for number, owner in list(self.numbers.items()):
            if owner() is None:
                del self.numbers[number]
                self.expected.names.pop(number, None)

    def _check_tenants(self) -> None:
        expected = self.expected.resident
        assert set(self.registry._tenants) == {code for code, is_in in expected.items() if is_in}
        assert set(self.registry._cold) == {code for code, is_in in expected.items() if not is_in}
        assert sorted(self.registry.tenant_codes()) == sorted(expected)
        most = self.limits.get("max_tenants")
        assert most is None or len(expected) <= most

    def _check_names(self) -> None:
        for owner, names in self.expected.names.items():
            space = self.space(owner)
            if space is None:
                if owner in self.expected.resident:
                    bundle = self.registry._room.bundles_of[owner]
                    assert list(bundle) == list(names)
                else:
                    assert not names
                continue
            described = {name: space.describe(name) for name in space}
            named = [
                name
                for name, each in described.items()
                if name in names or not each.settings.get("anonymous")
            ]
            assert named == list(names)
            assert {name: described[name].shape.fingerprint for name in names} == names
            most = self.limits.get("max_models_per_tenant")
            is_tenant = owner != GLOBAL and isinstance(owner, str)
            assert most is None or not is_tenant or len(names) <= most

    def _check_shared(self) -> None:
        now = self.clock()
        shares = self.registry._shares
        assert [each.grant for each in shares if each.holds()] == self.expected.standing(now)
        keyed = {id(each) for found in shares.by_name.values() for each in found}
        assert keyed == {id(each) for each in shares if each.codes is None or each.codes}
        for share in shares:
            assert share.owner in self.expected.resident
            assert all(each.code in self.registry._tenants for each in share.held)

    def _check_look_ups(self) -> None:
        """No tenant finds another's; what is not built is left alone, so that nothing changes."""
        now = self.clock()
        for code, is_in in self.expected.resident.items():
            if not is_in:
                continue
            space = self.registry._tenants[code].models
            for name in ("A", "B"):
                own = space._built(name)
                if own is None and name in space:
                    continue
                before = self.registry._tenants[code].owner
                accessed = before.last_accessed, before.accesses
                if own is None and self.expected.usable(code, name, now) is not None:
                    continue
                with tenant(code):
                    found = self.registry.find_model_by_name(name)
                before.last_accessed, before.accesses = accessed
                assert found is (own or self.registry.global_models.get(name))

    # who is alive -----------------------------------------------------------------------------

    def _note_models(self) -> None:
        """Remember all models that are registered now, weakly."""
        for space in self.registry.spaces():
            for model in space._models():
                if id(model) not in self.seen or self.seen[id(model)]() is not model:
                    self.seen[id(model)] = weakref.ref(model)

    def _problem(self) -> str:
        """Return what is alive and should not be, empty where all is well."""
        for key, each in list(self.seen.items()):
            if each() is None:
                del self.seen[key]
        reached = {id(each): each for each in self._reachable()}
        lost = [each() for each in self.seen.values() if id(each()) not in reached]
        if lost and not self.pending:
            return f"nobody has {lost}, and they are alive"
        alive = Counter(
            (id(model._owner), model._name)
            for each in self.seen.values()
            if (model := each()) is not None
            and model._owner is not None
            and not model.is_disposed
            and model._owner.owner is not None
        )
        twice = [name for (_, name), count in alive.items() if count > 1]
        if twice:
            return f"two live models of one owner are called {twice}"
        table, used = self.registry.shapes.fingerprints(), shapes_in_use(self.registry)
        assert used <= table
        beyond = table - used - self._shapes_of(reached.values())
        if beyond and not self.pending:
            return f"nobody stands on {len(beyond)} shapes, and they are there"
        return ""

    def _reachable(self) -> Iterator[Any]:
        """Iterate over the models that somebody has a right to have."""
        registry = self.registry
        roots = [model for space in registry.spaces() for model in space._models()]
        roots += [model for held in registry._room.held.values() for model in held]
        roots += [model for each in registry._room.bundles.bundles() for model in each.models]
        roots += [each for each in self.held if not is_view(each)]
        for each in self.kept:
            model = getattr(each, "_model", None)
            if model is not None and not is_view(model):
                roots.append(model)
        known: set[int] = set()
        while roots:
            model = roots.pop()
            if model is None or id(model) in known:
                continue
            known.add(id(model))
            yield model
            roots.append(model._base)
            roots += model._nested.values()

    def _shapes_of(self, models: Any) -> set[str]:
        """Return the fingerprints of the shapes that *models*, views and the test stand on."""
        shapes = [each.shape for each in models]
        shapes += [each.definition.shape for each in self.parsed.blueprints.values()]
        shapes += [each.shape for each in self.held]
        shapes += [each._model.shape for each in self.kept if hasattr(each, "_model")]
        for share in self.registry._shares:
            shapes += [share.blueprint.definition.shape, share.info.shape]
        for each in self.registry._room.bundles.bundles():
            shapes += [one.blueprint.definition.shape for one in each.entries.values() if one]
        for each in self.parsed.properties:
            shapes += [each.type.shape] if hasattr(each.type, "shape") else []
        found: set[str] = set()
        while shapes:
            shape = shapes.pop()
            found.add(shape.fingerprint)
            shapes += [kind.shape for kind in shape.nested.values()]
        return found


__all__ = ["Invariants", "flagged"]
