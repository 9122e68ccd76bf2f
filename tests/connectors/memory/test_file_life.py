"""Files of the memory connector: read and left, by one or by several."""

import asyncio
import errno
import gc
import json
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from juggler.connectors.memory.connector import MemoryConnector
from juggler.connectors.memory.disk import System
from juggler.errors import DuplicateEntryError, StoreError
from juggler.testing.connector_suite.models import model, query, where
from tests.connectors.memory.files import HOST, NOTE, connector, kept_by, rows_of, source
from tests.turns import turns

TEXTED = model("Row", {"id": {"type": "string", "id": True}, "n": "string"})
NUMBERED = model(
    "Row", {"id": {"type": "number", "id": True}, "n": {"type": "number", "index": True}}
)


async def test_connecting_again_reads_again(tmp_path: Path) -> None:
    """A connect reads once, one after a disconnect again; what others wrote is there then."""
    path = tmp_path / "store.json"
    one, two = connector(path), connector(path)
    await asyncio.gather(one.connect(), one.connect(), two.connect())
    await two.create(NOTE, {"text": "two"}, {})
    await one.connect()
    assert await one.count(NOTE, where(NOTE), {}) == 0
    await one.disconnect()
    await one.connect()
    assert await one.count(NOTE, where(NOTE), {}) == 1  # DAO-262


async def test_two_that_write_one_file_do_not_lose_rows(tmp_path: Path) -> None:
    """Who would write over what somebody else has written is told; connecting again helps."""
    path = tmp_path / "store.json"
    for small in (0, 1 << 20):
        one, two = connector(path, small=small), connector(path, small=small)
        await one.connect()
        await two.connect()
        count = await one.count(NOTE, where(NOTE), {})
        await one.create(NOTE, {"text": "x" * 100}, {})
        with pytest.raises(StoreError) as caught:
            await two.create(NOTE, {"text": "two"}, {})
        assert (caught.value.code, caught.value.status_code) == ("STORE_CHANGED", 503)
        assert await two.count(NOTE, where(NOTE), {}) == count
        await two.disconnect()
        await two.connect()
        await two.create(NOTE, {"text": "two"}, {})
        assert len(await rows_of(path)) == count + 2


async def test_a_change_before_the_file_was_read_is_refused(tmp_path: Path) -> None:
    """A connector that is not connected takes no row that it could not keep."""
    made = connector(tmp_path / "store.json")
    with pytest.raises(StoreError, match="connect first"):
        await made.create(NOTE, {}, {})
    await made.connect()
    assert await made.create(NOTE, {}, {}) == 1


def test_event_loops_one_after_the_other(tmp_path: Path) -> None:
    """What an event loop leaves behind when it goes is written by the next."""
    path = tmp_path / "store.json"
    ds = source(path)
    note = ds.define("Note", {"text": str})

    async def leave() -> None:
        await note.create(text="a")
        await _begun(note.create(text="b"))

    async def look() -> list[str]:
        await note.create(text="c")
        return [each.text for each in await note.find()]

    asyncio.run(leave())
    assert asyncio.run(look()) == ["a", "b", "c"]


@pytest.mark.parametrize("debounce", [0, 3_600_000])
def test_an_event_loop_that_stopped(tmp_path: Path, debounce: int) -> None:
    """What a loop had begun to write when it stopped is written by the next, and no more by it."""
    path = tmp_path / "store.json"
    made = connector(path, debounce=debounce)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(made.connect())
    loop.run_until_complete(_begun(made.create(NOTE, {"text": "a"}, {})))
    asyncio.run(made.disconnect())
    assert [row["text"] for row in asyncio.run(rows_of(path))] == ["a"]
    waiting = asyncio.all_tasks(loop)
    for task in waiting:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    assert [row["text"] for row in asyncio.run(rows_of(path))] == ["a"]


async def _begun(work: Any) -> None:
    """Begin *work* and leave it alone."""
    _ = asyncio.ensure_future(work)  # noqa: RUF006  the loop keeps it as long as it lives
    await turns(3)


async def test_disconnecting_waits_for_what_is_left(tmp_path: Path) -> None:
    """What nobody waits for is in the file too once the source is closed, delay or none."""
    path = tmp_path / "store.json"
    made = connector(path, debounce=3_600_000)
    await made.connect()
    waiting = asyncio.ensure_future(made.create(NOTE, {"text": "a"}, {}))
    await asyncio.sleep(0)
    await made.disconnect()
    assert [row["text"] for row in await rows_of(path)] == ["a"]  # DAO-268
    assert await waiting == 1


# what is done where it holds up nobody --------------------------------------------------------


async def test_rows_are_ready_for_the_models_that_are_there(tmp_path: Path) -> None:
    """Connecting gives rows their types, indexes and order, so that the first use need not."""
    path = tmp_path / "store.json"
    made = connector(path)
    await made.connect()
    await made.create_all(TEXTED, [{"id": key, "n": key} for key in ("10", "9")], {})
    again = connector(path, small=0)
    again.define(NUMBERED)
    await again.connect()
    (ready,) = again._store
    assert (ready.unread, ready._is_sorted, len(ready._indexes)) == (None, True, 1)
    assert await again.all(NUMBERED, query(NUMBERED), {}) == [
        {"id": 9, "n": 9},
        {"id": 10, "n": 10},
    ]
    await again.destroy_all(NUMBERED, where(NUMBERED, id=9), {})
    assert await rows_of(path, NUMBERED) == [{"id": 10, "n": 10}]


async def test_two_models_of_one_collection_are_asked_when_they_come(tmp_path: Path) -> None:
    """Where several models share rows the first that is used says what they are."""
    path = tmp_path / "store.json"
    made = connector(path)
    await made.connect()
    await made.create(TEXTED, {"id": "7", "n": "7"}, {})
    again = connector(path)
    again.define(TEXTED)
    again.define(NUMBERED)
    await again.connect()
    (found,) = again._store
    assert found.unread is not None
    assert await again.all(NUMBERED, query(NUMBERED), {}) == [{"id": 7, "n": 7}]


async def test_what_is_wrong_with_rows_is_told_when_they_are_used(tmp_path: Path) -> None:
    """A model that cannot have its rows keeps nobody from connecting."""
    path = tmp_path / "store.json"
    made = connector(path)
    await made.connect()
    await made.create_all(TEXTED, [{"id": "1"}, {"id": "1.0"}], {})
    await made.create(NOTE, {"text": "a"}, {})
    again = connector(path)
    again.define(NUMBERED)
    again.define(NOTE)
    await again.connect()
    assert await again.count(NOTE, where(NOTE), {}) == 1
    with pytest.raises(DuplicateEntryError):
        await again.count(NUMBERED, where(NUMBERED), {})


async def test_once_disconnected_one_file_says_everything(tmp_path: Path) -> None:
    """What stands beside a large file is gathered in it; without a change nothing is written."""
    # DAO-268
    path = tmp_path / "store.json"
    changes = path.with_name("store.json.changes")
    made = connector(path, small=0)
    await made.connect()
    await made.create(NOTE, {"text": "x" * 100}, {})
    await made.create(NOTE, {"text": "y"}, {})
    assert changes.exists()
    await made.disconnect()
    assert not changes.exists()
    assert [row["text"] for row in json.loads(path.read_text())["models"]["Note"].values()] == [
        "x" * 100,
        "y",
    ]
    before = path.stat().st_ino
    await made.connect()
    await made.disconnect()
    assert path.stat().st_ino == before


async def test_changes_that_cannot_be_gathered_stay_beside(tmp_path: Path) -> None:
    """Where the whole cannot be written, or is somebody else's by now, nothing is lost or told."""
    path = tmp_path / "store.json"

    class Full(System):
        def replace(self, source: Path, target: Path) -> None:
            raise OSError(errno.ENOSPC, "full")

    made, other = connector(path, small=0), connector(path, small=0)
    await made.connect()
    await made.create(NOTE, {"text": "x" * 100}, {})
    await made.create(NOTE, {"text": "y"}, {})
    kept_by(made)._disk.system = Full()
    await made.disconnect()
    assert [row["text"] for row in await rows_of(path)] == ["x" * 100, "y"]
    kept_by(made)._disk.system = System()
    await made.connect()
    await other.connect()
    await other.create(NOTE, {"text": "z"}, {})
    await made.disconnect()
    assert [row["text"] for row in await rows_of(path)] == ["x" * 100, "y", "z"]


async def test_what_others_wrote_is_seen_by_who_names_rows_anew(tmp_path: Path) -> None:
    """Reading rows under another type does not make one write over what came meanwhile."""
    path = tmp_path / "store.json"
    one, two = connector(path, small=0), connector(path, small=0)
    await one.connect()
    await one.create(TEXTED, {"id": "1", "n": "1" * 100}, {})
    await one.create(TEXTED, {"id": "2"}, {})
    two.define(NUMBERED)
    await two.connect()
    await one.create(TEXTED, {"id": "3"}, {})
    with pytest.raises(StoreError) as caught:
        await two.create(NUMBERED, {"id": 4}, {})
    assert caught.value.code == "STORE_CHANGED"
    assert [row["id"] for row in await rows_of(path, TEXTED)] == ["1", "2", "3"]


async def test_rows_go_with_their_connector(tmp_path: Path) -> None:
    """Once nobody has the connector, its rows are let go at once, with a file or without."""
    for settings in ({}, {"file": tmp_path / "store.json"}):
        with ThreadPoolExecutor() as threads:  # they keep what they do longer than its result
            asyncio.get_running_loop().set_default_executor(threads)
            made: Any = MemoryConnector(settings, HOST)
            await made.connect()
            await made.create(NOTE, {"text": "a"}, {})
            await made.disconnect()
        rows = weakref.ref(made._store)
        gc.disable()
        try:
            del made
            assert rows() is None
        finally:
            gc.enable()
