"""Records of several models through their base: what is written is of the model it says."""

from typing import Any

import pytest

from juggler import Model, prop
from juggler.errors import BulkOperationError, ValidationError
from tests.persistence.writes.stores import open_source

TOGETHER = {"force_id": False, "memory": {"collection": "Zoo"}}


def animals(source: Any) -> tuple[Any, Any]:
    """Return a model whose `lookup_model` gives some of its rows another one, and that one."""

    class Animal(Model, data_source=source, strict=True, **TOGETHER):
        id: int = prop(id=True, generated=True)
        kind: str | None = None
        name: str | None = None

        @classmethod
        def lookup_model(cls, data: Any) -> Any:
            return Dog if data.get("kind") == "dog" else cls

    class Dog(Animal, data_source=source, strict=True, **TOGETHER):
        breed: str = prop(required=True)

    return Animal, Dog


async def only_item(call: Any) -> Any:
    """Return the one record of a list call, or raise what went wrong with it."""
    try:
        (found,) = await call
    except BulkOperationError as error:
        raise error.errors[0] from None
    return found


REX = {"kind": "dog", "name": "Rex", "breed": "pug"}
NEW: list[tuple[str, Any]] = [
    ("upsert", lambda m, d: m.upsert(d)),
    ("upsert by id", lambda m, d: m.upsert({**d, "id": 5})),
    ("upsert_with_where", lambda m, d: m.upsert_with_where({"name": "Rex"}, d)),
    ("bulk_upsert", lambda m, d: only_item(m.bulk_upsert([d]))),
    ("bulk_upsert by id", lambda m, d: only_item(m.bulk_upsert([{**d, "id": 5}]))),
    ("replace_or_create", lambda m, d: m.replace_or_create(d)),
    ("find_or_create", lambda m, d: m.find_or_create({"where": {"name": "Rex"}}, d)),
]
OLD: list[tuple[str, Any]] = [
    ("upsert", lambda m: m.upsert({"id": 5, "name": "Max"})),
    ("upsert_with_where", lambda m: m.upsert_with_where({"name": "Rex"}, {"breed": "mutt"})),
    ("bulk_upsert", lambda m: only_item(m.bulk_upsert([{"id": 5, "breed": "mutt"}]))),
    ("bulk_update", lambda m: only_item(m.bulk_update([{"id": 5, "breed": "mutt"}]))),
    ("replace_or_create", lambda m: m.replace_or_create({"id": 5, **REX, "name": "Max"})),
    ("replace_by_id", lambda m: m.replace_by_id(5, {**REX, "name": "Max"})),
    ("find_or_create", lambda m: m.find_or_create({"where": {"id": 5}}, REX)),
]


def record_of(found: Any) -> Any:
    """Return the record that a call gave."""
    return found[0] if isinstance(found, tuple) else found


@pytest.mark.parametrize(("name", "call"), NEW)
async def test_what_is_created_is_of_its_own_model(name: str, call: Any) -> None:
    """A new record has class, rules and hooks of the model that its data is of."""
    # DAO-034, DAO-049, DAO-060, DAO-062, DAO-073, DAO-316
    async with open_source("memory") as source:
        animal, dog = animals(source)
        saved: list[Any] = []
        dog.observe("before save", lambda context: saved.append(context.instance.name))
        with pytest.raises(ValidationError) as caught:
            await call(animal, {"kind": "dog", "name": "Rex"})
        assert set(caught.value.details["codes"]) == {"breed"}
        saved.clear()
        made = record_of(await call(animal, REX))
        assert (type(made), made.breed, saved) == (dog, "pug", ["Rex"])
        assert [type(each) for each in await animal.find()] == [dog]


@pytest.mark.parametrize(("name", "call"), OLD)
async def test_what_is_there_is_of_its_own_model(name: str, call: Any) -> None:
    """A record that is changed or replaced keeps the class that its row is of."""
    # DAO-051, DAO-053, DAO-084, DAO-316
    async with open_source("memory") as source:
        animal, dog = animals(source)
        await dog.create({"id": 5, **REX})
        found = record_of(await call(animal))
        assert type(found) is dog
        assert found.breed in {"pug", "mutt"}
        (row,) = await animal.find()
        assert row.to_dict() == found.to_dict()
