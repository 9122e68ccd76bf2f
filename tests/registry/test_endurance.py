"""Cycle after cycle: what comes goes, and the process stays as it was."""

from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.registry.process import runner

MIB = 1024 * 1024
CYCLES = {
    "known": {"cycles": 20_000, "early": 10_000},
    "cold": {"cycles": 20_000, "early": 10_000},
    "new": {"cycles": 2_500, "early": 1_200},
}
"""Models of known structures, declared ones, and structures that nobody ever saw.

A process of its own for each, so that nothing but the cycles can be seen, and nobody traces them;
all at the same time.  `make bench-registry` makes a million.
"""


@pytest.fixture(scope="module")
def found() -> Iterator[dict[str, Any]]:
    """What each process looked like early and late."""
    with runner() as run:
        begun = {kind: run.start("endurance.run", kind=kind, **CYCLES[kind]) for kind in CYCLES}
        yield {kind: run.result(process) for kind, process in begun.items()}


# REG-80, REG-48
@pytest.mark.parametrize("kind", CYCLES)
def test_memory_stays_where_it_was(found: dict[str, Any], kind: str) -> None:
    """Resident memory ends within 8 MiB of an early cycle's, and so do allocated blocks."""
    first, late = found[kind]["first"], found[kind]["late"]
    assert late["memory"] - first["memory"] <= 8 * MIB
    assert late["blocks"] - first["blocks"] <= 1_000


# REG-80
@pytest.mark.parametrize("kind", CYCLES)
def test_no_type_of_object_grows(found: dict[str, Any], kind: str) -> None:
    """Of no type are there more objects late than early, but for a few that come and go."""
    assert found[kind]["grown"] == {}


# REG-80
@pytest.mark.parametrize("kind", CYCLES)
def test_nothing_is_left_running_or_registered(found: dict[str, Any], kind: str) -> None:
    """Lines of code, classes, shapes, listeners, tasks, threads and files are as many as early."""
    assert found[kind]["late"]["figures"] == found[kind]["first"]["figures"]


# REG-80
@pytest.mark.parametrize("kind", ["known", "cold"])
def test_known_structures_spend_no_version_tags(found: dict[str, Any], kind: str) -> None:
    """Cycles that reuse shapes take no class's number, of which a process has four billion."""
    spent = found[kind]["tags"]
    if spent is None:
        pytest.skip("This Python does not show the version tags of classes.")
    assert spent == 0


# REG-80
@pytest.mark.parametrize("kind", CYCLES)
def test_reads_stay_the_instruction_for_slots(found: dict[str, Any], kind: str) -> None:
    """After all cycles an attribute is read by the one instruction that Python has for slots."""
    assert found[kind]["slots"]
