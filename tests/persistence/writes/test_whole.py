"""What is all or nothing, and what many tasks may do at once."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from juggler import DataSource, Model, ModelRegistry, prop
from juggler.errors import (
    ConnectorDetachedError,
    DuplicateEntryError,
    InvalidQueryError,
    ValidationError,
)
from tests.persistence.shelf import make_source
from tests.persistence.writes.stores import on_all, on_every_store, open_source

PROPERTIES = {"id": {"type": "number", "id": True}, "name": str, "age": "number"}


async def define(source: Any) -> Any:
    """Return a model, ready for use."""
    model = source.define("Person", PROPERTIES)
    await source.autoupdate()
    return model


def animals(source: Any) -> tuple[Any, Any]:
    """Return a model whose `lookup_model` gives some of its rows another one, and that one."""

    class Animal(Model, data_source=source):
        id: int = prop(id=True)
        kind: str | None = None
        name: str = prop(required=True)

        @classmethod
        def lookup_model(cls, data: Any) -> Any:
            return Dog if data.get("kind") == "dog" else cls

    class Dog(Animal, data_source=source):
        pass

    return Animal, Dog


GOOD = [{"id": 1, "name": "Tom"}, {"id": 2, "kind": "dog", "name": "Rex"}]


@on_every_store
@pytest.mark.parametrize("options", [None, {"transaction": None}], ids=["plain", "outside"])
@pytest.mark.parametrize(
    ("last", "error"),
    [({"id": 3}, ValidationError), ({"id": 1, "name": "Tim"}, DuplicateEntryError)],
)
async def test_a_list_of_several_models_is_all_or_nothing(
    store: str, options: Any, last: Any, error: type[Exception]
) -> None:
    """`create_all` stores the records of all models that `lookup_model` tells, or none of them."""
    # DAO-044, DAO-047
    async with open_source(store) as source:
        animal, dog = animals(source)
        await source.autoupdate()
        given = [animal(**GOOD[0]), GOOD[1], last]
        with pytest.raises(error):
            await animal.create_all(given, options=options)
        assert (await animal.count(), await dog.count()) == (0, 0)
        assert given[0].is_new_record()
        made = await animal.create_all(GOOD, options=options)
        assert [type(each) for each in made] == [animal, dog]
        assert (await animal.count(), await dog.count()) == (1, 1)


@on_every_store
@pytest.mark.parametrize("way", ["ambient", "named", "bound"])
async def test_such_a_list_is_part_of_the_transaction_around_it(store: str, way: str) -> None:
    """In a transaction the list is all or nothing for itself, and goes with what is around it."""
    # DAO-047, DAO-249
    async with open_source(store) as source:
        animal, dog = animals(source)
        await source.autoupdate()
        opening = source.transaction() if way == "ambient" else source.begin_transaction()
        async with opening as transaction:
            model = transaction.models["Animal"] if way == "bound" else animal
            options = {"transaction": transaction} if way == "named" else None
            with pytest.raises(DuplicateEntryError):
                await model.create_all([*GOOD, GOOD[0]], options=options)
            assert await model.count({}, options=options) == 0
            await model.create_all(GOOD, options=options)
            assert await model.count({}, options=options) == 1
            await transaction.rollback()
        assert (await animal.count(), await dog.count()) == (0, 0)


@on_every_store
@pytest.mark.parametrize("is_watched", [False, True])
async def test_a_list_in_parts_is_all_or_nothing(store: str, is_watched: bool) -> None:
    """A list that is longer than the connector takes at once is all or nothing as well."""
    # DAO-047
    async with open_source(store) as source:
        model = await define(source)
        if is_watched:
            model.observe("before save", lambda _: None)
        source.connector.batch_size = 2
        with pytest.raises(DuplicateEntryError):
            await model.create_all([{"id": each} for each in (1, 2, 3, 4, 1)])
        assert await model.count() == 0
        await model.create_all([{"id": each} for each in (1, 2, 3, 4, 5)])
        assert await model.count() == 5


async def test_without_transactions_a_list_goes_as_far_as_it_goes() -> None:
    """A connector without transactions stores each part by itself."""
    # DAO-042
    source = make_source()
    animal, dog = animals(source)
    made = await animal.create_all(GOOD)
    assert [type(each) for each in made] == [animal, dog]


@on_all
@pytest.mark.parametrize(
    "call",
    [
        lambda model, number: model.replace_or_create({"id": 7, "age": number}),
        lambda model, number: model.update_or_create({"id": 7, "age": number}),
        lambda model, number: model.bulk_upsert([{"id": 7, "age": number}]),
        lambda model, number: model.find_or_create({"where": {"id": 7}}, {"id": 7, "age": number}),
        lambda model, number: model.upsert_with_where({"id": 7}, {"id": 7, "age": number}),
    ],
    ids=["replace_or_create", "update_or_create", "bulk_upsert", "find_or_create", "with_where"],
)
async def test_many_at_once_make_one_record(store: str, call: Callable[[Any, int], Any]) -> None:
    """However many tasks write the same key at once, none fails and there is one record."""
    # DAO-074, DAO-078, DAO-323
    async with open_source(store) as source:
        model = await define(source)
        await asyncio.gather(*(call(model, number) for number in range(25)))
        assert [each.id for each in await model.find()] == [7]


@on_every_store
async def test_find_or_create_does_not_skip(store: str) -> None:
    """`find_or_create` refuses `skip`, which would create what is there."""
    # DAO-071
    async with open_source(store) as source:
        model = await define(source)
        await model.create(name="Ada")
        for clause in ("skip", "offset"):
            with pytest.raises(InvalidQueryError, match="skip") as caught:
                await model.find_or_create({"where": {"name": "Ada"}, clause: 1}, {"name": "Ada"})
            assert (caught.value.status_code, caught.value.path) == (400, "skip")
        found, is_new = await model.find_or_create({"where": {"name": "Ada"}, "skip": 0}, {})
        assert (found.name, is_new, await model.count()) == ("Ada", False, 1)


@on_every_store
async def test_find_or_create_takes_no_skip_from_the_scope(store: str) -> None:
    """The `skip` of a default scope does not make `find_or_create` overlook a record."""
    # DAO-071, DAO-192
    async with open_source(store) as source:
        model = source.define("Person", PROPERTIES, {"scope": {"skip": 1, "order": "id"}})
        await source.autoupdate()
        await model.create(name="Ada")
        assert (await model.find_or_create({"name": "Ada"}))[1] is False
        assert await model.unscoped().count() == 1


@on_every_store
@pytest.mark.parametrize("left", [None, "x", 5, [1]])
async def test_observers_of_reads_leave_data(store: str, left: Any) -> None:
    """An observer that leaves no data of a row is told so, by every method that reads."""
    # DAO-219
    async with open_source(store) as source:
        model = await define(source)
        await model.create(name="Ada")
        model.observe("loaded", lambda context: setattr(context, "data", left))
        for call in (model.find(), model.find_by_id(1), model.find_or_create({"name": "Ada"})):
            with pytest.raises(TypeError, match="an observer left `data` that is no mapping"):
                await call


async def test_a_closed_source_is_named_by_whoever_begins_a_transaction() -> None:
    """Beginning a transaction of a model whose source was closed tells the method and the model."""
    # DAO-010
    source = DataSource("memory", registry=ModelRegistry())
    model = await define(source)
    await source.close()
    with pytest.raises(ConnectorDetachedError, match=r"begin_transaction: Person") as caught:
        await model.begin_transaction()
    assert (caught.value.code, caught.value.model) == ("CONNECTOR_DETACHED", "Person")
