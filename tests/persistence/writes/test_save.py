"""Saving instances, and validating them."""

from typing import Any

import pytest

from juggler.errors import DuplicateEntryError, NotFoundError, ValidationError
from tests.persistence.shelf import shelf_of
from tests.persistence.writes.person import define, row_of
from tests.persistence.writes.stores import on_every_store, open_source


async def test_save_writes_the_whole_instance() -> None:
    """A stored record is written whole; what it does not know stays in the store."""
    # DAO-099, DAO-100
    model = define()
    row_of(model)["extra"] = "kept"
    ada = await model.find_by_id(1)
    ada.name = "Ann"
    assert await ada.save() is ada
    assert row_of(model)["extra"] == "kept"
    assert row_of(model)["name"] == "Ann"
    assert ada.changed() == []
    method, data = shelf_of(model.data_source).seen[-1]
    assert method == "update"
    assert "id" not in data
    assert data["age"] == 36


async def test_save_can_write_changes_only() -> None:
    """With `only_changed`, what others changed meanwhile is not overwritten."""
    # DAO-119
    model = define()
    ada = await model.find_by_id(1)
    await model.update_all({"id": 1}, {"age": 40})
    ada.name = "Ann"
    await ada.save(only_changed=True)
    assert (row_of(model)["name"], row_of(model)["age"]) == ("Ann", 40)
    await ada.save(only_changed=True)
    part = await model.find_by_id(1, {"fields": ["id", "name", "age"]})
    await model.update_all({"id": 1}, {"age": 41})
    part.name = "Amy"
    await part.save(only_changed=True)
    assert (row_of(model)["name"], row_of(model)["age"]) == ("Amy", 41)
    await model.destroy_by_id(1)
    ada.name = "Amy"
    with pytest.raises(NotFoundError):
        await ada.save(only_changed=True)


async def test_save_creates_again_what_is_gone() -> None:
    """A stored record whose row was deleted by somebody else is created again."""
    # DAO-101
    model = define()
    ada = await model.find_by_id(1)
    await model.destroy_by_id(1)
    await ada.save()
    assert row_of(model)["name"] == "Ada"


async def test_removed_values_are_cleared() -> None:
    """A value that was unset is null in the store after the save; None is null too."""
    # DAO-100, DAO-113, DAO-118
    model = define()
    ada = await model.find_by_id(1)
    ada.unset_attribute("age")
    ada.home = None
    await ada.save()
    assert row_of(model) == {"id": 1, "name": "Ada", "age": None, "home": None}
    assert "born" not in row_of(model)


async def test_a_removed_dynamic_value_is_cleared() -> None:
    """A dynamic property that was unset is null in the store after the save."""
    # DAO-118
    model = define()
    ada = await model.find_by_id(1)
    ada["color"] = "red"
    await ada.save()
    assert row_of(model)["color"] == "red"
    ada.unset_attribute("color")
    await ada.save()
    assert row_of(model)["color"] is None


async def test_an_instance_remembers_what_the_last_write_changed() -> None:
    """After a write nothing is unsaved, and `previous_changes` tells what was written."""
    # DAO-119, MOD-85
    model = define()
    ada = await model.find_by_id(1)
    ada.name = "Ann"
    await ada.save()
    assert dict(ada.previous_changes) == {"name": ("Ada", "Ann")}
    ada.name = "Amy"
    await ada.update_attributes({"age": 3})
    assert dict(ada.previous_changes) == {"age": (36, 3)}
    assert ada.changed() == ["name"]


async def test_a_list_that_changed_in_place_is_written() -> None:
    """A list tells of its changes wherever the instance comes from; a save of changes writes it."""
    # MOD-85
    model = define()
    row_of(model)["tags"] = ["a"]
    loaded, made = await model.find_by_id(1), await model.create(id=2, name="Eve", tags=["a"])
    for one in (loaded, made, await loaded.reload()):
        one.tags.append(5)
        one.name = one.name
        assert one.changed() == ["tags"]
        await one.save(only_changed=True)
        assert dict(one.previous_changes) == {"tags": (["a"], ["a", "5"])}
        assert one.changed() == []
        one.tags.pop()
        await one.save(only_changed=True)
    assert row_of(model)["tags"] == ["a"]
    assert type(row_of(model)["tags"]) is list
    await loaded.update_attributes({"tags": ["b"]})
    loaded.tags.append("c")
    assert loaded.changes() == {"tags": (["b"], ["b", "c"])}


async def test_a_partial_instance_writes_what_it_has() -> None:
    """An instance with chosen fields writes those and what was set, and is validated on those."""
    # DAO-097
    model = define()
    ada = await model.find_by_id(1, {"fields": ["id", "age"]})
    ada.age = 1
    ada.born = "2020-01-01"
    await ada.save()
    assert row_of(model)["name"] == "Ada"
    assert (row_of(model)["age"], row_of(model)["born"].year) == (1, 2020)
    await ada.update_attributes({"age": 2})
    assert row_of(model)["age"] == 2
    with pytest.raises(ValidationError):
        await ada.update_attributes({"name": ""})
    await model.destroy_by_id(1)
    with pytest.raises(NotFoundError):
        await ada.save()


async def test_an_invalid_save_writes_nothing() -> None:
    """A stored record that breaks a rule is not written; the error has the instance."""
    # DAO-099, DAO-135
    model = define()
    ada = await model.find_by_id(1)
    ada.name = None
    with pytest.raises(ValidationError) as caught:
        await ada.save()
    assert caught.value.instance is ada
    assert row_of(model)["name"] == "Ada"
    assert ada.changed() == ["name"]
    await ada.save({"validate": False})
    assert row_of(model)["name"] is None


async def test_a_destroyed_record_is_saved_when_forced() -> None:
    """Saving a deleted record raises, unless it is to be created again."""
    # DAO-133, MOD-86
    model = define()
    ada = await model.find_by_id(1)
    await ada.destroy()
    assert ada.is_destroyed()
    assert not ada.is_new_record()
    with pytest.raises(NotFoundError):
        await ada.save()
    await ada.save(force=True)
    assert not ada.is_destroyed()
    assert row_of(model)["name"] == "Ada"
    with pytest.raises(DuplicateEntryError):
        await model.create(ada)


async def test_is_valid_tells_and_reports() -> None:
    """`is_valid` runs the rules without the store; `errors` says what is broken."""
    model = define()
    assert await model(name="x").is_valid()
    record = model(age="old")
    assert not await record.is_valid()
    assert set(record.errors.codes) == {"name", "age"}
    assert await record.is_valid({"name": "x", "age": 3})
    assert not record.errors
    assert record.age == "old"
    assert shelf_of(model.data_source).asked == []


@pytest.mark.parametrize(
    ("settings", "options", "is_checked"),
    [
        ({}, {}, True),
        ({}, {"validate": False}, False),
        ({"automatic_validation": False}, {}, False),
        ({"automatic_validation": False}, {"validate": True}, True),
    ],
)
async def test_validation_can_be_switched(
    settings: dict[str, Any], options: dict[str, Any], is_checked: bool
) -> None:
    """The call's option counts first, then the model's setting; without both it is on."""
    # DAO-134
    model = define(**settings)
    ada = await model.find_by_id(1)
    other = await model.find_by_id(1)
    other.name = ""
    calls = [
        lambda: model.create({"id": 5}, options),
        lambda: model.create_all([{"id": 6}], options),
        lambda: ada.update_attributes({"name": ""}, options),
        lambda: other.save(options),
        lambda: model.replace_by_id(1, {}, options),
        lambda: ada.replace_attributes({}, options),
        lambda: model.replace_or_create({"id": 1}, options),
        lambda: model.find_or_create({"where": {"id": 9}}, {"id": 9}, options),
        lambda: model.upsert_with_where({"id": 10}, {"id": 10}, options),
        lambda: model.update_or_create({"id": 11}, options),
    ]
    for call in calls:
        if is_checked:
            with pytest.raises(ValidationError):
                await call()
        else:
            await call()


@on_every_store
@pytest.mark.parametrize("version", [False, True])
async def test_a_record_that_left_the_scope_is_not_found(store: str, version: bool) -> None:
    """Saving what is outside the scope by now neither writes it nor makes it again."""
    # DAO-075, DAO-101
    async with open_source(store) as source:
        model = source.define(
            "Note",
            {
                "id": {"type": int, "id": True},
                "text": str,
                "gone": {"type": bool, "default": False},
                "rev": {"type": int, "version": version},
            },
            {"scope": {"where": {"gone": False}}, "attributes": False},
        )
        await source.autoupdate()
        await model.create([{"id": 1, "text": "a"}, {"id": 2, "text": "b"}])
        late, again = await model.find_by_id(1), await model.find_by_id(2)
        removed = await model.find_by_id(1)
        removed.gone = True
        await removed.save()
        late.text = removed.text = "x"
        for record in (late, removed):
            with pytest.raises(NotFoundError, match="no Note with id 1"):
                await record.save()
        assert [each.text for each in await model.unscoped().find(order="id")] == ["a", "b"]
        if not version:
            await model.destroy_by_id(2)
            await again.save()
            assert [each.id for each in await model.find()] == [2]
