"""Defining models, and what instances of them cost."""

from __future__ import annotations

import itertools
import statistics
import timeit
from collections.abc import Callable, Iterator
from typing import Any

import pydantic

from benchmarks import samples
from benchmarks.registry.candidates.base import Candidate, candidate
from benchmarks.registry.rounds import timed
from benchmarks.timing import Row, compare, resident, traced
from juggler import ModelRegistry

COUNT = 500


def rows() -> Iterator[Row]:
    """Yield the rows of this part."""
    yield from new_shapes()
    yield from known_shapes()
    yield from object_or_class()
    yield from instances()


def new_shapes() -> Iterator[Row]:
    """Define models whose structure nobody defined before."""
    registry = ModelRegistry()
    numbers = itertools.count()

    def ours(times: int) -> None:
        for _ in range(times):
            number = next(numbers)
            registry.define("Sample", samples.unique(number))

    def theirs(times: int) -> None:
        for _ in range(times):
            number = next(numbers)
            fields: dict[str, Any] = {
                name: (kind, ...) for name, kind in samples.annotated(number).items()
            }
            pydantic.create_model("Sample", **fields)

    mine, other = compare(ours, theirs)
    yield Row("define, new shape", mine * 1e6, other * 1e6, "pydantic.create_model", "us", 0.5)
    mine, other = resident(OURS, RESIDENT), resident(THEIRS, RESIDENT)
    yield Row("define, new shape: memory", mine, other, "pydantic.create_model", "B", 0.3)


RESIDENT = 2_000
OURS = """
from benchmarks import samples
from juggler import ModelRegistry
registry = ModelRegistry()
warm = [registry.define(f"W{{n}}", samples.unique(-n)) for n in range(1, 50)]
before = pages()
kept = [registry.define(f"S{{n}}", samples.unique(n)) for n in range({count})]
print(pages() - before)
"""
THEIRS = """
from benchmarks import samples
import pydantic
def make(n):
    fields = {{name: (kind, ...) for name, kind in samples.annotated(n).items()}}
    return pydantic.create_model("S", **fields)
warm = [make(-n) for n in range(1, 50)]
before = pages()
kept = [make(n) for n in range({count})]
print(pages() - before)
"""


def known_shapes() -> Iterator[Row]:
    """Define a model whose structure is known, for ever new tenants of twenty models."""
    ways = [candidate(name) for name in ("juggler", "parsed", "bare")]
    raw, parsed, bare = (statistics.median(each) for each in zip(*_turns(ways), strict=True))
    what = "define, known shape, from the raw dict"
    yield Row(what, raw * 1e6, bare * 1e6, "bare type()", "us", 1.0)
    what = "define, known shape, from a parsed definition"
    yield Row(what, parsed * 1e6, bare * 1e6, "bare type()", "us", 0.25)
    mine, other = _traced(candidate("juggler")), _traced(candidate("bare"))
    yield Row("define, known shape: memory", mine, other, "bare type()", "B", 0.1)


def _turns(ways: list[Candidate]) -> Iterator[list[float]]:
    """Yield, a few times, the seconds of one definition by each way."""
    for _ in range(5):
        yield [
            timed(each.again, rounds=31, before=each.prepare, after=each.finish, most=300)
            for each in ways
        ]


def _traced(way: Candidate) -> float:
    """Return the bytes that a model of a known structure takes."""
    way.prepare(COUNT)
    return traced(lambda: way.again(COUNT))[1] / COUNT


def object_or_class() -> Iterator[Row]:
    """Show why a run-time model is an object: reads while 100,000 models are alive."""
    registry = ModelRegistry()
    parsed = registry.parse("Sample", samples.RAW)
    model = registry.define("Sample", parsed)
    few = model.load({"id": 1, **samples.values(1)})

    class Slotted:
        __slots__ = ("field3",)
        field3: int

    plain = Slotted()
    plain.field3 = 1
    read, reference = _reads(few), _reads(plain)
    mine, other = compare(read, reference)
    yield Row("attribute read", mine * 1e9, other * 1e9, "a slotted attribute", "ns", 1.3)
    models = [registry.define("Sample", parsed, tenant=f"t{at}") for at in range(100_000)]
    many = models[-1].load({"id": 1, **samples.values(1)})
    mine, other = compare(_reads(many), reference)
    what = "attribute read, 100,000 models alive"
    yield Row(what, mine * 1e9, other * 1e9, "a slotted attribute", "ns", 1.3)


def _reads(instance: Any) -> Callable[[int], None]:
    """Return a work that reads an attribute a hundred times for each time it is done."""
    timer = timeit.Timer("; ".join(["x.field3"] * 100), globals={"x": instance})

    def read(times: int) -> None:
        timer.timeit(times)

    return read


def instances() -> Iterator[Row]:
    """Make instances of rows that a store gave."""
    model = ModelRegistry().define("Sample", samples.RAW)
    fields: dict[str, Any] = {name: (kind, ...) for name, kind in samples.annotated().items()}
    other_model = pydantic.create_model("Sample", **fields)
    row = {"id": 1, **samples.values(1)}

    def ours(times: int) -> None:
        for _ in range(times):
            model.load(row)

    def theirs(times: int) -> None:
        for _ in range(times):
            other_model.model_validate(row)

    mine, other = compare(ours, theirs)
    what = "instance from a trusted row"
    yield Row(what, mine * 1e6, other * 1e6, "pydantic model_validate", "us", 1.0)
