"""Creating: one record, lists of them."""

from typing import Any

import pytest
from msgspec import UNSET

from juggler.errors import (
    BulkOperationError,
    DuplicateEntryError,
    InvalidValueError,
    StoreError,
    ValidationError,
)
from tests.names import name_of
from tests.persistence.shelf import ALL, BOTH, make_source, rows_of, shelf_of


def define(capabilities: frozenset[str] = ALL, **settings: Any) -> Any:
    """Return a model of which ids are made by the store."""
    source = make_source(capabilities=capabilities)
    properties = {
        "name": {"type": str, "required": True},
        "age": {"type": int, "default": 18},
        "note": {"type": str, "default": "x", "applyDefaultOnWrites": False},
        "home": {"city": str},
        "tags": [str],
        "homes": [{"city": "number"}],
    }
    return source.define("Person", properties, settings)


async def test_create_stores_and_returns_an_instance() -> None:
    """The record gets its defaults, values of the right types, and the id the store made."""
    # DAO-033, DAO-040
    model = define()
    record = await model.create({"name": "Ada", "note": "x", "home": {"city": "Rome"}}, tags=["a"])
    assert record.to_dict() == {
        "id": 1,
        "name": "Ada",
        "age": 18,
        "note": "x",
        "home": {"city": "Rome"},
        "tags": ["a"],
    }
    assert not record.is_new_record()
    assert record.changed() == []
    assert rows_of(model) == [
        {"id": 1, "name": "Ada", "age": 18, "home": {"city": "Rome"}, "tags": ["a"]}
    ]
    assert await model.find_by_id(1) != record
    assert (await model.find_by_id(1)).name == "Ada"


async def test_the_store_shares_no_objects_with_the_instance() -> None:
    """Changing the instance's containers afterwards does not change what is stored."""
    # DAO-016
    model = define()
    tags = ["a"]
    record = await model.create(name="Ada", tags=tags)
    record.tags.append("b")
    tags.append("c")
    assert rows_of(model)[0]["tags"] == ["a"]


async def test_create_without_data_is_an_empty_record() -> None:
    """No data, None and an empty mapping are the same."""
    # DAO-002
    model = make_source().define("Empty", {"name": str})
    made = [await model.create(), await model.create(None), await model.create({})]
    assert [each.to_dict() for each in made] == [{"id": 1}, {"id": 2}, {"id": 3}]


@pytest.mark.parametrize("bad", ["x", 5, True, {1}, object()], ids=name_of)
async def test_data_that_is_no_mapping_is_a_mistake(bad: Any) -> None:
    """Data that is neither mapping, instance nor list raises TypeError and names the argument."""
    # DAO-002
    model = define()
    record = await model.create(name="Ada")
    for call in (
        model.create(bad),
        model.update_or_create(bad),
        model.replace_by_id(1, bad),
        model.replace_or_create(bad),
        model.upsert_with_where({"id": 1}, bad),
        model.find_or_create({}, bad),
        model.update_all({}, bad),
        record.update_attributes(bad),
        record.replace_attributes(bad),
    ):
        with pytest.raises(TypeError, match="data"):
            await call
    for call in (
        record.update_attributes(None),
        model.replace_by_id(1, None),
        model.upsert_with_where({"id": 1}, None),
        model.upsert_with_where(None, {"name": "x"}),
    ):
        with pytest.raises(TypeError):
            await call
    assert [row["name"] for row in rows_of(model)] == ["Ada"]


async def test_an_instance_is_stored_itself() -> None:
    """`create(instance)` and `save()` of a new one store and return that very object."""
    # DAO-030, DAO-034
    model = define(force_id=False)
    record = model(name="Ada")
    assert record.is_new_record()
    assert await model.create(record) is record
    other = model(id=7, name="Bea")
    assert await other.save() is other
    assert not other.is_new_record()
    assert [row["id"] for row in rows_of(model)] == [1, 7]
    foreign = make_source().define("Other", {"name": str})(name="Cleo", more=1)
    made = await model.create(foreign)
    assert made is not foreign
    assert made.name == "Cleo"


async def test_missing_values_are_not_sent() -> None:
    """A property that is UNSET is missing on the instance and in the store; None is stored."""
    # DAO-038
    model = define()
    record = await model.create(name="Ada", tags=UNSET, home=None)
    assert not record.is_set("tags")
    assert rows_of(model) == [{"id": 1, "name": "Ada", "age": 18, "home": None}]


async def test_persist_undefined_as_null() -> None:
    """With that setting, missing values are stored as null."""
    # DAO-100
    model = define(persist_undefined_as_null=True)
    await model.create(name="Ada")
    (row,) = rows_of(model)
    assert (row["tags"], row["home"], row["id"]) == (None, None, 1)


@pytest.mark.parametrize(
    ("strict", "outcome"),
    [(True, None), ("filter", {}), (False, {"color": "red"})],
)
async def test_unknown_properties_follow_the_strict_mode(strict: Any, outcome: Any) -> None:
    """Strict models report them, filtering ones drop them, open ones store them."""
    # DAO-039, DAO-136
    model = define(strict=strict)
    if outcome is None:
        with pytest.raises(ValidationError) as caught:
            await model.create(name="Ada", color="red")
        assert caught.value.details["codes"] == {"color": ["unknown-property"]}
        assert rows_of(model) == []
        await model.create({"name": "Ada", "color": "red"}, {"validate": False})
        outcome = {}
    else:
        await model.create(name="Ada", color="red")
    (row,) = rows_of(model)
    assert {name: row[name] for name in row if name == "color"} == outcome


async def test_what_breaks_a_rule_is_not_stored() -> None:
    """A broken rule is a 422 with the unsaved instance, and the connector is not asked."""
    # DAO-036, DAO-135
    model = define()
    with pytest.raises(ValidationError) as caught:
        await model.create(age=3)
    error = caught.value
    assert error.status_code == 422
    assert error.details["codes"] == {"name": ["presence"]}
    assert error.instance.is_new_record()
    assert error.instance.age == 3
    assert error.instance.errors
    assert shelf_of(model.data_source).asked == []


async def test_a_value_of_a_wrong_type_never_reaches_the_store() -> None:
    """Without validation a value that its type refuses is still an error."""
    # DAO-136
    model = define()
    with pytest.raises(ValidationError):
        await model.create(name="Ada", age="old")
    with pytest.raises(InvalidValueError):
        await model.create({"name": "Ada", "age": "old"}, {"validate": False})
    with pytest.raises(InvalidValueError):
        await model.update_all({}, {"age": "old"})
    with pytest.raises(InvalidValueError):
        await model.create(
            {"name": "Ada", "homes": [{"city": {"no": "text"}}]}, {"validate": False}
        )
    assert rows_of(model) == []


async def test_a_taken_id_is_a_duplicate() -> None:
    """An id that is taken is a 409, and the instance stays new."""
    # DAO-006, DAO-037
    model = define(force_id=False)
    await model.create(id=1, name="Ada")
    record = model(id=1, name="Bea")
    with pytest.raises(DuplicateEntryError, match="duplicate") as caught:
        await record.save()
    assert caught.value.status_code == 409
    assert caught.value.instance is record
    assert record.is_new_record()
    with pytest.raises(DuplicateEntryError) as caught:
        await model.create(id=1, name="Cid")
    assert (caught.value.instance.name, caught.value.instance.is_new_record()) == ("Cid", True)


@pytest.mark.parametrize("force_id", [None, True, "auto"])
async def test_ids_that_the_store_makes_cannot_be_chosen(force_id: Any) -> None:
    """With `force_id` a new record must come without id, unless nothing is validated."""
    # DAO-023, DAO-024
    settings = {} if force_id is None else {"force_id": force_id}
    model = define(**settings)
    for call in (model.create(id=5, name="Ada"), model(id=5, name="Ada").save()):
        with pytest.raises(ValidationError) as caught:
            await call
        assert caught.value.details["codes"] == {"id": ["absence"]}
    await model.create({"id": 5, "name": "Ada"}, {"validate": False})
    assert [row["id"] for row in rows_of(model)] == [5]


async def test_data_that_is_too_deep_or_circular_is_refused() -> None:
    """Data has a depth limit of its own, and must not contain itself."""
    # DAO-167, DAO-168, DAO-183
    model = make_source().define("Free", {"data": "any"})
    deep: Any = 1
    for _ in range(100):
        deep = [deep]
    circular: dict[str, Any] = {}
    circular["self"] = circular
    for data, code in ((deep, "DATA_OBJECT_TOO_DEEP"), (circular, "DATA_OBJECT_IS_CIRCULAR")):
        with pytest.raises(InvalidValueError) as caught:
            await model.create(data=data)
        assert (caught.value.code, caught.value.status_code) == (code, 400)
    await model.create({"data": deep}, {"max_depth_of_data": 200})
    with pytest.raises(InvalidValueError, match="names are text"):
        await model.create({1: 2})


# lists ------------------------------------------------------------------------------------


@BOTH
async def test_a_list_is_created_in_order(capabilities: frozenset[str]) -> None:
    """Ids follow the list; missing items are empty records; an empty list is no error."""
    # DAO-041, DAO-046
    model = define(capabilities)
    made = await model.create([{"name": "a"}, model(name="b"), {"name": "c"}])
    assert [(each.id, each.name) for each in made] == [(1, "a"), (2, "b"), (3, "c")]
    assert not any(each.is_new_record() for each in made)
    assert await model.create([]) == []
    assert await model.create_all([]) == []
    empty = make_source(capabilities=capabilities).define("Empty", {"name": str})
    assert [each.id for each in await empty.create([None, {}, UNSET])] == [1, 2, 3]


async def test_lists_go_to_the_store_in_one_call() -> None:
    """Where the connector can and nobody watches, a list is one call."""
    model = define()
    await model.create([{"name": str(n)} for n in range(10)])
    await model.create_all([{"name": str(n)} for n in range(10)])
    assert shelf_of(model.data_source).asked == ["create_all", "create_all"]
    model.observe("persist", lambda _: None)
    await model.create([{"name": "a"}, {"name": "b"}])
    assert shelf_of(model.data_source).asked[2:] == ["create", "create"]


@BOTH
async def test_failing_items_do_not_stop_the_others(capabilities: frozenset[str]) -> None:
    """What can be stored of a list is; one error tells of all that could not."""
    # DAO-041, DAO-046, MOD-114
    model = define(capabilities, force_id=False)
    await model.create(id=2, name="taken")
    with pytest.raises(BulkOperationError) as caught:
        await model.create(
            [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}, {"age": 3}, 5, {"id": 4, "name": "d"}]
        )
    error = caught.value
    assert {index: type(each) for index, each in error.errors.items()} == {
        1: DuplicateEntryError,
        2: ValidationError,
        3: TypeError,
    }
    assert error.__cause__ is error.errors[1]
    assert error.status_code == 409
    assert [error.results[index].is_new_record() for index in (0, 2, 4)] == [False, True, False]
    assert "item 2" in str(error)
    assert [row["id"] for row in rows_of(model)] == [2, 1, 4]


async def test_a_store_that_fails_is_not_asked_again() -> None:
    """Where it is unknown what a failing store kept, the items are not sent once more."""
    model = define()

    def fail(method: str) -> None:
        raise StoreError("gone")

    shelf_of(model.data_source).before = fail
    with pytest.raises(BulkOperationError) as caught:
        await model.create([{"name": "a"}, {"name": "b"}])
    assert [type(each) for each in caught.value.errors.values()] == [StoreError, StoreError]
    assert shelf_of(model.data_source).asked == ["create_all"]


async def test_many_errors_are_told_shortly() -> None:
    """The message lists a few items and says how many more there are."""
    model = define()
    with pytest.raises(BulkOperationError, match="and 7 more"):
        await model.create([{}] * 12)


async def test_create_all_is_all_or_nothing() -> None:
    """With multi-insert, any refusal means that nothing is stored."""
    # DAO-042, DAO-044, DAO-047
    model = define(force_id=False)
    saved: list[Any] = []
    model.observe("after save", saved.append)
    with pytest.raises(ValidationError):
        await model.create_all([{"name": "a"}, {"age": 1}])
    assert shelf_of(model.data_source).asked == []
    with pytest.raises(DuplicateEntryError):
        await model.create_all([{"id": 1, "name": "a"}, {"id": 1, "name": "b"}])
    assert rows_of(model) == []
    assert saved == []


async def test_create_all_takes_lists_only() -> None:
    """What is no list is a mistake."""
    # DAO-043
    bads: list[Any] = [None, {}, "ab", 5]
    for bad in bads:
        with pytest.raises(TypeError, match="list"):
            await define().create_all(bad)


@BOTH
async def test_items_have_a_hook_state_each(capabilities: frozenset[str]) -> None:
    """Each item of a bulk insert has one hook state from its first hook to its last."""
    # DAO-224, DAO-225
    model = define(capabilities)
    states: dict[str, list[Any]] = {}

    def note(context: Any) -> None:
        name = (context.instance or context.data)["name"]
        states.setdefault(name, []).append(context.hook_state)

    for hook in ("before save", "persist", "loaded", "after save"):
        model.observe(hook, note)
    await model.create_all([{"name": "a"}, {"name": "b"}])
    assert [len(each) for each in states.values()] == [4, 4]
    assert [len({id(state) for state in each}) for each in states.values()] == [1, 1]
    assert states["a"][0] is not states["b"][0]


async def test_the_same_instance_twice_is_stored_once() -> None:
    """An instance that stands twice in a list is stored once and refused then."""
    model = define(force_id=False)
    record = model(name="a")
    with pytest.raises(BulkOperationError) as caught:
        await model.create([record, record])
    assert list(caught.value.errors) == [1]
    assert len(rows_of(model)) == 1


async def test_values_beside_a_list_are_a_mistake() -> None:
    """Keywords are values of one record; a list takes none."""
    with pytest.raises(TypeError, match="keywords"):
        await define().create([{"name": "a"}], name="b")


@BOTH
async def test_a_list_may_hold_instances_of_sub_models(capabilities: frozenset[str]) -> None:
    """An instance of a model that extends this one is stored as what it is."""
    # DAO-034
    model = define(capabilities)
    source = model.data_source
    child = source.define("Child", {"toy": str}, {"base": model})
    made = await model.create([{"name": "a"}, child(name="b", toy="ball")])
    assert [each.model.model_name for each in made] == ["Person", "Child"]
    assert [row["name"] for row in shelf_of(source).table("Child")] == ["b"]
    assert [row["name"] for row in rows_of(model)] == ["a"]


async def test_a_list_that_fails_altogether_asks_nobody() -> None:
    """Where nothing is left to store, the connector is not asked."""
    model = define()
    with pytest.raises(BulkOperationError):
        await model.create([{}, {}])
    assert shelf_of(model.data_source).asked == []
