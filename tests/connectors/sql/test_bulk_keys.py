"""The keys that SQLite makes for many rows, of which it tells only the first and the last."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from juggler.connectors.contract import Records, Row
from juggler.connectors.sql.sqlite import SqliteConnector
from juggler.errors import InvalidValueError
from juggler.testing.connector_suite.base import Store, Suite
from juggler.testing.connector_suite.models import model

NOTE = model("Note", {"id": {"type": int, "id": True, "generated": True}, "n": int, "text": str})
MANY = 200


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    """An empty store in memory."""
    found = Store(SqliteConnector({}, Suite.host))
    await found.connector.connect()
    await found.prepare(NOTE)
    yield found
    await found.connector.disconnect()


def statements(store: Store) -> list[str]:
    """Return a list to which each statement is added that the connector runs."""
    seen: list[str] = []
    store.connector.observe(
        "after execute", lambda context: seen.extend(sql for sql, _ in context.steps)
    )
    return seen


def rows(count: int = MANY) -> list[Row]:
    """Return rows that tell their place."""
    return [{"n": at, "text": "x"} for at in range(count)]


async def check(store: Store, ids: list[Any]) -> None:
    """Check that the row at each place is stored under the id at that place."""
    stored = {row["id"]: row["n"] for row in await store.find(NOTE)}
    assert [stored[each] for each in ids] == list(range(len(ids)))


async def test_first_statement_alone_is_asked(store: Store) -> None:
    """One statement gives its keys back; the others go on counting, which is faster."""
    seen = statements(store)
    ids = await store.create_all(NOTE, rows())
    await check(store, ids)
    assert [("RETURNING" in sql) for sql in seen] == [True] + [False] * (len(seen) - 1)
    assert len(seen) < MANY / 10


async def test_counting_begins_after_a_gap(store: Store) -> None:
    """Keys that were deleted, or given, are no matter."""
    last = (await store.create_all(NOTE, rows()))[-1]
    await store.destroy(NOTE)
    ids = await store.create_all(NOTE, rows())
    assert ids[0] == last + 1  # a generated id is never used again
    await check(store, ids)
    given: list[Row] = [{"id": 5_000, "n": 100, "text": "x"}]
    await store.destroy(NOTE)
    both = await store.create_all(NOTE, [*rows(100), *given, *rows()[101:]])
    assert both[100:102] == [5_000, 5_001]
    await check(store, both)


@pytest.mark.parametrize("is_inside", [False, True])
async def test_trigger_that_writes_to_the_table(store: Store, is_inside: bool) -> None:
    """Where counting goes wrong all is stored anew, and every row is there once with its key."""
    execute = store.connector.execute
    await execute(
        "CREATE TRIGGER more AFTER INSERT ON note WHEN new.n = 100 "
        "BEGIN INSERT INTO note (n, text) VALUES (-1, 'by the trigger'); END"
    )
    if is_inside:
        transaction = await store.connector.begin("READ COMMITTED")
        inside = Store(transaction.store)
        assert await inside.create(NOTE, n=-2) == 1
        ids = await inside.create_all(NOTE, rows())
        await transaction.commit()
    else:
        ids = await store.create_all(NOTE, rows())
    await check(store, ids)
    found = sorted(row["n"] for row in await store.find(NOTE))
    assert found == [*([-2] if is_inside else []), -1, *range(MANY)]


async def test_records_are_stored_as_rows_are(store: Store) -> None:
    """What comes as `Records` is stored in the same way, and what is wrong in it is named."""
    values = [(at, "x") for at in range(MANY)]
    await check(store, await store.connector.create_all(NOTE, Records(("n", "text"), values), {}))
    wrong = Records(("n", "text"), [(1, "x"), (2, "nul\0")])
    with pytest.raises(InvalidValueError, match="'text' cannot be stored") as caught:
        await store.connector.create_all(NOTE, wrong, {})
    assert (caught.value.property, caught.value.value) == ("text", "nul\0")
    given = Records(("id", "n"), [(9_000, 1), (9_001, 2)])
    assert await store.connector.create_all(NOTE, given, {}) == [9_000, 9_001]
