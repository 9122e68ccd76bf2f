"""Keys and values: what calls check, where they look, and what they need of a connector."""

import asyncio
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.connectors.keyvalue import WHOLE
from juggler.connectors.keyvalue_memory.connector import KeyValueMemoryConnector
from juggler.context import tenant
from juggler.datasource.datasource import DataSource
from juggler.errors import (
    ConnectorDetachedError,
    InvalidQueryError,
    InvalidValueError,
    JugglerError,
    ModelDisposedError,
    NotFoundError,
    OperationNotSupportedError,
    TransactionError,
)
from juggler.facade.default import ModelRegistry
from juggler.facade.keyvalue import KeyValueModel
from juggler.testing.gate import Gate


def source(without: str = "", **settings: Any) -> DataSource:
    """Return a source of keys and values whose clock stands."""

    def make(given: Any, host: Any) -> KeyValueMemoryConnector:
        found = KeyValueMemoryConnector(given, host, clock=lambda: 7.0)
        found.capabilities = WHOLE - set(without.split())
        return found

    return DataSource("kv", make, registry=ModelRegistry(), **settings)


class Colour(StrEnum):
    """A text that is more than a text."""

    RED = "red"


# DAO-273
@pytest.mark.parametrize(
    ("arguments", "keywords", "kind"),
    [
        ((1, 1), {}, TypeError),
        ((None, 1), {}, TypeError),
        ((b"a", 1), {}, TypeError),
        (("", 1), {}, InvalidValueError),
        (("a" * 1_025, 1), {}, InvalidValueError),
        (("\ud800", 1), {}, InvalidValueError),
        (("a", None), {}, InvalidValueError),
        (("a", object()), {}, InvalidValueError),
        (("a", {1, 2}), {}, InvalidValueError),
        (("a", {"b": [object()]}), {}, InvalidValueError),
        (("a", {1: 2}), {}, InvalidValueError),
        (("a", "\udc00"), {}, InvalidValueError),
        (("a", {"\udc00": 1}), {}, InvalidValueError),
        (("a", Colour.RED), {}, InvalidValueError),
        (("a", 1, "5"), {}, TypeError),
        (("a", 1, True), {}, TypeError),
        (("a", 1, [("ttl", 1)]), {}, TypeError),
        (("a", 1, 0), {}, InvalidValueError),
        (("a", 1, -1), {}, InvalidValueError),
        (("a", 1, float("nan")), {}, InvalidValueError),
        (("a", 1, float("inf")), {}, InvalidValueError),
        (("a", 1, 10**400), {}, InvalidValueError),
        (("a", 1, {"ttl": 0}), {}, InvalidValueError),
        (("a", 1, {"ttl": "5"}), {}, TypeError),
        (("a", 1, {"ttl": False}), {}, TypeError),
        (("a", 1), {"ttl": True}, TypeError),
        (("a", 1, 5), {"ttl": 5}, TypeError),
        (("a", 1), {"only_if": "maybe"}, InvalidValueError),
        (("a", 1, {"only_if": 1}), {}, InvalidValueError),
    ],
)
async def test_what_cannot_be_set(
    arguments: tuple[Any, ...], keywords: dict[str, Any], kind: type[Exception]
) -> None:
    """It is refused before the store is asked; all but wrong types carry status and model."""
    shelf = source().define("Shelf")
    with pytest.raises(kind) as caught:
        await shelf.set(*arguments, **keywords)
    assert isinstance(caught.value, TypeError | ValueError)
    if isinstance(caught.value, JugglerError):
        assert caught.value.status_code == 400
    assert await shelf.keys() == []


# DAO-273
async def test_a_refusal_says_where() -> None:
    """The path leads to what cannot be kept, and nothing of a mapping of several is set."""
    shelf = source().define("Shelf")
    with pytest.raises(InvalidValueError, match=r"b\.1\.c") as caught:
        await shelf.set_many({"a": 1, "b": [0, {"c": object()}]})
    assert (caught.value.path, caught.value.model) == ("b.1.c", "Shelf")
    assert await shelf.keys() == []
    with pytest.raises(InvalidValueError, match="to_dict"):
        await shelf.set("a", shelf())
    deep: Any = 1
    for _ in range(70):
        deep = [deep]
    with pytest.raises(InvalidValueError, match="deep"):
        await shelf.set("a", deep)


JSON = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        st.text(),
        st.binary(),
        st.decimals(allow_nan=False),
        st.uuids(),
        st.dates(),
        st.times(),
        st.timedeltas(),
        st.datetimes(timezones=st.just(UTC)),
    ),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner | st.none()),
    max_leaves=8,
)


# DAO-274, DAO-284
@given(JSON)
async def test_any_value_comes_back(value: Any) -> None:
    """Values of all types, at all depths, are equal afterwards, and not the same objects."""
    shelf = source().define("Shelf")
    await shelf.set("key", value)
    found = await shelf.get("key")
    assert (found, type(found)) == (value, type(value))
    if isinstance(value, list | dict):
        assert found is not value
        assert found is not await shelf.get("key")


# DAO-274
async def test_kinds_of_mappings_and_lists_become_plain() -> None:
    """Tuples come back as lists and byte arrays as bytes, whatever the store."""
    shelf = source().define("Shelf")
    await shelf.set("key", {"a": (1, (2,)), "b": bytearray(b"x")})
    assert await shelf.get("key") == {"a": [1, [2]], "b": b"x"}


# DAO-276, DAO-277, DAO-278
async def test_what_else_is_checked() -> None:
    """Keys, times and filters of the other methods."""
    shelf = source().define("Shelf")
    for work in (
        lambda: shelf.get(1),
        lambda: shelf.delete(None),
        lambda: shelf.expire("a", "1"),
        lambda: shelf.expire("a", None),
        lambda: shelf.increment("a", "1"),
        lambda: shelf.increment("a", True),
        lambda: shelf.get_many("abc"),
        lambda: shelf.get_many(5),
        lambda: shelf.set_many([("a", 1)]),
        lambda: shelf.keys("a*"),
        lambda: shelf.keys({"match": 1}),
        lambda: shelf.keys([]),
        lambda: shelf.get("a", "options"),
    ):
        with pytest.raises(TypeError):
            await work()
    for work in (
        lambda: shelf.get(""),
        lambda: shelf.ttl(""),
        lambda: shelf.expire("a", 0),
        lambda: shelf.increment("a", float("inf")),
        lambda: shelf.keys({"match": ""}),
        lambda: shelf.keys({"match": "a" * 1_025}),
        lambda: shelf.keys({"match": "a", "limit": 1}),
        lambda: shelf.keys(match="["),
    ):
        with pytest.raises((InvalidValueError, InvalidQueryError)) as caught:
            await work()
        assert caught.value.status_code == 400
    with pytest.raises(TypeError):
        shelf.iterate_keys("a*")
    with pytest.raises(InvalidQueryError) as query:
        shelf.iterate_keys(match="[")
    assert query.value.model == "Shelf"
    for method in (shelf.ttl("gone"), shelf.expire("gone", 1)):
        with pytest.raises(NotFoundError, match="'gone'"):
            await method


async def test_limits_are_settings() -> None:
    """The source says how long keys and patterns may be."""
    shelf = source(maxKeyLength=3, max_pattern_length=2).define("Shelf")
    await shelf.set("abc", 1)
    with pytest.raises(InvalidValueError, match="max_key_length"):
        await shelf.set("abcd", 1)
    with pytest.raises(InvalidQueryError, match="max_pattern_length"):
        await shelf.keys(match="abc")


# DAO-285, DAO-333
async def test_default_times_to_live() -> None:
    """The model's counts, then the source's; a call may say another, or none."""
    db = source(default_ttl=9_000)
    plain, short = db.define("Plain"), db.define("Short", defaultTtl=1_000)
    await plain.set("a", 1)
    await short.set("a", 1)
    await short.set("b", 1, ttl=5)
    await short.set("c", 1, ttl=None)
    await short.set("d", 1, {"ttl": None})
    await short.set_many({"e": 1})
    await short.increment("f")
    assert await plain.ttl("a") == 9_000
    assert [await short.ttl(key) for key in "abcdef"] == [1_000, 5, None, None, 1_000, 1_000]
    for wrong in (0, -1, "soon"):
        with pytest.raises((InvalidValueError, TypeError), match="default_ttl"):
            await db.define("Wrong", default_ttl=wrong).set("a", 1)


# DAO-285, DAO-333
async def test_tenants_never_meet() -> None:
    """One source serves a model of its own for all tenants, and models of tenants of one name."""
    registry = ModelRegistry()
    db = DataSource("kv-memory", registry=registry)
    common, shared = db.define("Common"), db.define("Shared", shared=True)
    own = {}
    for code in ("a", "b"):
        with tenant(code):
            own[code] = registry.define("Own", {}, data_source=db)
            found = [await model.get("key") for model in (common, own[code], shared)]
            assert found == [None, None, None if code == "a" else "a"]
            for model in (common, own[code], shared):
                await model.set("key", code)
    for code in ("a", "b"):
        with tenant(code):
            assert [await common.get("key"), await own[code].get("key")] == [code, code]
            assert await shared.get("key") == "b"
        assert await own[code].get("key") == code  # it is its owner's, whoever asks
    assert [await common.get("key"), await shared.get("key")] == [None, "b"]
    assert await common.keys() == []


async def test_a_tenant_cannot_name_another() -> None:
    """No key or name leads out of one's own keyspace."""
    db = source()
    shelf = db.define("Shelf")
    with tenant("a"):
        await shelf.set("key", 1)
    for name in ("a", "Shelf2", "a:Shelf"):
        model = db.define(name)
        for key in ("key", "a:key", "Shelf:key", "a:Shelf:key"):
            assert await model.get(key) is None
            assert await shelf.get(key) is None
        assert await model.keys() == []


# DAO-010
async def test_without_a_source() -> None:
    """Whatever is called says which method of which model has no store."""

    class Alone(KeyValueModel):
        pass

    closed = source()
    late = closed.define("Late")
    await closed.close()
    calls = {
        "get": ("a",),
        "get_many": (["a"],),
        "set": ("a", 1),
        "set_many": ({"a": 1},),
        "increment": ("a",),
        "delete": ("a",),
        "delete_all": (),
        "expire": ("a", 1),
        "ttl": ("a",),
        "keys": (),
    }
    for model in (Alone, late):
        for name, arguments in calls.items():
            with pytest.raises(ConnectorDetachedError, match=name) as caught:
                await getattr(model, name)(*arguments)
            assert caught.value.model == model.model_name
        with pytest.raises(ConnectorDetachedError, match="iterate_keys"):
            model.iterate_keys()
        with pytest.raises(ConnectorDetachedError):
            model.get_connector()


# DAO-279
async def test_an_iteration_that_is_left_holds_nothing() -> None:
    """Between two keys it is not at work, and it ends with its model."""
    db = source()
    shelf = db.define("Shelf")
    await shelf.set_many({str(number): 1 for number in range(2_000)})
    keys = shelf.iterate_keys()
    async for _ in keys:
        break
    assert db.in_flight == 0
    db.delete_model_by_name("Shelf")
    with pytest.raises(ModelDisposedError):
        async for _ in keys:
            pass


# DAO-275
async def test_what_a_connector_lacks_is_said() -> None:
    """It is 501 and names method, connector and model."""
    cases = {
        "delete": lambda shelf: shelf.delete("a"),
        "delete delete_all": lambda shelf: shelf.delete_all(),
        "scan delete_all": lambda shelf: shelf.delete_all(),
        "expire": lambda shelf: shelf.set("a", 1, 5),
        "ttl": lambda shelf: shelf.ttl("a"),
        "scan": lambda shelf: shelf.keys(),
        "only_if": lambda shelf: shelf.set("a", 1, only_if="absent"),
        "increment": lambda shelf: shelf.increment("a"),
    }
    for without, call in cases.items():
        with pytest.raises(OperationNotSupportedError, match=r"kv-memory.*Shelf") as caught:
            await call(source(without).define("Shelf"))
        assert (caught.value.status_code, caught.value.model) == (501, "Shelf")
    with pytest.raises(OperationNotSupportedError, match="scan"):
        async for _ in source("scan").define("Shelf").iterate_keys():
            pass


async def test_they_take_no_part_in_transactions() -> None:
    """A source of keys and values has none, and takes none from another source."""
    registry = ModelRegistry()
    keys, rows = (DataSource(kind, registry=registry) for kind in ("kv-memory", "memory"))
    shelf = keys.define("Shelf")
    with pytest.raises(OperationNotSupportedError):
        async with keys.transaction():
            pass
    async with rows.transaction() as other:
        await shelf.set("a", 1)
        with pytest.raises(TransactionError):
            await shelf.set("b", 1, {"transaction": other})
    assert await shelf.keys() == ["a"]


async def test_a_value_is_taken_when_the_call_is_made() -> None:
    """What the caller does to it while the source still connects does not count."""
    gate = Gate()

    class Slow(KeyValueMemoryConnector):
        async def connect(self) -> None:
            await gate.hold()
            await super().connect()

    shelf = DataSource("kv", Slow, registry=ModelRegistry()).define("Shelf")
    value = {"when": datetime(2024, 1, 1, tzinfo=UTC), "list": [1]}
    task = asyncio.create_task(shelf.set("key", value))
    await gate.wait_for(1)
    value["list"].append(2)  # type: ignore[attr-defined]
    gate.open()
    assert await task is True
    assert await shelf.get("key") == {"when": datetime(2024, 1, 1, tzinfo=UTC), "list": [1]}
