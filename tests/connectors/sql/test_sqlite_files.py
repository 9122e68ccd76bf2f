"""SQLite databases as files: how they are opened, shared, and what goes wrong with them."""

import asyncio
import errno
import os
import sqlite3
import stat
from collections.abc import AsyncIterator, Coroutine
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from juggler.connectors.sql.drivers.sqlite import SqliteDriver
from juggler.connectors.sql.drivers.sqlite_settings import MEMORY, SqliteSettings
from juggler.connectors.sql.sqlite import SqliteConnector
from juggler.errors import (
    ConnectorDetachedError,
    DefinitionError,
    DuplicateEntryError,
    InvalidValueError,
    StoreError,
)
from juggler.testing.connector_suite.models import model, query, where
from tests.patience import PATIENCE

KEY = {"type": "number", "id": True, "generated": True}
NOTE = model("Note", {"id": KEY, "text": {"type": "string", "required": True}, "n": "number"})
HOST = SimpleNamespace(name="test", settings={})


def connector(**settings: Any) -> SqliteConnector:
    """Return a connector that is not open."""
    return SqliteConnector(settings, HOST)


@pytest.fixture
async def notes(tmp_path: Path) -> AsyncIterator[SqliteConnector]:
    """Give an open file with a table of notes."""
    found = connector(file=tmp_path / "notes.db")
    await found.connect()
    await found.autoupdate([NOTE])
    yield found
    await found.disconnect()


def driver_of(found: SqliteConnector) -> SqliteDriver:
    """Return the connector's driver."""
    assert isinstance(found.driver, SqliteDriver)
    return found.driver


async def code_of(opening: SqliteConnector) -> str:
    """Return the code of the error that connecting raises; the error names the file."""
    with pytest.raises(StoreError) as caught:
        await opening.connect()
    assert driver_of(opening).settings.file in str(caught.value)
    assert isinstance(caught.value.__cause__, sqlite3.Error | OSError)
    await opening.disconnect()
    return caught.value.code


# settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "file"),
    [
        ({}, MEMORY),
        ({"url": "sqlite://"}, MEMORY),
        ({"url": "sqlite:///:memory:"}, MEMORY),
        ({"url": "sqlite:///crm.db"}, "crm.db"),
        ({"url": "sqlite:////var/crm%20one.db"}, "/var/crm one.db"),
        ({"url": "sqlite:///crm.db", "file": "other.db"}, "crm.db"),
        ({"file": Path("a/b.db")}, "a/b.db"),
    ],
)
def test_where_the_file_is(settings: dict[str, Any], file: str) -> None:
    """The file is named by URL or path; the URL wins; without either there is none."""
    assert SqliteSettings.read(settings).file == file  # DS-127


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "sqlite://crm.db"},
        {"file": 7},
        {"file": "a\0b"},
        {"pool_size": 1},
        {"pool_size": "many"},
        {"busy_timeout": -1},
        {"synchronous": "full; DROP TABLE note"},
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any]) -> None:
    """A setting that cannot be is refused before anything is opened, by name."""
    with pytest.raises(DefinitionError, match=next(iter(settings))):
        connector(**settings)


# opening --------------------------------------------------------------------------------------


async def test_building_opens_nothing(tmp_path: Path) -> None:
    """Until it is connected a connector makes no file, and calls say that it is not open."""
    found = connector(file=tmp_path / "a.db")
    assert not (tmp_path / "a.db").exists()
    with pytest.raises(ConnectorDetachedError):
        await found.count(NOTE, where(NOTE), {})


async def test_how_a_file_is_opened(notes: SqliteConnector) -> None:
    """The journal is a WAL, foreign keys are checked, the file is its owner's alone."""
    file = Path(driver_of(notes).settings.file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.with_name("notes.db-wal").stat().st_mode) == 0o600
    for pragma, value in (("journal_mode", "wal"), ("foreign_keys", 1), ("synchronous", 2)):
        assert (await notes.execute(f"PRAGMA {pragma}")).rows == [(value,)]


async def test_a_hundred_tasks_open_one_file(tmp_path: Path) -> None:
    """However many tasks come first, there is one file, one table and every row."""
    found = connector(file=tmp_path / "a.db")

    async def first_use() -> Any:
        await found.connect()
        await found.autoupdate([NOTE])
        return await found.create(NOTE, {"text": "a"}, {})

    async with asyncio.TaskGroup() as tasks:
        made = [tasks.create_task(first_use()) for _ in range(100)]
    assert sorted(task.result() for task in made) == list(range(1, 101))
    assert driver_of(found).connections <= 4
    await found.disconnect()
    assert driver_of(found).connections == 0


async def test_readers_see_what_was_written(notes: SqliteConnector) -> None:
    """A row is found by every connection as soon as its create is done."""
    for number in range(20):
        await notes.create(NOTE, {"text": str(number)}, {})
        counts = await asyncio.gather(*(notes.count(NOTE, where(NOTE), {}) for _ in range(5)))
        assert set(counts) == {number + 1}
    assert 2 <= driver_of(notes).connections <= 4


async def test_two_sources_share_a_file(notes: SqliteConnector) -> None:
    """A second connector to one file waits for the first and sees its rows."""
    file = driver_of(notes).settings.file
    other = connector(file=file)
    await other.connect()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(20):
            tasks.create_task(notes.create(NOTE, {"text": "a"}, {}))
            tasks.create_task(other.create(NOTE, {"text": "b"}, {}))
    assert await other.count(NOTE, where(NOTE), {}) == 40
    await other.disconnect()


async def test_reading_only(notes: SqliteConnector) -> None:
    """A source that only reads finds rows and refuses to write; it makes no file."""
    await notes.create(NOTE, {"text": "a"}, {})
    file = Path(driver_of(notes).settings.file)
    reading = connector(file=file, readonly=True)
    await reading.connect()
    assert await reading.count(NOTE, where(NOTE), {}) == 1
    with pytest.raises(StoreError) as caught:
        await reading.create(NOTE, {"text": "b"}, {})
    assert caught.value.code == "STORE_READ_ONLY"
    await reading.disconnect()
    assert await code_of(connector(file=file.with_name("new.db"), readonly=True)) == (
        "STORE_NOT_OPENED"
    )
    assert not file.with_name("new.db").exists()


# what goes wrong ------------------------------------------------------------------------------


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """Another kind of file is told by name and stays as it is; so is a folder."""
    file = tmp_path / "a.db"
    file.write_text("this is no database, however long it may be" * 99)
    before = file.read_bytes()
    assert await code_of(connector(file=file)) == "NOT_A_DATABASE"
    assert file.read_bytes() == before
    assert await code_of(connector(file=tmp_path)) == "NOT_A_DATABASE"


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """A missing folder is not made; the error says that it is missing."""
    assert await code_of(connector(file=tmp_path / "no" / "a.db")) == "FOLDER_NOT_FOUND"
    (tmp_path / "file").write_text("")
    assert await code_of(connector(file=tmp_path / "file" / "a.db")) == "FOLDER_NOT_FOUND"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EACCES, "STORE_READ_ONLY"),
        (errno.EROFS, "STORE_READ_ONLY"),
        (errno.ENOSPC, "DISK_FULL"),
        (errno.EMFILE, "STORE_NOT_OPENED"),
    ],
)
async def test_a_folder_that_takes_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str
) -> None:
    """A folder that is read-only or full is told apart."""

    def refuse(*_: Any) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", refuse)
    assert await code_of(connector(file=tmp_path / "a.db")) == code


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
async def test_a_read_only_folder(tmp_path: Path) -> None:
    """A folder without the right to write says so."""
    tmp_path.chmod(0o500)
    assert await code_of(connector(file=tmp_path / "a.db")) == "STORE_READ_ONLY"


async def test_a_full_disk_loses_nothing(notes: SqliteConnector) -> None:
    """A write without room is an error of its own; what was there stays and can be read."""
    await notes.create(NOTE, {"text": "kept"}, {})
    pages = (await notes.execute("PRAGMA page_count")).rows[0][0]
    await notes.execute(f"PRAGMA max_page_count = {pages}")
    rows = [{"text": "x" * 5000} for _ in range(50)]
    for writing in (
        notes.create_all(NOTE, rows, {}),
        notes.create(NOTE, {"text": "x" * 99_999}, {}),
    ):
        with pytest.raises(StoreError) as caught:
            await writing
        assert (caught.value.code, caught.value.status_code) == ("DISK_FULL", 507)
    assert [row["text"] for row in await notes.all(NOTE, query(NOTE), {})] == ["kept"]
    await notes.execute("PRAGMA max_page_count = 1000000")
    assert len(await notes.create_all(NOTE, rows, {})) == 50


async def test_a_table_that_is_missing(tmp_path: Path) -> None:
    """A model without its table says what to do, and its name; so does one without a column."""
    found = connector(file=tmp_path / "a.db")
    await found.connect()
    with pytest.raises(StoreError, match="autoupdate") as caught:
        await found.all(NOTE, query(NOTE), {})
    assert (caught.value.code, caught.value.model) == ("TABLE_NOT_FOUND", "Note")
    await found.autoupdate([NOTE])
    wider = model("Note", {"id": KEY, "text": "string", "extra": "string"})
    with pytest.raises(StoreError, match="autoupdate") as caught:
        await found.create(wider, {"extra": "x"}, {})
    assert caught.value.code == "COLUMN_NOT_FOUND"
    await found.disconnect()


@pytest.mark.parametrize(
    "statement",
    ["ATTACH DATABASE '{}' AS other", "ATTACH ':memory:' AS other", "VACUUM INTO '{}'"],
)
async def test_other_files_cannot_be_reached(
    notes: SqliteConnector, tmp_path: Path, statement: str
) -> None:
    """No statement attaches or writes another file."""
    with pytest.raises(StoreError) as caught:
        await notes.execute(statement.format(tmp_path / "other.db"))
    assert caught.value.code == "STORE_DENIED"
    assert not (tmp_path / "other.db").exists()
    await notes.execute("VACUUM")


async def test_rows_that_cannot_be(notes: SqliteConnector) -> None:
    """What a column cannot hold is told by the property's name, and nothing is stored."""
    with pytest.raises(StoreError) as missing:
        await notes.create(NOTE, {"n": 1}, {})
    assert (missing.value.code, missing.value.status_code) == ("NOT_NULL", 422)  # DS-139
    assert (missing.value.model, missing.value.property) == ("Note", "text")
    for bad in ("1", True, float("nan"), float("inf"), 2**70 + 1, [1]):
        with pytest.raises(InvalidValueError) as caught:
            await notes.create(NOTE, {"text": "a", "n": bad}, {})  # DS-138
        assert (caught.value.model, caught.value.property) == ("Note", "n")
    for text in ("a\0b", 5):
        with pytest.raises(InvalidValueError):
            await notes.create(NOTE, {"text": text}, {})
    with pytest.raises(InvalidValueError):
        await notes.create(NOTE, {"text": "\ud800"}, {})
    with pytest.raises(InvalidValueError) as unknown:
        await notes.create(NOTE, {"text": "a", "nope": 1}, {})
    assert unknown.value.code == "UNKNOWN_PROPERTY"
    with pytest.raises(InvalidValueError) as second:
        await notes.create_all(NOTE, [{"text": "a", "n": 1}, {"text": "b", "n": "x"}], {})
    assert (second.value.model, second.value.property) == ("Note", "n")
    assert await notes.count(NOTE, where(NOTE), {}) == 0


async def test_stored_values_that_do_not_fit(notes: SqliteConnector) -> None:
    """A value that another program put there and that is none is an error that names the model."""
    dated = model("Note", {"id": KEY, "text": "date"})
    await notes.create(NOTE, {"text": "no date"}, {})
    with pytest.raises(StoreError, match="Note") as caught:
        await notes.all(dated, query(dated), {})
    assert caught.value.code == "STORED_VALUE"


# raw statements -------------------------------------------------------------------------------


async def test_raw_statements(notes: SqliteConnector) -> None:
    """Statements take values by place or name and answer rows or how many they touched."""
    await notes.execute("INSERT INTO note (text) VALUES (?), (?)", ["a", "b"])
    found = await notes.execute("SELECT text FROM note WHERE text = :text", {"text": "b"})
    assert (found.rows, found.names) == ([("b",)], ("text",))
    assert (await notes.execute("UPDATE note SET n = 1")).touched == 2  # DS-91
    with pytest.raises(DuplicateEntryError):
        await notes.execute("INSERT INTO note (id, text) VALUES (1, 'c')")
    with pytest.raises(StoreError):
        await notes.execute("SELECT 1; SELECT 2")


async def test_a_raw_begin_holds_up_nobody(notes: SqliteConnector) -> None:
    """A transaction cannot be left open by a raw statement."""
    with pytest.raises(StoreError, match="transaction"):
        await notes.execute("BEGIN")
    assert await notes.create(NOTE, {"text": "a"}, {}) == 1


# cancellation ---------------------------------------------------------------------------------


@pytest.mark.parametrize("after", range(6))
async def test_a_cancelled_write_leaves_nothing_behind(notes: SqliteConnector, after: int) -> None:
    """Whenever a write is cancelled, it is done whole or not, and the next write runs."""
    rows = [{"text": "x" * 100} for _ in range(2000)]
    writes: list[Coroutine[Any, Any, object]] = [
        notes.create_all(NOTE, rows, {}),
        notes.update_or_create(NOTE, {"id": 1, "text": "a"}, {}, where(NOTE), {}),
        notes.find_or_create(NOTE, query(NOTE, where={"text": "b"}), {"text": "b"}, {}),
        notes.autoupdate([model("Other", {"id": KEY})]),
    ]
    for write in writes:
        task = asyncio.ensure_future(write)
        for _ in range(after):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        async with asyncio.timeout(PATIENCE):
            count = await notes.count(NOTE, where(NOTE), {})
            await notes.create(NOTE, {"text": "next"}, {})
            assert await notes.count(NOTE, where(NOTE), {}) in {count + 1, count + 2, count + 2001}
            await notes.destroy_all(NOTE, where(NOTE), {})


async def test_a_failing_script_is_rolled_back(notes: SqliteConnector) -> None:
    """When a later statement fails, earlier ones of the same work are undone."""
    with pytest.raises(DuplicateEntryError):
        await notes.create_all(
            NOTE, [{"id": 1, "text": "a"}, {"text": "b"}, {"id": 1, "text": "c"}], {}
        )
    assert await notes.count(NOTE, where(NOTE), {}) == 0
    assert await notes.create(NOTE, {"text": "next"}, {}) == 1


async def test_closing_waits_for_what_was_asked(tmp_path: Path) -> None:
    """A disconnect lets running calls finish; later ones are told that it is closed."""
    driver = SqliteDriver(SqliteSettings(str(tmp_path / "a.db")))
    await driver.open()
    await driver.write("CREATE TABLE t (a)", ())
    writes = [asyncio.ensure_future(driver.write("INSERT INTO t VALUES (1)", ())) for _ in range(9)]
    await asyncio.sleep(0)
    await driver.close()
    assert {(await write).touched for write in writes} == {1}
    with pytest.raises(ConnectorDetachedError):
        await driver.write("INSERT INTO t VALUES (1)", ())
