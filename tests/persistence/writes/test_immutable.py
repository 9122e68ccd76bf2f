"""What is immutable is set once, whichever way a record is written."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from juggler import BulkOperationError, DataSource, InvalidValueError, ModelRegistry

Write = Callable[[Any, dict[str, Any]], Awaitable[Any]]
PROPERTIES = {
    "id": {"type": "string", "id": True},
    "code": {"type": "string", "immutable": True},
    "note": "string",
}


async def found(model: Any) -> Any:
    """Return the record."""
    return await model.find_by_id("1")


async def in_instance(model: Any, data: dict[str, Any]) -> Any:
    """Assign and save."""
    record = await found(model)
    for name, value in data.items():
        record[name] = value
    return await record.save()


async def whole_instance(model: Any, data: dict[str, Any]) -> Any:
    """Replace through an instance."""
    return await (await found(model)).replace_attributes(data)


async def part_of_instance(model: Any, data: dict[str, Any]) -> Any:
    """Update through an instance."""
    return await (await found(model)).update_attributes(data)


WAYS: dict[str, Write] = {
    "assign": in_instance,
    "update_attributes": part_of_instance,
    "replace_attributes": whole_instance,
    "replace_by_id": lambda model, data: model.replace_by_id("1", data),
    "replace_or_create": lambda model, data: model.replace_or_create({"id": "1", **data}),
    "upsert": lambda model, data: model.upsert({"id": "1", **data}),
    "upsert_with_where": lambda model, data: model.upsert_with_where({"id": "1"}, data),
    "bulk_update": lambda model, data: model.bulk_update([{"id": "1", **data}]),
    "bulk_upsert": lambda model, data: model.bulk_upsert([{"id": "1", **data}]),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("url", ["memory", "sqlite:///:memory:"])
async def test_a_stored_record_keeps_it(url: str, way: str) -> None:
    """Another value is refused and nothing is written; the same one, or none, changes nothing."""
    # MOD-27
    async with DataSource(url, registry=ModelRegistry()) as source:
        model = source.define("Thing", PROPERTIES)
        await source.autoupdate()
        await model.create(id="1", code="a", note="x")
        with pytest.raises((InvalidValueError, BulkOperationError)) as caught:
            await WAYS[way](model, {"code": "b", "note": "y"})
        first: Any = caught.value.__cause__ or caught.value
        assert (first.code, first.status_code, first.property) == ("IMMUTABLE", 400, "code")
        assert (await found(model)).to_json() == {"id": "1", "code": "a", "note": "x"}
        await WAYS[way](model, {"code": "a", "note": "y"})
        assert (await found(model)).to_json() == {"id": "1", "code": "a", "note": "y"}
        await WAYS[way](model, {"note": "z"})
        assert (await found(model)).to_json() == {"id": "1", "code": "a", "note": "z"}


@pytest.mark.parametrize("way", ["replace_or_create", "upsert", "bulk_upsert"])
async def test_a_new_record_gets_it(way: str) -> None:
    """Where there is no record yet, one is made with the value."""
    async with DataSource("memory", registry=ModelRegistry()) as source:
        model = source.define("Thing", PROPERTIES)
        await WAYS[way](model, {"code": "b"})
        assert (await found(model)).code == "b"
