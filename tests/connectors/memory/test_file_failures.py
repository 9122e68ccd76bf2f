"""Writes that fail: the operations are told, memory is as the file says, and later ones work."""

import asyncio
import errno
import os
from pathlib import Path
from typing import Any

import pytest

from juggler import DataSource
from juggler.connectors.contract import Upsert
from juggler.connectors.memory.connector import MemoryConnector
from juggler.connectors.memory.disk import System
from juggler.errors import DuplicateEntryError, StoreError, TransactionError
from juggler.testing.connector_suite.models import model, query, where
from tests.connectors.memory.files import KEY, NOTE, connector, kept_by, rows_of

MAIL = model("Mail", {"id": KEY, "address": {"type": "string", "unique": True}})
BARE = model("Bare", {"text": "string"})


class Failing(System):
    """A system in which one thing fails.

    Attributes:
        fails: Name of the method that does; empty for none.
        after: How many bytes are written before.
        number: Why it fails.
    """

    def __init__(self, fails: str = "write", after: int = 0, number: int = errno.ENOSPC) -> None:
        self.fails = fails
        self.after = after
        self.number = number

    def _try(self, name: str) -> None:
        if self.fails == name:
            raise OSError(self.number, os.strerror(self.number))

    def open(self, path: Path, flags: int, mode: int = 0o600) -> int:
        """Open a file, or fail."""
        self._try("open")
        return super().open(path, flags, mode)

    def write(self, handle: int, content: bytes) -> int:
        """Write a part, then fail."""
        if self.fails != "write" or self.after <= 0:
            self._try("write")
            return super().write(handle, content)
        written = super().write(handle, content[: self.after])
        self.after -= written
        return written

    def sync(self, handle: int) -> None:
        """Sync, or fail."""
        self._try("sync")
        super().sync(handle)

    def replace(self, source: Path, target: Path) -> None:
        """Rename, or fail."""
        self._try("replace")
        super().replace(source, target)


async def opened(folder: Path, small: int, **settings: Any) -> MemoryConnector:
    """Return a connected connector with some rows."""
    made = connector(folder / "store.json", small=small, **settings)
    await made.connect()
    await made.create_all(NOTE, [{"text": text * 20} for text in "abc"], {})
    await made.create(MAIL, {"address": "a"}, {})
    await made.create_all(BARE, [{"text": text} for text in "abc"], {})
    return made


async def everything(made: MemoryConnector) -> list[Any]:
    """Return all rows as they are in memory."""
    return [await made.all(info, query(info), {}) for info in (NOTE, MAIL, BARE)]


async def in_file(made: MemoryConnector) -> list[Any]:
    """Return all rows as they are in the file."""
    return [await rows_of(kept_by(made).path, info) for info in (NOTE, MAIL, BARE)]


@pytest.mark.parametrize("small", [0, 1 << 20])
@pytest.mark.parametrize(
    ("fails", "after", "number", "code"),
    [
        ("open", 0, errno.EACCES, "STORE_READ_ONLY"),
        ("write", 0, errno.ENOSPC, "DISK_FULL"),
        ("write", 10, errno.ENOSPC, "DISK_FULL"),
        ("write", 0, errno.EIO, "STORE_IO"),
        ("sync", 0, errno.EIO, "STORE_IO"),
        ("replace", 0, errno.ENOENT, "FOLDER_NOT_FOUND"),
    ],
)
async def test_what_cannot_be_written_is_taken_back(
    tmp_path: Path, small: int, fails: str, after: int, number: int, code: str
) -> None:
    """All that was changed since the last good write is undone, and its operations fail alike."""
    made = await opened(tmp_path, small, fsync=True)
    if fails == "replace":  # only the whole is renamed
        kept_by(made)._disk.small = 1 << 20
    before = await everything(made)
    kept_by(made)._disk.system = Failing(fails, after, number)
    results = await asyncio.gather(
        made.create(NOTE, {"text": "new"}, {}),
        made.update(NOTE, where(NOTE, id=1), {"text": "changed"}, {}),
        made.destroy_all(NOTE, where(NOTE, id=2), {}),
        made.destroy_all(MAIL, where(MAIL), {}),
        made.create(MAIL, {"address": "a"}, {}),
        made.destroy_all(BARE, where(BARE, text="a"), {}),
        made.create(BARE, {"text": "d"}, {}),
        made.automigrate([NOTE]),
        made.create(NOTE, {"text": "after"}, {}),
        return_exceptions=True,
    )
    assert {(type(each), getattr(each, "code", None)) for each in results} == {(StoreError, code)}
    assert str(tmp_path) in str(results[0])
    assert await everything(made) == before  # DAO-262
    assert await made.count(MAIL, where(MAIL, address="a"), {}) == 1
    kept_by(made)._disk.system = System()
    assert await made.create(NOTE, {"text": "works"}, {}) == 4  # DAO-269
    assert await made.create(MAIL, {"address": "b"}, {}) == 2
    assert await in_file(made) == await everything(made)


async def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    """While the folder is missing changes fail; when it is back the whole store is written."""
    folder = tmp_path / "gone"
    folder.mkdir()
    made = await opened(folder, 0)
    before = await everything(made)
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(StoreError) as caught:
        await made.create(NOTE, {}, {})
    assert caught.value.code == "FOLDER_NOT_FOUND"
    assert await everything(made) == before
    folder.mkdir()
    with pytest.raises(StoreError):  # changes alone cannot be kept where the whole is missing
        await made.create(NOTE, {}, {})
    await made.create(NOTE, {}, {})
    assert await in_file(made) == await everything(made)


async def test_nobody_is_told_what_was_not_kept(tmp_path: Path) -> None:
    """Who reads while a write fails finds what is there after it."""
    made = await opened(tmp_path, 0)
    kept_by(made)._disk.system = Failing()
    results = await asyncio.gather(
        made.create(NOTE, {"text": "no"}, {}),
        made.all(NOTE, query(NOTE, where={"text": "no"}), {}),
        made.count(NOTE, where(NOTE), {}),
        made.find_or_create(NOTE, query(NOTE, where={"text": "a" * 20}), {}, {}),
        return_exceptions=True,
    )
    assert isinstance(results[0], StoreError)
    assert results[1:] == [[], 3, ({"id": 1, "text": "a" * 20}, False)]


async def test_transactions_see_what_was_taken_back(tmp_path: Path) -> None:
    """A commit that cannot be written is undone as a whole; one that built upon it conflicts."""
    made = await opened(tmp_path, 0)
    kept_by(made)._disk.system = Failing()
    first = await made.begin("READ COMMITTED")
    await first.store.update(NOTE, where(NOTE, id=1), {"text": "one"}, {})
    await first.store.create(MAIL, {"address": "b"}, {})
    committing = asyncio.ensure_future(first.commit())
    await asyncio.sleep(0)
    second = await made.begin("READ COMMITTED")
    await second.store.update(NOTE, where(NOTE, id=1), {"text": "two"}, {})
    with pytest.raises(StoreError):
        await committing
    kept_by(made)._disk.system = System()
    assert [row["address"] for row in (await everything(made))[1]] == ["a"]
    with pytest.raises(TransactionError):
        await second.commit()
    assert await in_file(made) == await everything(made)


async def test_a_failed_upsert_is_no_change(tmp_path: Path) -> None:
    """What an operation took back itself neither stands in the file nor hinders the next."""
    made = connector(tmp_path / "store.json")
    await made.connect()
    await made.create_all(MAIL, [{"address": "a"}, {"address": "b"}], {})
    items = [Upsert({"id": 7, "address": object()}, {}), Upsert({"id": 1, "address": "b"}, {})]
    with pytest.raises(DuplicateEntryError):
        await made.upsert_all(MAIL, items, ["id"], {})
    found = await made.all(MAIL, query(MAIL), {})
    assert found == [{"id": 1, "address": "a"}, {"id": 2, "address": "b"}]
    await made.destroy_all(MAIL, where(MAIL, id=1), {})
    assert await rows_of(kept_by(made).path, MAIL) == found[1:]


async def test_devices_and_pipes_are_refused(tmp_path: Path) -> None:
    """What may have no end, or never begin, is not read: connecting fails at once."""
    # DAO-262
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, Path(os.devnull)):
        source = DataSource("memory", file=str(path))
        with pytest.raises(StoreError, match="name a regular file") as caught:
            await source.connect()
        assert caught.value.code == "STORE_NOT_OPENED"
        await source.close()
