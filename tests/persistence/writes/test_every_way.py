"""What holds whichever way a value takes into the store: setters, JSON, unknown names, hooks."""

from typing import Any

import pytest

from juggler.errors import InvalidValueError, ValidationError
from tests.persistence.shelf import make_source, shelf_of
from tests.persistence.writes.stores import on_all, on_every_store, open_source

# setters --------------------------------------------------------------------------------------


def with_setter(source: Any, calls: list[Any]) -> Any:
    """Return a model whose passwords are stored as something else."""
    model = source.define(
        "Login",
        {"id": {"type": "number", "id": True}, "name": str, "password": str},
        {"force_id": False},
    )

    def hashed(instance: Any, value: Any) -> None:
        calls.append(value)
        if value == "bad":
            raise ValueError("too simple")
        instance.set_raw("password", f"#{value}")

    model.setter("password")(hashed)
    return model


FIFTH = {"id": 5}
WAYS: list[tuple[str, Any]] = [
    ("create", lambda m, v: m.create({"id": 5, "password": v})),
    ("list", lambda m, v: m.create([{"id": 5, "password": v}])),
    ("create_all", lambda m, v: m.create_all([{"id": 5, "password": v}])),
    ("upsert", lambda m, v: m.update_or_create({"id": 5, "password": v})),
    ("upsert there", lambda m, v: m.update_or_create({"id": 1, "password": v})),
    ("upsert_with_where", lambda m, v: m.upsert_with_where({"id": 1}, {"password": v})),
    ("update_all", lambda m, v: m.update_all({"id": 1}, {"password": v})),
    ("replace_or_create", lambda m, v: m.replace_or_create({"id": 5, "password": v})),
    ("replace_by_id", lambda m, v: m.replace_by_id(1, {"password": v})),
    (
        "find_or_create",
        lambda m, v: m.find_or_create({"where": {"id": 5}}, {"id": 5, "password": v}),
    ),
    ("bulk_upsert", lambda m, v: m.bulk_upsert([{"id": 5, "password": v}])),
    ("bulk_update", lambda m, v: m.bulk_update([{"id": 1, "password": v}])),
]


async def patch(model: Any, value: Any) -> None:
    """Change the first record through its instance."""
    await (await model.find_by_id(1)).update_attributes({"password": value})


async def assign(model: Any, value: Any) -> None:
    """Assign, and save."""
    record = await model.find_by_id(1)
    record.password = value
    await record.save()
    await record.save()


@on_every_store
@pytest.mark.parametrize(("name", "way"), [*WAYS, ("patch", patch), ("save", assign)])
async def test_setters_run_once_for_what_callers_give(store: str, name: str, way: Any) -> None:
    """Each value goes through its setter once, and what that made is what is stored."""
    # DAO-055, DAO-115, DAO-121, DAO-122
    async with open_source(store) as source:
        calls: list[Any] = []
        model = with_setter(source, calls)
        await source.autoupdate()
        await model.create({"id": 1, "name": "Ada", "password": "old"})
        calls.clear()
        await way(model, "new")
        assert calls == ["new"]
        assert "#new" in [each.password for each in await model.find()]


@on_every_store
@pytest.mark.parametrize(("name", "way"), [*WAYS, ("patch", patch)])
async def test_a_setter_that_refuses_ends_the_call(store: str, name: str, way: Any) -> None:
    """An error in a setter rejects the call: nothing is written, and no save hook has run."""
    # DAO-035, DAO-055, DAO-115
    async with open_source(store) as source:
        model = with_setter(source, [])
        await source.autoupdate()
        await model.create({"id": 1, "name": "Ada", "password": "old"})
        seen: list[Any] = []
        for hook in ("persist", "after save"):
            model.observe(hook, seen.append)
        if name == "create":
            model.observe("before save", seen.append)
        with pytest.raises(Exception, match="too simple"):
            await way(model, "bad")
        assert seen == []
        assert [each.password for each in await model.find()] == ["#old"]


# JSON -----------------------------------------------------------------------------------------

VALUES: list[Any] = [{"a": [1, None, {"b": "ä"}]}, [1, "x", None], "text", 5, True, None]
WRITES: list[tuple[str, Any]] = [
    ("create", lambda m, data: m.create({"id": 5, **data})),
    ("create_all", lambda m, data: m.create_all([{"id": 5, **data}])),
    ("update_or_create", lambda m, data: m.update_or_create({"id": 1, **data})),
    ("upsert_with_where", lambda m, data: m.upsert_with_where({"id": 1}, data)),
    ("replace_or_create", lambda m, data: m.replace_or_create({"id": 1, **data})),
    ("replace_by_id", lambda m, data: m.replace_by_id(1, data)),
    ("find_or_create", lambda m, data: m.find_or_create({"where": {"id": 5}}, {"id": 5, **data})),
    ("update_all", lambda m, data: m.update_all({"id": 1}, data)),
    ("bulk_upsert", lambda m, data: m.bulk_upsert([{"id": 1, **data}])),
]


@on_every_store
@pytest.mark.parametrize(("name", "write"), WRITES)
async def test_json_values_come_back_from_every_write(store: str, name: str, write: Any) -> None:
    """Lists, objects and anything are encoded once on every way, and null stays null."""
    # DAO-081, DAO-235
    async with open_source(store) as source:
        model = source.define(
            "Doc",
            {
                "id": {"type": "number", "id": True},
                "any": "any",
                "object": "object",
                "list": ["any"],
                "home": {"city": str},
            },
            {"force_id": False},
        )
        await source.autoupdate()
        await model.create(id=1)
        for value in VALUES:
            is_object, is_list = isinstance(value, dict), isinstance(value, list)
            data = {
                "any": value,
                "object": value if is_object else None,
                "list": value if is_list else None,
                "home": {"city": "Bonn"} if is_object else None,
            }
            await write(model, data)
            found = await model.find_by_id(5) or await model.find_by_id(1)
            assert {name: found.to_dict()[name] for name in data} == data
            await model.destroy_by_id(5)


async def test_sqlite_holds_json_text_and_real_nulls() -> None:
    """In the table a list is JSON text, encoded once, and None is NULL."""
    # DAO-235
    async with open_source("sqlite") as source:
        model = source.define("Doc", {"any": "any", "list": ["any"]})
        await source.autoupdate()
        await model.create(any={"a": 1}, list=["x"])
        await model.create(any=None, list=None)
        answer = await source.connector.execute('SELECT "any", "list" FROM doc ORDER BY id')
        assert [tuple(row) for row in answer.rows] == [('{"a":1}', '["x"]'), (None, None)]


# unknown names --------------------------------------------------------------------------------


@on_all
@pytest.mark.parametrize("strict", [True, "filter", False])
async def test_replacements_treat_unknown_names_as_the_model_says(store: str, strict: Any) -> None:
    """Strict models report them, filtering ones drop them, and only open ones may store them."""
    # DAO-068
    async with open_source(store) as source:
        model = source.define(
            "Person",
            {"id": {"type": "number", "id": True}, "name": str},
            {"force_id": False, "strict": strict},
        )
        if store == "sqlite" and strict is False:
            return  # a table has no place for them
        await source.autoupdate()
        record = await model.create(id=1, name="Ada")
        for call in (
            lambda: model.replace_by_id(1, {"name": "Bea", "x": 1}),
            lambda: model.replace_or_create({"id": 1, "name": "Bea", "x": 1}),
            lambda: record.replace_attributes({"name": "Bea", "x": 1}),
        ):
            if strict is True:
                with pytest.raises(ValidationError) as caught:
                    await call()
                assert caught.value.details["codes"] == {"x": ["unknown-property"]}
            else:
                found = await call()
                assert ("x" in found) is (strict is False)


async def test_an_upsert_cannot_choose_an_id_that_the_store_makes() -> None:
    """With `force_id` a new record comes without id, and an update keeps the one it has."""
    # DAO-061, DAO-106
    model = make_source().define("Person", {"name": str}, {"force_id": True})
    await model.create(name="Ada")
    with pytest.raises(ValidationError) as caught:
        await model.upsert_with_where({"name": "nobody"}, {"id": 9, "name": "Bea"})
    assert caught.value.details["codes"] == {"id": ["absence"]}
    with pytest.raises(InvalidValueError, match="id"):
        await model.upsert_with_where({"name": "Ada"}, {"id": 9, "name": "Bea"})
    found = await model.upsert_with_where({"name": "Ada"}, {"id": 1, "name": "Bea"})
    assert (found.id, found.name) == (1, "Bea")


# instances ------------------------------------------------------------------------------------


async def test_set_attributes_forces_the_scope_and_tells() -> None:
    """It sets what is given through setters, then what the scope demands, and emits "set"."""
    # DAO-112
    model = make_source().define(
        "Admin", {"name": str, "kind": str}, {"scope": {"where": {"kind": "admin"}}}
    )
    told: list[Any] = []
    model.on("set", told.append)
    record = model(name="Ada")
    told.clear()
    record.set_attributes({"name": "Bea", "kind": "user"})
    assert (record.name, record.kind, told) == ("Bea", "admin", [record])
    record.set_attributes("nothing")
    record.set_attribute("kind", "user")
    assert (record.kind, record.name) == ("user", "Bea")


async def test_a_saved_instance_shows_what_loaded_observers_left() -> None:
    """After a save, as after a creation, the instance is what "loaded" made of the stored data."""
    # DAO-102, DAO-219
    model = make_source().define("Person", {"name": str, "age": "number"})

    def mask(context: Any) -> None:
        context.data = {**context.data, "name": context.data["name"].upper()}

    ada = await model.create(name="Ada", age=3)
    model.observe("loaded", mask)
    await ada.save()
    assert (ada.name, ada.changed()) == ("ADA", [])
    assert shelf_of(model.data_source).table("Person")[0]["name"] == "Ada"


@on_all
async def test_loaded_data_is_what_was_written(store: str) -> None:
    """A new record's has its id and all values; a patch's has the given properties alone."""
    # DAO-213, DAO-214
    async with open_source(store) as source:
        model = source.define("Person", {"name": str, "age": "number", "kind": str})
        await source.autoupdate()
        seen: list[Any] = []
        model.observe("loaded", lambda context: seen.append(dict(context.data)))
        ada = await model.create(name="Ada", age=3)
        await ada.update_attributes({"age": 4})
        await ada.save()
        await model.replace_by_id(1, {"name": "Bea"})
        created, patched, saved, replaced = seen
        assert {**created, "kind": None} == {"id": 1, "name": "Ada", "age": 3, "kind": None}
        assert patched == {"age": 4}
        assert {**saved, "kind": None} == {"id": 1, "name": "Ada", "age": 4, "kind": None}
        assert (replaced["id"], replaced["name"], replaced.get("age")) == (1, "Bea", None)


async def test_a_delete_that_observers_turned_into_a_query_keeps_the_options() -> None:
    """Options reach the connector whatever the hooks make of the condition."""
    # DAO-127, DAO-131
    source = make_source()
    model = source.define("Person", {"name": str})
    ada = await model.create(name="Ada")
    bea = await model.create(name="Bea")
    model.observe("access", lambda context: setattr(context, "query", {"where": {"name": "Bea"}}))
    options = {"anything": object()}
    assert await ada.destroy(options) == {"count": 1}
    assert shelf_of(source).options[-1] is options
    assert [row["name"] for row in shelf_of(source).table("Person")] == ["Ada"]
    assert await bea.destroy(options) == {"count": 0}


@on_all
async def test_upsert_with_where_takes_its_condition_by_the_types(store: str) -> None:
    """Condition and data are coerced, hooks run in order, and one record alone may match."""
    # DAO-056, DAO-059
    async with open_source(store) as source:
        model = source.define("Person", {"name": str, "age": "number"})
        await source.autoupdate()
        await model.create([{"name": "Ada", "age": 3}, {"name": "Bea", "age": 4}])
        order: list[str] = []
        for hook in ("access", "before save", "persist", "loaded", "after save"):
            model.observe(hook, lambda _, hook=hook: order.append(hook))
        found = await model.upsert_with_where({"age": "4"}, {"age": "5"})
        assert (found.name, found.age) == ("Bea", 5)
        assert order == ["access", "before save", "persist", "loaded", "after save"]
