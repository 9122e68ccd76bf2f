"""Many records in one call: bulk upserts and updates, parts, and lists of new records."""

import asyncio
from typing import Any

import pytest

from juggler.errors import (
    BulkOperationError,
    DuplicateEntryError,
    InvalidValueError,
    NotFoundError,
    PKMissingError,
    ValidationError,
)
from juggler.query.changes import inc
from juggler.testing.gate import Gate
from tests.persistence.shelf import NONE, make_source, shelf_of
from tests.persistence.writes.stores import on_all, on_every_store, open_source

PROPERTIES = {
    "id": {"type": "number", "id": True},
    "mail": {"type": str, "required": True, "index": {"unique": True}},
    "name": str,
    "age": {"type": "number", "max": 150},
    "kind": {"type": str, "default": "user"},
}


async def define(source: Any, **settings: Any) -> Any:
    """Return a model with two records."""
    model = source.define("Person", PROPERTIES, {"force_id": False, "strict": True, **settings})
    await source.autoupdate()
    await model.create(id=1, mail="a", name="Ada", kind="admin")
    await model.create(id=2, mail="b", name="Bea")
    return model


async def rows(model: Any) -> list[Any]:
    """Return what is stored, shortly."""
    return [(each.id, each.mail, each.name, each.kind) for each in await model.find()]


@on_all
async def test_a_list_is_merged_or_created(store: str) -> None:
    """What is there is changed and keeps its other values; what is not is created with defaults."""
    # DAO-316
    async with open_source(store) as source:
        model = await define(source)
        made = await model.bulk_upsert(
            [{"id": 3, "mail": "c", "name": "Cy"}, {"id": "1", "name": "Ann"}, {"mail": "d"}]
        )
        assert [each.name for each in made] == ["Cy", "Ann", None]
        assert [each.is_new_record() for each in made] == [False] * 3
        assert (made[1].mail, made[1].kind, made[2].id) == ("a", "admin", 4)
        assert await rows(model) == [
            (1, "a", "Ann", "admin"),
            (2, "b", "Bea", "user"),
            (3, "c", "Cy", "user"),
            (4, "d", None, "user"),
        ]
        assert await model.bulk_upsert([]) == []


@on_every_store
async def test_any_unique_properties_can_tell_which_record(store: str) -> None:
    """`match_on` is the primary key or what has a unique index; ids stay as they are."""
    # DAO-316
    async with open_source(store) as source:
        model = await define(source)
        made = await model.bulk_upsert(
            [{"mail": "b", "name": "Bo"}, {"mail": "z", "name": "Zoe"}], match_on="mail"
        )
        assert [(each.id, each.name) for each in made] == [(2, "Bo"), (3, "Zoe")]
        for wrong in ("name", [], ["mail", "name"], "nothing"):
            with pytest.raises(InvalidValueError, match="match_on"):
                await model.bulk_upsert([{"mail": "a"}], match_on=wrong)


@on_all
async def test_a_bulk_update_creates_nothing(store: str) -> None:
    """Every item needs its record; the error tells which has none."""
    # DAO-316
    async with open_source(store) as source:
        model = await define(source)
        made = await model.bulk_update([{"id": 2, "age": 5}, {"id": 1, "age": 6}])
        assert [(each.id, each.age, each.mail) for each in made] == [(2, 5, "b"), (1, 6, "a")]
        with pytest.raises(BulkOperationError) as caught:
            await model.bulk_update([{"id": 9, "age": 1}, {"age": 2}])
        errors = caught.value.errors
        assert [type(errors[index]) for index in (0, 1)] == [NotFoundError, InvalidValueError]
        assert await model.count() == 2


@on_every_store
async def test_what_is_wrong_with_one_item_stops_all(store: str) -> None:
    """Where the connector takes all at once nothing is written, and every wrong item is told."""
    # DAO-316
    async with open_source(store) as source:
        model = await define(source)
        before = await rows(model)
        with pytest.raises(BulkOperationError, match="item 1") as caught:
            await model.bulk_upsert(
                [
                    {"id": 1, "name": "new"},
                    {"id": 2, "age": 200},
                    {"id": 7},
                    5,
                    {"id": "1", "name": "again"},
                ]
            )
        errors = caught.value.errors
        assert {index: type(error) for index, error in errors.items()} == {
            1: ValidationError,
            2: ValidationError,
            3: TypeError,
            4: DuplicateEntryError,
        }
        assert caught.value.results[1].id == 2
        with pytest.raises(DuplicateEntryError):
            await model.bulk_upsert([{"id": 1, "name": "x"}, {"id": 8, "mail": "b"}])
        with pytest.raises(DuplicateEntryError):
            await model.bulk_upsert([{"id": 8, "mail": "new"}, {"id": 1, "mail": "b"}])
        assert await rows(model) == before


async def test_one_by_one_the_others_are_written() -> None:
    """On a store without bulk upserts the items that are right are written."""
    # DAO-316
    model = await define(make_source())
    with pytest.raises(BulkOperationError) as caught:
        await model.bulk_upsert([{"id": 1, "name": "new"}, {"id": 2, "age": 200}])
    assert list(caught.value.errors) == [1]
    assert [row[2] for row in await rows(model)] == ["new", "Bea"]


@on_all
async def test_each_item_has_its_hooks(store: str) -> None:
    """Observers see each item as a save of its own, with one hook state, and may change it."""
    # DAO-225, DAO-316
    async with open_source(store) as source:
        model = await define(source)
        seen: list[Any] = []

        def note(hook: str) -> Any:
            return lambda context: seen.append((hook, context.hook_state))

        for hook in ("access", "before save", "after validate", "persist", "loaded", "after save"):
            model.observe(hook, note(hook))
        model.observe("persist", lambda context: context.data.update(name="seen"))
        made = await model.bulk_upsert([{"id": 1, "age": 1}, {"id": 3, "mail": "c"}])
        assert [each.name for each in made] == ["seen", "seen"]
        assert [row[2] for row in await rows(model)] == ["seen", "Bea", "seen"]
        hooks = [hook for hook, _ in seen][: 1 + 2 * 5]
        assert hooks.count("access") == 1
        assert {hook: hooks.count(hook) for hook in set(hooks[1:])} == dict.fromkeys(hooks[1:], 2)
        assert len({id(state) for _, state in seen[1:11]}) == 2
        seen.clear()
        await model.bulk_update([{"id": 1, "age": 2}], options={"notify": False})
        assert seen == []


@on_every_store
async def test_a_scope_binds_bulk_writes(store: str) -> None:
    """Records outside the default scope are neither changed nor taken over."""
    # DAO-075, DAO-316
    async with open_source(store) as source:
        model = await define(source)
        admins = source.define(
            "Admin",
            PROPERTIES,
            {
                "force_id": False,
                "strict": True,
                "scope": {"where": {"kind": "admin"}},
                "memory": {"collection": "Person"},
                "sqlite": {"table": "person"},
            },
        )
        made = await admins.bulk_upsert([{"id": 1, "name": "Ann"}, {"id": 5, "mail": "e"}])
        assert [(each.id, each.kind) for each in made] == [(1, "admin"), (5, "admin")]
        with pytest.raises(BulkOperationError):
            await admins.bulk_upsert([{"id": 2, "mail": "b", "name": "taken"}])
        assert (2, "b", "Bea", "user") in await rows(model)


@on_every_store
async def test_bulk_writes_take_changes(store: str) -> None:
    """Counters work in lists, too."""
    # DAO-123, DAO-316
    async with open_source(store) as source:
        model = await define(source)
        made = await model.bulk_upsert([{"id": 1, "age": inc(2)}, {"id": 2, "age": inc(3)}])
        assert [each.age for each in made] == [2, 3]


async def test_bulk_writes_need_lists_and_keys() -> None:
    """What is no list, and a model without primary key, are refused."""
    model = await define(make_source())
    for bad in (None, {}, "ab"):
        with pytest.raises(TypeError, match="list"):
            await model.bulk_upsert(bad)
    log = make_source().define("Log", {"text": str}, {"id_injection": False})
    with pytest.raises(PKMissingError):
        await log.bulk_update([{"text": "a"}])


@on_every_store
async def test_one_call_to_the_connector(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many items there are, the store is read once and written once."""
    # DAO-316
    async with open_source(store) as source:
        model = await define(source)
        asked: list[str] = []
        connector = type(source.connector)
        for name in ("all", "upsert_all", "create", "update", "update_or_create", "create_all"):
            kept = getattr(connector, name)

            async def counted(self: Any, *args: Any, name: str = name, kept: Any = kept) -> Any:
                asked.append(name)
                return await kept(self, *args)

            monkeypatch.setattr(connector, name, counted)
        items = [{"id": n, "mail": f"m{n}"} for n in range(1, 40)]
        await model.bulk_upsert(items)
        assert asked == ["all", "upsert_all"]
        assert await model.count() == 39


async def test_items_may_be_stored_at_once() -> None:
    """Items wait for each other unless the options say that their order does not matter."""
    # DAO-041, DAO-046
    source = make_source(capabilities=NONE)
    model = source.define("Person", {"name": {"type": str, "required": True}})
    shelf = shelf_of(source)
    shelf.gate = Gate()
    items = [{"name": "a"}, {}, {"name": "c"}]
    task = asyncio.ensure_future(model.create(items, {"ordered": False}))
    await shelf.gate.wait_for(2)
    assert shelf.asked == ["create", "create"]
    shelf.gate.open()
    with pytest.raises(BulkOperationError) as caught:
        await task
    assert list(caught.value.errors) == [1]
    assert sorted(row["name"] for row in shelf.table("Person")) == ["a", "c"]


@on_every_store
async def test_what_nobody_watches_is_validated_all_the_same(store: str) -> None:
    """Lists that go the fast way are checked for types, rules and unknown names like any record."""
    # DAO-036, DAO-039, DAO-044
    async with open_source(store) as source:
        model = await define(source)
        for wrong, codes in (
            ({"mail": "x", "age": "old"}, {"age"}),
            ({"mail": "x", "age": 200}, {"age"}),
            ({"mail": "x", "color": "red"}, {"color"}),
            ({"name": "x"}, {"mail"}),
            ({"mail": ""}, {"mail"}),
        ):
            items = [{"mail": "fine"}, wrong]
            with pytest.raises(ValidationError) as caught:
                await model.create_all(items)
            assert caught.value.details["codes"].keys() == codes
            with pytest.raises(BulkOperationError) as bulk:
                await model.create(items)
            assert isinstance(bulk.value.errors[1], ValidationError)
            await model.destroy_all({"mail": "fine"})
        assert await model.count() == 2


# parts ----------------------------------------------------------------------------------------


async def test_lists_go_in_parts_that_the_connector_takes() -> None:
    """A connector that takes so many rows at once is asked several times; ids stay in order."""
    # DAO-047
    source = make_source()
    model = source.define("Person", {"name": str})
    shelf = shelf_of(source)
    shelf.batch_size = 3
    made = await model.create_all([{"name": str(n)} for n in range(7)])
    assert [each.id for each in made] == [1, 2, 3, 4, 5, 6, 7]
    assert shelf.asked == ["create_all"] * 3
    assert [len(rows) for _, rows in shelf.seen] == [3, 3, 1]
    await model.create([{"name": "x"}] * 4)
    assert shelf.asked[3:] == ["create_all"] * 2
