"""Changing: update_attributes, update_all, save."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import UNSET

from juggler.errors import (
    InvalidQueryError,
    InvalidValueError,
    NotFoundError,
    OperationNotSupportedError,
    ValidationError,
)
from tests.persistence.shelf import BOTH, make_source, shelf_of
from tests.persistence.writes.person import define, row_of

# update_attributes ------------------------------------------------------------------------


async def test_only_the_given_properties_are_written() -> None:
    """A patch goes to store and instance; the rest, and unsaved changes, stay as they are."""
    # DAO-103
    model = define()
    ada = await model.find_by_id(1)
    ada.age = 99
    assert await ada.update_attributes({"name": "Ann", "tags": ["a"]}) is ada
    assert row_of(model) == {
        "id": 1,
        "name": "Ann",
        "age": 36,
        "home": {"city": "Rome", "street": "Via"},
        "tags": ["a"],
    }
    assert (ada.name, ada.age, ada.changed()) == ("Ann", 99, ["age"])
    assert shelf_of(model.data_source).seen[-1] == ("update", {"name": "Ann", "tags": ["a"]})


async def test_values_of_a_patch_are_coerced() -> None:
    """A patch is coerced to the types; embedded objects are replaced whole, as plain dicts."""
    # DAO-109
    model = define()
    ada = await model.find_by_id(1)
    await ada.patch_attributes({"age": "7", "born": "2020-01-02", "home": {"city": "Oslo"}})
    born = dt.datetime(2020, 1, 2, tzinfo=dt.UTC)
    assert (ada.age, ada.born, ada.home.city, ada.home.street) == (7, born, "Oslo", None)
    assert row_of(model)["home"] == {"city": "Oslo"}
    assert row_of(model)["born"] == born


async def test_one_attribute_and_none_at_all() -> None:
    """`update_attribute` is a patch of one; an empty patch is one that needs the record."""
    # DAO-105, DAO-111
    model = define()
    ada = await model.find_by_id(1)
    assert (await ada.update_attribute("age", 5)).age == 5
    await ada.update_attributes({})
    await ada.update_attributes({"age": UNSET, "nowhere": UNSET})
    assert row_of(model)["age"] == 5
    await model.destroy_by_id(1)
    with pytest.raises(NotFoundError):
        await ada.update_attributes({})


async def test_an_instance_may_be_the_patch() -> None:
    """The values of an instance are used; what it lacks stays."""
    # DAO-104
    model = define()
    ada = await model.find_by_id(1)
    other = model.build({"age": 4}, defaults=False)
    await ada.update_attributes(other)
    assert (ada.name, ada.age) == ("Ada", 4)


@pytest.mark.parametrize(
    ("strict", "outcome"), [(True, "raise"), ("filter", {}), (False, {"color": "red"})]
)
async def test_unknown_properties_of_a_patch(strict: Any, outcome: Any) -> None:
    """Strict models refuse them, filtering ones drop them, open ones store and show them."""
    # DAO-107
    model = define(strict=strict)
    ada = await model.find_by_id(1)
    if outcome == "raise":
        with pytest.raises(ValidationError) as caught:
            await ada.update_attributes({"age": 1, "color": "red"})
        assert caught.value.details["codes"] == {"color": ["unknown-property"]}
        assert ada.age == row_of(model)["age"] == 36
        await ada.update_attributes({"age": 1})
        return
    await ada.update_attributes({"color": "red"})
    assert {name: row_of(model)[name] for name in row_of(model) if name == "color"} == outcome
    assert ada.get("color") == outcome.get("color")


async def test_a_patch_that_breaks_a_rule_changes_nothing() -> None:
    """The whole instance is validated with the patch on it; a refusal leaves it as it was."""
    # DAO-103, DAO-108
    model = define()
    ada = await model.find_by_id(1)
    with pytest.raises(ValidationError) as caught:
        await ada.update_attributes({"age": 1, "name": ""})
    assert caught.value.instance is ada
    assert dict(ada.errors)
    assert (ada.name, ada.age, ada.changed()) == ("Ada", 36, [])
    assert row_of(model)["age"] == 36
    await ada.update_attributes({"name": ""}, {"validate": False})
    assert row_of(model)["name"] == ""


@pytest.mark.parametrize("options", [{}, {"validate": False}])
async def test_a_patch_of_what_is_not_there_is_not_found(options: dict[str, Any]) -> None:
    """A record that is gone, or was never stored, is a 404 that names the id."""
    # DAO-108
    model = define()
    for record in (model(id=77, name="x"), model.load({"id": 77, "name": "x"})):
        with pytest.raises(NotFoundError, match="77") as caught:
            await record.update_attributes({"name": "y"}, options)
        assert caught.value.status_code == 404
        assert record.name == "x"


@pytest.mark.parametrize("same", [1, "1", 1.0, "01"])
async def test_a_patch_may_repeat_the_id(same: Any) -> None:
    """The id of the record, in any form of it, is no change."""
    # DAO-027, DAO-106
    model = define()
    ada = await model.find_by_id(1)
    await ada.update_attributes({"id": same, "age": 7})
    assert (ada.id, ada.age, row_of(model)["id"]) == (1, 7, 1)


@pytest.mark.parametrize("force_id", [True, False])
@pytest.mark.parametrize("other", [2, "2", None, "", 0, True, [1], {"neq": 1}])
async def test_a_patch_cannot_change_the_id(other: Any, force_id: bool) -> None:
    """Another id is a 400 that names both; nothing is written."""
    # DAO-027, DAO-106
    model = define(force_id=force_id)
    ada = await model.find_by_id(1)
    with pytest.raises(InvalidValueError) as caught:
        await ada.update_attributes({"id": other, "age": 7})
    assert (caught.value.code, caught.value.status_code) == ("INVALID_ID", 400)
    assert f"from 1 to {other!r}" in str(caught.value)
    assert row_of(model)["age"] == ada.age == 36


NATIVE = {"$set": {"age": 5}, "$unset": {"born": ""}}


async def test_operators_of_the_store_reach_it_untouched() -> None:
    """Where they are allowed, and the connector has any, they go there without a strict check."""
    # DAO-107, DAO-172
    model = define(
        strict=True,
        allow_extended_operators=True,
        capabilities=frozenset({"extended_operators"}),
    )
    ada = await model.find_by_id(1)
    seen = shelf_of(model.data_source).seen
    await ada.update_attributes({"name": "Ann", **NATIVE})
    assert seen[-1] == ("update", {"name": "Ann", **NATIVE})
    assert (ada.name, ada.age, ada.changed(), "$set" in ada) == ("Ann", 36, [], False)
    await model.update_all({"id": 1}, NATIVE)
    assert seen[-1] == ("update", NATIVE)
    with pytest.raises(ValidationError):
        await ada.update_attributes(NATIVE, {"allow_extended_operators": False})


@pytest.mark.parametrize("strict", [True, False, "filter"])
async def test_a_store_without_operators_of_its_own_refuses_them(strict: Any) -> None:
    """They are neither stored as properties nor dropped, whatever the model does with names."""
    # DAO-172, DAO-173
    model = define(strict=strict, allow_extended_operators=True)
    ada = await model.find_by_id(1)
    former = dict(row_of(model))
    for call in (ada.update_attributes(NATIVE), model.update_all({}, NATIVE)):
        with pytest.raises(OperationNotSupportedError, match=r"Person has no.*\$set") as caught:
            await call
        assert (caught.value.code, caught.value.status_code) == ("OPERATOR_NOT_SUPPORTED", 400)
    assert row_of(model) == former


# update_all ---------------------------------------------------------------------------------


async def test_update_all_changes_what_matches() -> None:
    """Condition and data are coerced; the answer is how many matched."""
    # DAO-114, DAO-115
    model = define()
    await model.create([{"id": n, "name": str(n), "age": n} for n in (2, 3)])
    assert await model.update_all({"age": {"lt": "3"}}, {"age": "50", "tags": UNSET}) == {
        "count": 1
    }
    assert await model.update({"age": 50}, {"home": {"city": "Bonn"}}) == {"count": 1}
    assert await model.update_all({"name": "nobody"}, {"age": 1}) == {"count": 0}
    assert await model.update_all(where={"id": 1}, data={"age": 2}) == {"count": 1}
    assert await model.update_all({"id": 1}, data={"age": 3}) == {"count": 1}
    assert await model.update_all({"born": "2020-01-01"}) == {"count": 3}
    assert await model.update_all({"id": 1}, {}) == {"count": 1}
    rows = shelf_of(model.data_source).table("Person")
    assert [(row["age"], row["born"].year, row["home"]["city"]) for row in rows[:2]] == [
        (3, 2020, "Rome"),
        (50, 2020, "Bonn"),
    ]


async def test_update_all_without_data_is_a_mistake() -> None:
    """Data that is missing, or given twice, raises before anything happens."""
    model = define()
    for call in (
        model.update_all(where={"id": 1}),
        model.update_all({"id": 1}, None),
        model.update_all({"id": 1}, {}, where={}),
        model.update_all({"id": 1}, {}, data={}),
        model.update_all(),
    ):
        with pytest.raises(TypeError):
            await call


async def test_update_all_leaves_ids_alone() -> None:
    """The id of many records cannot be changed, by whatever route; no further hook is told."""
    # DAO-117
    model = define()
    told: list[Any] = []
    for hook in ("after validate", "persist"):
        model.observe(hook, told.append)
    for data in ({"id": 2}, {"id": 1}, {"id": None, "age": 1}):
        with pytest.raises(InvalidValueError, match=r"'id'.*Person") as caught:
            await model.update_all({"id": 1}, data)
        assert (caught.value.code, caught.value.status_code) == ("INVALID_ID", 400)
    assert (row_of(model)["id"], told) == (1, [])


async def test_update_all_refuses_what_is_no_date() -> None:
    """A value that its type refuses is an error though nothing is validated."""
    # DAO-115, DAO-116
    model = define()
    with pytest.raises(InvalidValueError):
        await model.update_all({}, {"born": "yesterday-ish"})
    with pytest.raises(InvalidQueryError):
        await model.update_all({"born": "yesterday-ish"}, {"age": 1})


async def test_update_all_is_strict() -> None:
    """A strict model refuses unknown properties in bulk too, a filtering one drops them."""
    # DAO-117
    model = define(strict=True)
    with pytest.raises(ValidationError) as caught:
        await model.update_all({}, {"color": "red"})
    assert caught.value.details["codes"] == {"color": ["unknown-property"]}
    assert await model.update_all({}, {"color": "red", "age": 1}, {"validate": False})
    assert "color" not in row_of(model)
    model = define(strict="filter")
    await model.update_all({}, {"color": "red"})
    assert "color" not in row_of(model)


@pytest.mark.parametrize(
    ("settings", "options", "is_checked"),
    [
        ({}, {}, False),
        ({}, {"validate": True}, True),
        ({"validate_update": True}, {}, True),
        ({"validate_update": True}, {"validate": False}, False),
        ({"automatic_validation": True}, {}, True),
        ({"automatic_validation": True, "validate_update": False}, {}, False),
    ],
)
async def test_update_all_validates_when_asked(
    settings: dict[str, Any], options: dict[str, Any], is_checked: bool
) -> None:
    """When asked, the given properties are validated, and no others."""
    # DAO-116, DAO-120, DAO-134
    model = define(**settings)
    model.validates_numericality_of("age", int=True)
    await model.update_all({}, {"age": 5}, {"validate": True})
    call = model.update_all({}, {"name": ""}, options)
    if is_checked:
        with pytest.raises(ValidationError) as caught:
            await call
        assert caught.value.details["codes"] == {"name": ["presence"]}
    else:
        await call


async def test_rules_of_bulk_updates_get_the_options() -> None:
    """A custom rule sees the call's options, in bulk too."""
    # DAO-120, DAO-137
    model = define()
    seen: list[Any] = []
    model.validate("age", lambda *given: seen.append(given[-1]))
    options = {"validate": True}
    await model.update_all({}, {"age": 5}, options)
    await model.create({"id": 5, "name": "x"}, options)
    assert [each is options for each in seen] == [True, True]


CHANGES: dict[str, Callable[[Any], Any]] = {
    "update_or_create": lambda model: model.update_or_create({"id": 1, "level": 1}),
    "upsert_with_where": lambda model: model.upsert_with_where({"id": 1}, {"level": 1}),
    "update_all": lambda model: model.update_all({}, {"level": 1}),
    "bulk_update": lambda model: model.bulk_update([{"id": 1, "level": 1}]),
    "bulk_upsert": lambda model: model.bulk_upsert([{"id": 1, "level": 1}]),
}


@BOTH
@pytest.mark.parametrize("option", ["apply_default_on_writes", "persist_default_values"])
@pytest.mark.parametrize("name", CHANGES)
async def test_a_change_to_the_default_is_written(
    name: str, option: str, capabilities: frozenset[str]
) -> None:
    """What is left out of a new record while it is the default is not left out of a change."""
    # MOD-32, MOD-33, DAO-040
    source = make_source(capabilities=capabilities)
    level = {"type": int, "default": 1, option: False}
    model = source.define("Person", {"id": {"type": int, "id": True}, "level": level})
    await model.create({"id": 1, "level": 2})
    await CHANGES[name](model)
    assert shelf_of(source).table("Person") == [{"id": 1, "level": 1}]
    await model.destroy_all({})
    await model.update_or_create({"id": 1, "level": 1})
    assert shelf_of(source).table("Person") == [{"id": 1}]
