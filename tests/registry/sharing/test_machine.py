"""Grants in any order, with everything else that happens: nobody sees what was not granted."""

import asyncio
from contextvars import copy_context
from dataclasses import dataclass, field
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from juggler.context import tenant
from juggler.datasource.datasource import DataSource
from juggler.errors import (
    DefinitionError,
    JugglerError,
    NotFoundError,
    PermissionDeniedError,
)
from juggler.facade.default import ModelRegistry
from tests.registry.helpers import Clock, check
from tests.registry.machine.expected import Given as Expected

CODES = ("ash", "birch", "cedar")
NAMES = ("id", "name", "pin")
codes = st.sampled_from(CODES)
wheres = st.sampled_from(
    [
        {},
        {"name": {"like": "%"}},
        {"pin": {"like": "%"}},
        {"id": {"gt": 0}},
        {"or": [{"name": "none"}, {"pin": {"neq": "none"}}]},
        {"not": {"pin": "none"}},
    ]
)
orders = st.sampled_from([None, "name", "pin DESC", "id"])
chosen = st.sampled_from([None, ["name"], ["pin"], ["id", "pin"], list(NAMES)])


@dataclass(eq=False)
class Given(Expected):
    """A grant as it should be, and the records that grantees hold."""

    held: list[tuple[str, Any]] = field(default_factory=list)


class Sharing(RuleBasedStateMachine):
    """Three tenants with a model of one name each share it, change it, leave and come back."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = Clock()
        self.registry = ModelRegistry(clock=self.clock)
        self.sources = {code: DataSource("memory", registry=self.registry) for code in CODES}
        self.given: list[Given] = []
        self.models: dict[str, Any] = {}
        self.numbers = 0

    def teardown(self) -> None:
        """Close the loop."""
        self.runner.close()

    def run(self, work: Any) -> Any:
        """Do *work* for the tenant that is current here; the loop keeps a context of its own."""
        return self.runner.run(work, context=copy_context())

    # what tenants do ------------------------------------------------------------------------

    @rule(code=codes)
    def define(self, code: str) -> None:
        """Define the model, or define it anew: what was shared of it ends."""
        properties = {"name": str, "pin": str}
        self.models[code] = self.registry.define(
            "Item", properties, tenant=code, data_source=self.sources[code]
        )
        self._end(code)
        self.add(code)

    @precondition(lambda self: self.models)
    @rule(code=codes)
    def add(self, code: str) -> None:
        """Store a row that tells whose it is."""
        if code in self.models:
            self.numbers += 1
            row = {"name": f"{code}-{self.numbers}", "pin": f"{code}-pin-{self.numbers}"}
            with tenant(code):
                self.run(self.models[code].create(row))

    @rule(code=codes, to_all=st.booleans(), others=st.sets(codes, min_size=1), data=st.data())
    def share(self, code: str, to_all: bool, others: set[str], data: st.DataObject) -> None:
        """Share the model, if there is one that is not shared so yet."""
        fields = data.draw(chosen)
        access: Any = data.draw(st.sampled_from(["read", "write"]))
        until = data.draw(st.sampled_from([None, 10.0]))
        with_ = "*" if to_all else sorted(others - {code})
        try:
            grant = self.registry.share(
                "Item", code, with_, access=access, fields=fields, until=until
            )
        except (NotFoundError, PermissionDeniedError):
            assert code not in self.models
        except DefinitionError:
            assert not with_ or self._shared_already(code, with_)
        else:
            ends = None if until is None else self.clock.now + until
            self.given.append(Given(grant, None if to_all else set(with_), ends))

    @precondition(lambda self: self.given)
    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        """Revoke one of the grants, whether it still holds or not."""
        one = data.draw(st.sampled_from(self.given))
        self.registry.revoke(one.grant)
        one.over = True

    @rule(code=codes)
    def clean(self, code: str) -> None:
        """Clean a tenant up; its rows stay where they are."""
        if self.registry.tenant(code, create=False) is None:
            return
        self.registry.cleanup_tenant(code)
        self.models.pop(code, None)
        self._end(code)
        for one in self.given:
            if one.left is not None:
                one.left.discard(code)
            one.held = [(who, each) for who, each in one.held if who != code]

    @rule(code=codes)
    def delete(self, code: str) -> None:
        """Delete the model."""
        if code in self.models:
            self.registry.remove(self.models.pop(code))
            self._end(code)

    @rule()
    def wait(self) -> None:
        """Let time go by."""
        self.clock.now += 4

    # what they see --------------------------------------------------------------------------

    @rule(code=codes, where=wheres, order=orders, fields=chosen)
    def read(self, code: str, where: Any, order: Any, fields: Any) -> None:
        """Ask for rows: what comes is the tenant's own, or was granted."""
        model = self._found(code)
        if model is None:
            return
        query = {"where": where, "order": order, "fields": fields}
        try:
            with tenant(code):
                found = self.run(model.find(query))
        except JugglerError:
            assert self._source_of(code) is not None, "one's own may be asked for anything"
            return
        for each in found:
            self._within(code, each)
        one = self._source_of(code)
        if one is not None:
            one.held += [(code, each) for each in found[:2]]
            asked = {name for name in NAMES if name in str(where) or name in str(order)}
            assert asked <= set(one.grant.fields or NAMES), "a condition is an answer, too"

    @rule(code=codes, data=st.data())
    def write(self, code: str, data: st.DataObject) -> None:
        """Write in some way: only who may changes anything, and only what was granted."""
        model, before = self._found(code), self._rows()
        if model is None:
            return
        name = data.draw(st.sampled_from(["name", "pin"]))
        act = data.draw(st.sampled_from(["update", "create", "destroy"]))
        acts = {
            "update": lambda: model.update_all({}, {name: f"by-{code}"}),
            "create": lambda: model.create(name="new", pin="new"),
            "destroy": lambda: model.destroy_all(all=True),
        }
        one = self._source_of(code)
        try:
            with tenant(code):
                self.run(acts[act]())
        except JugglerError:
            assert one is not None
            assert self._rows() == before
            return
        owner = code if one is None else one.grant.owner_tenant
        after = self._rows()
        assert all(after[each] == before[each] for each in CODES if each != owner)
        if one is not None:
            assert one.grant.access == "write"
            assert one.grant.fields is None or (act == "update" and name in one.grant.fields)
        self._mark(owner)

    @precondition(lambda self: any(one.held for one in self.given))
    @rule(data=st.data())
    def use_what_was_kept(self, data: st.DataObject) -> None:
        """Use an instance from earlier: it works as long as its grant, and shows as much."""
        one = data.draw(st.sampled_from([each for each in self.given if each.held]))
        code, instance = data.draw(st.sampled_from(one.held))
        try:
            with tenant(code):
                found = self.run(instance.reload(missing_ok=True))
        except JugglerError:
            return
        assert one.holds(code, self.clock.now)
        if found is not None:
            assert set(found.to_dict()) <= set(one.grant.fields or NAMES)

    # what holds always ----------------------------------------------------------------------

    @invariant()
    def the_lists_agree(self) -> None:
        """The registry lists what holds, and keeps its own order."""
        expected = [one.grant for one in self.given if self._anybody(one)]
        assert self.registry.grants() == expected
        check(self.registry)

    # inside ---------------------------------------------------------------------------------

    def _anybody(self, one: Given) -> bool:
        others = [code for code in (*CODES, "newcomer") if one.holds(code, self.clock.now)]
        return bool(others)

    def _shared_already(self, code: str, with_: Any) -> bool:
        wanted = {None} if with_ == "*" else set(with_)
        return any(
            one.grant.owner_tenant == code
            and self._anybody(one)
            and wanted & ({None} if one.left is None else set(one.left))
            for one in self.given
        )

    def _end(self, owner: str) -> None:
        """Note that nothing that *owner* shared until now holds."""
        for one in self.given:
            one.over = one.over or one.grant.owner_tenant == owner

    def _source_of(self, code: str) -> Given | None:
        """Return the grant that a tenant works by; None for its own model."""
        if code in self.models:
            return None
        usable = [one for one in self.given if one.holds(code, self.clock.now)]
        named = [one for one in usable if one.left is not None]
        return (named or usable)[0]

    def _found(self, code: str) -> Any:
        """Return what a tenant finds, which is what it should."""
        with tenant(code):
            model = self.registry.find_model_by_name("Item")
        if model is None:
            assert code not in self.models
            assert not any(one.holds(code, self.clock.now) for one in self.given)
        elif code in self.models:
            assert model is self.models[code]
        else:
            one = self._source_of(code)
            assert one is not None
            assert model.grant is one.grant
        return model

    def _within(self, code: str, instance: Any) -> None:
        """Check that an instance shows a row of who it should be, and no more of it."""
        one = self._source_of(code)
        owner = code if one is None else one.grant.owner_tenant
        shown = instance.to_dict()
        if one is not None:
            assert set(shown) <= set(one.grant.fields or NAMES)
        for name in ("name", "pin"):
            assert shown.get(name) is None or shown[name].startswith(owner)

    def _rows(self) -> dict[str, Any]:
        """Return what is stored, by tenant."""
        return {
            code: [dict(row) for row in self._collection(code)] if code in self.models else None
            for code in CODES
        }

    def _collection(self, code: str) -> Any:
        with tenant(code):
            return [each.to_dict() for each in self.run(self.models[code].find())]

    def _mark(self, owner: str) -> None:
        """Write again whose rows they are, so that later reads can tell."""
        with tenant(owner):
            model = self.models[owner]
            self.run(model.update_all({}, {"name": owner, "pin": f"{owner}-pin"}))


# REG-73, REG-75
TestSharing = Sharing.TestCase
TestSharing.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
