"""Uniqueness: what counts as taken, and where it is asked."""

from typing import Any

import pytest

from juggler import tenant
from juggler.datasource.datasource import DataSource
from juggler.errors import (
    ConnectorDetachedError,
    StoreError,
    ValidationError,
)
from juggler.facade.default import ModelRegistry
from juggler.testing.recorder import Recorder
from tests.persistence.unique import FIELDS, asked, codes, define


# MOD-109, MOD-102, MOD-108
async def test_a_value_that_another_record_has_is_refused() -> None:
    """Code and text are those of uniqueness; the record is not stored and stays new."""
    users = define()
    await users.create(email="a")
    with pytest.raises(ValidationError) as caught:
        await users.create(email="a")
    assert caught.value.details["codes"] == {"email": ["uniqueness"]}
    assert caught.value.details["messages"] == {"email": ["is not unique"]}
    assert caught.value.status_code == 422
    assert caught.value.instance.is_new_record()
    assert await users.count() == 1
    assert await users.create(email="A")


# MOD-109
@pytest.mark.parametrize("value", [None, "", {}])
async def test_blank_values_pass_without_a_query(value: Any) -> None:
    """None, empty text and what was never given are not looked for; a blank is a value."""
    users = define()
    data = {} if value == {} else {"email": value}
    await users.create(data)
    await users.create(data)
    assert asked(users) == ["create", "create"]
    await users.create(email=" ")
    with pytest.raises(ValidationError):
        await users.create(email=" ")


# MOD-109
async def test_scope_counts_where_it_was_given() -> None:
    """What it is scoped to has to be equal too, null included; what was never given is left out."""
    users = define({"scopedTo": ["org"]})
    await users.create(email="a", org=1)
    await users.create(email="a", org=2)
    await users.create(email="a", org=None)
    for data in ({"org": 1}, {"org": None}, {}):
        with pytest.raises(ValidationError):
            await users.create(email="a", **data)


# MOD-109
async def test_ignoring_case_compares_whole_texts() -> None:
    """Case does not count, signs with a meaning in patterns stand for themselves."""
    users = define({"ignore_case": True})
    await users.create(email="Ada_L%\\@x")
    for other in ("ada_l%\\@X", "ADA_L%\\@X"):
        with pytest.raises(ValidationError):
            await users.create(email=other)
    for other in ("adaxl%\\@x", "ada_ll\\@x", "ada_l%\\@xx", "a", "%", "ada_l%@x"):
        assert await users.create(email=other)


# MOD-109 (Do better: ignore_case on a non-text value)
async def test_ignoring_case_of_a_number_compares_plainly() -> None:
    """A value that is no text is compared as it is."""
    users = define({"ignore_case": True}, properties={"email": "number"})
    await users.create(email=5)
    with pytest.raises(ValidationError):
        await users.create(email="5")
    assert await users.create(email=55)


# MOD-109
async def test_a_record_is_no_duplicate_of_itself() -> None:
    """Saving and updating a record that has the value already passes; another's is refused."""
    users = define()
    one, two = await users.create(email="a"), await users.create(email="b")
    await one.save()
    await one.update_attributes({"email": "a", "org": 3})
    found = await users.find_by_id(two.id)
    assert await found.is_valid()
    for change in (
        lambda: found.update_attributes({"email": "a"}),
        lambda: users.replace_by_id(two.id, {"email": "a"}),
        lambda: users.upsert_with_where({"email": "b"}, {"email": "a"}),
    ):
        with pytest.raises(ValidationError):
            await change()
    found.email = "a"
    assert not await found.is_valid()
    with pytest.raises(ValidationError):
        await found.save()
    assert await found.is_valid({"email": "c"})


# MOD-109
async def test_two_records_with_the_value_make_each_invalid() -> None:
    """More than one record with the value is a failure, the record itself among them or not."""
    users = define()
    one = await users.create(email="a")
    await users.create({"email": "a"}, options={"validate": False})
    assert not await one.is_valid()


# MOD-109
async def test_a_unique_id() -> None:
    """Where the field is the id, a new record with a taken one fails; the record itself passes."""
    properties = {"id": {"type": "string", "id": True}, "email": "string"}
    users = define(properties=properties)
    users.validates_uniqueness_of("id")
    one = await users.create(id="x")
    assert not await users(id="x").is_valid()
    with pytest.raises(ValidationError) as caught:
        await users.create(id="x")
    assert codes(caught.value) == {"id": ["uniqueness"]}
    await one.save()


# MOD-109 (Do better: composite ids)
async def test_all_parts_of_a_composite_id_count() -> None:
    """A record that differs in one part of its key is another record."""
    part = {"type": "number", "id": 1}
    users = define(properties={"a": part, "b": {**part, "id": 2}, "email": "string"})
    one = await users.create(a=1, b=1, email="x")
    await one.save()
    with pytest.raises(ValidationError):
        await users.create(a=1, b=2, email="x")


# MOD-109: nested fields (What users ask for, 14)
async def test_nested_values_may_be_unique() -> None:
    """A dotted name asks for the value inside."""
    users = define()
    users.validates_uniqueness_of("at.zip")
    await users.create(at={"zip": "1"})
    with pytest.raises(ValidationError) as caught:
        await users.create(at={"zip": "1"})
    assert codes(caught.value) == {"at.zip": ["uniqueness"]}
    assert await users.create(at={"zip": "2"})


# MOD-109, MOD-107
async def test_the_query_is_that_of_the_call() -> None:
    """It is asked with the call's own options, for two rows at most."""
    users = define()
    options = {"mine": 1}
    await users.create({"email": "a"}, options=options)
    (call,) = [each for each in users.data_source.connector.calls if each.method == "all"]
    assert call.options is options
    assert call.arguments["query"].limit == 2


# MOD-109
async def test_the_default_scope_applies() -> None:
    """A record outside the default scope takes nothing away."""
    users = define(scope={"where": {"org": 1}}, scope_enforce=False)
    await users.create({"email": "a", "org": 2}, options={"unscoped": True})
    assert await users.create(email="a", org=1)
    with pytest.raises(ValidationError):
        await users.create(email="a", org=1)


# MOD-109
async def test_observers_of_access_narrow_the_query() -> None:
    """What "access" observers leave out does not count, unless the call is silent."""
    users = define()

    @users.observe("access")
    def living(ctx: Any) -> None:
        ctx.query["where"] = {"and": [ctx.query["where"], {"org": {"neq": 0}}]}

    await users.create(email="a", org=0)
    assert await users.create(email="a", org=1)
    with pytest.raises(ValidationError):
        await users.create({"email": "a", "org": 2}, options={"notify": False})


# MOD-109
async def test_tenants_are_kept_apart() -> None:
    """What one tenant has is free for another."""
    registry = ModelRegistry()
    for code in ("acme", "bolt"):
        with tenant(code):
            source = DataSource(f"db-{code}", Recorder(), registry=registry)
            users = registry.define("User", FIELDS, data_source=source)
            users.validates_uniqueness_of("email")
            assert await users.create(email="a")
            with pytest.raises(ValidationError):
                await users.create(email="a")


# MOD-109 (Do better: a failing query)
async def test_a_failing_query_is_the_stores_error() -> None:
    """A store that fails is told as that, never as an invalid value."""
    users = define(recorder=Recorder(fail={"all": StoreError("down")}))
    with pytest.raises(StoreError, match="down"):
        await users.create(email="a")
    with pytest.raises(StoreError, match="down"):
        await users(email="a").is_valid()


# MOD-109
async def test_a_value_of_the_wrong_type_is_not_looked_for() -> None:
    """What its type refuses is told as that, without a query."""
    users = define(properties={"email": "number"})
    with pytest.raises(ValidationError) as caught:
        await users.create(email="x")
    assert codes(caught.value) == {"email": ["type.number"]}
    assert asked(users) == []


# MOD-110, MOD-109
async def test_uniqueness_needs_a_store_and_a_wait() -> None:
    """It cannot be told without waiting, nor without a data source."""
    users = define()
    with pytest.raises(RuntimeError, match="await is_valid"):
        users(email="a").is_valid_sync()
    loose = ModelRegistry().define("User", FIELDS)
    loose.validates_uniqueness_of("email")
    with pytest.raises(ConnectorDetachedError):
        await loose(email="a").is_valid()


# MOD-109: an embedded value is no record of its own
async def test_rules_about_records_do_not_count_for_embedded_values() -> None:
    """A rule of uniqueness on an embedded model is for its own records alone."""
    source = DataSource("db", Recorder(), registry=ModelRegistry())
    homes = source.define("Home", {"zip": "string"}, {"id_injection": False})
    homes.validates_uniqueness_of("zip")
    users = source.define("User", {"home": homes})
    assert await users(home={"zip": "1"}).is_valid()
    assert users(home={"zip": "1"}).is_valid_sync()
