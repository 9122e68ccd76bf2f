"""The whole report on the registry: one section after the other, as Markdown."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from benchmarks.registry.process import Runner, runner
from benchmarks.registry.reports import comparison, density, endurance, growth, pauses
from benchmarks.registry.sizes import Sizes

Section = Callable[[Runner, Sizes], str]

SECTIONS: Final[Mapping[str, Section]] = MappingProxyType(
    {
        "comparison": comparison.section,
        "pauses": pauses.section,
        "growth": growth.section,
        "density": density.section,
        "endurance": endurance.section,
    }
)


def sections(sizes: Sizes, names: Iterable[str] = SECTIONS) -> Iterator[tuple[str, str]]:
    """Yield name and text of each section as it is measured, and tell the progress on stderr."""
    begun = time.perf_counter()
    with runner() as run:
        for name in names:
            print(f"measuring registry: {name} ...", file=sys.stderr)
            yield name, SECTIONS[name](run, sizes)
    taken = time.perf_counter() - begun
    print(f"registry measured in {taken / 60:.1f} minutes", file=sys.stderr)
