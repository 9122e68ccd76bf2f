"""Changes that the store works out: counters, lists, decimals."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from juggler.errors import InvalidValueError, OperationNotSupportedError, ValidationError
from juggler.query.changes import Change, applied, inc, mul, pull, push, unset
from tests.persistence.shelf import make_source
from tests.persistence.writes.stores import on_every_store, open_source

PROPERTIES = {
    "id": {"type": "number", "id": True},
    "path": {"type": str, "default": "/"},
    "views": {"type": "integer", "max": 100},
    "score": "number",
    "price": "decimal",
    "tags": [str],
    "points": ["number"],
    "parts": [{"name": str, "size": "number"}],
    "data": "object",
    "any": "any",
    "fixed": {"type": "number", "immutable": True},
}

CASES: list[tuple[str, Any, Any, Any]] = [
    ("views", 1, inc(), 2),
    ("views", 1, inc(-3), -2),
    ("views", None, inc(4), 4),
    ("views", 6, mul(2), 12),
    ("views", None, mul(2), 0),
    ("views", 6, unset(), None),
    ("score", 1.5, inc(0.25), 1.75),
    ("score", 1.5, mul(3), 4.5),
    ("price", Decimal("1.10"), inc(Decimal("2.05")), Decimal("3.15")),
    ("price", Decimal("1.10"), mul(2), Decimal("2.20")),
    ("price", None, inc(Decimal("2.05")), Decimal("2.05")),
    ("price", Decimal("1.10"), inc("2.05"), Decimal("3.15")),
    ("tags", ["a"], push("b", "c"), ["a", "b", "c"]),
    ("tags", None, push("ä"), ["ä"]),
    ("tags", ["a", "b", "a"], pull("a", "x"), ["b"]),
    ("tags", None, pull("a"), None),
    ("points", [1, 2.5], push("3"), [1, 2.5, 3]),
    ("points", [1, 2.5, 1], pull(1), [2.5]),
]


async def define(source: Any, **more: Any) -> Any:
    """Return the model, ready for use."""
    model = source.define("Page", PROPERTIES, {"force_id": False, "strict": True, **more})
    await source.autoupdate()
    return model


@on_every_store
@pytest.mark.parametrize(("name", "before", "change", "after"), CASES)
async def test_changes_come_out_alike_everywhere(
    store: str, name: str, before: Any, change: Change, after: Any
) -> None:
    """One record, many records, upserts: a change does the same on every store."""
    # DAO-123, DAO-321
    async with open_source(store) as source:
        model = await define(source)
        first = await model.create({"id": 1, name: before})
        await model.create({"id": 2, name: before})
        await model.create({"id": 3, name: before})
        assert await first.update_attributes({name: change}) is first
        assert (first[name], first.changed()) == (after, [])
        assert await model.update_all({"id": 2}, {name: change}) == {"count": 1}
        third = await model.update_or_create({"id": 3, name: change})
        assert third[name] == after
        found = await model.find()
        assert [each[name] for each in found] == [after] * 3
        fourth = await model.upsert_with_where({"id": 1}, {name: change})
        assert fourth.id == 1


@on_every_store
async def test_what_is_created_by_an_upsert_begins_at_nothing(store: str) -> None:
    """Where no record is there, changes are worked out from nothing, and defaults come too."""
    # DAO-076, DAO-123
    async with open_source(store) as source:
        model = await define(source)
        made = await model.update_or_create({"id": 1, "views": inc(3), "tags": push("a")})
        assert (made.views, made.tags, made.path) == (3, ["a"], "/")
        made = await model.upsert_with_where(
            {"id": 2}, {"id": 2, "views": mul(3), "score": unset()}
        )
        assert (made.views, made.score) == (0, None)
        await model.update_or_create({"path": "x", "views": inc()}, {"set_on_insert": {"score": 5}})
        assert [(each.views, each.score) for each in await model.find()][2] == (1, 5)


@on_every_store
async def test_counters_lose_nothing(store: str) -> None:
    """However many tasks count at once, every one of them counts."""
    # DAO-123, DAO-321
    async with open_source(store) as source:
        model = await define(source)
        await model.create(id=1, views=0)
        calls = [model.update_all({"id": 1}, {"views": inc()}) for _ in range(10)]
        calls += [model.update_or_create({"id": 1, "views": inc()}) for _ in range(10)]
        calls += [model.update_or_create({"id": 2, "views": inc()}) for _ in range(10)]
        await asyncio.gather(*calls)
        assert [each.views for each in await model.find()] == [20, 10]


@on_every_store
async def test_embedded_items_are_pushed_as_plain_data(store: str) -> None:
    """What is pushed is made an item of the list, and goes to the store as plain data."""
    async with open_source(store) as source:
        model = await define(source)
        record = await model.create(id=1, parts=[{"name": "a", "size": 1}])
        await record.update_attributes({"parts": push({"name": "b", "size": "2"})})
        assert [(each.name, each.size) for each in record.parts] == [("a", 1), ("b", 2)]
        await record.update_attributes({"parts": pull({"name": "a", "size": 1})})
        assert [each.name for each in (await model.find_one()).parts] == ["b"]


REFUSED: list[tuple[str, Any]] = [
    ("path", inc()),
    ("tags", inc()),
    ("views", push(1)),
    ("data", push(1)),
    ("any", inc()),
    ("views", inc("x")),
    ("views", inc(0.5)),
    ("views", mul(0.5)),
    ("price", inc("x")),
    ("price", inc("")),
    ("price", mul(float("inf"))),
    ("views", inc(True)),
    ("tags", push({"no": "text"})),
    ("id", inc()),
    ("fixed", inc()),
    ("unknown", inc()),
    ("views", Change("power", 2)),
]


@on_every_store
@pytest.mark.parametrize(("name", "change"), REFUSED)
async def test_changes_have_to_fit_their_property(store: str, name: str, change: Change) -> None:
    """A change of the wrong type, of an id or of what is undeclared is refused."""
    # DAO-123
    async with open_source(store) as source:
        model = await define(source)
        record = await model.create(id=1, views=1)
        for call in (
            model.update_all({}, {name: change}),
            record.update_attributes({name: change}),
        ):
            with pytest.raises(InvalidValueError) as caught:
                await call
            assert caught.value.status_code == 400
        assert (await model.find_one()).views == 1


async def test_whole_records_take_values_only() -> None:
    """Creating, saving and replacing store values; a change is refused there."""
    # DAO-123
    model = make_source().define("Page", PROPERTIES, {"force_id": False})
    for call in (
        model.create(id=1, any=inc()),
        model.create_all([{"id": 1, "path": push("a")}]),
        model.replace_or_create({"id": 1, "path": unset()}),
        model.find_or_create({"where": {"id": 1}}, {"id": 1, "any": inc()}),
    ):
        with pytest.raises((InvalidValueError, ValidationError), match="are for updates"):
            await call


async def test_a_store_that_cannot_says_so() -> None:
    """Where the store cannot work values out nothing is guessed; `unset` needs no help."""
    # DAO-123
    model = make_source().define("Page", PROPERTIES, {"force_id": False})
    record = await model.create(id=1, views=1)
    with pytest.raises(OperationNotSupportedError) as caught:
        await record.update_attributes({"views": inc()})
    assert (caught.value.code, caught.value.status_code) == ("OPERATOR_NOT_SUPPORTED", 400)
    await record.update_attributes({"views": unset()})
    assert record.views is None


@on_every_store
async def test_what_is_foreseen_is_validated(store: str) -> None:
    """A patch is validated with the value that the change is going to give."""
    # DAO-077, DAO-123
    async with open_source(store) as source:
        model = await define(source)
        record = await model.create(id=1, views=99)
        with pytest.raises(ValidationError) as caught:
            await record.update_attributes({"views": inc(2)})
        assert caught.value.details["codes"].keys() == {"views"}
        assert (record.views, (await model.find_one()).views) == (99, 99)


@on_every_store
async def test_hooks_see_changes_and_may_make_them(store: str) -> None:
    """Before the write `data` holds the change, afterwards what came of it."""
    # DAO-123, DAO-218
    async with open_source(store) as source:
        model = await define(source)
        record = await model.create(id=1, views=1, score=1)
        seen: list[Any] = []
        for hook in ("before save", "after validate", "persist", "loaded"):
            model.observe(hook, lambda context: seen.append(context.data["views"]))
        await record.update_attributes({"views": inc()})
        assert seen == [inc(), inc(), inc(), 2]
        model.observe("persist", lambda context: context.data.update(score=inc(5)))
        await record.update_attributes({"views": 3})
        assert (record.score, (await model.find_one()).score) == (6, 6)


@on_every_store
async def test_changes_may_be_written_as_data_where_that_is_allowed(store: str) -> None:
    """`{"$inc": 1}` is a change by call, model or source setting, and never in an object."""
    # DAO-008, DAO-123, DAO-172
    async with open_source(store) as source:
        model = await define(source)
        record = await model.create(id=1, views=1, data={"a": 1})
        with pytest.raises((InvalidValueError, ValidationError)):
            await record.update_attributes({"views": {"$inc": 1}})
        options = {"allow_atomic_operators": True}
        changes = {"views": {"$inc": 1}, "tags": {"$push": "a"}, "data": {"$inc": 1}}
        await record.update_attributes(changes, options)
        assert (record.views, record.tags, record.data) == (2, ["a"], {"$inc": 1})
        await model.update_all({}, {"tags": {"$pull": ["a"]}, "score": {"$unset": 1}}, options)
        assert (await model.find_one()).tags == []


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["inc", "mul"]), st.integers(-9, 9)), max_size=6))
async def test_a_row_of_changes_is_what_arithmetic_says(steps: list[tuple[str, int]]) -> None:
    """Change after change, SQLite and memory hold what Python would."""
    # DAO-123
    expected: Any = None
    for verb, number in steps:
        expected = applied(Change(verb, number), expected)
    for store in ("memory", "sqlite"):
        async with open_source(store) as source:
            model = await define(source)
            await model.create(id=1)
            for verb, number in steps:
                await model.update_all({}, {"score": Change(verb, number)})
            assert (await model.find_one()).score == expected
