"""Looking models up and cleaning tenants up, alone and among many others."""

from __future__ import annotations

import gc
import itertools
import statistics
from collections.abc import Callable, Iterator

from benchmarks import samples
from benchmarks.timing import Row, compare, traced
from juggler import DataSource, ModelRegistry

OTHERS = 50_000
MODELS = 100


def rows() -> Iterator[Row]:
    """Yield the rows of this part."""
    yield from by_namespace()
    yield from by_name()
    yield from clean_up()
    yield from memory()


def by_namespace() -> Iterator[Row]:
    """Read ``ds.models[name]``, with few models and with many."""
    for count in (20, 20_000):
        registry = ModelRegistry()
        source = DataSource("memory", registry=registry)
        parsed = registry.parse("Sample", samples.RAW)
        for at in range(count):
            source.define(f"M{at}", parsed)
        models, plain = source.models, dict(source.models)
        name = f"M{count - 1}"

        def ours(times: int, models: dict[str, object] = models, name: str = name) -> None:
            for _ in range(times):
                models[name]

        def theirs(times: int, plain: dict[str, object] = plain, name: str = name) -> None:
            for _ in range(times):
                plain[name]

        mine, other = compare(ours, theirs)
        what = f"ds.models[name], {count:,} models"
        yield Row(what, mine * 1e9, other * 1e9, "a dict", "ns", 2.0)


def by_name() -> Iterator[Row]:
    """Look a model up by name, with 100 models and with 100,000."""
    works = []
    for count in (100_000, 100):
        registry = ModelRegistry()
        parsed = registry.parse("Sample", samples.RAW)
        for at in range(count):
            registry.define(f"M{at % 100}", parsed, tenant=f"t{at // 100}")
        registry.define("Wanted", parsed)

        def work(times: int, registry: ModelRegistry = registry) -> None:
            for _ in range(times):
                registry.find_model_by_name("Wanted")

        works.append(work)
    many, few = compare(*works)
    what = "find_model_by_name, 100,000 models"
    yield Row(what, many * 1e9, few * 1e9, "the same with 100", "ns", 1.2)


def clean_up() -> Iterator[Row]:
    """Clean a tenant of 100 models up, alone and beside 50,000 other models."""
    medians = []
    for others in (OTHERS, 0):
        registry = ModelRegistry()
        parsed = registry.parse("Sample", samples.RAW)
        for at in range(others):
            registry.define(f"M{at % MODELS}", parsed, tenant=f"other{at // MODELS}")
        gc.collect()
        taken = []
        for number in range(41):
            code = f"gone{number}"
            for at in range(MODELS):
                registry.define(f"M{at}", parsed, tenant=code)
            taken.append(registry.cleanup_tenant(code).duration)
        medians.append(statistics.median(taken))
    many, alone = medians
    what = f"clean-up of {MODELS} models, {OTHERS:,} others"
    yield Row(what, many, alone, "the same with none", "ms", 1.2)
    yield Row(what, many, 5.0, "a bound of 5 ms", "ms", 1.0)


def memory() -> Iterator[Row]:
    """Tell what is left of the memory of 10,000 models after their clean-up."""
    registry = ModelRegistry()
    parsed = registry.parse("Sample", samples.RAW)
    registry.define("Sample", parsed, tenant="warm")
    registry.cleanup_tenant("warm")
    tenants = [f"t{at}" for at in range(100)]

    def define() -> None:
        for code, at in itertools.product(tenants, range(100)):
            registry.define(f"M{at}", parsed, tenant=code)

    def cycle() -> None:
        define()
        for code in tenants:
            registry.cleanup_tenant(code)

    _measured(cycle)
    _, taken = traced(define)
    for code in tenants:
        registry.cleanup_tenant(code)
    left = _measured(cycle)
    yield Row("memory left after clean-up", max(left, 0), taken, "what the models took", "B", 0.01)


def _measured(work: Callable[[], None]) -> int:
    """Return the bytes that *work* leaves behind."""
    return traced(work)[1]
