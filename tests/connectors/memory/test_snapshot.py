"""Snapshots of the memory connector: come back to what was, as often as one likes."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from juggler.connectors.memory.connector import MemoryConnector
from juggler.errors import DefinitionError, TransactionError
from juggler.testing.connector_suite.models import model, query, where
from tests.connectors.memory.files import KEY, NOTE, connector, rows_of

HOST = SimpleNamespace(name="test", settings={})
BARE = model("Bare", {"text": "string"})
CODE = model("Note", {"code": {"type": "string", "id": True}})


async def texts(made: MemoryConnector) -> list[str]:
    """Return the texts of all notes."""
    return [row["text"] for row in await made.all(NOTE, query(NOTE), {})]


async def test_a_snapshot_is_come_back_to(tmp_path: Path) -> None:
    """Rows, order, indexes and numbers of ids are as they were; what came later is gone."""
    named = model("Note", {"id": KEY, "text": {"type": "string", "unique": True}})
    made = MemoryConnector({}, HOST)
    await made.create_all(named, [{"text": text} for text in "abc"], {})
    await made.create_all(BARE, [{"text": text} for text in "abc"], {})
    kept = made.snapshot()
    for _ in range(2):
        await made.destroy_all(named, where(named, id=2), {})
        await made.update(named, where(named, id=1), {"text": "b"}, {})
        await made.create(named, {"text": "d"}, {})
        await made.destroy_all(BARE, where(BARE, text="b"), {})
        made.restore(kept)  # DAO-272
        assert await texts(made) == ["a", "b", "c"]
        assert [row["text"] for row in await made.all(BARE, query(BARE), {})] == ["a", "b", "c"]
        assert await made.count(named, where(named, text="b"), {}) == 1
        assert await made.create(named, {"text": "e"}, {}) == 4
    await made.automigrate([named, BARE])
    await made.restore(await kept)
    assert (await texts(made), len(kept)) == (["a", "b", "c"], 6)
    assert repr(kept) == "<Snapshot 2 collections, 6 rows>"


async def test_a_snapshot_shares_nothing_that_changes() -> None:
    """What happens to the rows afterwards does not show in it, nor does one store in another."""
    made, other = MemoryConnector({}, HOST), MemoryConnector({}, HOST)
    open_ = model("Open", {"id": KEY, "value": "any"})
    await made.create(open_, {"value": [1]}, {})
    kept = made.snapshot()
    await made.update(open_, where(open_), {"value": [2]}, {})
    other.restore(kept)
    (row,) = await other.all(open_, query(open_), {})
    row["value"].append(3)
    await other.create(open_, {}, {})
    assert await other.all(open_, query(open_, limit=1), {}) == [{"id": 1, "value": [1]}]
    assert [each["value"] for each in await made.all(open_, query(open_), {})] == [[2]]
    assert len(kept) == 1


async def test_an_open_transaction_sees_a_change_by_others() -> None:
    """What a transaction has written over meanwhile conflicts."""
    made = MemoryConnector({}, HOST)
    await made.create(NOTE, {"text": "a"}, {})
    kept = made.snapshot()
    await made.update(NOTE, where(NOTE), {"text": "b"}, {})
    transaction = await made.begin("READ COMMITTED")
    await transaction.store.update(NOTE, where(NOTE), {"text": "c"}, {})
    made.restore(kept)
    with pytest.raises(TransactionError):
        await transaction.commit()
    assert await texts(made) == ["a"]


async def test_another_primary_key_comes_back_too() -> None:
    """Rows that stood under another key are those of the models with that key again."""
    made = MemoryConnector({}, HOST)
    await made.create(NOTE, {"text": "a"}, {})
    kept = made.snapshot()
    await made.automigrate([NOTE])
    await made.create(CODE, {"code": "x"}, {})
    made.restore(kept)
    assert await texts(made) == ["a"]
    with pytest.raises(DefinitionError):
        await made.count(CODE, where(CODE), {})


async def test_a_file_follows(tmp_path: Path) -> None:
    """When the answer was awaited the file says so too; rows no model has read come along."""
    path = tmp_path / "store.json"
    for small in (0, 1 << 20):
        made = connector(path, small=small)
        await made.connect()
        await made.restore(MemoryConnector({}, HOST).snapshot())
        assert await rows_of(path) == []
        await made.create_all(NOTE, [{"text": "a"}, {"text": "b"}], {})
        again = connector(path, small=small)
        await again.connect()
        kept = again.snapshot()
        await again.destroy_all(NOTE, where(NOTE), {})
        await again.restore(kept)
        assert [row["text"] for row in await rows_of(path)] == ["a", "b"]
        assert await texts(again) == ["a", "b"]
        assert await again.create(NOTE, {"text": "c"}, {}) == 3
