"""Runs of the demo: load what is missing, serve, and print what to try or check it."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

from juggler.app.asgi import App
from juggler.cli.admin import admin_call, models_path
from juggler.cli.client import Call, ServiceError
from juggler.cli.console import out, say
from juggler.cli.demo.access import DemoAccess, issue_access
from juggler.cli.demo.checks.everything import all_checks
from juggler.cli.demo.checks.stage import Stage
from juggler.cli.demo.load import load, missing
from juggler.cli.demo.probe import Outcome, run_checks
from juggler.cli.demo.screen import progress, show_outcomes, show_tries, tenants_table
from juggler.cli.demo.store import DemoStore, Loaded
from juggler.cli.demo.tries import VOYAGE, VOYAGE_ROWS, VOYAGES, as_tenant, tries
from juggler.cli.demo.world import PACIFICA, REGIONS, Region, World
from juggler.cli.project.build import Access, build_app, isolation_of
from juggler.cli.project.reading import read_project
from juggler.cli.serving import address_of, bind, serving
from juggler.facade.default import ModelRegistry

HOST: Final = "127.0.0.1"
PORT: Final = 8000


def serve_demo(folder: Path, port: int | None, cities: int | None, admin_token: str | None) -> None:
    """Serve the demo from *folder* until a signal ends it."""
    bound = _bind(port)
    with bound:
        store = _prepared(folder, cities, cache(lambda: World(cities)))
        asyncio.run(_serve(store, bound, issue_access(store.folder, admin_token)))
    say("Ended.")


def check_demo(folder: Path | None, port: int, cities: int | None, admin_token: str | None) -> bool:
    """Serve the demo, check it over HTTP, print the outcome, and tell whether all is well.

    Raises:
        KeyboardInterrupt: Ctrl-C ended it before it was done.
    """
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="juggler-demo-") as passing:
            return check_demo(Path(passing), port, cities, admin_token)
    with bind(HOST, port) as bound:
        world = cache(lambda: World(cities))
        store = _prepared(folder, cities, world)
        access = issue_access(store.folder, admin_token)
        return asyncio.run(_check(store, bound, world(), access))


def _bind(port: int | None) -> socket.socket:
    """Return a socket at *port*; without one at the usual port, or a free one if that is taken."""
    try:
        return bind(HOST, PORT if port is None else port)
    except ServiceError:
        if port is not None:
            raise
        return bind(HOST, 0)


def _prepared(folder: Path, cities: int | None, world: Callable[[], World]) -> DemoStore:
    """Return the store in *folder* with all tenants in it; *world* is asked only if one is not."""
    store = DemoStore(folder)
    store.prepare()
    say(f"Data: {folder.resolve()}")
    wanted = missing(store, cities)
    if wanted:
        with progress() as advance:
            for region in wanted:
                asyncio.run(load(store, region, world().content(region), advance))
    return store


async def _serve(store: DemoStore, bound: socket.socket, access: DemoAccess) -> None:
    """Serve what is in *store* and print what to try, until a signal ends it."""
    base = address_of(bound)
    async with serving(_app(store, access), bound) as server:
        try:
            await asyncio.to_thread(_define_voyages, base, access)
        except ServiceError:
            if not server.interrupted:
                raise
        else:
            out().print(tenants_table(_rows(store)))
            show_tries(base, tries(access.admin_token, access.keys), access.admin_token)
        await server.ended.wait()


async def _check(store: DemoStore, bound: socket.socket, world: World, access: DemoAccess) -> bool:
    """Serve what is in *store*, ask for everything, print it, and tell whether all is well."""
    base, outcomes = address_of(bound), list[Outcome]()
    contents = {region.tenant: world.content(region) for region in REGIONS}
    stage = Stage(contents, access.keys, access.admin_token)
    checks = all_checks(stage, tries(access.admin_token, access.keys))
    async with serving(_app(store, access), bound) as server:
        await asyncio.to_thread(_define_voyages, base, access)
        held = await asyncio.to_thread(run_checks, base, checks, outcomes.append)
    if server.interrupted:
        raise KeyboardInterrupt
    show_outcomes(outcomes)
    return held


def _app(store: DemoStore, access: DemoAccess) -> App:
    opens = Access(admin_token=access.admin_token, pepper=access.pepper, dev=True)
    return build_app(read_project(store.folder), opens, ModelRegistry())


def _define_voyages(base: str, access: DemoAccess) -> None:
    """Define the model of one tenant's own through the admin API, and give it rows once."""
    tenant = PACIFICA.tenant
    admin_call(access.admin_token, models_path(tenant), "POST", body=VOYAGE).done(base)
    if Call(f"{VOYAGES}/count", headers=as_tenant(tenant)).done(base) == {"count": 0}:
        for row in VOYAGE_ROWS:
            Call(VOYAGES, "POST", headers=as_tenant(tenant), body=row).done(base)


def _rows(store: DemoStore) -> Iterator[tuple[Region, Loaded]]:
    isolation = isolation_of(read_project(store.folder))
    for region in REGIONS:
        loaded = store.loaded(region.tenant, isolation.file(region.tenant))
        if loaded is not None:
            yield region, loaded
