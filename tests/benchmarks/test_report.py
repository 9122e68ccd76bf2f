"""The report on the registry can be made, with sizes that mean nothing."""

import sys
from contextlib import nullcontext

import pytest

from benchmarks import __main__ as program
from benchmarks.registry import report
from benchmarks.registry.candidates.base import NAMES, candidate
from benchmarks.registry.process import runner
from benchmarks.registry.report import SECTIONS
from benchmarks.registry.sizes import FULL, SHORT, TINY
from tests.benchmarks.helpers import Inline

ROWS = {"comparison": 15, "pauses": 2, "growth": 6, "density": 36, "endurance": 39}


@pytest.mark.usefixtures("frozen")
@pytest.mark.parametrize("name", SECTIONS)
def test_every_section_can_be_made(name: str) -> None:
    """Each section has its table, with all rows and no empty figure."""
    text = SECTIONS[name](Inline(), TINY)
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    heads = sum(line.startswith("| ---") for line in lines)
    assert len(lines) - 2 * heads == ROWS[name]
    assert "| nan" not in text
    width = {line.count(" |") for line in lines}
    assert len(width) == 1


@pytest.mark.parametrize("name", NAMES)
def test_every_candidate_defines_finds_and_cleans_up(name: str) -> None:
    """What a candidate defines is there, and after its clean-up nothing is."""
    models = candidate(name)
    models.prepare(3)
    models.again(3)
    made = models.new(1)
    assert getattr(models.instance(made, 1), "field3" if name == "bare" else "field3_1") == 1
    models.finish()
    models.settle("acme", 3)
    models.finder("acme", "M2")(2)
    assert len(models.models("acme")) == 3
    models.clean("acme")
    if name != "juggler":  # it answers None, and no tenant is there to ask
        with pytest.raises(LookupError):
            models.finder("acme", "M2")(1)


def test_sizes_name_every_candidate() -> None:
    """No candidate is forgotten, and the full run makes the cycles that are promised."""
    for sizes in (FULL, SHORT, TINY):
        for numbers in (sizes.others, sizes.kept, sizes.widest):
            assert numbers.keys() == NAMES.keys()
    assert (FULL.cycles, FULL.early) == (1_000_000, 10_000)
    assert (FULL.dense, FULL.bundles, FULL.resident) == (100_000, 1_000, 1_000)
    assert (FULL.tenants, FULL.alive) == ((10, 1_000, 100_000), (0, 20_000, 100_000))


def test_a_measurement_runs_in_a_process_of_its_own() -> None:
    """The answer comes back as it was given; a failing one is an error here."""
    with runner() as run:
        assert run.run("memory.pause", name="bare", alive=[0], widest=0, rounds=1)[0][1] == 0
        with pytest.raises(RuntimeError, match="failed"):
            run.run("memory.pause", name="nobody", alive=[0], widest=0, rounds=1)


@pytest.mark.usefixtures("frozen")
def test_the_command_prints_the_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report goes to the output, the progress beside it."""
    monkeypatch.setattr(report, "runner", lambda: nullcontext(Inline()))
    given = ["benchmarks", "registry", "--full", "--size", "tiny", "--only", "growth"]
    monkeypatch.setattr(sys, "argv", given)
    program.main()
    told = capsys.readouterr()
    assert "### Growth with the number of resident tenants" in told.out
    assert "measuring registry: growth" in told.err
