"""Faults about owners: who is who, what moves where, and what is left of those who go."""

import contextlib
import gc
import types
import weakref
from typing import Any

import pytest

from juggler.connectors.memory.connector import MemoryConnector
from juggler.context import tenant
from juggler.datasource.datasource import DataSource
from juggler.facade.default import ModelRegistry
from tests.registry.helpers import Application, NoReferences, check


def memory(registry: ModelRegistry, name: str = "memory", **settings: Any) -> DataSource:
    """Return a data source in memory."""
    return DataSource({"name": name, "connector": "memory", **settings}, registry=registry)


# REG-F7, REG-03, REG-54
async def test_similar_sources_are_two_owners(registry: ModelRegistry) -> None:
    """Sources of one host and database, as other users, or with equal settings, share nothing."""
    place = {"host": "db", "port": 1, "database": "crm"}
    given: list[dict[str, Any]] = [
        {**place, "user": "ada"},
        {**place, "user": "bea"},
        {**place, "schema": "sales"},
        {**place, "url": "memory://elsewhere/crm"},
        place,
        place,
    ]
    sources = [memory(registry, **settings) for settings in given]
    models = [source.define("User", {f"field{at}": str}) for at, source in enumerate(sources)]
    for source, model in zip(sources, models, strict=True):
        assert registry.get_models_for_owner(source) == [model]
    await sources[-1].close()
    assert models[-1].is_disposed
    assert [source.models["User"] for source in sources[:-1]] == models[:-1]
    check(registry)


# REG-F8, REG-36
def test_no_code_opens_a_sources_models(registry: ModelRegistry) -> None:
    """Whatever text names or numbers a source or app internally, as a tenant's code it is empty."""
    source, app = memory(registry, "crm"), Application()
    source.define("Customer", {"name": str})
    registry.register_model_for_app(app, source.define("Order", {"total": float}))
    owners = (source, app, source.models, source.connector)
    codes = {str(id(each)) for each in owners} | {hex(id(each)) for each in owners}
    codes |= {f"{kind}:{code}" for kind in ("ds", "app", "data_source") for code in set(codes)}
    codes |= {"crm", "memory", "data_source", "app", "ds_crm", repr(source), "None"}
    for code in codes:
        assert registry.get_models_for_owner(code) == []
        assert registry.get_models_for_owner_with_type(code, "data_source") == []
        with tenant(code):
            assert registry.find_model_by_name("Customer") is None
            assert registry.find_model_by_name("Order") is None
            assert dict(registry.tenant(code).models) == {}


class Pretender:
    """An object that looks like a data source, an app and a tenant by its attributes."""

    def __init__(self) -> None:
        self.connector = self.settings = self.models = self.handle = self.code = "x"
        self._tenant_code = self._registry_id = self.adapter = "y"


# REG-F9, REG-03, REG-05
@pytest.mark.parametrize(
    "stranger",
    [Pretender(), NoReferences(), object(), types.MappingProxyType({}), 7, "text", [], print],
)
def test_asking_about_a_stranger(registry: ModelRegistry, stranger: Any) -> None:
    """An arbitrary object owns nothing, has no kind, and nothing is written on it."""
    before = dict(vars(stranger)) if hasattr(stranger, "__dict__") else dir(stranger)
    owners = registry.get_stats().owners
    assert registry.owner_kind(stranger) is None
    assert registry.get_models_for_owner(stranger) == []
    assert registry.get_model_names_for_owner(stranger) == []
    assert registry.has_model_for_owner(stranger, "A") is False
    assert registry.get_model_for_owner(stranger, "A") is None
    for kind in ("data_source", "app", "tenant"):
        assert registry.get_models_for_owner_with_type(stranger, kind) == []
    after = dict(vars(stranger)) if hasattr(stranger, "__dict__") else dir(stranger)
    assert after == before
    assert registry.get_stats().owners == owners


# REG-F14, REG-14, REG-23
async def test_owners_have_no_stale_lists(registry: ModelRegistry) -> None:
    """What an owner is asked for is the present, and the caller's own list."""
    source, app = memory(registry), Application()
    one, two = source.define("One", {"a": str}), source.define("Two", {"b": str})
    listed = registry.get_models_for_owner(source)
    listed.clear()
    assert registry.get_models_for_owner(source) == [one, two]
    registry.register_model_for_app(app, two)
    memory(registry, "unrelated").define("Three", {"c": str})
    assert registry.get_model_names_for_owner(app) == ["Two"]
    source.delete_model_by_name("One")
    assert registry.get_models_for_owner(source) == []
    await source.connect()
    late = source.define("Late", {"d": str})
    await source.disconnect()
    assert registry.get_models_for_owner(source) == [late]
    await source.close()
    assert registry.get_models_for_owner(source) == []
    assert registry.get_models_for_owner(app) == [two]
    held = registry.tenant("acme")
    registry.define("Mine", {"e": str}, tenant="acme")
    assert registry.get_model_names_for_owner(held) == ["Mine"]
    registry.cleanup_tenant("acme")
    assert registry.get_models_for_owner(held) == []


# REG-F15, REG-52
def test_deleting_reaches_the_registry(registry: ModelRegistry) -> None:
    """However a model is deleted, it is found nowhere afterwards."""
    source = memory(registry)
    models = [source.define(name, {"a": str}) for name in "ABCD"]
    source.delete_model_by_name("A")
    del source.models["B"]
    assert registry.get_models_for_owner(source) == models[2:]
    source.delete_all_models()
    assert all(model.is_disposed for model in models)
    assert registry.get_all_models() == []
    assert registry.get_stats().total_models == 0
    assert [source.get_model(name) for name in "ABCD"] == [None] * 4
    assert dict(source.definitions) == {}
    check(registry)


# REG-F16, REG-08
async def test_a_moved_model_is_in_one_place(registry: ModelRegistry) -> None:
    """After an attach the former source lists it no more, and closing that one leaves it alone."""
    former, present = memory(registry, "former"), memory(registry, "present")
    model = former.define("Moved", {"a": str})
    present.attach(model)
    assert registry.get_models_for_owner(former) == []
    assert registry.get_models_for_owner(present) == [model]
    check(registry)
    await former.close()
    assert not model.is_disposed
    assert (await model.create(a="there")).id == 1
    assert present.models["Moved"] is model


# REG-F17, REG-01, REG-45, REG-48
async def test_closing_leaves_nothing_reachable(registry: ModelRegistry) -> None:
    """Neither builder nor connector nor an embedded structure keeps what was closed."""
    source = memory(registry)
    outer = source.define("Outer", {"inner": {"deep": {"a": str}}, "many": [{"b": str}]})
    await outer.create(inner={"deep": {"a": "x"}}, many=[{"b": "y"}])
    queue, alive = [outer], []
    while queue:
        model = queue.pop()
        alive.append(weakref.ref(model))
        queue += model.nested.values()
    alive += [weakref.ref(outer.shape), weakref.ref(outer.info)]
    assert len(alive) == 6
    await source.close()
    del outer, model
    gc.collect()
    assert [each() for each in alive] == [None] * 6
    assert registry.builder.get_model("Outer") is None
    assert dict(registry.builder.models) == {}
    assert dict(source.definitions) == {}
    assert len(registry.shapes) == 0


class Stubborn(MemoryConnector):
    """A store that cannot be closed the first time."""

    def __init__(self, settings: Any, host: Any) -> None:
        super().__init__(settings, host)
        self.failures = 1

    async def disconnect(self) -> None:
        """Fail once."""
        if self.failures:
            self.failures -= 1
            raise OSError("not now")
        await super().disconnect()


# REG-F20, REG-52
async def test_disconnecting_keeps_the_models(registry: ModelRegistry) -> None:
    """A disconnect, failed or not, drops no model; registry and builder agree after a reconnect."""
    source = DataSource("stubborn", Stubborn, registry=registry)
    model = source.define("Kept", {"a": str})
    for _ in range(2):
        await source.connect()
        with contextlib.suppress(OSError):  # the first one fails
            await source.disconnect()
        assert source.models["Kept"] is model
    await source.connect()
    assert registry.get_model_for_owner(source, "Kept") is model is source.get_model("Kept")
    assert dict(source.definitions) == {"Kept": model.definition}
    assert (await model.create(a="again")).a == "again"


# REG-F29, REG-04
async def test_a_dropped_source_is_released(registry: ModelRegistry) -> None:
    """A used source that nobody refers to goes with its models, connected or not."""
    source = memory(registry)
    model = source.define("Dropped", {"a": str})
    await source.connect()
    await model.create(a="x")
    alive = [weakref.ref(each) for each in (source, model, source.connector, source.models)]
    del source, model
    gc.collect()
    assert [each() for each in alive] == [None] * 4
    assert registry.get_stats().owners == registry.get_stats().total_models == 0
