"""The audit: what is left of a tenant, and who holds it, in words."""

import asyncio
import gc
from typing import Any

import pytest

from juggler.context import tenant
from juggler.registry.cleaning.audit import Remnant
from juggler.registry.registry import ModelRegistry
from tests.registry.helpers import Store

KEPT: dict[str, Any] = {}
variable: Any = None


class Holder:
    """Has a model as an attribute."""

    model: Any = None


class Slotted:
    """Has a model in a slot."""

    __slots__ = ("model",)

    model: Any


def left(registry: ModelRegistry, kind: str = "model") -> list[tuple[str, ...]]:
    """Return what holds the remnants of one kind of the tenant acme."""
    return [each.held_by for each in registry.audit("acme") if each.kind == kind]


def gone(registry: ModelRegistry) -> Any:
    """Return a model of a tenant that was cleaned up."""
    model = registry.define("A", {"x": int}, tenant="acme")
    registry.cleanup_tenant("acme")
    return model


def test_a_variable_of_a_module(registry: ModelRegistry) -> None:
    """A module's variable is named."""
    # REG-48
    global variable  # noqa: PLW0603  that is the leak
    variable = gone(registry)
    assert left(registry) == [(f"variable variable of module {__name__}",)]
    variable = None
    assert registry.audit("acme") == []


def test_attributes(registry: ModelRegistry) -> None:
    """An attribute is named with the type of what has it, in a dict, a slot or a class."""
    # REG-48
    holder, slotted = Holder(), Slotted()
    holder.model = gone(registry)
    slotted.model = holder.model
    assert left(registry) == [("attribute model of Holder", "attribute model of Slotted")]
    Holder.model, holder.model, slotted.model = holder.model, None, None
    assert left(registry) == [("attribute model of class Holder",)]
    Holder.model = None
    assert registry.audit("acme") == []


def test_containers(registry: ModelRegistry) -> None:
    """Lists are lists; a dict tells the key."""
    # REG-48
    held: Any = [gone(registry)]
    assert left(registry) == [("list",)]
    held = {"key": held.pop()}
    assert left(registry) == [("dict, under 'key'",)]
    KEPT.update(held)
    held.clear()
    assert left(registry) == [("dict, under 'key'",)]
    KEPT.clear()
    assert registry.audit("acme") == []


def test_local_variables(registry: ModelRegistry) -> None:
    """A variable of a running function is named with the function and where it is."""
    # REG-48
    model = gone(registry)
    ((held,),) = left(registry)
    assert held.startswith("local variable model of test_local_variables at ")
    assert ".py:" in held
    del model
    assert registry.audit("acme") == []


async def test_waiting_tasks(registry: ModelRegistry) -> None:
    """So is a variable of a task that waits."""
    # REG-48
    go = asyncio.Event()

    async def wait(model: Any) -> None:
        await go.wait()

    task = asyncio.create_task(wait(gone(registry)))
    await asyncio.sleep(0)
    assert any("local variable model of " in each for each in left(registry)[0])
    go.set()
    await task
    del task
    assert registry.audit("acme") == []


def test_closures(registry: ModelRegistry) -> None:
    """A function that remembers a model is named."""
    # REG-48

    def close() -> Any:
        model = gone(registry)
        return lambda: model

    closure = close()
    assert left(registry) == [("closure of test_closures.<locals>.close.<locals>.<lambda>",)]
    del closure
    assert registry.audit("acme") == []


def test_instances_and_classes(registry: ModelRegistry) -> None:
    """Instances and compiled classes that somebody holds are remnants of their own."""
    # REG-48
    registry.define("Other", {"x": int})
    with tenant("acme"):
        kept: Any = [
            registry.define("A", {"x": int})(x=1),
            type(registry.define("B", {"y": int})()),
        ]
    registry.cleanup_tenant("acme")
    assert left(registry, "instance") == [("list",)]
    assert left(registry, "model") == [("instance of A",)]
    (holders,) = left(registry, "class")
    assert "list" in holders
    kept.pop(0)
    assert [(each.model, each.kind) for each in registry.audit("acme")] == [("B", "class")]
    kept.clear()
    assert registry.audit("acme") == []


def test_entries_of_a_connector(registry: ModelRegistry) -> None:
    """What a data source's connector still knows of a model that is gone is a remnant."""
    # REG-45, REG-48
    store = Store(registry, "crm")
    told: list[Any] = []
    store._told = told  # type: ignore[attr-defined]  # as a data source has
    model = registry.define("A", tenant="acme", data_source=store)
    told.append(model.info)
    registry.cleanup_tenant("acme")
    found = [each for each in registry.audit("acme") if each.kind == "connector entry"]
    assert found == [Remnant("A", "acme", ("data source crm",), "connector entry")]
    told.clear()
    assert left(registry, "connector entry") == []
    del model
    assert registry.audit("acme") == []


@pytest.mark.parametrize("held", ["parsed", "shared"])
def test_what_others_have_is_no_remnant(registry: ModelRegistry, held: str) -> None:
    """A structure that another tenant, or a parsed definition, stands on is nobody's leak."""
    # REG-48, REG-54
    structure = {"x": int, "where": {"lat": float}}
    if held == "parsed":
        kept: Any = registry.parse("A", structure)
        registry.define("A", kept, tenant="acme")
    else:
        kept = registry.define("A", structure, tenant="bolt")
        registry.define("A", structure, tenant="acme")
    registry.cleanup_tenant("acme")
    assert registry.audit("acme") == []
    del kept


def test_an_audit_keeps_nothing(registry: ModelRegistry) -> None:
    """The audit itself is no reason for anything to stay."""
    # REG-48
    model = gone(registry)
    before = len(registry.audit("acme"))
    for _ in range(3):
        assert len(registry.audit("acme")) == before == 1
    del model
    gc.collect()
    assert registry.audit("acme") == []
