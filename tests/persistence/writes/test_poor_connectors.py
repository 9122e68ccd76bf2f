"""Connectors that can do little, cannot tell everything, or answer more than they have to."""

from typing import Any

import pytest

from juggler.connectors.contract import Connector, Stored
from juggler.datasource.datasource import DataSource
from juggler.errors import JugglerError, OperationNotSupportedError
from juggler.facade.default import ModelRegistry
from tests.persistence.shelf import NONE, Shelf, make_source, shelf_of


class Nothing(Connector):
    """A connector that implements nothing."""

    name = "nothing"


CALLS: list[tuple[str, Any]] = [
    ("create", lambda m: m.create(name="a")),
    ("create", lambda m: m.create_all([{"name": "a"}])),
    ("all", lambda m: m.find()),
    ("all", lambda m: m.find_by_id(1)),
    ("count", lambda m: m.count()),
    ("count", lambda m: m.exists(1)),
    ("update", lambda m: m.update_all({}, {"name": "a"})),
    ("update", lambda m: m({"id": 1}, persisted=True).update_attributes({"name": "a"})),
    ("update", lambda m: m({"id": 1, "name": "b"}, persisted=True).save()),
    ("replace", lambda m: m.replace_by_id(1, {"name": "a"})),
    ("destroy_all", lambda m: m.destroy_all({})),
    ("destroy_all", lambda m: m.destroy_by_id(1)),
]


@pytest.mark.parametrize(("method", "call"), CALLS)
async def test_what_a_connector_lacks_is_named(method: str, call: Any) -> None:
    """A method that is missing is a 501 that names connector and method."""
    # DAO-013, DAO-018
    source = DataSource("poor", Nothing, registry=ModelRegistry())
    model = source.define("Person", {"id": {"type": "number", "id": True}, "name": str})
    async with source:
        with pytest.raises(JugglerError) as caught:
            await call(model)
    error = getattr(caught.value, "errors", {}).get(0, caught.value)
    assert isinstance(error, OperationNotSupportedError)
    assert isinstance(error, NotImplementedError)
    assert (error.code, error.status_code) == ("NOT_IMPLEMENTED", 501)
    assert "nothing" in str(error)
    assert method in str(error)


class Silent(Shelf):
    """A shelf that does its work and does not say how many rows that were."""

    async def update(self, *args: Any) -> Any:
        """Merge data into rows."""
        await super().update(*args)

    async def replace(self, *args: Any) -> Any:
        """Replace one row."""
        await super().replace(*args)

    async def destroy_all(self, *args: Any) -> Any:
        """Delete rows."""
        await super().destroy_all(*args)


async def test_a_connector_need_not_count() -> None:
    """Where the store tells no count, results have none and nothing is taken for missing."""
    # DAO-129
    source = DataSource("silent", Silent, registry=ModelRegistry())
    model = source.define("Person", {"name": str}, {"strict_delete": True})
    seen: list[Any] = []
    for hook in ("after save", "after delete"):
        model.observe(hook, lambda context: seen.append(getattr(context, "info", None)))
    async with source:
        ada = await model.create(name="Ada")
        await ada.update_attributes({"name": "Bea"})
        await ada.save()
        await model.replace_by_id(1, {"name": "Cy"})
        assert await model.update_all({}, {"name": "Di"}) == {}
        assert [row["name"] for row in shelf_of(source).table("Person")] == ["Di"]
        assert await ada.destroy() == {}
        assert ada.is_destroyed()
        assert await model.destroy_all({}) == {}
        assert await model.destroy_by_id(1) == {}
        assert seen == [None, None, None, None, {}, {}, {}, {}]


class Revising(Shelf):
    """A shelf that answers a revision with each id."""

    async def create(self, *args: Any) -> Any:
        """Store a row."""
        return Stored(await super().create(*args), "1-abc")


async def test_a_revision_stays_on_the_instance() -> None:
    """What a store answers beside the id is at `_rev`, and is never written."""
    # DAO-026
    source = DataSource("revising", Revising, registry=ModelRegistry())
    model = source.define("Person", {"name": str})
    async with source:
        ada = await model.create(name="Ada")
        assert (ada.id, ada["_rev"], ada.changed()) == (1, "1-abc", [])
        await ada.save()
        assert "_rev" not in shelf_of(source).table("Person")[0]


class Telling(Shelf):
    """A shelf that has a say in what "loaded" observers see."""

    async def make(self, context: Any, answer: Any) -> Any:
        """Return the data of a context."""
        return {"data": {**context.data, "age": 99}}

    generate_context_data = make


async def test_a_connector_may_make_the_data_of_loaded() -> None:
    """`generate_context_data` feeds "loaded" after a patch and a replacement."""
    # DAO-110
    source = DataSource("telling", Telling, registry=ModelRegistry())
    model = source.define("Person", {"name": str, "age": "number"})
    seen: list[Any] = []
    model.observe("loaded", lambda context: seen.append(context.data))
    async with source:
        ada = await model.create(name="Ada")
        await ada.update_attributes({"name": "Bea"})
        await model.replace_by_id(1, {"name": "Cy"})
    assert [data.get("age") for data in seen] == [None, 99, 99]
    assert ada.age == 99


async def test_connectors_learn_the_model_and_the_options() -> None:
    """Every call brings what the model is called and made of, and the caller's options."""
    # DAO-231
    asked: list[Any] = []

    class Asked(Shelf):
        async def create(self, info: Any, data: Any, options: Any) -> Any:
            asked.append((info.name, list(info.shape.properties), options))
            return await super().create(info, data, options)

    source = DataSource("asked", Asked, registry=ModelRegistry())
    model = source.define("Person", {"name": str})
    options = {"trace": 1}
    async with source:
        await model.create({"name": "Ada"}, options)
    assert asked == [("Person", ["id", "name"], options)]
    assert asked[0][2] is options


@pytest.mark.parametrize("capabilities", [None, NONE], ids=["native", "fallback"])
async def test_hooks_learn_whether_a_record_is_new(capabilities: Any) -> None:
    """After an upsert `is_new_instance` is what the connector found, on either path."""
    # DAO-212, DAO-232, DAO-233
    source = make_source() if capabilities is None else make_source(capabilities=capabilities)
    model = source.define("Person", {"name": str}, {"force_id": False})
    seen: list[Any] = []
    model.observe("after save", lambda context: seen.append(context.is_new_instance))
    await model.update_or_create({"id": 1, "name": "Ada"})
    await model.update_or_create({"id": 1, "name": "Bea"})
    await model.replace_or_create({"id": 2, "name": "Cy"})
    await model.replace_or_create({"id": 2, "name": "Di"})
    assert seen == [True, False, True, False]
