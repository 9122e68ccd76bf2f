"""Values that no store, or not this one, can hold: the error says whose they are."""

from collections.abc import Callable
from typing import Any

import pytest

from juggler.errors import BulkOperationError, InvalidValueError, OperationNotSupportedError
from tests.persistence.transactions.watched import recorded
from tests.persistence.writes.stores import on_every_store, open_source

PROPERTIES = {
    "id": {"type": "number", "id": True},
    "name": str,
    "tags": ["string"],
    "any": "any",
}
WAYS: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "create": lambda model, data: model.create(data),
    "create_all": lambda model, data: model.create_all([{"name": "b"}, data]),
    "save": lambda model, data: model({"id": 1, **data}, persisted=True).save(),
    "update_attributes": lambda model, data: model(id=1, persisted=True).update_attributes(data),
    "update_all": lambda model, data: model.update_all({"id": 1}, data),
    "update_or_create": lambda model, data: model.update_or_create({"id": 1, **data}),
    "upsert_with_where": lambda model, data: model.upsert_with_where({"id": 1}, data),
    "replace_by_id": lambda model, data: model.replace_by_id(1, data),
    "bulk_update": lambda model, data: model.bulk_update([{"id": 1, **data}]),
}


async def define(source: Any) -> Any:
    """Return a model, ready for use, with one record."""
    model = source.define("Thing", PROPERTIES, {"force_id": False, "strict": True})
    await source.autoupdate()
    await model.create(id=1, name="a", tags=["ä"], any="漢")
    return model


async def refused(call: Any) -> InvalidValueError:
    """Return the error that a call ends with, or the item of a list."""
    with pytest.raises((InvalidValueError, BulkOperationError)) as caught:
        await call
    error = caught.value
    found: Any = error.errors[0] if isinstance(error, BulkOperationError) else error
    assert isinstance(found, InvalidValueError)
    return found


async def check_unchanged(model: Any) -> None:
    """Check that there is the one record still, as it was."""
    (record,) = await model.find()
    assert (record.name, record.tags, record.any) == ("a", ["ä"], "漢")


@on_every_store
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("data", [{"name": "a\ud800"}, {"tags": ["b", "\udc00"]}])
async def test_half_a_character(store: str, way: str, data: dict[str, Any]) -> None:
    """Text that is no Unicode is refused alike on every store, and nothing is changed."""
    async with open_source(store) as source:
        model = await define(source)
        error = await refused(WAYS[way](model, data))
        (name,) = data
        assert error.model == "Thing"
        assert "not valid Unicode" in str(error)
        assert name in (error.property, (error.path or "").split(".")[-2:][0])
        await check_unchanged(model)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "data", [{"name": "a\0"}, {"tags": ["\0"]}, {"any": {"a": "\0"}}, {"any": 1e400}]
)
async def test_what_a_database_cannot_hold(way: str, data: dict[str, Any]) -> None:
    """The error, and its text, name model and property."""
    async with open_source("sqlite") as source:
        model = await define(source)
        error = await refused(WAYS[way](model, data))
        (name,) = data
        assert (error.model, error.property) == ("Thing", name)
        assert str(error).startswith(f"Thing: {name!r} cannot be stored. ")
        await check_unchanged(model)


async def test_what_a_connector_cannot_do() -> None:
    """An error of a connector that names no model names that of the call."""
    source, _ = recorded(fail={"count": OperationNotSupportedError("There is no count.")})
    with pytest.raises(OperationNotSupportedError) as caught:
        await source.models["Order"].count()
    assert caught.value.model == "Order"


@on_every_store
@pytest.mark.parametrize("way", WAYS)
async def test_functions_are_no_data(store: str, way: str) -> None:
    """A function is skipped as if nothing had been given, whichever way it comes."""
    # MOD-69, MOD-76
    async with open_source(store) as source:
        model = await define(source)
        await WAYS[way](model, {"name": "a", "tags": print, "any": print})
        for record in await model.find():
            assert print not in record.to_object().values()
        if way not in {"save", "replace_by_id", "create", "create_all"}:
            await check_unchanged(model)
