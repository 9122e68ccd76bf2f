"""What is particular to rows in memory: sharing, look-ups without a scan, what stays and goes."""

import gc
import weakref
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.connectors.contract import ModelInfo
from juggler.connectors.memory.connector import MemoryConnector
from juggler.connectors.memory.indexes import index_key
from juggler.errors import DefinitionError, DuplicateEntryError, InvalidValueError
from juggler.query.match import compile_where
from juggler.query.nodes import And
from juggler.query.values import equal
from juggler.testing.connector_suite.models import model, query, where
from juggler.types.geo import GeoPoint
from juggler.types.temporal import DateString

KEY = {"type": "number", "id": True, "generated": True}
PROPERTIES: dict[str, Any] = {
    "id": KEY,
    "email": {"type": "string", "unique": True},
    "city": {"type": "string", "index": True},
    "tags": {"type": ["string"], "index": True},
    "age": "number",
}
HOST = SimpleNamespace(name="test", settings={})


def person(**settings: Any) -> ModelInfo:
    """Return a model with indexes of each kind."""
    return model("Person", PROPERTIES, **settings)


@pytest.fixture
def memory() -> MemoryConnector:
    """Give an empty store."""
    return MemoryConnector({}, HOST)


async def fill(memory: MemoryConnector, info: ModelInfo, count: int = 50) -> None:
    """Store rows that can be told apart."""
    rows: list[dict[str, Any]] = [
        {"email": f"e{number}", "city": f"c{number % 5}", "tags": [f"t{number}"], "age": number}
        for number in range(count)
    ]
    await memory.create_all(info, rows, {})


async def looked_at(
    monkeypatch: pytest.MonkeyPatch, memory: MemoryConnector, info: ModelInfo, **conditions: Any
) -> tuple[int, int]:
    """Return how many rows match, and how many were looked at to find them."""
    seen = 0

    def counting(asked: Any) -> Any:
        matches = compile_where(asked)

        def check(row: Any) -> bool:
            nonlocal seen
            seen += 1
            return matches(row)

        return check

    monkeypatch.setattr("juggler.connectors.memory.reading.compile_where", counting)
    found = await memory.all(info, query(info, where=conditions), {})
    return len(found), seen


@pytest.mark.parametrize(
    ("conditions", "matching", "looked"),
    [
        ({"id": 7}, 1, 0),
        ({"id": 7.0}, 1, 0),
        ({"id": 999}, 0, 0),
        ({"id": 7, "age": 6}, 1, 1),
        ({"id": {"inq": [7, 8, 8, 999]}}, 2, 2),
        ({"email": "e3"}, 1, 1),
        ({"email": {"inq": ["e3", "e4", "no"]}}, 2, 2),
        ({"city": "c1"}, 10, 10),
        ({"age": {"gt": 20}, "city": "c1"}, 6, 10),
        ({"city": None}, 0, 50),
        ({"tags": "t3"}, 1, 50),
        ({"age": 3}, 1, 50),
        ({"or": [{"id": 7}, {"id": 8}]}, 2, 50),
    ],
)
async def test_look_ups_do_not_scan(
    memory: MemoryConnector,
    monkeypatch: pytest.MonkeyPatch,
    conditions: dict[str, Any],
    matching: int,
    looked: int,
) -> None:
    """Equality with the key or an indexed property looks at the rows that have it, no others."""
    info = person()
    await fill(memory, info)
    found = await looked_at(monkeypatch, memory, info, **conditions)
    assert found == (matching, looked)  # DAO-271


async def test_indexes_follow_changes(
    memory: MemoryConnector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After updates, replacements and deletions an index gives what is there now."""
    info = person()
    await fill(memory, info, 10)
    await memory.update(info, where(info, id=1), {"city": "new", "email": None}, {})
    await memory.replace(info, where(info, id=2), {"city": "new"}, {})
    await memory.destroy_all(info, where(info, id=3), {})
    assert await looked_at(monkeypatch, memory, info, city="new") == (2, 2)
    assert await looked_at(monkeypatch, memory, info, email="e0") == (0, 0)
    assert await looked_at(monkeypatch, memory, info, email="e2") == (0, 0)


async def test_rows_come_in_key_order_however_stored(memory: MemoryConnector) -> None:
    """Without order rows are sorted by key, also after rows came in between and went."""
    info = person()
    for number in (5, 3, 9, 4):
        await memory.create(info, {"id": number}, {})
    assert [row["id"] for row in await memory.all(info, query(info, limit=3), {})] == [3, 4, 5]
    await memory.create(info, {"id": 1}, {})
    await memory.destroy_all(info, where(info, id=9), {})
    await memory.create(info, {"id": 2}, {})
    found = await memory.all(info, query(info, skip=1), {})
    assert [row["id"] for row in found] == [2, 3, 4, 5]


async def test_models_of_one_name_share_rows(memory: MemoryConnector) -> None:
    """The name, or the collection that a model names, says which rows are its own."""
    one, two = person(), model("Person", {"id": KEY, "age": "number"})
    other = model("Other", {"id": KEY, "age": "number"}, memory={"collection": "Person"})
    apart = person(memory={"collection": "Apart"})
    await memory.create(one, {"age": 1}, {})
    assert await memory.create(two, {"age": 2}, {}) == 2  # DAO-254
    assert [row["age"] for row in await memory.all(other, query(other), {})] == [1, 2]
    assert await memory.count(apart, where(apart), {}) == 0


async def test_two_stores_share_nothing(memory: MemoryConnector) -> None:
    """Rows and counts of two connectors are apart, also for one and the same model."""
    info, second = person(), MemoryConnector({}, HOST)
    await memory.create(info, {}, {})
    assert await second.count(info, where(info), {}) == 0  # DAO-272
    assert await second.create(info, {}, {}) == 1


async def test_what_a_model_asked_for_goes_with_it(memory: MemoryConnector) -> None:
    """A unique index binds until its last model is forgotten; rows stay for the next model."""
    strict, loose = person(), model("Person", {"id": KEY, "email": "string"})
    await memory.create(strict, {"email": "a"}, {})
    with pytest.raises(DuplicateEntryError):
        await memory.create(loose, {"email": "a"}, {})
    memory.undefine(strict)
    await memory.create(loose, {"email": "a"}, {})
    assert await memory.count(loose, where(loose), {}) == 2
    with pytest.raises(DuplicateEntryError):
        await memory.autoupdate([strict])


async def test_forgotten_models_leave_nothing(memory: MemoryConnector) -> None:
    """Models that come, are used and go leave no trace, called off or just dropped."""
    for number in range(50):
        info = model(f"M{number}", PROPERTIES)
        memory.define(info)
        assert await memory.count(info, where(info), {}) == 0
        memory.undefine(info)
    assert len(memory._store) == 0
    seen = weakref.ref(info)
    del info
    gc.collect()
    assert seen() is None


async def test_automigrate_empties_and_counts_anew(memory: MemoryConnector) -> None:
    """Rows, indexes and the count of ids are as in the beginning; other models keep theirs."""
    info, other = person(), model("Other", {"id": KEY})
    await fill(memory, info, 3)
    await memory.create(other, {}, {})
    await memory.automigrate([info])  # DAO-263
    assert await memory.create(info, {"email": "e1"}, {}) == 1
    assert await memory.count(other, where(other), {}) == 1


async def test_another_primary_key_needs_new_rows(memory: MemoryConnector) -> None:
    """A model with another key does not read rows of the old one; automigrate lets them go."""
    info, other = person(), model("Person", {"code": {"type": "string", "id": True}})
    await memory.count(other, where(other), {})
    await memory.create(info, {}, {})
    with pytest.raises(DefinitionError, match="automigrate"):
        await memory.count(model("Person", {"code": {"type": "string", "id": True}}), And(), {})
    await memory.automigrate([other])
    assert await memory.create(other, {"code": "a"}, {}) == "a"


@pytest.mark.parametrize(
    ("kind", "ids"),
    [("string", ["1", "2"]), ("number", [1, 2]), ("decimal", [Decimal(1), Decimal(2)])],
)
async def test_ids_are_of_their_type(memory: MemoryConnector, kind: str, ids: list[Any]) -> None:
    """The number of the sequence is written as the key's type does."""
    info = model("A", {"id": {"type": kind, "id": True, "generated": True}})
    found = [await memory.create(info, {}, {}) for _ in ids]
    assert [(type(key), key) for key in found] == [(type(key), key) for key in ids]  # DAO-256


async def test_a_made_id_steps_over_given_ones(memory: MemoryConnector) -> None:
    """A text that is taken is not made again."""
    info = model("A", {"id": {"type": "string", "id": True, "generated": True}})
    await memory.create(info, {"id": "1"}, {})
    assert await memory.create(info, {}, {}) == "2"


async def test_ids_that_cannot_be_made(memory: MemoryConnector) -> None:
    """A key of a type that no number becomes has to be given."""
    info = model("A", {"id": {"type": "buffer", "id": True, "generated": True}})
    with pytest.raises(InvalidValueError, match="buffer"):
        await memory.create(info, {}, {})


async def test_one_and_true_are_two_keys(memory: MemoryConnector) -> None:
    """Values of different kinds are different keys; equal numbers are one."""
    info = model("A", {"id": {"type": "any", "id": True}})
    for key in (1, True, "1", "true"):
        await memory.create(info, {"id": key}, {})
    with pytest.raises(DuplicateEntryError):
        await memory.create(info, {"id": 1.0}, {})
    assert [row["id"] for row in await memory.all(info, query(info), {})] == [True, 1, "1", "true"]


VALUE = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-2, 2),
        st.floats(-2, 2, allow_nan=False),
        st.decimals(-2, 2, places=1),
        st.sampled_from(["", "a", "2000-01-01", DateString("2000-01-01"), b"", b"a"]),
        st.datetimes(timezones=st.timezones()),
        st.builds(GeoPoint, st.integers(0, 1), st.integers(0, 1)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=4,
)


@given(VALUE, VALUE)
def test_equal_values_have_equal_keys(first: Any, second: Any) -> None:
    """Two values are under one key of an index exactly if a condition finds them equal."""
    assert (index_key(first) == index_key(second)) == equal(first, second)
    if equal(first, second):
        assert hash(index_key(first)) == hash(index_key(second))
