"""What instances cost: memory, reads, and what making them leaves behind."""

import dis
import gc
import linecache
import sys
import threading
import types
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from juggler.facade.default import ModelRegistry
from juggler.facade.model import Model
from juggler.models.blueprint import ShapeTable
from juggler.models.build import compile_shape
from juggler.models.instances.assemble import NotCompiled
from juggler.models.instances.instance import Instance
from tests.memory import again, traced

PLAIN = {"id_injection": False}
NAMES = [f"p{at}" for at in range(10)]
ROW = dict.fromkeys(NAMES, "value")


class Declared(Model, **PLAIN):
    """Ten properties, declared."""

    p0: str | None
    p1: str | None
    p2: str | None
    p3: str | None
    p4: str | None
    p5: str | None
    p6: str | None
    p7: str | None
    p8: str | None
    p9: str | None


class Slotted:
    """What an instance may cost: its properties, its model, its state."""

    __slots__ = ("__weakref__", "_model", "_state", *NAMES)


def models() -> list[Any]:
    """One model of each kind."""
    return [ModelRegistry().define("Thing", dict.fromkeys(NAMES, "string"), PLAIN), Declared]


@pytest.mark.parametrize("model", models())
@again
def test_an_instance_is_as_small_as_a_slotted_one(model: Any) -> None:
    """A loaded instance is a slotted object and nothing else."""
    thing = model.load(ROW)
    assert sys.getsizeof(thing) == sys.getsizeof(Slotted())
    assert not hasattr(thing, "__dict__")
    model.load(ROW)
    with traced() as grown:
        kept = [model.load(ROW) for _ in range(1_000)]
        used = grown() - sys.getsizeof(kept)
    assert used / 1_000 <= sys.getsizeof(thing) + 32  # the collector's header


@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize("model", models())
def test_a_read_is_a_plain_slot_read(model: Any) -> None:
    """Reading a property is the instruction that Python has for slots."""
    thing = model.load(ROW)
    found = type(thing).__dict__["p5"]
    assert isinstance(found, types.MemberDescriptorType)
    lookups = {"__getattr__", "__getattribute__"}
    assert not any(lookups & vars(each).keys() for each in type(thing).__mro__[:-1])

    def read(each: Any) -> Any:
        return each.p5

    for _ in range(100):
        read(thing)
    names = {each.opname for each in dis.get_instructions(read, adaptive=True)}
    assert "LOAD_ATTR_SLOT" in names


@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize("model", models())
def test_unchecked_writes_are_plain_too(model: Any) -> None:
    """An instance begins as one of a class whose writes go to slots directly."""
    model.load(ROW)
    blank: Any = model._blueprint.cls._blank
    empty = object.__new__(blank)

    def write(each: Any) -> None:
        each.p5 = 1

    for _ in range(100):
        write(empty)
    names = {each.opname for each in dis.get_instructions(write, adaptive=True)}
    assert "STORE_ATTR_SLOT" in names


@pytest.mark.parametrize("model", models())
def test_loading_leaves_nothing_behind(model: Any) -> None:
    """100,000 loads leave no objects behind."""
    model.load(ROW)
    model(ROW)
    gc.collect()
    lines, before = len(linecache.cache), len(gc.get_objects())
    for _ in range(50_000):
        model.load(ROW)
        model.load({**ROW, "more": 1})
    for _ in range(1_000):
        model(ROW).p0 = "other"
    gc.collect()
    assert len(gc.get_objects()) - before <= 100  # others may have made some
    assert len(linecache.cache) == lines


@pytest.mark.parametrize("first", ["load", "__call__"])
def test_classes_are_made_when_they_are_needed(first: str) -> None:
    """A model that is only defined has no class; the first instance makes class and code."""
    registry = ModelRegistry()
    model = registry.define("Thing", {"a": "string"}, PLAIN)
    assert model._blueprint.maker is NotCompiled
    assert not registry.shapes._classes
    one = getattr(model, first)({"a": "x"})
    cls = type(one)
    assert model._blueprint.maker is model._blueprint.cls is cls
    load, construct = cls._load, cls._construct
    two = getattr(model, first)({"a": "x"})
    assert type(two) is cls
    assert (cls._load, cls._construct) == (load, construct)


def test_classes_go_with_their_models() -> None:
    """When the last model of a shape is gone, so are shape, class and code."""
    registry = ModelRegistry()
    table: ShapeTable = registry.shapes
    gc.collect()
    before = len(table), len(type.__subclasses__(registry.instance_type))
    model = registry.define("Thing", {"only_here": "string", "home": {"deep": "string"}}, PLAIN)
    thing = model.load({"only_here": "x", "home": {"deep": "y"}})
    made = model({"home": {}})
    traces = [
        weakref.ref(each)
        for each in (model, model.shape, type(thing), type(thing)._blank, thing, made.home)
    ]
    registry.remove(model)
    del model, thing, made
    gc.collect()
    assert [each() for each in traces] == [None] * len(traces)
    assert (len(table), len(type.__subclasses__(registry.instance_type))) == before


def test_a_declared_class_can_go() -> None:
    """A declared model that nobody refers to any more is freed."""

    def declare() -> weakref.ref[Any]:
        class Brief(Model, registry=ModelRegistry()):
            a: int | None = None

        Brief.load({"id": 1, "a": 1})
        Brief(a=1)
        return weakref.ref(Brief)

    found = declare()
    gc.collect()
    assert found() is None


def test_many_shapes_leave_nothing_behind() -> None:
    """Defining and dropping shapes does not add up."""
    registry = ModelRegistry()

    def use(number: int) -> None:
        model = registry.define("Thing", {f"p{number}": "string", "home": {"a": "string"}}, PLAIN)
        model.load({f"p{number}": "x", "home": {"a": "y"}})
        model({"home": {"a": "x"}})
        registry.remove(model)

    for number in range(20):
        use(number)
    gc.collect()
    before, lines = len(gc.get_objects()), len(linecache.cache)
    for number in range(20, 220):
        use(number)
    gc.collect()
    assert len(gc.get_objects()) - before <= 100
    assert len(linecache.cache) == lines


def test_a_shape_is_compiled_once() -> None:
    """However many threads ask for the class of a shape, they get one."""  # REG-30
    table = ShapeTable(Instance)
    registry = ModelRegistry()
    shape = registry.define("Thing", {"a": "string"}).shape
    start = threading.Barrier(8)

    def ask(_: int) -> type:
        start.wait()
        return table.compiled(shape)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1


def test_threads_may_load_first_at_once() -> None:
    """Compiling a loader twice at a time does no harm."""
    model = ModelRegistry().define("Thing", {"a": "string"}, PLAIN)
    start = threading.Barrier(8)

    def ask(number: int) -> Any:
        start.wait()
        return model.load({"a": number}) if number % 2 else model(a=str(number))

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    assert {type(each) for each in found} == {model._blueprint.cls}


def test_a_compiled_class_stands_alone() -> None:
    """A class can be compiled for a shape without any registry."""
    shape = ModelRegistry().define("Thing", {"a": "string"}, PLAIN).shape
    one, two = compile_shape(shape, Instance), compile_shape(shape, Instance)
    assert one is not two
    assert one.__name__ == "Record"
    assert one.__module__ == Instance.__module__
