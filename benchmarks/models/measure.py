"""What is measured of each library, in turn with the others."""

from __future__ import annotations

import timeit
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

from benchmarks.models.contestants.base import Contestant
from benchmarks.models.records import CLIENT, NESTED_CLIENT, NESTED_ROW, ROW, Data, fresh
from benchmarks.timing import Work, compare, traced
from juggler import ModelRegistry

NAMES: Final = ("juggler", "pydantic", "msgspec", "attrs", "sqlalchemy", "django", "slots")
OURS: Final = "juggler"
READS: Final = 100
"""How often one work reads or writes: a single time is too short to be measured."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Attributes:
        rounds: How often each thing is measured; the median counts.
        enough: Seconds that one round of a thing takes at least.
        kept: Instances that are weighed together.
        alive: Models that are alive while attributes of one more are read.
    """

    rounds: int
    enough: float
    kept: int
    alive: int


SIZES: Final[Mapping[str, Size]] = MappingProxyType(
    {
        "full": Size(rounds=11, enough=0.02, kept=20_000, alive=100_000),
        "short": Size(rounds=5, enough=0.005, kept=5_000, alive=10_000),
        "tiny": Size(rounds=1, enough=0.0001, kept=100, alive=10),
    }
)

Figures = dict[str, float]
"""Name of a contestant -> what was measured of it."""


def contestants(*, nested: bool) -> dict[str, Contestant]:
    """Return the contestants that can have such a record, by name."""
    modules = {name: f"benchmarks.models.contestants.with_{name}" for name in NAMES}
    made = {name: import_module(each).contestant(nested=nested) for name, each in modules.items()}
    return {name: each for name, each in made.items() if each is not None}


class Measured:
    """One record, and every contestant with instances of it.

    Args:
        size: How much is measured.
        nested: The record is the one with others in it.
    """

    def __init__(self, size: Size, *, nested: bool) -> None:
        self._size = size
        self._row = NESTED_ROW if nested else ROW
        self._client = NESTED_CLIENT if nested else CLIENT
        self.all = contestants(nested=nested)
        self._instances = {name: each.load(fresh(self._row)) for name, each in self.all.items()}

    def load(self) -> Figures:
        """Return seconds for an instance from a row of a store."""
        works = {name: each.loading or (_with(each.load, self._row),) for name, each in self._known}
        taken = iter(self._compare([work for each in works.values() for work in each]))
        found = {name: [next(taken) for _ in each] for name, each in works.items()}
        own = {name: each[0] - sum(each[1:]) for name, each in found.items()}
        return {name: taken / self.all[name].rows for name, taken in own.items()}

    def coerce(self) -> Figures:
        """Return seconds for an instance from what a client sent."""
        return self._each("coerce", lambda each: _with(each.coerce, self._client))

    def to_dict(self) -> Figures:
        """Return seconds for the values by name."""
        return self._each("to_dict", lambda each: _with(each.to_dict, self._of(each)))

    def to_json(self) -> Figures:
        """Return seconds for JSON text."""
        return self._each("to_json", lambda each: _with(each.to_json, self._of(each)))

    def read(self) -> Figures:
        """Return seconds for reading an attribute."""
        return self._attribute("x.name", self._instances)

    def write(self) -> Figures:
        """Return seconds for writing an attribute, checked where a library does that."""
        row = self._row
        made = {name: (each.checked or each.load)(fresh(row)) for name, each in self._known}
        return self._attribute("x.name = 'Ben'", made)

    def read_in_crowd(self) -> Figures:
        """Return seconds for reading an attribute while many models are alive."""
        registry, count = ModelRegistry(), self._size.alive
        parsed = registry.parse("Sample", {"name": "string"})
        models = [registry.define("Sample", parsed, tenant=f"t{at}") for at in range(count)]
        instances = {OURS: models[-1].load({"name": "x"}), "slots": self._instances["slots"]}
        return self._attribute("x.name", instances)

    def weight(self, *, client: bool) -> Figures:
        """Return the bytes of an instance with the containers in it, of client data or a row."""
        data = self._client if client else self._row
        ways = {
            name: each.coerce if client else (each.keep or each.load) for name, each in self._known
        }
        return {name: self._weight(way, data) for name, way in ways.items() if way is not None}

    def weight_after_reading(self) -> Figures:
        """Return the bytes of an instance of a row of which all lists have been read."""
        lists = [name for name, value in self._row.items() if isinstance(value, list)]

        def reading(make: Callable[[Data], Any]) -> Callable[[Data], Any]:
            def made(data: Data) -> Any:
                instance = make(data)
                for name in lists:
                    getattr(instance, name)
                return instance

            return made

        ways = {name: reading(each.keep or each.load) for name, each in self._known}
        return {name: self._weight(way, self._row) for name, way in ways.items()}

    @property
    def _known(self) -> Iterable[tuple[str, Contestant]]:
        return self.all.items()

    def _of(self, contestant: Contestant) -> Any:
        return next(self._instances[name] for name, each in self._known if each is contestant)

    def _each(self, ability: str, work: Callable[[Contestant], Work]) -> Figures:
        able = {name: each for name, each in self._known if getattr(each, ability) is not None}
        return self._figures({name: work(each) for name, each in able.items()})

    def _attribute(self, statement: str, instances: Mapping[str, Any]) -> Figures:
        found = self._figures({name: _repeated(statement, x) for name, x in instances.items()})
        return {name: taken / READS for name, taken in found.items()}

    def _figures(self, works: Mapping[str, Work]) -> Figures:
        return dict(zip(works, self._compare(works.values()), strict=True))

    def _compare(self, works: Iterable[Work]) -> list[float]:
        return compare(*works, rounds=self._size.rounds, enough=self._size.enough)

    def _weight(self, make: Callable[[Data], Any], data: Data) -> float:
        count = self._size.kept
        make(fresh(data))
        return traced(lambda: [make(fresh(data)) for _ in range(count)])[1] / count


def _with(function: Any, argument: Any) -> Work:
    """Return a work that calls *function* with *argument*."""

    def work(times: int) -> None:
        for _ in range(times):
            function(argument)

    return work


def _repeated(statement: str, instance: Any) -> Work:
    """Return a work that does a statement about ``x`` `READS` times for each time it is done."""
    timer = timeit.Timer("; ".join([statement] * READS), globals={"x": instance})

    def work(times: int) -> None:
        timer.timeit(times)

    return work
