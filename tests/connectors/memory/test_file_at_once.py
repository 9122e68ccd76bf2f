"""Files of the memory connector: who waits for whom."""

import asyncio
from pathlib import Path

import pytest

from juggler.errors import InvalidValueError
from juggler.testing.cancelling import cancelled_everywhere
from juggler.testing.connector_suite.models import query, where
from tests.connectors.memory.files import (
    ANY,
    HOST,
    NOTE,
    Slow,
    connector,
    kept_by,
    rows_of,
)
from tests.turns import turns


async def test_operations_at_once_share_a_write(tmp_path: Path) -> None:
    """However many tasks change rows at once, they wait for one write."""
    made = connector(tmp_path / "store.json")
    await made.connect()
    slow = kept_by(made)._disk.system = Slow()
    slow.go.set()
    await asyncio.gather(*(made.create(NOTE, {}, {}) for _ in range(100)))
    assert slow.writes == 1
    assert len(await rows_of(kept_by(made).path)) == 100


async def test_the_event_loop_goes_on_while_a_file_is_written(tmp_path: Path) -> None:
    """Others work while a write hangs; what they change meanwhile is the next write."""
    made = connector(tmp_path / "store.json")
    await made.connect()
    slow = kept_by(made)._disk.system = Slow()
    first = asyncio.ensure_future(made.create(NOTE, {"text": "a"}, {}))
    await asyncio.to_thread(slow.begun.wait)
    more = [asyncio.ensure_future(made.create(NOTE, {"text": "b"}, {})) for _ in range(9)]
    seen = asyncio.ensure_future(made.count(NOTE, where(NOTE), {}))
    await turns(10)
    assert not any(task.done() for task in (first, *more, seen))  # what is seen is kept, too
    slow.go.set()
    assert await first == 1
    assert await asyncio.gather(*more) == list(range(2, 11))
    assert await seen == 10
    assert slow.writes == 2  # DAO-262


async def test_a_transaction_is_one_write(tmp_path: Path) -> None:
    """Nothing of a transaction is in the file before it is committed, and then all of it."""
    path = tmp_path / "store.json"
    for small in (0, 1 << 20):
        made = connector(path, small=small)
        await made.connect()
        slow = kept_by(made)._disk.system = Slow()
        slow.go.set()
        other = await made.begin("READ COMMITTED")
        await other.store.create(NOTE, {"text": "no"}, {})
        await other.rollback()
        tx = await made.begin("READ COMMITTED")
        before = len(await rows_of(path))
        await tx.store.create(NOTE, {"text": "x" * 100}, {})
        await tx.store.create(ANY, {"id": f"a{small}"}, {})
        assert slow.writes == 0
        await tx.commit()
        assert slow.writes == 1
        assert len(await rows_of(path)) == before + 1
        assert (await rows_of(path, ANY))[-1]["id"].startswith("a")


async def test_a_value_that_no_file_holds_is_refused(tmp_path: Path) -> None:
    """An object without a form is an error, and its operation did nothing; others are kept."""
    made = connector(tmp_path / "store.json")
    await made.connect()
    results = await asyncio.gather(
        made.create(ANY, {"id": 1}, {}),
        made.create_all(ANY, [{"id": 2}, {"id": 3, "value": [HOST]}], {}),
        made.create(ANY, {"id": 4}, {}),
        return_exceptions=True,
    )
    assert isinstance(results[1], InvalidValueError)
    assert results[1].path == "value.0"
    for found in (await made.all(ANY, query(ANY), {}), await rows_of(kept_by(made).path, ANY)):
        assert [row["id"] for row in found] == [1, 4]


@pytest.mark.parametrize("small", [0, 1 << 20])
async def test_cancelled_callers_leave_nothing_half(tmp_path: Path, small: int) -> None:
    """Wherever a caller is cancelled, memory and file say the same: a change is whole or not there.

    A change that was made before the caller was cancelled stays and is written.
    """
    path = tmp_path / "store.json"
    made = connector(path, small=small)
    await made.connect()

    async def work() -> None:
        await made.connect()
        await made.create_all(NOTE, [{"text": "a"}, {"text": "a"}], {})
        tx = await made.begin("SERIALIZABLE")
        await tx.store.create(NOTE, {"text": "b"}, {})
        await tx.store.create(NOTE, {"text": "b"}, {})
        await tx.commit()
        await made.update(NOTE, where(NOTE), {"text": "c"}, {})
        await made.destroy_all(NOTE, where(NOTE), {})

    async def check() -> None:
        await made.connect()
        texts = [row["text"] for row in await made.all(NOTE, query(NOTE), {})]
        assert texts in ([], ["a"] * 2, ["a", "a", "b", "b"], ["c"] * 4)
        assert [row["text"] for row in await rows_of(path)] == texts
        await made.automigrate([NOTE])
        await made.disconnect()

    assert await cancelled_everywhere(work, check) >= 5
