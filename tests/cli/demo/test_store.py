"""A tenant's database is in the demo's folder whole or not at all."""

import json
import sqlite3
from pathlib import Path

import pytest

from juggler.cli.demo.store import LOADED, DemoStore, Loaded

NOTE = Loaded("test edition", 3, 1)


@pytest.fixture
def store(tmp_path: Path) -> DemoStore:
    """A store in a folder that is not there yet."""
    store = DemoStore(tmp_path / "deep" / "demo")
    store.prepare()
    return store


def take(store: DemoStore, content: bytes = b"rows") -> Path:
    """Load a tenant and return where its database is."""
    with store.stage() as folder:
        staged = folder / "acme.db"
        staged.write_bytes(content)
        store.take("acme", NOTE, staged)
    return store.folder / "acme.db"


def test_a_prepared_folder_is_a_project(store: DemoStore) -> None:
    """Data sources, models and tenants are there."""
    files = {str(path.relative_to(store.folder)) for path in store.folder.rglob("*.json")}
    assert files == {
        "datasources.json",
        "models/city.json",
        "models/country.json",
        "tenants.json",
        "tenants/nordwind/city.json",
    }


def test_what_was_taken_is_there_at_the_next_start(store: DemoStore) -> None:
    """The database and the note of what is in it stay; the stage is gone."""
    file = take(store)
    again = DemoStore(store.folder)
    again.prepare()
    assert file.read_bytes() == b"rows"
    assert again.loaded("acme", file) == NOTE
    assert again.loaded("zeta", store.folder / "zeta.db") is None
    assert list(store.folder.glob(".loading-*")) == []


def test_what_was_not_taken_is_not_there(store: DemoStore) -> None:
    """A load that ends by whatever leaves the folder as it was."""
    before = sorted(store.folder.rglob("*"))

    def load() -> None:
        with store.stage() as folder:
            (folder / "acme.db").write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load()
    assert sorted(store.folder.rglob("*")) == before


def test_what_a_killed_load_left_behind_is_removed(store: DemoStore) -> None:
    """The next start takes it away, and trusts no database without a note."""
    stale = store.folder / ".loading-abc"
    stale.mkdir()
    (stale / "acme.db").write_bytes(b"half")
    (store.folder / "acme.db").write_bytes(b"whole, but killed before the note was written")
    store.prepare()
    assert not stale.exists()
    assert store.loaded("acme", store.folder / "acme.db") is None


def test_the_log_of_a_former_database_is_not_replayed(store: DemoStore) -> None:
    """A write-ahead log that a killed service left goes with its database."""
    for ending in ("-wal", "-shm"):
        (store.folder / f"acme.db{ending}").write_bytes(b"of another database")
    file = take(store)
    assert [path.name for path in store.folder.glob("acme.db*")] == [file.name]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"acme": 1}', "\udcff"])
def test_an_unreadable_note_means_loading_anew(store: DemoStore, text: str) -> None:
    """No content of the file makes anything pass as whole, and it is written anew."""
    (store.folder / LOADED).write_bytes(text.encode(errors="surrogateescape"))
    file = store.folder / "acme.db"
    file.write_bytes(b"")
    assert store.loaded("acme", file) is None
    take(store)
    assert json.loads((store.folder / LOADED).read_bytes())["acme"]["cities"] == 3


def test_a_note_without_its_database_is_worth_nothing(store: DemoStore) -> None:
    """Whoever deletes the file gets it loaded again."""
    file = take(store)
    file.unlink()
    assert store.loaded("acme", file) is None


def test_a_database_that_is_open_elsewhere_is_replaced_all_the_same(store: DemoStore) -> None:
    """Who has the former one open keeps reading that; the new one is in the place."""
    with sqlite3.connect(store.folder / "acme.db") as former:
        former.execute("create table t (x)")
        former.commit()
        file = take(store)
        assert former.execute("select count(*) from t").fetchone() == (0,)
    former.close()
    assert file.read_bytes() == b"rows"
