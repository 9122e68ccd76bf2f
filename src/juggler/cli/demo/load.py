"""Load the tenants of the demo: each whole, in batches, through the model API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from juggler.cli.demo.store import DemoStore, Loaded
from juggler.cli.demo.world import REGIONS, Content, Region, edition_of
from juggler.cli.project.build import Access, build_app, isolation_of
from juggler.cli.project.reading import read_project
from juggler.context import tenant
from juggler.facade.default import ModelRegistry

BATCH: Final = 2_000
MODELS: Final = ("City", "Country")

Advance = Callable[[str, int, int], None]
"""Told of each batch: the tenant, its rows so far, and all its rows."""


def missing(store: DemoStore, largest: int | None) -> list[Region]:
    """Return the regions whose tenants are not there whole, with the cities that are wanted."""
    isolation, edition = isolation_of(read_project(store.folder)), edition_of(largest)
    found = []
    for region in REGIONS:
        loaded = store.loaded(region.tenant, isolation.file(region.tenant))
        if loaded is None or loaded.edition != edition:
            found.append(region)
    return found


async def load(store: DemoStore, region: Region, content: Content, advance: Advance) -> None:
    """Load one tenant.

    However it ends (Ctrl-C, a full disk, a killed process), the tenant is afterwards there whole
    or not at all.

    Args:
        store: Where the tenants' databases are.
        region: Which tenant.
        content: Its rows.
        advance: Told how far it is.
    """
    with store.stage() as folder:
        project = read_project(folder)
        app = build_app(project, Access(dev=True), ModelRegistry())
        done = 0
        advance(region.tenant, done, len(content))
        async with app.running():
            with tenant(region.tenant):
                for name, rows in zip(MODELS, (content.cities, content.countries), strict=True):
                    model = app.registry.look_up(name, app.models)
                    for first in range(0, len(rows), BATCH):
                        batch = rows[first : first + BATCH]
                        await model.create_all(batch)
                        done += len(batch)
                        advance(region.tenant, done, len(content))
        loaded = Loaded(content.edition, len(content.cities), len(content.countries))
        store.take(region.tenant, loaded, isolation_of(project).file(region.tenant))
