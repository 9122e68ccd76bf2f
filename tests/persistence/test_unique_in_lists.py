"""Uniqueness among records that are stored in one call: the first takes the value."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from juggler.datasource.datasource import DataSource
from juggler.errors import (
    BulkOperationError,
    ValidationError,
)
from juggler.facade.default import ModelRegistry
from juggler.testing.recorder import Recorder
from tests.persistence.unique import FIELDS, asked, codes, define

BOTH = pytest.mark.parametrize("together", [True, False], ids=["together", "one by one"])


# MOD-109 (Do better: duplicates within one list), MOD-114, DAO-046
@BOTH
async def test_a_list_may_hold_a_value_once(together: bool) -> None:
    """The first item with a value takes it; an item that is not stored takes nothing."""
    capabilities = None if together else frozenset[str]()
    users = define({"ignore_case": True}, recorder=Recorder(capabilities=capabilities))
    users.validates_presence_of("org")
    items = [
        {"email": "a"},
        {"email": "a", "org": 1},
        {"email": "A", "org": 1},
        {"email": "b", "org": 1},
        {"email": "", "org": 1},
        {"email": "", "org": 1},
    ]
    with pytest.raises(BulkOperationError) as caught:
        await users.create(items)
    errors = caught.value.errors
    assert {index: codes(error) for index, error in errors.items()} == {
        0: {"org": ["presence"]},
        2: {"email": ["uniqueness"]},
    }
    assert await users.count() == 4
    assert ("create_all" in asked(users)) is together


# MOD-109 (Do better: duplicates within one list)
@BOTH
async def test_a_list_ignores_case_as_the_store_does(together: bool) -> None:
    """What a query without case finds in the store is a duplicate within the list, too."""
    capabilities = None if together else frozenset[str]()
    for one, other in (("\u017f", "S"), ("\u03c2", "\u03a3"), ("\u00df", "ss")):
        users = define({"ignore_case": True}, recorder=Recorder(capabilities=capabilities))
        await users.create(email=one)
        is_taken = bool(await users.find(where={"email": {"ilike": other}}))
        users = define({"ignore_case": True}, recorder=Recorder(capabilities=capabilities))
        items = [{"email": one}, {"email": other}]
        if is_taken:
            with pytest.raises(BulkOperationError):
                await users.create(items)
        else:
            assert len(await users.create(items)) == 2


# MOD-109 (Do better: duplicates within one list)
async def test_all_or_none_of_a_list() -> None:
    """A value that is there twice keeps the whole list out."""
    users = define({"scoped_to": "org"})
    with pytest.raises(ValidationError):
        await users.create_all([{"email": "a", "org": 1}, {"email": "a", "org": 1}])
    assert await users.count() == 0
    await users.create_all([{"email": "a"}, {"email": "a", "org": 1}, {"email": "a", "org": 2}])


# MOD-109 (Do better: duplicates within one list)
@BOTH
@pytest.mark.parametrize(
    ("scope", "items", "refused"),
    [
        ("org", [{"org": 1}, {}, {"org": 2}, {"org": None}, {"org": None}], [1, 4]),
        ("org", [{}, {"org": None}, {"org": 1}, {}], [1, 3]),
        (["org", "at.zip"], [{"org": 1, "at": {"zip": "z"}}, {"org": 1}, {"org": 2}], [1]),
        (["org", "at.zip"], [{"org": 1, "at": {"zip": "z"}}, {"at": {"zip": "z"}}], [1]),
    ],
)
async def test_what_was_never_given_of_a_scope_does_not_count(
    together: bool, scope: Any, items: list[dict[str, Any]], refused: list[int]
) -> None:
    """In one list it is as in the store: a value is looked for within what is given."""
    capabilities = None if together else frozenset[str]()
    users = define({"scoped_to": scope}, recorder=Recorder(capabilities=capabilities))
    with pytest.raises(BulkOperationError) as caught:
        await users.create([{"email": "a", **item} for item in items])
    assert sorted(caught.value.errors) == refused


# MOD-109 (Do better: duplicates within one list)
@BOTH
async def test_rules_with_other_scopes_are_apart(together: bool) -> None:
    """What is taken within one scope says nothing of another."""
    capabilities = None if together else frozenset[str]()
    users = define(
        {"scoped_to": "org"},
        properties={**FIELDS, "team": "number"},
        recorder=Recorder(capabilities=capabilities),
    )
    users.validates_uniqueness_of("email", scoped_to="team")
    await users.create([{"email": "a", "org": 1, "team": 2}, {"email": "a", "org": 2, "team": 3}])
    assert await users.count() == 2


# MOD-109 (Do better: duplicates within one list)
@BOTH
async def test_equal_numbers_are_one_value(together: bool) -> None:
    """A whole number and the same with a fraction of nought are one value, as they are stored."""
    capabilities = None if together else frozenset[str]()
    users = define(
        properties={**FIELDS, "email": "number"}, recorder=Recorder(capabilities=capabilities)
    )
    with pytest.raises(BulkOperationError) as caught:
        await users.create([{"email": 7}, {"email": 7.0}, {"email": "7"}])
    assert sorted(caught.value.errors) == [1, 2]


# MOD-109 (Do better: duplicates within one list), DAO-046
async def test_a_list_that_is_stored_at_once_holds_a_value_once() -> None:
    """However the items of an unordered list come by, one of them takes the value."""
    recorder = Recorder(capabilities=frozenset[str]())
    users = define(recorder=recorder)

    async def wait(_: Any, __: Any) -> None:
        await asyncio.sleep(0)

    users.validate("org", wait)
    items = [{"email": "a"}, {"email": "a"}, {"email": "b"}, {"email": "a"}]
    with pytest.raises(BulkOperationError) as caught:
        await users.create(items, {"ordered": False})
    assert len(caught.value.errors) == 2
    assert sorted([user.email for user in await users.find()]) == ["a", "b"]


# MOD-109 (Do better: duplicates within one list), DAO-316
async def test_records_changed_in_one_call_take_a_value_once() -> None:
    """Of records that a list gives one value, the first has it."""
    source = DataSource("db", "memory", registry=ModelRegistry())
    users = source.define("User", {"email": "string"})
    users.validates_uniqueness_of("email")
    await users.create([{"email": "a"}, {"email": "b"}])
    with pytest.raises(BulkOperationError) as caught:
        await users.bulk_update([{"id": 1, "email": "c"}, {"id": 2, "email": "c"}])
    assert {index: codes(error) for index, error in caught.value.errors.items()} == {
        1: {"email": ["uniqueness"]}
    }


# MOD-109 (Do better: duplicates within one list)
@given(st.lists(st.sampled_from(["a", "A", "b", "", " ", "a%", None])), st.booleans())
async def test_of_any_list_the_first_of_each_value_is_stored(
    emails: list[str | None], ignore_case: bool
) -> None:
    """Whatever a list holds, just those items are refused that repeat a value that is not blank."""
    users = define({"ignore_case": ignore_case})
    seen: set[str] = set()
    expected = []
    for index, email in enumerate(emails):
        value = (email or "").lower() if ignore_case else email or ""
        if value and value in seen:
            expected.append(index)
        seen.add(value)
    refused: list[int] = []
    try:
        await users.create([{"email": email} for email in emails])
    except BulkOperationError as error:
        refused = sorted(error.errors)
    assert refused == expected
