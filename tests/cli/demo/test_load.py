"""Tenants are loaded whole, in batches, through the model API."""

import sqlite3
from pathlib import Path

import pytest

from juggler.cli.demo import load as loading
from juggler.cli.demo.load import load, missing
from juggler.cli.demo.store import DemoStore
from juggler.cli.demo.world import NORDWIND, REGIONS, World
from juggler.errors import ValidationError

CITIES = 40


@pytest.fixture
def store(tmp_path: Path) -> DemoStore:
    """A prepared store."""
    store = DemoStore(tmp_path)
    store.prepare()
    return store


@pytest.fixture(scope="module")
def world() -> World:
    """A few cities of each region."""
    return World(CITIES)


def nobody(tenant: str, done: int, total: int) -> None:
    """Look away from the progress."""


def rows(file: Path, table: str) -> int:
    """Return how many rows a table has."""
    connection = sqlite3.connect(file)
    try:
        return int(connection.execute(f"select count(*) from {table}").fetchone()[0])
    finally:
        connection.close()


async def test_all_rows_are_loaded_and_told_of(
    store: DemoStore, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each tenant has its file with its rows; progress goes from nothing to all in batches."""
    monkeypatch.setattr(loading, "BATCH", 25)
    for region in REGIONS:
        told: list[tuple[str, int, int]] = []
        content = world.content(region)
        await load(store, region, content, lambda *step, told=told: told.append(step))
        file = store.folder / f"{region.tenant}.db"
        assert rows(file, "City") == CITIES
        assert rows(file, "Country") == len(content.countries)
        assert [done for _, done, _ in told][:3] == [0, 25, 40]
        assert told[-1] == (region.tenant, len(content), len(content))
    assert missing(store, CITIES) == []


async def test_what_was_interrupted_is_loaded_by_the_next_start(
    store: DemoStore, world: World
) -> None:
    """Nothing of it is there; what was whole before is not loaded again."""
    first, second, third = REGIONS

    def interrupt(tenant: str, done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    await load(store, first, world.content(first), nobody)
    with pytest.raises(KeyboardInterrupt):
        await load(store, second, world.content(second), interrupt)
    assert [path.name for path in store.folder.glob("**/*.db")] == ["nordwind.db"]
    again = DemoStore(store.folder)
    again.prepare()
    assert missing(again, CITIES) == [second, third]


async def test_rows_that_break_a_rule_are_not_loaded(store: DemoStore, world: World) -> None:
    """Rows go through validation; one bad row and the tenant is not there."""
    content = world.content(NORDWIND)
    del content.cities[7]["name"]
    with pytest.raises(ValidationError):
        await load(store, NORDWIND, content, nobody)
    assert NORDWIND in missing(store, CITIES)


async def test_another_wish_is_loaded_anew(store: DemoStore, world: World) -> None:
    """A folder with few cities is no folder with all of them."""
    for region in REGIONS:
        await load(store, region, world.content(region), nobody)
    assert missing(store, CITIES) == []
    assert missing(store, CITIES + 1) == list(REGIONS)
    assert missing(store, None) == list(REGIONS)
    content = World(CITIES + 1).content(NORDWIND)
    await load(store, NORDWIND, content, nobody)
    assert rows(store.folder / "nordwind.db", "City") == CITIES + 1
    assert NORDWIND not in missing(store, CITIES + 1)
