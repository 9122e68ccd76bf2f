"""The file of the memory connector: what may stand there, and how it is written."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from juggler.connectors.memory.connector import MemoryConnector
from juggler.connectors.memory.disk import System
from juggler.errors import DefinitionError, StoreError
from juggler.testing.connector_suite.models import model, where
from tests.connectors.memory.files import HOST, NOTE, connector, kept_by, rows_of, source

LOOPBACK = {
    "ids": {"Note": 4, "Gone": 9, "Odd": None},
    "models": {
        "Note": {
            "1": '{"text":"a","when":"2020-01-02T00:00:00.000Z","id":1}',
            "3": '{"text":"b","open":{"$date":"no tag"},"id":3}',
        },
        "Odd": None,
    },
}


async def test_files_of_loopback_are_read(tmp_path: Path) -> None:
    """Rows, types and counts of ids are those of the original's file; it is written anew."""
    path = tmp_path / "loopback.json"
    path.write_text(json.dumps(LOOPBACK))
    properties = {"text": str, "when": "date", "open": "any"}
    for _ in range(2):
        async with source(path) as ds:
            note = ds.define("Note", properties)
            one, two = await note.find(order="id", limit=2)
            assert (one.id, one.text) == (1, "a")  # DAO-262
            assert one.when == datetime(2020, 1, 2, tzinfo=UTC)  # DAO-255
            assert two.open == {"$date": "no tag"}
            made = await note.create(text="c")
    assert made.id == 5  # DAO-256
    written = json.loads(path.read_text())
    assert written["version"] == 1
    assert written["ids"]["Note"] == 6
    assert written["ids"]["Gone"] == 9
    assert list(written["models"]["Note"]) == ["1", "3", "4", "5"]


async def test_rows_of_loopback_without_their_key(tmp_path: Path) -> None:
    """The key under which a row stands is its id where the row names none."""
    path = tmp_path / "loopback.json"
    path.write_text(json.dumps({"ids": {"Note": 8}, "models": {"Note": {"7": '{"text":"a"}'}}}))
    assert await rows_of(path) == [{"id": 7, "text": "a"}]
    pair = model("Note", {"a": {"type": "number", "id": 1}, "b": {"type": "number", "id": 2}})
    with pytest.raises(DefinitionError, match="primary key"):
        await rows_of(path, pair)


async def test_a_missing_file_is_an_empty_store(tmp_path: Path) -> None:
    """Nothing is written before there is something to write, and `{}` is a store too."""
    path = tmp_path / "none.json"
    assert await rows_of(path) == []  # DAO-262
    assert not path.exists()
    path.write_text("{}")
    assert await rows_of(path) == []


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "\0",
        '{"models": 3}',
        '{"models": {"Note": {"1": 3}}}',
        '{"models": {"Note": {"1": "{"}}}',
        '{"version": 2}',
        '{"version": 1, "models": {"Note": {"1": {"id": {"$nothing": 1}}}}}',
        '{"models": {"Note": {"1": "[1]"}}}',
    ],
)
async def test_a_file_that_is_not_understood_is_left_alone(tmp_path: Path, content: str) -> None:
    """Connecting fails with an error that names the file, which stays as it is."""
    path = tmp_path / "broken.json"
    path.write_text(content)
    ds = source(path)
    with pytest.raises(StoreError, match=r"broken\.json") as caught:
        await ds.connect()  # DAO-262
    assert (caught.value.code, caught.value.path) == ("STORE_CORRUPT", str(path))
    assert path.read_text() == content
    path.write_text("{}")
    async with ds:
        assert await ds.define("Note", {}).find() == []


async def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A folder in its place, or no folder to be in, is an error that says what helps."""
    for path, code in ((tmp_path, "STORE_NOT_OPENED"), (tmp_path / "a" / "b", "FOLDER_NOT_FOUND")):
        with pytest.raises(StoreError) as caught:
            await connector(path).connect()
        assert caught.value.code == code


@pytest.mark.parametrize("settings", [{"file": 3}, {"debounce": -1}, {"debounce": "soon"}])
def test_settings_that_cannot_be(tmp_path: Path, settings: dict[str, Any]) -> None:
    """A path that is none, and a time that is none, are errors at once."""
    with pytest.raises(DefinitionError):
        MemoryConnector({"file": tmp_path / "a", **settings}, HOST)


async def test_only_the_owner_may_read_a_new_file(tmp_path: Path) -> None:
    """A new file is its owner's alone; one that is there keeps what it allows."""
    path = tmp_path / "store.json"
    made = connector(path)
    await made.connect()
    await made.create(NOTE, {}, {})
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    await made.create(NOTE, {}, {})
    assert path.stat().st_mode & 0o777 == 0o640


async def test_a_link_stays_one(tmp_path: Path) -> None:
    """Behind a symbolic link the file is written, not the link."""
    path, link = tmp_path / "store.json", tmp_path / "link.json"
    link.symlink_to(path)
    made = connector(link)
    await made.connect()
    await made.create(NOTE, {}, {})
    assert link.is_symlink()
    assert len(await rows_of(path)) == 1


async def test_large_stores_write_their_changes_alone(tmp_path: Path) -> None:
    """Beyond a size a change costs a line, until the lines are as long as the whole."""
    path = tmp_path / "store.json"
    made = connector(path, small=0)
    await made.connect()
    await made.create_all(NOTE, [{"text": "x" * 100} for _ in range(100)], {})
    before, changes = path.read_bytes(), path.with_name("store.json.changes")
    await made.create(NOTE, {"text": "y"}, {})
    assert path.read_bytes() == before
    assert len(changes.read_bytes().splitlines()) == 2
    while changes.exists():
        await made.update(NOTE, where(NOTE), {"text": "z" * 100}, {})
    assert path.read_bytes() != before
    assert [row["text"] for row in await rows_of(path)] == ["z" * 100] * 101


@pytest.mark.parametrize("fsync", [False, True, "true", "off"])
async def test_what_reaches_the_disk(tmp_path: Path, *, fsync: Any) -> None:
    """With `fsync` each write is brought to the disk, and new names with their folder."""
    synced = 0

    class Counting(System):
        def sync(self, handle: int) -> None:
            nonlocal synced
            synced += 1
            super().sync(handle)

    made = connector(tmp_path / "store.json", small=0, fsync=fsync)
    kept_by(made)._disk.system = Counting()
    await made.connect()
    counts = []
    for _ in range(3):
        await made.create_all(NOTE, [{"text": "x" * 50}] * (1 if counts else 50), {})
        counts.append(synced)
    assert counts == ([2, 4, 5] if fsync in (True, "true") else [0, 0, 0])  # DAO-268
