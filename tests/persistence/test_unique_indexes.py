"""Unique indexes that stand for a rule: what they refuse is told as the rule would tell it."""

import asyncio
from typing import Any

import pytest

from juggler.errors import (
    BulkOperationError,
    DuplicateEntryError,
    ValidationError,
)
from juggler.testing.gate import Gate
from juggler.testing.recorder import Recorder
from tests.persistence.unique import codes, define

UNIQUE = {"email": {"type": "string", "unique": True}, "org": "number"}


async def race(users: Any, gate: Gate, work: Any) -> Any:
    """Return the error of *work*, which is held before it stores while another record does."""
    task = asyncio.ensure_future(work())
    await gate.wait_for(1)
    await users.data_source.connector.inner.create(users.info, {"email": "a"}, {})
    gate.open()
    with pytest.raises((ValidationError, DuplicateEntryError, BulkOperationError)) as caught:
        await task
    return caught.value


# MOD-109 (Do better: concurrent duplicates), DAO-270
@pytest.mark.parametrize(
    ("method", "work"),
    [
        ("create", lambda m: m.create(email="a")),
        ("create", lambda m: m(email="a").save()),
        ("find_or_create", lambda m: m.find_or_create({"where": {"org": 9}}, {"email": "a"})),
        ("create_all", lambda m: m.create_all([{"email": "b"}, {"email": "a"}])),
        ("create_all", lambda m: m.create([{"email": "a"}, {"email": "b"}])),
    ],
)
async def test_an_index_tells_what_the_rule_would_have(method: str, work: Any) -> None:
    """What a unique index refuses in the last moment is the rule's 422, with the instance."""
    gate = Gate()
    users = define(properties=UNIQUE, recorder=Recorder(hold=gate, at={method}))
    error = await race(users, gate, lambda: work(users))
    if isinstance(error, BulkOperationError):
        assert list(error.errors) == [0]
        error = error.errors[0]
    assert codes(error) == {"email": ["uniqueness"]}
    assert error.status_code == 422
    assert error.instance.email == "a"
    assert error.instance.errors.codes == {"email": ["uniqueness"]}
    if method != "create_all" or error.__cause__ is not None:
        assert isinstance(error.__cause__, DuplicateEntryError)


# MOD-109 (Do better), DAO-270
async def test_an_index_without_a_rule_stays_a_conflict() -> None:
    """Without a rule on the same properties, and where nothing is validated, it is the 409."""
    users = define({"scoped_to": ["org"]}, properties=UNIQUE)
    await users.create(email="a", org=1)
    with pytest.raises(DuplicateEntryError):
        await users.create(email="a", org=2)
    plain = define(properties=UNIQUE)
    await plain.create(email="a")
    for work in (plain.create, lambda *a, **k: plain.create_all([*a], **k)):
        with pytest.raises(DuplicateEntryError):
            await work({"email": "a"}, options={"validate": False})


# MOD-109 (Do better)
async def test_an_index_on_several_properties_stands_for_a_scoped_rule() -> None:
    """Index and rule are about the same properties, whatever their order."""
    gate = Gate()
    recorder = Recorder(hold=gate, at={"update"})
    users = define(
        {"scoped_to": ["org"]},
        recorder=recorder,
        indexes={"both": {"keys": {"org": 1, "email": 1}, "options": {"unique": True}}},
    )
    one = await users.create(email="b", org=1)
    task = asyncio.ensure_future(one.update_attributes({"email": "a"}))
    await gate.wait_for(1)
    await recorder.inner.create(users.info, {"email": "a", "org": 1}, {})
    gate.open()
    with pytest.raises(ValidationError) as caught:
        await task
    assert codes(caught.value) == {"email": ["uniqueness"]}
    assert (caught.value.instance, one.email) == (one, "b")
