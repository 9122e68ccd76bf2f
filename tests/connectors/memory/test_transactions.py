"""Transactions of the memory store: snapshots, conflicts, and what is checked at the commit."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from juggler.connectors.memory.connector import MemoryConnector
from juggler.errors import ConnectorDetachedError, DuplicateEntryError, TransactionError
from juggler.testing.connector_suite.base import Store, Suite
from juggler.testing.connector_suite.models import model

NOTE = model("Note", {"id": {"type": int, "id": True}, "n": {"type": int, "index": True}})
CODE = model(
    "Code", {"id": {"type": int, "id": True}, "code": {"type": str, "index": {"unique": True}}}
)
LOOSE = model("Loose", {"text": str})


@pytest.fixture
async def store() -> Store:
    """A store with three notes."""
    found = Store(MemoryConnector({}, Suite.host))
    await found.prepare(NOTE, CODE, LOOSE, rows=[{"id": n, "n": n} for n in (1, 2, 3)])
    return found


async def begin(store: Store, level: str = "READ COMMITTED") -> tuple[Any, Store]:
    """Return a transaction, and its store."""
    connector: Any = store.connector
    transaction = await connector.begin(level)
    return transaction, Store(transaction.store)


async def test_it_sees_one_state(store: Store) -> None:
    """What others commit after its beginning is not seen, whichever way it looks."""
    # DAO-250, DAO-265
    _, inside = await begin(store)
    await store.update(NOTE, {"n": 10}, id=1)
    await store.destroy(NOTE, id=2)
    await store.create(NOTE, id=4, n=4)
    await store.create(CODE, id=1, code="a")
    assert await inside.values(NOTE, "n") == [1, 2, 3]
    assert await inside.values(NOTE, "n", order="n DESC", limit=1) == [3]
    assert await inside.count(NOTE) == 3
    assert await inside.count(NOTE, id=4) == await inside.count(NOTE, n=10) == 0
    assert await inside.count(NOTE, n=2) == await inside.count(NOTE, id=2) == 1
    assert await inside.count(CODE) == 0
    assert await store.values(NOTE, "n") == [10, 3, 4]


@pytest.mark.parametrize("other", ["transaction", "call"])
async def test_the_first_to_be_committed_wins(store: Store, other: str) -> None:
    """Of two that change one row the second fails as a whole; done again it works."""
    # DAO-250
    late, inside = await begin(store)
    await inside.update(NOTE, {"n": 20}, id=2)
    await inside.update(NOTE, {"n": 10}, id=1)
    if other == "call":
        await store.update(NOTE, {"n": 11}, id=1)
    else:
        first, theirs = await begin(store)
        await theirs.update(NOTE, {"n": 11}, id=1)
        await first.commit()
    with pytest.raises(TransactionError, match="do it again") as caught:
        await late.commit()
    assert (caught.value.code, caught.value.status_code) == ("TRANSACTION_CONFLICT", 409)
    assert await store.values(NOTE, "n") == [11, 2, 3]
    again, inside = await begin(store)
    await inside.update(NOTE, {"n": 12}, id=1)
    await again.commit()
    assert await store.values(NOTE, "n") == [12, 2, 3]


@pytest.mark.parametrize("change", ["delete", "create", "replace"])
async def test_every_change_conflicts(store: Store, change: str) -> None:
    """Deleting, making again and replacing a row are changes of it, too."""
    late, inside = await begin(store)
    await inside.update(NOTE, {"n": 10}, id=1)
    if change == "replace":
        await store.replace(NOTE, {"n": 9}, id=1)
    else:
        await store.destroy(NOTE, id=1)
    if change == "create":
        await store.create(NOTE, id=1, n=1)
    with pytest.raises(TransactionError):
        await late.commit()


async def test_different_rows_do_not_conflict(store: Store) -> None:
    """Transactions that change other rows of a collection are both committed."""
    one, first = await begin(store)
    two, second = await begin(store)
    await first.update(NOTE, {"n": 10}, id=1)
    await second.update(NOTE, {"n": 20}, id=2)
    await second.destroy(NOTE, id=3)
    await two.commit()
    await one.commit()
    assert await store.values(NOTE, "n") == [10, 20]


async def test_a_serialisable_one_checks_what_it_has_read(store: Store) -> None:
    """Two that each read what the other writes cannot both be committed; weaker levels let them."""
    for level, fails in (("SERIALIZABLE", True), ("REPEATABLE READ", False)):
        one, first = await begin(store, level)
        two, second = await begin(store, level)
        assert await first.count(NOTE) == await second.count(NOTE)
        await first.update(NOTE, {"n": 10}, id=1)
        await second.update(NOTE, {"n": 20}, id=2)
        await one.commit()
        if fails:
            with pytest.raises(TransactionError, match="has read"):
                await two.commit()
        else:
            await two.commit()
    reader, inside = await begin(store, "SERIALIZABLE")
    await inside.count(NOTE)
    await store.update(NOTE, {"n": 0}, id=1)
    await reader.commit()  # it has written nothing, so it may have run before


async def test_unique_values_are_checked_at_the_commit(store: Store) -> None:
    """A value that somebody else took meanwhile is found, and nothing of the rest is done."""
    # DAO-250
    late, inside = await begin(store)
    await inside.create(CODE, id=1, code="a")
    await inside.create(NOTE, id=4, n=4)
    await store.create(CODE, id=2, code="a")
    with pytest.raises(DuplicateEntryError) as caught:
        await late.commit()
    assert caught.value.fields == ("code",)
    assert await store.values(CODE, "id") == [2]
    assert await store.count(NOTE) == 3
    assert await store.count(NOTE, n=4) == 0


async def test_a_key_that_somebody_took_is_found(store: Store) -> None:
    """Two that make a row with one key cannot both be committed."""
    late, inside = await begin(store)
    await inside.create(NOTE, id=4, n=4)
    await store.create(NOTE, id=4, n=5)
    with pytest.raises(DuplicateEntryError, match=r"Note\.id"):
        await late.commit()
    assert await store.values(NOTE, "n", where={"id": 4}) == [5]


async def test_unique_values_may_be_swapped(store: Store) -> None:
    """What is unique before and after the commit is accepted, whatever the order of the writes."""
    await store.create_all(CODE, [{"id": 1, "code": "a"}, {"id": 2, "code": "b"}])
    swap, inside = await begin(store)
    for id, code in ((1, "x"), (2, "a"), (1, "b")):
        await inside.update(CODE, {"code": code}, id=id)
    await swap.commit()
    assert await store.values(CODE, "code") == ["b", "a"]
    assert await store.values(CODE, "id", where={"code": "a"}) == [2]


async def test_numbers_are_given_once(store: Store) -> None:
    """Ids that are made are no one else's, and those of a rollback are used up."""
    one, first = await begin(store)
    _two, second = await begin(store)
    ids = [await each.create(NOTE, n=0) for each in (first, second, store)]
    assert len(set(ids)) == 3
    await one.rollback()
    assert await store.create(NOTE, n=0) not in ids


async def test_rows_without_a_key_have_transactions_too(store: Store) -> None:
    """Rows are told apart by their place where they have no primary key."""
    await store.create(LOOSE, text="a")
    one, first = await begin(store)
    await first.create(LOOSE, text="b")
    await store.create(LOOSE, text="c")
    await first.update(LOOSE, {"text": "d"}, text="a")
    assert await first.values(LOOSE, "text") == ["d", "b"]
    await one.commit()
    assert sorted(await store.values(LOOSE, "text")) == ["b", "c", "d"]


async def test_what_was_taken_back_does_not_conflict(store: Store) -> None:
    """A row that was written since a savepoint only is as if it had never been touched."""
    one, _ = await begin(store)
    point = await one.savepoint()
    await Store(point.store).update(NOTE, {"n": 10}, id=1)
    await Store(point.store).create(NOTE, id=4, n=4)
    await point.rollback()
    await store.update(NOTE, {"n": 11}, id=1)
    await store.create(NOTE, id=4, n=5)
    await one.commit()
    assert await store.values(NOTE, "n") == [11, 2, 3, 5]


async def test_an_emptied_collection_conflicts(store: Store) -> None:
    """What was written to a collection that was made anew is not put into the new one."""
    late, inside = await begin(store)
    await inside.update(NOTE, {"n": 10}, id=1)
    await store.connector.automigrate([NOTE])
    with pytest.raises(TransactionError, match="emptied"):
        await late.commit()
    assert await store.count(NOTE) == 0


async def test_disconnecting_ends_it(store: Store) -> None:
    """A transaction of a store that was disconnected cannot go on."""
    # DAO-250
    late, inside = await begin(store)
    await inside.create(NOTE, id=4)
    await store.connector.disconnect()
    with pytest.raises(ConnectorDetachedError):
        await inside.count(NOTE)
    with pytest.raises(ConnectorDetachedError):
        await late.commit()
    assert await store.count(NOTE) == 3


async def test_every_committed_change_passes_one_place(store: Store) -> None:
    """Whoever watches the store is told of what was committed, and of nothing else."""
    told: list[Any] = []

    class Watcher:
        def note(self, collection: Any, changes: Any) -> None:
            told.extend((former, row) for _, former, row in changes)

    connector: Any = store.connector
    connector._store.committed.watchers.add(Watcher())
    one, first = await begin(store)
    await first.update(NOTE, {"n": 10}, id=1)
    await first.destroy(NOTE, id=2)
    assert told == []
    await one.commit()
    await store.create(CODE, id=1, code="a")
    with pytest.raises(DuplicateEntryError):
        await store.create_all(CODE, [{"id": 2, "code": "b"}, {"id": 3, "code": "a"}])
    await store.connector.automigrate([CODE])
    note, code = {"id": 1, "n": 1}, {"id": 1, "code": "a"}
    expected = [(note, {"id": 1, "n": 10}), ({"id": 2, "n": 2}, None), (None, code), (code, None)]
    assert told == expected


# against a plain model ----------------------------------------------------------------------------


def run(step: Any) -> Any:
    """Run a coroutine of the memory store, which never waits."""
    try:
        step.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("the memory store waited")


IDS = st.integers(1, 4)
VALUES = st.integers(0, 3)
WHO = st.integers(0, 2)


class Plain:
    """A transaction as one would describe it: a copy of all rows, and what it has written."""

    def __init__(self, rows: dict[int, int], changed: dict[int, int]) -> None:
        self.rows = dict(rows)
        self.began = dict(changed)
        self.written: set[int] = set()
        self.marks: list[tuple[dict[int, int], set[int]]] = []


class Transactions(RuleBasedStateMachine):
    """Any interleaving of transactions and single calls gives what plain copies give."""

    @initialize()
    def begin_with_rows(self) -> None:
        """Store two rows."""
        self.connector: Any = MemoryConnector({}, Suite.host)
        self.store = Store(self.connector)
        self.rows: dict[int, int] = {}
        self.changed: dict[int, int] = dict.fromkeys(range(1, 5), 0)
        self.open: dict[int, tuple[Any, Plain, list[Any]]] = {}
        self.connector.define(NOTE)
        for id in (1, 2):
            self.write(None, id, id)

    def side(self, who: int | None) -> tuple[Store, dict[int, int]]:
        """Return where *who* works: store and plain rows."""
        if who is None or who not in self.open:
            return self.store, self.rows
        transaction, plain, nested = self.open[who]
        return Store((nested or [transaction])[-1].store), plain.rows

    def note(self, who: int | None, id: int) -> None:
        """Note that a row was changed."""
        if who is None or who not in self.open:
            self.changed[id] += 1
        else:
            self.open[who][1].written.add(id)

    @rule(who=WHO | st.none(), id=IDS, n=VALUES)
    def write(self, who: int | None, id: int, n: int) -> None:
        """Create a row, or change it."""
        store, rows = self.side(who)
        _, is_new = run(store.upsert(NOTE, {"id": id, "n": n}))
        assert is_new is (id not in rows)
        rows[id] = n
        self.note(who, id)

    @rule(who=WHO | st.none(), n=VALUES)
    def delete(self, who: int | None, n: int) -> None:
        """Delete rows by a value that is indexed."""
        store, rows = self.side(who)
        found = [id for id, value in rows.items() if value == n]
        assert run(store.destroy(NOTE, n=n)) == len(found)
        for id in found:
            del rows[id]
            self.note(who, id)

    @rule(who=WHO)
    def begin(self, who: int) -> None:
        """Begin a transaction."""
        if who not in self.open:
            begun = run(self.connector.begin("READ COMMITTED"))
            self.open[who] = (begun, Plain(self.rows, self.changed), [])

    @rule(who=WHO)
    def mark(self, who: int) -> None:
        """Make a savepoint."""
        if who in self.open:
            transaction, plain, nested = self.open[who]
            nested.append(run((nested or [transaction])[-1].savepoint()))
            plain.marks.append((dict(plain.rows), set(plain.written)))

    @rule(who=WHO, keeps=st.booleans())
    def unmark(self, who: int, keeps: bool) -> None:
        """End a savepoint."""
        if who in self.open and self.open[who][2]:
            _, plain, nested = self.open[who]
            point, (rows, written) = nested.pop(), plain.marks.pop()
            if keeps:
                run(point.commit())
            else:
                run(point.rollback())
                plain.rows, plain.written = rows, written

    @rule(who=WHO)
    def roll_back(self, who: int) -> None:
        """Roll a transaction back."""
        if who in self.open:
            run(self.open.pop(who)[0].rollback())

    @rule(who=WHO)
    def commit(self, who: int) -> None:
        """Commit a transaction: it works unless somebody changed a row that it wrote."""
        if who not in self.open:
            return
        transaction, plain, _ = self.open.pop(who)
        beaten = {id for id in plain.written if self.changed[id] != plain.began[id]}
        try:
            run(transaction.commit())
        except (TransactionError, DuplicateEntryError):
            assert beaten
            return
        assert not beaten
        for id in plain.written:
            self.changed[id] += 1
            if id in plain.rows:
                self.rows[id] = plain.rows[id]
            else:
                self.rows.pop(id, None)

    def sides(self) -> Iterator[tuple[Store, dict[int, int]]]:
        """Yield each store with the rows that are to be seen there."""
        for who in (None, *self.open):
            yield self.side(who)

    @invariant()
    def everybody_sees_its_own(self) -> None:
        """All rows, in order, by key and by index."""
        if not hasattr(self, "open"):
            return
        for store, rows in self.sides():
            found = {row["id"]: row["n"] for row in run(store.find(NOTE))}
            assert found == rows
            assert list(found) == sorted(found)
            assert run(store.count(NOTE)) == len(rows)
            for n in range(4):
                ids = run(store.values(NOTE, "id", where={"n": n}))
                assert ids == sorted(id for id, value in rows.items() if value == n)


TestTransactions = Transactions.TestCase
TestTransactions.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
